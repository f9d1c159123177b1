from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.units import mg, micrograms, microlitres, ml, plain, volume_ul_of


@pytest.mark.parametrize(
    ("dose_mg", "dose_ug"), [("40", 40_000), ("47.5", 47_500), ("0.001", 1), ("0", 0)]
)
def test_milligrams_are_stored_as_whole_micrograms(dose_mg: str, dose_ug: int) -> None:
    assert micrograms(Decimal(dose_mg)) == dose_ug
    assert mg(dose_ug) == Decimal(dose_mg)


@pytest.mark.parametrize("dose_mg", ["0.0001", "47.55555"])
def test_nothing_finer_than_a_microgram_is_rounded_away(dose_mg: str) -> None:
    with pytest.raises(ValueError, match="finer than a thousandth of a mg"):
        micrograms(Decimal(dose_mg))


@pytest.mark.parametrize(
    ("dose_ug", "concentration", "volume_ul"),
    [(40_000, "10", 4_000), (110_000, "10", 11_000), (11_000, "10", 1_100), (1_000, "1", 1_000)],
)
def test_the_volume_that_holds_a_dose(dose_ug: int, concentration: str, volume_ul: int) -> None:
    assert volume_ul_of(dose_ug, concentration_mg_per_ml=Decimal(concentration)) == volume_ul


def test_a_volume_that_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="mL"):
        volume_ul_of(10_000, concentration_mg_per_ml=Decimal(3))
    with pytest.raises(ValueError, match="mL"):
        microlitres(Decimal("0.0005"))


@pytest.mark.parametrize(
    ("number", "text"), [("4E+1", "40"), ("47.50", "47.5"), ("0.00", "0"), ("100", "100")]
)
def test_a_number_reads_without_needless_zeros(number: str, text: str) -> None:
    assert str(plain(Decimal(number))) == text


@given(st.integers(0, 10**9))
def test_there_and_back_again(amount: int) -> None:
    assert micrograms(mg(amount)) == amount
    assert microlitres(ml(amount)) == amount
