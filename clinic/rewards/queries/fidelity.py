"""The program held against its own design, and each person beside all others."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.rewards.facts import (
    Delays,
    DrawCheck,
    Fidelity,
    FidelityTerms,
    GoodFaith,
    MissedReward,
    PrizeSlip,
    StaffPattern,
    TransferKind,
    Verdict,
    VisitOutcome,
)
from clinic.rewards.models import (
    LedgerAccount,
    LedgerTransfer,
    PrizeCommitment,
    PrizeDraw,
    RewardConfirmation,
    RewardEnrolment,
    RewardVisit,
)
from clinic.rewards.queries.funds import budgets
from clinic.rewards.queries.program import overview
from clinic.rewards.queries.protocols import bowl_of, known_protocols
from clinic.rewards.rules import fidelity as rules
from clinic.rewards.rules.outcomes import visit_outcome
from clinic.sites.queries import policy
from clinic.toxicology import queries as toxicology
from clinic.toxicology.facts import CollectionOutcome
from clinic.toxicology.models import Specimen

SETTINGS = "rewards"


@dataclass(slots=True)
class _Person:
    """Running counts of what one person recorded."""

    name: str = ""
    tests: int = 0
    negatives: int = 0
    awarded_cents: int = 0
    voided: int = 0
    redemptions: int = 0
    own_redeemed: int = 0
    results: dict[UUID, list[datetime]] = field(default_factory=dict)


def fidelity(work: Work, *, first_on: date, until_on: date) -> Fidelity:
    """The program's fidelity between two dates; its statements do not grow with its patients."""
    program = overview(work)
    awards, voids = _awards_and_voids(work, first_on, until_on)
    return Fidelity(
        first_on=first_on,
        until_on=until_on,
        delays=_delays(work, first_on, until_on),
        missed=_missed(work, first_on, until_on),
        in_good_faith=_in_good_faith(work, first_on, until_on),
        draws=_draws(work, first_on, until_on),
        staff=_staff(work, first_on, until_on),
        awards=awards,
        voids=voids,
        liability_cents=program.liability_cents,
        near_caps=tuple(one for one in program.patients if one.is_near_cap),
        budgets=budgets(work, calendar_year=work.service_date.year),
    )


def fidelity_terms(work: Work, *, on: date) -> FidelityTerms:
    """How fast the site wants rewards to follow, and from how many visits it compares."""
    return policy(work, FidelityTerms(), of=SETTINGS, on=on)


