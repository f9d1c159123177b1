"""Controlled stock: containers, receipts, counts, days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import add_reference, append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


INSIDE_WINDOW = "closed_at IS NULL AND place = 'window'"
ADDED = (
    ("product", sa.String(length=80), "methadone_concentrate_10"),
    ("form", sa.String(length=40), "oral_concentrate"),
    ("place", sa.String(length=40), "window"),
    ("size", sa.Integer(), "0"),
)


def _extend_bottles() -> None:
    """A bottle of liquid open at a window becomes a bottle of anything, anywhere."""
    op.drop_index("uq_stock_bottle_open", table_name="stock_bottle")
    for before, after in (
        ("balance_ul", "balance"),
        ("concentration_ug_per_ml", "strength_ug"),
        ("opened_at", "placed_at"),
    ):
        op.execute(f"ALTER TABLE stock_bottle RENAME COLUMN {before} TO {after}")
    for name, kind, default in ADDED:
        op.add_column("stock_bottle", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("stock_bottle", sa.Column("expires_on", sa.Date(), nullable=True))
    op.add_column("stock_bottle", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    add_reference("stock_bottle", "receipt_id", "stock_receipt")
    op.execute(
        "UPDATE stock_bottle SET opened_at = placed_at, size = (SELECT coalesce(sum(volume_ul), 0)"
        " FROM stock_movement WHERE bottle_id = stock_bottle.id AND kind = 'opened')"
    )
    op.execute(
        "UPDATE stock_bottle SET place = 'safe', closed_at = NULL"
        " WHERE closed_at IS NOT NULL AND balance > 0"
    )
    op.create_index(
        "uq_stock_bottle_open",
        "stock_bottle",
        ["site_id", "window", "product"],
        unique=True,
        sqlite_where=sa.text(INSIDE_WINDOW),
        postgresql_where=sa.text(INSIDE_WINDOW),
    )
    op.create_index("ix_stock_bottle_place", "stock_bottle", ["site_id", "place", "product"])


def _set_movements_aside() -> None:
    op.execute("CREATE TABLE stock_movement_before AS SELECT * FROM stock_movement")
    op.drop_table("stock_movement")


def _bring_movements_back() -> None:
    """What went one way through a bottle now says where it came from and where it went."""
    op.execute(
        """
        INSERT INTO stock_movement (
          id, bottle_id, sequence, kind, from_place, from_number, to_place, to_number, quantity,
          balance_after, subject_id, reason, witnessed_by, site_id, occurred_at, service_date,
          time_zone, recorded_at, recorded_by_name, recorded_by
        )
        SELECT
          m.id, m.bottle_id, m.sequence,
          CASE m.kind WHEN 'opened' THEN 'initial' ELSE m.kind END,
          CASE m.kind WHEN 'opened' THEN 'supplier' WHEN 'dose_returned' THEN 'patient'
            ELSE 'window' END,
          CASE WHEN m.kind IN ('opened', 'dose_returned') THEN 0 ELSE b."window" END,
          CASE m.kind WHEN 'dose' THEN 'patient' WHEN 'waste' THEN 'waste'
            WHEN 'closed' THEN 'safe' ELSE 'window' END,
          CASE WHEN m.kind IN ('opened', 'dose_returned') THEN b."window" ELSE 0 END,
          CASE m.kind WHEN 'closed' THEN m.balance_after_ul ELSE abs(m.volume_ul) END,
          m.balance_after_ul, m.dose_id, '',
          CASE m.kind WHEN 'waste' THEN
            (SELECT v.witnessed_by FROM dose_void v
             WHERE v.site_id = m.site_id AND v.dose_id = m.dose_id) END,
          m.site_id, m.occurred_at, m.service_date, m.time_zone, m.recorded_at,
          m.recorded_by_name, m.recorded_by
        FROM stock_movement_before m JOIN stock_bottle b ON b.id = m.bottle_id
        WHERE m.kind <> 'closed' OR m.balance_after_ul > 0
        """
    )
    op.drop_table("stock_movement_before")
    op.execute("UPDATE stock_bottle SET \"window\" = 0 WHERE place = 'safe'")


def _bring_movements_home() -> None:
    """The liquid that went through a bottle, one way again; to carry a bottle moved nothing."""
    op.execute(
        """
        INSERT INTO stock_movement (
          id, bottle_id, sequence, kind, volume_ul, balance_after_ul, dose_id, site_id,
          occurred_at, service_date, time_zone, recorded_at, recorded_by_name, recorded_by
        )
        SELECT
          m.id, m.bottle_id, m.sequence,
          CASE WHEN m.kind IN ('initial', 'received') THEN 'opened'
            WHEN m.kind = 'take_home' THEN 'dose'
            WHEN m.kind IN ('volume_returned', 'returned') THEN 'dose_returned'
            WHEN m.kind IN ('spill', 'destroyed', 'adjusted') THEN 'waste' ELSE m.kind END,
          CASE WHEN m.kind = 'closed' THEN 0
            WHEN m.from_place IN ('supplier', 'patient', 'variance') THEN m.quantity
            ELSE -m.quantity END,
          m.balance_after,
          CASE WHEN m.kind IN ('dose', 'dose_returned', 'waste') THEN m.subject_id END,
          m.site_id, m.occurred_at, m.service_date, m.time_zone, m.recorded_at,
          m.recorded_by_name, m.recorded_by
        FROM stock_movement_after m
        """
    )
    op.drop_table("stock_movement_after")


def _shrink_bottles() -> None:
    """What is not liquid open at a window stood in no record then: it is closed."""
    op.execute(
        "UPDATE stock_bottle SET closed_at = placed_at"
        " WHERE closed_at IS NULL AND (place <> 'window' OR form <> 'oral_concentrate')"
    )
    op.drop_index("ix_stock_bottle_place", table_name="stock_bottle")
    op.drop_index("uq_stock_bottle_open", table_name="stock_bottle")
    for name in ("receipt_id", "expires_on", "opened_at", *(name for name, _, _ in ADDED)):
        op.drop_column("stock_bottle", name)
    for before, after in (
        ("balance", "balance_ul"),
        ("strength_ug", "concentration_ug_per_ml"),
        ("placed_at", "opened_at"),
    ):
        op.execute(f"ALTER TABLE stock_bottle RENAME COLUMN {before} TO {after}")
    op.create_index(
        "uq_stock_bottle_open",
        "stock_bottle",
        ["site_id", "window", "medication"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def upgrade() -> None:
    op.create_table(
        "log_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("log_day", sa.Date(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("reads", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("reason <> '' AND reads <> ''", name=op.f("ck_log_correction_says_why")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_log_correction_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_log_correction_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_correction")),
    )
    op.create_index("ix_log_correction_day", "log_correction", ["site_id", "log_day"], unique=False)
    op.create_table(
        "log_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("log_day", sa.Date(), nullable=False),
        sa.Column("initials", sa.String(length=80), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("lines > 0", name=op.f("ck_log_signature_something_to_sign")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_log_signature_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_log_signature_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_signature")),
        sa.UniqueConstraint(
            "site_id",
            "log_day",
            "recorded_by",
            "lines",
            name=op.f("uq_log_signature_site_id_log_day_recorded_by_lines"),
        ),
    )
    op.create_table(
        "stock_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=40), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("second_of_id", sa.Uuid(), nullable=True),
        sa.Column("first_by", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(second_of_id IS NULL) = (first_by IS NULL)",
            name=op.f("ck_stock_count_second_names_first"),
        ),
        sa.CheckConstraint("counted >= 0 AND expected >= 0", name=op.f("ck_stock_count_amounts")),
        sa.CheckConstraint(
            "first_by IS NULL OR first_by <> recorded_by", name=op.f("ck_stock_count_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["first_by"], ["user_account.id"], name=op.f("fk_stock_count_first_by")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_count_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["second_of_id"], ["stock_count.id"], name=op.f("fk_stock_count_second_of_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_count_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint(
            "site_id", "second_of_id", name=op.f("uq_stock_count_site_id_second_of_id")
        ),
    )
    op.create_index("ix_stock_count_day", "stock_count", ["site_id", "service_date"], unique=False)
    op.create_table(
        "stock_day_close",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("closed_day", sa.Date(), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=False),
        sa.Column("witness_name", sa.String(length=200), nullable=False),
        sa.Column("seal_sequence", sa.Integer(), nullable=False),
        sa.Column("seal_chain", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "recorded_by IS NULL OR witnessed_by <> recorded_by",
            name=op.f("ck_stock_day_close_two_people"),
        ),
        sa.CheckConstraint(
            "service_date >= closed_day", name=op.f("ck_stock_day_close_not_before_it_ends")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_day_close_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_day_close_site_id")),
        sa.ForeignKeyConstraint(
            ["witnessed_by"], ["user_account.id"], name=op.f("fk_stock_day_close_witnessed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_day_close")),
        sa.UniqueConstraint(
            "site_id", "closed_day", name=op.f("uq_stock_day_close_site_id_closed_day")
        ),
    )
    op.create_table(
        "stock_inventory",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("moment", sa.String(length=40), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=False),
        sa.Column("witness_name", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "recorded_by IS NULL OR witnessed_by <> recorded_by",
            name=op.f("ck_stock_inventory_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_inventory_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_inventory_site_id")),
        sa.ForeignKeyConstraint(
            ["witnessed_by"], ["user_account.id"], name=op.f("fk_stock_inventory_witnessed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_inventory")),
        sa.UniqueConstraint(
            "site_id", "service_date", name=op.f("uq_stock_inventory_site_id_service_date")
        ),
    )
    op.create_table(
        "stock_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("schedule", sa.String(length=80), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("bottles", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("supplier_registration", sa.String(length=80), nullable=False),
        sa.Column("order_form", sa.String(length=80), nullable=False),
        sa.Column("invoice", sa.String(length=80), nullable=False),
        sa.Column("ndc", sa.String(length=80), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "schedule <> 'C-II' OR order_form <> ''",
            name=op.f("ck_stock_receipt_order_form_for_schedule_two"),
        ),
        sa.CheckConstraint(
            "bottles > 0 AND size > 0", name=op.f("ck_stock_receipt_something_came")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_receipt_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_receipt_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_receipt")),
    )
    op.create_table(
        "stock_incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("notify_dea_by", sa.Date(), nullable=False),
        sa.Column("form_106_by", sa.Date(), nullable=False),
        sa.Column("count_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "form_106_by > service_date AND notify_dea_by > service_date",
            name=op.f("ck_stock_incident_dates"),
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stock_incident_something_differs")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_count.id"], name=op.f("fk_stock_incident_count_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_incident_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_incident_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_incident")),
        sa.UniqueConstraint("site_id", "count_id", name=op.f("uq_stock_incident_site_id_count_id")),
    )
    op.create_table(
        "stock_incident_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("finding", sa.String(length=40), nullable=True),
        sa.Column("found_by", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'signed_off') = (finding IS NOT NULL)",
            name=op.f("ck_stock_incident_step_finding_when_signed"),
        ),
        sa.CheckConstraint(
            "kind <> 'signed_off' OR found_by IS NULL OR found_by <> recorded_by",
            name=op.f("ck_stock_incident_step_another_signs"),
        ),
        sa.ForeignKeyConstraint(
            ["found_by"], ["user_account.id"], name=op.f("fk_stock_incident_step_found_by")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["stock_incident.id"], name=op.f("fk_stock_incident_step_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_incident_step_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_stock_incident_step_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_incident_step")),
        sa.UniqueConstraint(
            "site_id",
            "incident_id",
            "kind",
            name=op.f("uq_stock_incident_step_site_id_incident_id_kind"),
        ),
    )
    _extend_bottles()
    _set_movements_aside()
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bottle_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_place", sa.String(length=40), nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=False),
        sa.Column("to_place", sa.String(length=40), nullable=False),
        sa.Column("to_number", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "from_place IN ('safe', 'window', 'pump', 'preparation', 'quarantine') OR to_place"
            " IN ('safe', 'window', 'pump', 'preparation', 'quarantine')",
            name=op.f("ck_stock_movement_one_end_inside"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('waste', 'spill', 'destroyed', 'adjusted') OR (witnessed_by IS NOT"
            " NULL AND (recorded_by IS NULL OR witnessed_by <> recorded_by))",
            name=op.f("ck_stock_movement_two_people"),
        ),
        sa.CheckConstraint(
            "balance_after >= 0", name=op.f("ck_stock_movement_balance_not_negative")
        ),
        sa.CheckConstraint(
            "from_place <> to_place OR from_number <> to_number",
            name=op.f("ck_stock_movement_two_accounts"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_movement_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["bottle_id"], ["stock_bottle.id"], name=op.f("fk_stock_movement_bottle_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_stock_movement_recorded_by")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_movement_site_id")),
        sa.ForeignKeyConstraint(
            ["witnessed_by"], ["user_account.id"], name=op.f("fk_stock_movement_witnessed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint(
            "site_id",
            "bottle_id",
            "sequence",
            name=op.f("uq_stock_movement_site_id_bottle_id_sequence"),
        ),
        sa.UniqueConstraint(
            "site_id",
            "subject_id",
            "kind",
            "bottle_id",
            name=op.f("uq_stock_movement_site_id_subject_id_kind_bottle_id"),
        ),
    )
    op.create_index(
        "ix_stock_movement_day", "stock_movement", ["site_id", "service_date"], unique=False
    )
    _bring_movements_back()
    append_only(
        "log_correction",
        "log_signature",
        "stock_count",
        "stock_day_close",
        "stock_incident",
        "stock_incident_step",
        "stock_inventory",
        "stock_movement",
        "stock_receipt",
    )


def downgrade() -> None:
    op.execute(
        "CREATE TABLE stock_movement_after AS SELECT * FROM stock_movement"
        " WHERE kind NOT IN ('opened', 'moved') AND bottle_id IN"
        " (SELECT id FROM stock_bottle WHERE form = 'oral_concentrate')"
    )
    op.drop_table("stock_movement")
    _shrink_bottles()
    op.drop_table("stock_incident_step")
    op.drop_table("stock_incident")
    op.drop_table("stock_receipt")
    op.drop_table("stock_inventory")
    op.drop_table("stock_day_close")
    op.drop_table("stock_count")
    op.drop_table("log_signature")
    op.drop_table("log_correction")
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
    _bring_movements_home()
    append_only("stock_movement")
