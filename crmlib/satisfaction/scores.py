"""How satisfied: a share, a net share or an index, each with its interval."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from crmlib import validate
from crmlib.errors import DataError, warn, whole
from crmlib.estimate import Estimate, z_score
from crmlib.satisfaction import _answers

_USUAL = (0, 10)  # the scale of `nps`; another pair of the same numbers says that it was asked
_CUTS = {(0, 10): (9, 6), (1, 10): (9, 6), (1, 5): (5, 3)}  # promoters from, detractors up to
_FEWEST = 3  # answers that the adjusted interval adds


def csat(
    ratings,
    *,
    top: int = 2,
    scale: tuple[float, float] = (1, 5),
    weights=None,
    missing: str = "refuse",
) -> Estimate:
    """Compute the share of satisfied customers: answers in the `top` points of the scale.

    Parameters
    ----------
    ratings : Series or array-like of shape (n,)
        One answer for each respondent.
    top : int
        How many points of the scale count as satisfied.
    scale : (low, high)
        Ends of the scale that was asked, a whole number of points apart.
    weights : Series or array-like of shape (n,), optional
        How many customers each respondent stands for; a Series is matched by its index.
    missing : {"refuse", "drop"}
        What to do with missing answers; what is dropped is counted in a warning.

    Returns
    -------
    Estimate
        A share in 0-1. The interval is Wilson's, which stays within 0-1 and holds for few answers
        and for shares near the ends, where the share plus and minus two standard errors fails; `se`
        is half its width over z. With weights `se` is the linearised (Taylor) one, and the interval
        Wilson's for as many answers as would give that error without weights.

    Raises
    ------
    DataError
        For missing answers, text, answers off the scale or between its points (means are no
        answers), a respondent who stands there twice.
    ValueError
        For a `top` that is no part of the scale.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22(158), 209-212. With weights: Korn, E. L. and
    Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data. Survey Methodology 24(2), 193-201.

    Examples
    --------
    >>> csat([5, 4, 4, 3, 5, 2, 4, 5, 1, 4])
    0.70 (0.40 to 0.89, n = 10)
    """
    low, high = validate.scale(scale)
    most = int(high - low)
    if validate.whole_number(top, "top") > most:
        raise validate.wrong("top", top, f"a part of the scale {low:g} to {high:g}: 1 to {most}")
    answers = _answers.ratings(ratings, "ratings", scale=scale, missing=missing)
    _answers.between_points(
        answers, low, "csat counts single answers; the index of means is crm.weighted_index."
    )
    satisfied, w = (answers > high - top).astype(float), _weights(weights, ratings, answers)
    share, se = _mean(satisfied, w)
    m = _as_many(w, se, share * (1 - share))
    ends = proportion_confint(share * m, m, method="wilson")
    return _estimate(share, ends, se if weights is not None else 0.0, len(answers))


def nps(
    scores,
    *,
    scale: tuple[float, float] = _USUAL,
    method: str = "adjusted",
    weights=None,
    missing: str = "refuse",
) -> Estimate:
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
    scale : {(0, 10), (1, 10), (1, 5)}
        The scale that was asked. From 1 to 10 the same points count; from 1 to 5 promoters are the
        5, detractors the 1 to 3. Answers that never leave 1 to 5 are refused unless you say so:
        would they be of the scale from 0 to 10, all were detractors.
    method : {"adjusted", "wald"}
        The interval.
    weights : Series or array-like of shape (n,), optional
        How many customers each respondent stands for; a Series is matched by its index.
    missing : {"refuse", "drop"}
        What to do with missing answers; what is dropped is counted in a warning.

    Returns
    -------
    Estimate
        `value` is the plain score in -1..1 by either method (people also write it as -100..100);
        `se`, `low` and `high` are those of the method. The adjusted interval of one to three
        answers that are all alike is widened up to the value. With weights `se` is the linearised
        (Taylor) one, and the interval that of as many answers as would give this error without.

    Raises
    ------
    DataError
        For missing answers, text, answers off the scale or between its points, a respondent who
        stands there twice, answers that look like those of another scale.

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

    One score for each year:

    >>> survey = pd.DataFrame({"wave": [2024] * 3 + [2025] * 3, "recommend": [9, 10, 6, 8, 7, 10]})
    >>> survey.groupby("wave")["recommend"].apply(nps)
    wave
    2024    0.33 (-0.51 to 0.85, n = 3)
    2025    0.33 (-0.33 to 0.67, n = 3)
    Name: recommend, dtype: object
    """
    validate.choice(method, ("adjusted", "wald"), "method")
    if validate.scale(scale) not in _CUTS:
        raise validate.wrong("scale", scale, "(0, 10), (1, 10) or (1, 5), where the score is known")
    answers = _answers.ratings(scores, "scores", scale=scale, missing=missing)
    _answers.between_points(
        answers, 0, "The score counts single answers from 0 to 10; give these, not means."
    )
    _refuse_five_points(answers, scale)
    promoter, detractor = _CUTS[tuple(scale)]
    side = (answers >= promoter).astype(float) - (answers <= detractor)
    w = _weights(weights, scores, answers)
    (value, se), (either, _) = _mean(side, w), _mean(side.abs(), w)
    m, more = _as_many(w, se, either - value**2), _FEWEST if method == "adjusted" else 0
    centre, either = m * value / (m + more), (m * either + more / 2) / (m + more)
    half = z_score() * np.sqrt((either - centre**2) / (m + more))
    ends = np.clip([centre - half, centre + half], -1, 1)
    if weights is None:  # Wald's own error, or that of the adjusted interval
        se = half / z_score() if method == "wald" else 0.0
    return _estimate(value, ends, se, len(answers))


