"""The demo's stockroom: deliveries into the safe, what is open at each window, counts, days closed.

It lives through the doses in order: a window that runs dry gets the next bottle of the safe, a
safe that runs low gets a delivery, and at the end of each of the last days two people count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from clinic.audit.facts import GENESIS
from clinic.core.decision import Decision
from clinic.demo.house import DemoSite, Staff
from clinic.demo.rows import Row, Rows
from clinic.dosing.models import LogSignature
from clinic.sites.rules import next_business_day
from clinic.staff.facts import Role
from clinic.stock.facts import (
    PATIENT,
    PRODUCT_OF,
    SAFE,
    SUPPLIER,
    VARIANCE,
    WASTED,
    CountMoment,
    Finding,
    Form,
    IncidentKind,
    IncidentStepKind,
    Medication,
    Product,
    Spot,
    StockMovementKind,
    VarianceTier,
    at_window,
)
from clinic.stock.models import (
    StockBottle,
    StockCount,
    StockDayClose,
    StockIncident,
    StockIncidentStep,
    StockInventory,
    StockMovement,
    StockReceipt,
)

SIZES: Final[Mapping[str, int]] = {
    "methadone_concentrate_10": 1_000_000,
    "buprenorphine_tablet_8": 30,
    "buprenorphine_tablet_2": 30,
    "buprenorphine_naloxone_film_8": 30,
    "buprenorphine_naloxone_film_2": 30,
    "naltrexone_monthly_380": 1,
}
"""What a bottle, box or kit comes with. Source: the usual packs of each."""

PER_DELIVERY: Final = 24
LOW: Final = 4
DAYS_CLOSED: Final = 16
INCIDENT_DAYS_AGO: Final = 6
INCIDENT_UL: Final = 45_000
SUPPLIER_NAME: Final = "Demo Wholesale (synthetic)"
SUPPLIER_REGISTRATION: Final = "RD0000000"
EVENING: Final = 16 * 60
CLOSING_PRODUCTS: Final = tuple(SIZES)


@dataclass(slots=True)
class Stockroom:
    """Everything controlled at one site. Quantities as the ledger counts them."""

    rows: Rows
    site: DemoSite
    safe: dict[str, list[Row]] = field(default_factory=dict)
    at: dict[tuple[int, str], Row] = field(default_factory=dict)
    deliveries: int = 0
    day: date | None = None
    signers: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    """Who dispensed how many lines on the day."""

    def draw(self, dose: Row, *, window: int, act: Row, dose_id: UUID) -> UUID | None:
        """Take a dose out of what is open at its window; the first bottle it came out of."""
        self._turn_to(act["service_date"])
        self.signers[act["recorded_by"], act["recorded_by_name"]] += 1
        parts = _parts(dose)
        first = None
        for code, quantity in parts:
            for bottle, share in self._from(window, code, quantity, act):
                self._move(
                    bottle,
                    StockMovementKind.DOSE,
                    act,
                    -share,
                    ends=(at_window(window), PATIENT),
                    subject_id=dose_id,
                )
                first = first or bottle["id"]
        return first

    def finish(self) -> None:
        """Nothing dispensed after the last dose: today stays open, as it is at the window."""
        self._inventory()

    def _from(self, window: int, code: str, quantity: int, act: Row) -> list[tuple[Row, int]]:
        bottle = self.at.get((window, code))
        if bottle is not None and bottle["balance"] >= quantity:
            return [(bottle, quantity)]
        shares = []
        if bottle is not None and not PRODUCT_OF[code].is_liquid and bottle["balance"]:
            shares = [(bottle, bottle["balance"])]
            quantity -= bottle["balance"]
        self._replace(window, code, act, keep=bool(shares))
        fresh = self.at[window, code]
        return [*shares, (fresh, quantity)]

    def _replace(self, window: int, code: str, act: Row, *, keep: bool) -> None:
        """The next bottle of the safe; what is left of the last one is wasted before two."""
        opening = _before(act, 30)
        old = self.at.pop((window, code), None)
        if old is not None:
            if old["balance"] and not keep:
                witness = self._other(act["recorded_by"], act["service_date"])
                self._move(
                    old,
                    StockMovementKind.WASTE,
                    _before(act, 35),
                    -old["balance"],
                    ends=(at_window(window), WASTED),
                    reason="Rest of the bottle, too little for a dose",
                    witness=witness,
                )
            old["closed_at"] = act["occurred_at"]
        if len(self.safe.get(code, ())) <= LOW:
            self._deliver(code, act)
        fresh = self.safe[code].pop(0)
        fresh["place"], fresh["window"] = at_window(window).place, window
        fresh["placed_at"] = fresh["opened_at"] = opening["occurred_at"]
        self._move(fresh, StockMovementKind.OPENED, opening, 0, ends=(SAFE, at_window(window)))
        self.at[window, code] = fresh

    def _deliver(self, code: str, act: Row) -> None:
        what = PRODUCT_OF[code]
        day = act["service_date"]
        at = _before(act, 3600)["occurred_at"]
        self.deliveries += 1
        receipt_id = self.rows.id_at(at)
        lot = f"DEMO-{self.site.plan.code}-{self.deliveries:03d}".upper()
        signer = self.site.on_duty(Role.NURSE, on=day)
        about = {
            "site_id": self.site.clock.id,
            **self.site.happened(at),
            **signer.signs(at),
        }
        expires_on = day + timedelta(days=420 if what.is_liquid else 540)
        self.rows.add(
            StockReceipt,
            id=receipt_id,
            product=code,
            schedule=what.schedule.value,
            lot=lot,
            expires_on=expires_on,
            bottles=PER_DELIVERY,
            size=SIZES[code],
            supplier=SUPPLIER_NAME,
            supplier_registration=SUPPLIER_REGISTRATION,
            order_form=f"26D{self.deliveries:06d}" if what.schedule.value == "C-II" else "",
            invoice=f"INV-{self.deliveries:05d}",
            **about,
        )
        for _ in range(PER_DELIVERY):
            bottle = self._bottle(what, lot, expires_on, receipt_id, at)
            self._move(
                bottle, StockMovementKind.RECEIVED, about, SIZES[code], ends=(SUPPLIER, SAFE)
            )
            self.safe.setdefault(code, []).append(bottle)

    def _bottle(
        self, what: Product, lot: str, expires_on: date, receipt_id: UUID, at: datetime
    ) -> Row:
        self.rows.add(
            StockBottle,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            product=what.code,
            medication=what.medication,
            form=what.form,
            strength_ug=what.strength_ug,
            lot=lot,
            expires_on=expires_on,
            receipt_id=receipt_id,
            place=SAFE.place,
            window=0,
            size=SIZES[what.code],
            balance=0,
            placed_at=at,
            version=0,
        )
        return self.rows.tables[StockBottle.__tablename__][-1]

    def _move(
        self,
        bottle: Row,
        kind: StockMovementKind,
        act: Row,
        change: int,
        *,
        ends: tuple[Spot, Spot],
        subject_id: UUID | None = None,
        reason: str = "",
        witness: Staff | None = None,
    ) -> None:
        """A movement; its sequence is the bottle's version, as at the window."""
        bottle["balance"] += change
        bottle["version"] += 1
        self.rows.add(
            StockMovement,
            id=self.rows.id_at(act["occurred_at"]),
            bottle_id=bottle["id"],
            sequence=bottle["version"],
            kind=kind,
            from_place=ends[0].place,
            from_number=ends[0].number,
            to_place=ends[1].place,
            to_number=ends[1].number,
            quantity=abs(change) or bottle["balance"],
            balance_after=bottle["balance"],
            subject_id=subject_id,
            reason=reason,
            witnessed_by=witness.id if witness else None,
            **act,
        )

    def _other(self, person: UUID | None, on: date) -> Staff:
        """A second person of the site."""
        team = [*self.site.team(Role.PHARMACIST), *self.site.team(Role.NURSE)]
        others = [one for one in team if one.id != person] or list(self.site.staff)
        return others[on.toordinal() % len(others)]

    def _turn_to(self, day: date) -> None:
        """Close the day before when a new one begins, for the last days of the story."""
        if self.day is not None and day != self.day:
            ago = (self.site.today - self.day).days
            if 1 <= ago <= DAYS_CLOSED:
                self._close(self.day, ago)
        if day != self.day:
            self.day, self.signers = day, Counter()

    def _close(self, day: date, ago: int) -> None:
        at = self.site.instant(day, EVENING)
        first = self.site.on_duty(Role.NURSE, on=day)
        second = self._other(first.id, day)
        for spot, code, bottles in self._standing():
            expected = sum(bottle["balance"] for bottle in bottles)
            short = (
                INCIDENT_UL
                if ago == INCIDENT_DAYS_AGO and code == CLOSING_PRODUCTS[0] and spot == at_window(1)
                else 0
            )
            if short and bottles[0]["balance"] > short:
                self._short(bottles[0], expected, spot, at=at, people=(first, second))
            else:
                self._count(spot, code, (expected, expected), at=at, by=first)
        if ago == 1:
            return
        self._sign(day, at)
        self.rows.add(
            StockDayClose,
            id=self.rows.id_at(at + timedelta(minutes=20)),
            site_id=self.site.clock.id,
            closed_day=day,
            witnessed_by=second.id,
            witness_name=second.name,
            seal_sequence=0,
            seal_chain=GENESIS,
            decision=Decision().to_json(),
            **self.site.happened(at + timedelta(minutes=20)),
            **first.signs(at + timedelta(minutes=20)),
        )

    def _sign(self, day: date, at: datetime) -> None:
        """Everybody who dispensed on the day signs for their lines."""
        for (person, name), lines in self.signers.items():
            self.rows.add(
                LogSignature,
                id=self.rows.id_at(at),
                site_id=self.site.clock.id,
                log_day=day,
                initials="".join(part[0] for part in name.split()).upper(),
                lines=lines,
                **self.site.happened(at),
                recorded_at=at,
                recorded_by=person,
                recorded_by_name=name,
            )

    def _standing(self) -> list[tuple[Spot, str, list[Row]]]:
        found: dict[tuple[Spot, str], list[Row]] = {}
        for code, bottles in self.safe.items():
            if bottles:
                found[SAFE, code] = bottles
        for (window, code), bottle in self.at.items():
            found[at_window(window), code] = [bottle]
        return [(spot, code, bottles) for (spot, code), bottles in found.items()]

    def _count(
        self,
        spot: Spot,
        code: str,
        amounts: tuple[int, int],
        *,
        at: datetime,
        by: Staff,
        tier: VarianceTier = VarianceTier.LOG_ONLY,
        second_of: tuple[UUID, Staff] | None = None,
    ) -> UUID:
        count_id = self.rows.id_at(at)
        self.rows.add(
            StockCount,
            id=count_id,
            site_id=self.site.clock.id,
            product=code,
            place=spot.place,
            number=spot.number,
            moment=CountMoment.CLOSING,
            counted=amounts[0],
            expected=amounts[1],
            tier=tier,
            second_of_id=second_of[0] if second_of else None,
            first_by=second_of[1].id if second_of else None,
            **self.site.happened(at),
            **by.signs(at),
        )
        return count_id

    def _short(
        self,
        bottle: Row,
        expected: int,
        spot: Spot,
        *,
        at: datetime,
        people: tuple[Staff, Staff],
    ) -> None:
        """A count that does not add up: counted again, booked, explained and signed."""
        first, second = people
        code, short, day = bottle["product"], INCIDENT_UL, self.site.clock.service_date(at)
        tier = VarianceTier.INCIDENT
        counted = expected - short
        first_id = self._count(spot, code, (counted, expected), at=at, by=first, tier=tier)
        again = at + timedelta(minutes=5)
        count_id = self._count(
            spot,
            code,
            (counted, expected),
            at=again,
            by=second,
            tier=tier,
            second_of=(first_id, first),
        )
        act = {
            "site_id": self.site.clock.id,
            **self.site.happened(again),
            **second.signs(again),
        }
        self._move(
            bottle,
            StockMovementKind.ADJUSTED,
            act,
            -short,
            ends=(spot, VARIANCE),
            subject_id=count_id,
            reason="Two counts agree",
            witness=first,
        )
        incident_id = self.rows.id_at(again)
        self.rows.add(
            StockIncident,
            id=incident_id,
            kind=IncidentKind.VARIANCE,
            product=code,
            place=spot.place,
            number=spot.number,
            quantity=-short,
            notify_dea_by=next_business_day(day),
            form_106_by=day + timedelta(days=45),
            count_id=count_id,
            note="",
            **act,
        )
        supervisor = next(
            (one for one in self.site.team(Role.MEDICAL_DIRECTOR)), self._other(second.id, day)
        )
        signed_at = at + timedelta(minutes=15)
        self.rows.add(
            StockIncidentStep,
            id=self.rows.id_at(signed_at),
            site_id=self.site.clock.id,
            incident_id=incident_id,
            kind=IncidentStepKind.SIGNED_OFF,
            finding=Finding.EXPLAINED,
            found_by=second.id,
            note="The priming of the line was not recorded; the test pours add up to it.",
            **self.site.happened(signed_at),
            **supervisor.signs(signed_at),
        )

    def _inventory(self) -> None:
        """One full inventory, a year ago when the story is that long, else at its beginning."""
        receipts = self.rows.tables.get(StockReceipt.__tablename__, [])
        mine = [row for row in receipts if row["site_id"] == self.site.clock.id]
        if not mine:
            return
        day = mine[0]["service_date"]
        at = self.site.instant(day, EVENING + 30)
        if at > self.site.as_of:
            return
        first = self.site.on_duty(Role.NURSE, on=day)
        second = self._other(first.id, day)
        lines = [
            {
                "product": row["product"],
                "place": SAFE.code,
                "quantity": row["size"] * row["bottles"],
            }
            for row in mine
            if row["service_date"] == day
        ]
        self.rows.add(
            StockInventory,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            moment=CountMoment.CLOSING,
            lines={"lines": lines},
            next_due_on=day.replace(year=day.year + 2, day=min(day.day, 28)),
            witnessed_by=second.id,
            witness_name=second.name,
            **self.site.happened(at),
            **first.signs(at),
        )


def _before(act: Row, seconds: int) -> Row:
    at = act["occurred_at"] - timedelta(seconds=seconds)
    return act | {"occurred_at": at, "recorded_at": at}


def _parts(dose: Row) -> list[tuple[str, int]]:
    """Which products a dose is made of; nothing for one the demo keeps no stock of."""
    if dose.get("volume_ul"):
        return [("methadone_concentrate_10", dose["volume_ul"])]
    if dose["form"] is Form.INJECTION:
        return [("naltrexone_monthly_380", 1)]
    shape = "tablet" if dose["medication"] is Medication.BUPRENORPHINE else "naloxone_film"
    whole = Decimal(dose["dose_ug"]) / 1000
    eights, rest = divmod(whole, 8)
    twos, odd = divmod(rest, 2)
    if odd:
        return []
    counted = ((f"buprenorphine_{shape}_8", int(eights)), (f"buprenorphine_{shape}_2", int(twos)))
    return [(code, units) for code, units in counted if units]
