"""Units of time, once: a week has 7 days, a month 365.25 / 12, a year 365.25."""

from __future__ import annotations

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


def per_year(unit: str) -> float:
    """Return how many of a unit make a year.

    >>> per_year("month")
    12.0
    """
    return DAYS["year"] / DAYS[unit]
