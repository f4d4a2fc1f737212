"""How other people's files write amounts and days: read where all agree, and said."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from crmlib.errors import DataError, find, refuse

_NUMBER = re.compile(r"\s*[-+]?[\d.,\s]*\d[\d.,\s]*")
# a sign of money before or after the number, a minus before, behind or as brackets around both
_MONEY = (
    r"^(?P<open>\()?(?P<one>[-+])?(?P<before>[^\d.,+\-()]{1,4})?(?P<two>[-+])?"
    r"(?P<number>[\d.,]*\d)(?P<after>[^\d.,+\-()]{1,4})?(?P<three>-)?(?P<close>\))?$"
)
_CURRENCY = r"(?:[A-Z]{3}|[A-Z]{0,3}[$¢£¤¥֏؋৳฿₠-⃀]|元|kr|zł|Kč|Ft|Fr|Rs)"
_COUNTS = {1: "s", 1_000: "ms", 1_000_000: "us", 1_000_000_000: "ns"}
_SINCE, _SECONDS = 1e8, 5e9  # since 1970: in 1973 and 2128; what is more counts thousandths
_UNIX = r"1\d{9}(\d{3}){0,3}(\.\d+)?"
_LAST_DAY = 100_000  # of Excel's, in 2173


def amounts(column: pd.Series, decimal: str | None) -> tuple[pd.Series, list[str]]:
    """Read amounts with a sign of money, a decimal comma or marks of thousands, where all agree.

    What is no such number stays as it is, for the check of the log to refuse.
    """
    if not (pd.api.types.is_string_dtype(column.dtype) or column.dtype == object):
        return column, []
    kinds = column.drop_duplicates()  # far fewer than rows, on a long log
    try:
        read, said = _read(kinds, decimal)
    except DataError:
        return _read(column, decimal)  # to name every row
    if not said:
        return column, []
    numbers = column.map(dict(zip(kinds, read, strict=True)), na_action="ignore")
    return numbers.astype("float64"), said


def _read(column: pd.Series, decimal: str | None) -> tuple[pd.Series, list[str]]:
    text = column.astype("str").str.normalize("NFKC").str.replace("\u2212", "-")
    text = text.str.replace(r"\s|(?<=\d)['’](?=\d{3})", "", regex=True)
    text = _bare(text.where(column.notna()))
    marks = r"[,.]" if decimal == "comma" else ","
    marked = text.notna() & text.str.contains(marks).eq(True)
    if not text.dropna().map(_NUMBER.fullmatch).notna().all():
        return column, []
    if marked.any():
        text = _with_point(column, text, marked, decimal)
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    plain = pd.to_numeric(column, errors="coerce")
    other = numbers.notna() & ~(numbers == plain)
    if not other.any():
        return column, []
    example = f"{str(column[other].iloc[0]).strip()!r}, read as {numbers[other].iloc[0]:.12g}"
    return numbers, [f"amounts are written like {example}"]


def _bare(text: pd.Series) -> pd.Series:
    """Take off the sign of money that all amounts have, and write each minus in front."""
    parts = text.str.extract(_MONEY)
    money = parts["before"].fillna("") + parts["after"].fillna("")
    there, minus = text.notna(), parts[["one", "two", "three"]].eq("-").sum(axis=1)
    minus += parts["open"].notna()
    fits = parts["number"].notna() & (parts["open"].notna() == parts["close"].notna())
    if not fits[there].all() or (minus > 1).any():
        return text
    signs = money[there].value_counts()
    if not all(re.fullmatch(_CURRENCY, sign) for sign in signs.index if sign):
        return text
    if len(signs.drop("", errors="ignore")) > 1:
        other = there & (money != signs.drop("", errors="ignore").index[0])
        names = " and ".join(sorted(signs.drop("", errors="ignore").index))
        raise DataError(
            find(text, other, "not in the currency of the most"),
            f"There are amounts in {names}. Convert them into one, or keep those of one: --only.",
        )
    if len(signs) > 1:  # some have a sign of money, and others none
        return text
    return parts["number"].where(minus == 0, "-" + parts["number"])


def _with_point(column: pd.Series, text: pd.Series, marked: pd.Series, decimal: str | None):
    """Write numbers with a point before the decimals, and nothing between the thousands."""
    mark = {"comma": ",", "point": "."}.get(decimal) or _decimal(text)
    if mark is None:
        rows = find(column, marked, "a comma that may mark the decimals or the thousands")
        raise DataError(rows, "Say which: --decimal comma, or --decimal point.")
    thousands = {",": ".", ".": ","}[mark]
    # 1.234,50 but not 12.34.5: a mark of thousands stands before three digits, and before the decimals
    fits = text.dropna().str.fullmatch(
        rf"[-+]?(\d+|\d{{1,3}}({re.escape(thousands)}\d{{3}})+)?({re.escape(mark)}\d*)?"
    )
    if not fits.all():
        rows = find(column, ~fits.reindex(column.index, fill_value=True), "not a plain number")
        raise DataError(rows, f"In the others {mark!r} marks the decimals; write these like them.")
    return text.str.replace(thousands, "", regex=False).str.replace(mark, ".", regex=False)


def _decimal(text: pd.Series) -> str | None:
    """Tell which sign marks the decimals: the last of two; one not followed by three digits."""
    both = text.dropna()[text.dropna().str.contains(r"\.") & text.dropna().str.contains(",")]
    last = set(both.str.extract(r"([.,])\d*$")[0])
    if len(last) == 1:
        return last.pop()
    comma = text.dropna()[text.dropna().str.contains(",", regex=False)]
    if len(last) == 0 and (~comma.str.contains(r"^[-+]?\d{1,3}(?:,\d{3})+$")).any():
        return ","
    return None


def days(column: pd.Series, date_format: str | None) -> tuple[pd.Series, str | None, list[str]]:
    """Read days that are counted: ``excel`` from 1899-12-30 on, ``unix`` in seconds since 1970.

    Returns
    -------
    Series, str or None, list of str
        The days, or the column as it is; the format that is left to read it by; what is in doubt.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column, date_format, []
    if date_format == "excel":
        numbers = _counts(column, 1, _LAST_DAY, "no number of a day in Excel")
        return pd.to_datetime(numbers, unit="D", origin="1899-12-30").dt.floor("D"), None, []
    if date_format == "unix":
        most = pd.to_numeric(column, errors="coerce").max()
        fits = [(n, unit) for n, unit in _COUNTS.items() if most <= n * _SECONDS]
        n, unit = fits[0] if fits else (1, "s")
        numbers = _counts(column, n * _SINCE, n * _SECONDS, "no count of seconds since 1970")
        note = "times count from 1970 and are read as days of UTC, which begin at another hour here"
        return pd.to_datetime(numbers, unit=unit).dt.floor("D"), None, [note]
    text = column.dropna().astype("str").str.strip()
    if date_format is None and len(text) and text.str.fullmatch(_UNIX).all():
        problem = find(column, column.notna(), "not a day in ISO form, such as 2024-02-13")
        advice = "They look like seconds since 1970: --date-format unix reads them."
        raise DataError(problem, advice)
    return column, date_format, _zones(text)


def _counts(column: pd.Series, low: float, high: float, problem: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    bad = column.notna() & ~numbers.between(low, high)
    refuse([find(column, bad, problem)], "Correct them, or name another --date-format.")
    return numbers


def _zones(text: pd.Series) -> list[str]:
    """Say that times are of several zones, more than summer time makes, or only some of one."""
    if not text.str.contains(r":\d{2}.*(?:Z|UTC|GMT|[+-]\d{2}:?\d*)$").any():
        return []
    timed = text[text.str.contains(":", regex=False)]
    zone = timed.str.extract(r":\d{2}(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{0,2})?$")[0].fillna("")
    names = zone.value_counts().index
    hours = [np.nan if not n else float(n[:3]) if n[0] in "+-" else 0.0 for n in names]
    if len(names) < 2 or (max(hours) - min(hours) <= 1 and "" not in names):
        return []
    seen = ", ".join(name or "none" for name in names[:4])
    return [
        f"the dates have several time zones ({seen}): each is taken for the day that is written"
    ]
