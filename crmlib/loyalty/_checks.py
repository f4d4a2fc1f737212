"""What a panel is, and what outcomes and scores of the same customers are."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd
from pandas.api import types

from crmlib import validate
from crmlib.errors import DataError, find, refuse, warn, whole

_NUMBERS = {"integer", "floating", "decimal", "mixed-integer-float"}
_SAME_KIND = {"string", "date", "datetime", "boolean"} | _NUMBERS


def panel(purchases, buyer, brand) -> tuple[pd.Series, pd.Series]:
    """Give the buyers and the brands of a panel, one of each for every purchase."""
    for name, column in (("buyer", buyer), ("brand", brand)):
        if not isinstance(column, Hashable):
            raise validate.wrong(name, column, "the name of a column")
    if isinstance(buyer, str) and buyer == brand:
        raise validate.wrong("brand", brand, "another column than buyer")
    validate.table(purchases, "purchases", rows=False)
    validate.columns(purchases.columns, [buyer, brand])
    if purchases.empty:
        raise DataError(whole("purchases", "is empty"), "Check the filter that made it.")
    return labels(purchases[buyer]), labels(purchases[brand])


def labels(column: pd.Series) -> pd.Series:
    """Give ids or names without blanks around them; refuse missing ones and mixtures."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    missing = find(column, column.isna(), "missing")
    refuse([missing], "Complete these rows, or set them aside and say how many there were.")
    kind = types.infer_dtype(column) if column.dtype == object else "as typed"
    if kind not in _SAME_KIND | {"as typed"}:
        problem = "some values are text and others are not, so that 42 and '42' would be two"
        raise DataError(whole(str(column.name), problem), "Read the column as text: dtype=str.")
    if kind in _NUMBERS:
        column = pd.to_numeric(column)
    if types.is_float_dtype(column.dtype):
        odd = (column % 1 != 0) | (column.abs() >= 2**53)
        refuse([find(column, odd, "not a whole number, or too long to be exact")], "Read as text.")
        return column.astype("int64")
    return _stripped(column) if kind == "string" or types.is_string_dtype(column) else column


def _stripped(column: pd.Series) -> pd.Series:
    text = column.astype("str")
    bare = text.str.strip()
    refuse([find(text, bare == "", "blank")], "Complete these rows, or set them aside.")
    cut = bare.str.fullmatch(r"\d(\.\d+)?[eE]\+?\d+")
    advice = "A spreadsheet has cut these; export them again as text."
    refuse([find(text, cut, "a number in scientific notation, its digits lost")], advice)
    count = int((bare != text).sum())
    if count:
        text = f"{column.name}: blanks around {count:,} value{'s' * (count > 1)} were stripped"
        warn(text)
    return bare


def matched(score, **flags) -> list[pd.Series]:
    """Give answers of 0 and 1 (both occur) and the score of the same customers, as floats.

    Series are matched by index with the first Series there is, arrays by their order.
    """
    columns = {name: _both(validate.zero_one(values, name)) for name, values in flags.items()}
    columns["score"] = validate.finite(score, "score")
    given = flags | {"score": score}
    labelled = [name for name, values in given.items() if isinstance(values, pd.Series)]
    leader = next(iter(labelled or columns))
    index = columns[leader].index
    return [
        validate.aligned(column if name in labelled else column.to_numpy(), index, name, leader)
        for name, column in columns.items()
    ]


def _both(flags: pd.Series) -> pd.Series:
    if flags.nunique() == 2:
        return flags
    problem = "there are no values" if flags.empty else f"every value is {flags.iloc[0]:g}"
    raise DataError(whole(str(flags.name), problem), "It takes some of 0 and some of 1 to compare.")
