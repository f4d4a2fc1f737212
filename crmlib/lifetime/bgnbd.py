"""BG/NBD: buying at a rate of one's own, leaving by a coin toss after a purchase."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betainc, betaln, expit, gammaln, hyp2f1, psi

from crmlib.lifetime._btyd import BuyTillYouDie, ln_negative_binomial
from crmlib.lifetime._cells import Cells

# Customers at a time whose quadrature points are held in memory.
_BLOCK = 4096


class BGNBD(BuyTillYouDie):
    r"""BG/NBD model of Fader, Hardie and Lee (2005).

    While alive a customer buys at random at a rate :math:`\lambda`, gamma distributed over the
    customers with shape `r` and rate `alpha`. After each repeat purchase the customer leaves with
    probability `p`, beta distributed with `a` and `b`. The likelihood of a customer with `x` repeat
    purchases, the last at age :math:`t_x`, watched to age `T`, is (their equation 6)

    .. math:: \frac{B(a, b+x)}{B(a,b)} \frac{\Gamma(r+x)\alpha^r}{\Gamma(r)(\alpha+T)^{r+x}}
        + 1_{x>0} \frac{B(a+1, b+x-1)}{B(a,b)} \frac{\Gamma(r+x)\alpha^r}{\Gamma(r)(\alpha+t_x)^{r+x}}

    A customer without a repeat purchase never had the chance to leave, so P(alive) is 1 for all of
    them: see :class:`MBGNBD` if that is absurd for your firm.

    Attributes
    ----------
    params_ : Series
        `r`, `alpha` (in units of time), `a`, `b`.
    log_likelihood_ : float
        Sum over the customers.
    warnings_ : list of str
        What to know before trusting the fit.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way: an
    alternative to the Pareto/NBD model. Marketing Science 24(2), 275-284.

    Examples
    --------
    The paper's Table 2, on the same 2,357 customers:

    >>> import crmlib as crm
    >>> log = crm.load("cdnow_sample")
    >>> base = crm.holdout(log, split="1997-09-30")
    >>> model = BGNBD().fit(base)
    >>> model.params_.round(3).to_dict()
    {'r': 0.243, 'alpha': 4.414, 'a': 0.793, 'b': 2.426}
    >>> round(model.log_likelihood_, 1)
    -9582.4
    """

    _names = ("r", "alpha", "a", "b")
    # How often a customer with x repeat purchases had the chance to leave: x times here,
    # x + 1 times where the first purchase can be the last (MBGNBD).
    _first_can_be_last = 0

    def _start(self, x: float, T: float):
        # Half of the way to everyone equal, and three of four purchases survived: the search is
        # not choosy, but alpha must know the unit of time.
        r = 0.5
        return np.array([r, r * T / x, 0.5, 1.5])

    def _log_likelihood(self, cells: Cells):
        """Return the function of (r, alpha, a, b) that gives log-likelihood and gradient.

        ln L = ln A(x) - (r + x) ln(alpha + T) + ln(1 + e^z), where e^z are the odds of having left:
        z = ln a - ln(b + k - 1) + (r + x) ln[(alpha + T) / (alpha + t_x)], k chances to leave.
        All but the last term adds up over distinct x and distinct T alone.
        """
        x, T, t_x = cells.x, cells.T, cells.t_x
        k = x + self._first_can_be_last
        n_x = np.bincount(cells.ix, cells.weight, len(x))
        n_T = np.bincount(cells.iT, cells.weight, len(T))
        x_T = np.bincount(cells.iT, cells.weight * x[cells.ix], len(T))
        could = k[cells.ix] > 0
        ix, it, iT, weight = (v[could] for v in (cells.ix, cells.it, cells.iT, cells.weight))
        n = n_x.sum()

        def log_likelihood(theta):
            r, alpha, a, b = theta
            ln_T, ln_t = np.log(alpha + T), np.log(alpha + t_x)
            lag = ln_T[iT] - ln_t[it]
            with np.errstate(invalid="ignore", divide="ignore"):
                prior_odds = np.log(a) - np.log(b + k - 1)
            z = prior_odds[ix] + (r + x)[ix] * lag
            ln_odds1, left = _softplus(z)
            left = weight * left
            left_x = np.bincount(ix, left, minlength=len(x))
            stayed = gammaln(a + b) - gammaln(a + b + k) + gammaln(b + k) - gammaln(b)
            bought = gammaln(r + x) - gammaln(r)
            value = (
                n_x @ (stayed + bought)
                + n * r * np.log(alpha)
                - (r * n_T + x_T) @ ln_T
                + weight @ ln_odds1
            )
            per_T, per_t = 1 / (alpha + T), 1 / (alpha + t_x)
            pull = (left * (r + x)[ix]) @ (per_T[iT] - per_t[it])
            d_r = n_x @ (psi(r + x) - psi(r)) + n * np.log(alpha) - n_T @ ln_T + left @ lag
            d_alpha = n * r / alpha - (r * n_T + x_T) @ per_T + pull
            d_a = n_x @ (psi(a + b) - psi(a + b + k)) + left_x.sum() / a
            tossed = left_x[k > 0] @ (1 / (b + k[k > 0] - 1))
            d_b = n_x @ (psi(a + b) - psi(a + b + k) + psi(b + k) - psi(b)) - tossed
            return value, np.array([d_r, d_alpha, d_a, d_b])

        return log_likelihood

    def _p_alive(self, cells: Cells) -> np.ndarray:
        r, alpha, a, b = self.params_
        x = cells.x[cells.ix]
        k = x + self._first_can_be_last
        lag = np.log(alpha + cells.T[cells.iT]) - np.log(alpha + cells.t_x[cells.it])
        prior = np.log(a) - np.log(np.where(k > 0, b + k - 1, 1))
        return np.where(k > 0, expit(-(prior + (r + x) * lag)), 1.0)

    def _future(self, x, T, t: float) -> np.ndarray:
        """Expect the purchases in (T, T + t] of a customer alive at T.

        Given `alive`, the rate is gamma (r + x, alpha + T) and the coin beta (a, b + k).
        """
        r, alpha, a, b = self.params_
        k = x + self._first_can_be_last
        return _mean_purchases(r + x, alpha + T, a, b + k, t)

    def _future_pmf(self, y: int, x, T, t: float) -> np.ndarray:
        r"""Chance of `y` purchases in (T, T + t] of a customer alive at T.

        Their equation 8, for a rate and a coin that are known as well as x purchases let them be:
        the customer buys y times and stays, or would buy y times or more but leaves at the y-th,

        .. math:: \frac{B(a, b'+y)}{B(a, b')} P(N = y)
            + 1_{y>0} \frac{B(a+1, b'+y-1)}{B(a, b')} P(N \ge y)

        with N negative binomial, and P(N >= y) an incomplete beta function instead of their sum.
        """
        r, alpha, a, b = self.params_
        shape, rate, b = r + x, alpha + T, b + x + self._first_can_be_last
        bought = np.exp(ln_negative_binomial(y, shape, rate, t))
        stayed = np.exp(betaln(a, b + y) - betaln(a, b))
        if y == 0:
            return bought
        left = np.exp(betaln(a + 1, b + y - 1) - betaln(a, b))
        return stayed * bought + left * betainc(y, shape, t / (rate + t))

    def _newcomer(self, t) -> np.ndarray:
        r, alpha, a, b = self.params_
        k = self._first_can_be_last
        survives_first = b / (a + b) if k else 1.0
        return survives_first * _mean_purchases(r, alpha, a, b + k, t)

    def _lives(self, n: int, T, rng) -> pd.DataFrame:
        r, alpha, a, b = self.params_
        rate = rng.gamma(r, 1 / alpha, n)
        leave = np.maximum(rng.beta(a, b, n), np.finfo(float).tiny)
        # Purchases there would be if nobody left, and the one after which the customer leaves.
        offered = rng.poisson(rate * T)
        last = rng.geometric(leave) - self._first_can_be_last
        x = np.minimum(offered, last)
        # Given their number, purchase times are uniform; the x-th smallest of them is beta.
        t_x = T * np.where(x > 0, rng.beta(np.maximum(x, 1), np.maximum(offered - x, 0) + 1), 0)
        truth = {"alive": last > offered, "rate": rate, "leave": leave}
        return pd.DataFrame({"frequency": x, "t_x": t_x, **truth})

    def _futures(self, x, T, t: float, rng) -> np.ndarray:
        r, alpha, a, b = self.params_
        rate = rng.gamma(r + x, 1 / (alpha + T))
        leave = np.maximum(rng.beta(a, b + x + self._first_can_be_last), np.finfo(float).tiny)
        return np.minimum(rng.poisson(rate * t), rng.geometric(leave))


class MBGNBD(BGNBD):
    r"""Modified BG/NBD model of Batislam, Denizel and Filiztekin (2007).

    As :class:`BGNBD`, but the first purchase too can be the last: a customer leaves with
    probability `p` after *every* purchase. One-time buyers then have a P(alive) below 1.

    References
    ----------
    Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of
    models for customer base analysis. International Journal of Research in Marketing 24, 201-209.

    Examples
    --------
    >>> import crmlib as crm
    >>> once = pd.DataFrame({"frequency": [0], "t_x": [0.0], "T": [39.0]})
    >>> for model in (BGNBD, MBGNBD):
    ...     fitted = model.from_params(r=0.5, alpha=6, a=0.8, b=2.4)
    ...     print(model.__name__, fitted.predict(once, t=52).p_alive.round(3).item())
    BGNBD 1.0
    MBGNBD 0.523
    """

    _first_can_be_last = 1


def _softplus(z):
    """Return ln(1 + e^z) and e^z / (1 + e^z), from one exponential, without overflow."""
    e = np.exp(-np.abs(z))
    return np.maximum(z, 0) + np.log1p(e), np.where(z > 0, 1, e) / (1 + e)


def _mean_purchases(shape, rate, a, b, t):
    r"""Expect the purchases in `t` of someone alive, whose rate is gamma and whose coin is beta.

    The mean of :math:`(1 - e^{-\lambda p t}) / p` over gamma (shape, rate) and beta (a, b). Fader,
    Hardie and Lee (their equation 10) have it as

    .. math:: \frac{a+b-1}{a-1}\left[1-(1-z)^{\text{shape}}{}_2F_1(\text{shape}, b; a+b-1; z)\right],
        \quad z = t / (\text{rate}+t)

    whose hypergeometric function overflows for frequent buyers. Euler's transformation turns it
    into one with small, constant upper arguments, which does not. Where that one fails too (a = 1
    reads 0/0, customers who are all alike overflow) the mean is integrated as it stands.
    """
    shape, rate, b, t = (np.atleast_1d(v) for v in np.broadcast_arrays(shape, rate, b, t))
    c = a + b - 1
    c = np.where(np.abs(c) < 1e-9, 1e-9, c)
    z = t / (rate + t)
    with np.errstate(all="ignore"):
        out = c / (a - 1) * (1 - (1 - z) ** (a - 1) * hyp2f1(c - shape, a - 1, c, z))
    rest = np.flatnonzero(~np.isfinite(out) | (abs(a - 1) < 1e-5))
    for i in np.split(rest, range(_BLOCK, len(rest), _BLOCK)):
        out[i] = _mean_by_quadrature(shape[i], rate[i], a, b[i], t[i])
    return out


def _mean_by_quadrature(shape, rate, a, b, t):
    """Integrate what `_mean_purchases` expects over the beta distribution of the coin p.

    The trapezoidal rule over u = ln p/(1 - p), where the density is smooth and falls off like an
    exponential to both sides; sinh reaches far tails with few points. Its error falls
    exponentially with the number of points: 320 leave 1e-9 unless a or b is below 0.001.
    """
    shape, rate, b, t = (v[:, None] for v in (shape, rate, b, t))
    spread = np.sqrt(1 / a + 1 / b)
    step = np.minimum(spread, 1)
    low, high = (np.arcsinh((9 * spread + 40 / v) / step) for v in (a, b))
    v = (low + high) * np.linspace(0, 1, 320) - low
    u = np.log(a / b) + step * np.sinh(v)
    ln_p, ln_1_p = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    ln_weight = a * ln_p + b * ln_1_p + np.log(np.cosh(v))
    weight = np.exp(ln_weight - ln_weight.max(axis=1, keepdims=True))
    p = np.maximum(np.exp(ln_p), 1e-290)  # (1 - e^-pm) / p would be 0/0 at p = 0
    mean = -np.expm1(-shape * np.log1p(p * t / rate)) / p
    return (weight * mean).sum(axis=1) / weight.sum(axis=1)
