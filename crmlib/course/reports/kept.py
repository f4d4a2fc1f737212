"""The customers that an engine left as Parquet: too many for memory, and never all in it.

The models see a customer only through the history (x, t_x, T) and the amounts, so the distinct ones
are counted in DuckDB, valued once each, and handed back to the customers by a join.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

import crmlib as crm
from crmlib.course.engines import connected, listed, sql_text
from crmlib.course.reports.value import (
    TOO_MANY,
    Trial,
    Worth,
    discounted,
    spending,
    split_of,
    tested,
)
from crmlib.units import DAYS

LISTED = 10_000  # customers in the table for spreadsheets; all are in the Parquet file
# What the models see of a customer; who paid nothing after the first day counts as a newcomer.
_CUSTOMERS = """
CREATE VIEW customers AS SELECT
    *,
    visits - 1 AS x,
    last - first AS aged,
    round(spent_later, 6) AS later,
    CASE WHEN visits > 1 AND later > 0 THEN visits - 1 ELSE 0 END AS paid,
    CASE WHEN paid > 0 THEN later ELSE 0 END AS paid_later
FROM kept
"""
_RANKED = """
SELECT
    customer_id,
    first AS first_purchase,
    last AS last_purchase,
    visits AS purchase_days,
    round(spent, 2) AS spent,
    round(p_alive, 4) AS p_alive,
    round(purchases, 4) AS expected_purchases,
    {money}
    {worth} AS worth
FROM customers JOIN histories USING (x, aged, first) {join}
ORDER BY worth DESC, customer_id
"""
_BANDED = """
SELECT * EXCLUDE (worth, file_row_number), CASE
    WHEN (file_row_number + 1) / {n} <= 0.2 THEN 'A'
    WHEN (file_row_number + 1) / {n} <= 0.5 THEN 'B'
    ELSE 'C' END AS band
