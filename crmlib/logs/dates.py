"""Days, read from whatever a column holds, without guessing."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from crmlib.errors import find, whole
from crmlib.validate import wrong

_ISO = (
    r"^(\d{4})([-/]?)(\d{2})\2(\d{2})(?:T?\d{4}(?:\d{2}Z?)?|"
    r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_FORMATS = [
    day + time
    for day in (
        *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
        *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d"),
        *("%Y/%m/%d", "%Y-%m-%d", "%Y.%m.%d", "%Y年%m月%d日"),
        *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y"),
    )
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %I:%M %p")
]
_MOST = 0.9  # of the dates: a form that fits so many is meant, and the others are something else


def read_dates(dates: pd.Series, date_format: str | None):
    """Read dates as midnight of the calendar day; what cannot be read is listed."""
    if _holds_dates(dates):
        return _read_typed_dates(dates)
    text = as_text(dates)
    if date_format is None:
        parts = text.str.extract(_ISO)
        read = pd.to_datetime(parts[0] + parts[2] + parts[3], format="%Y%m%d", errors="coerce")
        problem = "not a day in ISO form, such as 2024-02-13"
    else:
        read = _by(text, date_format)
        problem = f"does not fit date_format={date_format!r}"
    bad = text.notna() & read.isna()
    advice = _date_advice(text) if bad.any() else ""
    return _midnight(read.mask(bad, pd.Timestamp(0))), (find(dates, bad, problem), advice)


def _holds_dates(dates: pd.Series) -> bool:
    if dates.dtype == object:
        return pd.api.types.infer_dtype(dates) in ("date", "datetime", "datetime64")
    return pd.api.types.is_datetime64_any_dtype(dates.dtype) or str(dates.dtype).startswith("date")


def _read_typed_dates(dates: pd.Series):
    try:
        return _midnight(pd.to_datetime(dates)), (find(dates, False, ""), "")
    except ValueError:  # objects with different offsets share no type
        problem = "the dates are in several time zones, or only some have one"
        advice = f"Choose one: pd.to_datetime(log[{dates.name!r}], utc=True).dt.tz_convert(...)."
        return pd.Timestamp(0), (whole(dates.name, problem), advice)


def _midnight(dates: pd.Series) -> pd.Series:
    """Cut off the time of day, and the time zone: the day is the one people there lived."""
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    stamps = dates.to_numpy() if isinstance(dates.dtype, np.dtype) else dates.to_numpy("M8[us]")
    days = stamps.astype("datetime64[D]")
    return pd.Series(days.astype("datetime64[s]"), index=dates.index)


def _date_advice(text: pd.Series) -> str:
    """Say which date_format reads all of these dates, or that several do."""
    text = text.dropna().drop_duplicates().reset_index(drop=True)
    if text.str.fullmatch(r"[1-6]\d{4}(\.\d+)?").all():
        return (
            "These look like Excel's day numbers; "
            "pd.to_datetime(column, unit='D', origin='1899-12-30') makes dates of them."
        )
    if not (readings := _readings(text) or _readings(text, share=_MOST)):
        return (
            "No one way of writing dates fits them all; if you know it, say so: "
            "crm.check_log(..., date_format='%d/%m/%Y') reads 13/02/2024."
        )
    if len(readings) == 1:
        ((way, read),) = readings.items()
        which = "them" if read.notna().all() else "nearly all of them; correct the others"
        return f"{_why(text, way)}crm.check_log(..., date_format={way!r}) reads {which}."
    one, other = list(readings.values())[:2]
    row = (one - other).abs().idxmax()  # 01/01/2020 would show nothing
    ways = [f"{read[row]:%Y-%m-%d} by {way!r}" for way, read in readings.items()]
    return (
        f"They can be read in several ways: {text[row]} is {' or '.join(ways)}. "
        "Find out which is meant, and say so: crm.check_log(..., date_format=...)."
    )


def _readings(text: pd.Series, share: float = 1) -> dict[str, pd.Series]:
    """Map each format that fits all of `text`, or a share, to what it reads, every reading once."""
    readings = {}
    for date_format in _FORMATS:
        if pd.isna(_by(text.iloc[:1], date_format).iloc[0]):
            continue
        read = _by(text, date_format)
        fits = read.notna().mean() >= share
        if fits and not any(read.equals(other) for other in readings.values()):
            readings[date_format] = read
    return readings


def _why(text: pd.Series, date_format: str) -> str:
    """Point at a date that can only be read this way round."""
    swapped = date_format.translate(str.maketrans("dm", "md"))
    proof = text[_by(text, swapped).isna() & _by(text, date_format).notna()]
    if proof.empty or date_format[:2] not in ("%d", "%m") or "%m" not in date_format:
        return ""
    first = "day" if date_format.startswith("%d") else "month"
    return f"{proof.iloc[0]} shows the {first} first: "


def _by(text: pd.Series, date_format: str) -> pd.Series:
    """Read dates by a format; those that do not fit become NaT."""
    try:
        return pd.to_datetime(text, format=date_format, errors="coerce")
    except ValueError as error:  # an unknown % sign, or offsets that differ from row to row
        allowed = "written in Python's signs, such as '%d/%m/%Y', without a time zone"
        raise wrong("date_format", date_format, allowed, f"({error})") from None


def as_day(value, name: str) -> pd.Timestamp:
    """Read an argument that means a day; text must be ISO, for 03/04/2024 could be two days."""
    iso = not isinstance(value, str) or re.match(r"\d{4}-\d{2}-\d{2}", value)
    try:
        if not iso or isinstance(value, (int, float)):
            raise ValueError
        day = pd.Timestamp(value)
    except (ValueError, TypeError):
        day = pd.NaT
    if pd.isna(day) or day.tz is not None:
        raise wrong(name, value, "a day, without a time zone", f"Write {name}='1997-09-30'.")
    return day.normalize()


def as_text(values: pd.Series) -> pd.Series:
    """Write values as text without spaces around, blanks as missing, 20240213.0 as 20240213."""
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("str").str.strip()
    return text.mask(text == "")
