"""What a column, a number, a rate and a choice must be: decided once, worded once.

A mistake in the call is a :class:`ValueError` that names the argument, what came and what is
allowed; a mistake in the data is a :class:`crmlib.DataError` that names the rows.

What counts as numbers, everywhere in the course: whole and decimal numbers of NumPy, of pandas
(nullable) and of Arrow; a category by what it is named (1 to 5 are numbers); a column of objects if
each of them is a number or missing. What does not: text, also where it looks like a number; dates;
yes and no, for True is no rating, no amount and no count (``.astype(int)`` makes 1 and 0 of them).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from difflib import get_close_matches
from numbers import Real

import numpy as np
import pandas as pd
from pandas.api import types

from crmlib.errors import DataError, find, refuse, whole

_CONVERT = "Convert the column with pandas.to_numeric, and see what it cannot read."
_YES_NO = "If yes is 1 and no is 0, say so: .astype(int)."
_SHOWN = 12  # names in an advice


class WrongType(ValueError, TypeError):
    """A wrong argument is a ValueError; one of a wrong type is what Python calls it as well."""


def wrong(name: str, value, allowed: str, hint: str = "") -> ValueError:
    """Make the refusal of an argument, to be raised: ``raise wrong(...)``.

    >>> raise wrong("horizon", -4, "a positive number")
    Traceback (most recent call last):
    ValueError: horizon must be a positive number, not -4.
    """
    return ValueError(_sentence(name, value, allowed, hint))


def _sentence(name: str, value, allowed: str, hint: str = "") -> str:
    came = repr(value)
    if len(came) > 60:  # a table or an array says nothing in one line
        came = f"{type(value).__name__} ({came[:40].splitlines()[0]} ...)"
    return f"{name} must be {allowed}, not {came}." + (f" {hint}" if hint else "")


# arguments


def choice(value, allowed: Iterable[str], name: str) -> str:
    """Give the `value` back if it is one of those `allowed`.

    >>> choice("weeks", ["day", "week"], "unit")
    Traceback (most recent call last):
    ValueError: unit must be 'day' or 'week', not 'weeks'. Did you mean 'week'?
    """
    allowed = list(allowed)
    if isinstance(value, str) and value in allowed:
        return value
    *most, last = map(repr, allowed)
    near = nearest(value, allowed) if isinstance(value, str) else None
    words = f"{', '.join(most)} or {last}" if most else last
    raise wrong(name, value, words, f"Did you mean {near!r}?" if near else "")


def number(value, name: str, allowed: str = "one number") -> float:
    """Give one finite number back as a float; text, True and an array are none.

    >>> number("1000", "population")
    Traceback (most recent call last):
    crmlib.validate.WrongType: population must be one number, not '1000'.
    """
    x = real(value, name, allowed)
    if not math.isfinite(x):
        raise wrong(name, value, allowed)
    return x


def real(value, name: str, allowed: str = "one number") -> float:
    """Give one number back as a float, also where it is missing (NaN) or infinite."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise WrongType(_sentence(name, value, allowed))
    try:
        return float(value)
    except OverflowError:
        return math.inf


def positive(value, name: str, *, zero: bool = False) -> float:
    """Give a number above zero back, or, with `zero`, one of zero or more."""
    allowed = "a number of zero or more" if zero else "a number above zero"
    x = number(value, name, allowed)
    if x < 0 or (x == 0 and not zero):
        raise wrong(name, value, allowed)
    return x


def whole_number(value, name: str, *, least: int = 1, most: int | None = None) -> int:
    """Give a whole number of `least` or more, up to `most`, back as an int; 3.0 is one.

    >>> whole_number(2.5, "servers")
    Traceback (most recent call last):
    ValueError: servers must be a whole number from 1 up, not 2.5.
    """
    allowed = f"a whole number from {least} {'up' if most is None else f'to {most:,}'}"
    x = number(value, name, allowed)
    if x % 1 or x < least or (most is not None and x > most):
        raise wrong(name, value, allowed)
    return int(value)


