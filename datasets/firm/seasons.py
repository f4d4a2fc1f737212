"""The firm's calendar: days, Chinese holidays, and how demand moves with them."""

import numpy as np
import pandas as pd

from .parameters import SEGMENTS

START = pd.Timestamp("2023-01-01")
END = pd.Timestamp("2025-12-31")
DATES = pd.date_range(START, END)
DAYS = len(DATES)
MONTH_DAY = DATES.strftime("%m-%d")

SPRING_FESTIVAL = ("2023-01-22", "2024-02-10", "2025-01-29")
MID_AUTUMN = ("2023-09-29", "2024-09-17", "2025-10-06")
DOUBLE_NINTH = ("2023-10-23", "2024-10-11", "2025-10-29")


def day_of(date) -> int:
    """Count days from the first day of the data."""
    return (pd.Timestamp(date) - START).days


def date_of(t) -> pd.DatetimeIndex:
    """Turn days since the start (whole or not) into dates."""
    return DATES[np.floor(np.asarray(t)).astype(int)]


def _window(holidays, before: int, after: int) -> np.ndarray:
    """Mark the days from `before` days ahead of each holiday to `after` days past it."""
    inside = np.zeros(DAYS, bool)
    for holiday in holidays:
        day = day_of(holiday)
        inside[max(0, day - before) : max(0, day + after + 1)] = True
    return inside


def _within_year(first: str, last: str) -> np.ndarray:
    """Mark the days between two month-days of every year."""
    key = MONTH_DAY
    return np.asarray((key >= first) & (key <= last))


# demand in each window, as a multiple of an ordinary day, for the five segments in their order;
# a window lies around a holiday (days before, days after) or between two month-days of every year
_WINDOWS = [
    ("before Spring Festival", (SPRING_FESTIVAL, 24, -4), (1.7, 4.5, 1.2, 1.3, 2.0)),
    ("Spring Festival", (SPRING_FESTIVAL, 3, 7), (0.35, 0.5, 0.3, 0.35, 0.2)),
    ("before Mid-Autumn", (MID_AUTUMN, 18, -2), (1.1, 3.2, 1.0, 1.1, 1.5)),
    ("before Double Ninth", (DOUBLE_NINTH, 8, 0), (1.5, 1.8, 1.0, 1.0, 1.1)),
    ("1-9 November", ("11-01", "11-09"), (1.4, 1.2, 1.3, 1.9, 1.0)),
    ("11.11", ("11-10", "11-11"), (3.5, 2.0, 3.0, 7.0, 1.2)),
    ("mid-June promotion", ("06-15", "06-18"), (1.6, 1.1, 1.4, 2.6, 1.0)),
    ("spring planting", ("03-05", "04-25"), (1.0, 0.9, 2.3, 1.2, 1.0)),
    ("midsummer", ("07-10", "08-25"), (0.8, 0.7, 0.6, 0.85, 0.9)),
    ("weekend", (), (1.15, 1.15, 1.3, 1.15, 0.7)),
]
PROMOTIONS = (("11-01", "11-11"), ("06-15", "06-18"))  # shop-wide, every year
ELEVEN_ELEVEN = _within_year("11-01", "11-11")


def _inside(where: tuple) -> np.ndarray:
    if not where:
        return np.asarray(DATES.day_of_week >= 5)
    return _within_year(*where) if isinstance(where[0], str) else _window(*where)


def demand() -> dict:
    """Give each segment's demand on every day, with mean 1 over the three years."""
    marked = [(_inside(where), factors) for _, where, factors in _WINDOWS]
    out = {}
    for i, segment in enumerate(SEGMENTS):
        level = np.ones(DAYS)
        for inside, factors in marked:
            level = np.where(inside, level * factors[i], level)
        out[segment] = level / level.mean()
    return out


def windows() -> dict:
    """Name each window's demand, as a multiple of an ordinary day, by segment."""
    return {name: dict(zip(SEGMENTS, factors, strict=True)) for name, _, factors in _WINDOWS}


def promotion() -> np.ndarray:
    """Mark the days of the shop-wide promotions."""
    return np.any([_within_year(*days) for days in PROMOTIONS], axis=0)


def window_days() -> dict:
    """Say where each window lies: around which dates, or between which days of the year."""
    return {name: list(where) or ["Saturday", "Sunday"] for name, where, _ in _WINDOWS}
