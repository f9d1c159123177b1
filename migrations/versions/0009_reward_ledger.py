"""Funding, stock and closing of rewards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_book",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("closed_until", sa.Date(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_book_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_book")),
        sa.UniqueConstraint("site_id", name=op.f("uq_ledger_book_site_id")),
    )
    op.create_table(
        "ledger_close",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("earned_cents", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_cents", sa.BigInteger(), nullable=False),
        sa.Column("voided_cents", sa.BigInteger(), nullable=False),
        sa.Column("received_cents", sa.BigInteger(), nullable=False),
        sa.Column("liability_cents", sa.BigInteger(), nullable=False),
        sa.Column("trial_balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("first_on < until_on", name=op.f("ck_ledger_close_period")),
        sa.CheckConstraint("liability_cents >= 0", name=op.f("ck_ledger_close_liability")),
        sa.CheckConstraint("trial_balance_cents = 0", name=op.f("ck_ledger_close_trial_balance")),
        sa.CheckConstraint("until_on <= closed_on", name=op.f("ck_ledger_close_is_over")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_ledger_close_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_close_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_close")),
        sa.UniqueConstraint("site_id", "first_on", name="uq_ledger_close_first_on"),
    )
    op.create_table(
        "ledger_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("expected_cents", sa.BigInteger(), nullable=False),
        sa.Column("found_cents", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_ledger_finding_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_finding_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_finding")),
        sa.UniqueConstraint(
            "site_id",
            "service_date",
            "kind",
            "subject",
            name=op.f("uq_ledger_finding_site_id_service_date_kind_subject"),
        ),
    )
    op.create_table(
        "ledger_reversal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by_name", sa.String(length=200), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "cause = 'laboratory' OR approved_by IS NOT NULL",
            name=op.f("ck_ledger_reversal_approved"),
        ),
        sa.CheckConstraint(
            "approved_by <> recorded_by", name=op.f("ck_ledger_reversal_two_people")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_ledger_reversal_reason")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_ledger_reversal_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_ledger_reversal_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_reversal_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_reversal")),
        sa.UniqueConstraint("site_id", "reverses_id", name="uq_ledger_reversal_reverses"),
        sa.UniqueConstraint(
            "site_id", "transfer_id", name=op.f("uq_ledger_reversal_site_id_transfer_id")
        ),
    )
    op.create_table(
        "funding_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("pays_for", sa.String(length=80), nullable=True),
        sa.Column("year_cap_cents", sa.Integer(), nullable=True),
        sa.Column("terms", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_funding_source_period")),
        sa.CheckConstraint("year_cap_cents > 0", name=op.f("ck_funding_source_year_cap")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_funding_source_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_funding_source_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_funding_source_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_source")),
        sa.UniqueConstraint("site_id", "name", name="uq_funding_source_name"),
    )
    op.create_table(
        "reward_instrument",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("face_cents", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "category IN ('groceries', 'pharmacy', 'clothing', 'transport', 'household',"
            " 'meals', 'children', 'books_and_leisure', 'tools_and_work')",
            name=op.f("ck_reward_instrument_category"),
        ),
        sa.CheckConstraint(
            "kind IN ('gift_card', 'voucher', 'goods')", name=op.f("ck_reward_instrument_kind")
        ),
        sa.CheckConstraint("face_cents > 0", name=op.f("ck_reward_instrument_face")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_reward_instrument_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_instrument_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reward_instrument_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_instrument")),
        sa.UniqueConstraint(
            "site_id", "kind", "issuer", "name", "face_cents", name="uq_reward_instrument_sort"
        ),
    )
    op.create_table(
        "funded_enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("funding_source_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["reward_enrolment.id"], name=op.f("fk_funded_enrolment_enrolment_id")
        ),
        sa.ForeignKeyConstraint(
            ["funding_source_id"],
            ["funding_source.id"],
            name=op.f("fk_funded_enrolment_funding_source_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_funded_enrolment_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_funded_enrolment_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funded_enrolment")),
        sa.UniqueConstraint("site_id", "enrolment_id", name="uq_funded_enrolment"),
    )
    op.create_table(
        "funding_budget",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("funding_source_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_year", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_funding_budget_amount")),
        sa.ForeignKeyConstraint(
            ["funding_source_id"],
            ["funding_source.id"],
            name=op.f("fk_funding_budget_funding_source_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_funding_budget_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_funding_budget_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_budget")),
    )
    op.create_index(
        "ix_funding_budget_year",
        "funding_budget",
        ["site_id", "funding_source_id", "calendar_year"],
        unique=False,
    )
    op.create_table(
        "reward_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=80), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("face_cents", sa.Integer(), nullable=False),
        sa.Column("remaining_cents", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(serial) > 0", name=op.f("ck_reward_item_serial")),
        sa.CheckConstraint(
            "remaining_cents >= 0 AND remaining_cents <= face_cents",
            name=op.f("ck_reward_item_remaining"),
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["reward_instrument.id"], name=op.f("fk_reward_item_instrument_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_item_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reward_item_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_item")),
        sa.UniqueConstraint("site_id", "issuer", "serial", name="uq_reward_item_serial"),
    )
    op.create_index(
        "ix_reward_item_instrument",
        "reward_item",
        ["instrument_id", "remaining_cents"],
        unique=False,
    )
    op.create_index("ix_reward_item_serial", "reward_item", ["site_id", "serial"], unique=False)
    op.create_table(
        "reward_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("signed_name", sa.String(length=200), nullable=False),
        sa.Column("strokes", sa.JSON(), nullable=False),
        sa.Column("second_person_id", sa.Uuid(), nullable=True),
        sa.Column("second_person_name", sa.String(length=200), nullable=True),
        sa.Column("second_person_from_cents", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "amount_cents < second_person_from_cents OR second_person_id IS NOT NULL",
            name=op.f("ck_reward_handover_second_person"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_reward_handover_amount")),
        sa.CheckConstraint("length(signed_name) > 0", name=op.f("ck_reward_handover_signed")),
        sa.CheckConstraint(
            "second_person_id <> recorded_by", name=op.f("ck_reward_handover_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["reward_item.id"], name=op.f("fk_reward_handover_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_reward_handover_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_handover_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["second_person_id"],
            ["user_account.id"],
            name=op.f("fk_reward_handover_second_person_id"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reward_handover_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_handover")),
        sa.UniqueConstraint(
            "site_id", "transfer_id", name=op.f("uq_reward_handover_site_id_transfer_id")
        ),
    )
    op.create_index(
        "ix_reward_handover_patient",
        "reward_handover",
        ["patient_id", "service_date"],
        unique=False,
    )
    append_only(
        "funded_enrolment",
        "funding_budget",
        "ledger_close",
        "ledger_finding",
        "ledger_reversal",
        "reward_handover",
    )


def downgrade() -> None:
    op.drop_table("reward_handover")
    op.drop_table("reward_item")
    op.drop_table("funding_budget")
    op.drop_table("funded_enrolment")
    op.drop_table("reward_instrument")
    op.drop_table("funding_source")
    op.drop_table("ledger_reversal")
    op.drop_table("ledger_finding")
    op.drop_table("ledger_close")
    op.drop_table("ledger_book")