def draws(n) -> int:
    """Give the number of draws of a bootstrap back: enough for an interval, few enough to end."""
    return whole_number(n, "n", least=20, most=10_000)


def share(value, name: str, *, ends: bool = True) -> float:
    """Give a share back: a number from 0 to 1, or, without `ends`, one between them.

    >>> share(80, "target", ends=False)
    Traceback (most recent call last):
    ValueError: target must be a share between 0 and 1, not 80. 80 % is 0.8.
    """
    allowed = "a share from 0 to 1" if ends else "a share between 0 and 1"
    x = number(value, name, allowed)
    if not (0 <= x <= 1 if ends else 0 < x < 1):
        raise wrong(name, value, allowed, _per_cent(x))
    return x


def rate(value, name: str = "rate") -> float:
    """Give a discount rate back: a share from 0 to below 1.

    >>> rate(12)
    Traceback (most recent call last):
    ValueError: rate must be a share from 0 to below 1, not 12. 12 % is 0.12.
    """
    allowed = "a share from 0 to below 1"
    x = number(value, name, allowed)
    if not 0 <= x < 1:
        raise wrong(name, value, allowed, _per_cent(x))
    return x


def scale(value) -> tuple[float, float]:
    """Give the lowest and the highest point of a scale back, two numbers in their order.

    >>> scale(5)
    Traceback (most recent call last):
    ValueError: scale must be its lowest and its highest point, such as (1, 5), not 5.
    """
    ends = value if isinstance(value, tuple | list) and len(value) == 2 else ()
    numbers = [number(end, "each end of scale") for end in ends]
    if not numbers or numbers[0] >= numbers[1]:
        raise wrong("scale", value, "its lowest and its highest point, such as (1, 5)")
    return numbers[0], numbers[1]


def _per_cent(x: float) -> str:
    return f"{x:g} % is {x / 100:g}." if 1 <= x <= 100 else ""


def nearest(name, there: Iterable) -> object | None:
    """Find the name that was probably meant: capitals, blanks and _ make no difference.

    >>> nearest("Customer id", ["CUSTOMER_ID", "amount"])
    'CUSTOMER_ID'
    """
    plain = {str(c).lower().replace(" ", "_"): c for c in there}
    near = get_close_matches(str(name).lower().replace(" ", "_"), plain, n=1)
    return plain[near[0]] if near else None


# tables and columns


def table(
    values, name: str, wanted: Iterable | None = None, *, rows: bool = True, advice: str = ""
) -> pd.DataFrame:
    """Give a DataFrame back that has the columns `wanted`, each once, and, unless told, rows.

    Without `wanted` no two columns may have one name. `advice` is that of :func:`columns`.

    >>> table([[1, 2]], "data")
    Traceback (most recent call last):
    crmlib.validate.WrongType: data must be a DataFrame, not [[1, 2]].
    """
    if not isinstance(values, pd.DataFrame):
        raise WrongType(_sentence(name, values, "a DataFrame"))
    columns(values.columns, values.columns if wanted is None else wanted, advice=advice)
    if rows and values.empty:
        raise DataError(whole(name, "is empty"), "Check the filter that made it.")
    return values


