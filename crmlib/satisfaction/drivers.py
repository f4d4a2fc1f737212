"""Derived importance: how much of what we explain each driver explains."""

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, whole
from crmlib.satisfaction import _answers
from crmlib.satisfaction._redraw import redrawn

_MOST, _MOST_DRAWN = 16, 10  # drivers, once and n times: 'lmg' needs 2^k regressions
_METHODS = ("lmg", "johnson")


def importance(X, y, *, method: str = "lmg", weights=None) -> pd.Series:
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
        What they drive; a Series is matched by its index. (How sure the shares are is told by
        :func:`bootstrap`.)
    method : {"lmg", "johnson"}
        How to divide.
    weights : Series or array-like of shape (n,), optional
        How many customers each respondent stands for; a Series is matched by its index.

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
    values, w, names = _checked(X, y, weights, method, _MOST)
    return pd.Series(_shares(values, w, method), index=names, name=method)


def bootstrap(
    X, y, *, n: int = 500, seed: int = 0, method: str = "lmg", weights=None
) -> pd.DataFrame:
    """Say how sure :func:`importance` is: draw the respondents again, `n` times.

    Parameters
    ----------
    X, y, method, weights
        As for :func:`importance`.
    n : int
        Samples drawn, of as many respondents as answered, each as likely as the others.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    DataFrame
        By driver: `value`, as :func:`importance` has it, and the 95 % interval `low`, `high`, that
        is, the middle of the draws. Shares cannot fall below zero and more often rise than fall
        when redrawn; where the draws pass by the value, the interval is widened to hold it.

    Raises
    ------
    DataError
        As for :func:`importance`; so few answers that in one sample of ten a driver does not vary;
        over 10 drivers for ``"lmg"``.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> from crmlib.data import load
    >>> attitude = load("attitude")
    >>> bootstrap(attitude[["complaints", "learning"]], attitude["rating"], n=200).round(2)
                value   low  high
    complaints   0.50  0.36  0.66
    learning     0.21  0.09  0.36
    """
    values, w, names = _checked(X, y, weights, method, _MOST_DRAWN)
    people = len(values)

    def draw(rng) -> np.ndarray:
        again = np.bincount(rng.integers(people, size=people), minlength=people)
        return _shares(values, w * again, method)

    value = pd.Series(_shares(values, w, method), names)
    return redrawn(value, draw, n, seed).drop(columns="se")


def _shares(columns: np.ndarray, w: np.ndarray, method: str) -> np.ndarray:
    """Divide R² among all columns but the last, which they drive."""
    centred = columns - w @ columns / w.sum()
    moments = centred.T * w @ centred
    spread = np.sqrt(np.diag(moments))
    if not (spread > 1e-9 * np.sqrt(w.sum()) * np.abs(columns).max(axis=0)).all():
        advice = "Ask more people, or leave rare answers out."
        raise DataError(whole("X", "a driver, or what it drives, does not vary"), advice)
    correlations = moments / np.outer(spread, spread)
    among, with_y = correlations[:-1, :-1], correlations[:-1, -1]
    if np.linalg.eigvalsh(among)[0] < 1e-10 * len(among):
        advice = "Leave one of these drivers out: their shares cannot differ."
        raise DataError(whole("X", "one of them can be computed from the others"), advice)
    return (_lmg if method == "lmg" else _johnson)(among, with_y)


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


def _checked(X, y, weights, method: str, most: int) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """Give the drivers with what they drive as the last column, the weights, the drivers' names."""
    validate.choice(method, _METHODS, "method")
    drivers, driven = _answers.items(X, "X"), _answers.ratings(y, "y")
    given = driven if isinstance(y, pd.Series) else driven.to_numpy()
    driven = validate.aligned(given, drivers.index, "y", "X")
    n, k = drivers.shape
    if n < k + 2:
        problem = f"{n} answers for {k} drivers: no regression can tell them apart"
        raise DataError(whole("X", problem), "Ask more people, or group the drivers first.")
    if method == "lmg" and k > most:
        problem = f"there are {k} drivers; 'lmg' takes at most {most} here"
        raise DataError(whole("X", problem), "Use method='johnson', or group the drivers first.")
    w = np.ones(n) if weights is None else validate.weights(weights, drivers.index, other="X")
    w = np.asarray(w, dtype=float)
    counted = w > 0
    _answers.varying(drivers[counted], "it cannot explain a difference")
    _answers.varying(driven[counted].to_frame(), "there is nothing to explain")
    return np.column_stack([drivers, driven]), w, drivers.columns
