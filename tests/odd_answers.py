"""Answers that no author thought of, for every check to refuse in words."""

import numpy as np
import pandas as pd

from crmlib.course.checks import Number

ODD = [
    *(None, True, "0.5", b"1", float("nan"), float("inf"), 1 + 2j, pd.NA, pd.NaT, object(), type),
    *([], {}, (), set(), [[1], [2]], [...], range(3), map(str, [1])),
    *(np.array([]), np.array([1.0, 2.0]), np.zeros((2, 2)), np.array(["a"])),
    *(pd.Series(dtype=float), pd.Series(["a"]), pd.Series([[1]]), pd.Series([1.0], index=[(1, 2)])),
    *(pd.DataFrame(), pd.DataFrame({"x": [1.0]}), pd.Index([1, 1]), pd.Timestamp("2026-01-01")),
    *(len, lambda: 1, lambda x: x / 0, Number, ValueError("no")),
]
