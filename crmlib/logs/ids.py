"""What an id or a name must be, in a log, a panel or a list of events: decided once, worded once."""

from __future__ import annotations

import pandas as pd
from pandas.api import types

from crmlib.errors import find, refuse, warn, whole

# As spreadsheets write a long number, 1.23457E+11; an article called 12E5 is none.
SHORT = r"^\s*\d(?:[.,]\d+)?[eE]\+\d{2,}\s*$"
# What must be looked at more closely: blanks around, nothing, shortened. One pattern, for on a long
# log each look at all of the text takes as long as the sums do.
SUSPECT = r"^[\s\x0b]|[\s\x0b]$|^$|" + SHORT
SHORTENED = "a number that a spreadsheet has shortened, so that several have become one"
_NUMBERS = {"integer", "floating", "decimal", "mixed-integer-float"}
_ALIKE = {"as typed", "empty", "date", "datetime", "boolean"}


def export_again(name) -> str:
    """Advise on ids that a spreadsheet has shortened."""
    return f"Export again with the column {name!r} formatted as text."


def typed(ids: pd.Series) -> tuple[pd.Series, tuple[pd.DataFrame, str]]:
    """Give ids as whole numbers, text or what they are typed as; list those that are neither.

    Returns
    -------
    Series, (DataFrame, str)
        The ids, something harmless where they cannot be read; the problems, and what to do.
    """
    advice = f"Read them as text: pd.read_csv(..., dtype={{{ids.name!r}: str}})."
    if isinstance(ids.dtype, pd.CategoricalDtype) and ids.cat.categories.dtype == object:
        ids = plain(ids)
    kind = types.infer_dtype(ids) if ids.dtype == object else "as typed"
    if kind == "string":
        ids = ids.astype("str")
    elif kind in _NUMBERS:
        ids = pd.to_numeric(ids)
    elif kind not in _ALIKE:
        problem = "some are text and others are not, so that 42 and '42' would be two"
        return ids.astype("str"), (whole(str(ids.name), problem), advice)
    if not types.is_float_dtype(ids.dtype):
        return ids, (find(ids, False, ""), "")
    bad = ids.notna() & ((ids % 1 != 0) | (ids.abs() >= 2**53))
    numbers = ids.mask(bad, 0).astype("Int64")
    if not numbers.hasnans:
        numbers = numbers.astype("int64")
    return numbers, (find(ids, bad, "not a whole number, or too long to be exact"), advice)


def plain(ids: pd.Series) -> pd.Series:
    """Give a category as what its categories are."""
    kind = ids.dtype
    return ids.astype(kind.categories.dtype) if isinstance(kind, pd.CategoricalDtype) else ids


def odd(ids: pd.Series) -> bool:
    """Tell whether any id is text with blanks around it, empty or shortened."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        ids = pd.Series(ids.cat.categories)
    if types.infer_dtype(ids) != "string":
        return False
    names = ids.astype("str")
    odd = (names == "") | (names != names.str.strip())
    if odd.where(names.notna(), False).any():
        return True
    plus = names[names.str.contains("+", regex=False, na=False)]  # far faster than the pattern
    return bool(plus.str.contains(SHORT).any())


def labels(column: pd.Series) -> pd.Series:
    """Give the ids or names of a column, all there and without blanks around them, or refuse it."""
    column, (problems, advice) = typed(plain(column))
    refuse([problems], advice)
    strange = odd(column)
    bare = column.str.strip() if strange else column
    nobody = find(column, bare.isna() | (bare == ""), f"no {str(column.name).replace('_', ' ')}")
    refuse([nobody], "Complete these rows, or set them aside and say how many there were.")
    if strange:
        refuse([find(column, bare.str.contains(SHORT), SHORTENED)], export_again(column.name))
        if len(cut := column[bare != column]):
            say_stripped(column.name, len(cut), cut.iloc[0])
    return bare


def say_stripped(name, count: int, example: str) -> None:
    """Warn that blanks around ids were taken off."""
    warn(
        f"{name}: blanks around {count:,} value{'s' * (count > 1)} were stripped, such as "
        f"{example!r}, so that {example!r} and {example.strip()!r} are one."
    )
