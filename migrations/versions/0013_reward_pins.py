"""A patient's PIN, and the override an enrolment stands on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reward_pin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_reward_pin_failures")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_reward_pin_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_pin_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reward_pin_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_pin")),
        sa.UniqueConstraint("site_id", "patient_id", name="uq_reward_pin_patient"),
    )
    op.create_table(
        "reward_pin_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("pin_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pin_id"], ["reward_pin.id"], name=op.f("fk_reward_pin_signature_pin_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_pin_signature_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reward_pin_signature_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_pin_signature")),
        sa.UniqueConstraint(
            "site_id", "transfer_id", name=op.f("uq_reward_pin_signature_site_id_transfer_id")
        ),
    )
    op.create_table(
        "reward_enrolment_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("override_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["reward_enrolment.id"],
            name=op.f("fk_reward_enrolment_override_enrolment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["override_id"],
            ["reward_target_override.id"],
            name=op.f("fk_reward_enrolment_override_override_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"],
            ["user_account.id"],
            name=op.f("fk_reward_enrolment_override_recorded_by"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reward_enrolment_override_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_enrolment_override")),
        sa.UniqueConstraint(
            "site_id",
            "enrolment_id",
            name=op.f("uq_reward_enrolment_override_site_id_enrolment_id"),
        ),
    )
    append_only("reward_enrolment_override", "reward_pin_signature")


def downgrade() -> None:
    op.drop_table("reward_enrolment_override")
    op.drop_table("reward_pin_signature")
    op.drop_table("reward_pin")
