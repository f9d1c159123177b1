"""Contingency management as rows: each visit judged by the house's own rules, every cent booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from clinic.demo.books import Ledger
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
    PrizeBowl,
    PrizeProtocol,
    Protocol,
    RedeemedAs,
    TransferKind,
    Verdict,
    VisitOutcome,
)
from clinic.rewards.models import (
    PrizeCommitment,
    PrizeDraw,
    PrizeSeed,
    RewardConfirmation,
    RewardEnrolment,
    RewardVisit,
)
from clinic.rewards.rules.caps import pay_within_caps
from clinic.rewards.rules.draws import draw_sentence
from clinic.rewards.rules.fair_draw import SEED_BYTES, commitment_of, receipt_of
from clinic.rewards.rules.schedules import award_for, awards_for
from clinic.rewards.rules.visits import verdict_sentence
from clinic.scheduling.facts import BookingStatus
from clinic.staff.facts import Role
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading
from clinic.toxicology.models import ConfirmationRequest, ConfirmedResult

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

DRAWS_WAIT_CHANCE: Final = 0.6
SENT_CHANCE: Final = 0.06
SENT_LAST_CHANCE: Final = 0.15
LABORATORY: Final = "Tidewater Reference Laboratory"
LABORATORY_TAKES: Final = timedelta(days=3)
WORDS: Final = ("7", "blue heron", "Sunday", "my daughter", "42", "luck", "harbor", "jackpot")

_WITHOUT_SPECIMEN: Final = {
    BookingStatus.NO_SHOW: (VisitOutcome.MISSED, CollectionOutcome.MISSED),
    BookingStatus.LATE_CANCEL: (VisitOutcome.MISSED, CollectionOutcome.MISSED),
    BookingStatus.TIMELY_CANCEL: (VisitOutcome.EXCUSED, CollectionOutcome.EXCUSED),
    BookingStatus.CLINIC_CANCEL: (VisitOutcome.EXCUSED, CollectionOutcome.EXCUSED),
}


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
            by = self._counselor(visit)
            outcomes.append(outcome)
            award = award_for(protocol, outcomes=outcomes)
            caps = _caps(protocol, paid=paid, year=visit.on.year)
            incentive = Incentive(visit.on, award.total_cents)
            payment = pay_within_caps(caps, incentives=[incentive]).payments[0]
            paid.append(Incentive(visit.on, payment.paid_cents))
            about = {"enrolment_id": enrolment_id, "specimen_id": specimen_id}
            visit_id = self._pay(course, award, payment, caps, at=at, by=by, **about)
            is_last = visit is past[-1]
            if visit.status is BookingStatus.ATTENDED:
                self._confirm(
                    chart.id,
                    visit_id,
                    award,
                    payment,
                    at=at,
                    by=by,
                    specimen_id=specimen_id,
                    is_last=is_last,
                )
            if isinstance(protocol, PrizeProtocol) and award.draws:
                caps = _caps(protocol, paid=paid, year=visit.on.year)
                drawn_cents = self._bowl(
                    course,
                    award,
                    caps,
                    bowl=protocol.bowl,
                    visit_id=visit_id,
                    at=at,
                    by=by,
                    waits=is_last and self.random.random() < DRAWS_WAIT_CHANCE,
                )
                paid.append(Incentive(visit.on, drawn_cents))

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
    ) -> UUID:
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
        return visit_id

    def _bowl(
        self,
        course: RewardCourse,
        award: Award,
        caps: Sequence[Cap],
        *,
        bowl: PrizeBowl,
        visit_id: UUID,
        at: datetime,
        by: Staff,
        waits: bool,
    ) -> int:
        """Seal the seed of a visit's draws, and unless they wait draw them; the cents paid."""
        seed = self.random.randbytes(SEED_BYTES)
        common = {"site_id": self.site.clock.id, "reward_visit_id": visit_id}
        self.rows.add(
            PrizeCommitment,
            id=self.rows.id_at(at),
            commitment=commitment_of(seed),
            bowl_name=bowl.name,
            bowl_version=bowl.version,
            draws=award.draws,
            committed_at=at,
            **common,
            **by.signs(at),
        )
        self.rows.add(PrizeSeed, id=self.rows.id_at(at), seed=seed.hex(), **common)
        if waits:
            return 0
        word = self.random.choice(WORDS)
        receipt = receipt_of(seed, choice=word, visit_id=visit_id, draws=award.draws, bowl=bowl)
        drawn_at = at + timedelta(minutes=2)
        incentive = Incentive(self.site.clock.service_date(at), receipt.total_cents)
        paid_cents = pay_within_caps(caps, incentives=[incentive]).total_paid_cents
        self.rows.add(
            PrizeDraw,
            id=self.rows.id_at(drawn_at),
            choice=word,
            seed=receipt.seed,
            slips=[slip.to_json() for slip in receipt.slips],
            total_cents=receipt.total_cents,
            paid_cents=paid_cents,
            sentence=draw_sentence([slip.slip for slip in receipt.slips], bowl=bowl),
            **common,
            **self.site.happened(drawn_at),
            **by.signs(drawn_at),
        )
        if paid_cents:
            self.ledger.move(
                TransferKind.EARN,
                payer=self.ledger.account(AccountKind.FUNDING, at=drawn_at),
                payee=self.ledger.account(
                    AccountKind.PATIENT, at=drawn_at, patient_id=course.chart.id
                ),
                amount_cents=paid_cents,
                memo=f"Visit {award.visit_number}",
                at=drawn_at,
                by=by,
                reward_visit_id=visit_id,
            )
        return paid_cents

    def _confirm(
        self,
        patient_id: UUID,
        visit_id: UUID,
        award: Award,
        payment: CappedPayment,
        *,
        at: datetime,
        by: Staff,
        specimen_id: UUID,
        is_last: bool,
    ) -> None:
        """Now and then a specimen goes to the laboratory; the latest are still there."""
        if self.random.random() > (SENT_LAST_CHANCE if is_last else SENT_CHANCE):
            return
        sent_at = at + timedelta(minutes=1)
        common = {
            "site_id": self.site.clock.id,
            "specimen_id": specimen_id,
            "patient_id": patient_id,
        }
        self.rows.add(
            ConfirmationRequest,
            id=self.rows.id_at(sent_at),
            laboratory=LABORATORY,
            **common,
            **self.site.happened(sent_at),
            **by.signs(sent_at),
        )
        known_at = sent_at + LABORATORY_TAKES
        if is_last or known_at > self.site.as_of:
            return
        is_positive = award.outcome is VisitOutcome.POSITIVE
        self.rows.add(
            ConfirmedResult,
            id=self.rows.id_at(known_at),
            analyte=Analyte.COCAINE,
            reading=Reading.POSITIVE if is_positive else Reading.NEGATIVE,
            report=f"{LABORATORY} {self.random.randint(10000, 99999)}",
            **common,
            **self.site.happened(known_at),
            **by.signs(known_at),
        )
        self.rows.add(
            RewardConfirmation,
            id=self.rows.id_at(known_at),
            site_id=self.site.clock.id,
            reward_visit_id=visit_id,
            verdict=Verdict.CONFIRMED,
            outcome=award.outcome.value,
            amount_cents=payment.paid_cents,
            sentence=verdict_sentence(Verdict.CONFIRMED, number=award.visit_number),
            **self.site.happened(known_at),
            **by.signs(known_at),
        )

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


