"""How much better than chance a score finds those it is meant to find."""

from __future__ import annotations

import pandas as pd

from crmlib import validate
from crmlib.errors import warn
from crmlib.loyalty._checks import matched


def lift_table(outcome, score, *, bins: int = 10) -> pd.DataFrame:
    """Sort customers by a score into equal bins and see in which the outcomes are.

    Parameters
    ----------
    outcome : Series or array of shape (n,)
        1 where it happened, 0 where not.
    score : Series or array of shape (n,)
        The higher, the earlier. Two Series are matched by index.
    bins : int
        Number of bins, from 2 to n.

    Returns
    -------
    DataFrame
        By ``bin``, 1 = the highest scores: ``n``, ``positives``, ``rate`` (positives / n), ``lift``
        (rate over that of everybody), ``cumulative_share`` (of all positives, those in this bin
        and the ones before). Customers of one score stay in one bin, where their middle falls, so
        that the order of the rows does not matter. Bins may then differ in size, and one can be
        empty; it is not in the table, and a warning says so.

    Raises
    ------
    DataError
        For missing values, outcomes that are not 0 or 1 or are all the same, or two indexes.
    ValueError
        For impossible `bins`.

    Examples
    --------
    >>> lift_table([1, 1, 0, 1, 0, 0, 0, 0], [9, 8, 7, 6, 5, 4, 3, 2], bins=4)
         n  positives  rate      lift  cumulative_share
    bin
    1    2          2   1.0  2.666667          0.666667
    2    2          1   0.5  1.333333          1.000000
    3    2          0   0.0  0.000000          1.000000
    4    2          0   0.0  0.000000          1.000000
    """
    y, s = matched(score, outcome=outcome)
    bins = validate.whole_number(bins, "bins", least=2)
    if bins > len(y):
        raise validate.wrong("bins", bins, f"at most {len(y)}, the number of customers")
    twice_rank = (2 * (-s).rank(method="average")).astype("int64")
    # Whole numbers, so that a customer on a border falls to the same side on every machine.
    place = (twice_rank - 1) * bins // (2 * len(y)) + 1
    table = y.groupby(place.rename("bin")).agg(["size", "sum"]).set_axis(["n", "positives"], axis=1)
    table["positives"] = table["positives"].astype("int64")
    if len(table) < bins:
        warn(
            f"{bins - len(table)} of {bins} bins are empty, for many customers have the same score "
            f"({s.nunique():,} different scores): choose fewer bins."
        )
    table["rate"] = table["positives"] / table["n"]
    table["lift"] = table["rate"] / y.mean()
    table["cumulative_share"] = table["positives"].cumsum() / table["positives"].sum()
    return table
