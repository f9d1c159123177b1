"""Take-home decisions and bottles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only, no_overlap

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=False),
        sa.Column("witnessed_by_name", sa.String(length=200), nullable=False),
        sa.Column("patients_covered", sa.Integer(), nullable=False),
        sa.Column("bottles_prepared", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("length(reason) >= 10", name=op.f("ck_emergency_closure_reasoned")),
        sa.CheckConstraint(
            "witnessed_by <> recorded_by", name=op.f("ck_emergency_closure_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_emergency_closure_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_emergency_closure_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["witnessed_by"], ["user_account.id"], name=op.f("fk_emergency_closure_witnessed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_closure")),
    )
    op.create_table(
        "emergency_day",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("closure_id", sa.Uuid(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["emergency_closure.id"], name=op.f("fk_emergency_day_closure_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_emergency_day_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_day")),
        sa.UniqueConstraint("site_id", "closed_on", name="uq_emergency_day"),
    )
    op.create_table(
        "take_home_callback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("due_by", sa.Date(), nullable=False),
        sa.Column("told_how", sa.String(length=200), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_name", sa.String(length=200), nullable=False),
        sa.Column("sealed_expected", sa.Integer(), nullable=True),
        sa.Column("empties_expected", sa.Integer(), nullable=True),
        sa.Column("sealed_found", sa.Integer(), nullable=True),
        sa.Column("empties_found", sa.Integer(), nullable=True),
        sa.Column("seals_whole", sa.Boolean(), nullable=False),
        sa.Column("labels_right", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'passed' OR (sealed_found = sealed_expected AND"
            " empties_found = empties_expected AND seals_whole AND labels_right)",
            name=op.f("ck_take_home_callback_passed_when_all_there"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (closed_at IS NULL)", name=op.f("ck_take_home_callback_closed")
        ),
        sa.CheckConstraint("due_by >= called_on", name=op.f("ck_take_home_callback_order")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_take_home_callback_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_take_home_callback_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_take_home_callback_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_home_callback")),
    )
    op.create_index(
        op.f("ix_take_home_callback_patient_id"), "take_home_callback", ["patient_id"], unique=False
    )
    op.create_index(
        "uq_take_home_callback_open",
        "take_home_callback",
        ["site_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "take_home_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("no_condition_raising_risk", sa.Boolean(), nullable=False),
        sa.Column("regular_attendance", sa.Boolean(), nullable=False),
        sa.Column("no_serious_behavior_problem", sa.Boolean(), nullable=False),
        sa.Column("no_recent_diversion", sa.Boolean(), nullable=False),
        sa.Column("safe_transport_and_storage", sa.Boolean(), nullable=False),
        sa.Column("other_practitioner_criterion", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("ceiling_doses", sa.Integer(), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("profile_doses", sa.Integer(), nullable=True),
        sa.Column("treatment_day", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'granted') = (ceiling_doses > 0)",
            name=op.f("ck_take_home_decision_ceiling"),
        ),
        sa.CheckConstraint(
            "outcome <> 'granted' OR (no_condition_raising_risk AND regular_attendance AND"
            " no_serious_behavior_problem AND no_recent_diversion AND safe_transport_and_storage"
            " AND other_practitioner_criterion)",
            name=op.f("ck_take_home_decision_granted_when_all_met"),
        ),
        sa.CheckConstraint("length(rationale) >= 10", name=op.f("ck_take_home_decision_reasoned")),
        sa.CheckConstraint("review_by >= valid_from", name=op.f("ck_take_home_decision_order")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_take_home_decision_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_take_home_decision_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_take_home_decision_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_home_decision")),
        sa.UniqueConstraint("site_id", "patient_id", "number", name="uq_take_home_decision_number"),
    )
    op.create_table(
        "take_home_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("doses", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_name", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_because", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("doses >= 1", name=op.f("ck_take_home_exception_doses")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_take_home_exception_order")),
        sa.CheckConstraint("length(source) > 0", name=op.f("ck_take_home_exception_source")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_take_home_exception_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_take_home_exception_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_take_home_exception_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_home_exception")),
    )
    op.create_index(
        "ix_take_home_exception_patient",
        "take_home_exception",
        ["patient_id", "starts_on"],
        unique=False,
    )
    op.create_table(
        "take_home_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("storage_taught", sa.Boolean(), nullable=False),
        sa.Column("lockbox_seen", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "weekdays between 1 and 127", name=op.f("ck_take_home_schedule_weekdays")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_take_home_schedule_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_take_home_schedule_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_take_home_schedule_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_home_schedule")),
        sa.UniqueConstraint("site_id", "patient_id", "number", name="uq_take_home_schedule_number"),
    )
    op.create_table(
        "guest_stay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("other_name", sa.String(length=200), nullable=False),
        sa.Column("other_address", sa.String(length=200), nullable=False),
        sa.Column("other_telephone", sa.String(length=80), nullable=False),
        sa.Column("other_contact", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_number", sa.Integer(), nullable=True),
        sa.Column("medication", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("dose_ug", sa.Integer(), nullable=False),
        sa.Column("last_dose_ug", sa.Integer(), nullable=True),
        sa.Column("last_dose_on", sa.Date(), nullable=True),
        sa.Column("last_dose_time", sa.String(length=80), nullable=False),
        sa.Column("last_dose_observed", sa.Boolean(), nullable=False),
        sa.Column("take_homes_in_hand", sa.Integer(), nullable=False),
        sa.Column("urine_summary", sa.String(length=200), nullable=False),
        sa.Column("allergies", sa.String(length=200), nullable=False),
        sa.Column("id_seen", sa.String(length=200), nullable=False),
        sa.Column("verified_with", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "direction <> 'in' OR (last_dose_ug IS NOT NULL AND length(verified_with) > 0)",
            name=op.f("ck_guest_stay_guest_verified"),
        ),
        sa.CheckConstraint("dose_ug > 0", name=op.f("ck_guest_stay_dose_positive")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_guest_stay_order")),
        sa.CheckConstraint("length(justification) >= 10", name=op.f("ck_guest_stay_justified")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_guest_stay_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_guest_stay_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_guest_stay_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_guest_stay_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_stay")),
        sa.UniqueConstraint(
            "site_id", "patient_id", "number", name=op.f("uq_guest_stay_site_id_patient_id_number")
        ),
    )
    op.create_index(op.f("ix_guest_stay_patient_id"), "guest_stay", ["patient_id"], unique=False)
    op.create_table(
        "take_home_bottle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.Integer(), nullable=False),
        sa.Column("ordered_by_name", sa.String(length=200), nullable=False),
        sa.Column("medication", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("dose_ug", sa.Integer(), nullable=False),
        sa.Column("volume_ul", sa.Integer(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("concentration_ug_per_ml", sa.Integer(), nullable=True),
        sa.Column("prepared_for", sa.Date(), nullable=False),
        sa.Column("take_on", sa.Date(), nullable=False),
        sa.Column("portion", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bottles", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("covers", sa.Boolean(), nullable=False),
        sa.Column("handed_out_on", sa.Date(), nullable=True),
        sa.Column("emergency_id", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "covers OR state <> 'handed_out'", name=op.f("ck_take_home_bottle_out_covers")
        ),
        sa.CheckConstraint("dose_ug > 0", name=op.f("ck_take_home_bottle_dose_positive")),
        sa.CheckConstraint(
            "number >= 1 AND number <= bottles", name=op.f("ck_take_home_bottle_numbered")
        ),
        sa.CheckConstraint("portion >= 1", name=op.f("ck_take_home_bottle_portion")),
        sa.CheckConstraint(
            "take_on >= prepared_for", name=op.f("ck_take_home_bottle_not_for_the_past")
        ),
        sa.ForeignKeyConstraint(
            ["emergency_id"],
            ["emergency_closure.id"],
            name=op.f("fk_take_home_bottle_emergency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_take_home_bottle_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_take_home_bottle_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_take_home_bottle_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_take_home_bottle_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_home_bottle")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_take_home_bottle_site_id_code")),
    )
    op.create_index(
        "ix_take_home_bottle_patient", "take_home_bottle", ["patient_id", "take_on"], unique=False
    )
    op.create_index(
        "ix_take_home_bottle_prepared",
        "take_home_bottle",
        ["site_id", "prepared_for"],
        unique=False,
    )
    op.create_index(
        "uq_take_home_bottle_date",
        "take_home_bottle",
        ["site_id", "patient_id", "take_on", "portion"],
        unique=True,
        sqlite_where=sa.text("covers"),
        postgresql_where=sa.text("covers"),
    )
    op.create_table(
        "guest_dose",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stay_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("dose_ug", sa.Integer(), nullable=False),
        sa.Column("told_by", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("dose_ug > 0", name=op.f("ck_guest_dose_dose_positive")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_guest_dose_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_guest_dose_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_guest_dose_site_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["guest_stay.id"], name=op.f("fk_guest_dose_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_dose")),
        sa.UniqueConstraint("site_id", "stay_id", "given_on", name="uq_guest_dose_day"),
    )
    op.create_index("ix_guest_dose_patient", "guest_dose", ["patient_id", "given_on"], unique=False)
    op.create_table(
        "take_home_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bottle_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("window", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'destroyed' OR witnessed_by IS NOT NULL",
            name=op.f("ck_take_home_event_witnessed"),
        ),
        sa.CheckConstraint(
            "witnessed_by IS NULL OR witnessed_by <> recorded_by",
            name=op.f("ck_take_home_event_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["bottle_id"], ["take_home_bottle.id"], name=op.f("fk_take_home_event_bottle_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_take_home_event_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_take_home_event_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_take_home_event_site_id")),
        sa.ForeignKeyConstraint(
            ["witnessed_by"], ["user_account.id"], name=op.f("fk_take_home_event_witnessed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_home_event")),
    )
    op.create_index(
        "ix_take_home_event_day",
        "take_home_event",
        ["site_id", "service_date", "kind"],
        unique=False,
    )
    op.create_index(
        "uq_take_home_event_once",
        "take_home_event",
        ["site_id", "bottle_id", "kind"],
        unique=True,
        sqlite_where=sa.text("kind <> 'counted'"),
        postgresql_where=sa.text("kind <> 'counted'"),
    )
    append_only(
        "emergency_closure",
        "emergency_day",
        "guest_dose",
        "take_home_decision",
        "take_home_event",
        "take_home_schedule",
    )
    no_overlap(
        "ex_guest_stay_patient",
        "guest_stay",
        key="patient_id",
        start="starts_on",
        end="ends_on",
        where="ends_on > starts_on",
        kind="daterange",
    )


def downgrade() -> None:
    op.drop_table("take_home_event")
    op.drop_table("guest_dose")
    op.drop_table("take_home_bottle")
    op.drop_table("guest_stay")
    op.drop_table("take_home_schedule")
    op.drop_table("take_home_exception")
    op.drop_table("take_home_decision")
    op.drop_table("take_home_callback")
    op.drop_table("emergency_day")
    op.drop_table("emergency_closure")
