"""Contingency management as rows: each visit judged by the house's own rules, every cent booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from clinic.demo.charts import Chart
from clinic.demo.house import DemoSite, Staff
from clinic.demo.rows import Row, Rows
from clinic.demo.sessions import RewardCourse, Visit
from clinic.demo.specimens import Laboratory
from clinic.demo.urine import cup
from clinic.rewards.facts import (
    AccountKind,
    Award,
    Cap,
    CappedPayment,
    CapPeriod,
    EscalatingProtocol,
    FunderTerms,
    Incentive,
    RedeemedAs,
    TransferKind,
    VisitOutcome,
)
from clinic.rewards.models import LedgerAccount, LedgerTransfer, RewardEnrolment, RewardVisit
from clinic.rewards.rules.caps import pay_within_caps
from clinic.rewards.rules.schedules import award_for, awards_for
from clinic.scheduling.facts import BookingStatus
from clinic.staff.facts import Role
from clinic.toxicology.facts import Analyte, CollectionOutcome

SHARED_ACCOUNTS: Final = {
    AccountKind.FUNDING: "Funding for rewards",
    AccountKind.REDEEMED: "Redeemed rewards",
}
STIMULANT_POSITIVE_FIRST: Final = 0.45
STIMULANT_POSITIVE_FALLS: Final = 0.93
"""Chance of a positive at the first visit, and what each visit makes of it. Demo's own."""
REDEEM_FROM_CENTS: Final = 4000
REDEEM_STEP_CENTS: Final = 2000
REDEEM_CHANCE: Final = 0.35
REDEEMED_AS: Final = (
    (RedeemedAs.GIFT_CARD, "grocery store"),
    (RedeemedAs.GIFT_CARD, "bus company"),
    (RedeemedAs.VOUCHER, "barber"),
    (RedeemedAs.GOODS, "work boots"),
)

_WITHOUT_SPECIMEN: Final = {
    BookingStatus.NO_SHOW: (VisitOutcome.MISSED, CollectionOutcome.MISSED),
    BookingStatus.LATE_CANCEL: (VisitOutcome.MISSED, CollectionOutcome.MISSED),
    BookingStatus.TIMELY_CANCEL: (VisitOutcome.EXCUSED, CollectionOutcome.EXCUSED),
    BookingStatus.CLINIC_CANCEL: (VisitOutcome.EXCUSED, CollectionOutcome.EXCUSED),
}


@dataclass(slots=True)
class Ledger:
    """The accounts of one site and what moved between them."""

    rows: Rows
    site: DemoSite
    accounts: dict[tuple[AccountKind, str], Row] = field(default_factory=dict)

    def account(self, kind: AccountKind, *, at: datetime, patient_id: UUID | None = None) -> Row:
        """The account, opened when first asked for."""
        name = SHARED_ACCOUNTS.get(kind, str(patient_id))
        if (kind, name) not in self.accounts:
            self.rows.add(
                LedgerAccount,
                id=self.rows.id_at(at),
                site_id=self.site.clock.id,
                kind=kind,
                name=name,
                patient_id=patient_id,
                balance_cents=0,
                version=1,
            )
            self.accounts[kind, name] = self.rows.tables[LedgerAccount.__tablename__][-1]
        return self.accounts[kind, name]

    def move(
        self,
        kind: TransferKind,
        *,
        payer: Row,
        payee: Row,
        amount_cents: int,
        memo: str,
        at: datetime,
        by: Staff,
        reward_visit_id: UUID | None = None,
    ) -> None:
        for account, change_cents in ((payer, -amount_cents), (payee, amount_cents)):
            account["balance_cents"] += change_cents
            account["version"] += 1
        self.rows.add(
            LedgerTransfer,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            kind=kind,
            from_account_id=payer["id"],
            to_account_id=payee["id"],
            amount_cents=amount_cents,
            reward_visit_id=reward_visit_id,
            memo=memo,
            **self.site.happened(at),
            **by.signs(at),
        )


