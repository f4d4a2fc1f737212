"""Gamma-Gamma: how much a customer spends, learned from few purchases."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaln, psi

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole
from crmlib.lifetime._cells import MAKE, checked_columns, checked_weights, need_whole_numbers
from crmlib.lifetime._discrete import generator, periods
from crmlib.lifetime._likelihood import LikelihoodModel


class GammaGamma(LikelihoodModel):
    r"""Gamma-Gamma model of spend per purchase (Fader and Hardie, 2013).

    A customer's purchases are gamma distributed around a mean of the customer's own; the means
    vary over customers. With average spend :math:`\bar z` over `x` purchases the likelihood is

    .. math:: \frac{\Gamma(px+q)}{\Gamma(px)\Gamma(q)}
        \frac{\gamma^q \bar z^{px-1} x^{px}}{(\gamma+x\bar z)^{px+q}}

    The few purchases of one customer are pulled towards the mean of all: the fewer, the more.
    Assumes that spend per purchase does not go with how often a customer buys; check it.

    Attributes
    ----------
    params_ : Series
        `p`, `q`, `gamma` (in units of money).
    log_likelihood_ : float
        Sum over the customers with repeat purchases; the others say nothing about spend.
    warnings_ : list of str
        What to know before trusting the fit.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The gamma-gamma model of monetary value. Note 025.

    Examples
    --------
    The note's values, on the 946 CDNOW customers who came back:

    >>> import crmlib as crm
    >>> log = crm.load("cdnow_sample")
    >>> base = crm.holdout(log, split="1997-09-30")
    >>> model = GammaGamma().fit(base)
    >>> model.params_.round(2).to_dict()
    {'p': 6.25, 'q': 3.74, 'gamma': 15.44}
    >>> model.n_
    946.0
    """

    _names = ("p", "q", "gamma")

    def fit(self, summary: pd.DataFrame, weights=None):
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        summary : DataFrame
            One row a customer: `frequency` (number of purchases averaged), `monetary` (their mean).
            Customers with frequency 0 have no average; they are left out and `n_` counts the rest.
        weights : array-like, optional
            How many customers stand behind each row.

        Returns
        -------
        self

        Raises
        ------
        DataError
            For customers with purchases whose mean spend is missing, zero, negative or infinite, or
            with fewer than three different means.
        """
        x, z = _checked_spend(summary)
        w = checked_weights(weights, summary)
        w = np.ones(len(x)) if w is None else w
        some = (x > 0) & (w > 0)
        bad = find(z, some & (z <= 0), "spend must be above zero: the model has no free purchases")
        refuse([bad], "Leave these customers out, and value them by what you know of them.")
        if z[some].nunique() < len(self._names):
            problem = f"only {z[some].nunique()} different means for the 3 parameters of the model"
            advice = "Watch the customers for longer, or take in more."
            if z[some].nunique() == 1:
                advice = "All spend alike: that amount is the forecast, and needs no model."
            raise DataError(whole("monetary", problem), advice)
        x, z, w = x[some].to_numpy(), z[some].to_numpy(), w[some.to_numpy()]
        self.warnings_ = []
        self._maximise(_log_likelihood(x, z, w), [_start(z, w)], float(w.sum()))
        if self.params_["q"] <= 1:
            self._warn(
                f"q = {self.params_['q']:.3g} is not above 1, so mean spend over all customers is "
                "infinite: a few enormous purchases rule. Look at the largest ones first."
            )
        return self

    def predict(self, summary: pd.DataFrame) -> pd.Series:
        """Expect each customer's mean spend per purchase, given what they spent.

        A weighted mean of the customer's own average and that of all customers; customers without
        repeat purchases get the latter.

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`fit`.

        Returns
        -------
        Series
            `spend`, by customer, in the unit of `monetary`. Infinite for customers with
            p x + q <= 1 (then `warnings_` says so).
        """
        p, q, gamma = self._known()
        x, z = _checked_spend(summary)
        room = p * x + q - 1
        spend = p * (gamma + x * z.where(x > 0, 0)) / room.where(room > 0)
        if (room <= 0).any():
            self._warn("q is not above 1: customers without repeat purchases have no finite mean.")
        return spend.where(room > 0, np.inf).rename("spend")

    def simulate(self, frequency, seed: int) -> pd.DataFrame:
        """Simulate the average spend of customers with these numbers of purchases.

        Returns
        -------
        DataFrame
            `frequency`, `monetary` (NaN where frequency is 0) and the hidden truth `mean_spend`.
        """
        p, q, gamma = self._known()
        rng = generator(seed)
        x = np.atleast_1d(periods(frequency, name="frequency"))
        scale = 1 / rng.gamma(q, 1 / gamma, len(x))
        total = rng.gamma(p * np.maximum(x, 1)) * scale
        monetary = np.where(x > 0, total / np.maximum(x, 1), np.nan)
        table = {"frequency": x, "monetary": monetary, "mean_spend": p * scale}
        return pd.DataFrame(table).rename_axis("customer_id")

    def draw_spend(self, summary: pd.DataFrame, purchases, seed: int) -> pd.Series:
        """Draw what each customer may spend in all on this many purchases.

        First the customer's own mean, as uncertain as few purchases leave it, then the purchases.

        Parameters
        ----------
        summary : DataFrame
            As for :meth:`fit`.
        purchases : array-like of int
            How many, by customer: see ``draw_future`` of the purchase models.
        seed : int

        Returns
        -------
        Series
            Total `spend`, by customer.
        """
        p, q, gamma = self._known()
        x, z = _checked_spend(summary)
        rng = generator(seed)
        scale = (gamma + x * z.where(x > 0, 0)) / rng.gamma(p * x + q)
        y = periods(
            validate.aligned(purchases, summary.index, "purchases", "summary"), name="purchases"
        )
        total = rng.gamma(p * np.maximum(y, 1)) * scale
        return total.where(y > 0, 0.0).rename("spend")


