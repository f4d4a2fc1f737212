"""What the customers of a log are worth, and how far that can be trusted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.reports.words import day, money, share, span, times
from crmlib.errors import DataError
from crmlib.units import DAYS

MODELS = {"Pareto/NBD": crm.ParetoNBD, "BG/NBD": crm.BGNBD}
DRAWS = 25  # redraws of the customers: enough for a spread, not for the ends of an interval
TOO_MANY = 100_000  # customers; beyond, redrawing takes longer than it tells
TESTED = 1 / 3  # of the time, hidden from the models that it tests
SAME = 0.03  # errors of sums that are no further apart tell no model from another
ENOUGH = 100  # purchases in the hidden part that make a test


@dataclass
class Trial:
    """One model on the hidden part of the log."""

    split: pd.Timestamp
    expected: dict[str, float]  # purchases, by model
    came: int
    carried_on: float  # what the same customers bought in as long a time before, over again
    weeks: pd.DataFrame = field(repr=False)  # cumulated purchases: came, and by model

    @property
    def best(self) -> str:
        """Name the model whose sum came nearest; of two that are as near, the first in MODELS."""
        off = {name: abs(expected / self.came - 1) for name, expected in self.expected.items()}
        return next(name for name in off if off[name] <= min(off.values()) + SAME)

    @property
    def error(self) -> float:
        """Give the better model's error as a share of what came."""
        return self.expected[self.best] / self.came - 1


def fitted(name: str, base: pd.DataFrame, weights=None):
    """Fit a model of purchases; None where this log cannot tell its parameters."""
    try:
        with warnings.catch_warnings(action="ignore"):  # what it cannot tell, its test will show
            return MODELS[name]().fit(base, weights)
    except DataError:
        return None


def trial(log: pd.DataFrame, unit: str) -> Trial | None:
    """Hide the last third of the log, and let each model expect it; None if it is too poor to tell."""
    first, last = log["date"].min(), log["date"].max()
    split = (last - (last - first) * TESTED).normalize()
    hidden = (last - split).days
    if hidden < 14 or (log["date"] <= split).sum() == 0:
        return None
    base = crm.holdout(log, split=split, end=last, unit=unit)
    came = int(base["holdout_frequency"].sum())
    models = {name: fitted(name, base) for name in MODELS}
    models = {name: model for name, model in models.items() if model is not None}
    if came < ENOUGH or not models:
        return None
    steps = np.linspace(0, hidden, min(hidden, 30) + 1)[1:]
    later = log[(log["date"] > split) & log["customer_id"].isin(base.index)]
    later = later.drop_duplicates(["customer_id", "date"])
    since = (later["date"] - split).dt.days.to_numpy()
    weeks = {"came": [(since <= d).sum() for d in steps]}
    for name, model in models.items():
        weeks[name] = [model.predict(base, d / DAYS[unit])["purchases"].sum() for d in steps]
    before = log[(log["date"] <= split) & (log["date"] > split - pd.Timedelta(hidden, "D"))]
    return Trial(
        split,
        {name: weeks[name][-1] for name in models},
        came,
        len(before.drop_duplicates(["customer_id", "date"])),
        pd.DataFrame(weeks, index=pd.Index(steps, name="days")),
    )


def spending(base: pd.DataFrame):
    """Fit the model of spend to those who came back; return it, and why there is none otherwise."""
    paying = base[(base["frequency"] > 0) & (base["monetary"] > 0)]
    if len(paying) < 30:
        return None, f"only {times(len(paying), 'customer', 'customers')} came back and paid"
    if paying["monetary"].nunique() == 1:
        return None, "all customers spend the same"
    try:
        with warnings.catch_warnings(action="ignore"):  # its one warning is the reason given below
            model = crm.GammaGamma().fit(paying)
    except DataError as error:
        return None, error.problems["problem"].iloc[0]
    if model.params_["q"] <= 1:
        return None, "a few enormous purchases rule the mean; look at the largest first"
    return model, ""


def valued(base, purchases, spend, *, horizon, rate, margin, unit) -> pd.Series:
    """Value each customer; one who paid nothing yet is expected to spend like the others."""
    known = base.assign(monetary=base["monetary"].where(base["monetary"] > 0, np.nan))
    known.loc[known["monetary"].isna(), "frequency"] = 0
    worth = spend.predict(known)
    force = np.log1p(rate) / (365.25 / DAYS[unit])
    return (worth * margin * purchases.discounted_purchases(base, horizon, force)).rename("clv")


def redrawn(base, name: str, seed: int = 0, **terms) -> np.ndarray | None:
    """Draw the customers again and again, fit both models to each draw, and sum the values."""
    if len(base) > TOO_MANY:
        return None
    rng, totals, margin = np.random.default_rng(seed), [], terms["margin"]
    for _ in range(DRAWS):
        rows = rng.integers(0, len(base), len(base))
        drawn = base.iloc[rows].reset_index(drop=True)
        model, (spend, _) = fitted(name, drawn), spending(drawn)
        if model is not None and spend is not None:
            mine = pd.Series(margin.to_numpy()[rows]) if isinstance(margin, pd.Series) else margin
            totals.append(valued(drawn, model, spend, **(terms | {"margin": mine})).sum())
    return np.array(totals) if len(totals) >= 0.9 * DRAWS else None


