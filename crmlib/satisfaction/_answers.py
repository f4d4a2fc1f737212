"""Answers as they come in, refused where no score can be trusted to mean what it says."""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np
import pandas as pd
from pandas.api import types

from crmlib.errors import find, refuse, whole

_CONVERT = "Convert the column with pandas.to_numeric, and see what it cannot read."
_MISSING = (
    "Decide what a missing answer means. To leave it out, drop it before (.dropna()) and say how "
    "many you dropped."
)
_TWICE = (
    "Keep one answer of each (.loc[~answers.index.duplicated()]), or, if the index does not say "
    "who answered, give each answer a row of its own with .reset_index(drop=True)."
)


def ratings(values, name: str, *, scale: tuple[float, float] | None = None) -> pd.Series:
    """Give one answer for each respondent as floats, all of them there and on the scale."""
    series = values if isinstance(values, pd.Series) else pd.Series(_flat(values, name))
    series = series.rename(name if series.name is None else series.name)
    if series.empty:
        refuse([whole(series.name, "there are no answers")], "Check the filter that made them.")
    return items(series.to_frame(), name, scale=scale).iloc[:, 0]


def items(values, name: str, *, scale: tuple[float, float] | None = None) -> pd.DataFrame:
    """Give one row for each respondent and one column for each item, as :func:`ratings` does."""
    if isinstance(values, pd.Series):
        values = values.to_frame(name if values.name is None else values.name)
    if not isinstance(values, pd.DataFrame):
        problem = f"is {type(values).__name__}, not a table"
        refuse([whole(name, problem)], "Give a DataFrame: a row for each respondent.")
    if values.empty:
        refuse([whole(name, "there are no answers")], "Check the filter that made them.")
    repeated = values.columns[values.columns.duplicated()]
    refuse([whole(c, "two columns have this name") for c in repeated], "Rename one of them.")
    refuse([_as_text(values[c]) for c in values], _CONVERT)
    refuse(_twice(values), _TWICE)
    numbers = values.astype("Float64").astype(float)
    gone = [find(values[c], ~np.isfinite(numbers[c]), "missing or infinite") for c in values]
    refuse(gone, _MISSING)
    if scale is not None:
        low, high = points(scale)
        problem = f"outside {low:g} to {high:g}"
        off = [find(values[c], ~numbers[c].between(low, high), problem) for c in values]
        refuse(off, "Look these answers up, or give the scale that was asked: scale=(low, high).")
    return numbers


def points(scale) -> tuple[float, float]:
    """Give the ends of a scale, in order."""
    low, high = map(float, scale)
    if not (np.isfinite([low, high]).all() and low < high):
        advice = "Give its lowest and its highest point, such as (1, 5)."
        refuse([whole("scale", "is no scale", tuple(scale))], advice)
    return low, high


def there(columns, wanted, what: str) -> None:
    """Refuse names that are not among the columns, and suggest the nearest."""
    missing = [name for name in wanted if name not in columns]
    tables = [whole(str(name), f"there is no such {what}") for name in missing]
    near = {name: get_close_matches(str(name), map(str, columns), n=1) for name in missing}
    hints = [f"For {name!r} there is {found[0]!r}." for name, found in near.items() if found]
    refuse(tables, " ".join([*hints, f"There are: {', '.join(map(str, columns))}."]))


def varying(table: pd.DataFrame, why: str) -> None:
    """Refuse columns in which every answer is the same."""
    flat = [c for c in table if np.ptp(table[c].to_numpy()) <= 1e-12 * table[c].abs().max()]
    problem = f"every answer is {{:g}}: {why}"
    refuse([whole(str(c), problem.format(table[c].iloc[0])) for c in flat], "Leave it out.")


def same_respondents(first: pd.DataFrame, second: pd.DataFrame, name: str, other: str) -> None:
    """Refuse respondents who stand in one table only."""
    tables = [
        whole(here, "answered here only", who)
        for here, one, two in ((name, first, second), (other, second, first))
        for who in one.index.difference(two.index)
    ]
    refuse(tables, "Keep those who answered both: the two tables need the same index.")


def shares(weights, columns) -> np.ndarray:
    """Give the items' weights, in the order of the columns, as shares that sum to 1."""
    if weights is None:
        return np.full(len(columns), 1 / len(columns))
    if isinstance(weights, dict | pd.Series):
        weights = pd.Series(weights, dtype=float)
        there(list(columns), weights.index, "item")
        there(list(weights.index), columns, "weight")
        weights = weights[columns]
    elif len(weights) != len(columns):
        problem = f"there are {len(weights)} for {len(columns)} items"
        refuse([whole("weights", problem)], "Give one for each item, by name.")
    weights = pd.Series(np.asarray(weights, dtype=float), index=columns, name="weights")
    bad = ~(np.isfinite(weights) & (weights >= 0))
    refuse([find(weights, bad, "negative or missing")], "A weight is a share: zero or more.")
    if weights.sum() == 0:
        refuse(
            [whole("weights", "all are zero")], "Give the items that matter a weight above zero."
        )
    return (weights / weights.sum()).to_numpy()


def _flat(values, name: str):
    array = values if isinstance(values, list | tuple) else np.asarray(values)
    if np.ndim(array) != 1:
        problem = f"has {np.ndim(array)} dimensions; one is needed"
        refuse([whole(name, problem)], "Give one column: an answer for each respondent.")
    return array


def _as_text(column: pd.Series) -> pd.DataFrame:
    """Tell a column of texts, and which of them are no numbers."""
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return find(column, np.zeros(len(column)), "")
    if types.is_bool_dtype(column) or types.is_datetime64_any_dtype(column):
        return whole(str(column.name), f"is {column.dtype}, not a rating")
    text = column.map(lambda value: isinstance(value, str))
    return find(column, text, "text, not a number") if text.any() else _objects(column)


def _objects(column: pd.Series) -> pd.DataFrame:
    """Let a column of objects pass if numbers are in it: None stands for missing."""
    if pd.to_numeric(column, errors="coerce").notna().any():
        return find(column, np.zeros(len(column)), "")
    return whole(str(column.name), f"is {column.dtype}, not numbers")


def _twice(table: pd.DataFrame) -> list[pd.DataFrame]:
    """Find respondents who stand in the table more than once."""
    again = table.index.duplicated(keep=False)
    name = "respondent" if table.index.name is None else str(table.index.name)
    who = pd.Series(table.index, index=table.index, name=name)
    return [find(who, again, "answered more than once")]
