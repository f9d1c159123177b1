"""The site's own page: address, hours, closed days, policy numbers."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from typing import Any

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.sites import queries, services
from clinic.sites.facts import ClosureKind
from clinic.sites.forms import WEEKDAYS, ClosureForm, HoursForm, SettingForm, SiteForm
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import PageForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires

sites = Blueprint("sites", __name__)
CLOSURES_AHEAD = timedelta(days=400)


@sites.get("/site")
@requires(Permission.MANAGE_SITE)
def show() -> ResponseReturnValue:
    return _show()


@sites.post("/site/details")
@requires(Permission.MANAGE_SITE)
def rename() -> ResponseReturnValue:
    form = SiteForm()
    if not form.validate():
        return _show(site_form=form), 422
    with begin_work() as work:
        services.rename(
            work,
            version=given(form.version.data),
            name=given(form.name.data),
            address=form.address.data or "",
            telephone=form.telephone.data or "",
        )
    flash("Saved.", "ok")
    return see_other(url_for("sites.show"))


@sites.post("/site/hours")
@requires(Permission.MANAGE_SITE)
def set_hours() -> ResponseReturnValue:
    form = HoursForm()
    if not form.validate():
        return _show(hours_form=form), 422
    with begin_work() as work:
        services.set_hours(work, hours=_typed_hours(form))
    flash("Opening hours saved.", "ok")
    return see_other(url_for("sites.show"))


@sites.post("/site/closures")
@requires(Permission.MANAGE_SITE)
def close_day() -> ResponseReturnValue:
    form = ClosureForm()
    if not form.validate():
        return _show(closure_form=form), 422
    with begin_work() as work:
        services.close_day(
            work,
            closed_on=given(form.closed_on.data),
            kind=ClosureKind(form.kind.data),
            reason=given(form.reason.data),
        )
    flash(f"Closed on {given(form.closed_on.data):%d %b %Y}.", "ok")
    return see_other(url_for("sites.show"))


@sites.post("/site/settings")
@requires(Permission.MANAGE_SITE)
def choose_setting() -> ResponseReturnValue:
    form = SettingForm()
    if not form.validate():
        return _show(setting_form=form), 422
    with begin_work() as work:
        services.choose_setting(
            work,
            setting=given(form.setting.data),
            value=_value(given(form.value.data)),
            starts_on=given(form.starts_on.data),
            source=given(form.source.data),
        )
    flash(f"{given(form.setting.data)} holds from {given(form.starts_on.data):%d %b %Y}.", "ok")
    return see_other(url_for("sites.show"))


def _show(**forms: PageForm) -> str:
    with begin_reading() as work:
        site = queries.site(work)
        hours = queries.opening_hours(work)
        today: date = work.service_date
        closures = queries.closures(work, first=today, until=today + CLOSURES_AHEAD)
        settings = queries.settings(work)
    typed: dict[str, Any] = {}
    for day, row in hours.items():
        typed |= {f"opens_{day}": row.opens_at, f"closes_{day}": row.closes_at}
    blank: dict[str, Any] = {"formdata": None}
    return page(
        "sites/show",
        site=site,
        closures=closures,
        settings=settings,
        weekdays=WEEKDAYS,
        site_form=forms.get("site_form") or SiteForm(**blank, obj=site),
        hours_form=forms.get("hours_form") or HoursForm(**blank, **typed),
        closure_form=forms.get("closure_form") or ClosureForm(**blank),
        setting_form=forms.get("setting_form") or SettingForm(**blank, starts_on=today),
    )


def _typed_hours(form: PageForm) -> dict[int, tuple[time, time]]:
    typed = {
        day: (form[f"opens_{day}"].data, form[f"closes_{day}"].data) for day in range(len(WEEKDAYS))
    }
    return {day: hours for day, hours in typed.items() if all(hours)}


def _value(text: str) -> object:
    """A number, true or false where it reads as one, else the text itself."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)  # NaN and infinity read as numbers but cannot be stored
    except ValueError:
        return text
    return value
