"""How unequally customers contribute."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, whole


def lorenz(values) -> pd.DataFrame:
    """Make the Lorenz curve: the share of all value that the poorest share of customers brings.

    Customers who cost more than they bring count with their negative value: the curve then dips
    below zero before it climbs to 1. Read from the other end it is the Pareto or whale curve: the
    best q of the customers bring 1 - L(1 - q), and this exceeds 1 where others lose money.

    Parameters
    ----------
    values : array-like of shape (n,)
        Value of each customer: revenue, profit, purchases. One column of a table, not the table.

    Returns
    -------
    DataFrame
        n + 1 rows from (0, 0) to (1, 1), from the customer of the lowest value to the highest:
        `population` and `value`, both as shares.

    Raises
    ------
    DataError
        For missing or infinite values, or if they do not sum to more than zero: shares of nothing
        or of a loss mean nothing.

    Examples
    --------
    Of four customers the best brings 7 of 10:

    >>> lorenz([1, 7, 2, 0])
       population  value
    0        0.00    0.0
    1        0.25    0.0
    2        0.50    0.1
    3        0.75    0.3
    4        1.00    1.0
    """
    v = np.sort(_checked(values))
    shares = np.concatenate([[0.0], np.cumsum(v)]) / v.sum()
    shares[-1] = 1.0
    return pd.DataFrame({"population": np.linspace(0, 1, len(v) + 1), "value": shares})


def gini(values) -> float:
    r"""Compute the Gini coefficient: how unequally customers contribute.

    .. math:: G = \frac{2\sum_i i\,v_{(i)}}{n \sum_i v_i} - \frac{n+1}{n}

    with the values in ascending order. 0 if all are equal, (n - 1)/n if one customer brings
    everything. It is twice the area between the Lorenz curve and the diagonal. Where some
    customers lose money (values below zero) it keeps this meaning, but can exceed 1.

    Parameters
    ----------
    values : array-like of shape (n,)
        Value of each customer.

    Returns
    -------
    float

    Raises
    ------
    DataError
        As for :func:`lorenz`.

    References
    ----------
    Chen, C.-N., Tsaur, T.-W. and Rhai, T.-S. (1982). The Gini coefficient and negative income.
    Oxford Economic Papers 34(3), 473-478.

    Examples
    --------
    >>> gini([10, 10, 10, 10]), gini([0, 0, 0, 40]), gini([-20, 0, 0, 40])
    (0.0, 0.75, 2.25)
    """
    v = np.sort(_checked(values))
    n = len(v)
    # Ranks counted from the middle: no difference of two large numbers.
    return float(2 * (np.arange(n) - (n - 1) / 2) @ v / (n * v.sum()))


def _checked(values) -> np.ndarray:
    advice = "Decide what these customers are worth, zero perhaps, or leave them out."
    v = validate.finite(values, advice=advice)
    if v.empty:
        raise DataError(whole(v.name, "there are none"), "Check the filter that made them.")
    if not v.sum() > 0:
        raise DataError(
            whole(v.name, f"sum to {v.sum():g}: a share of it means nothing"),
            "Concentration is defined where customers together bring more than zero.",
        )
    return v.to_numpy()
