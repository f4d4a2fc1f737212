"""A satisfaction path model: constructs measured by several items each, and who drives whom."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from crmlib.errors import refuse, whole
from crmlib.satisfaction import _answers

_SCHEMES = ("path", "centroid", "factorial")
_TOLERANCE, _MOST_ROUNDS = 1e-9, 1000


class PathModel(BaseEstimator):
    """Partial least squares path model (PLS) with reflective blocks, mode A.

    Each construct is a weighted sum of its items, scaled to mean 0 and standard deviation 1. The
    weights come out of a loop: a construct is also guessed from its neighbours in the path
    diagram, and each item is weighted by its covariance with that guess, until nothing moves. The
    paths are then ordinary regressions between constructs. Composites carry their items'
    measurement error, so paths between them are smaller than between what was meant (attenuation).

    Parameters
    ----------
    measures : dict
        ``{construct: [item columns]}``.
    paths : list of tuple
        ``[(from, to), ...]``, without circles.
    scheme : {"path", "centroid", "factorial"}
        How neighbours are weighted: by regression for those that drive a construct and by
        correlation for those that it drives; by the sign of the correlation; by the correlation.

    Attributes
    ----------
    paths_ : Series
        Standardised path coefficients, indexed by ``(from, to)``.
    r_squared_ : Series
        Of each construct that is driven by others.
    loadings_ : Series
        Correlation of each item with its construct, indexed by ``(construct, item)``.
    weights_ : Series
        What a construct's standardised items are multiplied with, same index.
    n_iter_ : int
        Rounds that the loop took.
    warnings_ : list of str
        What a reader should know before using the result.

    References
    ----------
    Tenenhaus, M., Vinzi, V. E., Chatelin, Y.-M. and Lauro, C. (2005). PLS path modeling.
    Computational Statistics & Data Analysis 48(1), 159-205. The European index: Fornell, C. (1992).
    A national customer satisfaction barometer: the Swedish experience. Journal of Marketing 56(1),
    6-21.

    Examples
    --------
    >>> from crmlib.data import load
    >>> survey = load("shihu/survey")
    >>> measures = {
    ...     "quality": [f"quality_{i}" for i in (1, 2, 3, 4)],
    ...     "satisfaction": [f"satisfaction_{i}" for i in (1, 2, 3)],
    ...     "loyalty": [f"loyalty_{i}" for i in (1, 2, 3)],
    ... }
    >>> paths = [("quality", "satisfaction"), ("satisfaction", "loyalty")]
    >>> answers = survey[[item for block in measures.values() for item in block]].dropna()
    >>> model = PathModel(measures, paths).fit(answers)
    >>> model.paths_.round(2)
    from          to
    quality       satisfaction    0.64
    satisfaction  loyalty         0.62
    Name: path, dtype: float64
    """

    def __init__(self, measures, paths, *, scheme="path"):
        self.measures = measures
        self.paths = paths
        self.scheme = scheme

    def fit(self, data, y=None) -> PathModel:
        """Fit weights, loadings and paths.

        Parameters
        ----------
        data : DataFrame
            A row for each respondent, with the items as columns; others are not looked at.
        y : ignored
            For the interface of scikit-learn.

        Returns
        -------
        PathModel
            Itself.

        Raises
        ------
        DataError
            For items that are not there, missing answers, text, an item that does not vary, fewer
            answers than a regression needs, a path to an unknown construct, a circle of paths.
        """
        self._check_design()
        items = _answers.items(self._items(data), "data")
        _answers.varying(items, "it measures nothing")
        most = max(len(sources) for sources in self._sources().values())
        if len(items) < most + 3:
            problem = f"{len(items)} answers for {most} paths into one construct"
            refuse([whole("data", problem)], "Ask more people, or draw fewer paths.")
        self._mean, self._sd = items.mean(), items.std(ddof=0)
        # All that follows depends on the answers through the items' correlations only, so that its
        # cost does not grow with the number of respondents.
        R = np.corrcoef(items[self._columns()].to_numpy(), rowvar=False)
        W, self.n_iter_, moved = self._iterate(R)
        self.warnings_ = [] if moved <= _TOLERANCE else [
            f"The weights still moved by {moved:.1g} after {self.n_iter_} rounds: the blocks "
            "hardly hang together, and another sample would give other weights."
        ]  # fmt: skip
        self._report(R, W)
        return self

    def scores(self, data) -> pd.DataFrame:
        """Compute the constructs of respondents, scaled as in the data of the fit.

        Parameters
        ----------
        data : DataFrame
            Respondents as rows, with the items as columns.

        Returns
        -------
        DataFrame
            A column for each construct, the index of `data`.
        """
        check_is_fitted(self, "weights_")
        items = _answers.items(self._items(data), "data")
        standardised = (items - self._mean) / self._sd
        composites = {
            name: standardised[list(block)].to_numpy() @ self.weights_[name].to_numpy()
            for name, block in self.measures.items()
        }
        return pd.DataFrame(composites, index=data.index)

    def _check_design(self) -> None:
        if self.scheme not in _SCHEMES:
            raise ValueError(f"scheme={self.scheme!r} is not known; use one of {_SCHEMES}")
        empty = [name for name, items in self.measures.items() if not len(items)]
        refuse([whole(str(name), "has no items") for name in empty], "Give each construct items.")
        on_paths = [name for path in self.paths for name in path]
        _answers.there(list(self.measures), on_paths, "construct in `measures`")
        alone = [name for name in self.measures if name not in on_paths]
        tables = [whole(str(name), "is on no path") for name in alone]
        refuse(tables, "Connect it with another construct, or leave it out.")
        if len(set(map(tuple, self.paths))) < len(self.paths):
            refuse([whole("paths", "one of them is given twice")], "Give each path once.")
        self._refuse_circles()

    def _refuse_circles(self) -> None:
        """Take away, again and again, what nothing drives; a circle is what then remains."""
        left = set(self.measures)
        while driven := {to for source, to in self.paths if source in left and to in left}:
            if driven == left:
                problem = f"these drive one another in a circle: {', '.join(sorted(left))}"
                refuse([whole("paths", problem)], "Decide which comes first, and cut the circle.")
            left = driven

    def _columns(self) -> list:
        """List the items, block after block; an item in two blocks comes twice."""
        return [item for block in self.measures.values() for item in block]

    def _items(self, data) -> pd.DataFrame:
        wanted = list(dict.fromkeys(self._columns()))
        _answers.there(list(data.columns), wanted, "column")
        return data[wanted]

    def _sources(self) -> dict[int, list[int]]:
        """Give, for each construct that is driven, those that drive it; as positions."""
        place = {name: j for j, name in enumerate(self.measures)}
        sources = {}
        for source, to in self.paths:
            sources.setdefault(place[to], []).append(place[source])
        return dict(sorted(sources.items()))

    def _membership(self) -> np.ndarray:
        """Give a 1 where an item (row) measures a construct (column)."""
        sizes = [len(block) for block in self.measures.values()]
        return np.repeat(np.eye(len(sizes)), sizes, axis=0)

    def _iterate(self, R: np.ndarray) -> tuple[np.ndarray, int, float]:
        """Go back and forth between items and paths until the weights stand still.

        The weights W have a row for each item and a column for each construct. With them the items
        correlate with the constructs by RW, and the constructs with one another by W'RW.
        """
        own = self._membership()
        W = _scaled(own, R)
        moved, rounds = np.inf, 0
        while moved > _TOLERANCE and rounds < _MOST_ROUNDS:
            rounds += 1
            inner = self._inner_weights(W.T @ R @ W)
            before, W = W, _scaled(own * (R @ W @ inner), R)
            moved = np.abs(W - before).max()
        signs = np.sign((own * (R @ W)).sum(axis=0))  # a construct points where its items point
        return W * np.where(signs == 0, 1, signs), rounds, moved

    def _inner_weights(self, C: np.ndarray) -> np.ndarray:
        """Say how much of each neighbour (row) goes into the guess of a construct (column)."""
        inner = np.zeros_like(C)
        for to, sources in self._sources().items():
            r = np.sign(C[sources, to]) if self.scheme == "centroid" else C[sources, to]
            inner[sources, to] = inner[to, sources] = r
        if self.scheme == "path":
            for to, sources in self._sources().items():
                inner[sources, to] = _slopes(C, sources, to)
        return inner

    def _report(self, R: np.ndarray, W: np.ndarray) -> None:
        names, C = list(self.measures), W.T @ R @ W
        paths, r_squared = {}, {}
        for to, sources in self._sources().items():
            slopes = _slopes(C, sources, to)
            paths |= {(names[j], names[to]): b for j, b in zip(sources, slopes, strict=True)}
            r_squared[names[to]] = slopes @ C[sources, to]
        index = pd.MultiIndex.from_tuples(map(tuple, self.paths), names=["from", "to"])
        self.paths_ = pd.Series(paths, name="path").rename_axis(["from", "to"])[index]
        self.r_squared_ = pd.Series(r_squared, name="r_squared")
        measured = [(name, item) for name, block in self.measures.items() for item in block]
        index = pd.MultiIndex.from_tuples(measured, names=["construct", "item"])
        own = self._membership()
        self.loadings_ = pd.Series((own * (R @ W)).sum(axis=1), index, name="loading")
        self.weights_ = pd.Series(W.sum(axis=1), index, name="weight")


def _scaled(W: np.ndarray, R: np.ndarray) -> np.ndarray:
    """Scale the weights so that every composite has standard deviation 1."""
    return W / np.sqrt(np.einsum("ij,ik,kj->j", W, R, W))


def _slopes(C: np.ndarray, sources: list[int], to: int) -> np.ndarray:
    """Standardised slopes of a construct on those that drive it."""
    return np.linalg.solve(C[np.ix_(sources, sources)], C[sources, to])
