"""A refusal that names the rows."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd

_COLUMNS = ["row", "column", "value", "problem"]
_SHOWN, _MOST = 3, 12  # lines in a message: of one kind, in all
_NONE = pd.DataFrame(columns=_COLUMNS)


class DataError(ValueError):
    """Data that cannot be used as they are: what is wrong, where, and what to do.

    Parameters
    ----------
    problems : DataFrame
        One line per problem with columns ``row, column, value, problem``, as :func:`find` makes it.
    advice : str
        What the reader should do next, in plain words.

    Attributes
    ----------
    problems : DataFrame
        Every problem, also those the message has no room for.

    Examples
    --------
    >>> amount = pd.Series([9.5, -3.0, 12.0], name="amount")
    >>> raise DataError(find(amount, amount < 0, "a refund"), "Net it against its purchase.")
    Traceback (most recent call last):
    crmlib.errors.DataError: 1 problem in the data.
      row 1, amount = -3.0: a refund
    What to do: Net it against its purchase.
    """

    def __init__(self, problems: pd.DataFrame, advice: str):
        self.problems = problems.reset_index(drop=True)
        self.advice = advice
        super().__init__(_message(self.problems, advice))

    def __reduce__(self):
        # An exception that takes two arguments must say how to be copied to another process.
        return type(self), (self.problems, self.advice)


def find(values: pd.Series, bad, problem: str) -> pd.DataFrame:
    """List the rows of `values` where the mask `bad` holds, as a ``problems`` table.

    >>> find(pd.Series([1, 9], name="score"), [False, True], "outside 1 to 5")
       row column value         problem
    0    1  score     9  outside 1 to 5
    """
    bad = np.asarray(bad, dtype=bool)
    if not bad.any():
        return _NONE
    rows = values[bad]
    return pd.DataFrame(
        {
            "row": rows.index.to_flat_index(),  # a label of several levels is one label
            "column": [values.name] * len(rows),
            "value": rows.astype(object).to_numpy(),
            "problem": problem,
        },
        columns=_COLUMNS,
    )


def whole(column: str | None, problem: str, value: object = None) -> pd.DataFrame:
    """Make a problem of the whole table or column rather than of one row.

    >>> whole("amount", "there is no such column").problem.item()
    'there is no such column'
    """
    return pd.DataFrame([(None, column, value, problem)], columns=_COLUMNS, dtype=object)


def refuse(tables: Iterable[pd.DataFrame], advice: str) -> None:
    """Raise :class:`DataError` when any of the ``problems`` tables has a line.

    >>> refuse([find(pd.Series([1, 2], name="score"), [False, False], "never")], "nothing to do")
    """
    found = [table for table in tables if len(table)]
    if found:
        raise DataError(pd.concat(found, ignore_index=True), advice)


def warn(text: str) -> None:
    """Warn at the line of the reader: the first one outside of this package that led here."""
    frame, level = sys._getframe(1), 2
    while frame is not None and frame.f_globals.get("__name__", "").startswith("crmlib."):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, UserWarning, stacklevel=level)


def _message(problems: pd.DataFrame, advice: str) -> str:
    # The first few of every kind: three missing dates must not hide the one refund after them.
    shown = problems.groupby(["column", "problem"], dropna=False, sort=False).head(_SHOWN)
    lines = [_line(p) for p in shown.head(_MOST).itertuples(index=False)]
    n, left = len(problems), len(problems) - len(lines)
    if left:
        lines.append(f"  ... and {left:,} more (see the exception's .problems)")
    head = f"{n:,} problem{'s' if n > 1 else ''} in the data."
    return "\n".join([head, *lines, f"What to do: {advice}"])


def _line(p) -> str:
    nowhere = not isinstance(p.row, tuple) and pd.isna(p.row)
    where = [] if nowhere else [f"row {p.row}"]
    if p.column is not None:
        empty = p.value is None and nowhere
        where.append(f"{p.column}" if empty else f"{p.column} = {_written(p.value)}")
    return f"  {', '.join(where)}: {p.problem}" if where else f"  {p.problem}"


def _written(value) -> str:
    """Write a value as the reader knows it: a day without midnight, blanks between quotes."""
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return f"{value:%Y-%m-%d}"
    return repr(value) if isinstance(value, str) and not value.strip() else f"{value}"