FROM ranked
"""


class Kept:
    """The customers in the folder that :func:`crmlib.course.engines.prepare` left.

    It offers what :class:`crmlib.course.reports.customers.InMemory` does; a row of `base` is a distinct
    history, shared by `n` customers.
    """

    def __init__(self, folder: str, margin: float, unit: str):
        self._folder, self._unit, self.margin = Path(folder), unit, margin
        self._spill = tempfile.TemporaryDirectory(dir=folder, prefix="spill-")
        self._sql = connected(self._spill.name)
        self._view("kept", "customers")
        self._sql.execute(_CUSTOMERS)
        first, last = self._sql.execute("SELECT min(first), max(last) FROM customers").fetchone()
        self._first, self._last = pd.Timestamp(first), pd.Timestamp(last)
        self.days = (self._last - self._first).days
        self._keys = self._table(
            "SELECT x, aged, first, count(*) AS n FROM customers GROUP BY ALL ORDER BY ALL"
        )
        self.base = self._in_units(self._keys, self._last)
        self.n = self._keys["n"].astype(float)

    @property
    def everyone(self) -> pd.DataFrame | None:
        """Give the customers to draw again, if memory holds them."""
        if self.n.sum() > TOO_MANY:
            return None
        query = "x, aged, first, later / nullif(x, 0) AS z"
        table = self._table(f"SELECT {query} FROM customers ORDER BY customer_id")
        return self._in_units(table, self._last).assign(monetary=table["z"])

    def trial(self) -> Trial | None:
        """Test the models on the hidden part."""
        split = split_of(self._first, self._last)
        past = self._table(
            "SELECT past_visits - 1 AS x, past_last - first AS aged, first, count(*) AS n "
            f"FROM customers WHERE first <= DATE '{split:%Y-%m-%d}' GROUP BY ALL ORDER BY ALL"
        )
        visits = pd.read_parquet(self._folder / "visits.parquet").set_index("date")["visits"]
        visits.index = pd.DatetimeIndex(visits.index)
        base = self._in_units(past, split)
        return tested(split, self._last, base, past["n"].astype(float), visits, self._unit)

    def spending(self):
        """Fit the model of spend; return it, and why there is none otherwise."""
        self._money = self._table(
            "SELECT paid, paid_later, count(*) AS n FROM customers GROUP BY ALL ORDER BY ALL"
        )
        paid = self._money["paid"]
        base = pd.DataFrame({"frequency": paid})
        base["monetary"] = self._money["paid_later"] / paid.where(paid > 0)
        self._paying = base
        return spending(base, self._money["n"].astype(float))

    def value(self, purchases, spend, ahead: pd.DataFrame, horizon: float, rate: float) -> Worth:
        """Value every history once, and rank the customers by it on disk."""
        worth = discounted(purchases, self.base, horizon, rate, self._unit)
        histories = self._keys[["x", "aged", "first"]].assign(**ahead, discounted=worth)
        self._sql.register("histories", histories)
        told = {"money": "", "worth": "purchases", "join": ""}
        if spend is not None:
            amounts = self._money[["paid", "paid_later"]].assign(spend=spend.predict(self._paying))
            self._sql.register("amounts", amounts)
            clv = f"spend * {float(self.margin)!r} * discounted"
            money = f"round(spend, 2) AS expected_spend, round({clv}, 2) AS clv,"
            told = {"money": money, "worth": clv, "join": "JOIN amounts USING (paid, paid_later)"}
        self._copy(_RANKED.format(**told), self._folder / "ranked.parquet")
        self._view("ranked", "ranked", ", file_row_number = true")
        n = int(self.n.sum())
        size, over = divmod(n, min(10, n))
        part = (
            f"CASE WHEN file_row_number < {over * (size + 1)} THEN file_row_number // {size + 1} "
            f"ELSE {over} + (file_row_number - {over * (size + 1)}) // {size} END"
        )
        tenths = self._table(
            f"SELECT {part} AS p, sum(worth) AS s, count(*) AS n FROM ranked GROUP BY p ORDER BY p"
        )
        if tenths["n"].sum() != n:  # a join that loses somebody is a fault of this file
            raise RuntimeError(f"{n:,} customers, but {tenths['n'].sum():,} were ranked")
        worth = Worth(n, tenths["s"].sum(), 0.0, tenths["s"].to_numpy())
        best = f"SELECT sum(worth) AS s FROM ranked WHERE file_row_number < {worth.tenth}"
        worth.best = self._table(best)["s"].iloc[0]
        return worth

    def top(self, count: int = 10) -> pd.DataFrame:
        """Give the most valuable customers."""
        table = self._table(f"{self._banded()} WHERE file_row_number < {count}")
        for day in ("first_purchase", "last_purchase"):
            table[day] = pd.to_datetime(table[day]).dt.strftime("%Y-%m-%d")
        return table.set_index("customer_id")

    def bands(self) -> pd.DataFrame:
        """Add up the bands."""
        money = ", sum(clv) AS clv" if "clv" in self.top(1) else ""
        sums = self._table(
            "SELECT band, count(*) AS n, sum(p_alive) AS p_alive, sum(expected_purchases) AS e"
            f"{money} FROM ({self._banded()}) GROUP BY band ORDER BY band"
        ).set_index("band")
        names = {
            "n": "customers",
            "p_alive": "still there",
            "e": "expected purchases",
            "clv": "value",
        }
        return sums.round().rename(columns=names)

    def write(self, folder: str) -> None:
        """Write the table of all customers as Parquet, and the first of them for spreadsheets."""
        self._copy(self._banded(), Path(folder) / "customers.parquet")
        crm.write_table(self.top(LISTED), f"{folder}/top_customers.csv")

    def _banded(self) -> str:
        return _BANDED.format(n=int(self.n.sum()))

    def _in_units(self, table: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
        days = DAYS[self._unit]
        since = (end - pd.to_datetime(table["first"])).dt.days
        columns = {"frequency": table["x"], "t_x": table["aged"] / days, "T": since / days}
        return pd.DataFrame(columns)

    def _table(self, query: str) -> pd.DataFrame:
        return self._sql.execute(query).df()

    def _view(self, name: str, file: str, more: str = "") -> None:
        path = listed(self._folder / f"{file}.parquet")
        self._sql.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet({path}{more})"
        )

    def _copy(self, query: str, path: Path) -> None:
        self._sql.execute(f"COPY ({query}) TO {sql_text(path)} (FORMAT parquet)")
