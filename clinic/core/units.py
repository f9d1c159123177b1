"""Doses are Decimal milligrams in code and whole micrograms in storage; volumes likewise."""

from __future__ import annotations

from decimal import Decimal, localcontext

MICROGRAMS_PER_MG = 1000
MICROLITRES_PER_ML = 1000


def micrograms(dose_mg: Decimal) -> int:
    """Raises: ValueError when the dose is finer than a microgram; nothing is rounded."""
    return _whole_thousandths(dose_mg, "mg")


def mg(dose_ug: int) -> Decimal:
    return plain(Decimal(dose_ug) / MICROGRAMS_PER_MG)


def microlitres(volume_ml: Decimal) -> int:
    """Raises: ValueError when the volume is finer than a microlitre; nothing is rounded."""
    return _whole_thousandths(volume_ml, "mL")


def ml(volume_ul: int) -> Decimal:
    return plain(Decimal(volume_ul) / MICROLITRES_PER_ML)


def volume_ul_of(dose_ug: int, *, concentration_mg_per_ml: Decimal) -> int:
    """Volume that holds a dose: 10 mg/mL concentrate gives 40 mg in 4 mL.

    Raises: ValueError when the volume is not a whole number of microlitres.
    """
    with localcontext(prec=40):
        return microlitres(mg(dose_ug) / concentration_mg_per_ml)


def plain(number: Decimal) -> Decimal:
    """The same number without needless zeros or exponent: ``40``, ``47.5``, never ``4E+1``."""
    normal = number.normalize()
    return normal.quantize(Decimal(1)) if normal == normal.to_integral_value() else normal


def _whole_thousandths(amount: Decimal, unit: str) -> int:
    scaled = amount * 1000
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} {unit} is finer than a thousandth of a {unit}")
    return int(scaled)
