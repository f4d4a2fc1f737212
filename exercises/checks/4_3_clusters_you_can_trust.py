"""Feedback for exercises 4.3, clusters you can trust."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

# Warm-up: one step of k-means

CENTRES = np.array([[90, 105], [20, 145], [65, 130], [20, 120]], float)


@recipe(
    Number(digits=4),
    means=lambda x: (
        f"The centre moves from 65 to {x:.2f}. A few more steps, and no point changes its group "
        f"any more."
    ),
    hints=(
        "Which points are nearer to the third centre than to the three others?",
        "The section of the example on k-means does this step in its loop.",
        "Distances of all points to the four centres, the place of the smallest for each point, "
        "then the mean x of those whose place is that of the third.",
    ),
)
def moved_x(
    *,
    centre=choose(
        "third",
        {
            "second": "You took the second centre, at (20, 145): Python counts from 0.",
            "fourth": "You took the fourth centre, at (20, 120); the third stands at (65, 130).",
            "first": "You took the first centre, at (90, 105); the third stands at (65, 130).",
        },
    ),
    column=choose("x", {"coordinate y": "You took the coordinate y; asked is the new x."}),
    measure=choose(
        "mean",
        {
            "median": "You took the median; k-means moves a centre to the mean.",
            "sum": "You took the sum; divide by the number of points.",
            "shift": "You gave the shift, new less old; asked is the new place.",
            "half-way": "You went half-way from the old centre to the mean; move all the way.",
            "with the old": "You counted the old centre with the points; it is no point.",
            "largest": "You took the largest value; take the mean.",
            "number": "You gave the number of points in the group; asked is their mean x.",
            "middle of the range": "You took the middle of the range; take the mean.",
        },
    ),
    distance=choose(
        "straight",
        {
            "horizontal": "You measured the horizontal distance alone, by x; both coordinates count.",
            "city-block": "You took the city-block distance; the straight-line one is asked.",
            "everybody": "You took the mean of everybody; only the points nearest to the centre count.",
            "vertical": "You measured the vertical distance alone, by y; both coordinates count.",
        },
    ),
    steps=choose(
        "one",
        {
            "two": "You did two steps; one is asked.",
            "to the end": "You went on to the end, until nothing moves; one step is asked.",
        },
    ),
):
    """New x of the third centre after one step."""
    now = CENTRES
    for _ in range({"one": 1, "two": 2, "to the end": 20}[steps]):
        old, (now, label) = now, _step(now, distance)
    j = ["first", "second", "third", "fourth"].index(centre)
    c = ["x", "coordinate y"].index(column)
    mine = crm.load("ruspini").to_numpy(float)[(label == j) | (distance == "everybody"), c]
    if not len(mine):
        return np.nan
    return {
        "mean": mine.mean(),
        "median": np.median(mine),
        "sum": mine.sum(),
        "shift": mine.mean() - old[j, c],
        "half-way": (mine.mean() + old[j, c]) / 2,
        "with the old": (mine.sum() + old[j, c]) / (len(mine) + 1),
        "largest": mine.max(),
        "number": float(len(mine)),
        "middle of the range": (mine.min() + mine.max()) / 2,
    }[measure]


def _step(centres, distance):
    """Move the centres once; the labels by which they moved."""
    points = crm.load("ruspini").to_numpy(float)
    apart = (points[:, None] - centres) ** 2
    apart = {
        "horizontal": apart[:, :, 0],
        "vertical": apart[:, :, 1],
        "city-block": abs(points[:, None] - centres).sum(axis=2),
    }.get(distance, apart.sum(axis=2))
    label = apart.argmin(axis=1)
    moved = centres.copy()
    for j in np.unique(label):
        moved[j] = points[label == j].mean(axis=0)
    return moved, label


# Standard: does a group come back?


@cache
def years(measure="amount", keep="both years"):
    """The line of goods on which each customer spent most, in 2024 and in 2025."""
    orders, lines = crm.load("shihu/orders"), crm.load("shihu/order_lines")
    lines["goods"] = lines["product_id"].map(
        crm.load("shihu/products").set_index("product_id")["line"]
    )
    lines = lines.merge(orders[["order_id", "customer_id", "date"]], on="order_id")
    lines["year"] = lines["date"].dt.year
    spent = lines.groupby(["year", "customer_id", "goods"])[measure].sum().unstack(fill_value=0)
    most = {y: spent.loc[y].idxmax(axis=1) for y in (2024, 2025)}
    table = pd.DataFrame({"first": most[2024], "later": most[2025]})
    return table.dropna() if keep == "both years" else table


def _sizes(group, rows="both years"):
    """Customers in both groups, in the first, in the later, and all."""
    table = years(keep=rows)
    first, later = table["first"] == group, table["later"] == group
    return (first & later).sum(), first.sum(), later.sum(), len(table)


GROUPS = {
    "tea": "You took the group tea; asked is gift.",
    "potted": "You took the group potted; asked is gift.",
    "fresh": "You took the group fresh; asked is gift.",
    "care": "You took the group care; asked is gift.",
    "seedlings": "You took the group seedlings; asked is gift.",
}
ROWS = {
    "any year": "You kept customers of any year; take the table, which holds both years only.",
}


@recipe(
    Number(share=True, digits=4),
    means=lambda j: (
        f"{j:.2f}: far from 1, although these are the same people only a year later. A basket of "
        f"a few orders is a rough witness."
    ),
    hints=(
        "How many are in both groups, and how many in at least one?",
        "The section of the example on groups that come back divides both by either.",
        "Two columns of yes and no; count the rows with two yes, and those with a yes at all.",
    ),
)
def jaccard(
    *,
    group=choose("gift", GROUPS),
    below=choose(
        "either",
        {
            "of 2024": "You divided by the group of 2024: that is the share of it that stayed.",
            "of 2025": "You divided by the group of 2025: that is the share of it that came from it.",
            "everyone": "You divided by everyone; only those in at least one group count.",
            "sum of sizes": "You divided by the sum of sizes: those in both are counted twice there.",
            "Dice": "You computed Dice, twice those in both over the sum of the sizes.",
            "exactly one": "You divided by those in exactly one; those in both belong below, too.",
            "agree": "You counted all who agree in yes or no; only members count in Jaccard's.",
            "first size": "You gave the first size, as a share of all; compare both years.",
            "last size": "You gave the last size, as a share of all; compare both years.",
            "nobody": "You compared those outside, nobody with gifts; asked is the group itself.",
            "any line": "You counted customers with one line in both years, any line; asked is gift.",
            "count": "You gave the count of those in both; divide by those in at least one.",
        },
    ),
    rows=choose("both years", ROWS),
):
    """Jaccard's coefficient of the gift groups of two years."""
    both, first, later, n = _sizes(group, rows)
    table = years(keep=rows)
    either = first + later - both
    return {
        "either": both / either,
        "of 2024": both / first,
        "of 2025": both / later,
        "everyone": both / n,
        "sum of sizes": both / (first + later),
        "Dice": 2 * both / (first + later),
        "exactly one": both / (either - both),
        "agree": 1 - (either - both) / n,
        "first size": first / n,
        "last size": later / n,
        "nobody": (n - either) / (n - both),
        "any line": (table["first"] == table["later"]).mean(),
        "count": float(both),
    }[below]


