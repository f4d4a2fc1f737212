"""A satisfaction path model: constructs measured by several items each, and who drives whom."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from crmlib import validate
from crmlib.errors import DataError, refuse, warn, whole
from crmlib.fitted import Fitted
from crmlib.satisfaction import _answers
from crmlib.satisfaction._redraw import redrawn

_SCHEMES = ("path", "centroid", "factorial")
_TOLERANCE, _MOST_ROUNDS = 1e-9, 1000


class PathModel(Fitted):
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
        What a reader should know before using the result; also said aloud by :meth:`fit`.

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
    >>> model
    PathModel of 3 constructs and 2 paths, scheme 'path', fitted to 1,560 answers
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
            answers than a regression needs, constructs that cannot be told apart, because they
            share their items or because their answers are the same.
        ValueError
            For measures and paths that are no diagram: an unknown construct, a circle of paths.
        """
        self._check_design()
        items = _answers.items(self._items(data, self.measures), "data")
        _answers.varying(items, "it measures nothing")
        most = max(len(sources) for sources in self._sources().values())
        if len(items) < most + 3:
            problem = f"{len(items)} answers for {most} paths into one construct"
            raise DataError(whole("data", problem), "Ask more people, or draw fewer paths.")
        self._mean, self._sd, self.n_ = items.mean(), items.std(ddof=0), len(items)
        # All that follows depends on the answers through the items' correlations only, so that its
        # cost does not grow with the number of respondents.
        R = np.corrcoef(items[self._columns()].to_numpy(), rowvar=False)
        W, self.n_iter_, moved = self._iterate(R)
        self._report(R, W)
        self.warnings_ = self._complaints(moved)
        for text in self.warnings_:
            warn(f"PathModel: {text}")
        return self

    def bootstrap(self, data, *, n: int = 500, seed: int = 0) -> pd.DataFrame:
        """Say how sure the paths are: fit again to respondents drawn again, `n` times.

        Parameters
        ----------
        data : DataFrame
            The answers, as for :meth:`fit`.
        n : int
            Samples drawn, of as many respondents as answered.
        seed : int
            The same seed gives the same intervals.

        Returns
        -------
        DataFrame
            By path: `value`, that of all answers, `se`, the standard deviation of the draws, and
            the 95 % interval `low`, `high`, the middle of the draws (widened to hold the value).

        References
        ----------
        Hair, J. F., Hult, G. T. M., Ringle, C. M. and Sarstedt, M. (2017). A Primer on Partial
        Least Squares Structural Equation Modeling, 2nd ed., chapter 5.
        """
        with warnings.catch_warnings():  # what there is to say, fit says
            warnings.simplefilter("ignore")
            model = clone(self).fit(data)
        values = _answers.items(self._items(data, self.measures), "data")[
            self._columns()
        ].to_numpy()
        return redrawn(model.paths_, lambda rng: model._draw(values, rng), n, seed)

    def _draw(self, values: np.ndarray, rng) -> np.ndarray:
        """Fit the paths to as many respondents, drawn again."""
        again = values[rng.integers(len(values), size=len(values))]
        if not np.ptp(again, axis=0).all():
            raise DataError(whole("data", "an item does not vary"), "Leave it out.")
        R = np.corrcoef(again, rowvar=False)
        self._report(R, self._iterate(R)[0])
        return self.paths_.to_numpy()

    def predict(self, data) -> pd.DataFrame:
        """Predict the constructs that others drive, from the scores of those that drive them.

        Parameters
        ----------
        data : DataFrame
            Respondents as rows, with the items of the constructs with an arrow out of them; the
            answers to be predicted need not be there.

        Returns
        -------
        DataFrame
            A column for each construct with an arrow into it, the index of `data`; in the data of
            the fit their variances are the R².
        """
        check_is_fitted(self, "weights_")
        names, sources = list(self.measures), self._sources()
        needed = sorted({j for into in sources.values() for j in into})
        scores = self._composites(data, [names[j] for j in needed])
        found = {}
        for to, into in sources.items():
            drivers = [names[j] for j in into]
            slopes = [self.paths_[driver, names[to]] for driver in drivers]
            found[names[to]] = scores[drivers].to_numpy() @ slopes
        return pd.DataFrame(found, index=scores.index)

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
        return self._composites(data, self.measures)

    def __repr__(self) -> str:
        fitted = f"fitted to {self.n_:,} answers" if hasattr(self, "paths_") else "not fitted"
        size = f"{len(self.measures)} constructs and {len(self.paths)} paths"
        return f"PathModel of {size}, scheme {self.scheme!r}, {fitted}"

    def _composites(self, data, names) -> pd.DataFrame:
        items = _answers.items(self._items(data, names), "data")
        z = (items - self._mean[items.columns]) / self._sd[items.columns]
        composites = {
            name: z[list(self.measures[name])].to_numpy() @ self.weights_[name].to_numpy()
            for name in names
        }
        return pd.DataFrame(composites, index=items.index)

    def _complaints(self, moved: float) -> list[str]:
        """List what a reader should know of the fit."""
        found = []
        if moved > _TOLERANCE:
            found.append(
                f"The weights still moved by {moved:.1g} after {self.n_iter_} rounds: the blocks "
                "hardly hang together, and another sample would give other weights."
            )
        for (construct, item), loading in self.loadings_[self.loadings_ < 0].items():
            found.append(
                f"{item} goes against the other items of {construct} (loading {loading:.2f}). If "
                "its question is worded the other way round, turn it: low + high - answer."
            )
        return found

    def _check_design(self) -> None:
        """Refuse measures and paths that are no diagram."""
        validate.choice(self.scheme, _SCHEMES, "scheme")
        blocks = self.measures.values() if isinstance(self.measures, dict) else [None]
        if not all(isinstance(block, list | tuple | pd.Index) for block in blocks):
            raise validate.wrong("measures", self.measures, "{construct: [its items], ...}")
        pairs = self.paths if isinstance(self.paths, list | tuple) else [None]
        if not pairs or not all(isinstance(p, list | tuple) and len(p) == 2 for p in pairs):
            raise validate.wrong("paths", self.paths, "[(from, to), ...], one or more")
        for name, block in self.measures.items():
            if not len(block) or len(set(block)) < len(block):
                problem = "has one item twice" if len(block) else "has no items"
                raise ValueError(f"measures, {name}: {problem}. Give each construct its items.")
        on_paths = [name for path in self.paths for name in path]
        validate.columns(self.measures, on_paths, what="construct in `measures`")
        for name in self.measures:
            if name not in on_paths:
                raise ValueError(f"measures, {name}: is on no path. Connect it, or leave it out.")
        if len(set(map(tuple, self.paths))) < len(self.paths):
            raise ValueError("paths: one of them is given twice. Give each path once.")
        self._refuse_circles()

    def _refuse_circles(self) -> None:
        """Take away, again and again, what nothing drives; a circle is what then remains."""
        left = set(self.measures)
        while driven := {to for source, to in self.paths if source in left and to in left}:
            if driven == left:
                names = ", ".join(sorted(map(str, left)))
                raise ValueError(
                    f"paths: these drive one another in a circle: {names}. Decide which comes "
                    "first, and cut the circle."
                )
            left = driven

    def _columns(self) -> list:
        """List the items, block after block; an item in two blocks comes twice."""
        return [item for block in self.measures.values() for item in block]

    def _items(self, data, names) -> pd.DataFrame:
        """Take the items of these constructs out of the data."""
        wanted = list(dict.fromkeys(item for name in names for item in self.measures[name]))
        return validate.table(data, "data", wanted)[wanted]

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
        W = self._scaled(own, R)
        moved, rounds = np.inf, 0
        while moved > _TOLERANCE and rounds < _MOST_ROUNDS:
            rounds += 1
            inner = self._inner_weights(W.T @ R @ W)
            before, W = W, self._scaled(own * (R @ W @ inner), R)
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
                inner[sources, to] = self._slopes(C, sources, to)
        return inner

    def _report(self, R: np.ndarray, W: np.ndarray) -> None:
        names, C = list(self.measures), W.T @ R @ W
        paths, r_squared = {}, {}
        for to, sources in self._sources().items():
            slopes = self._slopes(C, sources, to)
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

    def _scaled(self, W: np.ndarray, R: np.ndarray) -> np.ndarray:
        """Scale the weights so that every composite has standard deviation 1."""
        variance = np.einsum("ij,ik,kj->j", W, R, W)
        flat = [name for name, v in zip(self.measures, variance, strict=True) if not v > 1e-12]
        advice = "Turn the item that is worded the other way round: low + high - answer."
        refuse(
            [whole(str(name), "its items cancel out, and nothing is left") for name in flat], advice
        )
        return W / np.sqrt(variance)

    def _slopes(self, C: np.ndarray, sources: list[int], to: int) -> np.ndarray:
        """Compute standardised slopes of a construct on those that drive it."""
        among = C[np.ix_(sources, sources)]
        if not np.linalg.eigvalsh(among)[0] > 1e-10 * len(sources):
            names = " and ".join(str(list(self.measures)[j]) for j in sources)
            problem = f"{names} cannot be told apart: one can be computed from the others"
            advice = "Give each construct items of its own, or leave one out."
            raise DataError(whole("data", problem), advice)
        return np.linalg.solve(among, C[sources, to])
