"""Every import leaves its run, its refusals and one audit leaf."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from clinic.audit import services as audit
from clinic.data.work import Work
from clinic.exchange.facts.outcome import ImportOutcome
from clinic.exchange.models import ImportRefusal, ImportRun
from clinic.exchange.services.rows import clipped, insert_rows
from clinic.patients.services import claim_codes


def take_turn(work: Work) -> None:
    """Wait until nobody else opens charts in the organisation: it might be the same people's."""
    claim_codes(work, count=0)


def record_run(work: Work, *, outcome: ImportOutcome, run_id: UUID | None = None) -> ImportOutcome:
    """Store what was done and refused; gives the outcome back with its run's id."""
    run_id = run_id or work.new_id()
    done = replace(outcome, run_id=run_id)
    told = done.to_json()
    work.session.add(
        ImportRun(
            id=run_id,
            site_id=work.site.id,
            kind=done.kind.value,
            counts={
                **told,
                "patient_ids": [str(arrival.patient_id) for arrival in done.arrivals],
                "reviews": [review.to_json() for review in done.reviews],
            },
            **work.attribution,
        )
    )
    work.session.flush()
    insert_rows(
        work,
        ImportRefusal,
        rows=[
            {
                "id": work.new_id(),
                "site_id": work.site.id,
                "run_id": run_id,
                "file": clipped(refusal.file),
                "place": clipped(refusal.place),
                "reason": refusal.reason,
            }
            for refusal in done.refusals
        ],
    )
    audit.record(
        work,
        action="records.import",
        subject=f"import {run_id}",
        detail={name: told[name] for name in ("files", "added", "changed", "refusals")}
        | {"kind": done.kind.value},
    )
    return done
