"""What is known already of an import's people and rows, and what earlier imports did."""

from __future__ import annotations

from clinic.exchange.queries.batches import batches
from clinic.exchange.queries.known import (
    Chart,
    alerts_raised,
    charts,
    doses_on_record,
    episode_numbers,
    episode_starts,
    namesakes,
    questions_on_record,
    rows_of_source,
    source_ids_on_record,
    specimens_on_record,
)
from clinic.exchange.queries.runs import (
    OpenQuestion,
    PastRun,
    PersonHere,
    Refusal,
    last_runs,
    people_of_run,
    question,
    questions,
    refusals,
    run,
    upload_content,
    upload_content_if_any,
)

__all__ = [
    "Chart",
    "OpenQuestion",
    "PastRun",
    "PersonHere",
    "Refusal",
    "alerts_raised",
    "batches",
    "charts",
    "doses_on_record",
    "episode_numbers",
    "episode_starts",
    "last_runs",
    "namesakes",
    "people_of_run",
    "question",
    "questions",
    "questions_on_record",
    "refusals",
    "rows_of_source",
    "run",
    "source_ids_on_record",
    "specimens_on_record",
    "upload_content",
    "upload_content_if_any",
]