def weighted_index(
    ratings,
    weights=None,
    *,
    scale: tuple[float, float] = (1, 10),
    respondents=None,
    missing: str = "refuse",
) -> Estimate:
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
    respondents : Series or array-like of shape (n,), optional
        How many customers each respondent stands for; a Series is matched by its index.
    missing : {"refuse", "drop"}
        What to do with respondents who lack an answer; those dropped are counted in a warning.

    Returns
    -------
    Estimate
        In 0-100, with the t interval of a mean, cut at the ends of the scale; with `respondents`
        `se` is the linearised (Taylor) one. If everybody has the same index, its width is zero,
        and a warning says that this is no precision.

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
    answers = _answers.items(ratings, "ratings", scale=scale, missing=missing)
    low, high = validate.scale(scale)
    w = _weights(respondents, ratings, answers, "respondents")
    if np.count_nonzero(w) < 2:
        advice = "One answer has no spread from which an interval could be made."
        raise DataError(whole("ratings", "there is one respondent only"), advice)
    index = 100 * (answers - low) / (high - low) @ _answers.item_weights(weights, answers.columns)
    n, (value, se) = len(index), _mean(index, w)
    if se <= 1e-12 * 100:
        warn(
            f"All {n} respondents have the index {value:g}: an interval of no width is no "
            "precision. Look whether the answers were copied."
        )
    half = stats.t.ppf(0.975, n - 1) * se
    ends = np.clip([value - half, value + half], 0, 100)
    return Estimate(value, se, *map(float, ends), n)


def _weights(weights, given, answers, name: str = "weights") -> np.ndarray:
    """Give the weights of those whose answers count; without any, one for each."""
    if weights is None:
        return np.ones(len(answers))
    labelled = isinstance(given, pd.Series | pd.DataFrame)
    index = given.index if labelled else pd.RangeIndex(len(given))
    w = validate.weights(weights, index, other="the answers", name=name)[answers.index]
    if not w.sum() > 0:
        raise DataError(whole(name, "are all zero"), "Give the rows that count a weight above 0.")
    return w.to_numpy()


def _mean(x: pd.Series, w: np.ndarray) -> tuple[float, float]:
    """Compute a weighted mean and its linearised standard error, 0 for a single answer.

    Särndal, C.-E., Swensson, B. and Wretman, J. (1992). Model Assisted Survey Sampling, section
    5.7: the mean is a ratio of two sums, whose error is that of w (x - mean) / sum of w.
    """
    values, n = x.to_numpy(), len(x)
    mean = float(w @ values / w.sum())
    se = np.linalg.norm(w * (values - mean)) / w.sum() * np.sqrt(n / max(n - 1, 1))
    return mean, float(se)


def _as_many(w: np.ndarray, se: float, variance: float) -> float:
    """Say how many answers without weights would know the mean as well (the effective number).

    Where all answers are alike their errors say nothing, and Kish's number stands in.
    """
    n = len(w)
    if se <= 1e-9 or variance <= 1e-18:
        return float(w.sum() ** 2 / (w @ w))
    return float(n * variance / (n - 1) / se**2) if n > 1 else 1.0


def _estimate(value: float, ends, se: float, n: int) -> Estimate:
    """Put an estimate together; without a standard error of its own it is that of the interval."""
    low, high = min(float(ends[0]), value), max(float(ends[1]), value)
    return Estimate(value, float(se) or (high - low) / (2 * z_score()), low, high, n)


def _refuse_five_points(answers: pd.Series, scale) -> None:
    if scale is _USUAL and answers.between(1, 5).all():
        raise DataError(
            whole(str(answers.name), "no answer leaves 1 to 5: on the scale from 0 to 10 all these "
                  "are detractors"),
            "Say which scale was asked: scale=(1, 5), or scale=(0, 10) if it was.",
        )  # fmt: skip
