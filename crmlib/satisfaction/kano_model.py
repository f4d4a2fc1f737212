"""Kano's classes: what delights, what satisfies, what is taken for granted."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from crmlib.errors import find, refuse
from crmlib.satisfaction import _answers

_CLASSES = list("AOMIRQ")
_SURER_FIRST = list("MOAIRQ")  # Berger et al. (1993): of two as frequent, what loses most if wrong
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
        and `category`, the most frequent class; of classes as frequent the first of M, O, A, I.

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
    >>> kano(there, missing).round(2)
              A  O  M  I  R  Q  better  worse category
    gift box  2  1  0  1  0  0    0.75  -0.25        A
    fresh     0  1  3  0  0  0    0.25  -1.00        M
    """
    there, missing = pd.DataFrame(functional), pd.DataFrame(dysfunctional)
    _answers.there(list(there.columns), missing.columns, "feature in `functional`")
    _answers.there(list(missing.columns), there.columns, "feature in `dysfunctional`")
    _answers.same_respondents(there, missing, "functional", "dysfunctional")
    missing = missing.loc[there.index, there.columns] if there.index.is_unique else missing
    counts = pd.DataFrame({c: _counts(there[c], missing[c]) for c in there}).T
    valid = counts[list("AOMI")].sum(axis=1).where(lambda n: n > 0)
    if valid.isna().any():
        names = ", ".join(map(str, valid.index[valid.isna()]))
        warnings.warn(
            f"No answer to {names} can be used for better and worse: all are reverse or "
            "questionable, so both are left empty.",
            stacklevel=2,
        )
    counts["better"] = (counts["A"] + counts["O"]) / valid
    counts["worse"] = -(counts["O"] + counts["M"]) / valid + 0.0  # + 0.0 writes -0.0 as 0.0
    counts["category"] = counts[_SURER_FIRST].idxmax(axis=1)
    return counts


def _counts(functional: pd.Series, dysfunctional: pd.Series) -> pd.Series:
    """Count the classes of one feature."""
    asked = functional.notna() | dysfunctional.notna()
    one_only = asked & (functional.isna() | dysfunctional.isna())
    name = functional.name
    pair = find(pd.Series(functional.index, functional.index, name=name), one_only, "half a pair")
    refuse([pair], "A feature needs both answers of a respondent, or neither.")
    codes = [_codes(answers[asked], kind) for answers, kind in
             ((functional, "functional"), (dysfunctional, "dysfunctional"))]  # fmt: skip
    classes = pd.Series(_EVALUATION[codes[0] - 1, codes[1] - 1])
    return classes.value_counts().reindex(_CLASSES, fill_value=0)


def _codes(answers: pd.Series, kind: str) -> np.ndarray:
    numbers = _answers.ratings(answers, kind, scale=(1, 5))
    between = find(numbers, numbers % 1 != 0, "between two codes")
    refuse([between], "Codes are 1 like, 2 expect, 3 neutral, 4 live with, 5 dislike.")
    return numbers.to_numpy(dtype=int)
