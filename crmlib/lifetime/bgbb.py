"""BG/BB: opportunities to buy that come one by one, each taken or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betaln, psi

from crmlib.errors import find, refuse
from crmlib.lifetime._btyd import BuyTillYouDie
from crmlib.lifetime._cells import Cells, checked_columns
from crmlib.lifetime._discrete import periods, shaped
from crmlib.validate import whole_number

_TINY = np.finfo(float).tiny


class BGBB(BuyTillYouDie):
    r"""BG/BB model of Fader, Hardie and Shang (2010).

    Time comes in opportunities to buy: yearly appeals, weekly visits, issues of a catalogue. While
    alive a customer takes each with probability `p`, beta distributed over the customers with
    `alpha` and `beta`; before each the customer leaves with probability :math:`\theta`, beta with
    `gamma` and `delta`. A customer with purchases at `x` of `n` opportunities, the last at
    :math:`t_x`, has the likelihood

    .. math:: \frac{B(\alpha+x, \beta+n-x)}{B(\alpha,\beta)} \frac{B(\gamma,\delta+n)}{B(\gamma,\delta)}
        + \sum_{m=t_x}^{n-1} \frac{B(\alpha+x, \beta+m-x)}{B(\alpha,\beta)}
          \frac{B(\gamma+1,\delta+m)}{B(\gamma,\delta)}

    either alive at `n`, or alive last at some opportunity `m` from the last purchase on.

    Attributes
    ----------
    params_ : Series
        `alpha`, `beta` (buying), `gamma`, `delta` (leaving).
    log_likelihood_ : float
        Sum over the customers.
    warnings_ : list of str
        What to know before trusting the fit.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a discrete-time
    noncontractual setting. Marketing Science 29(6), 1086-1108.

    Examples
    --------
    The paper's estimates, on the same 11,104 donors in 22 cells:

    >>> import crmlib as crm
    >>> donors = crm.load("donations")
    >>> model = BGBB().fit(donors, weights=donors["donors"])
    >>> model.params_.round(3).to_dict()
    {'alpha': 1.204, 'beta': 0.75, 'gamma': 0.657, 'delta': 2.783}
    >>> round(model.log_likelihood_, 1)
    -33225.6
    """

    _names = ("alpha", "beta", "gamma", "delta")

    def fit(self, summary: pd.DataFrame, weights=None):
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        summary : DataFrame
            One row a customer, or a kind of customers, in whole numbers: `frequency`, the
            opportunities taken; `t_x`, the last one taken (1 the first, 0 none); `n`, how many
            there were. The purchase that made them customers is not counted.
        weights : array-like, optional
            How many customers stand behind each row.

        Returns
        -------
        self
            With `params_`, `log_likelihood_`, `n_` (customers) and `warnings_`.

        Raises
        ------
        DataError
            If the table is impossible, or too poor to say anything: nobody buys, or fewer
            different histories than parameters.
        """
        return super().fit(_as_opportunities(summary), weights)

    def predict(self, summary: pd.DataFrame, t: int) -> pd.DataFrame:
        """Predict each customer's state and purchases.

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`fit`; need not be the table that was fitted.
        t : int
            How many opportunities ahead.

        Returns
        -------
        DataFrame
            Index of `summary`; `p_alive`, the chance of still being a customer at opportunity
            `n` + 1, as the paper has it; `purchases`, the expected number in the next `t`.
        """
        return super().predict(_as_opportunities(summary), whole_number(t, "t", least=0))

    def pmf(self, summary: pd.DataFrame, x, t: int) -> pd.Series | pd.DataFrame:
        """Give each customer's chance of taking exactly `x` of the next `t` opportunities.

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`predict`.
        x : int or list of int
            How many purchases.
        t : int
            How many opportunities ahead.

        Returns
        -------
        Series or DataFrame
            Index of `summary`; the chance of `x`, or a column for each `x`.
        """
        return super().pmf(_as_opportunities(summary), x, whole_number(t, "t", least=0))

    def discounted_purchases(self, summary: pd.DataFrame, horizon: int, force: float) -> pd.Series:
        r"""Sum each customer's expected purchases, those k opportunities ahead times exp(-force k).

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`predict`.
        horizon : int
            How many opportunities ahead.
        force : float
            Force of interest per opportunity: ln(1 + rate) where there is one a year.

        Returns
        -------
        Series
            Discounted expected transactions, by customer.
        """
        horizon = whole_number(horizon, "horizon", least=0)
        cells = self._look_ahead(_as_opportunities(summary), horizon)
        x, n = cells.x[cells.ix], cells.T[cells.iT]
        discount = np.exp(-force * np.arange(1, horizon + 1))
        total = self._p_alive(cells) * self._mean_p(x, n) * self._alive_later(n, discount)
        return pd.Series(total[cells.row], index=summary.index, name="purchases")

    def expected_purchases(self, t):
        """Expect the purchases of a new customer at the first `t` opportunities.

        Parameters
        ----------
        t : int or array of int

        Returns
        -------
        float or array
            Of the shape of `t`.
        """
        alpha, beta, gamma, delta = self._known()
        t = periods(t)
        k = np.arange(t.max(initial=0))
        alive = np.cumprod((delta + k) / (gamma + delta + k))
        total = alpha / (alpha + beta) * np.concatenate([[0.0], np.cumsum(alive)])[t]
        return shaped(total)

    def simulate(self, n: int, T, seed: int) -> pd.DataFrame:
        """Simulate customers whose truth is known.

        Parameters
        ----------
        n : int
            How many customers.
        T : int or array of shape (n,)
            How many opportunities each has.
        seed : int
            The same seed gives the same customers.

        Returns
        -------
        DataFrame
            Index `customer_id`; `frequency, t_x, n`, then the hidden truth: `alive` at opportunity
            `n` + 1, the chance `p` to buy and `theta` to leave.
        """
        table = super().simulate(n, periods(T), seed).drop(columns="recency")
        return table.rename(columns={"T": "n"}).astype({"n": "int64"})

    def draw_future(self, summary: pd.DataFrame, t: int, seed: int) -> pd.Series:
        """Draw one possible number of purchases at the next `t` opportunities for each customer.

        Where :meth:`predict` gives the mean, this gives what may happen.
        """
        return super().draw_future(_as_opportunities(summary), whole_number(t, "t", least=0), seed)

    def _start(self, x: float, T: float):
        # Whoever is alive half the time buys at twice the rate seen, at most at nine of ten.
        p = min(2 * x / T, 0.9)
        return np.array([2 * p, 2 * (1 - p), 0.5, 2.0])

    def _check_unit(self, summary) -> None:
        """Customers with few opportunities are new ones, not ones in another unit of time."""

    def _log_likelihood(self, cells: Cells):
        """Return the function of (alpha, beta, gamma, delta) that gives value and gradient.

        With f(m) the term of the sum at m, the likelihood is f(t_x) H: see :func:`_histories`.
        """
        x, t_x, n = cells.x[cells.ix], cells.t_x[cells.it], cells.T[cells.iT]
        weight = cells.weight

        def log_likelihood(theta):
            alpha, beta, gamma, delta = theta
            H, dH, _ = _histories(x, t_x, n, theta)
            f = betaln(alpha + x, beta + t_x - x) + betaln(gamma + 1, delta + t_x)
            value = f + np.log(H) - betaln(alpha, beta) - betaln(gamma, delta)
            total, leaving = psi(alpha + beta + t_x), psi(gamma + 1 + delta + t_x)
            slope = dH / H + [
                psi(alpha + x) - total - psi(alpha) + psi(alpha + beta),
                psi(beta + t_x - x) - total - psi(beta) + psi(alpha + beta),
                psi(gamma + 1) - leaving - psi(gamma) + psi(gamma + delta),
                psi(delta + t_x) - leaving - psi(delta) + psi(gamma + delta),
            ]
            return weight @ value, slope @ weight

        return log_likelihood

    def _p_alive(self, cells: Cells) -> np.ndarray:
        _, _, gamma, delta = theta = self.params_.to_numpy()
        n = cells.T[cells.iT]
        H, _, fall = _histories(cells.x[cells.ix], cells.t_x[cells.it], n, theta)
        return fall * (delta + n) / gamma / H

    def _future(self, x, T, t: float) -> np.ndarray:
        """Expect the purchases at n + 1 .. n + t of a customer alive at n + 1.

        Given `alive`, p is beta (alpha + x, beta + n - x) and theta beta (gamma, delta + n + 1).
        """
        return self._mean_p(x, T) * self._alive_later(T, np.ones(int(t)))

    def _future_pmf(self, y: int, x, T, t: float) -> np.ndarray:
        """Chance of `y` purchases at n + 1 .. n + t of a customer alive at n + 1.

        The customer is there for m of them: leaves before the next one, or is there for all t. Given
        m the purchases are beta-binomial.
        """
        alpha, beta, gamma, delta = self.params_
        a, b, stay, t = alpha + x, beta + T - x, delta + T + 1, int(t)
        total = np.zeros(len(x))
        if t == 0:
            return total + (y == 0)
        for m in range(max(y, 1), t + 1):
            left = betaln(gamma + (m < t), stay + m - 1) - betaln(gamma, stay)
            ways = -np.log(m + 1) - betaln(y + 1, m - y + 1)
            total += np.exp(left + ways + betaln(a + y, b + m - y) - betaln(a, b))
        return total

    def _mean_p(self, x, n):
        alpha, beta, _, _ = self.params_
        return (alpha + x) / (alpha + beta + n)

    def _alive_later(self, n, weights):
        """Sum the chances of being alive at n + 1, n + 2 ..., each times its weight, given n + 1."""
        _, _, gamma, delta = self.params_
        n, index = np.unique(n, return_inverse=True)
        alive, total = np.ones(len(n)), np.zeros(len(n))
        for k, weight in enumerate(weights):
            total += weight * alive
            alive *= (delta + n + 1 + k) / (gamma + delta + n + 1 + k)
        return total[index]

    def _lives(self, n: int, T, rng) -> pd.DataFrame:
        alpha, beta, gamma, delta = self.params_
        p = np.maximum(rng.beta(alpha, beta, n), _TINY)
        theta = np.maximum(rng.beta(gamma, delta, n), _TINY)
        life = rng.geometric(theta) - 1
        watched = np.minimum(life, T.astype(np.int64))
        # Seen from the end of what was watched, the last purchase comes after geometric waiting.
        t_x = np.maximum(watched - (rng.geometric(p) - 1), 0)
        x = np.where(t_x > 0, 1 + rng.binomial(np.maximum(t_x - 1, 0), p), 0)
        truth = {"alive": life > T, "p": p, "theta": theta}
        return pd.DataFrame({"frequency": x, "t_x": t_x, **truth})

    def _futures(self, x, T, t: float, rng) -> np.ndarray:
        alpha, beta, gamma, delta = self.params_
        p = rng.beta(alpha + x, beta + T - x)
        theta = np.maximum(rng.beta(gamma, delta + T + 1), _TINY)
        return rng.binomial(np.minimum(rng.geometric(theta), int(t)), p)


