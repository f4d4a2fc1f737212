"""What the customers of a log are worth, and how far that can be trusted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.reports.words import day, money, share, span, times
from crmlib.errors import DataError
from crmlib.units import DAYS, per_year

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


@dataclass
class Worth:
    """What the customers are worth together, and how that is spread."""

    n: int
    total: float
    best: float  # what the most valuable tenth is worth
    tenths: np.ndarray  # sums, the most valuable tenth first

    @property
    def tenth(self) -> int:
        """Count the customers in the most valuable tenth."""
        return max(1, round(self.n / 10))

    @classmethod
    def of(cls, values) -> Worth:
        """Add up the values of single customers."""
        order = np.sort(np.asarray(values, dtype=float))[::-1]
        tenths = [part.sum() for part in np.array_split(order, min(10, len(order)))]
        worth = cls(len(order), order.sum(), 0.0, np.array(tenths))
        worth.best = order[: worth.tenth].sum()
        return worth


def fitted(name: str, base: pd.DataFrame, weights=None):
    """Fit a model of purchases; None where this log cannot tell its parameters."""
    try:
        with warnings.catch_warnings(action="ignore"):  # what it cannot tell, its test will show
            return MODELS[name]().fit(base, weights)
    except DataError:
        return None


def split_of(first: pd.Timestamp, last: pd.Timestamp) -> pd.Timestamp:
    """Give the day after which the log is hidden from the models."""
    return (last - (last - first) * TESTED).normalize()


def trial(log: pd.DataFrame, unit: str) -> Trial | None:
    """Hide the last third of the log, and let each model expect it; None if it is too poor to tell."""
    first, last = log["date"].min(), log["date"].max()
    split = split_of(first, last)
    if (log["date"] <= split).sum() == 0 or split == last:
        return None
    base = crm.holdout(log, split=split, end=last, unit=unit)
    visits = log.drop_duplicates(["customer_id", "date"])
    known = (visits["date"] <= split) | visits["customer_id"].isin(base.index)
    return tested(split, last, base, None, visits.loc[known, "date"].value_counts(), unit)


def tested(split, last, base, n, visits: pd.Series, unit: str) -> Trial | None:
    """Compare what the models expect with what came.

    Parameters
    ----------
    split, last : Timestamp
        The last day they see, and the last of the log.
    base : DataFrame
        Customers as of `split`, or their distinct histories;
    n : array-like or None
        how many share each.
    visits : Series
        By day, the purchases (one a day) of customers known at `split`.
    unit : str
        Of time.
    """
    hidden = (last - split).days
    came = int(visits[visits.index > split].sum())
    if hidden < 14 or came < ENOUGH:
        return None
    models = {name: fitted(name, base, n) for name in MODELS}
    models = {name: model for name, model in models.items() if model is not None}
    if not models:
        return None
    steps = np.linspace(0, hidden, min(hidden, 30) + 1)[1:]
    since, each = (visits.index - split).days.to_numpy(), visits.to_numpy()
    people = np.ones(len(base)) if n is None else np.asarray(n, dtype=float)
    weeks = {"came": [each[(since > 0) & (since <= d)].sum() for d in steps]}
    for name, model in models.items():
        weeks[name] = [model.predict(base, d / DAYS[unit])["purchases"] @ people for d in steps]
    return Trial(
        split,
        {name: weeks[name][-1] for name in models},
        came,
        int(each[(since <= 0) & (since > -hidden)].sum()),
        pd.DataFrame(weeks, index=pd.Index(steps, name="days")),
    )


def spending(base: pd.DataFrame, n=None):
    """Fit the model of spend to those who came back; return it, and why there is none otherwise."""
    n = pd.Series(1.0, base.index) if n is None else n
    pays = (base["frequency"] > 0) & (base["monetary"] > 0)
    paying, n = base[pays], n[pays]
    if n.sum() < 30:
        return None, f"only {times(int(n.sum()), 'customer', 'customers')} came back and paid"
    if paying["monetary"].nunique() == 1:
        return None, "all customers spend the same"
    try:
        with warnings.catch_warnings(action="ignore"):  # its one warning is the reason given below
            model = crm.GammaGamma().fit(paying, n)
    except DataError as error:
        return None, error.problems["problem"].iloc[0]
    if model.params_["q"] <= 1:
        return None, "a few enormous purchases rule the mean; look at the largest first"
    return model, ""


def valued(base, purchases, spend, *, horizon, rate, margin, unit) -> pd.Series:
    """Value each customer."""
    return (each(base, spend) * margin * discounted(purchases, base, horizon, rate, unit)).rename(
        "clv"
    )


def each(base: pd.DataFrame, spend) -> pd.Series:
    """Expect the amount of a purchase of each customer; who paid nothing yet is like the others."""
    known = base.assign(monetary=base["monetary"].where(base["monetary"] > 0, np.nan))
    known.loc[known["monetary"].isna(), "frequency"] = 0
    return spend.predict(known)


def discounted(purchases, base, horizon: float, rate: float, unit: str) -> pd.Series:
    """Expect the purchases within the horizon, each worth less the later it comes."""
    force = np.log1p(rate) / per_year(unit)
    return purchases.discounted_purchases(base, horizon, force)


def redrawn(base, name: str, seed: int = 0, **terms) -> np.ndarray | None:
    """Draw the customers again and again, fit both models to each draw, and sum the values."""
    if base is None or len(base) > TOO_MANY:
        return None
    rng, totals, margin = np.random.default_rng(seed), [], terms["margin"]
    for _ in range(DRAWS):
        rows = rng.integers(0, len(base), len(base))
        drawn = base.iloc[rows].reset_index(drop=True)
        model, (spend, _) = fitted(name, drawn), spending(drawn)
        if model is not None and spend is not None:
            mine = pd.Series(margin.to_numpy()[rows]) if isinstance(margin, pd.Series) else margin
            with warnings.catch_warnings(action="ignore"):  # said once, of the log itself
                worth = valued(drawn, model, spend, **(terms | {"margin": mine}))
            totals.append(worth.sum())
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


def said_alive(alive: pd.Series, once: pd.Series, model: str, n=1) -> str:
    """Say how many are still customers; not of one-time buyers where the model cannot know.

    `alive` and `once` by customer, or by history with `n` who share each.
    """
    n = pd.Series(n, alive.index)
    count = int(n.sum())
    there = f"**{alive @ n:,.0f}** ({share(alive @ n / count)})"
    text = f"Of {count:,} customers about {there} are still there."
    if model == "BG/NBD" and once.any():
        back = n[~once]
        rest = share(alive[~once] @ back / back.sum()) if len(back) else "none"
        text += (
            f" That counts all {int(n[once].sum()):,} who bought once as there: this model lets nobody "
            f"leave before a second purchase. Of the others, {rest} are."
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
    if half >= total:
        return (
            f"{text} There is no interval: when customers are drawn again, the sum changes by more than "
            "itself. A few customers make it; look at those first."
        )
    low, high = total - half, total + half
    return (
        f"{text} Had other customers of the same kind come, it would be about {span(low, high)} "
        "(95 %). That holds the luck of who came; not a model that is wrong, and no change in your "
        "market."
    )


def said_spread(worth: Worth) -> str:
    """Say how unequal the values are."""
    if not worth.total > 0:
        return "Nobody is expected to bring anything."
    part = share(worth.best / worth.total)
    if worth.best / worth.tenth < 1.5 * worth.total / worth.n:
        return (
            f"The values are nearly equal: the most valuable tenth holds {part} of the sum. A ranking "
            "tells little here."
        )
    who = times(worth.tenth, "customer", "customers")
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