@recipe(
    Number(share=True, digits=4),
    means=lambda j: (
        f"{j:.2f} by chance, {jaccard.right:.2f} in fact: the group does come back, by far more "
        f"than two groups of these sizes would by luck."
    ),
    hints=(
        "If the labels of 2025 fell at random, how many of the group of 2024 would get gift again?",
        "The null test of the example deals something out at random, too.",
        "Multiply the sizes and divide by the number of customers: so many are in both. Then "
        "Jaccard's coefficient with this number, above and below.",
    ),
)
def by_chance(
    *,
    group=choose("gift", GROUPS),
    both=choose(
        "expected",
        {
            "observed": "You took the observed number in both; asked is the expected one.",
            "half": "You expected half of the smaller group in both.",
            "square of the first": "You squared the first size; multiply the sizes of both years.",
            "square of the later": "You squared the later size; multiply the sizes of both years.",
            "same size": "You gave both years the same size, that of 2024; each has its own.",
            "even shares": "You gave each of the six lines even shares, a sixth of the first group.",
        },
    ),
    below=choose(
        "sizes less both",
        {
            "sum": "You divided by the sum of the sizes; take away those in both.",
            "observed either": "You kept the observed number in either; it changes with those in both.",
            "everyone": "You divided by everyone; only those in at least one group count.",
            "of 2024": "You divided by the group of 2024 alone.",
            "of 2025": "You divided by the group of 2025 alone.",
            "one": "You gave the number expected in both; divide by that in at least one.",
            "plus both": "You put the sizes plus both below; take those in both away.",
            "excess": "You gave the excess of the observed coefficient; asked is the one by chance.",
        },
    ),
    rows=choose("both years", ROWS),
):
    """Jaccard's coefficient expected of labels dealt out at random."""
    seen, first, later, n = _sizes(group, rows)
    shared = {
        "expected": first * later / n,
        "observed": seen,
        "half": min(first, later) / 2,
        "square of the first": first**2 / n,
        "square of the later": later**2 / n,
        "even shares": first / 6,
        "same size": first**2 / n,
    }[both]
    if both == "same size":
        later = first
    if below == "excess":
        return seen / (first + later - seen) - shared / (first + later - shared)
    return (
        shared
        / {
            "sizes less both": first + later - shared,
            "sum": first + later,
            "observed either": first + later - seen,
            "everyone": n,
            "of 2024": first,
            "of 2025": later,
            "one": 1.0,
            "plus both": first + later + shared,
        }[below]
    )