def _histories(x, t_x, n, theta):
    r"""Add up all that can have happened after the last purchase, relative to leaving at once.

    With :math:`f(m) = B(\alpha+x, \beta+m-x)\, B(\gamma+1, \delta+m)`, m the last opportunity alive,
    and :math:`\rho(m) = f(m+1)/f(m)`, the sum of the likelihood is :math:`f(t_x) H(t_x)`, where

    .. math:: H(m) = 1 + \rho(m) H(m+1), \quad H(n) = 1 + (\delta + n)/\gamma

    No gamma function is needed, and nothing can underflow.

    Returns
    -------
    H : array of shape (cells,)
    gradient : array of shape (4, cells)
    fall : array of shape (cells,)
        f(n) / f(t_x).
    """
    alpha, beta, gamma, delta = theta
    gap = (n - t_x).astype(np.int64)
    # The longest waits first, so that the cells with a step left to go are always the first ones.
    order = np.argsort(-gap, kind="stable")
    x, n, gap = x[order], n[order], gap[order]
    H, fall = 1 + (delta + n) / gamma, np.ones(len(n))
    dH = np.zeros((4, len(n)))
    dH[2], dH[3] = -(delta + n) / gamma**2, 1 / gamma
    active = np.searchsorted(-gap, -np.arange(gap.max(initial=0)))
    for back, some in enumerate(active, start=1):
        i = slice(0, some)
        m = n[i] - back
        missed, present = beta + m - x[i], alpha + beta + m
        stayed, ever = delta + m, gamma + delta + m + 1
        rho = missed / present * (stayed / ever)
        change = [-1 / present, 1 / missed - 1 / present, -1 / ever, 1 / stayed - 1 / ever]
        dH[:, i] = rho * (np.array(change) * H[i] + dH[:, i])
        H[i] = 1 + rho * H[i]
        fall[i] *= rho
    unsort = np.argsort(order)
    return H[unsort], dH[:, unsort], fall[unsort]


def _as_opportunities(summary: pd.DataFrame) -> pd.DataFrame:
    """Refuse impossible tables; return the possible with `n` under the name of the other models."""
    advice = (
        "The table needs, by customer: n, the opportunities there were, numbered 1, 2 ... n; "
        "frequency, how many were taken; t_x, the number of the last one taken, 0 if none."
    )
    summary = checked_columns(summary, ["frequency", "t_x", "n"], advice)
    x, t_x, n = (summary[c] for c in ("frequency", "t_x", "n"))
    refuse(
        [
            *(find(v, v != np.floor(v), "not a whole number") for v in (x, t_x, n)),
            find(t_x, t_x > n, "the last purchase is after the last opportunity (n)"),
            find(x, x > t_x, "more purchases than opportunities up to the last purchase (t_x)"),
            find(t_x, (x == 0) & (t_x > 0), "a last purchase, but no purchase (frequency)"),
        ],
        advice,
    )
    return summary.rename(columns={"n": "T"})
