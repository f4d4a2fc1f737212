"""A satisfaction path model: constructs measured by several items each, and who drives whom."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from crmlib.errors import refuse, whole
from crmlib.satisfaction import _answers

_SCHEMES = ("path", "centroid", "factorial")
_TOLERANCE, _MOST_STEPS = 1e-9, 1000


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
        blocks = self._blocks(items)
        weights, self.n_iter_, moved = self._iterate(blocks)
        self.warnings_ = [] if moved <= _TOLERANCE else [
            f"The weights still moved by {moved:.1g} after {self.n_iter_} rounds: the blocks "
            "hardly hang together, and another sample would give other weights."
        ]  # fmt: skip
        scores = _composites(blocks, weights)
        self._report(blocks, weights, scores)
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
        blocks = self._blocks(_answers.items(self._items(data), "data"))
        weights = {name: self.weights_[name].to_numpy() for name in self.measures}
        return pd.DataFrame(
            {name: blocks[name] @ weights[name] for name in self.measures}, index=data.index
        )

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

    def _items(self, data) -> pd.DataFrame:
        wanted = list(dict.fromkeys(item for block in self.measures.values() for item in block))
        _answers.there(list(data.columns), wanted, "column")
        return data[wanted]

    def _sources(self) -> dict:
        """Give the constructs that drive each driven one, in the order of the measures."""
        driven = [name for name in self.measures if any(to == name for _, to in self.paths)]
        return {name: [source for source, to in self.paths if to == name] for name in driven}

    def _blocks(self, items: pd.DataFrame) -> dict[str, np.ndarray]:
        standardised = (items - self._mean) / self._sd
        return {name: standardised[list(block)].to_numpy() for name, block in self.measures.items()}

    def _iterate(self, blocks) -> tuple[dict[str, np.ndarray], int, float]:
        """Go back and forth between items and paths until the weights stand still."""
        weights = {name: _unit(block, np.ones(block.shape[1])) for name, block in blocks.items()}
        moved, rounds = np.inf, 0
        while moved > _TOLERANCE and rounds < _MOST_STEPS:
            rounds += 1
            scores = _composites(blocks, weights)
            guesses = scores @ self._inner_weights(scores)
            new = {
                name: _unit(block, block.T @ guesses[name].to_numpy())
                for name, block in blocks.items()
            }
            moved = max(np.abs(new[name] - weights[name]).max() for name in blocks)
            weights = new
        signs = {name: np.sign((blocks[name].T @ scores[name]).sum()) or 1.0 for name in blocks}
        return {name: signs[name] * w for name, w in weights.items()}, rounds, moved

    def _inner_weights(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Say how much of each neighbour (row) goes into the guess of a construct (column)."""
        correlations = scores.corr()
        inner = pd.DataFrame(0.0, index=scores.columns, columns=scores.columns)
        for source, to in self.paths:
            r = correlations.loc[source, to]
            inner.loc[source, to] = inner.loc[to, source] = np.sign(r) if self._by_sign() else r
        if self.scheme == "path":
            for to, sources in self._sources().items():
                inner.loc[sources, to] = _regression(correlations, sources, to)
        return inner

    def _by_sign(self) -> bool:
        return self.scheme == "centroid"

    def _report(self, blocks, weights, scores: pd.DataFrame) -> None:
        correlations = scores.corr()
        paths, r_squared = {}, {}
        for to, sources in self._sources().items():
            slopes = _regression(correlations, sources, to)
            paths |= {(source, to): b for source, b in zip(sources, slopes, strict=True)}
            r_squared[to] = slopes @ correlations.loc[sources, to]
        self.paths_ = pd.Series(
            [paths[tuple(path)] for path in self.paths],
            index=pd.MultiIndex.from_tuples(map(tuple, self.paths), names=["from", "to"]),
            name="path",
        )
        self.r_squared_ = pd.Series(r_squared, name="r_squared")
        index = pd.MultiIndex.from_tuples(
            [(name, item) for name, block in self.measures.items() for item in block],
            names=["construct", "item"],
        )
        loadings = [blocks[name].T @ scores[name].to_numpy() / len(scores) for name in blocks]
        self.loadings_ = pd.Series(np.concatenate(loadings), index=index, name="loading")
        self.weights_ = pd.Series(np.concatenate(list(weights.values())), index, name="weight")


def _composites(blocks, weights) -> pd.DataFrame:
    return pd.DataFrame({name: block @ weights[name] for name, block in blocks.items()})


def _unit(block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scale the weights so that the composite has standard deviation 1."""
    return weights / (block @ weights).std()


def _regression(correlations: pd.DataFrame, sources: list, to) -> np.ndarray:
    """Standardised slopes of a construct on those that drive it."""
    among = correlations.loc[sources, sources].to_numpy()
    return np.linalg.solve(among, correlations.loc[sources, to].to_numpy())
