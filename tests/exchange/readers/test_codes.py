"""Which outside codes mean what."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from clinic.exchange.facts.records import MedicationClass
from clinic.exchange.readers.codes import PRODUCTS, Measure, Product, means_oud, product_of

SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.mark.parametrize(
    ("system", "code", "is_oud"),
    [
        (SNOMED, "5602001", True),  # opioid abuse
        (SNOMED, "75544000", True),  # opioid dependence
        (SNOMED, "1081000119105", True),  # dependence on agonist therapy
        (SNOMED, "191821007", False),  # dependence in remission
        (SNOMED, "87132004", False),  # withdrawal
        (SNOMED, "242253008", False),  # overdose
        (SNOMED, "6525002", False),  # dependent drug abuse, drug unnamed
        (ICD, "F11.10", True),
        (ICD, "F11.20", True),
        (ICD, "F11.23", True),
        (ICD, "F11.259", True),
        (ICD, "f1120", True),
        (ICD, "F11.11", False),  # abuse in remission
        (ICD, "F11.21", False),  # dependence in remission
        (ICD, "F11.90", False),  # use
        (ICD, "F11", False),
        (ICD, "F12.20", False),  # cannabis
        (ICD, "F11.2X", False),
        (ICD, "75544000", False),
        (SNOMED, "F11.20", False),
        ("urn:oid:2.16.840.1.113883.6.90", "F11.20", True),
        ("", "F11.20", False),
    ],
)
def test_opioid_use_disorder(system: str, code: str, is_oud: bool) -> None:
    assert means_oud(system, code) is is_oud


@pytest.mark.parametrize(
    ("code", "medication", "strength_mg", "measure"),
    [
        ("864706", "methadone", "10", Measure.TABLET),
        ("991147", "methadone", "10", Measure.MILLILITER),
        ("351266", "buprenorphine_naloxone", "2", Measure.TABLET),
        ("1307061", "buprenorphine_naloxone", "12", Measure.FILM),
        ("1996192", "buprenorphine", "300", Measure.SYRINGE),
        ("1797650", "buprenorphine", "74.2", Measure.IMPLANT),
        ("637213", "naltrexone", "380", Measure.SYRINGE),
    ],
)
def test_a_product_has_a_known_strength(
    code: str, medication: str, strength_mg: str, measure: Measure
) -> None:
    product = product_of(RXNORM, code)
    assert product is not None
    assert product.medication is MedicationClass(medication)
    assert product.strength_mg == Decimal(strength_mg)
    assert product.measure is measure


def test_an_ingredient_alone_has_no_strength() -> None:
    assert product_of(RXNORM, "6813") == Product(MedicationClass.METHADONE, "ingredient")


def test_the_same_number_in_another_system_is_another_thing() -> None:
    assert product_of(SNOMED, "864706") is None


def test_codes_agree_with_the_shared_tables(shared_data: Path) -> None:
    with (shared_data / "codes" / "snomed_oud.csv").open(encoding="utf-8") as table:
        snomed = {row["code"]: row["class"] == "oud" for row in csv.DictReader(table)}
    with (shared_data / "codes" / "icd10cm_f11.csv").open(encoding="utf-8") as table:
        icd = {row["code"]: row["class"] == "oud" for row in csv.DictReader(table)}
    icd["F11"] = False  # the whole family also holds mere use
    with (shared_data / "codes" / "rxnorm_moud.csv").open(encoding="utf-8") as table:
        strengths = {
            row["rxcui"]: (row["drug"].replace("/", "_"), row["mg_per_unit"])
            for row in csv.DictReader(table)
            if row["drug"].partition("/")[0] in {"methadone", "buprenorphine", "naltrexone"}
        }
    assert {code: means_oud(SNOMED, code) for code in snomed} == snomed
    assert {code: means_oud(ICD, code) for code in icd} == icd
    assert {
        code: (product.medication.value, str(product.strength_mg or ""))
        for code, product in PRODUCTS.items()
    } == strengths
