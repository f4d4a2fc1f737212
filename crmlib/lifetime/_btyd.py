"""What every buy-till-you-die model does: fit, predict, simulate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaln, xlogy

from crmlib.errors import DataError, whole
from crmlib.lifetime._cells import Cells, checked_summary, checked_weights
from crmlib.lifetime._discrete import generator, how_many, periods
from crmlib.lifetime._likelihood import LikelihoodModel
from crmlib.lifetime._quadrature import NEGLIGIBLE, gauss_legendre
from crmlib.validate import positive, wrong

# Weekly against daily times differ by 7, weekly against monthly by 4.3.
_OTHER_UNIT = 4.0
# No time is so long; of a longer one numpy could not draw the purchases.
_NEVER = 1e15
# What is predicted further ahead than so many times the longest history has been seen by nobody.
_FAR_AHEAD = 2.0
# Customers of a large base that a first search looks at.
_PILOT = 10_000
# The likelihood of a few dozen customers may have two summits, of hundreds it has not: below this
# many histories also start where all buy alike, where hardly two do, and where leaving differs.
_SMALL = 200
_ELSEWHERE = np.array([[10, 10, 1, 1], [0.1, 0.1, 1, 1], [1, 1, 0.1, 0.1]])


def ln_negative_binomial(y: int, shape, rate, t):
    """Logarithm of the chance of `y` purchases in `t` at a rate that is gamma (shape, rate)."""
    ln_ways = gammaln(shape + y) - gammaln(shape) - gammaln(y + 1)
    return ln_ways - shape * np.log1p(t / rate) + xlogy(y, t / (rate + t))


def _times(t, name: str) -> np.ndarray:
    """Return times as an array of floats."""
    times = np.asarray(t)
    if times.dtype.kind not in "iuf" or not ((times >= 0) & (times < _NEVER)).all():
        raise wrong(name, t, f"a time or several, finite and not negative (up to {_NEVER:g})")
    return times.astype(float)


class BuyTillYouDie(LikelihoodModel):
    """Customers who buy at random while alive and leave without saying so.

    A child gives `_log_likelihood(cells)`, `_p_alive(cells)`, `_future(x, T, t)`,
    `_future_pmf(y, x, T, t)`, `_start(x, T)`, `_newcomer(t)`, `_lives(n, T, rng)` and
    `_futures(x, T, t, rng)`.
    """

    def fit(self, summary: pd.DataFrame, weights=None):
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        summary : DataFrame
            One row a customer with `frequency`, `t_x`, `T`, as :func:`crmlib.rfm` makes it.
            The unit of time is the table's own; rates come out per that unit.
        weights : array-like, optional
            How many customers stand behind each row, for tables that are already grouped.

        Returns
        -------
        self
            With `params_`, `log_likelihood_` (of the whole base), `n_` and `warnings_`.

        Raises
        ------
        DataError
            If the table is impossible, or too poor to say anything: nobody repeats, or fewer
            different histories than parameters.
        """
        summary = checked_summary(summary)
        cells = Cells(summary, checked_weights(weights, summary))
        n = cells.weight.sum()
        mean_x = cells.weight @ cells.x[cells.ix] / n
        mean_T = cells.weight @ cells.T[cells.iT] / n
        self._check_rich(cells, mean_x)
        self.warnings_ = []
        pilot = self._log_likelihood(cells.sample(_PILOT)) if len(cells) > 2 * _PILOT else None
        starts = [self._start(mean_x, mean_T)]
        if len(cells) < _SMALL:
            starts += [starts[0] * factors for factors in _ELSEWHERE]
        self._maximise(self._log_likelihood(cells), starts, n, pilot)
        self._median_T, self._longest_T = float(np.median(summary["T"])), float(summary["T"].max())
        return self

    def _check_rich(self, cells: Cells, mean_x: float) -> None:
        advice = "Watch the customers for longer, or take in more of them."
        if mean_x == 0:
            problem = "nobody bought a second time, so nothing shows how often customers return"
            raise DataError(whole("frequency", problem), advice)
        seen, needed = int((cells.weight > 0).sum()), len(self._names)
        if seen < needed:
            problem = f"only {seen} different histories for the {needed} parameters of the model"
            raise DataError(whole(None, problem), advice)

    def predict(self, summary: pd.DataFrame, t: float) -> pd.DataFrame:
        """Predict each customer's state and purchases.

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`fit`, in the same unit of time; need not be the table that was fitted.
        t : float
            How far ahead, in that unit.

        Returns
        -------
        DataFrame
            Index of `summary`; `p_alive`, the chance of still being a customer at `T`;
            `purchases`, the expected number of purchase days in (T, T + t].
        """
        cells = self._look_ahead(summary, t)
        p_alive = self._p_alive(cells)
        table = {"p_alive": p_alive, "purchases": p_alive * self._if_alive(cells, float(t))}
        return pd.DataFrame({k: v[cells.row] for k, v in table.items()}, index=summary.index)

    def pmf(self, summary: pd.DataFrame, x, t: float) -> pd.Series | pd.DataFrame:
        """Give each customer's chance of making exactly `x` purchases in the next `t`.

        Where :meth:`predict` gives the mean, this gives all that may happen, for the parameters as
        they are. The chance to see a customer again is ``1 - model.pmf(summary, 0, t)``.

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`predict`.
        x : int or list of int
            How many purchases in (T, T + t]; several at once cost less than one after another.
        t : float
            How far ahead, in the unit of `summary`.

        Returns
        -------
        Series or DataFrame
            Index of `summary`; the chance of `x`, or a column for each `x`.
        """
        cells = self._look_ahead(summary, t)
        counts = periods(x, name="x").ravel()
        alive = self._p_alive(cells)
        by_cell = {}
        for y in counts.tolist():
            chance = self._by_history(cells, lambda x, T, y=y: self._future_pmf(y, x, T, float(t)))
            by_cell[y] = (alive * chance + (1 - alive) * (y == 0))[cells.row]
        table = pd.DataFrame(by_cell, index=summary.index).rename_axis(columns="x")
        return table if np.ndim(x) else table.iloc[:, 0].rename("pmf")

    def discounted_purchases(
        self, summary: pd.DataFrame, horizon: float, force: float
    ) -> pd.Series:
        r"""Sum each customer's expected purchases, discounted from the moment of each.

        .. math:: \int_0^{h} e^{-\delta t}\, dE[Y(t)]
            = e^{-\delta h} E[Y(h)] + \delta \int_0^{h} e^{-\delta t} E[Y(t)]\, dt

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`predict`.
        horizon : float
            How far ahead, h, in the unit of `summary`.
        force : float
            Force of interest :math:`\delta` per that unit: ln(1 + rate) / units in a year.

        Returns
        -------
        Series
            Discounted expected transactions, by customer.
        """
        cells = self._look_ahead(summary, horizon)
        total = np.exp(-force * horizon) * self._if_alive(cells, horizon)
        if force:
            # Cubed, the nodes stand denser at the start, where purchases come fastest: 16 leave a
            # relative error under 1e-6 at every horizon.
            nodes, weights = gauss_legendre(16)
            end = min(horizon, NEGLIGIBLE / force)
            for u, weight in zip(nodes, weights * 3 * nodes**2 * end, strict=True):
                t = u**3 * end
                total += weight * force * np.exp(-force * t) * self._if_alive(cells, t)
        total *= self._p_alive(cells)
        return pd.Series(total[cells.row], index=summary.index, name="purchases")

    def _look_ahead(self, summary: pd.DataFrame, t: float) -> Cells:
        """Check that these customers can be predicted `t` ahead, and group them."""
        self._known()
        summary = checked_summary(summary)
        positive(t, "t", zero=True)
        self._check_unit(summary)
        longest = getattr(self, "_longest_T", np.inf)
        if t > _FAR_AHEAD * longest:
            self._warn(
                f"asked for {t:g} ahead, fitted to customers watched for {longest:.3g} at most: how "
                "many leave so late nobody has seen. Take it for a guess."
            )
        return Cells(summary)

    def _if_alive(self, cells: Cells, t: float) -> np.ndarray:
        """Expect the purchases by cell of customers alive at T."""
        return self._by_history(cells, lambda x, T: self._future(x, T, t))

    @staticmethod
    def _by_history(cells: Cells, function) -> np.ndarray:
        """Compute by cell a function of x and T only, once for each pair of them."""
        pairs, index = np.unique(cells.ix * len(cells.T) + cells.iT, return_inverse=True)
        ix, iT = np.divmod(pairs, len(cells.T))
        return function(cells.x[ix], cells.T[iT])[index]

    def _check_unit(self, summary: pd.DataFrame) -> None:
        fitted, here = getattr(self, "_median_T", None), float(np.median(summary["T"]))
        if not fitted or not here:
            return
        ratio = here / fitted
        if ratio > _OTHER_UNIT or ratio < 1 / _OTHER_UNIT:
            self._warn(
                f"these customers were watched {ratio:.2g} times as long (T) as those of the fit: "
                "is the table in another unit of time, days against weeks?"
            )

    def expected_purchases(self, t):
        """Expect the repeat purchases of a new customer in the first `t` units of time.

        Parameters
        ----------
        t : float or array

        Returns
        -------
        float or array
            Of the shape of `t`.
        """
        self._known()
        t = _times(t, "t")
        out = self._newcomer(t.ravel()).reshape(t.shape)
        return out if t.ndim else float(out)

    def simulate(self, n: int, T, seed: int) -> pd.DataFrame:
        """Simulate customers whose truth is known.

        Parameters
        ----------
        n : int
            How many.
        T : float or array of shape (n,)
            Time from first purchase to the end of observation.
        seed : int
            The same seed gives the same customers.

        Returns
        -------
        DataFrame
            Index `customer_id`; `frequency, t_x, T, recency` as :func:`crmlib.rfm` would make them
            (times are not rounded to days), then the hidden truth: `alive` at `T`, the purchase
            `rate`, and what governs leaving.
        """
        self._known()
        n = how_many(n)
        T = _times(T, "T")
        if T.shape not in ((), (n,)):
            raise wrong("T", T, f"one time, or one for each of the {n} customers")
        T = np.broadcast_to(T, (n,))
        table = self._lives(n, T, generator(seed))
        table.insert(2, "T", T)
        table.insert(3, "recency", T - table["t_x"])
        return table.rename_axis("customer_id")

    def draw_future(self, summary: pd.DataFrame, t: float, seed: int) -> pd.Series:
        """Draw one possible number of purchases in (T, T + t] for each customer.

        Where :meth:`predict` gives the mean, this gives what may happen: by chance the same
        customer, with the same parameters, buys not at all or often.
        """
        cells = self._look_ahead(summary, t)
        rng = generator(seed)
        alive = rng.random(len(summary)) < self._p_alive(cells)[cells.row]
        x, T = cells.x[cells.ix][cells.row], cells.T[cells.iT][cells.row]
        counts = self._futures(x, T, float(t), rng)
        return pd.Series(np.where(alive, counts, 0), index=summary.index, name="purchases")
