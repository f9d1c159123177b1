from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

import pytest

from clinic.core.errors import Clash, Refused
from clinic.sites import queries, services
from clinic.sites.facts import ClosureKind
from tests import cast
from tests.conftest import WorkAs

CHRISTMAS = date(2026, 12, 25)


def test_hours_replace_those_before_and_days_left_out_are_closed(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        services.set_hours(work, hours={0: (time(6), time(12)), 5: (time(7), time(9))})
    with work_as(cast.ADA) as work:
        assert list(queries.opening_hours(work)) == [0, 5]
        assert queries.opening_hours(work)[5].closes_at == time(9)
    with work_as(cast.OLGA) as work:
        assert queries.opening_hours(work) == {}


def test_a_day_does_not_close_before_it_opens(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="Closing time must be after"), work_as(cast.ADA) as work:
        services.set_hours(work, hours={0: (time(12), time(12))})


def test_closed_dates_are_sundays_and_closures(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        services.close_day(work, closed_on=CHRISTMAS, kind=ClosureKind.HOLIDAY, reason="Christmas")
    with work_as(cast.ADA) as work:
        closed = queries.closed_dates(work, first=date(2026, 12, 20), until=date(2026, 12, 27))
        assert closed == {date(2026, 12, 20), CHRISTMAS}
        assert queries.closures(work, first=CHRISTMAS, until=date(2026, 12, 26)) == {
            CHRISTMAS: "Christmas"
        }
        assert queries.closures(work, first=date(2026, 12, 1), until=CHRISTMAS) == {}


def test_a_day_is_closed_once(work_as: WorkAs) -> None:
    for _ in range(2):
        with work_as(cast.ADA) as work:
            if queries.closures(work, first=CHRISTMAS, until=date(2026, 12, 26)):
                with pytest.raises(Clash, match="25 Dec 2026 is already closed: Christmas"):
                    services.close_day(
                        work, closed_on=CHRISTMAS, kind=ClosureKind.PLANNED, reason="Again"
                    )
            else:
                services.close_day(
                    work, closed_on=CHRISTMAS, kind=ClosureKind.HOLIDAY, reason="Christmas"
                )


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers a site may replace."""

    hold_after_missed: int = 3
    dose_mg: Decimal = Decimal(50)


def limits(work_as: WorkAs, on: date, member: cast.Member = cast.ADA) -> Limits:
    with work_as(member) as work:
        return queries.policy(work, Limits(), of="limits", on=on)


def choose(work_as: WorkAs, setting: str, value: object, starts_on: date) -> None:
    with work_as(cast.ADA) as work:
        services.choose_setting(
            work, setting=setting, value=value, starts_on=starts_on, source="OAR 415-020"
        )


def test_a_number_holds_from_its_day_on_and_the_last_one_counts(work_as: WorkAs) -> None:
    choose(work_as, "limits.hold_after_missed", 5, date(2026, 3, 1))
    choose(work_as, "limits.hold_after_missed", 2, date(2026, 4, 1))
    choose(work_as, "limits.dose_mg", "47.5", date(2026, 3, 1))
    choose(work_as, "others.hold_after_missed", 9, date(2026, 3, 1))

    assert limits(work_as, date(2026, 2, 28)) == Limits()
    assert limits(work_as, date(2026, 3, 1)) == Limits(5, Decimal("47.5"))
    assert limits(work_as, date(2026, 4, 1)) == Limits(2, Decimal("47.5"))
    assert limits(work_as, date(2026, 4, 1), cast.OLGA) == Limits()


def test_the_same_number_from_the_same_day_twice_is_a_clash(work_as: WorkAs) -> None:
    choose(work_as, "limits.hold_after_missed", 5, date(2026, 3, 1))
    with pytest.raises(Clash, match="a moment ago"):
        choose(work_as, "limits.hold_after_missed", 6, date(2026, 3, 1))


def test_a_number_without_a_source_is_no_policy(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="where this number comes from"), work_as(cast.ADA) as work:
        services.choose_setting(work, setting="limits.x", value=1, starts_on=CHRISTMAS, source="")


def test_a_site_needs_a_zone_that_exists(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="EST5 is not a time zone"), work_as(cast.ADA) as work:
        services.open_site(
            work.session,
            organization_id=cast.ORGANIZATION,
            code="west",
            name="West",
            time_zone="EST5",
        )


def test_clocks_are_those_of_active_sites(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        assert queries.clocks(work.session) == [cast.NORTH, cast.SOUTH]
        assert queries.clocks(work.session, organization_id=cast.NORTH.id) == []
        assert queries.site(work).organization == "Harbor Program"
