"""The customers of a report on value: in memory, or on disk as an engine left them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.reports.kept import Kept
from crmlib.course.reports.value import Trial, Worth, each, spending, trial, valued

COLUMNS = {
    "customer_id": "your id of the customer",
    "first_purchase": "day of the first purchase",
    "last_purchase": "day of the last purchase",
    "purchase_days": "days with a purchase",
    "spent": "sum of all amounts",
    "p_alive": "chance that the customer is still there, 0 to 1",
    "expected_purchases": "purchases expected within the horizon",
    "expected_spend": "amount expected of each",
    "clv": "value of the expected purchases today: margin and interest counted",
    "band": "A: the most valuable fifth; B: the next three tenths; C: the others",
}


def customers(
    log: pd.DataFrame, base: pd.DataFrame, ahead: pd.DataFrame, spend, clv
) -> pd.DataFrame:
    """Make the table for a CRM: a row for each customer, the most valuable first."""
    days = log.groupby("customer_id", observed=True)["date"].agg(["min", "max"])
    table = pd.DataFrame(
        {
            "first_purchase": days["min"].dt.strftime("%Y-%m-%d"),
            "last_purchase": days["max"].dt.strftime("%Y-%m-%d"),
            "purchase_days": base["frequency"] + 1,
            "spent": log.groupby("customer_id", observed=True)["amount"].sum().round(2),
            "p_alive": ahead["p_alive"].round(4),
            "expected_purchases": ahead["purchases"].round(4),
        }
    ).reindex(base.index)
    order = ahead["purchases"]
    if clv is not None:
        table["expected_spend"] = spend.round(2)
        table["clv"] = clv.round(2)
        order = clv
    place = order.rank(ascending=False, method="first", pct=True)
    table["band"] = np.select([place <= 0.2, place <= 0.5], ["A", "B"], "C")
    return table.loc[order.sort_values(ascending=False, kind="stable").index].rename_axis(
        "customer_id"
    )


def bands(table: pd.DataFrame) -> pd.DataFrame:
    """Count and add up the customers of each band."""
    by = table.groupby("band")
    sums = by.size().to_frame("customers").assign(**{"still there": by["p_alive"].sum().round()})
    sums["expected purchases"] = by["expected_purchases"].sum().round()
    if "clv" in table:
        sums["value"] = by["clv"].sum().round()
    return sums


def opened(log, margin, unit: str):
    """Open what a run was given: a log, which memory holds, or the folder that an engine left."""
    if log is not None and Path(log).is_dir():
        return Kept(log, margin, unit)
    return InMemory(crm.load("cdnow_sample") if log is None else crm.read_log(log), margin, unit)


class InMemory:
    """The customers of a log that memory holds.

    Attributes
    ----------
    base : DataFrame
        A row for each customer, as :func:`crmlib.rfm` makes it.
    n : Series
        How many customers stand behind each row: one.
    everyone : DataFrame or None
        The customers to draw again.
    days : int
        That the log covers.
    """

    def __init__(self, log: pd.DataFrame, margin, unit: str):
        self._log, self._unit = log, unit
        self.base = self.everyone = crm.rfm(log, unit=unit)
        self.n = pd.Series(1.0, self.base.index)
        self.days = (log["date"].max() - log["date"].min()).days
        if isinstance(margin, str):
            shares = pd.read_csv(margin, encoding="utf-8-sig", dtype={"customer_id": str})
            margin = shares.set_index("customer_id")["margin"].reindex(self.base.index)
        self.margin = margin

    def trial(self) -> Trial | None:
        """Test the models on the hidden part."""
        return trial(self._log, self._unit)

    def spending(self):
        """Fit the model of spend; return it, and why there is none otherwise."""
        return spending(self.base)

    def value(self, purchases, spend, ahead: pd.DataFrame, horizon: float, rate: float) -> Worth:
        """Value every customer; the table of all is kept for :meth:`top` and :meth:`write`."""
        clv = None
        if spend is not None:
            terms = {"horizon": horizon, "rate": rate, "margin": self.margin, "unit": self._unit}
            clv = valued(self.base, purchases, spend, **terms)
        mean = None if spend is None else each(self.base, spend)
        self._table = customers(self._log, self.base, ahead, mean, clv)
        return Worth.of(ahead["purchases"] if clv is None else clv)

    def top(self, count: int = 10) -> pd.DataFrame:
        """Give the most valuable customers."""
        return self._table.head(count)

    def bands(self) -> pd.DataFrame:
        """Add up the bands."""
        return bands(self._table)

    def write(self, folder: str) -> None:
        """Write the table of all customers."""
        crm.write_table(self._table, f"{folder}/customers.csv")
