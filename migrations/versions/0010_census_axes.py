"""Who pays, and what the census is cut by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only, no_overlap

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("payer", sa.String(length=40), nullable=False),
        sa.Column("plan", sa.String(length=200), nullable=False),
        sa.Column("member_number", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("end_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_name", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(ends_on IS NULL) = (end_recorded_at IS NULL)", name=op.f("ck_coverage_end_attributed")
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_coverage_order")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_coverage_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_coverage_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_coverage_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index(
        "ix_coverage_patient",
        "coverage",
        ["organization_id", "patient_id", "starts_on"],
        unique=False,
    )
    op.create_table(
        "episode_particulars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("counselor_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("injects", sa.Boolean(), nullable=False),
        sa.Column("pregnant", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["counselor_id"], ["user_account.id"], name=op.f("fk_episode_particulars_counselor_id")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_episode_particulars_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_episode_particulars_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_episode_particulars_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_episode_particulars_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_particulars")),
        sa.UniqueConstraint(
            "site_id", "episode_id", "sequence", name="uq_episode_particulars_sequence"
        ),
    )
    op.create_index(
        "ix_episode_particulars_service_date",
        "episode_particulars",
        ["site_id", "service_date"],
        unique=False,
    )
    op.create_index("ix_care_transition_recorded_at", "care_transition", ["site_id", "recorded_at"])
    append_only("episode_particulars")
    no_overlap(
        "ex_coverage_patient",
        "coverage",
        key="patient_id",
        start="starts_on",
        end="ends_on",
        where="voided_at IS NULL",
        kind="daterange",
    )


def downgrade() -> None:
    op.drop_index("ix_care_transition_recorded_at", table_name="care_transition")
    op.drop_table("episode_particulars")
    op.drop_table("coverage")