@dataclass(slots=True)
class Rewards:
    """The reward program of one site."""

    rows: Rows
    random: Random
    site: DemoSite
    laboratory: Laboratory
    ledger: Ledger

    def run(self, courses: Sequence[RewardCourse]) -> None:
        """Enrol everybody, judge every past visit, pay, and now and then redeem."""
        for course in courses:
            self._course(course)

    def _course(self, course: RewardCourse) -> None:
        chart, protocol = course.chart, course.protocol
        enrolled_at = self.site.no_later(self.site.instant(course.starts_on, 7 * 60))
        by = self._counselor(course.visits[0] if course.visits else None)
        enrolment_id = self.rows.id_at(enrolled_at)
        past = [visit for visit in course.visits if _is_over(visit)]
        past = past[: protocol.scheduled_visits]
        is_done = len(past) == protocol.scheduled_visits
        self.rows.add(
            RewardEnrolment,
            id=enrolment_id,
            site_id=self.site.clock.id,
            patient_id=chart.id,
            episode_id=chart.open_episode_id,
            protocol=protocol.name,
            protocol_version=protocol.version,
            starts_on=course.starts_on,
            ended_on=past[-1].on if is_done else None,
            version=2 if is_done else 1,
            **by.signs(enrolled_at),
        )
        outcomes: list[VisitOutcome] = []
        paid: list[Incentive] = []
        for visit in past:
            specimen_id, outcome, at = self._tested(visit, number=len(outcomes) + 1)
            outcomes.append(outcome)
            award = award_for(protocol, outcomes=outcomes)
            caps = _caps(protocol, paid=paid, year=visit.on.year)
            incentive = Incentive(visit.on, award.total_cents)
            payment = pay_within_caps(caps, incentives=[incentive]).payments[0]
            paid.append(Incentive(visit.on, payment.paid_cents))
            about = {"enrolment_id": enrolment_id, "specimen_id": specimen_id}
            self._pay(course, award, payment, caps, at=at, by=self._counselor(visit), **about)

    def _tested(self, visit: Visit, *, number: int) -> tuple[UUID, VisitOutcome, datetime]:
        at = visit.starts_at + timedelta(minutes=6)
        readings = {}
        if visit.status is BookingStatus.ATTENDED:
            odds = STIMULANT_POSITIVE_FIRST * STIMULANT_POSITIVE_FALLS ** (number - 1)
            shown = self._stimulants(visit.chart) if self.random.random() < odds else ()
            admitted = visit.chart.current.admitted_on or visit.on
            readings = cup(
                self.random,
                medication=visit.chart.current.medication,
                treatment_day=(visit.on - admitted).days + 1,
                stimulants=shown,
            )
            outcome = VisitOutcome.POSITIVE if shown else VisitOutcome.NEGATIVE
            collected = CollectionOutcome.COLLECTED
        else:
            outcome, collected = _WITHOUT_SPECIMEN[visit.status]
        specimen_id = self.laboratory.record(
            visit.chart,
            at=at,
            by=self._counselor(visit),
            outcome=collected,
            readings=readings,
        )
        return specimen_id, outcome, at

    def _stimulants(self, chart: Chart) -> tuple[Analyte, ...]:
        is_cocaine = any(code.startswith("F14") for code, _ in chart.history.person.conditions)
        return (Analyte.COCAINE,) if is_cocaine else (Analyte.METHAMPHETAMINE,)

    def _pay(
        self,
        course: RewardCourse,
        award: Award,
        payment: CappedPayment,
        caps: Sequence[Cap],
        *,
        at: datetime,
        by: Staff,
        enrolment_id: UUID,
        specimen_id: UUID,
    ) -> None:
        visit_id = self.rows.id_at(at)
        self.rows.add(
            RewardVisit,
            id=visit_id,
            site_id=self.site.clock.id,
            enrolment_id=enrolment_id,
            patient_id=course.chart.id,
            specimen_id=specimen_id,
            number=award.visit_number,
            outcome=award.outcome.value,
            amount_cents=payment.paid_cents,
            sentence=award.sentence,
            terms=_terms(course.protocol, award, payment, caps),
            **self.site.happened(at),
            **by.signs(at),
        )
        own = self.ledger.account(AccountKind.PATIENT, at=at, patient_id=course.chart.id)
        if payment.paid_cents:
            self.ledger.move(
                TransferKind.EARN,
                payer=self.ledger.account(AccountKind.FUNDING, at=at),
                payee=own,
                amount_cents=payment.paid_cents,
                memo=f"Visit {award.visit_number}",
                at=at,
                by=by,
                reward_visit_id=visit_id,
            )
        self._redeem(own, at=at + timedelta(minutes=4), by=by)

    def _redeem(self, own: Row, *, at: datetime, by: Staff) -> None:
        balance_cents = own["balance_cents"]
        if balance_cents < REDEEM_FROM_CENTS or self.random.random() > REDEEM_CHANCE:
            return
        kind, what = self.random.choice(REDEEMED_AS)
        self.ledger.move(
            TransferKind.REDEEM,
            payer=own,
            payee=self.ledger.account(AccountKind.REDEEMED, at=at),
            amount_cents=balance_cents // REDEEM_STEP_CENTS * REDEEM_STEP_CENTS,
            memo=f"{kind.label}: {what}",
            at=at,
            by=by,
        )

    def _counselor(self, visit: Visit | None) -> Staff:
        return self.site.on_duty(Role.COUNSELOR, on=visit.on if visit else self.site.today)


def _is_over(visit: Visit) -> bool:
    return visit.status is BookingStatus.ATTENDED or visit.status in _WITHOUT_SPECIMEN


def _caps(protocol: EscalatingProtocol, *, paid: Sequence[Incentive], year: int) -> tuple[Cap, ...]:
    """How every cap stood before a visit: the protocol's own and the funder's."""
    best = awards_for(protocol, outcomes=[VisitOutcome.NEGATIVE] * protocol.scheduled_visits)
    this_year = sum(one.amount_cents for one in paid if one.earned_on.year == year)
    yearly = CapPeriod.CALENDAR_YEAR
    caps = [
        Cap(
            "the protocol's maximum",
            sum(award.total_cents for award in best),
            CapPeriod.FIXED,
            sum(one.amount_cents for one in paid),
        )
    ]
    if protocol.yearly_cap_cents is not None:
        caps.append(Cap("the protocol's yearly cap", protocol.yearly_cap_cents, yearly, this_year))
    funder = FunderTerms().yearly_cap_cents
    caps.append(Cap("the funder's yearly cap", funder, yearly, this_year))
    return tuple(caps)


def _terms(
    protocol: EscalatingProtocol, award: Award, payment: CappedPayment, caps: Sequence[Cap]
) -> dict[str, object]:
    """Everything the amount was computed from, kept with the visit."""
    return {
        "protocol": protocol.name,
        "protocol_version": protocol.version,
        "source": protocol.source,
        "award_cents": award.amount_cents,
        "bonus_cents": award.bonus_cents,
        "paid_cents": payment.paid_cents,
        "binding_cap": payment.binding_cap,
        "caps": [
            {
                "name": cap.name,
                "limit_cents": cap.limit_cents,
                "paid_to_date_cents": cap.paid_to_date_cents,
            }
            for cap in caps
        ],
    }
