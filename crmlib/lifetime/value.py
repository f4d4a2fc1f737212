"""Discounted value of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib import units, validate
from crmlib.errors import find, refuse
from crmlib.lifetime._btyd import BuyTillYouDie
from crmlib.lifetime.gamma_gamma import GammaGamma


def clv(purchases, spend, summary, *, horizon, rate, margin=1.0, unit="week"):
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
    horizon : float or list of float
        How far ahead, in `unit`; several at once.
    rate : float
        Discount rate a year: 0.12 for 12 %.
    margin : float or Series
        Profit as a share of spend, 0.3 for 30 %: of all, or by customer with the index of `summary`.
    unit : {"week", "day", "month", "year"}
        Unit of the times in `summary` and of `horizon`.

    Returns
    -------
    Series or DataFrame
        `clv` by customer, in the unit of `monetary`; a column for each of several horizons.

    Raises
    ------
    ValueError
        For an unknown unit, a rate or a margin that is no share, a horizon that is not above zero.
    DataError
        If the table is impossible, or `margin` has another index.

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
        came = f"{type(purchases).__name__} and {type(spend).__name__}"
        raise validate.WrongType(
            f"clv: a model of purchases, then a GammaGamma of spend, not {came}"
        )
    unit = validate.choice(unit, units.DAYS, "unit")
    horizons = horizon if np.ndim(horizon) else [horizon]
    horizons = [validate.positive(h, "horizon") for h in horizons]
    force = np.log1p(validate.rate(rate)) / units.per_year(unit)
    worth = spend.predict(summary) * _margins(margin, summary.index)
    table = {h: worth * purchases.discounted_purchases(summary, h, force) for h in horizons}
    if np.ndim(horizon):
        return pd.DataFrame(table, index=summary.index).rename_axis(columns="horizon")
    return table[horizons[0]].rename("clv")


def _margins(margin, index: pd.Index):
    """Check a margin, of all or by customer."""
    if not np.ndim(margin):
        return validate.share(margin, "margin")
    margins = validate.finite(validate.aligned(margin, index, "margin", "summary"), "margin")
    bad = find(margins.rename("margin"), ~margins.between(0, 1), "not a share from 0 to 1")
    refuse([bad], "A margin of 30 % is 0.3.")
    return margins
