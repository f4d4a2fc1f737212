"""Recency, frequency and monetary value as scores."""

from __future__ import annotations

import pandas as pd

from crmlib import validate
from crmlib.errors import find, refuse


def rfm_scores(summary: pd.DataFrame, *, bins: int = 5) -> pd.DataFrame:
    r"""Score how recently, how often and for how much each customer bought, from 1 to `bins`.

    Customers are ranked in each of the three and cut into bins of equal size, the best into the
    highest. Customers of equal value share one score, that of the bin in which their middle falls:

    .. math:: 1 + \left\lfloor b\,\frac{\text{rank} - 1/2}{n} \right\rfloor

    with the mean rank of the tie, 1 = worst. So the order of the rows makes no difference, and a bin
    stays empty where many are alike: if six in ten never came back, all of them get F = 2 of 5.

    Parameters
    ----------
    summary : DataFrame
        One row per customer with ``recency`` (the less the better), ``frequency`` and ``monetary``,
        as :func:`crmlib.rfm` makes it.
    bins : int
        From 2 to the number of customers.

    Returns
    -------
    DataFrame
        ``R, F, M`` by customer, whole numbers, `bins` = best. M is missing, and its bins are of
        the others, where ``monetary`` is: for customers without a repeat purchase.

    Raises
    ------
    DataError
        For missing columns or values, also for a missing ``monetary`` of who bought again.
    ValueError
        For impossible `bins`.

    References
    ----------
    Hughes, A. M. (1994). Strategic database marketing. Probus. (Its bins split ties by the order of
    the file.)

    Examples
    --------
    >>> summary = pd.DataFrame(
    ...     {"recency": [1, 9, 3, 3], "frequency": [4, 0, 0, 1], "monetary": [20, None, None, 30]},
    ...     index=["ann", "bo", "cy", "di"],
    ... )
    >>> rfm_scores(summary, bins=2)
         R  F     M
    ann  2  2     1
    bo   1  1  <NA>
    cy   2  1  <NA>
    di   2  2     2
    """
    validate.table(summary, "summary", ["recency", "frequency", "monetary"])
    bins = validate.whole_number(bins, "bins", least=2)
    if bins > len(summary):
        raise validate.wrong("bins", bins, f"at most {len(summary)}, the number of customers")
    recency, frequency = (validate.finite(summary[c]) for c in ("recency", "frequency"))
    monetary = validate.numbers(summary["monetary"])
    below = [find(column, column < 0, "below zero") for column in (recency, frequency)]
    refuse(below, "Make the table with crm.rfm(log).")
    unknown = monetary.isna() & (frequency > 0)
    refuse([find(monetary, unknown, "missing, though this customer bought again")], "Complete it.")
    spent = validate.finite(monetary.dropna())
    scores = {"R": _bins(-recency, bins), "F": _bins(frequency, bins)}
    m = pd.Series(pd.NA, summary.index, dtype="Int64").mask(monetary.notna().to_numpy(), 0)
    m[monetary.notna().to_numpy()] = _bins(spent, bins).to_numpy()
    return pd.DataFrame(scores | {"M": m}, summary.index)


def _bins(values: pd.Series, bins: int) -> pd.Series:
    """Give the bin of each value's middle rank; in whole numbers, the same on every machine."""
    twice_rank = (2 * values.rank()).astype("int64")
    return (twice_rank - 1) * bins // (2 * len(values)) + 1
