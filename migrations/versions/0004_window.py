"""The dosing window."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_pin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_user_pin_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_pin_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_pin")),
        sa.UniqueConstraint(
            "organization_id", "user_id", name=op.f("uq_user_pin_organization_id_user_id")
        ),
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_arrival_numbered")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_arrival_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_arrival_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_arrival_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint(
            "site_id", "patient_id", "service_date", "sequence", name="uq_arrival_once"
        ),
    )
    op.create_index("ix_arrival_service_date", "arrival", ["site_id", "service_date"], unique=False)
    op.create_table(
        "dosing_card",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_dosing_card_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_dosing_card_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dosing_card_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dosing_card")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_dosing_card_site_id_code")),
    )
    op.create_index(
        "uq_dosing_card_patient",
        "dosing_card",
        ["site_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "line_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "priority = 'none' OR reason <> ''", name=op.f("ck_line_mark_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_line_mark_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_line_mark_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_line_mark_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_mark")),
    )
    op.create_index(
        "ix_line_mark_patient", "line_mark", ["site_id", "patient_id", "recorded_at"], unique=False
    )
    op.create_table(
        "session_lock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sign_in_session.id"], name=op.f("fk_session_lock_session_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_session_lock_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_lock")),
        sa.UniqueConstraint(
            "site_id", "session_id", name=op.f("uq_session_lock_site_id_session_id")
        ),
    )
    op.create_index(
        op.f("ix_session_lock_session_id"), "session_lock", ["session_id"], unique=False
    )
    op.create_table(
        "window_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("signs", sa.String(length=200), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'cows') = (score IS NOT NULL)", name=op.f("ck_window_check_scored")
        ),
        sa.CheckConstraint(
            "(kind = 'impairment') = (signs IS NOT NULL)", name=op.f("ck_window_check_screened")
        ),
        sa.CheckConstraint(
            "(kind = 'weight') = (weight_g IS NOT NULL)", name=op.f("ck_window_check_weighed")
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 48", name=op.f("ck_window_check_score_possible")),
        sa.CheckConstraint(
            "weight_g BETWEEN 20000 AND 400000", name=op.f("ck_window_check_weight_possible")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_window_check_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_window_check_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_window_check_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_check")),
    )
    op.create_index(
        "ix_window_check_patient",
        "window_check",
        ["patient_id", "kind", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "window_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_how", sa.String(length=40), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_window_claim_ended_somehow")
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= recorded_at", name=op.f("ck_window_claim_order")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_window_claim_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_window_claim_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_window_claim_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_claim")),
    )
    op.create_index(
        "ix_window_claim_day", "window_claim", ["site_id", "service_date"], unique=False
    )
    op.create_index(
        "uq_window_claim_patient",
        "window_claim",
        ["site_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_window_claim_window",
        "window_claim",
        ["site_id", "window"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    append_only("arrival", "line_mark", "window_check")


def downgrade() -> None:
    op.drop_table("window_claim")
    op.drop_table("window_check")
    op.drop_table("session_lock")
    op.drop_table("line_mark")
    op.drop_table("dosing_card")
    op.drop_table("arrival")
    op.drop_table("user_pin")
