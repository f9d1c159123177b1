"""Order plans, injections, outreach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only, no_overlap

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clinic_caused_miss",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("missed_on", sa.Date(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_clinic_caused_miss_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_clinic_caused_miss_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_clinic_caused_miss_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic_caused_miss")),
        sa.UniqueConstraint(
            "site_id",
            "patient_id",
            "missed_on",
            name=op.f("uq_clinic_caused_miss_site_id_patient_id_missed_on"),
        ),
    )
    op.create_table(
        "ecg",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("qtc_ms", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("read_by", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("qtc_ms between 200 and 800", name=op.f("ck_ecg_qtc")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_ecg_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_ecg_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ecg_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ecg")),
    )
    op.create_index("ix_ecg_patient", "ecg", ["patient_id", "measured_on"], unique=False)
    op.create_table(
        "order_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_order_plan_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_order_plan_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_order_plan_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_plan")),
    )
    op.create_index(op.f("ix_order_plan_patient_id"), "order_plan", ["patient_id"], unique=False)
    op.create_table(
        "outreach_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("missed_on", sa.Date(), nullable=False),
        sa.Column("missed_days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("due_on > missed_on", name=op.f("ck_outreach_task_due_after")),
        sa.CheckConstraint("missed_days >= 1", name=op.f("ck_outreach_task_missed")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_outreach_task_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_outreach_task_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_outreach_task_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_task")),
        sa.UniqueConstraint(
            "site_id",
            "patient_id",
            "missed_on",
            name=op.f("uq_outreach_task_site_id_patient_id_missed_on"),
        ),
    )
    op.create_index("ix_outreach_task_day", "outreach_task", ["site_id", "missed_on"], unique=False)
    op.create_table(
        "start_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("opioid_class", sa.String(length=40), nullable=False),
        sa.Column("last_opioid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("naloxone_challenge", sa.String(length=40), nullable=False),
        sa.Column("withdrawal_signs", sa.Boolean(), nullable=False),
        sa.Column("on_opioid_analgesic", sa.Boolean(), nullable=False),
        sa.Column("acute_hepatitis_or_liver_failure", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "naloxone_challenge <> 'negative' OR NOT withdrawal_signs",
            name=op.f("ck_start_finding_no_challenge_in_withdrawal"),
        ),
        sa.CheckConstraint(
            "last_opioid_at <= occurred_at", name=op.f("ck_start_finding_opioid_before_finding")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_start_finding_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_start_finding_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_start_finding_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_finding")),
    )
    op.create_index(
        "ix_start_finding_patient",
        "start_finding",
        ["site_id", "patient_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "outreach_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("is_answer", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_outreach_contact_attempt")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_outreach_contact_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_outreach_contact_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_outreach_contact_site_id")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["outreach_task.id"], name=op.f("fk_outreach_contact_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_contact")),
        sa.UniqueConstraint("site_id", "task_id", "attempt", name="uq_outreach_attempt"),
    )
    op.create_index(
        "uq_outreach_done",
        "outreach_contact",
        ["site_id", "task_id"],
        unique=True,
        sqlite_where=sa.text("is_answer"),
        postgresql_where=sa.text("is_answer"),
    )
    op.create_table(
        "injection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("dose_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("body_site", sa.String(length=40), nullable=False),
        sa.Column("lot", sa.String(length=200), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("rems_note", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "product = 'xr_naltrexone' OR length(rems_note) > 0", name=op.f("ck_injection_rems")
        ),
        sa.CheckConstraint("expires_on >= service_date", name=op.f("ck_injection_not_expired")),
        sa.CheckConstraint("length(lot) > 0", name=op.f("ck_injection_lot")),
        sa.CheckConstraint("series >= 1", name=op.f("ck_injection_series")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_injection_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_injection_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_injection_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_injection_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_injection")),
        sa.UniqueConstraint("site_id", "dose_id", name=op.f("uq_injection_site_id_dose_id")),
        sa.UniqueConstraint("site_id", "order_id", "series", name="uq_injection_order"),
    )
    op.create_index(
        "ix_injection_patient", "injection", ["patient_id", "service_date"], unique=False
    )
    op.create_table(
        "order_end",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "length(reason) > 0 OR replaced_by_id IS NOT NULL", name=op.f("ck_order_end_says_why")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_order_end_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_order_end_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_order_end_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["medication_order.id"], name=op.f("fk_order_end_replaced_by_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_order_end_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_end")),
    )
    op.create_index(op.f("ix_order_end_order_id"), "order_end", ["order_id"], unique=False)
    op.create_index(op.f("ix_order_end_patient_id"), "order_end", ["patient_id"], unique=False)
    op.create_table(
        "order_plan_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_order_plan_step_number")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_order_plan_step_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["order_plan.id"], name=op.f("fk_order_plan_step_plan_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_order_plan_step_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_plan_step")),
        sa.UniqueConstraint(
            "site_id", "order_id", name=op.f("uq_order_plan_step_site_id_order_id")
        ),
        sa.UniqueConstraint(
            "site_id", "plan_id", "number", name=op.f("uq_order_plan_step_site_id_plan_id_number")
        ),
    )
    op.create_table(
        "order_product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_order_product_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_order_product_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_order_product_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_order_product_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_product")),
        sa.UniqueConstraint("site_id", "order_id", name=op.f("uq_order_product_site_id_order_id")),
    )
    op.create_index(
        op.f("ix_order_product_patient_id"), "order_product", ["patient_id"], unique=False
    )
    append_only(
        "clinic_caused_miss",
        "ecg",
        "injection",
        "order_end",
        "order_plan",
        "order_plan_step",
        "order_product",
        "outreach_contact",
        "outreach_task",
        "start_finding",
    )
    _tell_cancelled_orders_apart()


def _tell_cancelled_orders_apart() -> None:
    # On SQLite an order that never began still kept others out: the condition lost its brackets.
    if op.get_bind().dialect.name != "sqlite":
        return
    wall = "ex_medication_order_patient"
    for verb in ("insert", "update"):
        op.execute(f"DROP TRIGGER {wall}_{verb}")
    no_overlap(
        wall,
        "medication_order",
        key="patient_id",
        start="starts_on",
        end="ends_on",
        where="(ends_on IS NULL OR ends_on > starts_on)",
        kind="daterange",
    )


def downgrade() -> None:
    op.drop_table("order_product")
    op.drop_table("order_plan_step")
    op.drop_table("order_end")
    op.drop_table("injection")
    op.drop_table("outreach_contact")
    op.drop_table("start_finding")
    op.drop_table("outreach_task")
    op.drop_table("order_plan")
    op.drop_table("ecg")
    op.drop_table("clinic_caused_miss")
