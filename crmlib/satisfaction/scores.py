"""How satisfied: a share, a net share or an index, each with its interval."""

from __future__ import annotations

import warnings

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from crmlib.errors import find, refuse, whole
from crmlib.estimate import Estimate
from crmlib.satisfaction import _answers

_PROMOTER, _DETRACTOR = 9, 6


def csat(ratings, *, top: int = 2, scale: tuple[float, float] = (1, 5)) -> Estimate:
    """Compute the share of satisfied customers: answers in the `top` points of the scale.

    Parameters
    ----------
    ratings : Series or array-like of shape (n,)
        One answer for each respondent.
    top : int
        How many points of the scale count as satisfied.
    scale : (low, high)
        Ends of the scale that was asked.

    Returns
    -------
    Estimate
        A share in 0-1. The interval is Wilson's, which stays within 0-1 and holds for few answers
        and for shares near the ends, where the share plus and minus two standard errors fails.

    Raises
    ------
    DataError
        For missing answers, text, answers off the scale, a respondent who stands there twice, or a
        `top` that is no part of the scale.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> csat([5, 4, 4, 3, 5, 2, 4, 5, 1, 4])
    0.70 (0.40 to 0.89, n = 10)
    """
    answers = _answers.ratings(ratings, "ratings", scale=scale)
    low, high = _answers.points(scale)
    if top not in range(1, int(high - low) + 1):
        advice = f"Give a whole number of points, from 1 to {high - low:g}."
        refuse([whole("top", f"is no part of the scale {low:g} to {high:g}", top)], advice)
    satisfied, n = int((answers > high - top).sum()), len(answers)
    share = satisfied / n
    interval = proportion_confint(satisfied, n, method="wilson")
    return Estimate(share, float(np.sqrt(share * (1 - share) / n)), *map(float, interval), n)


def nps(scores, *, method: str = "adjusted") -> Estimate:
    r"""Compute the net promoter score: the share of 9 and 10, less the share of 0 to 6.

    With promoters P, detractors D and answers n, as shares p and d and s = p - d,

    .. math:: \mathrm{se} = \sqrt{(p + d - s^2) / n}.

    ``"wald"`` takes s plus and minus 1.96 se. ``"adjusted"`` first adds three answers, 3/4 of a
    promoter, 3/2 of a passive and 3/4 of a detractor, which makes the interval of few answers cover
    as often as it says, and one of answers that are all alike wider than zero.

    Parameters
    ----------
    scores : Series or array-like of shape (n,)
        Answers from 0 to 10 to "how likely are you to recommend us?", whole numbers.
    method : {"adjusted", "wald"}
        The interval.

    Returns
    -------
    Estimate
        `value` is the plain score in -1..1 by either method (people also write it as -100..100);
        `se`, `low` and `high` are those of the method.

    Raises
    ------
    DataError
        For missing answers, text, answers off the scale or between its points, a respondent who
        stands there twice.

    References
    ----------
    Reichheld, F. F. (2003). The one number you need to grow. Harvard Business Review 81(12).
    Rocks, B. (2016). Interval estimation for the net promoter score. arXiv:1601.07235.

    Examples
    --------
    Thirty promoters, fifty passives, twenty detractors:

    >>> answers = [10] * 30 + [8] * 50 + [3] * 20
    >>> nps(answers, method="wald")
    0.10 (-0.04 to 0.24, n = 100)
    >>> adjusted = nps(answers)
    >>> round(adjusted.low, 4), round(adjusted.high, 4)
    (-0.0382, 0.2324)
    """
    if method not in ("adjusted", "wald"):
        raise ValueError(f"method={method!r} is not known; use 'adjusted' or 'wald'")
    answers = _answers.ratings(scores, "scores", scale=(0, 10))
    between = find(answers, answers % 1 != 0, "between two points of the scale")
    refuse([between], "The score counts single answers from 0 to 10; give these, not means.")
    promoters, detractors = (answers >= _PROMOTER).sum(), (answers <= _DETRACTOR).sum()
    n, more = len(answers), 3 if method == "adjusted" else 0
    p, d = (promoters + more / 4) / (n + more), (detractors + more / 4) / (n + more)
    centre, se = p - d, np.sqrt((p + d - (p - d) ** 2) / (n + more))
    interval = Estimate.normal(centre, se, n)
    value = float(promoters - detractors) / n
    return Estimate(value, interval.se, max(interval.low, -1.0), min(interval.high, 1.0), n)


def weighted_index(ratings, weights=None, *, scale: tuple[float, float] = (1, 10)) -> Estimate:
    r"""Compute a satisfaction index from 0 to 100: weighted items, the ends of the scale at 0 and 100.

    Of respondent i the index is

    .. math:: 100 \sum_j w_j \frac{x_{ij} - \mathrm{low}}{\mathrm{high} - \mathrm{low}} \Big/ \sum_j w_j

    and that of all is the mean.

    Parameters
    ----------
    ratings : DataFrame of shape (n, k), or Series of shape (n,)
        A row for each respondent, a column for each item.
    weights : Series, dict or sequence of length k, optional
        Weight of each item, by its name or in the order of the columns; all alike by default. Only
        their proportions matter.
    scale : (low, high)
        Ends of the scale that was asked, the same for every item.

    Returns
    -------
    Estimate
        In 0-100, with the t interval of a mean, cut at the ends of the scale. If everybody has the
        same index, its width is zero, and a warning says that this is no precision.

    Raises
    ------
    DataError
        As for :func:`csat`; fewer than two respondents; weights that are negative, all zero or of
        other items.

    References
    ----------
    The index of Fornell, C., Johnson, M. D., Anderson, E. W., Cha, J. and Bryant, B. E. (1996). The
    American Customer Satisfaction Index. Journal of Marketing 60(4), 7-18, with weights that are
    given instead of estimated.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"taste": [10, 7, 9], "delivery": [5, 4, 8]})
    >>> weighted_index(answers, {"taste": 3, "delivery": 1})
    77 (37 to 100, n = 3)
    """
    answers = _answers.items(ratings, "ratings", scale=scale)
    low, high = _answers.points(scale)
    if len(answers) < 2:
        advice = "One answer has no spread from which an interval could be made."
        refuse([whole("ratings", "there is one respondent only")], advice)
    index = 100 * (answers - low) / (high - low) @ _answers.shares(weights, answers.columns)
    n, value, se = len(index), index.mean(), index.sem()
    if se <= 1e-12 * 100:
        warnings.warn(
            f"All {n} respondents have the index {value:g}: an interval of no width is no "
            "precision. Look whether the answers were copied.",
            stacklevel=2,
        )
    half = stats.t.ppf(0.975, n - 1) * se
    ends = np.clip([value - half, value + half], 0, 100)
    return Estimate(float(value), float(se), *map(float, ends), n)
