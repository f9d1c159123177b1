"""The door to the rules of stock: reconciliation, losses, inventory."""

from __future__ import annotations

from decimal import Decimal

from clinic.rulebook.facts import Answer, RuleEntry
from clinic.rulebook.reading import Fields, charged_to
from clinic.rulebook.writing import fixed, iso, quantity
from clinic.stock import rules as stock
from clinic.stock.facts import LiquidDay, SolidDay, VariancePolicy

_PACKAGE = "clinic.dosing"
_ZERO = Decimal(0)


def _reconciliation(fields: Fields) -> Answer:
    day = LiquidDay(
        concentration_mg_per_ml=fields.decimal("concentration_mg_per_ml", above_zero=True),
        start_ml=fields.decimal("start_ml"),
        received_ml=fields.decimal("received_ml", default=_ZERO),
        returned_to_stock_ml=fields.decimal("returned_to_stock_ml", default=_ZERO),
        observed_ml=fields.decimal("observed_ml", default=_ZERO),
        take_home_ml=fields.decimal("take_home_ml", default=_ZERO),
        witnessed_waste_ml=fields.decimal("witnessed_waste_ml", default=_ZERO),
        recorded_spill_ml=fields.decimal("recorded_spill_ml", default=_ZERO),
        counted_ml=fields.decimal("counted_ml"),
    )
    answer = stock.reconcile(day)
    return Answer(
        {
            "expected_ml": quantity(answer.expected_ml),
            "variance_ml": quantity(answer.variance_ml),
            "variance_mg": quantity(answer.variance_mg),
            "variance_percent_of_dispensed": fixed(answer.variance_percent_of_dispensed),
            "direction": answer.direction.value,
            "tier": answer.tier.value,
        },
        answer.decision,
    )


def _reconciliation_solid(fields: Fields) -> Answer:
    day = SolidDay(
        start_units=fields.count("start_units"),
        received_units=fields.count("received_units", default=0),
        returned_to_stock_units=fields.count("returned_to_stock_units", default=0),
        observed_units=fields.count("observed_units", default=0),
        take_home_units=fields.count("take_home_units", default=0),
        witnessed_waste_units=fields.count("witnessed_waste_units", default=0),
        counted_units=fields.count("counted_units"),
    )
    answer = stock.reconcile_solid(day)
    return Answer(
        {
            "expected_units": answer.expected_units,
            "variance_units": answer.variance_units,
            "direction": answer.direction.value,
            "tier": answer.tier.value,
        },
        answer.decision,
    )


def _dea_loss_deadline(fields: Fields) -> Answer:
    discovered_date = fields.day("discovered_date")
    with charged_to("discovered_date"):
        deadlines = stock.dea_loss_deadlines(discovered_date)
    return Answer(
        {
            "notify_dea_by": iso(deadlines.notify_dea_by),
            "form_106_by": iso(deadlines.form_106_by),
        }
    )


def _inventory_due(fields: Fields) -> Answer:
    last_inventory_date = fields.day("last_inventory_date")
    with charged_to("last_inventory_date"):
        due_by = stock.inventory_due(last_inventory_date)
    return Answer({"due_by": iso(due_by)})


ENTRIES = (
    RuleEntry(
        name="reconciliation",
        package=_PACKAGE,
        summary="Whether the day's count of a liquid adds up, and what a difference asks for.",
        sources=(VariancePolicy().source,),
        ask=_reconciliation,
    ),
    RuleEntry(
        name="reconciliation_solid",
        package=_PACKAGE,
        summary="Whether the day's count of tablets or diskettes adds up.",
        sources=(VariancePolicy().source,),
        ask=_reconciliation_solid,
    ),
    RuleEntry(
        name="dea_loss_deadline",
        package=_PACKAGE,
        summary="By when the DEA must hear of a loss, and have Form 106.",
        sources=(stock.LOSS_SOURCE,),
        ask=_dea_loss_deadline,
    ),
    RuleEntry(
        name="inventory_due",
        package=_PACKAGE,
        summary="The last date for the next biennial inventory.",
        sources=(stock.INVENTORY_SOURCE,),
        ask=_inventory_due,
    ),
)
