"""Derived importance: how much of what we explain each driver explains."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from crmlib.errors import refuse, whole
from crmlib.satisfaction import _answers

_MOST = 16  # drivers: the shares by order of entry need 2^k regressions
_METHODS = ("lmg", "johnson")


def importance(X, y, *, method: str = "lmg") -> pd.Series:
    r"""Divide the R² of a regression among its drivers.

    ``"lmg"`` gives each driver the R² that it adds, averaged over all orders in which the drivers
    can enter (the Shapley value of a game in which they earn R² together). ``"johnson"`` makes
    uncorrelated twins of the drivers, as near to them as can be, and gives the share of each twin
    back to the drivers that make it up: nearly the same answer without 2^k regressions.

    Both divide what *this* regression explains. Neither says what would happen to y if a driver
    were changed.

    Parameters
    ----------
    X : DataFrame of shape (n, k)
        A column for each driver.
    y : Series of shape (n,)
        What they drive, with the index of `X`. (Rows drawn more than once, for a bootstrap, need a
        ``reset_index(drop=True)`` first: the same respondent twice is refused.)
    method : {"lmg", "johnson"}
        How to divide.

    Returns
    -------
    Series
        A share for each driver, 0 or more; they sum to R².

    Raises
    ------
    DataError
        For missing answers or text, a driver or y that does not vary, drivers of which one can be
        computed from the others, no more answers than drivers, over 16 drivers for ``"lmg"``.

    References
    ----------
    Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980). Introduction to Bivariate and
    Multivariate Analysis. Johnson, J. W. (2000). A heuristic method for estimating the relative
    weight of predictor variables in multiple regression. Multivariate Behavioral Research 35(1),
    1-19. Grömping, U. (2007). Estimators of relative importance in linear regression based on
    variance decomposition. The American Statistician 61(2), 139-147.

    Examples
    --------
    >>> from crmlib.data import load
    >>> attitude = load("attitude")
    >>> importance(attitude.drop(columns="rating"), attitude["rating"]).round(4)
    complaints    0.3708
    privileges    0.0509
    learning      0.1558
    raises        0.1203
    critical      0.0066
    advance       0.0282
    Name: lmg, dtype: float64
    """
    if method not in _METHODS:
        raise ValueError(f"method={method!r} is not known; use 'lmg' or 'johnson'")
    drivers, driven = _checked(X, y)
    k = drivers.shape[1]
    correlations = np.corrcoef(np.column_stack([drivers, driven]), rowvar=False)
    among, with_y = correlations[:k, :k], correlations[:k, k]
    if np.linalg.eigvalsh(among)[0] < 1e-10 * k:
        problem = "one of them can be computed from the others"
        refuse([whole("X", problem)], "Leave one of these drivers out: their shares cannot differ.")
    if method == "lmg" and k > _MOST:
        problem = f"there are {k} drivers; 'lmg' takes at most {_MOST}"
        refuse([whole("X", problem)], "Use method='johnson', or group the drivers first.")
    shares = (_lmg if method == "lmg" else _johnson)(among, with_y)
    return pd.Series(shares, index=drivers.columns, name=method)


def _lmg(among: np.ndarray, with_y: np.ndarray) -> np.ndarray:
    """Average what each driver adds to R² over all sets that may have entered before it."""
    k = len(with_y)
    r_squared = _r_squared_of_every_set(among, with_y)
    members = np.arange(2**k)
    size = np.bitwise_count(members).astype(int)
    chance = np.array([1 / (k * comb(k - 1, s)) for s in range(k)])  # of this set going before
    shares = np.zeros(k)
    for j in range(k):
        before = members[(members >> j) & 1 == 0]
        shares[j] = chance[size[before]] @ (r_squared[before | 1 << j] - r_squared[before])
    return shares.clip(min=0)


def _r_squared_of_every_set(among: np.ndarray, with_y: np.ndarray) -> np.ndarray:
    """Compute R² of all 2^k regressions; bit j of the position says whether driver j is in."""
    k = len(with_y)
    r_squared = np.zeros(2**k)
    for s in range(1, k + 1):
        sets = np.array(list(combinations(range(k), s)))
        r = with_y[sets]
        slopes = np.linalg.solve(among[sets[:, :, None], sets[:, None, :]], r[:, :, None])[:, :, 0]
        r_squared[(1 << sets).sum(axis=1)] = (slopes * r).sum(axis=1)
    return r_squared


def _johnson(among: np.ndarray, with_y: np.ndarray) -> np.ndarray:
    """Go through the uncorrelated twins Z: X = Z root, with root the square root of R_xx."""
    values, vectors = np.linalg.eigh(among)
    root = vectors * np.sqrt(values) @ vectors.T
    slopes = np.linalg.solve(root, with_y)
    return root**2 @ slopes**2


def _checked(X, y) -> tuple[pd.DataFrame, pd.Series]:
    drivers, driven = _answers.items(X, "X"), _answers.ratings(y, "y")
    if len(drivers) != len(driven):
        problem = f"there are {len(driven)} answers for {len(drivers)} rows of X"
        refuse([whole("y", problem)], "Take both from the same table.")
    if isinstance(y, pd.Series) and not driven.index.equals(drivers.index):
        advice = "Take both from the same table, or bring y into the order of X: y.loc[X.index]."
        refuse([whole("y", "has another index than X")], advice)
    n, k = drivers.shape
    if n < k + 2:
        problem = f"{n} answers for {k} drivers: no regression can tell them apart"
        refuse([whole("X", problem)], "Ask more people, or group the drivers first.")
    _answers.varying(drivers, "it cannot explain a difference")
    _answers.varying(driven.to_frame(), "there is nothing to explain")
    return drivers, driven
