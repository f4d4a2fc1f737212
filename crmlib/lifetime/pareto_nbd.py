"""Pareto/NBD: buying at a rate of one's own, leaving at any moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import exprel, gammaln, psi

from crmlib.lifetime._btyd import BuyTillYouDie, ln_negative_binomial
from crmlib.lifetime._cells import Cells
from crmlib.lifetime._quadrature import NEGLIGIBLE, gauss_legendre

# The integrand of the likelihood falls like e^-u over at most 40 units of u; 32 nodes leave a
# relative error under 1e-12 there (tests compare with mpmath).
_NODES, _WEIGHTS = gauss_legendre(32)


class ParetoNBD(BuyTillYouDie):
    r"""Pareto/NBD model of Schmittlein, Morrison and Colombo (1987).

    While alive a customer buys at random at a rate :math:`\lambda`, gamma distributed over the
    customers with shape `r` and rate `alpha`, and leaves at a rate :math:`\mu`, gamma with shape `s`
    and rate `beta`; leaving has nothing to do with buying. A customer with `x` repeat purchases, the
    last at age :math:`t_x`, watched to age `T`, has the likelihood

    .. math:: \frac{\Gamma(r+x)\alpha^r\beta^s}{\Gamma(r)}\left[
        \frac{1}{(\alpha+T)^{r+x}(\beta+T)^s}
        + s\int_{t_x}^{T}\frac{dy}{(\alpha+y)^{r+x}(\beta+y)^{s+1}}\right]

    either alive at `T` or gone at some moment `y` after the last purchase. The integral is usually
    written as a difference of two hypergeometric functions; here it is computed as it stands, which
    keeps all digits when the two nearly cancel, and the gradient with it.

    Attributes
    ----------
    params_ : Series
        `r`, `alpha` (in units of time), `s`, `beta` (in units of time).
    log_likelihood_ : float
        Sum over the customers.
    warnings_ : list of str
        What to know before trusting the fit.

    References
    ----------
    Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who are they
    and what will they do next? Management Science 33(1), 1-24.
    Fader, P. S. and Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model.
    Fader, P. S. and Hardie, B. G. S. (2014). Deriving the conditional PMF of the Pareto/NBD model.
    Note 028.

    Examples
    --------
    Table 2 of Fader, Hardie and Lee (2005), on the same 2,357 customers:

    >>> import crmlib as crm
    >>> log = crm.load("cdnow_sample")
    >>> base = crm.holdout(log, split="1997-09-30")
    >>> model = ParetoNBD().fit(base)
    >>> model.params_.round(3).to_dict()
    {'r': 0.553, 'alpha': 10.578, 's': 0.606, 'beta': 11.669}
    >>> round(model.log_likelihood_, 1)
    -9595.0
    """

    _names = ("r", "alpha", "s", "beta")

    def _start(self, x: float, T: float):
        r = 0.5
        return np.array([r, r * T / x, 0.5, 0.5 * T])

    def _log_likelihood(self, cells: Cells):
        """Return the function of (r, alpha, s, beta) that gives log-likelihood and gradient.

        With D(y) = (r + x) ln(alpha + y) + s ln(beta + y), the bracket of the likelihood is
        e^-D(t_x) [ s g(t_x) + e^(D(t_x) - D(T)) (1 - s g(T)) ], where g(t) is the integral from t to
        the last day anyone was watched, times e^D(t). So g is needed once per distinct (x, time).
        """
        x, T, t_x = cells.x, cells.T, cells.t_x
        n_x = np.bincount(cells.ix, cells.weight, len(x))
        n_t = np.bincount(cells.it, cells.weight, len(t_x))
        x_t = np.bincount(cells.it, cells.weight * x[cells.ix], len(t_x))
        n, ix, it, iT, weight = n_x.sum(), cells.ix, cells.it, cells.iT, cells.weight
        end = T.max()
        at_t, pair_t = _pairs(ix, x, it, t_x)
        at_T, pair_T = _pairs(ix, x, iT, T)

        def log_likelihood(theta):
            r, alpha, s, beta = theta
            g_t, dg_t = _tail(*at_t, end, theta)
            g_T, dg_T = _tail(*at_T, end, theta)
            R = (r + x)[ix]
            ln_alpha = np.log(alpha + t_x)[it] - np.log(alpha + T)[iT]
            ln_beta = np.log(beta + t_x)[it] - np.log(beta + T)[iT]
            lag = np.exp(R * ln_alpha + s * ln_beta)
            bracket = (s * g_t)[pair_t] + lag * (1 - s * g_T)[pair_T]
            value = (
                n_x @ (gammaln(r + x) - gammaln(r))
                + n * (r * np.log(alpha) + s * np.log(beta))
                - (r * n_t + x_t) @ np.log(alpha + t_x)
                - s * (n_t @ np.log(beta + t_x))
                + weight @ np.log(bracket)
            )
            per = weight / bracket
            alive = per * lag * (1 - s * g_T)[pair_T]
            sum_t = np.bincount(pair_t, per, minlength=len(g_t))
            sum_T = np.bincount(pair_T, per * lag, minlength=len(g_T))
            through_g = s * (dg_t @ sum_t - dg_T @ sum_T)
            through_s = g_t @ sum_t - g_T @ sum_T
            per_alpha = 1 / (alpha + t_x)[it] - 1 / (alpha + T)[iT]
            per_beta = 1 / (beta + t_x)[it] - 1 / (beta + T)[iT]
            d_r = n_x @ (psi(r + x) - psi(r)) + n * np.log(alpha) - n_t @ np.log(alpha + t_x)
            d_alpha = n * r / alpha - (r * n_t + x_t) @ (1 / (alpha + t_x))
            d_s = n * np.log(beta) - n_t @ np.log(beta + t_x) + through_s
            d_beta = n * s / beta - s * (n_t @ (1 / (beta + t_x)))
            through_lag = [
                alive @ ln_alpha,
                (alive * R) @ per_alpha,
                alive @ ln_beta,
                s * (alive @ per_beta),
            ]
            return value, np.array([d_r, d_alpha, d_s, d_beta]) + through_lag + through_g

        return log_likelihood

    def _p_alive(self, cells: Cells) -> np.ndarray:
        r, alpha, s, beta = theta = self.params_.to_numpy()
        x, T, t_x = cells.x, cells.T, cells.t_x
        end = T.max()
        at_t, pair_t = _pairs(cells.ix, x, cells.it, t_x)
        at_T, pair_T = _pairs(cells.ix, x, cells.iT, T)
        g_t, g_T = (_tail(*at, end, theta, slopes=False)[0] for at in (at_t, at_T))
        fall = (r + x[cells.ix]) * (np.log(alpha + t_x)[cells.it] - np.log(alpha + T)[cells.iT])
        fall += s * (np.log(beta + t_x)[cells.it] - np.log(beta + T)[cells.iT])
        lag = np.exp(fall)
        gone = s * (g_t[pair_t] - lag * g_T[pair_T])
        return lag / (lag + np.maximum(gone, 0))

    def _future(self, x, T, t: float) -> np.ndarray:
        """Expect the purchases in (T, T + t] of a customer alive at T (their equation 41)."""
        r, alpha, s, beta = self.params_
        return _mean_purchases(r + x, alpha + T, s, beta + T, t)

    def _future_pmf(self, y: int, x, T, t: float) -> np.ndarray:
        r"""Chance of `y` purchases in (T, T + t] of a customer alive at T.

        The customer stays to the end, or leaves at some moment u before it; with N(u) the negative
        binomial purchases until u (Fader and Hardie, note 028, who go on to a sum of hypergeometric
        functions),

        .. math:: \left(\frac{\beta'}{\beta'+t}\right)^{s} P(N(t) = y)
            + \int_0^t \frac{s\,\beta'^{s}}{(\beta'+u)^{s+1}} P(N(u) = y)\, du
        """
        r, alpha, s, beta = self.params_
        shape, rate, beta = r + x, alpha + T, beta + T
        stays = np.exp(ln_negative_binomial(y, shape, rate, t) - s * np.log1p(t / beta))
        leaves = [_leaves_after(y, shape[i], rate[i], s, beta[i], t) for i in _blocks(len(x))]
        return stays + np.concatenate(leaves)

    def _newcomer(self, t) -> np.ndarray:
        return _mean_purchases(*self.params_, t)

    def _lives(self, n: int, T, rng) -> pd.DataFrame:
        r, alpha, s, beta = self.params_
        rate, leave = rng.gamma(r, 1 / alpha, n), rng.gamma(s, 1 / beta, n)
        life = _exponential(leave, rng)
        watched = np.minimum(life, T)
        x = rng.poisson(rate * watched)
        # Given their number, purchase times are uniform; the largest of x of them is beta (x, 1).
        t_x = watched * np.where(x > 0, rng.beta(np.maximum(x, 1), 1), 0)
        truth = {"alive": life > T, "rate": rate, "leave": leave}
        return pd.DataFrame({"frequency": x, "t_x": t_x, **truth})

    def _futures(self, x, T, t: float, rng) -> np.ndarray:
        r, alpha, s, beta = self.params_
        rate = rng.gamma(r + x, 1 / (alpha + T))
        life = _exponential(rng.gamma(s, 1 / (beta + T)), rng)
        return rng.poisson(rate * np.minimum(life, t))


def _exponential(rate, rng):
    """Draw waiting times at these rates; a rate that underflowed to 0 waits for ever."""
    with np.errstate(divide="ignore", over="ignore"):
        return rng.exponential(1, rate.shape) / rate


def _pairs(ix, x, it, t):
    """Return the distinct (x, time) values, and which of them each cell has."""
    codes, index = np.unique(ix * len(t) + it, return_inverse=True)
    return (x[codes // len(t)], t[codes % len(t)]), index


def _tail(x, t, end: float, theta, *, slopes: bool = True):
    r"""Integrate what is left of the leaving density after `t`, scaled, with its gradient.

    .. math:: g = \int_t^{end} \left(\frac{\alpha+t}{\alpha+y}\right)^{r+x}
        \left(\frac{\beta+t}{\beta+y}\right)^{s} \frac{dy}{\beta+y}

    Parameters
    ----------
    x, t : arrays of shape (n,)
    end : float
    theta : (r, alpha, s, beta)
    slopes : bool
        Whether the gradient is wanted.

    Returns
    -------
    g : array of shape (n,)
    gradient : array of shape (4, n), or None

    Notes
    -----
    In q = ln(gamma + y), gamma the smaller of alpha and beta, the integrand falls like an
    exponential and its singularities keep a distance of pi from the real line, so few nodes do.
    The range ends early where nothing is left to integrate.
    """
    blocks = [_tail_block(x[i], t[i], end, theta, slopes) for i in _blocks(len(x))]
    g, gradient = zip(*blocks, strict=True)
    return np.concatenate(g), np.concatenate(gradient, axis=1) if slopes else None


def _blocks(n: int, size: int = 1024):
    """Cut 0..n into slices whose arrays of nodes stay in the processor's cache."""
    return [slice(i, i + size) for i in range(0, n, size)]


