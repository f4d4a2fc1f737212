"""Discounted value of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib.lifetime._btyd import BuyTillYouDie
from crmlib.lifetime.gamma_gamma import GammaGamma

_PER_YEAR = {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "year": 1.0}


def clv(purchases, spend, summary, *, horizon, rate, margin=1.0, unit="week") -> pd.Series:
    r"""Value each customer's expected future purchases in today's money.

    .. math:: \text{margin} \cdot E(\text{spend}) \int_0^{h} (1+\text{rate})^{-t}\, dE[Y(t)]

    where :math:`E[Y(t)]` are the purchases expected within `t` from now. Each is discounted from
    the moment it is expected, so the value does not depend on a choice of period.

    Parameters
    ----------
    purchases : fitted BGNBD, MBGNBD or ParetoNBD
    spend : fitted GammaGamma
    summary : DataFrame
        The customers: `frequency, t_x, T, monetary`, as :func:`crmlib.rfm` makes it.
    horizon : float
        How far ahead, in `unit`.
    rate : float
        Discount rate a year: 0.12 for 12 %.
    margin : float
        Profit per unit of spend, before discounting.
    unit : {"week", "day", "month", "year"}
        Unit of the times in `summary` and of `horizon`.

    Returns
    -------
    Series
        `clv` by customer, in the unit of `monetary`.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for
    customer base analysis. Journal of Marketing Research 42, 415-430.

    Examples
    --------
    >>> import crmlib as crm
    >>> base = crm.rfm(crm.load("cdnow_sample"))
    >>> value = clv(
    ...     crm.BGNBD().fit(base), crm.GammaGamma().fit(base), base, horizon=52, rate=0.12
    ... )
    >>> bool(value.sum() < clv(
    ...     crm.BGNBD().fit(base), crm.GammaGamma().fit(base), base, horizon=52, rate=0.0
    ... ).sum())
    True
    """
    if not isinstance(purchases, BuyTillYouDie) or not isinstance(spend, GammaGamma):
        given = f"{type(purchases).__name__} and {type(spend).__name__}"
        raise TypeError(f"clv takes a model of purchases, then a GammaGamma of spend, not {given}")
    if unit not in _PER_YEAR:
        raise ValueError(f"unit must be one of {', '.join(_PER_YEAR)}, not {unit!r}")
    if not (np.isfinite(horizon) and horizon > 0):
        raise ValueError(f"horizon must be a positive number of {unit}s, not {horizon!r}")
    if not (np.isfinite(rate) and rate > -1):
        raise ValueError(f"rate is a share a year, such as 0.12, not {rate!r}")
    if rate > 1:
        raise ValueError(
            f"a rate of {rate:g} is {rate:.0%} a year: for {rate:g} % write {rate / 100}"
        )
    if not np.isfinite(margin):
        raise ValueError(f"margin must be a number, not {margin!r}")
    force = np.log1p(rate) / _PER_YEAR[unit]
    expected = purchases.discounted_purchases(summary, float(horizon), force)
    return (margin * spend.predict(summary) * expected).rename("clv")
