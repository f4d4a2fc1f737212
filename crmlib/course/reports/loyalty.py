"""Who of a log's customers stays, cools down or is gone: shares that came back, tried on later days."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.reports.words import day, money, share

OFTEN = ([0, 1, 3, 7, np.inf], ["1", "2-3", "4-7", "8+"])  # purchase days
SILENT = [1, 2, 4, 8]  # borders of silence, in usual gaps
STAGES = {
    "staying": 0.5,
    "cooling": 0.2,
    "nearly gone": 0.05,
    "as good as gone": 0.0,
}  # chance to come back, from
FEW = 20  # customers in a cell, below which its share says nothing


def usual_gap(log: pd.DataFrame) -> float:
    """Give the median time between two purchases, in days: a ruler for silence."""
    return max(1.0, float(crm.gaps(log)["gap"].median()))


def per_order(log: pd.DataFrame) -> float:
    """Give the mean amount of an order: of all that a customer bought on one day."""
    return float(log["amount"].sum() / len(log.drop_duplicates(["customer_id", "date"])))


def look(log: pd.DataFrame, when: pd.Timestamp, ahead: int, gap: float) -> pd.DataFrame:
    """Describe the customers as known on a day: how often, how long silent, and who came back."""
    known = log[log["date"] <= when]
    base = crm.rfm(known, end=when, unit="day")
    later = log[(log["date"] > when) & (log["date"] <= when + pd.Timedelta(ahead, "D"))]
    ends = [int(border * gap) for border in SILENT]
    names = [f"up to {ends[0]}"]
    names += [f"{a + 1}-{b}" if b > a + 1 else f"{b}" for a, b in pairwise(ends)]
    return pd.DataFrame(
        {
            "purchase days": pd.cut(base["frequency"] + 1, *_labelled(OFTEN)),
            "days silent": pd.cut(
                base["recency"], [-1, *ends, np.inf], labels=[*names, f"over {ends[-1]}"]
            ),
            "silent": base["recency"],
            "often": base["frequency"] + 1,
            "back": base.index.isin(later["customer_id"].unique()),
        },
        index=base.index,
    )


def _labelled(cut: tuple[list, list]) -> tuple[list, bool, list]:
    return cut[0], True, cut[1]


def cells(seen: pd.DataFrame) -> pd.DataFrame:
    """Give for each cell of the grid how many customers it holds, and the share that came back."""
    grid = seen.groupby(["purchase days", "days silent"], observed=False)["back"]
    table = grid.agg(["size", "sum"]).rename(columns={"sum": "came"})
    return table.assign(mean=_shares(table))


def by_silence(table: pd.DataFrame) -> pd.Series:
    """Give the share that came back by silence alone, of all its cells."""
    return _shares(table.groupby("days silent", observed=False)[["size", "came"]].sum())


def _shares(table: pd.DataFrame) -> pd.Series:
    return (table["came"] / table["size"]).where(table["size"] >= FEW)


def chances(seen: pd.DataFrame, learned: pd.DataFrame) -> pd.Series:
    """Give each customer the share of the cell; of small cells, that of all as long silent."""
    of_cell = learned["mean"].reindex(
        pd.MultiIndex.from_frame(seen[["purchase days", "days silent"]])
    )
    filled = by_silence(learned).reindex(seen["days silent"]).to_numpy()
    return pd.Series(np.where(of_cell.notna(), of_cell, filled), seen.index, name="chance")


def stage(chance: pd.Series) -> pd.Series:
    """Name the stage by the chance to come back."""
    borders = [-1, *sorted(STAGES.values())[1:], 1.01]
    names = list(STAGES)[::-1]
    return pd.cut(chance, borders, right=False, labels=names).rename("stage")


@dataclass
class Grid:
    """A grid learned on one day, tried on a later one, and used on the last."""

    ahead: int
    gap: float
    learned_on: pd.Timestamp
    tried_on: pd.Timestamp
    learned: pd.DataFrame = field(repr=False)
    tried: pd.DataFrame = field(repr=False)
    off: float  # mean distance of the shares, weighted by customers
    alone: float  # the same with one share for everybody
    luck: float  # how far shares that do not change come apart, by chance, in cells so small
    before: pd.Series = field(repr=False)  # chances on the day of the trial
    now: pd.DataFrame = field(repr=False)  # the customers today, with their chance

    @property
    def holds(self) -> bool:
        """Tell whether the shares learned were near those that came: twice as near as one for all."""
        return bool(self.off < 0.5 * self.alone)


def grid(log: pd.DataFrame, ahead: int) -> Grid | None:
    """Learn, try and use the grid; None where the log is too short for three spans of time."""
    first, last = log["date"].min(), log["date"].max()
    if (last - first).days < 3 * ahead or log["customer_id"].nunique() < 5 * FEW:
        return None
    gap = usual_gap(log)
    days = [last - pd.Timedelta(k * ahead, "D") for k in (2, 1, 0)]
    then, later, now = (look(log, when, ahead, gap) for when in days)
    learned, tried = cells(then), cells(later)
    both = learned["mean"].notna() & tried["mean"].notna()
    if not both.any():
        return None
    weight = tried["size"][both]
    off = np.average((tried["mean"] - learned["mean"])[both].abs(), weights=weight)
    alone = np.average((tried["mean"][both] - then["back"].mean()).abs(), weights=weight)
    luck = np.average(_by_chance(learned[both], tried[both]), weights=weight)
    newest = cells(later)  # the shares of the last span serve for the next
    now["chance"] = chances(now, newest)
    before = chances(later, learned)
    return Grid(ahead, gap, days[0], days[1], learned, tried, off, alone, luck, before, now)


def _by_chance(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Give the mean distance of two shares of each cell, if its customers come back alike."""
    p = (one["came"] + other["came"]) / (one["size"] + other["size"])
    return np.sqrt(2 / np.pi * p * (1 - p) * (1 / one["size"] + 1 / other["size"]))