def columns(there: Iterable, wanted: Iterable, *, what: str = "column", advice: str = "") -> None:
    """Refuse names that are not `there`, with the nearest that is, and those there twice.

    Parameters
    ----------
    there, wanted : iterable
        Names of columns; of items, states or drivers if `what` says so.
    advice : str
        To add to the list of the names that there are.

    Examples
    --------
    >>> columns(["Customer", "amount"], ["customer"])
    Traceback (most recent call last):
    crmlib.errors.DataError: 1 problem in the data.
      customer: there is no such column; the nearest is 'Customer'
    What to do: There are 'Customer', 'amount'.
    """
    there, wanted = list(there), list(wanted)
    if odd := [name for name in wanted if not isinstance(name, Hashable)]:
        raise WrongType(_sentence(f"each {what}", odd[0], "given by its name"))
    wanted = list(dict.fromkeys(wanted))
    tables, seen = [], set(there)
    for name in wanted:
        if name not in seen:
            near = nearest(name, seen)
            hint = "" if near is None else f"; the nearest is {near!r}"
            tables.append(whole(str(name), f"there is no such {what}{hint}"))
    names = ", ".join(map(repr, there[:_SHOWN])) + (" ..." if len(there) > _SHOWN else "")
    refuse(tables, f"There are {names}. {advice}".strip())
    if len(seen) < len(there):
        twice = [name for name in wanted if there.count(name) > 1]
        refuse([whole(str(c), f"two {what}s have this name") for c in twice], "Rename one of them.")


