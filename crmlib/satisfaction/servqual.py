"""Service gaps: what was received against what was expected."""

import pandas as pd
from scipy import stats

from crmlib.errors import DataError, whole
from crmlib.satisfaction import _answers


def servqual_gap(expected, perceived, weights=None) -> pd.DataFrame:
    """Compute the service gap of each item: perceived less expected.

    Parameters
    ----------
    expected, perceived : DataFrame of shape (n, k)
        The same respondents (index) and items (columns), on the same scale.
    weights : Series, dict or sequence of length k, optional
        How much each item matters; only their proportions count. All alike by default.

    Returns
    -------
    DataFrame
        A row for each item: mean `expected` and `perceived`, their difference `gap`, its standard
        error `se` and 95 % interval `low`, `high` (paired t: the same people answered both), the
        item's `weight` as a share, and `weighted`, the gap times that. Their sum is the weighted
        gap of the service as a whole. Below zero: less than was expected.

    Raises
    ------
    DataError
        For missing answers or text, other respondents or items in the two tables, fewer than two
        respondents, weights that are negative or of other items.

    References
    ----------
    Parasuraman, A., Zeithaml, V. A. and Berry, L. L. (1988). SERVQUAL: a multiple-item scale for
    measuring consumer perceptions of service quality. Journal of Retailing 64(1), 12-40.

    Examples
    --------
    >>> expected = pd.DataFrame({"reliability": [6, 7, 6], "empathy": [5, 4, 5]})
    >>> perceived = pd.DataFrame({"reliability": [5, 6, 6], "empathy": [5, 5, 6]})
    >>> servqual_gap(expected, perceived, {"reliability": 2, "empathy": 1}).round(2)
                 expected  perceived   gap    se   low  high  weight  weighted
    reliability      6.33       5.67 -0.67  0.33 -2.10  0.77    0.67     -0.44
    empathy          4.67       5.33  0.67  0.33 -0.77  2.10    0.33      0.22
    """
    expected = _answers.items(expected, "expected")
    perceived = _answers.items(perceived, "perceived")
    _answers.same_items(expected, perceived, "item", "expected", "perceived")
    _answers.same_respondents(expected, perceived, "expected", "perceived")
    n = len(expected)
    if n < 2:
        advice = "One answer has no spread from which an interval could be made."
        raise DataError(whole("expected", "there is one respondent only"), advice)
    perceived = perceived.loc[expected.index, expected.columns]
    difference = perceived - expected
    gap, se = difference.mean(), difference.sem()
    weight = _answers.item_weights(weights, expected.columns)
    half = stats.t.ppf(0.975, n - 1) * se
    table = {"expected": expected.mean(), "perceived": perceived.mean(), "gap": gap, "se": se}
    table |= {"low": gap - half, "high": gap + half, "weight": weight, "weighted": weight * gap}
    return pd.DataFrame(table)