# sentences


def said_grid(found: Grid | None, ahead: int) -> str:
    """Say whether the grid's shares held on later days."""
    if found is None:
        return (
            f"**Cannot be known.** To learn who comes back within {ahead} days and to try it, the log "
            f"must go over {3 * ahead} days and hold {5 * FEW} customers. Take a shorter --horizon, or "
            "wait."
        )
    text = (
        f"Shares that came back within {ahead} days, learned on {day(found.learned_on)}, changed by "
        f"{100 * found.off:.0f} points until {day(found.tried_on)} (customers weighted); one share for "
        f"everybody would have been off by {100 * found.alone:.0f}."
    )
    if found.holds:
        return f"{text} The grid tells customers apart, and may be used for the next {ahead} days."
    return (
        f"{text} **The grid tells little**, for its shares are not twice as near. Either the "
        "customers are too few for its cells (by luck alone shares change by "
        f"{100 * found.luck:.0f} points here), or people come back by something else, such as a "
        "season. No stages and no list are drawn from it."
    )


def said_stages(now: pd.DataFrame, ahead: int) -> str:
    """Say how many are at each stage, and how many are to be expected back."""
    known = now["chance"].notna()
    count = stage(now["chance"][known]).value_counts()
    text = ", ".join(f"{count.get(name, 0):,} {name}" for name in STAGES)
    said = (
        f"Of {len(now):,} customers: {text}. Within {ahead} days about "
        f"**{now['chance'].sum():,.0f}** are to be expected back."
    )
    if (~known).any():
        said += f" Of {(~known).sum():,} nothing can be said: too few were like them."
    return said


def said_silence(now: pd.DataFrame, tried: pd.DataFrame, ahead: int) -> str:
    """Say from which silence on few come back."""
    by = by_silence(tried).dropna()
    gone = by[(by < STAGES["nearly gone"])[::-1].cummin()[::-1]]  # and from there on
    if len(gone) == 0:
        return (
            f"Even of those silent longest ({by.index[-1]} days) {share(by.iloc[-1])} came back within "
            f"{ahead} days: silence alone makes nobody as good as gone here."
        )
    longer = (now["days silent"].isin(gone.index)).mean()
    return (
        f"Of those silent for {gone.index[0]} days {share(gone.iloc[0])} came back within {ahead} days. "
        f"{share(longer)} of all customers are silent for so long."
    )


def said_call(cost: float, profit: float) -> str:
    """Say how many of a hundred calls must bring an order that would not have come."""
    if not cost:
        return (
            "What a call or letter costs was not said (--cost), so nothing is said of its return."
        )
    if profit <= 0:
        return "A purchase earns nothing, so no call pays."
    need = 100 * cost / profit
    text = (
        f"A call at {money(cost)} pays if it brings {need:.1f} orders in a hundred calls that would not "
        f"have come otherwise (an order earns {money(profit)})."
    )
    if need > 100:
        return f"{text} No call can do that."
    return (
        f"{text} Whether it does, this log cannot tell: leave one in ten of the list out, drawn by lot, "
        "and compare."
    )


# tables


COLUMNS = {
    "customer_id": "your id of the customer",
    "stage": "by the chance to come back: staying from 0.5, cooling 0.2, nearly gone 0.05; empty "
    "where the grid tells little",
    "chance_back": "share of customers like this one who came back within the horizon",
    "stage_before": "the stage one horizon earlier; empty for customers who are new since",
    "purchase_days": "days with a purchase",
    "days_silent": "days since the last purchase",
    "spent": "sum of all amounts",
    "call": "yes for the first on the list: were staying, are cooling now, spent most",
}


def customers(log: pd.DataFrame, found: Grid, calls: int) -> pd.DataFrame:
    """Make the table for a CRM: a row for each customer, those to be called first."""
    now = found.now
    table = pd.DataFrame(
        {
            "stage": stage(now["chance"]),
            "chance_back": now["chance"].round(4),
            "stage_before": stage(found.before).reindex(now.index),
            "purchase_days": now["often"],
            "days_silent": now["silent"].astype(int),
            "spent": log.groupby("customer_id", observed=True)["amount"].sum().round(2),
        }
    )
    if not found.holds:  # then the report says that none are drawn
        table = table.assign(stage=None, chance_back=np.nan, stage_before=None)
    slipping = (table["stage_before"] == "staying") & (table["stage"] == "cooling")
    first = table[slipping].sort_values("spent", ascending=False, kind="stable").index[:calls]
    table["call"] = np.where(table.index.isin(first), "yes", "no")
    order = ["call", "spent"]
    return table.sort_values(order, ascending=False, kind="stable").rename_axis("customer_id")
