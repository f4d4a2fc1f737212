"""Which forms count: one reason for each form that does not."""

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import find, refuse


def screen(answers: pd.DataFrame, *, who, seconds, late=None) -> pd.Series:
    """Give each form its fate: kept, or the first rule that takes it out.

    Parameters
    ----------
    answers : DataFrame of shape (n, k)
        A row for each form in the order they came, a column for each statement of one block;
        missing answers are none.
    who : Series or DataFrame of n rows
        Whose form it is: the customer, or customer and wave; where it is missing, no rule on it.
    seconds : Series or array-like of shape (n,)
        How long the form took.
    late : Series or array-like of shape (n,), optional
        True for forms that came after the field closed.

    Returns
    -------
    Series of str, shape (n,)
        `"sent twice"`: a later form of the same `who`; `"too fast"`: in under a third of the median
        time; `"one column"`: the same answer to every statement, two at least; `"late"`; `"kept"`.

    Raises
    ------
    DataError
        For answers or times that are text, times missing or below zero, `late` that is no yes or
        no, columns of other rows.

    References
    ----------
    Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data.
    Journal of Experimental Social Psychology 66, 4-19. The third of the median is our rule of thumb.

    Examples
    --------
    >>> answers = pd.DataFrame({"clear": [5, 5, 3, 4], "friendly": [4, 4, 3, 5]})
    >>> screen(answers, who=pd.Series(["ann", "ann", "bo", "cy"]), seconds=[80, 75, 60, 9]).tolist()
    ['kept', 'sent twice', 'one column', 'too fast']
    """
    index = validate.table(answers, "answers").index
    numbers = pd.DataFrame({c: validate.numbers(answers[c]) for c in answers}, index)
    who = who.to_frame() if isinstance(who, pd.Series) else validate.table(who, "who")
    whose = pd.DataFrame({c: validate.aligned(who[c], index, "who", "answers") for c in who})
    time = validate.aligned(validate.finite(seconds, "seconds"), index, "seconds", "answers")
    refuse([find(time, time < 0, "below zero")], "A time is zero or more seconds.")
    late = pd.Series(False, index) if late is None else validate.zero_one(late, "late")
    rules = {  # two forms of nobody known are not two forms of one person
        "sent twice": whose.duplicated() & whose.notna().all(axis=1),
        "too fast": time < time.median() / 3,
        "one column": (numbers.min(axis=1) == numbers.max(axis=1)) & (numbers.count(axis=1) > 1),
        "late": validate.aligned(late, index, "late", "answers") == 1,
    }
    return pd.Series(np.select(list(rules.values()), list(rules), "kept"), index, name="fate")
