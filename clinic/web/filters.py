"""How values read on a page: local times, dates, doses, money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from flask import Flask
from flask_login import current_user

from clinic.core.money import dollars
from clinic.core.units import mg, ml


def register_filters(app: Flask) -> None:
    """Give templates the house's way to print a value."""
    app.jinja_env.filters.update(
        day=day,
        long_day=long_day,
        time=local_time,
        day_time=local_day_time,
        dollars=dollars,
        mg=dose_text,
        ml=volume_text,
    )


def day(value: date | None) -> str:
    return f"{value:%d %b %Y}" if value else "—"


def long_day(value: date | None) -> str:
    return f"{value:%A} {value.day} {value:%B %Y}" if value else "—"


def local_time(value: datetime | None) -> str:
    """The wall time at the site of whoever reads it."""
    return f"{current_user.site.local(value):%H:%M}" if value else "—"


def local_day_time(value: datetime | None) -> str:
    return f"{current_user.site.local(value):%d %b %Y %H:%M}" if value else "—"


def dose_text(dose_ug: int | Decimal | None) -> str:
    """Micrograms as the window reads them: ``40 mg``."""
    return "—" if dose_ug is None else f"{mg(int(dose_ug))} mg"


def volume_text(volume_ul: int | None) -> str:
    return "—" if volume_ul is None else f"{ml(volume_ul)} mL"
