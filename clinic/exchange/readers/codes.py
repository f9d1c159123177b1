"""Which outside codes the house understands. Every other code is kept as text, never refused.

Sources: opioid use disorder in SNOMED CT and products in RxNorm after the CDC opioid value sets
(cqframework/opioid-cds-r4, CC0) and the eCQM opiate antagonist value set
2.16.840.1.113883.3.464.1003.198.12.1132; ICD-10-CM tabular list of CMS, April 2026; encounter
classes of HL7 v3 ActEncounterCode. Ingredient codes are RxNorm term type IN.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from clinic.exchange.facts.records import MedicationClass

SNOMED = frozenset({"http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96"})
ICD_10_CM = frozenset({"http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90"})
RXNORM = frozenset(
    {"http://www.nlm.nih.gov/research/umls/rxnorm", "urn:oid:2.16.840.1.113883.6.88"}
)

_OUD_SNOMED = frozenset(
    {
        "5602001",  # opioid abuse
        "75544000",  # opioid dependence
        "191819002",  # continuous dependence
        "191820008",  # episodic dependence
        "1081000119105",  # dependence, on agonist therapy
        "191909007",  # nondependent abuse
        "145121000119106",  # intravenous nondependent abuse
        "231477003",  # diamorphine dependence
        "231478008",  # methadone dependence
        "703845008",  # buprenorphine dependence
        "426001001",  # fentanyl dependence
        "520841000124109",  # diamorphine abuse
    }
)

# F11.1 is abuse, F11.2 dependence; both branch alike. Remission (.x1) is left out.
_OUD_ICD_BRANCHES = (
    "",
    "0",
    "2", "20", "21", "22", "29",
    "3",
    "4",
    "5", "50", "51", "59",
    "8", "81", "82", "88",
    "9",
)  # fmt: skip
_OUD_ICD = frozenset(f"F11{stem}{branch}" for stem in ("1", "2") for branch in _OUD_ICD_BRANCHES)

ACTIVE_CLINICAL_STATUSES = frozenset({"active", "recurrence", "relapse"})
CLINICAL_STATUSES = ACTIVE_CLINICAL_STATUSES | {"inactive", "remission", "resolved"}
VOID_VERIFICATION_STATUSES = frozenset({"refuted", "entered-in-error"})
VERIFICATION_STATUSES = VOID_VERIFICATION_STATUSES | {
    "unconfirmed", "provisional", "differential", "confirmed",
}  # fmt: skip
MEDICATION_REQUEST_STATUSES = frozenset({
    "active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft",
    "unknown",
})  # fmt: skip
ENCOUNTER_STATUSES = frozenset({
    "planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled",
    "entered-in-error", "unknown",
})  # fmt: skip

ENCOUNTER_CLASSES = {
    "AMB": "outpatient visit",
    "EMER": "emergency",
    "FLD": "in the field",
    "HH": "home health",
    "IMP": "inpatient",
    "ACUTE": "inpatient, acute",
    "NONAC": "inpatient, not acute",
    "OBSENC": "observation",
    "PRENC": "before admission",
    "SS": "short stay",
    "VR": "by video or telephone",
}


def means_oud(system: str, code: str) -> bool:
    """True for abuse of or dependence on opioids; remission, overdose, withdrawal are not it."""
    if system in SNOMED:
        return code in _OUD_SNOMED
    return system in ICD_10_CM and code.upper().replace(".", "") in _OUD_ICD


class Measure(StrEnum):
    """What a product is counted in. A liquid is measured, everything else is counted."""

    TABLET = "tablet"
    FILM = "film"
    MILLILITER = "mL"
    SYRINGE = "syringe"
    IMPLANT = "implant"


MEASURE_WORDS = {
    Measure.TABLET: frozenset({"tablet", "tablets", "tablet(s)", "tab", "tabs", "{tbl}", "tbl"}),
    Measure.FILM: frozenset({"film", "films", "film(s)", "{film}"}),
    Measure.MILLILITER: frozenset({"ml", "milliliter", "milliliters", "millilitre"}),
    Measure.SYRINGE: frozenset({"syringe", "syringes", "{syringe}", "injection", "{injection}"}),
    Measure.IMPLANT: frozenset({"implant", "implants", "{implant}"}),
}


@dataclass(frozen=True, slots=True)
class Product:
    """A drug in a form. An ingredient alone has neither strength nor measure.

    Units: ``strength_mg`` is milligrams per ``measure``; of buprenorphine with naloxone, the
    buprenorphine.
    """

    medication: MedicationClass
    form: str
    strength_mg: Decimal | None = None
    measure: Measure | None = None


# medication | form | measure | RxNorm code = milligrams per measure
_PRODUCT_LINES = """
methadone | oral tablet | tablet | 864706=10 864718=5
methadone | dispersible tablet | tablet | 864978=40
methadone | oral solution | mL | 864761=1 864769=2 864826=5 864984=20
methadone | oral concentrate | mL | 991147=10
methadone | injectable solution | mL | 864714=10
methadone | ingredient | | 6813=
buprenorphine | sublingual tablet | tablet | 351264=2 351265=8
buprenorphine | monthly injection | syringe | 1996184=100 1996192=300
buprenorphine | monthly injection | syringe | 2639036=64 2639041=96 2639043=128
buprenorphine | weekly injection | syringe | 2639021=8 2639029=16 2639031=24 2639033=32
buprenorphine | implant | implant | 1797650=74.2
buprenorphine | ingredient | | 1819=
buprenorphine_naloxone | sublingual tablet | tablet | 351266=2 351267=8 1431076=1.4 1431102=5.7
buprenorphine_naloxone | sublingual film | film | 1010600=2 1307056=4 1010604=8 1307061=12
naltrexone | oral tablet | tablet | 1483744=50
naltrexone | monthly injection | syringe | 637213=380
naltrexone | ingredient | | 7243=
"""


def _products() -> dict[str, Product]:
    products = {}
    for line in _PRODUCT_LINES.strip().splitlines():
        medication, form, measure, strengths = (part.strip() for part in line.split("|"))
        for pair in strengths.split():
            code, _, strength = pair.partition("=")
            products[code] = Product(
                medication=MedicationClass(medication),
                form=form,
                strength_mg=Decimal(strength) if strength else None,
                measure=Measure(measure) if measure else None,
            )
    return products


PRODUCTS = _products()
"""RxNorm code to product."""


def product_of(system: str, code: str) -> Product | None:
    return PRODUCTS.get(code) if system in RXNORM else None
