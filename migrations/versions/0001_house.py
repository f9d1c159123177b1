"""The schema the house begins with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "assessment",
    "attendance_event",
    "audit_leaf",
    "audit_seal",
    "audit_sealed_leaf",
    "care_transition",
    "dose",
    "dose_void",
    "ledger_transfer",
    "medication_transition",
    "past_visit",
    "prize_commitment",
    "prize_draw",
    "prize_seed",
    "result",
    "reward_visit",
    "specimen",
    "stock_movement",
)

NO_OVERLAP = (
    # name, table, key, start, end, kind of range, where
    (
        "ex_booking_patient",
        "booking",
        "patient_id",
        "starts_at",
        "ends_at",
        "tstzrange",
        "status IN ('attended', 'booked', 'checked_in', 'no_show')",
    ),
    (
        "ex_medication_order_patient",
        "medication_order",
        "patient_id",
        "starts_on",
        "ends_on",
        "daterange",
        "ends_on IS NULL OR ends_on > starts_on",
    ),
    (
        "ex_session_resource_resource",
        "session_resource",
        "resource_id",
        "starts_at",
        "ends_at",
        "tstzrange",
        "is_held",
    ),
)

POSTGRESQL_REFUSAL = """
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'append_only_' || TG_TABLE_NAME, CONSTRAINT = 'append_only_' || TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    create_tables()
    if op.get_bind().dialect.name == "sqlite":
        build_walls_on_sqlite()
    else:
        build_walls_on_postgresql()


def build_walls_on_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER append_only_{table}_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'append_only_{table}'); END"
            )
    for name, table, key, start, end, _kind, where in NO_OVERLAP:
        for verb in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER {name}_{verb} AFTER {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{name}') FROM {table} AS other "
                f"WHERE other.{key} = NEW.{key} AND other.rowid <> NEW.rowid "
                f"AND other.{start} < coalesce(NEW.{end}, '9999-12-31') "
                f"AND NEW.{start} < coalesce(other.{end}, '9999-12-31') "
                f"AND EXISTS (SELECT 1 FROM {table} WHERE rowid = other.rowid AND {where}) "
                f"AND EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid AND {where}); END"
            )


def build_walls_on_postgresql() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(POSTGRESQL_REFUSAL)
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER append_only_{table}_{verb} BEFORE {verb.upper()} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only_refusal()"
            )
    for name, table, key, start, end, kind, where in NO_OVERLAP:
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist "
            f"({key} WITH =, {kind}({start}, {end}, '[)') WITH &&) WHERE ({where})"
        )


