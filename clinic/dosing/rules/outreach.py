"""What missed days ask of the staff, and whose misses they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from clinic.dosing.facts import Attendance, OutreachKind, OutreachPolicy

_POLICY = OutreachPolicy()


def outreach_for(missed_days: int, *, policy: OutreachPolicy = _POLICY) -> OutreachKind | None:
    """What to do on the morning after so many missed days; None when nothing new is due.

    Source: site policy.
    """
    if not policy.message_after_missed <= missed_days <= policy.until_days:
        return None
    if missed_days > policy.welfare_check_after_missed:
        is_due = (missed_days - policy.welfare_check_after_missed) % policy.again_every_days == 0
        return OutreachKind.WELFARE_CHECK if is_due else None
    if missed_days == policy.welfare_check_after_missed:
        return OutreachKind.WELFARE_CHECK
    if missed_days >= policy.phone_after_missed:
        return OutreachKind.PHONE
    return OutreachKind.MESSAGE


def attendance_of(
    expected: Iterable[date],
    *,
    covered: Collection[date],
    closed: Collection[date] = (),
    clinic_caused: Collection[date] = (),
) -> Attendance:
    """Whose misses the days ordered for were.

    Invariant: attended, missed and clinic-caused days add up to the expected ones. A day the site
    was shut without a dose is the clinic's.
    Source: site policy: clinic-caused misses count for the dose gate, not for attendance.
    """
    days = sorted(set(expected))
    missed = [day for day in days if day not in covered]
    ours = tuple(day for day in missed if day in closed or day in clinic_caused)
    return Attendance(
        expected=len(days),
        attended=len(days) - len(missed),
        missed=tuple(day for day in missed if day not in ours),
        clinic_caused=ours,
    )
