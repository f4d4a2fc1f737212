"""Kano's classes: what delights, what satisfies, what is taken for granted."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from crmlib import validate
from crmlib.errors import find, refuse, warn
from crmlib.satisfaction import _answers

_CLASSES = list("AOMIRQ")
_SURER_FIRST = list("MOAIRQ")  # Berger et al. (1993): of two as frequent, what loses most if wrong
_CODES = "Codes are 1 like, 2 expect, 3 neutral, 4 live with, 5 dislike."
_EVALUATION = np.array(  # a row for each functional answer, a column for each dysfunctional one
    [list("QAAAO"), list("RIIIM"), list("RIIIM"), list("RIIIM"), list("RRRRQ")]
)


def kano(functional, dysfunctional) -> pd.DataFrame:
    r"""Classify features by Kano's pairs of questions.

    *How do you feel if it is there, and how if it is missing?* The pair of answers makes a feature
    attractive (A), one-dimensional (O), must-be (M), indifferent (I), reverse (R) or questionable
    (Q) for one respondent. Over respondents, Berger's coefficients say how much a feature can
    raise satisfaction, and how much its lack can lower it:

    .. math:: \text{better} = \frac{A+O}{A+O+M+I}, \qquad \text{worse} = -\frac{O+M}{A+O+M+I}

    Parameters
    ----------
    functional, dysfunctional : DataFrame of shape (n, k)
        The same respondents (index) and features (columns); 1 like, 2 expect, 3 neutral, 4 live
        with, 5 dislike. A pair that is missing altogether was not asked, and is not counted.

    Returns
    -------
    DataFrame
        A row for each feature: the counts `A, O, M, I, R, Q`, `better` in 0..1, `worse` in -1..0,
        `category`, the most frequent class (of classes as frequent the first of M, O, A, I), and
        the ends of 95 % intervals, Wilson's, `better_low, better_high, worse_low, worse_high`.

    Raises
    ------
    DataError
        For other codes, text, pairs of which one answer is missing, or other respondents or
        features in the two tables.

    References
    ----------
    Kano, N., Seraku, N., Takahashi, F. and Tsuji, S. (1984). Attractive quality and must-be
    quality. Journal of the Japanese Society for Quality Control 14(2), 39-48. Berger, C. et al.
    (1993). Kano's methods for understanding customer-defined quality. Center for Quality of
    Management Journal 2(4), 3-36.

    Examples
    --------
    >>> there = pd.DataFrame({"gift box": [1, 1, 1, 3], "fresh": [2, 1, 3, 2]})
    >>> missing = pd.DataFrame({"gift box": [3, 3, 5, 3], "fresh": [5, 5, 5, 5]})
    >>> table = kano(there, missing).round(2)
    >>> table[[*"AOMIRQ", "better", "worse", "category"]]
              A  O  M  I  R  Q  better  worse category
    gift box  2  1  0  1  0  0    0.75  -0.25        A
    fresh     0  1  3  0  0  0    0.25  -1.00        M
    >>> table.loc["fresh", ["better_low", "better_high", "worse_low", "worse_high"]].tolist()
    [0.05, 0.7, -1.0, -0.51]
    """
    there = validate.table(functional, "functional")
    missing = validate.table(dysfunctional, "dysfunctional")
    _answers.same_items(there, missing, "feature", "functional", "dysfunctional")
    _answers.same_respondents(there, missing, "functional", "dysfunctional")
    refuse(_answers.twice(there), _answers.TWICE)
    missing = missing.loc[there.index, there.columns]
    counts = pd.DataFrame({c: _counts(there[c], missing[c]) for c in there}).T
    counts.index = there.columns
    valid = counts[list("AOMI")].sum(axis=1)
    if not valid.all():
        names = ", ".join(map(str, valid.index[valid == 0]))
        warn(
            f"No answer to {names} can be used for better and worse: all are reverse or "
            "questionable, so both are left empty."
        )
    ends = {}
    for name, letters, sign in (("better", list("AO"), 1), ("worse", list("OM"), -1)):
        count = counts[letters].sum(axis=1)
        counts[name], ends[name] = sign * count / valid.where(valid > 0) + 0.0, count  # no -0.0
    counts["category"] = counts[_SURER_FIRST].idxmax(axis=1)
    return counts.join(_intervals(ends, valid.where(valid > 0)))


def _intervals(counts: dict, n: pd.Series) -> pd.DataFrame:
    """Give Wilson's intervals of both coefficients; those of `worse` lie below zero."""
    low, high = proportion_confint(counts["better"], n, method="wilson")
    least, most = proportion_confint(counts["worse"], n, method="wilson")
    columns = {"better_low": low, "better_high": high, "worse_low": -most, "worse_high": -least}
    return pd.DataFrame(columns, index=n.index) + 0.0


def _counts(functional: pd.Series, dysfunctional: pd.Series) -> pd.Series:
    """Count the classes of one feature."""
    codes = [validate.numbers(answers) for answers in (functional, dysfunctional)]
    asked = [answers.notna() for answers in codes]
    name, one_only = functional.name, asked[0] != asked[1]
    pair = find(pd.Series(functional.index.to_flat_index(), functional.index, name=name), one_only,
                "half a pair")  # fmt: skip
    refuse([pair], "A feature needs both answers of a respondent, or neither.")
    for answers in codes:
        off = find(answers, asked[0] & ~answers.between(1, 5), "outside 1 to 5")
        refuse([off, find(answers, asked[0] & (answers % 1 != 0), "between two codes")], _CODES)
    there, missing = (answers[asked[0]].to_numpy(dtype=int) - 1 for answers in codes)
    return pd.Series(_EVALUATION[there, missing]).value_counts().reindex(_CLASSES, fill_value=0)
