"""What a panel, a flag, a score and an argument must be, refused in words where they are not."""

from __future__ import annotations

import warnings
from difflib import get_close_matches
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api import types

from crmlib.errors import find, refuse, whole

_FLAGS, _NUMBERS = {"boolean"}, {"integer", "floating", "decimal", "mixed-integer-float"}
_SAME_KIND = {"string", "date", "datetime"} | _FLAGS | _NUMBERS


def panel(purchases, buyer, brand) -> tuple[pd.Series, pd.Series]:
    """Give the buyers and the brands of a panel, one of each for every purchase."""
    if not isinstance(purchases, pd.DataFrame):
        problem = f"is {type(purchases).__name__}, not a table"
        refuse([whole("purchases", problem)], "Give a DataFrame: one row for each purchase.")
    if isinstance(buyer, str) and buyer == brand:
        raise ValueError(f"buyer and brand are two columns, not both {buyer!r}")
    need(list(purchases.columns), [buyer, brand])
    if purchases.empty:
        refuse([whole(None, "there are no purchases")], "Check the filter that made the table.")
    return labels(purchases[buyer]), labels(purchases[brand])


def need(columns: list, names: list) -> None:
    """Refuse a table without these columns, or with two of one name; suggest the nearest."""
    tables = []
    for name in names:
        if name not in columns:
            near = nearest(name, columns)
            hint = f"; did you mean {near!r}?" if near is not None else ""
            tables.append(whole(str(name), f"there is no such column{hint}"))
        elif columns.count(name) > 1:
            tables.append(whole(str(name), "several columns have this name"))
    refuse(tables, f"The columns are {', '.join(map(repr, columns))}.")


def nearest(name, there):
    """Give the one of the names there that is most like this one, or None."""
    written = {str(t).lower(): t for t in there}
    near = get_close_matches(str(name).lower(), written, n=1, cutoff=0.5)
    return written[near[0]] if near else None


def labels(column: pd.Series) -> pd.Series:
    """Give ids or names without blanks around them; refuse missing ones and mixtures."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    missing = find(column, column.isna(), "missing")
    refuse([missing], "Complete these rows, or set them aside and say how many there were.")
    kind = types.infer_dtype(column) if column.dtype == object else "as typed"
    if kind not in _SAME_KIND | {"as typed"}:
        problem = "some values are text and others are not, so that 42 and '42' would be two"
        refuse([whole(str(column.name), problem)], "Read the column as text: dtype=str.")
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
        warnings.warn(text, UserWarning, stacklevel=2)
    return bare


def together(**columns) -> list[pd.Series]:
    """Give columns that belong together: Series matched by index, arrays by their order."""
    named = {name: values for name, values in columns.items() if isinstance(values, pd.Series)}
    column = {name: _column(values, name) for name, values in columns.items()}
    leader = next(iter(named or column))
    return [
        _aligned(column[name], column[leader], leader, by_index=name in named) for name in column
    ]


def _column(values, name: str) -> pd.Series:
    if isinstance(values, pd.Series):
        return values.rename(name)
    if not isinstance(values, list | tuple | range | pd.Index):
        values = np.asarray(values)
        if values.ndim != 1:
            refuse([whole(name, "is no single column")], "Give one value for each customer.")
    return pd.Series(values, name=name)


def _aligned(column: pd.Series, first: pd.Series, leader: str, *, by_index: bool) -> pd.Series:
    name, advice = column.name, "Give columns of one table, so that each row is one customer."
    if len(column) != len(first):
        problem = f"has {len(column):,} values, {leader} has {len(first):,}"
        refuse([whole(name, problem)], advice)
    if not by_index:
        return column.set_axis(first.index)
    if column.index.equals(first.index):
        return column
    if not (first.index.is_unique and column.index.is_unique):
        problem = f"its index repeats customers and differs from that of {leader}"
        refuse([whole(name, problem)], advice)
    alone = first.index.difference(column.index)
    refuse([whole(name, f"no value for {who!r}, whom {leader} has") for who in alone], advice)
    return column.reindex(first.index)


def flags(column: pd.Series) -> pd.Series:
    """Give answers of 0 or 1 (or true and false) as floats, both of which occur."""
    number = numbers(column, boolean=True)
    advice = "Code it 1 for yes and 0 for no."
    refuse([find(column, ~number.isin((0, 1)), "neither 0 nor 1")], advice)
    if number.nunique() == 1:
        problem = f"every value is {number.iloc[0]:g}: there is nothing to compare"
        refuse([whole(column.name, problem)], "It needs some of 0 and some of 1.")
    return number


def numbers(column: pd.Series, *, boolean: bool = False) -> pd.Series:
    """Give finite numbers as floats, one for each customer."""
    if column.empty:
        refuse([whole(column.name, "there are no values")], "Check the filter that made them.")
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if column.dtype == object:
        column = column.infer_objects()
    if types.is_bool_dtype(column) and not boolean:
        problem = "is true or false, not numbers"
        refuse([whole(column.name, problem)], "If true is the higher, use .astype(int).")
    if column.dtype == object and types.infer_dtype(column) in _NUMBERS | _FLAGS:
        column = column.map(lambda value: np.nan if pd.isna(value) else float(value))
    if not types.is_numeric_dtype(column) or types.is_complex_dtype(column):
        problem = f"is {column.dtype}, not numbers"
        refuse([whole(column.name, problem)], "Convert it with pandas.to_numeric.")
    number = column.astype("Float64").astype(float)
    bad = find(column, ~np.isfinite(number), "missing or infinite")
    refuse([bad], "Complete these values, or leave out the customers and say how many.")
    return number


def count(value, name: str, *, least: int = 0, most: float = np.inf) -> int:
    """Give an argument that must be a whole number."""
    number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if not (number and np.isfinite(value) and value == int(value) and least <= value <= most):
        upper = "" if np.isinf(most) else f" to {most:,}"
        words = f"from {least:,}{upper}" if upper else f"of {least:,} or more"
        raise ValueError(f"{name} must be a whole number {words}, not {value!r}")
    return int(value)
