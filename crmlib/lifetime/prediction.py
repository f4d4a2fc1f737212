"""What one customer may do: an interval, not a mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib import validate

# Customers whose futures are held in memory at a time.
_BLOCK = 50_000


def prediction_interval(
    model, summary: pd.DataFrame, t: float, *, level: float = 0.9, draws: int = 200, seed: int = 0
) -> pd.DataFrame:
    """Predict each customer's purchases with an interval that holds what will come.

    The parameters are uncertain, and with given parameters a customer still buys by chance. So each
    draw takes other parameters, as uncertain as the fit left them (``model.draws``), and one
    possible future under them (``draw_future``); the interval leaves out the same share of the
    futures at both ends. For one customer chance dominates by far; a confidence interval of the
    mean would be much too narrow.

    Parameters
    ----------
    model : BGNBD, MBGNBD, ParetoNBD or BGBB
        Fitted: parameters that were given have no uncertainty to draw from.
    summary : DataFrame
        The customers, as for ``model.predict``.
    t : float
        How far ahead.
    level : float
        Share of the customers whose purchases fall within. Purchases are counted in whole numbers,
        so that it is rarely met exactly and mostly exceeded.
    draws : int
        Possible futures; the ends settle with more of them.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    DataFrame
        Index of `summary`; `mean`, as ``model.predict`` has it, `low` and `high`, numbers of
        purchases that both can occur.

    Raises
    ------
    ValueError
        If the model has no standard errors: its parameters were given, or the data left one of
        them open (see its `warnings_`).

    Examples
    --------
    >>> import crmlib as crm
    >>> base = crm.holdout(crm.load("cdnow_sample"), split="1997-09-30")
    >>> ahead = prediction_interval(crm.BGNBD().fit(base), base, t=39)
    >>> came = base["holdout_frequency"].between(ahead["low"], ahead["high"])
    >>> bool(0.9 < came.mean() < 0.98)
    True
    """
    level = validate.share(level, "level", ends=False)
    draws = validate.whole_number(draws, "draws", least=20)
    mean = model.predict(summary, t)["purchases"]
    first, *seeds = np.random.SeedSequence(seed).spawn(1 + -(-len(summary) // _BLOCK))
    models, ends = model.draws(draws, first), [(1 - level) / 2, (1 + level) / 2]
    found = []
    for start, block_seed in zip(range(0, len(summary), _BLOCK), seeds, strict=True):
        block = summary.iloc[start : start + _BLOCK]
        futures = [
            drawn.draw_future(block, t, own)
            for drawn, own in zip(models, block_seed.spawn(draws), strict=True)
        ]
        found.append(np.quantile(futures, ends, axis=0, method="inverted_cdf"))
    low, high = np.concatenate(found, axis=1)
    return pd.DataFrame({"mean": mean, "low": low, "high": high}, index=summary.index)
