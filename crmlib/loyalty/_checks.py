"""What a panel is, and what outcomes and scores of the same customers are."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, whole
from crmlib.logs.ids import labels


def panel(purchases, buyer, brand) -> tuple[pd.Series, pd.Series]:
    """Give the buyers and the brands of a panel, one of each for every purchase."""
    for name, column in (("buyer", buyer), ("brand", brand)):
        if not isinstance(column, Hashable):
            raise validate.wrong(name, column, "the name of a column")
    validate.table(purchases, "purchases", [buyer, brand])
    if len({buyer, brand}) == 1:
        raise validate.wrong("brand", brand, "another column than buyer")
    return labels(purchases[buyer]), labels(purchases[brand])


def matched(score, **flags) -> list[pd.Series]:
    """Give answers of 0 and 1 (both occur) and the score of the same customers, as floats.

    Series are matched by index with the first Series there is, arrays by their order.
    """
    columns = {name: _both(validate.zero_one(values, name)) for name, values in flags.items()}
    columns["score"] = validate.finite(score, "score")
    given = flags | {"score": score}
    labelled = [name for name, values in given.items() if isinstance(values, pd.Series)]
    leader = next(iter(labelled or columns))
    index = columns[leader].index
    return [
        validate.aligned(column if name in labelled else column.to_numpy(), index, name, leader)
        for name, column in columns.items()
    ]


def _both(flags: pd.Series) -> pd.Series:
    if flags.nunique() == 2:
        return flags
    problem = "there are no values" if flags.empty else f"every value is {flags.iloc[0]:g}"
    raise DataError(whole(str(flags.name), problem), "It takes some of 0 and some of 1 to compare.")
