"""Printers, pumps and downtime."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "downtime_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_downtime_batch_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_downtime_batch_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtime_batch")),
    )
    op.create_table(
        "printer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("size", sa.String(length=40), nullable=False),
        sa.Column("window", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind = 'pdf' OR host <> ''", name=op.f("ck_printer_zpl_has_a_host")),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name=op.f("ck_printer_port")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_printer_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
        sa.UniqueConstraint("site_id", "name", name="uq_printer_site_id_name"),
    )
    op.create_table(
        "pump",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pump_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pump")),
        sa.UniqueConstraint("site_id", "window", name="uq_pump_site_id_window"),
    )
    op.create_table(
        "downtime_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("dose_ug", sa.Integer(), nullable=False),
        sa.Column("initials", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("dose_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "outcome <> 'conflict' OR reason <> ''", name=op.f("ck_downtime_line_conflict_says_why")
        ),
        sa.CheckConstraint(
            "outcome <> 'recorded' OR dose_id IS NOT NULL",
            name=op.f("ck_downtime_line_recorded_is_a_dose"),
        ),
        sa.CheckConstraint(
            "outcome IN ('recorded', 'conflict')", name=op.f("ck_downtime_line_outcome")
        ),
        sa.CheckConstraint("dose_ug > 0", name=op.f("ck_downtime_line_dose_positive")),
        sa.CheckConstraint(
            "occurred_at <= recorded_at", name=op.f("ck_downtime_line_not_in_the_future")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["downtime_batch.id"], name=op.f("fk_downtime_line_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_downtime_line_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_downtime_line_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_downtime_line_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtime_line")),
        sa.UniqueConstraint(
            "site_id", "batch_id", "line", name=op.f("uq_downtime_line_site_id_batch_id_line")
        ),
        sa.UniqueConstraint(
            "site_id",
            "service_date",
            "patient_id",
            "occurred_at",
            "dose_ug",
            "serial",
            name="uq_downtime_line_paper",
        ),
    )
    op.create_table(
        "print_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("printer_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reprint_of", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status <> 'failed' OR reason <> ''", name=op.f("ck_print_job_failed_says_why")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_print_job_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printer.id"], name=op.f("fk_print_job_printer_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_print_job_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["reprint_of"], ["print_job.id"], name=op.f("fk_print_job_reprint_of")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_print_job_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
    )
    op.create_index(
        "ix_print_job_waiting", "print_job", ["site_id", "status", "next_try_at"], unique=False
    )
    op.create_table(
        "downtime_settlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("dose_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'settled_given') = (dose_id IS NOT NULL)",
            name=op.f("ck_downtime_settlement_given_is_a_dose"),
        ),
        sa.CheckConstraint("note <> ''", name=op.f("ck_downtime_settlement_says_why")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["downtime_line.id"], name=op.f("fk_downtime_settlement_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_downtime_settlement_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_downtime_settlement_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtime_settlement")),
        sa.UniqueConstraint(
            "site_id", "line_id", name=op.f("uq_downtime_settlement_site_id_line_id")
        ),
    )
    op.create_table(
        "pump_pour",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.Integer(), nullable=False),
        sa.Column("portion", sa.Integer(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("pump_id", sa.Uuid(), nullable=False),
        sa.Column("bottle_id", sa.Uuid(), nullable=False),
        sa.Column("concentration_ug_per_ml", sa.Integer(), nullable=False),
        sa.Column("wanted_ul", sa.Integer(), nullable=False),
        sa.Column("actual_ul", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("dose_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("witnessed_by", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status <> 'given' OR dose_id IS NOT NULL",
            name=op.f("ck_pump_pour_given_names_its_dose"),
        ),
        sa.CheckConstraint(
            "status <> 'wasted' OR (witnessed_by IS NOT NULL AND witnessed_by <> settled_by)",
            name=op.f("ck_pump_pour_wasted_by_two"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('poured', 'given', 'wasted') OR actual_ul IS NOT NULL",
            name=op.f("ck_pump_pour_volume_known"),
        ),
        sa.CheckConstraint(
            "actual_ul IS NULL OR actual_ul >= 0", name=op.f("ck_pump_pour_actual_not_negative")
        ),
        sa.CheckConstraint("wanted_ul > 0", name=op.f("ck_pump_pour_wanted_positive")),
        sa.ForeignKeyConstraint(
            ["bottle_id"], ["stock_bottle.id"], name=op.f("fk_pump_pour_bottle_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_pump_pour_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_pump_pour_patient_id")
        ),
        sa.ForeignKeyConstraint(["pump_id"], ["pump.id"], name=op.f("fk_pump_pour_pump_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_pump_pour_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["user_account.id"], name=op.f("fk_pump_pour_settled_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pump_pour_site_id")),
        sa.ForeignKeyConstraint(
            ["witnessed_by"], ["user_account.id"], name=op.f("fk_pump_pour_witnessed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pump_pour")),
        sa.UniqueConstraint("site_id", "dose_id", name=op.f("uq_pump_pour_site_id_dose_id")),
    )
    op.create_index(
        "uq_pump_pour_open",
        "pump_pour",
        ["site_id", "patient_id", "service_date", "portion"],
        unique=True,
        sqlite_where=sa.text("status IN ('requested', 'unknown', 'poured')"),
        postgresql_where=sa.text("status IN ('requested', 'unknown', 'poured')"),
    )
    op.create_index(
        "uq_pump_pour_pump",
        "pump_pour",
        ["site_id", "pump_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('requested', 'unknown')"),
        postgresql_where=sa.text("status IN ('requested', 'unknown')"),
    )
    append_only("downtime_batch", "downtime_line", "downtime_settlement")


def downgrade() -> None:
    op.drop_table("pump_pour")
    op.drop_table("downtime_settlement")
    op.drop_table("print_job")
    op.drop_table("downtime_line")
    op.drop_table("pump")
    op.drop_table("printer")
    op.drop_table("downtime_batch")
