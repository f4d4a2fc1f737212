"""Whether clusters come back when the customers are drawn again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor

from crmlib import validate
from crmlib.errors import DataError, whole


def stability(X, estimator, *, n_boot: int = 100, seed: int = 0) -> pd.DataFrame:
    r"""Draw the customers again and again, and see how well each cluster comes back.

    Each bootstrap sample is clustered anew, and each cluster A, as far as it was drawn, is held
    against the new cluster B that is most like it, every customer counted once, by Jaccard's

    .. math:: \frac{|A \cap B|}{|A \cup B|}

    By Hennig's rule of thumb a cluster with a mean up to 0.5 is dissolved, one from 0.6 to 0.75 hints
    at a pattern, one from 0.75 is valid, one from 0.85 highly stable. Stable is not real: noise of
    a long shape is cut in the same place every time. Do the same with data without clusters.

    Parameters
    ----------
    X : DataFrame or array of shape (n, variables)
        Numbers, on the scale on which they are to be clustered.
    estimator : scikit-learn clusterer or mixture
        Unfitted: ``KMeans(4)``, ``GaussianMixture(4)``, stepmix's ``StepMix(4)`` or a pipeline that
        ends in one. It is not changed; one without a ``random_state`` gets `seed`.
    n_boot : int
        Number of samples, from 20.
    seed : int

    Returns
    -------
    DataFrame
        By ``cluster``, the labels of the estimator on all of X (-1, noise, is none): ``n`` customers
        and, over the samples, the ``mean`` of the Jaccard coefficient and the quantiles ``low`` and
        ``high`` that hold 95 %. Samples in which nobody of the cluster was drawn are left out.

    Raises
    ------
    DataError
        For X with anything but finite numbers, or points that cannot be clustered.
    ValueError
        For an `estimator` that is no clusterer, or too few samples.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data
    Analysis 52(1), 258-271.

    Examples
    --------
    Ruspini's points have four groups that anyone sees, and they always come back:

    >>> from sklearn.cluster import KMeans
    >>> from crmlib.data import load
    >>> stability(load("ruspini"), KMeans(4, n_init=10), n_boot=20)["mean"].round(3).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    points = _points(X)
    labels_them = hasattr(estimator, "fit_predict") or hasattr(estimator, "predict")
    known = isinstance(estimator, BaseEstimator) and labels_them
    if not known or is_classifier(estimator) or is_regressor(estimator):
        allowed = "a clusterer of scikit-learn such as KMeans(4)"
        raise validate.wrong("estimator", estimator, allowed)
    n_boot = validate.whole_number(n_boot, "n_boot", least=20, most=10_000)
    rng = np.random.default_rng(validate.whole_number(seed, "seed", least=0, most=2**32 - 1))
    unset = [name for name, value in estimator.get_params().items()
             if name.split("__")[-1] == "random_state" and value is None]  # fmt: skip
    estimator = clone(estimator).set_params(**dict.fromkeys(unset, int(seed)))
    labels = _labels(estimator, points)
    clusters, sizes = np.unique(labels[labels >= 0], return_counts=True)
    if not len(clusters):
        raise DataError(whole("X", "the estimator finds no cluster in it"), "Change its settings.")
    found = np.empty((n_boot, len(clusters)))
    for i in range(n_boot):
        drawn = rng.integers(len(points), size=len(points))
        once, first = np.unique(drawn, return_index=True)
        found[i] = _jaccard(labels[once], _labels(estimator, points[drawn])[first], clusters)
    low, high = np.nanquantile(found, [0.025, 0.975], axis=0)
    table = {"n": sizes, "mean": np.nanmean(found, axis=0), "low": low, "high": high}
    return pd.DataFrame(table, pd.Index(clusters, name="cluster"))


def _points(X) -> np.ndarray:
    X = pd.DataFrame(X) if isinstance(X, np.ndarray) and X.ndim == 2 else X
    columns = validate.table(X, "X")
    points = np.column_stack([validate.finite(columns[c]) for c in columns])
    if np.abs(points).max() > 1e100:  # their squared distances are beyond what a float can hold
        raise DataError(whole("X", "has values above 1e100"), "Standardise them first.")
    return points


def _labels(estimator, points: np.ndarray) -> np.ndarray:
    """Cluster by an estimator that says in its own words what it cannot do."""
    try:
        new = clone(estimator)
        at_once = hasattr(new, "fit_predict")
        return new.fit_predict(points) if at_once else new.fit(points).predict(points)
    except (ValueError, TypeError) as problem:
        words = f"{len(points)} of its rows cannot be clustered: {problem}"
        raise DataError(whole("X", words), "Ask for fewer clusters, or give more rows.") from None


def _jaccard(before: np.ndarray, after: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Give each cluster's Jaccard coefficient with its best match; NaN where it is not there."""
    new, codes = np.unique(after, return_inverse=True)
    place = np.searchsorted(clusters, before)
    members = before >= 0  # noise belongs to no cluster, yet may be in a new one
    shape = (len(clusters), len(new))
    both = np.zeros(shape)
    np.add.at(both, (place[members], codes[members]), 1)
    old, size = np.bincount(place[members], minlength=len(clusters)), np.bincount(codes)
    best = (both / (old[:, None] + size - both))[:, new >= 0].max(axis=1, initial=0.0)
    return np.where(old > 0, best, np.nan)