# sentences


def said_test(test: Trial | None) -> str:
    """Say what the hidden part showed, and what the sums are good for."""
    if test is None:
        return (
            "**Not tested.** The log is too short, or too few customers came back in its last third, "
            "to hide a part and see whether the model expects it. Take the sums for orders of "
            "magnitude."
        )
    off = test.error
    found = (
        f"We hid what happened after {day(test.split)}. Of {test.came:,} purchases that then came from "
        f"customers known before, {test.best} expected {test.expected[test.best]:,.0f} "
        f"({_off(off)}); carrying the same span of time before on would have said "
        f"{test.carried_on:,.0f} "
        f"({_off(test.carried_on / test.came - 1)})."
    )
    if abs(off) <= 0.1:
        use = "Sums of many customers can be planned with."
    elif abs(off) <= 0.25:
        use = "Use the sums with a reserve of that size."
    else:
        use = "**Do not plan with the sums**: use the order of the customers only."
    if abs(test.carried_on / test.came - 1) < abs(off):
        use += " Carrying on was nearer here; the model's use is in telling customers apart."
    return f"{found} {use}"


def _off(error: float) -> str:
    """Say an error in words.

    >>> _off(0.123), _off(-0.04), _off(0.001)
    ('12% too many', '4% too few', 'right to one per cent')
    """
    if abs(error) < 0.005:
        return "right to one per cent"
    return f"{abs(error):.0%} too {'many' if error > 0 else 'few'}"


def said_alive(alive: pd.Series, once: pd.Series, model: str) -> str:
    """Say how many are still customers; not of one-time buyers where the model cannot know."""
    there = f"**{alive.sum():,.0f}** ({share(alive.mean())})"
    text = f"Of {len(alive):,} customers about {there} are still there."
    if model == "BG/NBD" and once.any():
        rest = share(alive[~once].mean()) if (~once).any() else "none"
        text += (
            f" That counts all {once.sum():,} who bought once as there: this model lets nobody leave "
            f"before a second purchase. Of the others, {rest} are."
        )
    return text


def said_horizon(horizon: float, unit: str, days: int) -> str:
    """Warn of a look ahead that is longer than the look back; say nothing otherwise.

    >>> said_horizon(52, "week", 400), said_horizon(52, "week", 180)[:44]
    ('', 'The log covers 180 days, the look ahead 364:')
    """
    ahead = horizon * DAYS[unit]
    if ahead <= days:
        return ""
    return (
        f"The log covers {days} days, the look ahead {ahead:.0f}: nobody was watched for so long, and "
        "**the sum is a guess**. Take a shorter --horizon."
    )


def said_value(total: float, draws: np.ndarray | None, horizon: float, unit: str, n: int) -> str:
    """Say what all are worth together, and what the interval holds."""
    ahead = f"{horizon:g} {unit}{'s' if horizon != 1 else ''}"
    text = (
        f"Over the next {ahead} these customers are worth **{money(total)}** today, "
        f"{money(total / n)} each."
    )
    if draws is None:
        why = "too many customers to draw again, or the model fits too few of the draws"
        return f"{text} There is no interval: {why}."
    half = 1.96 * draws.std(ddof=1)
    low, high = total - half, total + half
    return (
        f"{text} Had other customers of the same kind come, it would be about {span(low, high)} "
        "(95 %). That holds the luck of who came; not a model that is wrong, and no change in your "
        "market."
    )


def said_spread(clv: pd.Series) -> str:
    """Say how unequal the values are."""
    top = clv.sort_values(ascending=False)
    if not top.sum() > 0:
        return "Nobody is expected to bring anything."
    tenth = max(1, round(len(top) / 10))
    part = share(top.iloc[:tenth].sum() / top.sum())
    if top.iloc[:tenth].mean() < 1.5 * top.mean():
        return (
            f"The values are nearly equal: the most valuable tenth holds {part} of the sum. A ranking "
            "tells little here."
        )
    who = times(tenth, "customer", "customers")
    return f"The most valuable tenth, {who}, holds **{part}** of the sum."


def said_newcomer(value: float, cost: float) -> str:
    """Say what a new customer is worth, and whether winning one pays."""
    text = f"A new customer is expected to bring **{money(value)}** after the first purchase."
    if not cost:
        return f"{text} What winning one costs was not said (--cost)."
    if value >= cost:
        return f"{text} Winning one costs {money(cost)}: it pays, {money(value - cost)} is left."
    return (
        f"{text} Winning one costs {money(cost)}: later purchases do not bring that back, unless the "
        f"first one leaves {money(cost - value)}."
    )


def said_missing(why: str) -> str:
    """Say why there is no value in money."""
    return (
        f"**No value in money**: {why}. The table holds the purchases expected; multiply them by what "
        "you know of prices."
    )


# tables


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