def downgrade() -> None:
    op.drop_table("prize_seed")
    op.drop_table("prize_draw")
    op.drop_table("prize_commitment")
    op.drop_index("ix_ledger_transfer_to", table_name="ledger_transfer")
    op.drop_index("ix_ledger_transfer_from", table_name="ledger_transfer")
    op.drop_table("ledger_transfer")
    op.drop_table("attendance_event")
    op.drop_index("ix_session_resource_time", table_name="session_resource")
    op.drop_index(op.f("ix_session_resource_session_id"), table_name="session_resource")
    op.drop_table("session_resource")
    op.drop_index(op.f("ix_reward_visit_patient_id"), table_name="reward_visit")
    op.drop_table("reward_visit")
    op.drop_index(op.f("ix_reported_medication_patient_id"), table_name="reported_medication")
    op.drop_table("reported_medication")
    op.drop_index(
        "uq_dosing_hold_open",
        table_name="dosing_hold",
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.drop_index(op.f("ix_dosing_hold_patient_id"), table_name="dosing_hold")
    op.drop_table("dosing_hold")
    op.drop_index("ix_dose_patient", table_name="dose")
    op.drop_table("dose")
    op.drop_index(
        "uq_booking_place",
        table_name="booking",
        sqlite_where=sa.text("status IN ('attended', 'booked', 'checked_in', 'no_show')"),
        postgresql_where=sa.text("status IN ('attended', 'booked', 'checked_in', 'no_show')"),
    )
    op.drop_index(op.f("ix_booking_session_id"), table_name="booking")
    op.drop_index("ix_booking_service_date", table_name="booking")
    op.drop_index("ix_booking_patient", table_name="booking")
    op.drop_index(op.f("ix_booking_course_id"), table_name="booking")
    op.drop_table("booking")
    op.drop_index("ix_session_service_date", table_name="session")
    op.drop_table("session")
    op.drop_index(
        "uq_reward_enrolment_open",
        table_name="reward_enrolment",
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.drop_index(op.f("ix_reward_enrolment_patient_id"), table_name="reward_enrolment")
    op.drop_table("reward_enrolment")
    op.drop_index(op.f("ix_result_specimen_id"), table_name="result")
    op.drop_index(op.f("ix_result_patient_id"), table_name="result")
    op.drop_table("result")
    op.drop_table("medication_transition")
    op.drop_index(op.f("ix_medication_order_patient_id"), table_name="medication_order")
    op.drop_index("ix_medication_order_days", table_name="medication_order")
    op.drop_table("medication_order")
    op.drop_index(
        "uq_course_open",
        table_name="course",
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.drop_index(op.f("ix_course_patient_id"), table_name="course")
    op.drop_index(op.f("ix_course_episode_id"), table_name="course")
    op.drop_index("ix_course_days", table_name="course")
    op.drop_table("course")
    op.drop_index("ix_care_transition_service_date", table_name="care_transition")
    op.drop_index("ix_care_transition_patient", table_name="care_transition")
    op.drop_table("care_transition")
    op.drop_table("stock_movement")
    op.drop_index("ix_specimen_service_date", table_name="specimen")
    op.drop_index("ix_specimen_patient", table_name="specimen")
    op.drop_table("specimen")
    op.drop_table("series")
    op.drop_table("portal_access")
    op.drop_index(op.f("ix_patient_photo_patient_id"), table_name="patient_photo")
    op.drop_table("patient_photo")
    op.drop_index("ix_patient_identifier_value", table_name="patient_identifier")
    op.drop_index(op.f("ix_patient_identifier_patient_id"), table_name="patient_identifier")
    op.drop_table("patient_identifier")
    op.drop_index(op.f("ix_patient_alert_patient_id"), table_name="patient_alert")
    op.drop_table("patient_alert")
    op.drop_index(op.f("ix_past_visit_patient_id"), table_name="past_visit")
    op.drop_table("past_visit")
    op.drop_index(op.f("ix_modality_referral_patient_id"), table_name="modality_referral")
    op.drop_table("modality_referral")
    op.drop_index(
        "uq_ledger_account_patient",
        table_name="ledger_account",
        sqlite_where=sa.text("patient_id IS NOT NULL"),
        postgresql_where=sa.text("patient_id IS NOT NULL"),
    )
    op.drop_table("ledger_account")
    op.drop_index(op.f("ix_import_refusal_run_id"), table_name="import_refusal")
    op.drop_table("import_refusal")
    op.drop_index(
        "uq_episode_open",
        table_name="episode",
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_index(op.f("ix_episode_patient_id"), table_name="episode")
    op.drop_table("episode")
    op.drop_index(op.f("ix_encounter_patient_id"), table_name="encounter")
    op.drop_table("encounter")
    op.drop_table("dose_void")
    op.drop_index(op.f("ix_dose_question_patient_id"), table_name="dose_question")
    op.drop_table("dose_question")
    op.drop_index(op.f("ix_condition_patient_id"), table_name="condition")
    op.drop_table("condition")
    op.drop_table("audit_sealed_leaf")
    op.drop_index("ix_assessment_patient", table_name="assessment")
    op.drop_table("assessment")
    op.drop_index(op.f("ix_allergy_patient_id"), table_name="allergy")
    op.drop_table("allergy")
    op.drop_index(
        "uq_stock_bottle_open",
        table_name="stock_bottle",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("stock_bottle")
    op.drop_index(op.f("ix_site_role_user_id"), table_name="site_role")
    op.drop_table("site_role")
    op.drop_index(op.f("ix_sign_in_session_user_id"), table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_table("resource")
    op.drop_table("policy_setting")
    op.drop_index(
        "ix_patient_search_text",
        table_name="patient",
        postgresql_ops={"search_text": "text_pattern_ops"},
    )
    op.drop_index("ix_patient_name", table_name="patient")
    op.drop_index("ix_patient_birth_date", table_name="patient")
    op.drop_table("patient")
    op.drop_table("opening_hours")
    op.drop_table("kept_form")
    op.drop_table("job_run")
    op.drop_table("import_upload")
    op.drop_index("ix_import_run_recorded_at", table_name="import_run")
    op.drop_table("import_run")
    op.drop_table("idempotency_key")
    op.drop_table("closure")
    op.drop_table("census_snapshot")
    op.drop_table("audit_seal")
    op.drop_index("ix_audit_leaf_patient", table_name="audit_leaf")
    op.drop_index("ix_audit_leaf_occurred", table_name="audit_leaf")
    op.drop_table("audit_leaf")
    op.drop_table("user_account")
    op.drop_table("site")
    op.drop_table("patient_code_counter")
    op.drop_table("scheduler_lease")
    op.drop_table("organization")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only_refusal()")


def create_tables() -> None:
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    op.create_table(
        "scheduler_lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduler_lease")),
    )
    op.create_table(
        "patient_code_counter",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_patient_code_counter_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_patient_code_counter")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("day_starts_at", sa.Time(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("telephone", sa.String(length=80), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_site_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("organization_id", "code", name=op.f("uq_site_organization_id_code")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_user_account_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint(
            "organization_id", "username", name=op.f("uq_user_account_organization_id_username")
        ),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("leaf_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_audit_leaf_site_id")),
        sa.PrimaryKeyConstraint("site_id", "service_date", "id", name=op.f("pk_audit_leaf")),
    )
    op.create_index(
        "ix_audit_leaf_occurred", "audit_leaf", ["site_id", "occurred_at"], unique=False
    )
    op.create_index(
        "ix_audit_leaf_patient",
        "audit_leaf",
        ["site_id", "patient_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "audit_seal",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaf_count", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("previous_chain", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_audit_seal_site_id")),
        sa.PrimaryKeyConstraint("site_id", "sequence", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "census_snapshot",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_census_snapshot_site_id")),
        sa.PrimaryKeyConstraint("site_id", "service_date", name=op.f("pk_census_snapshot")),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_closure_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_closure_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
        sa.UniqueConstraint("site_id", "closed_on", name=op.f("uq_closure_site_id_closed_on")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_idempotency_key_site_id")),
        sa.PrimaryKeyConstraint("site_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_import_run_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_import_run_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(
        "ix_import_run_recorded_at", "import_run", ["site_id", "recorded_at"], unique=False
    )
    op.create_table(
        "import_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_import_upload_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_import_upload_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_upload")),
    )
    op.create_table(
        "job_run",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.String(length=80), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_job_run_site_id")),
        sa.PrimaryKeyConstraint("site_id", "job", "service_date", name=op.f("pk_job_run")),
    )
    op.create_table(
        "kept_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_kept_form_site_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_kept_form_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
    )
    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_opening_hours_order")),
        sa.CheckConstraint("weekday between 0 and 6", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_opening_hours_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
        sa.UniqueConstraint("site_id", "weekday", name=op.f("uq_opening_hours_site_id_weekday")),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=200), nullable=False),
        sa.Column("given_names", sa.String(length=200), nullable=False),
        sa.Column("preferred_name", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=40), nullable=False),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("telephone", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=80), nullable=False),
        sa.Column("is_pregnant", sa.Boolean(), nullable=False),
        sa.Column("allergies_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_patient_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_patient_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint(
            "organization_id", "code", name=op.f("uq_patient_organization_id_code")
        ),
    )
    op.create_index(
        "ix_patient_birth_date", "patient", ["organization_id", "birth_date"], unique=False
    )
    op.create_index(
        "ix_patient_name",
        "patient",
        ["organization_id", "family_name", "given_names"],
        unique=False,
    )
    op.create_index(
        "ix_patient_search_text",
        "patient",
        ["organization_id", "search_text"],
        unique=False,
        postgresql_ops={"search_text": "text_pattern_ops"},
    )
    op.create_table(
        "policy_setting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("setting", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_policy_setting_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_policy_setting_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_setting")),
        sa.UniqueConstraint(
            "site_id",
            "setting",
            "starts_on",
            name=op.f("uq_policy_setting_site_id_setting_starts_on"),
        ),
    )
    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_resource_site_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_resource_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_resource_site_id_name")),
    )
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=80), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sign_in_session_site_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_sign_in_session_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
    )
    op.create_index(
        op.f("ix_sign_in_session_user_id"), "sign_in_session", ["user_id"], unique=False
    )
    op.create_table(
        "site_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_role_site_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_site_role_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_role")),
        sa.UniqueConstraint(
            "site_id", "user_id", "role", name=op.f("uq_site_role_site_id_user_id_role")
        ),
    )
    op.create_index(op.f("ix_site_role_user_id"), "site_role", ["user_id"], unique=False)
    op.create_table(
        "stock_bottle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("medication", sa.String(length=40), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("concentration_ug_per_ml", sa.Integer(), nullable=False),
        sa.Column("balance_ul", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("balance_ul >= 0", name=op.f("ck_stock_bottle_balance_not_negative")),
        sa.CheckConstraint(
            "concentration_ug_per_ml > 0", name=op.f("ck_stock_bottle_concentration_positive")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_bottle_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_bottle")),
    )
    op.create_index(
        "uq_stock_bottle_open",
        "stock_bottle",
        ["site_id", "window", "medication"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "allergy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("substance", sa.String(length=200), nullable=False),
        sa.Column("reaction", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_allergy_organization_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_allergy_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_allergy_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allergy")),
    )
    op.create_index(op.f("ix_allergy_patient_id"), "allergy", ["patient_id"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(length=80), nullable=False),
        sa.Column("instrument_version", sa.String(length=80), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("band", sa.String(length=80), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_assessment_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_assessment_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_assessment_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
    )
    op.create_index(
        "ix_assessment_patient", "assessment", ["patient_id", "service_date"], unique=False
    )
    op.create_table(
        "audit_sealed_leaf",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "sequence"],
            ["audit_seal.site_id", "audit_seal.sequence"],
            name=op.f("fk_audit_sealed_leaf_site_id_sequence"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "service_date", "leaf_id"],
            ["audit_leaf.site_id", "audit_leaf.service_date", "audit_leaf.id"],
            name=op.f("fk_audit_sealed_leaf_site_id_service_date_leaf_id"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_audit_sealed_leaf_site_id")
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "service_date", "leaf_id", name=op.f("pk_audit_sealed_leaf")
        ),
        sa.UniqueConstraint(
            "site_id",
            "sequence",
            "position",
            name=op.f("uq_audit_sealed_leaf_site_id_sequence_position"),
        ),
    )
    op.create_table(
        "condition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("code_system", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("is_opioid_use_disorder", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("source_system", sa.String(length=200), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_condition_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_condition_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_condition_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition")),
        sa.UniqueConstraint(
            "site_id",
            "source_system",
            "source_id",
            name=op.f("uq_condition_site_id_source_system_source_id"),
        ),
    )
    op.create_index(op.f("ix_condition_patient_id"), "condition", ["patient_id"], unique=False)
    op.create_table(
        "dose_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("medication", sa.String(length=40), nullable=False),
        sa.Column("doses_ug", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_dose_ug", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_dose_question_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_dose_question_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dose_question_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dose_question")),
        sa.UniqueConstraint(
            "site_id",
            "patient_id",
            "service_date",
            name=op.f("uq_dose_question_site_id_patient_id_service_date"),
        ),
    )
    op.create_index(
        op.f("ix_dose_question_patient_id"), "dose_question", ["patient_id"], unique=False
    )
    op.create_table(
        "dose_void",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dose_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("witnessed_by <> recorded_by", name=op.f("ck_dose_void_two_people")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_dose_void_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_dose_void_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dose_void_site_id")),
        sa.ForeignKeyConstraint(
            ["witnessed_by"], ["user_account.id"], name=op.f("fk_dose_void_witnessed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dose_void")),
        sa.UniqueConstraint("site_id", "dose_id", name=op.f("uq_dose_void_site_id_dose_id")),
    )
    op.create_table(
        "encounter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_class", sa.String(length=80), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_system", sa.String(length=200), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_encounter_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_encounter_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_encounter_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
        sa.UniqueConstraint(
            "site_id",
            "source_system",
            "source_id",
            name=op.f("uq_encounter_site_id_source_system_source_id"),
        ),
    )
    op.create_index(op.f("ix_encounter_patient_id"), "encounter", ["patient_id"], unique=False)
    op.create_table(
        "episode",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("referral_source", sa.String(length=40), nullable=False),
        sa.Column("injects", sa.Boolean(), nullable=False),
        sa.Column("pregnant", sa.Boolean(), nullable=False),
        sa.Column("counselor_id", sa.Uuid(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_episode_number")),
        sa.ForeignKeyConstraint(
            ["counselor_id"], ["user_account.id"], name=op.f("fk_episode_counselor_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_episode_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_episode_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_episode_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint(
            "site_id", "patient_id", "number", name=op.f("uq_episode_site_id_patient_id_number")
        ),
    )
    op.create_index(op.f("ix_episode_patient_id"), "episode", ["patient_id"], unique=False)
    op.create_index(
        "uq_episode_open",
        "episode",
        ["site_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "import_refusal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_refusal_run_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_import_refusal_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_refusal")),
    )
    op.create_index(op.f("ix_import_refusal_run_id"), "import_refusal", ["run_id"], unique=False)
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'patient') = (patient_id IS NOT NULL)",
            name=op.f("ck_ledger_account_patient_of"),
        ),
        sa.CheckConstraint(
            "kind <> 'patient' OR balance_cents >= 0", name=op.f("ck_ledger_account_no_overdraft")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_ledger_account_patient_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_account_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "site_id", "kind", "name", name=op.f("uq_ledger_account_site_id_kind_name")
        ),
    )
    op.create_index(
        "uq_ledger_account_patient",
        "ledger_account",
        ["site_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("patient_id IS NOT NULL"),
        postgresql_where=sa.text("patient_id IS NOT NULL"),
    )
    op.create_table(
        "modality_referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("modality", sa.String(length=80), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=False),
        sa.Column("referred_to", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_modality_referral_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_modality_referral_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_modality_referral_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modality_referral")),
    )
    op.create_index(
        op.f("ix_modality_referral_patient_id"), "modality_referral", ["patient_id"], unique=False
    )
    op.create_table(
        "past_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=True),
        sa.Column("disposition", sa.String(length=40), nullable=False),
        sa.Column("source_system", sa.String(length=200), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_past_visit_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_past_visit_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_past_visit_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_visit")),
        sa.UniqueConstraint(
            "site_id",
            "source_system",
            "source_id",
            name=op.f("uq_past_visit_site_id_source_system_source_id"),
        ),
    )
    op.create_index(op.f("ix_past_visit_patient_id"), "past_visit", ["patient_id"], unique=False)
    op.create_table(
        "patient_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_alert_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_patient_alert_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_patient_alert_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_alert")),
    )
    op.create_index(
        op.f("ix_patient_alert_patient_id"), "patient_alert", ["patient_id"], unique=False
    )
    op.create_table(
        "patient_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_patient_identifier_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_identifier_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_identifier")),
        sa.UniqueConstraint(
            "organization_id", "system", "value", name="uq_patient_identifier_value"
        ),
    )
    op.create_index(
        op.f("ix_patient_identifier_patient_id"), "patient_identifier", ["patient_id"], unique=False
    )
    op.create_index(
        "ix_patient_identifier_value",
        "patient_identifier",
        ["organization_id", "value"],
        unique=False,
    )
    op.create_table(
        "patient_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_patient_photo_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_photo_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_patient_photo_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_photo")),
    )
    op.create_index(
        op.f("ix_patient_photo_patient_id"), "patient_photo", ["patient_id"], unique=False
    )
    op.create_table(
        "portal_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_portal_access_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_portal_access_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_portal_access_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_access")),
        sa.UniqueConstraint(
            "organization_id",
            "patient_id",
            name=op.f("uq_portal_access_organization_id_patient_id"),
        ),
        sa.UniqueConstraint(
            "organization_id", "user_id", name=op.f("uq_portal_access_organization_id_user_id")
        ),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("modality", sa.String(length=80), nullable=False),
        sa.Column("pattern", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_series_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_series_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_series_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_table(
        "specimen",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("was_random", sa.Boolean(), nullable=False),
        sa.Column("was_observed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_specimen_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_specimen_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_specimen_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specimen")),
    )
    op.create_index("ix_specimen_patient", "specimen", ["patient_id", "service_date"], unique=False)
    op.create_index(
        "ix_specimen_service_date", "specimen", ["site_id", "service_date"], unique=False
    )
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bottle_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("volume_ul", sa.Integer(), nullable=False),
        sa.Column("balance_after_ul", sa.Integer(), nullable=False),
        sa.Column("dose_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "balance_after_ul >= 0", name=op.f("ck_stock_movement_balance_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["bottle_id"], ["stock_bottle.id"], name=op.f("fk_stock_movement_bottle_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_movement_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_movement_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint(
            "site_id",
            "bottle_id",
            "sequence",
            name=op.f("uq_stock_movement_site_id_bottle_id_sequence"),
        ),
        sa.UniqueConstraint(
            "site_id", "dose_id", "kind", name=op.f("uq_stock_movement_site_id_dose_id_kind")
        ),
    )
    op.create_table(
        "care_transition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("planned_days", sa.Integer(), nullable=True),
        sa.Column("discharge_reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(to_state = 'discharged') = (discharge_reason IS NOT NULL)",
            name=op.f("ck_care_transition_reason_on_discharge"),
        ),
        sa.CheckConstraint("to_state <> from_state", name=op.f("ck_care_transition_moves")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_care_transition_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_care_transition_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_care_transition_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_care_transition_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_transition")),
        sa.UniqueConstraint(
            "site_id", "episode_id", "sequence", name="uq_care_transition_sequence"
        ),
    )
    op.create_index(
        "ix_care_transition_patient", "care_transition", ["site_id", "patient_id"], unique=False
    )
    op.create_index(
        "ix_care_transition_service_date",
        "care_transition",
        ["site_id", "service_date"],
        unique=False,
    )
    op.create_table(
        "course",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("modality", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.String(length=200), nullable=True),
        sa.Column("sessions_planned", sa.Integer(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (ended_why IS NULL)", name=op.f("ck_course_ended_with_reason")
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= starts_on", name=op.f("ck_course_order")
        ),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_course_episode_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_course_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_course_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_course_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    op.create_index("ix_course_days", "course", ["site_id", "starts_on", "ended_on"], unique=False)
    op.create_index(op.f("ix_course_episode_id"), "course", ["episode_id"], unique=False)
    op.create_index(op.f("ix_course_patient_id"), "course", ["patient_id"], unique=False)
    op.create_index(
        "uq_course_open",
        "course",
        ["site_id", "patient_id", "modality"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "medication_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("medication", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("dose_ug", sa.Integer(), nullable=False),
        sa.Column("portions", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("dose_ug > 0", name=op.f("ck_medication_order_dose_positive")),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_medication_order_order")
        ),
        sa.CheckConstraint("portions between 1 and 4", name=op.f("ck_medication_order_portions")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_medication_order_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_medication_order_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_medication_order_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_medication_order_site_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["medication_order.id"],
            name=op.f("fk_medication_order_supersedes_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medication_order")),
        sa.UniqueConstraint(
            "site_id",
            "patient_id",
            "number",
            name=op.f("uq_medication_order_site_id_patient_id_number"),
        ),
    )
    op.create_index(
        "ix_medication_order_days",
        "medication_order",
        ["site_id", "starts_on", "ends_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_medication_order_patient_id"), "medication_order", ["patient_id"], unique=False
    )
    op.create_table(
        "medication_transition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("from_medication", sa.String(length=40), nullable=False),
        sa.Column("to_medication", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "to_medication <> from_medication", name=op.f("ck_medication_transition_moves")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_medication_transition_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_medication_transition_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_medication_transition_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_medication_transition_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medication_transition")),
        sa.UniqueConstraint(
            "site_id", "episode_id", "sequence", name="uq_medication_transition_sequence"
        ),
    )
    op.create_table(
        "result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("analyte", sa.String(length=40), nullable=False),
        sa.Column("reading", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_result_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_result_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_result_site_id")),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_result_specimen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint(
            "site_id", "specimen_id", "analyte", name=op.f("uq_result_site_id_specimen_id_analyte")
        ),
    )
    op.create_index(op.f("ix_result_patient_id"), "result", ["patient_id"], unique=False)
    op.create_index(op.f("ix_result_specimen_id"), "result", ["specimen_id"], unique=False)
    op.create_table(
        "reward_enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=80), nullable=False),
        sa.Column("protocol_version", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_reward_enrolment_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_reward_enrolment_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_enrolment_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reward_enrolment_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_enrolment")),
    )
    op.create_index(
        op.f("ix_reward_enrolment_patient_id"), "reward_enrolment", ["patient_id"], unique=False
    )
    op.create_index(
        "uq_reward_enrolment_open",
        "reward_enrolment",
        ["site_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("modality", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("setting", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_session_capacity")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_session_order")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_session_recorded_by")
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_session_series_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_session_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("id", "capacity", name="uq_session_capacity"),
    )
    op.create_index("ix_session_service_date", "session", ["site_id", "service_date"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "place between 1 and capacity", name=op.f("ck_booking_place_within_capacity")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_booking_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_booking_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "capacity"],
            ["session.id", "session.capacity"],
            name="fk_booking_session_capacity",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_booking_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index(op.f("ix_booking_course_id"), "booking", ["course_id"], unique=False)
    op.create_index("ix_booking_patient", "booking", ["patient_id", "starts_at"], unique=False)
    op.create_index("ix_booking_service_date", "booking", ["site_id", "service_date"], unique=False)
    op.create_index(op.f("ix_booking_session_id"), "booking", ["session_id"], unique=False)
    op.create_index(
        "uq_booking_place",
        "booking",
        ["site_id", "session_id", "place"],
        unique=True,
        sqlite_where=sa.text("status IN ('attended', 'booked', 'checked_in', 'no_show')"),
        postgresql_where=sa.text("status IN ('attended', 'booked', 'checked_in', 'no_show')"),
    )
    op.create_table(
        "dose",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_number", sa.Integer(), nullable=True),
        sa.Column("medication", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("dose_ug", sa.Integer(), nullable=False),
        sa.Column("volume_ul", sa.Integer(), nullable=True),
        sa.Column("concentration_ug_per_ml", sa.Integer(), nullable=True),
        sa.Column("portion", sa.Integer(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("replaces_void_id", sa.Uuid(), nullable=True),
        sa.Column("window", sa.Integer(), nullable=True),
        sa.Column("bottle_id", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "origin = 'history' OR (order_id IS NOT NULL AND order_number IS NOT NULL)",
            name=op.f("ck_dose_under_an_order"),
        ),
        sa.CheckConstraint("dose_ug > 0", name=op.f("ck_dose_dose_positive")),
        sa.CheckConstraint("portion >= 1 AND series >= 1", name=op.f("ck_dose_numbered")),
        sa.CheckConstraint(
            "series = 1 OR replaces_void_id IS NOT NULL", name=op.f("ck_dose_series_needs_void")
        ),
        sa.ForeignKeyConstraint(["bottle_id"], ["stock_bottle.id"], name=op.f("fk_dose_bottle_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["medication_order.id"], name=op.f("fk_dose_order_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_dose_patient_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_dose_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_void_id"], ["dose_void.id"], name=op.f("fk_dose_replaces_void_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dose_site_id")),
        sa.PrimaryKeyConstraint("site_id", "service_date", "id", name=op.f("pk_dose")),
        sa.UniqueConstraint(
            "site_id", "patient_id", "service_date", "portion", "series", name="uq_dose_once"
        ),
        sa.UniqueConstraint(
            "site_id", "replaces_void_id", name=op.f("uq_dose_site_id_replaces_void_id")
        ),
    )
    op.create_index("ix_dose_patient", "dose", ["patient_id", "service_date"], unique=False)
    op.create_table(
        "dosing_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by_order_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cleared_by_order_id"],
            ["medication_order.id"],
            name=op.f("fk_dosing_hold_cleared_by_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_dosing_hold_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_dosing_hold_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dosing_hold_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dosing_hold")),
    )
    op.create_index(op.f("ix_dosing_hold_patient_id"), "dosing_hold", ["patient_id"], unique=False)
    op.create_index(
        "uq_dosing_hold_open",
        "dosing_hold",
        ["site_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "reported_medication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("medication", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("authored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dose_ug", sa.Integer(), nullable=True),
        sa.Column("why_no_dose", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by_order_id", sa.Uuid(), nullable=True),
        sa.Column("source_system", sa.String(length=200), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by_order_id"],
            ["medication_order.id"],
            name=op.f("fk_reported_medication_confirmed_by_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_reported_medication_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reported_medication_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_reported_medication_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_medication")),
        sa.UniqueConstraint(
            "site_id",
            "source_system",
            "source_id",
            name=op.f("uq_reported_medication_site_id_source_system_source_id"),
        ),
    )
    op.create_index(
        op.f("ix_reported_medication_patient_id"),
        "reported_medication",
        ["patient_id"],
        unique=False,
    )
    op.create_table(
        "reward_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("specimen_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=1), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("outcome IN ('N', 'P', 'M', 'X')", name=op.f("ck_reward_visit_outcome")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_reward_visit_amount")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["reward_enrolment.id"], name=op.f("fk_reward_visit_enrolment_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_reward_visit_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_reward_visit_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reward_visit_site_id")),
        sa.ForeignKeyConstraint(
            ["specimen_id"], ["specimen.id"], name=op.f("fk_reward_visit_specimen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_visit")),
        sa.UniqueConstraint("site_id", "enrolment_id", "number", name="uq_reward_visit_number"),
        sa.UniqueConstraint(
            "site_id",
            "specimen_id",
            "enrolment_id",
            name=op.f("uq_reward_visit_site_id_specimen_id_enrolment_id"),
        ),
    )
    op.create_index(
        op.f("ix_reward_visit_patient_id"), "reward_visit", ["patient_id"], unique=False
    )
    op.create_table(
        "session_resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_session_resource_resource_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_session_resource_session_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_session_resource_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_resource")),
        sa.UniqueConstraint(
            "site_id",
            "session_id",
            "resource_id",
            name=op.f("uq_session_resource_site_id_session_id_resource_id"),
        ),
    )
    op.create_index(
        op.f("ix_session_resource_session_id"), "session_resource", ["session_id"], unique=False
    )
    op.create_index(
        "ix_session_resource_time",
        "session_resource",
        ["resource_id", "starts_at", "ends_at"],
        unique=False,
    )
    op.create_table(
        "attendance_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_attendance_event_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_attendance_event_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_attendance_event_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_attendance_event_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_event")),
        sa.UniqueConstraint(
            "site_id",
            "booking_id",
            "sequence",
            name=op.f("uq_attendance_event_site_id_booking_id_sequence"),
        ),
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_account_id", sa.Uuid(), nullable=False),
        sa.Column("to_account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reward_visit_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("memo", sa.String(length=200), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'earn') = (reward_visit_id IS NOT NULL)",
            name=op.f("ck_ledger_transfer_earned_by_visit"),
        ),
        sa.CheckConstraint(
            "(kind = 'void') = (reverses_id IS NOT NULL)",
            name=op.f("ck_ledger_transfer_void_names_transfer"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_ledger_transfer_amount_positive")),
        sa.CheckConstraint(
            "from_account_id <> to_account_id", name=op.f("ck_ledger_transfer_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["from_account_id"],
            ["ledger_account.id"],
            name=op.f("fk_ledger_transfer_from_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_ledger_transfer_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["reward_visit_id"],
            ["reward_visit.id"],
            name=op.f("fk_ledger_transfer_reward_visit_id"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_transfer_site_id")),
        sa.ForeignKeyConstraint(
            ["to_account_id"], ["ledger_account.id"], name=op.f("fk_ledger_transfer_to_account_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "service_date", "id", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint(
            "site_id", "reverses_id", name="uq_ledger_transfer_site_id_reverses_id"
        ),
        sa.UniqueConstraint("site_id", "reward_visit_id", name="uq_ledger_transfer_visit"),
    )
    op.create_index(
        "ix_ledger_transfer_from",
        "ledger_transfer",
        ["from_account_id", "service_date"],
        unique=False,
    )
    op.create_index(
        "ix_ledger_transfer_to", "ledger_transfer", ["to_account_id", "service_date"], unique=False
    )
    op.create_table(
        "prize_commitment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reward_visit_id", sa.Uuid(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("bowl_name", sa.String(length=80), nullable=False),
        sa.Column("bowl_version", sa.Integer(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("draws > 0", name=op.f("ck_prize_commitment_draws")),
        sa.CheckConstraint("length(commitment) = 64", name=op.f("ck_prize_commitment_commitment")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_prize_commitment_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["reward_visit_id"],
            ["reward_visit.id"],
            name=op.f("fk_prize_commitment_reward_visit_id"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_prize_commitment_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prize_commitment")),
        sa.UniqueConstraint("site_id", "reward_visit_id", name="uq_prize_commitment_visit"),
    )
    op.create_table(
        "prize_draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reward_visit_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=80), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("slips", sa.JSON(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("length(choice) > 0", name=op.f("ck_prize_draw_choice")),
        sa.CheckConstraint("length(seed) = 64", name=op.f("ck_prize_draw_seed")),
        sa.CheckConstraint(
            "paid_cents >= 0 AND paid_cents <= total_cents", name=op.f("ck_prize_draw_paid")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_prize_draw_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_visit_id"],
            ["prize_commitment.site_id", "prize_commitment.reward_visit_id"],
            name=op.f("fk_prize_draw_site_id_reward_visit_id"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_prize_draw_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prize_draw")),
        sa.UniqueConstraint("site_id", "reward_visit_id", name="uq_prize_draw_visit"),
    )
    op.create_table(
        "prize_seed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reward_visit_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(seed) = 64", name=op.f("ck_prize_seed_seed")),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_visit_id"],
            ["prize_commitment.site_id", "prize_commitment.reward_visit_id"],
            name=op.f("fk_prize_seed_site_id_reward_visit_id"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_prize_seed_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prize_seed")),
        sa.UniqueConstraint(
            "site_id", "reward_visit_id", name=op.f("uq_prize_seed_site_id_reward_visit_id")
        ),
    )