def _checked_spend(summary: pd.DataFrame):
    """Return `frequency` and `monetary`, checked: only those who never came back may lack it."""
    x = checked_columns(summary, ["frequency"])["frequency"]
    need_whole_numbers(x)
    validate.columns(summary.columns, ["monetary"], advice=MAKE)
    z = validate.numbers(summary["monetary"])
    checked_columns(z.where(x > 0, 0).to_frame(), ["monetary"])
    return x, z


def _start(z, w):
    """Guess p, q and gamma: as if half of what the logarithms of spend vary came from each side.

    Around the median, which one enormous purchase does not move.
    """
    ln_z = np.log(z)
    variance = np.average((ln_z - np.average(ln_z, weights=w)) ** 2, weights=w)
    shape = 1 + 2 / max(variance, 1e-4)
    middle = np.quantile(z, 0.5, weights=w, method="inverted_cdf")
    return np.array([shape, shape + 1, middle])


def _log_likelihood(x, z, w):
    """Return the function of (p, q, gamma) that gives log-likelihood and gradient.

    Gamma functions are taken once per distinct x; only ln(gamma + x z) needs every customer.
    """
    values, ix = np.unique(x, return_inverse=True)
    n_x = np.bincount(ix, w)
    n, total = n_x.sum(), x * z
    ln_z, x_ln_total = w @ np.log(z), (w * x) @ np.log(total)
    weight_x = w * x

    def log_likelihood(theta):
        p, q, gamma = theta
        ln = np.log(gamma + total)
        per = 1 / (gamma + total)
        px = p * values
        value = (
            n_x @ (gammaln(px + q) - gammaln(px) - gammaln(q))
            + n * q * np.log(gamma)
            + p * x_ln_total
            - ln_z
            - p * (weight_x @ ln)
            - q * (w @ ln)
        )
        d_p = n_x @ (values * (psi(px + q) - psi(px))) + x_ln_total - weight_x @ ln
        d_q = n_x @ (psi(px + q) - psi(q)) + n * np.log(gamma) - w @ ln
        d_gamma = n * q / gamma - p * (weight_x @ per) - q * (w @ per)
        return value, np.array([d_p, d_q, d_gamma])

    return log_likelihood