def numbers(values, name: str = "values") -> pd.Series:
    """Give a column, list or array of numbers as floats; what is missing becomes NaN.

    Parameters
    ----------
    values : Series or array-like of shape (n,)
        What the head of this module calls numbers.
    name : str
        What to call the values if they are no Series with a name.

    Returns
    -------
    Series
        With the index of a Series, else 0 to n - 1.

    Raises
    ------
    DataError
        For text, dates, yes and no, more dimensions than one.

    Examples
    --------
    >>> numbers(pd.Series([1, None, 3], dtype="Int64")).tolist()
    [1.0, nan, 3.0]
    >>> numbers(pd.Series(["1", "2 kg"], name="amount"))
    Traceback (most recent call last):
    crmlib.errors.DataError: 2 problems in the data.
      row 0, amount = 1: text, not a number
      row 1, amount = 2 kg: text, not a number
    What to do: Convert the column with pandas.to_numeric, and see what it cannot read.
    """
    column = one_column(values, name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    kind = column.dtype
    if types.is_bool_dtype(kind):
        problem = whole(str(column.name), f"is {kind}, yes and no, not numbers")
        raise DataError(problem, _YES_NO)
    if types.is_object_dtype(kind):
        _refuse_other_objects(column)
        column = column.where(column.notna(), np.nan)
    elif types.is_string_dtype(kind):
        refuse([find(column, column.notna(), "text, not a number")], _CONVERT)
    elif not types.is_numeric_dtype(kind) or types.is_complex_dtype(kind):
        raise DataError(whole(str(column.name), f"is {kind}, not numbers"), _CONVERT)
    return pd.Series(column.to_numpy("float64", na_value=np.nan), column.index, name=column.name)


def one_column(values, name: str) -> pd.Series:
    """Give a Series with a name back, or make one of a list or an array of one dimension."""
    if isinstance(values, pd.DataFrame | dict | str) or not np.iterable(values):
        raise WrongType(_sentence(name, values, "one column, list or array of numbers"))
    if not isinstance(values, pd.Series):
        plain = isinstance(values, list | tuple | pd.api.extensions.ExtensionArray)
        array = values if plain else np.asarray(values)
        depth = getattr(array, "ndim", 1)
        if depth != 1:
            problem = whole(name, f"has {depth} dimensions; one is needed")
            raise DataError(problem, "Give one column: a number in each row.")
        values = pd.Series(array, dtype=None if len(array) else float)
    return values if values.name is not None else values.rename(name)


def _refuse_other_objects(column: pd.Series) -> None:
    there = column[column.notna()]
    if types.infer_dtype(there) in ("integer", "floating", "mixed-integer-float", "decimal"):
        return
    text = there.map(lambda v: isinstance(v, str)).to_numpy(bool)
    yes = there.map(lambda v: isinstance(v, bool | np.bool_)).to_numpy(bool)
    fit = there.map(lambda v: types.is_number(v) and not isinstance(v, complex)).to_numpy(bool)
    found = [
        find(there, text, "text, not a number"),
        find(there, yes, "yes or no, not a number"),
        find(there, ~(fit | text | yes), "not a number"),
    ]
    refuse(found, _YES_NO if yes.any() and not text.any() else _CONVERT)


def zero_one(values, name: str = "values") -> pd.Series:
    """Give a column of yes and no as 1.0 and 0.0: True and False, or these numbers, all there.

    >>> zero_one([True, False]).tolist()
    [1.0, 0.0]
    """
    column = one_column(values, name)
    if types.is_bool_dtype(column.dtype):
        column = column.astype("boolean").astype("Int8")
    column = finite(column, name)
    refuse([find(column, ~column.isin([0, 1]), "neither 0 nor 1")], "Write 1 for yes, 0 for no.")
    return column


def finite(values, name: str = "values", *, advice: str = "") -> pd.Series:
    """Give :func:`numbers` of which none is missing or infinite.

    >>> finite([2, None])
    Traceback (most recent call last):
    crmlib.errors.DataError: 1 problem in the data.
      row 1, values = nan: missing or infinite
    What to do: Complete it, or leave the row out and say so.
    """
    column = numbers(values, name)
    bad = find(column, ~np.isfinite(column), "missing or infinite")
    refuse([bad], advice or "Complete it, or leave the row out and say so.")
    return column


# what belongs together


def aligned(values, index: pd.Index, name: str, other: str) -> pd.Series:
    """Bring a Series into the order of the `index` that it belongs to; refuse another index.

    A list or an array has no labels and is taken in its order; its length must fit.

    Parameters
    ----------
    values : Series or array-like of shape (n,)
    index : Index of length n
        Whom the values belong to.
    name, other : str
        What to call the values, and what has the index.

    Returns
    -------
    Series
        With this index.

    Raises
    ------
    DataError
        For labels that one of the two has alone, labels that stand there twice in another order,
        another length.

    Examples
    --------
    >>> aligned(pd.Series([5, 7], ["bo", "ann"]), pd.Index(["ann", "bo"]), "y", "X").tolist()
    [7, 5]
    >>> aligned(pd.Series([5, 7], ["bo", "cy"]), pd.Index(["ann", "bo"]), "y", "X")
    Traceback (most recent call last):
    crmlib.errors.DataError: 2 problems in the data.
      y = cy: is not in the index of X
      X = ann: is not in the index of y
    What to do: Take both from the same table, so that they have one index.
    """
    advice = "Take both from the same table, so that they have one index."
    if len(values) != len(index) and not isinstance(values, pd.Series):
        problem = whole(name, f"has {len(values)} values for {len(index)} rows of {other}")
        raise DataError(problem, "Give one for each row.")
    if not isinstance(values, pd.Series):
        return pd.Series(list(values) if isinstance(values, tuple) else values, index, name=name)
    if values.index.equals(index):
        return values
    alone = [(name, values.index.difference(index, sort=False), other)]
    alone += [(other, index.difference(values.index, sort=False), name)]
    tables = [
        whole(here, f"is not in the index of {there}", who)
        for here, labels, there in alone
        for who in labels.to_flat_index()
    ]
    refuse(tables, advice)
    if not (index.is_unique and values.index.is_unique):
        problem = whole(name, f"has the labels of {other} more than once, in another order")
        raise DataError(problem, advice)
    return values.reindex(index)


def weights(values, index: pd.Index, *, other: str, name: str = "weights") -> pd.Series:
    """Give one weight for each row: :func:`aligned`, none negative or missing, not all zero.

    >>> weights([1, 2, 1], pd.RangeIndex(3), other="ratings").tolist()
    [1.0, 2.0, 1.0]
    """
    column = numbers(values, name)
    labelled = isinstance(values, pd.Series)
    column = aligned(column if labelled else column.to_numpy(), index, name, other).rename(name)
    bad = find(column, ~(np.isfinite(column) & (column >= 0)), "negative, missing or infinite")
    refuse([bad], "A weight says how many a row stands for: zero or more.")
    if not column.sum() > 0:
        raise DataError(whole(name, "are all zero"), "Give the rows that count a weight above 0.")
    return column
