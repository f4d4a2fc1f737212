"""Answers as they come in, refused where no score can be trusted to mean what it says."""

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, warn, whole

_MISSING = (
    "Decide what a missing answer means. To leave it out, drop it before (.dropna()) and say how "
    "many you dropped."
)
TWICE = (
    "Keep one answer of each (.loc[~answers.index.duplicated()]), or, if the index does not say "
    "who answered, give each answer a row of its own with .reset_index(drop=True)."
)
SCALE_ADVICE = "Look these answers up, or give the scale that was asked: scale=(low, high)."


def ratings(values, name: str, **options) -> pd.Series:
    """Give one answer for each respondent as floats, as :func:`items` does for several items."""
    return items(validate.one_column(values, name).to_frame(), name, **options).iloc[:, 0]


def items(
    values,
    name: str,
    *,
    scale: tuple[float, float] | None = None,
    advice: str = SCALE_ADVICE,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Give a row for each respondent and a column for each item: floats, all there, on the scale.

    With `missing` ``"drop"`` respondents who lack an answer are left out, and a warning counts them.
    """
    validate.choice(missing, ("refuse", "drop"), "missing")
    if isinstance(values, pd.Series):
        values = values.to_frame(name if values.name is None else values.name)
    if not (isinstance(values, pd.DataFrame) and values.empty):
        validate.table(values, name)
    numbers = pd.DataFrame({c: validate.numbers(values[c]) for c in values}, values.index)
    numbers.columns = values.columns
    refuse(twice(values), TWICE)
    if missing == "drop":
        numbers = _complete(numbers)
    if numbers.empty:
        raise DataError(whole(name, "there are no answers"), "Check the filter that made them.")
    gone = [find(numbers[c], ~np.isfinite(numbers[c]), "missing or infinite") for c in numbers]
    refuse(gone, _MISSING)
    if scale is not None:
        low, high = validate.scale(scale)
        off = [find(values.loc[numbers.index, c], ~numbers[c].between(low, high),
                    f"outside {low:g} to {high:g}") for c in numbers]  # fmt: skip
        refuse(off, advice)
    return numbers


def _complete(numbers: pd.DataFrame) -> pd.DataFrame:
    gone = numbers.isna().any(axis=1)
    if gone.any():
        warn(f"{gone.sum():,} of {len(gone):,} respondents lack an answer and are left out.")
    return numbers[~gone]


def between_points(answers: pd.Series, low: float, advice: str) -> None:
    """Refuse answers that nobody could give: 3.5 on a scale of whole points."""
    off = find(answers, (answers - low) % 1 != 0, "between two points of the scale")
    refuse([off], advice)


def same_items(first: pd.DataFrame, second: pd.DataFrame, what: str, name: str, other: str):
    """Refuse items that stand in one of two tables only."""
    validate.columns(first.columns, second.columns, what=f"{what} in `{name}`")
    validate.columns(second.columns, first.columns, what=f"{what} in `{other}`")


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
        for who in one.index.difference(two.index, sort=False).to_flat_index()
    ]
    refuse(tables, "Keep those who answered both: the two tables need the same index.")


def item_weights(weights, columns: pd.Index) -> np.ndarray:
    """Give the items' weights, in the order of the columns, as shares that sum to 1."""
    if weights is None:
        return np.full(len(columns), 1 / len(columns))
    if isinstance(weights, dict):
        weights = pd.Series(weights, dtype=None if weights else float)
    if isinstance(weights, pd.Series):
        validate.columns(columns, weights.index, what="item")
        validate.columns(weights.index, columns, what="weight")
    w = validate.weights(weights, columns, other="the items")
    return (w / w.sum()).to_numpy()


def twice(table: pd.DataFrame) -> list[pd.DataFrame]:
    """Find respondents who stand in the table more than once."""
    again = table.index.duplicated(keep=False)
    names = [str(name) for name in table.index.names if name is not None]
    who = pd.Series(table.index.to_flat_index(), name=", ".join(names) or "respondent")
    who.index = table.index
    return [find(who, again, "answered more than once")]
