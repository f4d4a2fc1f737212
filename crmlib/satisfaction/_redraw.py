"""How sure a result is: respondents drawn again."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, whole


def redrawn(value: pd.Series, draw: Callable, n: int, seed: int) -> pd.DataFrame:
    """Put `value, se, low, high` together from `n` results of `draw`, a function of a generator.

    A sample in which it fails with a :class:`DataError` is drawn again, unless one of ten does. The
    interval is the middle 95 % of the draws, widened to hold the value.
    """
    n, seed = validate.draws(n), validate.whole_number(seed, "seed", least=0)
    rng, found, failed = np.random.default_rng(seed), [], 0
    while len(found) < n:
        try:
            found.append(draw(rng))
        except DataError as error:
            if (failed := failed + 1) > n / 10:
                problem = whole(None, "one sample of ten cannot be used, such as this one")
                raise DataError(pd.concat([problem, error.problems]), error.advice) from None
    low, high = np.quantile(found, [0.025, 0.975], axis=0)
    table = {"value": value, "se": np.std(found, axis=0, ddof=1)}
    table |= {"low": np.minimum(low, value), "high": np.maximum(high, value)}
    return pd.DataFrame(table, index=value.index)
