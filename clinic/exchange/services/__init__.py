"""Take outside records in: once, whole, and never as an order to dose."""

from __future__ import annotations

from clinic.exchange.services.questions import settle_question
from clinic.exchange.services.records import import_records, preview_records
from clinic.exchange.services.trial import import_trial, trial_figures
from clinic.exchange.services.uploads import discard_upload, import_upload, keep_upload

__all__ = [
    "discard_upload",
    "import_records",
    "import_trial",
    "import_upload",
    "keep_upload",
    "preview_records",
    "settle_question",
    "trial_figures",
]