def _caps(protocol: Protocol, *, paid: Sequence[Incentive], year: int) -> tuple[Cap, ...]:
    """How every cap stood before a visit: the protocol's own and the funder's."""
    this_year = sum(one.amount_cents for one in paid if one.earned_on.year == year)
    yearly = CapPeriod.CALENDAR_YEAR
    caps = []
    if isinstance(protocol, EscalatingProtocol):
        best = awards_for(protocol, outcomes=[VisitOutcome.NEGATIVE] * protocol.scheduled_visits)
        caps.append(
            Cap(
                "the protocol's maximum",
                sum(award.total_cents for award in best),
                CapPeriod.FIXED,
                sum(one.amount_cents for one in paid),
            )
        )
    if protocol.yearly_cap_cents is not None:
        caps.append(Cap("the protocol's yearly cap", protocol.yearly_cap_cents, yearly, this_year))
    funder = FunderTerms().yearly_cap_cents
    caps.append(Cap("the funder's yearly cap", funder, yearly, this_year))
    return tuple(caps)


def _terms(
    protocol: Protocol, award: Award, payment: CappedPayment, caps: Sequence[Cap]
) -> dict[str, object]:
    """Everything the amount was computed from, kept with the visit."""
    return {
        "protocol": protocol.name,
        "protocol_version": protocol.version,
        "source": protocol.source,
        "award_cents": award.amount_cents,
        "bonus_cents": award.bonus_cents,
        "draws": award.draws,
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
