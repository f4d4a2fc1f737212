"""Whom a contact changes: uplift curves and the Qini coefficient."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib.loyalty._checks import matched


def uplift_curve(outcome, treated, score) -> pd.DataFrame:
    r"""Follow what a contact gains, from the customers of the highest score to all of them.

    Among the best share, with R outcomes and N customers in each arm,

    .. math:: \text{gain} = R_t - R_c \frac{N_t}{N_c}

    which is the number of outcomes that the contact brought there. Where no control has come yet,
    gain is :math:`R_t`. It means something only if chance decided who was treated.

    Parameters
    ----------
    outcome : Series or array of shape (n,)
        1 where it happened (bought, stayed), 0 where not.
    treated : Series or array of shape (n,)
        1 for those contacted, 0 for the control.
    score : Series or array of shape (n,)
        Predicted effect of the contact, the higher, the earlier. Series are matched by index.

    Returns
    -------
    DataFrame
        From (0, 0): ``share`` of the customers and ``gain`` in outcomes, one row for each distinct
        score, so that customers of one score come together, in whatever order the rows are.

    Raises
    ------
    DataError
        For missing values, indexes that differ, outcomes or arms that are not 0 and 1, or only one
        of them.

    References
    ----------
    Radcliffe, N. J. (2007). Using control groups to target on predicted lift: building and assessing
    uplift models. Direct Marketing Analytics Journal, 14-21.

    Examples
    --------
    >>> uplift_curve([1, 0, 1, 0], [1, 0, 1, 0], [4, 3, 2, 1])
       share  gain
    0   0.00   0.0
    1   0.25   1.0
    2   0.50   1.0
    3   0.75   2.0
    4   1.00   2.0
    """
    return _curve(*_checked(outcome, treated, score))


def qini(outcome, treated, score) -> float:
    r"""Compute the Qini coefficient: how well a score orders customers by what a contact changes.

    The area between the curve of :func:`uplift_curve` and the straight line to its end, over the
    same area for the perfect order: first the treated with the outcome, last the controls with it
    (who, as far as one can know, would have been lost by a contact). 1 for the perfect order, around
    0 for a random one, below 0 for a wrong one.

    Several definitions go by this name, and their numbers cannot be compared: this is
    ``qini_auc_score(..., negative_effect=True)`` of scikit-uplift. Judge a score by customers it was
    not made from: on its own data a model finds an effect in pure noise.

    Parameters
    ----------
    outcome, treated, score : Series or arrays of shape (n,)
        As for :func:`uplift_curve`.

    Returns
    -------
    float

    Raises
    ------
    DataError
        As for :func:`uplift_curve`.

    References
    ----------
    Radcliffe, N. J. (2007). Using control groups to target on predicted lift: building and assessing
    uplift models. Direct Marketing Analytics Journal, 14-21.

    Examples
    --------
    A toy of ten customers, best score first, and what scikit-uplift 0.5.1 makes of it:

    >>> outcome = [1, 0, 1, 1, 0, 1, 0, 1, 0, 0]
    >>> treated = [1, 0, 1, 1, 0, 0, 1, 0, 1, 0]
    >>> round(qini(outcome, treated, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), 4)
    0.5766
    """
    y, t, s = _checked(outcome, treated, score)
    return _area(_curve(y, t, s)) / _area(_curve(y, t, y * (2 * t - 1)))


def _checked(outcome, treated, score) -> tuple[np.ndarray, ...]:
    columns = matched(score, outcome=outcome, treated=treated)
    return tuple(column.to_numpy() for column in columns)


def _curve(y, t, s) -> pd.DataFrame:
    order = np.argsort(-s, kind="stable")
    y, t, s = y[order], t[order], s[order]
    last = np.append(np.flatnonzero(np.diff(s)), len(s) - 1)  # of each score
    n_t, n_c, r_t, r_c = (np.cumsum(v)[last] for v in (t, 1 - t, y * t, y * (1 - t)))
    gain = r_t - r_c * n_t / np.maximum(n_c, 1)  # without a control r_c is 0
    share = np.append(0.0, (last + 1) / len(s))
    return pd.DataFrame({"share": share, "gain": np.append(0.0, gain)})


def _area(curve: pd.DataFrame) -> float:
    """Give the area between a curve and the straight line from its start to its end."""
    return float(np.trapezoid(curve["gain"], curve["share"]) - curve["gain"].iloc[-1] / 2)
