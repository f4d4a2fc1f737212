"""Shifted beta-geometric: how long subscribers stay."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaln, hyp2f1

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole
from crmlib.lifetime._discrete import generator, how_many, periods, shaped
from crmlib.lifetime._likelihood import LikelihoodModel


class SBG(LikelihoodModel):
    r"""Shifted beta-geometric model of contracts, by Fader and Hardie (2007).

    At each renewal a customer leaves with a probability :math:`\theta` of the customer's own, beta
    distributed over the customers with `alpha` and `beta`. Nobody's :math:`\theta` changes; yet the
    retention rate of a cohort rises, for those likely to leave leave first:

    .. math:: r_t = \frac{\beta+t-1}{\alpha+\beta+t-1}, \qquad S(t) = r_1 r_2 \cdots r_t
        = \frac{B(\alpha, \beta+t)}{B(\alpha, \beta)}

    Attributes
    ----------
    params_ : Series
        `alpha`, `beta`.
    log_likelihood_ : float
        Sum over the customers; of shares, per customer.
    warnings_ : list of str
        What to know before trusting the fit.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of
    Interactive Marketing 21(1), 76-90.
    Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual setting: the
    perils of ignoring heterogeneity. Marketing Science 29(1), 85-93.

    Examples
    --------
    The first paper's "High End" cohort: 1,000 customers, of whom 491 renewed seven times.

    >>> model = SBG().fit([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> model.params_.round(3).to_dict()
    {'alpha': 0.668, 'beta': 3.806}
    >>> round(model.log_likelihood_, 1)
    -1611.2
    >>> round(model.survival(12), 3)  # five years on; 0.394 came true
    0.378
    """

    _names = ("alpha", "beta")

    def fit(self, survivors):
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        survivors : Series, list or DataFrame
            Customers still there by period: first all of them, at the start, then those who
            renewed once, twice ... Shares of the start (1.0 first) do as well, but do not say how
            many customers they come from: then there are no standard errors. A DataFrame has a
            column for each cohort, with missing values after the last period seen.

        Returns
        -------
        self
            With `params_`, `log_likelihood_`, `n_` (customers; NaN for shares) and `warnings_`.

        Raises
        ------
        DataError
            If the numbers are no survivors (they rise, are negative, missing in between), or
            cannot tell how leaving differs: fewer than two renewals, nobody left, nobody stayed.
        """
        table, shares = _checked_survivors(survivors)
        after = table[1:]
        kept = np.nansum(after, axis=1)
        lost = np.nansum(np.where(np.isnan(after), 0, table[:-1] - after), axis=1)
        _check_rich(kept, lost)
        self.warnings_ = []
        start = np.array([1.0, max(kept[0], 0.5 * lost[0]) / max(lost[0], 0.02 * kept[0])])
        n = float(table[0].sum())
        self._maximise(_log_likelihood(kept, lost), [start], n)
        if shares:
            self._log_covariance = np.full((2, 2), np.nan)
            self.n_ = np.nan
            self._warn(
                "shares do not say how many customers they come from: no standard errors, no AIC "
                "and BIC, and the log-likelihood is per customer. Fit the counts."
            )
        return self

    def survival(self, t):
        """Return the share of a cohort that is still there after `t` renewals.

        Parameters
        ----------
        t : int or array of int

        Returns
        -------
        float or array
            Of the shape of `t`; 1 at t = 0.
        """
        alpha, beta = self._known()
        t = periods(t)
        ln = gammaln(beta + t) - gammaln(beta) - gammaln(alpha + beta + t) + gammaln(alpha + beta)
        return shaped(np.exp(ln))

    def retention(self, t):
        """Return the share of those there after `t` - 1 renewals who also make renewal `t`.

        Parameters
        ----------
        t : int or array of int
            1 is the first renewal.

        Returns
        -------
        float or array
            Of the shape of `t`.
        """
        alpha, beta = self._known()
        t = periods(t, least=1)
        return shaped((beta + t - 1) / (alpha + beta + t - 1))

    def derl(self, renewals, rate: float):
        r"""Return the discounted expected residual lifetime of a customer.

        The number of payments still to come, each discounted to today, from a customer who has
        renewed k times and stands *just before* renewal k + 1. That one, if it comes, is paid now
        and counts in full; the one after it is discounted by one period:

        .. math:: \sum_{j=0}^{\infty} \frac{S(k+1+j)}{S(k)} \frac{1}{(1+\text{rate})^{j}}
            = \frac{\beta+k}{\alpha+\beta+k}
              \,{}_2F_1\!\left(1, \beta+k+1; \alpha+\beta+k+1; \frac{1}{1+\text{rate}}\right)

        Times the margin of a period it is the customer's residual value (Fader and Hardie, 2010).

        Parameters
        ----------
        renewals : int or array of int
            How often the customer has renewed so far; 0 for one who has only joined.
        rate : float
            Discount rate a period: 0.12 for 12 % where contracts run a year.

        Returns
        -------
        float or array
            In payments, of the shape of `renewals`.

        Raises
        ------
        ValueError
            At a rate of zero if alpha <= 1: the expected lifetime is infinite.

        Examples
        --------
        >>> model = SBG.from_params(alpha=0.668, beta=3.806)
        >>> model.derl([0, 7], rate=0.1).round(2)
        array([5.41, 7.53])
        """
        alpha, beta = self._known()
        k = periods(renewals)
        rate = validate.rate(rate)
        if rate == 0 and alpha <= 1:
            raise ValueError(
                f"with alpha = {alpha:.3g}, not above 1, everybody leaves one day, but a few so late "
                "that the expected lifetime is infinite: give a discount rate above zero"
            )
        series = hyp2f1(1, beta + k + 1, alpha + beta + k + 1, 1 / (1 + rate))
        return shaped((beta + k) / (alpha + beta + k) * series)

    def simulate(self, n: int, T: int, seed: int) -> pd.DataFrame:
        """Simulate customers whose truth is known.

        Parameters
        ----------
        n : int
            How many.
        T : int
            Renewals that come up for each.
        seed : int
            The same seed gives the same customers.

        Returns
        -------
        DataFrame
            Index `customer_id`; `renewals` made, then the hidden truth: `alive` after the last
            one that came up, and the chance `theta` to leave at each.
        """
        n, T = how_many(n), validate.whole_number(T, "T", least=0, most=2**31 - 1)
        rng = generator(seed)
        theta = np.maximum(rng.beta(*self._known(), n), np.finfo(float).tiny)
        life = rng.geometric(theta) - 1
        table = {"renewals": np.minimum(life, T), "alive": life >= T, "theta": theta}
        return pd.DataFrame(table).rename_axis("customer_id")


def _log_likelihood(kept, lost):
    """Return the function of (alpha, beta) that gives log-likelihood and gradient.

    At renewal t `kept` stay with chance r_t and `lost` leave: a sum of binomial terms.
    """
    t = np.arange(len(kept))
    seen = kept + lost

    def log_likelihood(theta):
        alpha, beta = theta
        everyone = alpha + beta + t
        value = lost.sum() * np.log(alpha) + kept @ np.log(beta + t) - seen @ np.log(everyone)
        shared = seen @ (1 / everyone)
        return value, np.array([lost.sum() / alpha - shared, kept @ (1 / (beta + t)) - shared])

    return log_likelihood


def _checked_survivors(survivors) -> tuple[np.ndarray, bool]:
    """Return survivors as an array of shape (periods, cohorts), and whether they are shares."""
    if not isinstance(survivors, pd.DataFrame):
        survivors = validate.numbers(survivors, "survivors").to_frame()
    validate.columns(survivors.columns, survivors.columns)
    table = survivors.apply(validate.numbers)
    if table.empty:
        raise DataError(whole("survivors", "there are none"), "Check the filter that made them.")
    shares = table.shape[1] == 1 and bool((table <= 1).all(axis=None))
    advice = (
        "Give the customers still there: first all at the start, then after each renewal, as "
        "counts or as shares from 1.0 down; for percentages divide by 100."
    )
    found = []
    for name in table.columns:
        v = table[name].rename("survivors" if table.shape[1] == 1 else str(name))
        after_gap = v.isna() & v[::-1].notna().cummax()[::-1]
        found += [
            find(v, after_gap | np.isinf(v), "missing or infinite"),
            find(v, v < 0, "below zero"),
            find(v, v.diff() > 0, "more customers than the period before"),
            find(v, (v % 1 > 0) & (not shares), "customers come in whole numbers"),
        ]
        if v.isna().all():
            found.append(whole(v.name, "no number at all"))
        elif shares and v.iloc[0] != 1:
            found.append(find(v, v.index == v.index[0], "shares of the start begin with 1"))
    refuse(found, advice)
    return table.to_numpy(dtype=float), shares


def _check_rich(kept, lost) -> None:
    """Refuse what says nothing of how customers differ in leaving."""
    problems = []
    if ((kept + lost) > 0).sum() < 2:
        problems.append("only one renewal was seen; two parameters need two at least")
    elif not lost.sum():
        problems.append("nobody left, so nothing shows how likely leaving is")
    elif not kept.sum():
        problems.append("nobody renewed, so nothing shows how likely staying is")
    advice = "Watch the cohort for longer, or take in more customers."
    refuse([whole("survivors", problem) for problem in problems], advice)
