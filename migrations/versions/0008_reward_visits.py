"""The reward visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import allow_null, append_only, refuse_null

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmation_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("laboratory", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_confirmation_request_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_confirmation_request_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_confirmation_request_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_confirmation_request_specimen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_request")),
        sa.UniqueConstraint("site_id", "specimen_id", name="uq_confirmation_request_specimen"),
    )
    op.create_index(
        op.f("ix_confirmation_request_patient_id"),
        "confirmation_request",
        ["patient_id"],
        unique=False,
    )
    op.create_table(
        "confirmed_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("analyte", sa.String(length=40), nullable=False),
        sa.Column("reading", sa.String(length=40), nullable=False),
        sa.Column("report", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "reading IN ('negative', 'positive')", name=op.f("ck_confirmed_result_reading")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_confirmed_result_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_confirmed_result_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_confirmed_result_site_id")),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_confirmed_result_specimen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmed_result")),
        sa.UniqueConstraint(
            "site_id", "specimen_id", "analyte", name="uq_confirmed_result_specimen"
        ),
    )
    op.create_index(
        op.f("ix_confirmed_result_patient_id"), "confirmed_result", ["patient_id"], unique=False
    )
    op.create_table(
        "reward_confirmation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reward_visit_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=1), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('N', 'P', 'X')", name=op.f("ck_reward_confirmation_outcome")
        ),
        sa.CheckConstraint(
            "verdict <> 'reversed' OR amount_cents = 0",
            name=op.f("ck_reward_confirmation_reversed_pays_nothing"),
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_reward_confirmation_amount")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_confirmation_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["reward_visit_id"],
            ["reward_visit.id"],
            name=op.f("fk_reward_confirmation_reward_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reward_confirmation_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_confirmation")),
        sa.UniqueConstraint("site_id", "reward_visit_id", name="uq_reward_confirmation_visit"),
    )
    op.create_table(
        "reward_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reward_visit_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_hold_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["reward_visit_id"], ["reward_visit.id"], name=op.f("fk_reward_hold_reward_visit_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reward_hold_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_hold")),
        sa.UniqueConstraint("site_id", "reward_visit_id", name="uq_reward_hold_visit"),
    )
    append_only("confirmation_request", "confirmed_result", "reward_confirmation", "reward_hold")
    allow_null("reward_visit", "specimen_id")
    op.create_index(
        "uq_reward_visit_without_specimen",
        "reward_visit",
        ["site_id", "enrolment_id", "service_date"],
        unique=True,
        sqlite_where=sa.text("specimen_id IS NULL"),
        postgresql_where=sa.text("specimen_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_reward_visit_without_specimen", table_name="reward_visit")
    refuse_null("reward_visit", "specimen_id")
    op.drop_table("reward_hold")
    op.drop_table("reward_confirmation")
    op.drop_table("confirmed_result")
    op.drop_table("confirmation_request")
