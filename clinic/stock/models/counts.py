"""Counts of what is there, what they found missing, and the days they closed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, Json, OfSite, OnServiceDay, ShortName, Text, Word
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.stock.facts import (
    CountMoment,
    Finding,
    IncidentKind,
    IncidentStepKind,
    StockPlace,
    VarianceTier,
)

ONE_SECOND_COUNT = says(
    "uq_stock_count_site_id_second_of_id", "Somebody has counted this a second time already."
)
BLIND = says("ck_stock_count_two_people", "The second count is another person's.")
ONE_CLOSE = says("uq_stock_day_close_site_id_closed_day", "This day is closed already.")
TWO_CLOSE = says("ck_stock_day_close_two_people", "Two different people close a day.")
ONE_STEP = says("uq_stock_incident_step_site_id_incident_id_kind", "This step is recorded already.")
OTHER_SIGNS = says(
    "ck_stock_incident_step_another_signs", "Whoever found the difference cannot sign it off."
)


class StockCount(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """What one person counted of a product in one place, and what the book said just then.

    A second count names the first; its counter is another person and never saw the first.
    """

    __tablename__ = "stock_count"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "second_of_id"),
        sa.Index("ix_stock_count_day", "site_id", "service_date"),
        sa.CheckConstraint("counted >= 0 AND expected >= 0", "amounts"),
        sa.CheckConstraint("(second_of_id IS NULL) = (first_by IS NULL)", "second_names_first"),
        sa.CheckConstraint("first_by IS NULL OR first_by <> recorded_by", "two_people"),
    )

    id: Mapped[Id]
    product: Mapped[Word]
    place: Mapped[StockPlace] = mapped_column(EnumText(StockPlace))
    number: Mapped[int] = mapped_column(default=0)
    moment: Mapped[CountMoment] = mapped_column(EnumText(CountMoment))
    counted: Mapped[int]
    expected: Mapped[int]
    tier: Mapped[VarianceTier] = mapped_column(EnumText(VarianceTier))
    second_of_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("stock_count.id"))
    first_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))


class StockIncident(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A difference nobody can explain yet, a loss, a theft: with the dates the law sets.

    Units: ``quantity`` is what is there too much; a shortage is negative.
    Source: 21 CFR 1301.76(b).
    """

    __tablename__ = "stock_incident"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "count_id"),
        sa.CheckConstraint("quantity <> 0", "something_differs"),
        sa.CheckConstraint("form_106_by > service_date AND notify_dea_by > service_date", "dates"),
    )

    id: Mapped[Id]
    kind: Mapped[IncidentKind] = mapped_column(EnumText(IncidentKind))
    product: Mapped[Word]
    place: Mapped[StockPlace] = mapped_column(EnumText(StockPlace))
    number: Mapped[int] = mapped_column(default=0)
    quantity: Mapped[int]
    notify_dea_by: Mapped[date]
    form_106_by: Mapped[date]
    count_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("stock_count.id"))
    note: Mapped[Text] = mapped_column(default="")


class StockIncidentStep(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """What was done about an incident: the supervisor's finding, the DEA told, the form sent."""

    __tablename__ = "stock_incident_step"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "incident_id", "kind"),
        sa.CheckConstraint("(kind = 'signed_off') = (finding IS NOT NULL)", "finding_when_signed"),
        sa.CheckConstraint(
            "kind <> 'signed_off' OR found_by IS NULL OR found_by <> recorded_by",
            "another_signs",
        ),
    )

    id: Mapped[Id]
    incident_id: Mapped[UUID] = mapped_column(sa.ForeignKey("stock_incident.id"))
    kind: Mapped[IncidentStepKind] = mapped_column(EnumText(IncidentStepKind))
    finding: Mapped[Finding | None] = mapped_column(EnumText(Finding))
    found_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reference: Mapped[Word] = mapped_column(default="")
    note: Mapped[Text] = mapped_column(default="")


class StockDayClose(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A day whose stock adds up, closed by two people under the audit's seal."""

    __tablename__ = "stock_day_close"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "closed_day"),
        sa.CheckConstraint("recorded_by IS NULL OR witnessed_by <> recorded_by", "two_people"),
        sa.CheckConstraint("service_date >= closed_day", "not_before_it_ends"),
    )

    id: Mapped[Id]
    closed_day: Mapped[date]
    witnessed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    witness_name: Mapped[ShortName]
    seal_sequence: Mapped[int]
    seal_chain: Mapped[str] = mapped_column(sa.String(64))
    decision: Mapped[Json]


class StockInventory(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """The full physical count the law wants within every two years. Source: 21 CFR 1304.11."""

    __tablename__ = "stock_inventory"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "service_date"),
        sa.CheckConstraint("recorded_by IS NULL OR witnessed_by <> recorded_by", "two_people"),
    )

    id: Mapped[Id]
    moment: Mapped[CountMoment] = mapped_column(EnumText(CountMoment))
    lines: Mapped[Json]
    next_due_on: Mapped[date]
    witnessed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    witness_name: Mapped[ShortName]
