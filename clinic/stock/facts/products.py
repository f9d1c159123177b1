"""What may be in stock: each product with its strength, its unit and its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from clinic.core.errors import NotFound
from clinic.core.units import MICROLITRES_PER_ML, mg, micrograms, microlitres, ml, plain
from clinic.stock.facts.words import Form, Medication, Schedule

SCHEDULE_SOURCE: Final = "21 CFR 1308.12 and 1308.13"


@dataclass(frozen=True, slots=True)
class Product:
    """One strength of one medication in one form.

    Units: a quantity is whole microlitres of a liquid and whole units of anything else;
    ``strength_mg`` is per millilitre or per unit.
    """

    code: str
    name: str
    medication: Medication
    form: Form
    strength_mg: Decimal
    schedule: Schedule
    unit: str

    @property
    def is_liquid(self) -> bool:
        return self.unit == "mL"

    @property
    def strength_ug(self) -> int:
        return micrograms(self.strength_mg)

    def quantity(self, amount: Decimal) -> int:
        """Millilitres or units as the ledger counts them.

        Raises: ValueError for less than a microlitre, or part of a unit.
        """
        if self.is_liquid:
            return microlitres(amount)
        if amount != amount.to_integral_value():
            raise ValueError(f"{amount} is not a whole number of units")
        return int(amount)

    def amount(self, quantity: int) -> Decimal:
        """The ledger's quantity as people read it: millilitres or units."""
        return ml(quantity) if self.is_liquid else Decimal(quantity)

    def milligrams(self, quantity: int) -> Decimal:
        """What a quantity holds."""
        divisor = MICROLITRES_PER_ML if self.is_liquid else 1
        return plain(mg(self.strength_ug * quantity) / divisor)

    def said(self, quantity: int) -> str:
        """A quantity in words: ``4 mL``, ``12 tablets``."""
        amount = plain(self.amount(quantity))
        if self.is_liquid:
            return f"{amount} mL"
        return f"{amount} {self.unit}{'' if amount == 1 else 's'}"


def _methadone(code: str, name: str, form: Form, strength_mg: str, unit: str) -> Product:
    return Product(
        code, name, Medication.METHADONE, form, Decimal(strength_mg), Schedule.C_II, unit
    )


def _buprenorphine(
    code: str,
    name: str,
    strength_mg: str,
    unit: str,
    *,
    form: Form = Form.SUBLINGUAL,
    medication: Medication = Medication.BUPRENORPHINE,
) -> Product:
    return Product(code, name, medication, form, Decimal(strength_mg), Schedule.C_III, unit)


_COMBINED: Final = Medication.BUPRENORPHINE_NALOXONE

PRODUCTS: Final[tuple[Product, ...]] = (
    _methadone(
        "methadone_concentrate_10",
        "Methadone oral concentrate 10 mg/mL",
        Form.ORAL_CONCENTRATE,
        "10",
        "mL",
    ),
    _methadone("methadone_tablet_5", "Methadone 5 mg tablet", Form.TABLET, "5", "tablet"),
    _methadone("methadone_tablet_10", "Methadone 10 mg tablet", Form.TABLET, "10", "tablet"),
    _methadone(
        "methadone_dispersible_40",
        "Methadone 40 mg dispersible tablet",
        Form.DISPERSIBLE_TABLET,
        "40",
        "tablet",
    ),
    _buprenorphine("buprenorphine_tablet_2", "Buprenorphine 2 mg SL tablet", "2", "tablet"),
    _buprenorphine("buprenorphine_tablet_8", "Buprenorphine 8 mg SL tablet", "8", "tablet"),
    *(
        _buprenorphine(
            f"buprenorphine_naloxone_{shape}_{strength}",
            f"Buprenorphine/naloxone {strength} mg/{naloxone} mg SL {shape}",
            strength,
            shape,
            medication=_COMBINED,
        )
        for shape in ("film", "tablet")
        for strength, naloxone in (("2", "0.5"), ("8", "2"))
    ),
    *(
        _buprenorphine(
            f"buprenorphine_weekly_{strength}",
            f"Buprenorphine weekly injection {strength} mg",
            strength,
            "syringe",
            form=Form.INJECTION,
        )
        for strength in ("8", "16", "24", "32")
    ),
    *(
        _buprenorphine(
            f"buprenorphine_monthly_{strength}",
            f"Buprenorphine monthly injection {strength} mg",
            strength,
            "syringe",
            form=Form.INJECTION,
        )
        for strength in ("64", "96", "100", "128", "300")
    ),
    Product(
        "naltrexone_tablet_50",
        "Naltrexone 50 mg tablet",
        Medication.NALTREXONE,
        Form.TABLET,
        Decimal(50),
        Schedule.NOT_CONTROLLED,
        "tablet",
    ),
    Product(
        "naltrexone_monthly_380",
        "Naltrexone extended-release 380 mg kit",
        Medication.NALTREXONE,
        Form.INJECTION,
        Decimal(380),
        Schedule.NOT_CONTROLLED,
        "kit",
    ),
    Product(
        "ketamine_injection_50",
        "Ketamine injection 50 mg/mL",
        Medication.OTHER,
        Form.INJECTION,
        Decimal(50),
        Schedule.C_III,
        "mL",
    ),
)
"""Strengths on the market for opioid treatment, and ketamine. Source: the products' labels."""

PRODUCT_OF: Final[Mapping[str, Product]] = MappingProxyType({one.code: one for one in PRODUCTS})


def product(code: str) -> Product:
    """The product of a code.

    Raises: NotFound.
    """
    found = PRODUCT_OF.get(code)
    if found is None:
        raise NotFound(f"product {code}")
    return found


def product_for(medication: Medication, form: Form, *, strength_mg: Decimal) -> Product | None:
    """The first product of this medication, form and strength; None when there is none."""
    return next(
        (
            one
            for one in PRODUCTS
            if (one.medication, one.form, one.strength_mg) == (medication, form, strength_mg)
        ),
        None,
    )
