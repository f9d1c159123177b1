"""Letters and reports to the state and to funders, on paper."""

from __future__ import annotations

from datetime import date

from clinic.census.facts import CapacityNotice, CapacityTerms
from clinic.census.facts.deliveries import SmallCellTerms
from clinic.census.facts.outgoing import ContingencyQuarter
from clinic.census.rules.suppression import cell
from clinic.core.money import dollars
from clinic.sites.queries import SiteFacts
from clinic.web.paper import Blank, Block, Facts, Heading, Text, paper


def capacity_letter(
    notice: CapacityNotice,
    *,
    since: date,
    in_care: int,
    site: SiteFacts,
    today: date,
    printed: str,
    terms: CapacityTerms,
) -> bytes:
    """The program tells the state that it is nearly full, ready to be signed."""
    reached = (
        f"{site.name} has reached {terms.notice_from_percent} percent of its capacity to admit"
        " individuals to the program."
    )
    blocks: list[Block] = [
        Text(f"{today:%d %B %Y}"),
        Text("To the state agency for substance use services"),
        Heading(f"Notice that the program has reached {terms.notice_from_percent} % of capacity"),
        Text(f"{reached} This notice is given under {terms.source}.", size=11),
        Facts(
            [
                ("Program", f"{site.organization}, {site.name}"),
                ("Address", site.address or "—"),
                ("Telephone", site.telephone or "—"),
                ("Capacity", f"{site.capacity} individuals"),
                ("In care on the day of this letter", in_care),
                ("Share of capacity", f"{notice.occupancy_percent} %"),
                (f"At or above {terms.notice_from_percent} % since", f"{since:%d %b %Y}"),
                ("To be told by", f"{notice.notify_by:%d %b %Y}" if notice.notify_by else "—"),
            ]
        ),
        Blank(1, "Name and title"),
        Blank(1, "Signature"),
        Blank(1, "Sent on, and how"),
    ]
    return paper(
        title="Capacity notice",
        subtitle=f"{today:%d %b %Y}",
        site=site.name,
        printed=printed,
        blocks=blocks,
    )


def contingency_lines(found: ContingencyQuarter, *, terms: SmallCellTerms) -> list[tuple[str, str]]:
    """The quarter's figures in words and dollars, a small count as it may leave."""
    return [
        ("Patients who earned", str(cell(found.patients_earning, terms=terms))),
        ("Visits judged", str(cell(found.visits, terms=terms))),
        ("Samples negative for the target", str(cell(found.negatives, terms=terms))),
        ("Awarded", dollars(found.earned_cents)),
        ("Redeemed", dollars(found.redeemed_cents)),
        ("Voided", dollars(found.voided_cents)),
        ("Liability at the end", dollars(found.liability_cents)),
    ]


def contingency_report(
    found: ContingencyQuarter, *, terms: SmallCellTerms, site: SiteFacts, printed: str
) -> bytes:
    """The quarter of contingency management for whoever pays for it."""
    last = found.quarter.until
    blocks: list[Block] = [
        Text(
            f"Days of service from {found.quarter.first:%d %b %Y} until before {last:%d %b %Y}."
            " Liability is what patients had earned and not yet redeemed when the last day ended."
        ),
        Facts(contingency_lines(found, terms=terms)),
    ]
    return paper(
        title="Contingency management",
        subtitle=found.quarter.label.capitalize(),
        site=site.name,
        printed=printed,
        blocks=blocks,
    )
