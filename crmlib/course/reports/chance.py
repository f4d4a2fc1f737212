"""What chance alone can do, where several comparisons are made at once."""

from __future__ import annotations

import pandas as pd
from statsmodels.stats.multitest import multipletests


def holm(p: pd.Series) -> pd.Series:
    """Correct the p values of so many comparisons, by Holm.

    >>> holm(pd.Series([0.01, 0.04, 0.03])).round(2).tolist(), len(holm(pd.Series(dtype=float)))
    ([0.03, 0.06, 0.06], 0)
    """
    return pd.Series(multipletests(p, method="holm")[1] if len(p) else p, p.index, dtype=float)
