"""Through which levels of care patients go, by medication. The shares are the demo's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clinic.programs.facts import RESIDENTIAL, CareState, MedicationState

BED_LEVELS = RESIDENTIAL | {CareState.WITHDRAWAL_MANAGEMENT}
_OTP = CareState.OPIOID_TREATMENT
_WM = CareState.WITHDRAWAL_MANAGEMENT
_AMBULATORY = CareState.AMBULATORY_WITHDRAWAL_MANAGEMENT
_EMERGENCY = CareState.MEDICALLY_MANAGED_INPATIENT
_REHABILITATION = CareState.RESIDENTIAL_HIGH
_HALFWAY = CareState.RESIDENTIAL_LOW
_PARTIAL = CareState.PARTIAL_HOSPITALIZATION
_INTENSIVE = CareState.INTENSIVE_OUTPATIENT
_OUTPATIENT = CareState.OUTPATIENT
_AFTERCARE = CareState.AFTERCARE

Stay = tuple[CareState, int, int]
"""A level of care and the fewest and most days in it; the last level of a path lasts."""

PATHS: Mapping[MedicationState, Sequence[tuple[float, tuple[Stay, ...]]]] = {
    MedicationState.METHADONE: (
        (0.76, ((_OTP, 0, 0),)),
        (0.1, ((_AMBULATORY, 4, 7), (_OTP, 0, 0))),
        (0.02, ((_OTP, 30, 90), (_EMERGENCY, 2, 4), (_OTP, 0, 0))),
        (0.12, ((_WM, 4, 7), (_REHABILITATION, 30, 75), (_OTP, 0, 0))),
    ),
    MedicationState.BUPRENORPHINE: (
        (0.45, ((_OTP, 0, 0),)),
        (0.25, ((_INTENSIVE, 50, 70), (_OUTPATIENT, 0, 0))),
        (0.12, ((_OUTPATIENT, 0, 0),)),
        (
            0.18,
            ((_WM, 5, 7), (_REHABILITATION, 30, 60), (_INTENSIVE, 40, 60), (_OUTPATIENT, 0, 0)),
        ),
    ),
    MedicationState.NALTREXONE: (
        (0.6, ((_WM, 7, 10), (_REHABILITATION, 30, 45), (_INTENSIVE, 40, 60), (_OUTPATIENT, 0, 0))),
        (0.4, ((_OUTPATIENT, 0, 0),)),
    ),
    MedicationState.NONE: (
        (
            0.4,
            (
                (_WM, 5, 7),
                (_REHABILITATION, 30, 90),
                (_PARTIAL, 14, 28),
                (_INTENSIVE, 40, 60),
                (_AFTERCARE, 0, 0),
            ),
        ),
        (0.2, ((_REHABILITATION, 30, 60), (_HALFWAY, 30, 60), (_OUTPATIENT, 0, 0))),
        (0.4, ((_INTENSIVE, 50, 70), (_OUTPATIENT, 0, 0))),
    ),
}
MEDICATIONS: Mapping[MedicationState, float] = {
    MedicationState.METHADONE: 0.64,
    MedicationState.BUPRENORPHINE: 0.22,
    MedicationState.NALTREXONE: 0.05,
    MedicationState.NONE: 0.09,
}
