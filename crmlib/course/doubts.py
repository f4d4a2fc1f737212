"""What a log is allowed to be and seldom is meant to be: said, and left as it is."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

from crmlib.course.reports.words import times

_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\s]")
_ALL_HIS = 0.1  # of all rows, and 20 times as many as the next: no single customer
OPENING, _FLOOD = 1 / 12, 3  # of the time; how many times the usual newcomers tell of a cut


def oddities(log: pd.DataFrame) -> list[str]:
    """Say what a log is allowed to be and seldom is meant to be."""
    said = presents(int((log["amount"] == 0).sum()))
    rows = log["customer_id"].value_counts()
    ids = rows.index.to_series()
    if pd.api.types.is_string_dtype(ids.dtype):
        looks = ids.map(_looks)
        alike = looks[looks.duplicated(keep=False)]
        if len(alike):
            example = " and ".join(map(repr, alike.sort_values().index[:2]))
            said.append(
                f"{len(alike):,} ids look alike, such as {example}: capitals, blanks, zeros in front "
                "or wide letters apart, they are the same"
            )
    if rows.iloc[0] > max(_ALL_HIS * len(log), 20 * rows.iloc[1:2].sum(), 100):
        said.append(
            f"{rows.index[0]!s} has {rows.iloc[0]:,} of the {len(log):,} rows: one customer, or an id "
            "for all who are not known? Leave it empty for those, and say --missing-ids drop"
        )
    same = int(log.duplicated(["customer_id", "date"]).sum())
    if same:
        said.append(
            f"{times(same, 'row is', 'rows are')} of a day on which the customer has another row: a "
            "day's rows count as one purchase"
        )
    ahead = log["date"] > pd.Timestamp.now().normalize() + pd.Timedelta(1, "D")
    if ahead.any():
        said.append(f"{times(int(ahead.sum()), 'row lies', 'rows lie')} in the future")
    first = log.groupby("customer_id", observed=True)["date"].min()
    start, span = log["date"].min(), log["date"].max() - log["date"].min()
    return said + flooded((first < start + span * OPENING).sum(), len(first), span)


def _looks(name: str) -> str:
    """Give what an id looks like: capitals, blanks, zeros in front and wide letters apart."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return plain.lstrip("0") or plain


def presents(zeros: int) -> list[str]:
    """Say that some purchases cost nothing."""
    if not zeros:
        return []
    rows = times(zeros, "purchase has", "purchases have")
    return [f"{rows} the amount 0: presents, or prices not filled in?"]


def flooded(opening: int, customers: int, span: pd.Timedelta) -> list[str]:
    """Compare first purchases in the first twelfth of the time with the mean of the others."""
    if span < pd.Timedelta(180, "D") or customers < 50:
        return []  # too little to tell
    later = (customers - opening) / (1 / OPENING - 1)
    ratio = opening / later if later else np.inf
    if ratio <= _FLOOD:
        return []
    more = (
        f"{ratio:.0f} times as many new customers as in a usual one"
        if later
        else "all its customers"
    )
    return [
        f"in its first twelfth the log has {more}: many were customers before it begins, and are taken "
        "for new"
    ]


def repeated(table: pd.DataFrame) -> list[str]:
    """Say that rows stand twice."""
    twice = table.duplicated()
    if not twice.any():
        return []
    return [
        f"{times(int(twice.sum()), 'row repeats', 'rows repeat')} another in every column read (first "
        f"in row {table.index[twice][0]}): purchases of the same day and amount, rows exported "
        "twice, or lines that each show the sum of their order? They are kept"
    ]
