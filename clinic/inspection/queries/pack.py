"""The pack of a period, section by section."""

from __future__ import annotations

from clinic.audit import queries as audit
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.inspection.facts import InspectionPack, InspectionPolicy, Period, Section
from clinic.inspection.queries import care, stock
from clinic.sites import queries as sites
from clinic.staff import queries as staff

_POLICY = InspectionPolicy()


def policy_of(work: Work) -> InspectionPolicy:
    """What the site chose and named for inspections."""
    return sites.policy(work, _POLICY, of="inspection", on=work.service_date)


def pack(work: Work, *, period: Period) -> InspectionPack:
    """Everything section 2.6 of the rule book lists, for these days.

    Raises: Forbidden.
    """
    work.actor.require(Permission.VIEW_INSPECTION)
    site = sites.site(work)
    policy = policy_of(work)
    lines = care.log_lines(work, period)
    return InspectionPack(
        site=f"{site.organization}, {site.name}",
        address=f"{site.address}  {site.telephone}",
        period=period,
        sections=(
            _papers(policy),
            _access(work),
            care.summary(lines),
            care.patients(lines),
            care.log(lines),
            stock.inventories(work),
            stock.receipts(work),
            stock.counts(work, period),
            stock.waste(work, period),
            stock.incidents(work),
            stock.closes(work, period),
            care.decisions(work, period, limit=policy.decisions_shown),
            care.closures(work, period),
            care.paper_doses(work, period),
            care.pump_pours(work, period),
            _verification(work),
        ),
    )


def _papers(policy: InspectionPolicy) -> Section:
    named = (
        ("DEA registration", policy.dea_registration),
        ("State licence", policy.state_licence),
        ("Persons who accept deliveries", policy.delivery_designees),
        ("Alarm contract", policy.alarm_contract),
        ("Powers of attorney for order forms", policy.powers_of_attorney),
    )
    return Section(
        "papers",
        "Papers kept outside this program",
        "DEA guideline for narcotic treatment programs, appendix C; 21 CFR 1301.74(h)",
        ("Paper", "Where or what"),
        [(name, text or "not named in the site's settings") for name, text in named],
    )


def _access(work: Work) -> Section:
    return Section(
        "access",
        "Everybody with access",
        "21 CFR 1301.72, 1304.04; 45 CFR 164.308(a)(4)",
        ("Name", "Username", "Roles", "Active", "Last signed in"),
        [
            (
                one.display_name,
                one.username,
                ", ".join(role.label for role in one.roles),
                "yes" if one.is_active else "no",
                f"{work.site.local(one.last_signed_in_at):%d %b %Y %H:%M}"
                if one.last_signed_in_at
                else "never",
            )
            for one in staff.members(work)
        ],
    )


def _verification(work: Work) -> Section:
    """Every leaf, root and link recomputed now."""
    faults = audit.verify(work)
    seal = audit.last_seal(work)
    rows: list[tuple[str, str]] = [(fault.where, fault.what) for fault in faults]
    if not faults:
        rows = [("every entry, root and link of the site", "verifies")]
    if seal:
        rows.append((f"last seal {seal[0]}", seal[1]))
    return Section(
        "audit",
        "Verification of the audit",
        "21 CFR 1311.205(b)(18); 45 CFR 164.312(b)",
        ("What", "Finding"),
        rows,
    )
