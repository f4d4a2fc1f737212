"""Tiered supply (梯次供货): next month's cap for each retailer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole

_GROUPS = ["small", "mid-small", "mid", "mid-large", "large"]
_FROM = [100, 200, 500, 1000]  # mean monthly sales from which the groups after the first begin
_FACTORS = [2.0, 2.0, 1.3, 1.0, 1.0]


def supply_caps(orders: pd.DataFrame, sales: pd.Series, *, ceiling, promising=()) -> pd.DataFrame:
    """Set the most that each retailer may be supplied next month.

    Retailers are grouped by what they sell; the cap follows what they *ordered* in single months:

    =========  =============  ==================================================  ===================
    group      monthly sales  cap                                                 policy
    =========  =============  ==================================================  ===================
    large      1,000 or more  the lowest order, at most the ceiling               limit
    mid-large  500            the highest order                                   maintain
    mid        200            1.3 times the highest                               encourage
    mid-small  100            twice the highest                                   develop strongly
    small      below 100      twice the highest if promising, else to be decided  tell them apart
    =========  =============  ==================================================  ===================

    A cap by past orders can be raised by ordering more: that is what to look for. Before a holiday
    multiply the caps by that month's factor.

    Parameters
    ----------
    orders : DataFrame
        By retailer (the index), three columns: ordered in each of the last three months.
    sales : Series
        By retailer, mean monthly sales.
    ceiling : float or Series
        The most that a large retailer may get: one number, or by retailer (that of its city).
    promising : iterable, optional
        The small retailers that could and would grow, as in the index; others do no harm.

    Returns
    -------
    DataFrame
        By retailer, ``group`` (an ordered category, from small to large) and ``cap``, in the unit of
        the orders, not rounded. Missing for small retailers without promise: each is a case to
        look into (does it order for others, does the shop exist?).

    Raises
    ------
    DataError
        For quantities that are missing or below zero, other than three months, retailers that stand
        there twice, or are in one of the tables alone.
    ValueError
        For a `ceiling` that is no positive number.

    Examples
    --------
    >>> orders = pd.DataFrame(
    ...     [[1200, 400, 1300], [550, 620, 590], [300, 250, 280], [60, 90, 40], [10, 90, 15]],
    ...     index=["T1", "T2", "T3", "T4", "T5"], columns=["Jan", "Feb", "Mar"],
    ... )
    >>> sales = pd.Series([1000, 600, 300, 99, 20], orders.index)
    >>> supply_caps(orders, sales, ceiling=3000, promising=["T4"])
            group    cap
    T1      large  400.0
    T2  mid-large  620.0
    T3        mid  390.0
    T4      small  180.0
    T5      small    NaN
    """
    months = validate.table(orders, "orders").apply(_quantities)
    if months.shape[1] != 3:
        problem = f"has {months.shape[1]} columns; the rule takes three months"
        raise DataError(whole("orders", problem), "Give one column for each of the last three.")
    who = months.index
    twice = [whole(str(id_), "stands in orders twice") for id_ in who[who.duplicated()].unique()]
    refuse(twice, "Give one row for each retailer.")
    sold = validate.aligned(_quantities(sales, "sales"), who, "sales", "orders")
    if isinstance(ceiling, pd.Series):
        ceiling = validate.aligned(validate.finite(ceiling, "ceiling"), who, "ceiling", "orders")
        refuse([find(ceiling, ceiling <= 0, "not above zero")], "Give each city's ceiling.")
    else:
        ceiling = validate.positive(ceiling, "ceiling")
    hopeful = _members(promising, who)
    group = np.searchsorted(_FROM, sold, side="right")
    cap = months.max(axis=1) * np.take(_FACTORS, group)
    cap = cap.mask(group == len(_FROM), np.minimum(months.min(axis=1), ceiling))
    cap = cap.mask((group == 0) & ~hopeful)
    groups = pd.Categorical.from_codes(group, _GROUPS, ordered=True)
    return pd.DataFrame({"group": groups, "cap": cap}, who)


def _quantities(values, name: str = "orders") -> pd.Series:
    column = validate.finite(values, name)
    refuse([find(column, column < 0, "below zero")], "Net returns against the orders they undo.")
    return column


def _members(promising, who: pd.Index) -> np.ndarray:
    """Say who of the retailers is named; refuse names that are none of theirs."""
    if isinstance(promising, str | pd.DataFrame | dict) or not np.iterable(promising):
        raise validate.wrong("promising", promising, "the ids of retailers, as in a list")
    named = list(promising)
    validate.columns(who, named, what="retailer", advice="promising takes ids.")
    return who.isin(named)
