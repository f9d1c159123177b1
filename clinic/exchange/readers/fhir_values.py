"""FHIR data types to facts: dates and instants, codes, identifiers, names, addresses, doses."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from clinic.core.units import micrograms, plain
from clinic.exchange.facts.records import (
    OutsideAddress,
    OutsideCode,
    OutsideDose,
    OutsideIdentifier,
    OutsideName,
    OutsideTime,
)
from clinic.exchange.readers.codes import MEASURE_WORDS, Measure, Product
from clinic.exchange.readers.cursor import Node

_DATE = re.compile(r"\d{4}(?P<month>-\d{2}(?P<day>-\d{2})?)?", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?P<zone>Z|[+-]\d{2}:\d{2})?", re.ASCII
)
# Beyond any dose of anything: a quantity above it is a slip or an attack, and is not computed.
_LARGEST_QUANTITY = Decimal(10_000)
_FREQUENCIES = {Decimal(times) for times in range(1, 25)}


def time_of(node: Node, key: str) -> OutsideTime | None:
    """A FHIR date or dateTime: a year, a month, a day, or an instant with its offset.

    Raises: ReadRefused for a day that does not exist and for a time without an offset.
    """
    text = node.text(key)
    if not text:
        return None
    if instant := _INSTANT.fullmatch(text):
        if instant["zone"] is None:
            raise node.refusal(f"{text!r} has a time but no time zone", key=key)
        return _instant(node, key, text)
    return _partial_date(node, key, text)


def _instant(node: Node, key: str, text: str) -> OutsideTime:
    try:
        written = datetime.fromisoformat(text)
        return OutsideTime(text, at=written.astimezone(UTC), day=written.date())
    except (ValueError, OverflowError) as error:
        raise node.refusal(f"{text!r} is an impossible date or time", key=key) from error


def _partial_date(node: Node, key: str, text: str) -> OutsideTime:
    match = _DATE.fullmatch(text)
    if match is None:
        raise node.refusal(f"{text!r} is not a FHIR date", key=key)
    missing = "" if match["day"] else ("-01" if match["month"] else "-01-01")
    try:
        first = date.fromisoformat(text + missing)
    except ValueError as error:
        raise node.refusal(f"{text!r} is an impossible date", key=key) from error
    return OutsideTime(text, day=None if missing else first)


def date_of(node: Node, key: str) -> OutsideTime | None:
    """A FHIR date, which has no time of day."""
    if "T" in node.text(key):
        raise node.refusal("is a date and must not hold a time of day", key=key)
    return time_of(node, key)


def codes_of(concept: Node | None) -> tuple[OutsideCode, ...]:
    """Every coding of a concept in its order, each with the best text there is.

    Shape: never empty; a concept without codes, or none at all, gives one code of text only.
    """
    if concept is None:
        return (OutsideCode(),)
    text = concept.text("text")
    codes = tuple(
        OutsideCode(
            system=coding.text("system"),
            code=coding.text("code"),
            text=text or coding.text("display") or coding.text("code"),
        )
        for coding in concept.children("coding")
    )
    return codes or (OutsideCode(text=text),)


def identifiers_of(node: Node) -> tuple[OutsideIdentifier, ...]:
    """Identifiers that have a value, each once, in a fixed order."""
    found = {
        OutsideIdentifier(
            system=identifier.text("system"),
            value=identifier.text("value"),
            kind=codes_of(identifier.child("type"))[0].code,
        )
        for identifier in node.children("identifier")
        if identifier.text("value")
    }
    return tuple(sorted(found))


def names_of(node: Node) -> tuple[OutsideName, ...]:
    names = (
        OutsideName(
            family=name.text("family"),
            given=name.texts("given"),
            use=name.text("use"),
            text=name.text("text"),
        )
        for name in node.children("name")
    )
    return tuple(name for name in names if name.family or name.given or name.text)


def address_of(node: Node) -> OutsideAddress | None:
    """The first address that is not an old one."""
    for address in node.children("address"):
        if address.text("use") != "old":
            return OutsideAddress(
                lines=address.texts("line"),
                city=address.text("city"),
                state=address.text("state"),
                postal_code=address.text("postalCode"),
                country=address.text("country"),
            )
    return None


def phone_of(node: Node) -> str:
    """The first telephone number that is not an old one."""
    for contact in node.children("telecom"):
        if contact.text("system") == "phone" and contact.text("use") != "old":
            return contact.text("value")
    return ""


def dose_of(request: Node, *, product: Product | None) -> OutsideDose:
    """What one administration holds: a known strength times a stated quantity, or mg as stated.

    Nothing is guessed: whatever is missing or could be read two ways gives the reason instead.
    """
    instructions = request.children("dosageInstruction")
    if not instructions:
        return OutsideDose(unknown_because="the order has no dosage instruction")
    if len(instructions) > 1:
        return OutsideDose(unknown_because="the order has several dosage instructions")
    only = instructions[0]
    is_as_needed = only.flag("asNeededBoolean") is True or only.has("asNeededCodeableConcept")
    dose_mg, unknown_because = _amount(only, product)
    return OutsideDose(
        dose_mg=dose_mg,
        unknown_because=unknown_because,
        doses_per_day=None if is_as_needed else _doses_per_day(only),
        is_as_needed=is_as_needed,
    )


def _amount(instruction: Node, product: Product | None) -> tuple[Decimal | None, str]:
    rates = instruction.children("doseAndRate")
    quantities = [quantity for rate in rates if (quantity := rate.child("doseQuantity"))]
    if any(rate.has("doseRange") for rate in rates):
        return None, "the order gives a range of doses"
    if len(quantities) != 1:
        return None, "the order gives several doses" if quantities else "the order gives no dose"
    value = quantities[0].number("value")
    if value is None or not Decimal(0) < value <= _LARGEST_QUANTITY:
        return None, "the order gives no usable quantity"
    if quantities[0].has("comparator"):
        return None, "the order gives a limit, not a dose"
    return _milligrams(value, _unit_of(quantities[0]), product)


def _unit_of(quantity: Node) -> str:
    return (quantity.text("code") or quantity.text("unit")).lower()


def _milligrams(value: Decimal, unit: str, product: Product | None) -> tuple[Decimal | None, str]:
    if unit == "mg":
        return _whole_micrograms(value)
    if product is None or product.strength_mg is None or product.measure is None:
        return None, "the strength of the product is not known"
    is_bare_count = unit in {"", "1"} and product.measure is not Measure.MILLILITER
    if is_bare_count or unit in MEASURE_WORDS[product.measure]:
        return _whole_micrograms(value * product.strength_mg)
    if unit in {"", "1"}:
        return None, "the quantity of a liquid has no unit"
    return None, f"the quantity is in {unit!r} but the product is counted in {product.measure}"


def _whole_micrograms(dose_mg: Decimal) -> tuple[Decimal | None, str]:
    try:
        micrograms(dose_mg)
    except ValueError:
        return None, "the dose is finer than a microgram"
    return plain(dose_mg), ""


def _doses_per_day(instruction: Node) -> int | None:
    timing = instruction.child("timing")
    repeat = timing.child("repeat") if timing else None
    if repeat is None or repeat.text("periodUnit") != "d" or repeat.number("period") != 1:
        return None
    frequency = repeat.number("frequency")
    if frequency is None or frequency not in _FREQUENCIES or repeat.has("frequencyMax"):
        return None
    return int(frequency)
