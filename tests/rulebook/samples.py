"""One sound input for every rule, its required fields first, in the order faults are reported."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    required: dict[str, object]
    optional: dict[str, object] = field(default_factory=dict)
    settings: dict[str, int] = field(default_factory=dict)

    @property
    def full(self) -> dict[str, object]:
        given = {**self.required, **self.optional}
        return {**given, "settings": self.settings} if self.settings else given


COWS_ITEMS = {
    "resting_pulse": 0,
    "sweating": 1,
    "restlessness": 3,
    "pupil_size": 2,
    "bone_joint_aches": 1,
    "runny_nose_tearing": 1,
    "gi_upset": 3,
    "tremor": 0,
    "yawning": 1,
    "anxiety_irritability": 1,
    "gooseflesh": 3,
}

SAMPLES: dict[str, Sample] = {
    "take_home": Sample(
        {
            "medication": "methadone",
            "first_dose_date": "2026-03-02",
            "dispense_date": "2026-04-01",
            "regular_doses": 3,
        },
        {
            "regular_doses_in_hand": 1,
            "closure_doses": 1,
            "criteria_failed": [],
            "state_cap_doses": 6,
            "order_quantity_doses": 6,
            "exception_doses": 30,
        },
    ),
    "closure_doses": Sample(
        {
            "visit_date": "2026-03-06",
            "next_visit_date": "2026-03-09",
            "holiday_closures": ["2026-03-07"],
            "designated_weekend_day": "sunday",
        }
    ),
    "take_home_ladder_2001": Sample({"treatment_day": 1}),
    "missed_dose": Sample(
        {
            "last_observed_date": "2026-05-01",
            "present_date": "2026-05-04",
            "treatment_day": 200,
        },
        {"take_home_dates": ["2026-05-02"], "impaired": False},
        {"hold_after_missed": 4, "hold_after_missed_induction": 3, "induction_days": 0},
    ),
    "missed_dose_advice": Sample({"table": "au_2003", "missed_days": 3, "usual_dose_mg": "47.5"}),
    "callback_count": Sample(
        {"bottle_dates": ["2026-10-02", "2026-10-03"], "callback_date": "2026-10-03"},
        {"callback_day_dose_taken": True},
    ),
    "clinical_clock": Sample({"clock": "full_physical_exam", "start_date": "2026-06-01"}),
    "intake_lookback": Sample(
        {
            "document": "lab_or_serology",
            "performed_date": "2026-05-02",
            "admission_date": "2026-06-01",
        }
    ),
    "interim_treatment": Sample({"start_date": "2026-01-10"}),
    "priority_admission": Sample(
        {
            "requested_at": "2026-08-03T13:00:00Z",
            "time_zone": "America/Denver",
            "capacity_available": False,
        }
    ),
    "capacity_notice": Sample({"capacity": 250, "census": 225, "as_of_date": "2026-08-03"}),
    "dea_loss_deadline": Sample({"discovered_date": "2026-09-04"}),
    "inventory_due": Sample({"last_inventory_date": "2025-01-15"}),
    "federal_holidays": Sample({"calendar_year": 2026}),
    "cows": Sample({"items": COWS_ITEMS}),
    "cows_band": Sample({"total": 13}),
    "cows_pulse_item": Sample({"resting_pulse_bpm": 88}),
    "ciwa_band": Sample({"total": 9}),
    "buprenorphine_start": Sample(
        {"opioid_class": "methadone", "hours_since_last_use": "48.5", "cows_total": 9},
        {},
        {"cows_threshold": 9},
    ),
    "naltrexone_gate": Sample(
        {"opioid_class": "short_acting", "days_since_last_opioid": 8, "uds_opioid": "negative"},
        {
            "naloxone_challenge": "negative",
            "withdrawal_signs": False,
            "on_opioid_analgesic": False,
            "acute_hepatitis_or_liver_failure": False,
            "active_agonist_order": False,
        },
    ),
    "long_acting_window": Sample({"product": "sublocade", "given_date": "2026-04-06"}),
    "cm_schedule": Sample({"protocol": "prize_va", "results": "NNX"}, {}, {"prize_draw_cap": 2}),
    "prize_draw_value": Sample({"slips": ["small", "large"]}),
    "cm_cap": Sample(
        {
            "caps": [
                {
                    "cap": "grant",
                    "limit_cents": 75000,
                    "period": "fixed",
                    "paid_to_date_cents": 74250,
                }
            ],
            "incentives": [{"date": "2026-08-03", "amount_cents": 1250}],
        },
        {},
        {"cap_alert_percent": 90},
    ),
    "tax_flag": Sample(
        {"calendar_year": 2026, "total_cents": 200000}, {}, {"tax_threshold_cents": 200001}
    ),
    "tms_course": Sample(
        {
            "start_date": "2026-04-06",
            "acute_sessions": 2,
            "taper": "3_2_1",
            "holiday_calendar": "us_federal",
        },
        {"extra_closed_dates": ["2026-04-07"]},
    ),
    "census": Sample(
        {
            "period_start": "2026-09-01",
            "period_end": "2026-09-30",
            "stays": [{"admit_date": "2026-09-01", "discharge_date": "2026-09-11"}],
        },
        {"beds": 2},
    ),
    "length_of_stay": Sample({"admit_date": "2026-09-01", "discharge_date": "2026-09-11"}),
    "retention": Sample({"day": 90, "admissions": 10, "with_follow_up": 9, "enrolled_on_day": 6}),
    "retention_from_episodes": Sample(
        {
            "day": 90,
            "as_of_date": "2026-12-31",
            "episodes": [{"admit_date": "2026-01-05"}],
        }
    ),
    "no_show_rate": Sample(
        {"completed": 28, "no_show": 6, "late_cancel": 2},
        {"timely_cancel": 4, "clinic_cancel": 1},
    ),
    "uds_rate": Sample({"due": 50, "collected": 44, "negative": 33}, {"expected_positive_only": 2}),
    "reconciliation": Sample(
        {"concentration_mg_per_ml": "10", "start_ml": "100", "counted_ml": "98.5"},
        {
            "received_ml": "1",
            "returned_to_stock_ml": "0.5",
            "observed_ml": "2",
            "take_home_ml": "1",
            "witnessed_waste_ml": "0",
            "recorded_spill_ml": "0",
        },
    ),
    "reconciliation_solid": Sample(
        {"start_units": 10, "counted_units": 7},
        {
            "received_units": 1,
            "returned_to_stock_units": 1,
            "observed_units": 2,
            "take_home_units": 2,
            "witnessed_waste_units": 1,
        },
    ),
}
