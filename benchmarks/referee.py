"""One log-likelihood for everybody, so that a fast wrong fit shows.

Written apart from crmlib and from its peers. Parameters in the papers' order, times in weeks.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, gammaln

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
BLOCK = 100_000  # customers at a time


def log_likelihood(model: str, params: list[float], summary: dict[str, np.ndarray]) -> float:
    """Evaluate `model` at `params` on a summary: ``frequency, t_x, T`` or ``frequency, monetary``.

    >>> one = {"frequency": np.array([2]), "t_x": np.array([30.43]), "T": np.array([38.86])}
    >>> round(log_likelihood("BGNBD", [0.243, 4.414, 0.793, 2.426], one), 4)
    -9.4586
    """
    names = ("frequency", "monetary") if model == "GammaGamma" else ("frequency", "t_x", "T")
    columns = [np.asarray(summary[name], float) for name in names]
    blocks = range(0, len(columns[0]), BLOCK)
    term = TERMS[model]
    return float(sum(term(*params, *(c[i : i + BLOCK] for c in columns)).sum() for i in blocks))


def bgnbd(r, alpha, a, b, x, t_x, T):
    """Fader, Hardie & Lee (2005a), equation 6."""
    alive = betaln(a, b + x) - (r + x) * np.log(alpha + T)
    gone = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    gone = np.where(x > 0, gone, -np.inf)
    return _nbd(r, alpha, x) - betaln(a, b) + np.logaddexp(alive, gone)


def mbgnbd(r, alpha, a, b, x, t_x, T):
    """Batislam, Denizel & Filiztekin (2007): a customer can leave after the first purchase too."""
    alive = betaln(a, b + x + 1) - (r + x) * np.log(alpha + T)
    gone = betaln(a + 1, b + x) - (r + x) * np.log(alpha + t_x)
    return _nbd(r, alpha, x) - betaln(a, b) + np.logaddexp(alive, gone)


def pareto_nbd(r, alpha, s, beta, x, t_x, T):
    r"""Schmittlein, Morrison & Colombo (1987), by numerical integration over the time of leaving.

    .. math:: \int_{t_x}^{T} (\alpha+\tau)^{-(r+x)} (\beta+\tau)^{-(s+1)} d\tau

    In :math:`y = (\alpha+t_x)/(\alpha+\tau)`, from 1 down to :math:`y_T`, the integrand is a power
    of y times a smooth bounded function; no hypergeometric function is needed.
    """
    k = r + s + x
    low = ((alpha + t_x) / (alpha + T))[:, None]
    half = (1 - low) / 2
    y = low + half * (1 + NODES)
    ratio = 1 + (beta - alpha) / (alpha + t_x[:, None]) * y
    integral = half[:, 0] * ((y ** (k[:, None] - 1) * ratio ** -(s + 1)) @ WEIGHTS)
    alive = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    with np.errstate(divide="ignore"):
        gone = np.log(s * integral) - k * np.log(alpha + t_x)
    return _nbd(r, alpha, x) + s * np.log(beta) + np.logaddexp(alive, gone)


def gamma_gamma(p, q, gamma, x, z):
    """Fader & Hardie (2013), equation 1a."""
    return (
        -betaln(p * x, q)
        + q * np.log(gamma)
        + p * x * np.log(x)
        + (p * x - 1) * np.log(z)
        - (p * x + q) * np.log(gamma + x * z)
    )


def _nbd(r, alpha, x):
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha)


TERMS = {"BGNBD": bgnbd, "MBGNBD": mbgnbd, "ParetoNBD": pareto_nbd, "GammaGamma": gamma_gamma}
