"""A map of brands and what people say of them, from a table of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole


@dataclass(frozen=True)
class Correspondence:
    """Where rows and columns of a table stand on the map that :func:`correspondence` makes.

    Attributes
    ----------
    rows_, columns_ : DataFrame
        Principal coordinates ``axis 1, axis 2, ...``, the axis that shows most first.
    inertia_ : Series
        By axis, the part of chi-square / n that it shows.
    """

    rows_: pd.DataFrame
    columns_: pd.DataFrame
    inertia_: pd.Series


def correspondence(table: pd.DataFrame) -> Correspondence:
    r"""Place the rows and the columns of a table of counts on one map.

    With P the table over its sum and r, c its margins, the singular values :math:`\sigma` of

    .. math:: D_r^{-1/2}\,(P - r c^T)\,D_c^{-1/2} = U \Sigma V^T

    are the canonical correlations, and rows stand at :math:`D_r^{-1/2} U \Sigma`, columns at
    :math:`D_c^{-1/2} V \Sigma`. Rows with the same shares stand in the same place, the average in
    the origin; distances between rows are chi-square distances. A row's distance from a *column*
    means nothing; the direction does: rows and columns on one side go together more than by chance.

    Parameters
    ----------
    table : DataFrame
        Counts or sums of weights: brands by the words that people tick for them.

    Returns
    -------
    Correspondence
        With ``rows_``, ``columns_`` and ``inertia_``, for as many axes as the shorter side of the
        table has lines, less one. Signs are free; here the row farthest out is on the positive side.

    Raises
    ------
    DataError
        For counts that are missing or below zero, lines without any count, or fewer than two.

    References
    ----------
    Greenacre, M. (2017). Correspondence analysis in practice, 3rd ed. Chapman & Hall/CRC.

    Examples
    --------
    Hair and eye colour of 592 students (Snee 1974):

    >>> table = pd.DataFrame(
    ...     [[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]],
    ...     index=["black", "brown", "red", "blond"], columns=["brown", "blue", "hazel", "green"],
    ... )
    >>> correspondence(table).inertia_.round(5).tolist()
    [0.20877, 0.02223, 0.0026]
    """
    counts = validate.table(table, "table").apply(validate.finite)
    refuse([find(counts[c], counts[c] < 0, "below zero") for c in counts], "Give counts.")
    if min(counts.shape) < 2:
        problem = f"has {len(counts)} rows and {counts.shape[1]} columns"
        raise DataError(whole("table", problem), "It takes two of each to compare.")
    empty = [whole(str(name), "has no counts") for side in (counts, counts.T)
             for name, total in side.sum(axis=1).items() if not total > 0]  # fmt: skip
    refuse(empty, "Leave this line out of the table, and say so.")
    P = counts.to_numpy() / counts.to_numpy().max()  # so that no sum overflows
    P = P / P.sum()
    r, c = P.sum(axis=1), P.sum(axis=0)
    U, sigma, Vt = np.linalg.svd((P - np.outer(r, c)) / np.sqrt(np.outer(r, c)))
    axes = np.arange(min(P.shape) - 1)
    U, V = U[:, axes] / np.sqrt(r)[:, None], Vt[axes].T / np.sqrt(c)[:, None]
    signs = np.sign(U[np.abs(U).argmax(axis=0), axes]) * sigma[axes]
    names = [f"axis {i + 1}" for i in axes]
    rows = pd.DataFrame(U * signs, counts.index, names)
    columns = pd.DataFrame(V * signs, counts.columns, names)
    return Correspondence(rows, columns, pd.Series(sigma[axes] ** 2, names, name="inertia"))