# Transfer: which split says more, on another shop


@cache
def shop():
    """Customers of the music shop: orders and dollars of 1997, dollars of 1998."""
    log = crm.load("cdnow_sample")
    early, late = log[log["date"] < "1998-01-01"], log[log["date"] >= "1998-01-01"]
    table = early.groupby("customer_id").agg(orders=("date", "size"), paid=("amount", "sum"))
    table["spent"] = late.groupby("customer_id")["amount"].sum().reindex(table.index, fill_value=0)
    return table


@recipe(
    Number(share=True, digits=4),
    means=lambda r: (
        f"{r:.1%} of the differences lie between the groups; the rest is among customers of one "
        f"group. For a split into two that is much, for a forecast of one customer it is little."
    ),
    hints=(
        "How much would remain if everyone spent their group's mean?",
        "The function `explained` of the example does this for any groups.",
        "Put each customer's group mean in place of the dollars; the variance of these, over that "
        "of the dollars.",
    ),
)
def r_squared(
    *,
    split=choose(
        "orders",
        {
            "money": "You split at the median of money paid; the groups are made of orders.",
            "mean": "You split at the mean of orders; the table splits at the median.",
        },
    ),
    outcome=choose(
        "spent",
        {
            "paid in 1997": "You took what was paid in 1997; asked are the dollars of 1998.",
            "orders of 1997": "You took the orders of 1997, by which the groups were made.",
            "whether": "You took whether they spent anything; asked are dollars.",
            "logarithm": "You took the logarithm of dollars; asked are dollars.",
        },
    ),
    rows=choose(
        "all",
        {
            "buyers": "You kept only the buyers of 1998; who spent nothing counts as 0.",
        },
    ),
    measure=choose(
        "between",
        {
            "within": "You gave the part within the groups, the rest.",
            "inside the upper": "You gave the variance inside the upper group over that of all.",
            "average inside": "You averaged the variances inside the two groups, over that of all.",
            "two spreads": "You divided two spreads, that of the two means and that of all; take "
            "variances, each "
            "customer once.",
            "root": "You gave the root, a correlation; asked is the share of the variance.",
            "group means once": "You took the variance of the two group means, each once; each "
            "customer counts once.",
            "standard deviation": "You divided by the standard deviation; divide by the variance.",
            "plain variance": "You took the plain variance of the two means, of a population of two; "
            "each customer counts once.",
            "correlation with the number": "You squared the correlation with the number of orders; "
            "asked is the split into two groups.",
            "undivided": "You gave the variance between groups undivided; divide by that of all.",
            "ratio": "You gave the ratio of between to within; divide by the variance of all.",
            "difference": "You gave the difference of the group means, in dollars.",
            "share of money": "You gave the share of the money spent by the upper group.",
            "ratio of means": "You gave the ratio of the two means.",
        },
    ),
):
    """Share of the variance of the dollars of 1998 between the groups."""
    table = shop()
    upper = {
        "orders": table["orders"] > table["orders"].median(),
        "money": table["paid"] > table["paid"].median(),
        "mean": table["orders"] > table["orders"].mean(),
    }[split]
    y = {
        "spent": table["spent"],
        "paid in 1997": table["paid"],
        "orders of 1997": table["orders"].astype(float),
        "whether": (table["spent"] > 0).astype(float),
        "logarithm": np.log1p(table["spent"]),
    }[outcome]
    keep = table["spent"] > 0 if rows == "buyers" else table["spent"] >= 0
    y, upper = y[keep], upper[keep]
    means = y.groupby(upper).mean()
    between, total = upper.map(means).astype(float).var(), y.var()
    part = between / total if total else np.nan
    return {
        "between": part,
        "within": 1 - part,
        "inside the upper": y[upper].var() / total,
        "average inside": y.groupby(upper).var().mean() / total,
        "two spreads": means.std() / y.std(),
        "root": np.sqrt(part),
        "group means once": means.var() / total,
        "plain variance": means.var(ddof=0) / total,
        "correlation with the number": np.corrcoef(table["orders"][keep], y)[0, 1] ** 2,
        "standard deviation": between / np.sqrt(total),
        "undivided": between,
        "ratio": between / (total - between),
        "difference": means[True] - means[False],
        "share of money": y[upper].sum() / y.sum(),
        "ratio of means": means[True] / means[False],
    }[measure]
