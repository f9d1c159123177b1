from __future__ import annotations

import hashlib
import re
from pathlib import Path

from flask import Flask, url_for


def test_a_page_names_its_files_by_what_is_in_them(app: Flask) -> None:
    style = Path(app.static_folder or "") / "css" / "tokens.css"
    expected = hashlib.sha256(style.read_bytes()).hexdigest()[:10]
    shown = app.test_client().get("/sign-in").get_data(as_text=True)
    assert re.findall(r"/static/css/tokens\.css\?v=(\w+)", shown) == [expected]


def test_a_file_named_by_its_content_is_kept_for_a_year(app: Flask) -> None:
    with app.test_request_context():
        address = url_for("static", filename="css/tokens.css")
    with app.test_client().get(address) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_named_plainly_is_asked_for_each_time_and_sent_only_when_changed(app: Flask) -> None:
    client = app.test_client()
    with client.get("/static/css/tokens.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
        known = {"If-None-Match": answer.headers["ETag"]}
    with client.get("/static/css/tokens.css", headers=known) as again:
        assert again.status_code == 304


def test_a_file_that_is_not_there_has_no_stamp_and_is_not_kept(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("static", filename="css/none.css") == "/static/css/none.css"
    missing = app.test_client().get("/static/css/none.css?v=0")
    assert missing.status_code == 404
    assert "max-age" not in missing.headers.get("Cache-Control", "")