def _delays(work: Work, first_on: date, until_on: date) -> Delays:
    """Minutes from the sample to its first cents or, for draws, to the draw."""
    rows = work.session.execute(
        sa.select(Specimen.occurred_at, LedgerTransfer.recorded_at)
        .join(RewardVisit, RewardVisit.specimen_id == Specimen.id)
        .join(LedgerTransfer, LedgerTransfer.reward_visit_id == RewardVisit.id)
        .where(
            RewardVisit.site_id == work.site.id,
            RewardVisit.service_date >= first_on,
            RewardVisit.service_date < until_on,
        )
    )
    minutes = [int((paid - taken).total_seconds() // 60) for taken, paid in rows]
    return rules.delays(minutes, terms=fidelity_terms(work, on=work.service_date))


def _missed(work: Work, first_on: date, until_on: date) -> tuple[MissedReward, ...]:
    rows = work.session.execute(
        sa.select(
            Specimen.id,
            Specimen.patient_id,
            Specimen.service_date,
            Specimen.recorded_by_name,
            RewardEnrolment.protocol,
            RewardEnrolment.protocol_version,
        )
        .join(
            RewardEnrolment,
            (RewardEnrolment.patient_id == Specimen.patient_id)
            & (RewardEnrolment.site_id == Specimen.site_id)
            & (RewardEnrolment.recorded_at <= Specimen.recorded_at)
            & (
                RewardEnrolment.ended_on.is_(None)
                | (RewardEnrolment.ended_on > Specimen.service_date)
            ),
        )
        .outerjoin(
            RewardVisit,
            (RewardVisit.site_id == Specimen.site_id) & (RewardVisit.specimen_id == Specimen.id),
        )
        .where(
            Specimen.site_id == work.site.id,
            Specimen.service_date >= first_on,
            Specimen.service_date < until_on,
            Specimen.outcome == CollectionOutcome.COLLECTED,
            RewardVisit.id.is_(None),
        )
        .order_by(Specimen.service_date.desc(), Specimen.id)
    ).all()
    read = toxicology.readings_of(work, specimen_ids=[row.id for row in rows])
    names = patients.names(work, patient_ids={row.patient_id for row in rows})
    protocols = known_protocols(work)
    found = []
    for row in rows:
        protocol = protocols[row.protocol, row.protocol_version]
        outcome = visit_outcome(
            CollectionOutcome.COLLECTED, readings=read.get(row.id, {}), target=protocol.target
        )
        if outcome is VisitOutcome.NEGATIVE:
            name = names[row.patient_id].listed
            found.append(
                MissedReward(
                    row.patient_id, name, row.service_date, protocol.title, row.recorded_by_name
                )
            )
    return tuple(found)


def _in_good_faith(work: Work, first_on: date, until_on: date) -> tuple[GoodFaith, ...]:
    """Visits judged between a cup and the laboratory's word against it."""
    trusted = aliased(RewardVisit)
    rows = work.session.execute(
        sa.select(
            RewardVisit.patient_id,
            RewardVisit.service_date,
            RewardVisit.number,
            trusted.number.label("trusted"),
            RewardVisit.amount_cents + sa.func.coalesce(PrizeDraw.paid_cents, 0),
        )
        .join(
            trusted,
            (trusted.site_id == RewardVisit.site_id)
            & (trusted.enrolment_id == RewardVisit.enrolment_id)
            & (trusted.number < RewardVisit.number),
        )
        .join(
            RewardConfirmation,
            (RewardConfirmation.site_id == trusted.site_id)
            & (RewardConfirmation.reward_visit_id == trusted.id)
            & (RewardConfirmation.verdict != Verdict.CONFIRMED)
            & (RewardConfirmation.recorded_at > RewardVisit.occurred_at),
        )
        .outerjoin(
            PrizeDraw,
            (PrizeDraw.site_id == RewardVisit.site_id)
            & (PrizeDraw.reward_visit_id == RewardVisit.id),
        )
        .where(
            RewardVisit.site_id == work.site.id,
            RewardVisit.service_date >= first_on,
            RewardVisit.service_date < until_on,
        )
        .order_by(RewardVisit.service_date.desc(), RewardVisit.id, trusted.number)
    ).all()
    names = patients.names(work, patient_ids={row.patient_id for row in rows})
    return tuple(
        GoodFaith(who, names[who].listed, on, number, trusted=of, paid_cents=int(cents))
        for who, on, number, of, cents in rows
    )


def _draws(work: Work, first_on: date, until_on: date) -> tuple[DrawCheck, ...]:
    rows = work.session.execute(
        sa.select(PrizeCommitment.bowl_name, PrizeCommitment.bowl_version, PrizeDraw.slips)
        .join(
            PrizeCommitment,
            (PrizeCommitment.site_id == PrizeDraw.site_id)
            & (PrizeCommitment.reward_visit_id == PrizeDraw.reward_visit_id),
        )
        .where(
            PrizeDraw.site_id == work.site.id,
            PrizeDraw.service_date >= first_on,
            PrizeDraw.service_date < until_on,
        )
    )
    drawn: defaultdict[tuple[str, int], Counter[PrizeSlip]] = defaultdict(Counter)
    for name, version, slips in rows:
        drawn[name, version].update(PrizeSlip(slip["slip"]) for slip in slips)
    return tuple(
        rules.draw_check(bowl_of(work, name=name, version=version), drawn=counts)
        for (name, version), counts in sorted(drawn.items())
    )


def _awards_and_voids(work: Work, first_on: date, until_on: date) -> tuple[int, int]:
    void = aliased(LedgerTransfer)
    row = work.session.execute(
        sa.select(sa.func.count(LedgerTransfer.id), sa.func.count(void.id))
        .outerjoin(
            void,
            (void.site_id == LedgerTransfer.site_id) & (void.reverses_id == LedgerTransfer.id),
        )
        .where(_within(work, first_on, until_on), LedgerTransfer.kind == TransferKind.EARN)
    ).one()
    return int(row[0]), int(row[1])


def _staff(work: Work, first_on: date, until_on: date) -> tuple[StaffPattern, ...]:
    people: defaultdict[UUID | None, _Person] = defaultdict(_Person)
    _count_tests(work, people, first_on, until_on)
    _count_money(work, people, first_on, until_on)
    terms = fidelity_terms(work, on=work.service_date)
    patterns = [
        _pattern(user_id, one, others=_others(people.values(), one), terms=terms)
        for user_id, one in people.items()
    ]
    return tuple(sorted(patterns, key=lambda one: (not one.flags, one.name)))


def _count_tests(
    work: Work, people: defaultdict[UUID | None, _Person], first_on: date, until_on: date
) -> None:
    rows = work.session.execute(
        sa.select(
            RewardVisit.recorded_by,
            RewardVisit.recorded_by_name,
            RewardVisit.patient_id,
            RewardVisit.outcome,
            RewardVisit.recorded_at,
        )
        .where(
            RewardVisit.site_id == work.site.id,
            RewardVisit.service_date >= first_on,
            RewardVisit.service_date < until_on,
        )
        .order_by(RewardVisit.recorded_at)
    )
    for row in rows:
        person = people[row.recorded_by]
        person.name = row.recorded_by_name
        if row.outcome in {VisitOutcome.NEGATIVE.value, VisitOutcome.POSITIVE.value}:
            person.tests += 1
            person.negatives += row.outcome == VisitOutcome.NEGATIVE.value
            person.results.setdefault(row.patient_id, []).append(row.recorded_at)


def _count_money(
    work: Work, people: defaultdict[UUID | None, _Person], first_on: date, until_on: date
) -> None:
    void = aliased(LedgerTransfer)
    rows = work.session.execute(
        sa.select(
            LedgerTransfer.recorded_by,
            LedgerTransfer.recorded_by_name,
            LedgerTransfer.kind,
            LedgerTransfer.amount_cents,
            LedgerTransfer.recorded_at,
            LedgerAccount.patient_id,
            void.id.label("void_id"),
        )
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.from_account_id)
        .outerjoin(
            void,
            (void.site_id == LedgerTransfer.site_id) & (void.reverses_id == LedgerTransfer.id),
        )
        .where(
            _within(work, first_on, until_on),
            LedgerTransfer.kind.in_((TransferKind.EARN, TransferKind.REDEEM)),
        )
    ).all()
    for row in rows:
        person = people[row.recorded_by]
        person.name = row.recorded_by_name
        if row.kind is TransferKind.EARN:
            person.awarded_cents += row.amount_cents
            person.voided += row.void_id is not None
        else:
            person.redemptions += 1
            person.own_redeemed += _recorded_latest(
                people, row.recorded_by, patient_id=row.patient_id, before=row.recorded_at
            )


def _recorded_latest(
    people: defaultdict[UUID | None, _Person],
    user_id: UUID | None,
    *,
    patient_id: UUID,
    before: datetime,
) -> bool:
    """Whether this person recorded the patient's latest result before an instant."""
    latest: dict[UUID | None, datetime] = {}
    for other, person in people.items():
        instants = person.results.get(patient_id, [])
        place = bisect_right(instants, before)
        if place:
            latest[other] = instants[place - 1]
    return bool(latest) and max(latest, key=lambda one: latest[one]) == user_id


def _others(people: Iterable[_Person], one: _Person) -> Decimal | None:
    others = [person for person in people if person is not one]
    share = rules.interval(
        sum(person.negatives for person in others), of=sum(person.tests for person in others)
    )
    return None if share is None else share.percent


def _pattern(
    user_id: UUID | None, one: _Person, *, others: Decimal | None, terms: FidelityTerms
) -> StaffPattern:
    rate = rules.interval(one.negatives, of=one.tests)
    return StaffPattern(
        user_id=user_id,
        name=one.name,
        tests=one.tests,
        negatives=one.negatives,
        negative_rate=rate,
        others_percent=others,
        awarded_cents=one.awarded_cents,
        voided=one.voided,
        redemptions=one.redemptions,
        own_redeemed=one.own_redeemed,
        flags=rules.flags(rate=rate, tests=one.tests, others_percent=others, terms=terms),
    )


def _within(work: Work, first_on: date, until_on: date) -> sa.ColumnElement[bool]:
    return (
        (LedgerTransfer.site_id == work.site.id)
        & (LedgerTransfer.service_date >= first_on)
        & (LedgerTransfer.service_date < until_on)
    )
