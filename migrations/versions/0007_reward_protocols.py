"""Reward protocols as the site's own data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reward_protocol",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("pays_for_opioid_negative", sa.Boolean(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "target <> 'opioid_negative' OR pays_for_opioid_negative",
            name=op.f("ck_reward_protocol_opioid_target"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_reward_protocol_number")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_protocol_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reward_protocol_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_protocol")),
        sa.UniqueConstraint(
            "site_id",
            "id",
            "pays_for_opioid_negative",
            name=op.f("uq_reward_protocol_site_id_id_pays_for_opioid_negative"),
        ),
        sa.UniqueConstraint("site_id", "name", "number", name="uq_reward_protocol_version"),
    )
    op.create_table(
        "reward_target_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=80), nullable=False),
        sa.Column("protocol_version", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("safety_note", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_reward_target_override_reason")),
        sa.CheckConstraint(
            "length(safety_note) > 0", name=op.f("ck_reward_target_override_safety_note")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_target_override_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reward_target_override_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_target_override")),
    )
    op.create_index(
        "ix_reward_target_override_of",
        "reward_target_override",
        ["site_id", "protocol", "protocol_version"],
        unique=False,
    )
    op.create_table(
        "reward_protocol_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reward_protocol_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("pays_for_opioid_negative", sa.Boolean(), nullable=False),
        sa.Column("override_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status <> 'active' OR NOT pays_for_opioid_negative OR override_id IS NOT NULL",
            name=op.f("ck_reward_protocol_step_override"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'retired')", name=op.f("ck_reward_protocol_step_status")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_reward_protocol_step_number")),
        sa.ForeignKeyConstraint(
            ["override_id"],
            ["reward_target_override.id"],
            name=op.f("fk_reward_protocol_step_override_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_protocol_step_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_protocol_id", "pays_for_opioid_negative"],
            [
                "reward_protocol.site_id",
                "reward_protocol.id",
                "reward_protocol.pays_for_opioid_negative",
            ],
            name="fk_reward_protocol_step_of",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reward_protocol_step_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_protocol_step")),
        sa.UniqueConstraint(
            "site_id", "reward_protocol_id", "number", name="uq_reward_protocol_step"
        ),
    )
    op.create_table(
        "reward_target_revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("override_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_reward_target_revocation_reason")),
        sa.ForeignKeyConstraint(
            ["override_id"],
            ["reward_target_override.id"],
            name=op.f("fk_reward_target_revocation_override_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"],
            ["user_account.id"],
            name=op.f("fk_reward_target_revocation_recorded_by"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reward_target_revocation_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_target_revocation")),
        sa.UniqueConstraint("site_id", "override_id", name="uq_reward_target_revocation"),
    )
    append_only(
        "reward_protocol",
        "reward_protocol_step",
        "reward_target_override",
        "reward_target_revocation",
    )


def downgrade() -> None:
    op.drop_table("reward_target_revocation")
    op.drop_table("reward_protocol_step")
    op.drop_table("reward_target_override")
    op.drop_table("reward_protocol")
