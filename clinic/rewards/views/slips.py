"""The receipt of a visit on paper: what was earned and why, the balance, and what comes next."""

from __future__ import annotations

from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.patients.facts import Banner
from clinic.rewards.facts import AwardState, VisitSlip
from clinic.sites import queries as sites
from clinic.web.paper import Blank, Facts, Heading, Text, paper, printed_by


def slip_paper(work: Work, slip: VisitSlip, *, banner: Banner) -> bytes:
    """The receipt as a PDF; it names the patient by code alone, for it leaves the house."""
    coming = slip.brings_next or "The last visit is done."
    if slip.next_day:
        at = work.site.local(slip.next_day.starts_at)
        coming += f", on {at:%A} {at.day} {at:%B} at {at:%H:%M}"
    facts: list[tuple[str, object]] = [
        ("Patient", banner.code),
        ("Visit", f"{slip.number}, {work.site.local(slip.occurred_at):%d %b %Y %H:%M}"),
        ("Earned", dollars(slip.amount_cents)),
        ("Draws left to draw", slip.draws_waiting or "none"),
        ("Laboratory", _laboratory(slip)),
        ("Balance", dollars(slip.balance_cents)),
        ("Next visit can bring", coming),
        ("Recorded by", slip.recorded_by_name),
    ]
    return paper(
        title="Reward receipt",
        subtitle=f"Visit {slip.number}",
        site=sites.site(work).name,
        printed=printed_by(work),
        blocks=[
            Heading(slip.sentence, level=2),
            Facts(facts),
            Text("A balance is yours to keep. It is paid in cards, vouchers or goods, never cash."),
            Blank(label="Received by the patient"),
        ],
    )


def _laboratory(slip: VisitSlip) -> str:
    if slip.state is AwardState.POSTED:
        return "not asked"
    return slip.verdict_sentence or slip.state.label