def _tail_block(x, t, end, theta, slopes):
    r, alpha, s, beta = theta
    R, a, b = r + x, alpha + t, beta + t
    low, high = (a, b) if alpha < beta else (b, a)
    fall = low * (R / a + s / b)
    up_low = np.outer(_NODES, np.minimum(np.log((end - t) / low + 1), NEGLIGIBLE / fall))
    step = np.expm1(up_low) * low
    up_high = np.log1p(step / high)
    up_a, up_b = (up_low, up_high) if alpha < beta else (up_high, up_low)
    f = np.exp(up_low - R * up_a - (s + 1) * up_b)
    f *= _WEIGHTS[:, None] * up_low * (low / (b * _NODES[:, None]))
    g = f.sum(axis=0)
    if not slopes:
        return g, None
    d_alpha = R * (g / a - _over_nodes(f, 1 / (a + step)))
    d_beta = s / b * g - (s + 1) * _over_nodes(f, 1 / (b + step))
    return g, np.array([-_over_nodes(f, up_a), d_alpha, -_over_nodes(f, up_b), d_beta])


def _leaves_after(y: int, shape, rate, s, beta, t: float):
    """Integrate the chance to buy `y` times and then to leave, over the moment u of leaving.

    In ln u the logarithm of the integrand is concave: bisection finds its summit and, to both
    sides, where it has fallen by 40 and nothing is left to integrate. In q = ln(1 + u / c), c no
    larger than rate, beta and the summit, its singularities keep a distance of pi: 64 nodes do.
    """
    if t == 0:
        return np.zeros(len(shape))

    def ln_f(u):
        ln_left = np.log(s / beta) - (s + 1) * np.log1p(u / beta)
        return ln_negative_binomial(y, shape, rate, u) + ln_left

    def rises(v):
        u = np.exp(v)
        return y + 1 > (shape + y) * u / (rate + u) + (s + 1) * u / (beta + u)

    ends = np.log([rate, beta]) + np.log((y + 1) / (shape + s))
    summit = np.minimum(_last_true(rises, ends.min(axis=0), ends.max(axis=0)), np.log(t))
    least = ln_f(np.exp(summit)) + summit - NEGLIGIBLE

    def there(v):
        return ln_f(np.exp(v)) + v > least

    last = _last_true(there, summit, np.full_like(summit, np.log(t)))
    first = -_last_true(lambda v: there(-v), -summit, -summit + 200)
    c = np.minimum(np.minimum(rate, beta), np.exp(summit))
    q_first, q_last = np.log1p(np.exp(first) / c), np.log1p(np.exp(last) / c)
    nodes, weights = gauss_legendre(64)
    q = q_first + np.outer(nodes, q_last - q_first)
    f = np.exp(ln_f(c * np.expm1(q)) + q) * c
    return weights @ f * (q_last - q_first)


def _last_true(holds, low, high):
    """Find by bisection where `holds` turns from true to false."""
    for _ in range(24):
        middle = (low + high) / 2
        so = holds(middle)
        low, high = np.where(so, middle, low), np.where(so, high, middle)
    return high


def _over_nodes(f, values):
    return np.einsum("ij,ij->j", f, values)


def _mean_purchases(shape, rate, s, beta, t):
    """Expect the purchases in `t` of someone alive: rate gamma (shape, rate), leaving (s, beta).

    shape / rate times the mean time alive, whose formula reads 0/0 at s = 1. Written with
    exprel(u) = (e^u - 1) / u it holds for every s.
    """
    ln = np.log1p(t / beta)
    return shape / rate * beta * ln * exprel((1 - s) * ln)
