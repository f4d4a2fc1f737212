"""Feedback for exercises 3.1, are they loyal, or just here."""

import warnings
from functools import cache

import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

BOUGHT, OF_BRAND = 5, 3  # the household of task 2b: purchases of tuna, of them of the brand
MEASURES = ["penetration", "frequency", "share", "scr", "sole"]


@cache
def table(name):
    return crm.load(name)


@cache
def tuna():
    """Measures of the panel, and the model fitted to it."""
    with warnings.catch_warnings(action="ignore"):  # everybody in the panel bought: no K
        model = crm.Dirichlet().fit(table("tuna"), buyer="household", brand="brand")
    return crm.brand_metrics(table("tuna"), buyer="household", brand="brand"), model


# Warm-up: share of category requirements


def own_share(brand):
    """Each buyer's part of all tuna that was the brand."""
    bought = table("tuna").groupby(["household", "brand"]).size().unstack(fill_value=0)
    return (bought[brand] / bought.sum(axis=1))[bought[brand] > 0]


def bought_by_others(brand):
    """The brand's purchases over what its buyers bought of other brands."""
    scr = tuna()[0].scr[brand]
    return scr / (1 - scr)


@recipe(
    Number(share=True),
    means=lambda scr: (
        f"Of all the tuna that its buyers bought, {scr:.0%} was Chicken of the Sea in water. Most of "
        f"what its own buyers eat comes from elsewhere; of a brand of its size {tuna()[1].predict().scr['cosw']:.0%} is expected."
    ),
    hints=(
        "A share of whose tuna? Say in words who stands below the line.",
        "The first section of the example names the four measures of behaviour.",
        "Find the households that bought the brand at least once; keep all their purchases; give the "
        "part of these purchases that is the brand.",
    ),
)
def warm_up(
    *,
    brand=choose(
        "cosw",
        {
            "coso": "You took coso, Chicken of the Sea in oil; cosw is the one in water.",
            "skw": "You took skw, StarKist in water.",
        },
    ),
    measure=choose(
        "scr",
        {
            "share": "This is the market share: its part of everybody's tuna; keep its buyers only.",
            "penetration": "This is the penetration, the part of households that bought it at all.",
            "sole": "This is the part of its buyers who are sole buyers, with nothing else.",
            "mean of households": "You took the mean of the households' own shares, so that one who "
            "bought once counts like one who bought fifty times; sum the purchases.",
            "other brands": "You divided by their purchases of other brands; divide by all they bought.",
        },
    ),
):
    if measure == "mean of households":
        return own_share(brand).mean()
    if measure == "other brands":
        return bought_by_others(brand)
    return tuna()[0].loc[brand, measure]


# Standard: the norm, and one household


@recipe(
    Number(),
    means=lambda ratio: (
        f"StarKist in oil has {ratio:.2f} times the sole buyers that its size explains. Held against "
        "the norm, what looked like a weak brand beside the leader is a little stronger than its size."
    ),
    hints=(
        "Two shares are compared: one seen in the panel, one that the model gives.",
        "The second section of the example; the model's table has the same columns as the panel's.",
        "Take the column of sole buyers from both tables, the row of the brand, and divide what was "
        "observed by what is expected.",
    ),
)
def against_norm(
    *,
    brand=choose(
        "sko",
        {
            "skw": "You took skw, StarKist in water; asked is StarKist in oil, sko.",
            "coso": "You took coso, the other brand in oil.",
        },
    ),
    measure=choose(
        "sole",
        {
            "scr": "You compared the scr; asked are the sole buyers.",
            "frequency": "You compared the frequency; asked are the sole buyers.",
            "penetration": "You compared the penetration; asked are the sole buyers.",
        },
    ),
    compared=choose(
        "ratio",
        {
            "difference": "This is the difference; divide the one by the other.",
            "observed": "You gave the observed values alone; the norm goes below the line.",
            "expected": "You gave the expected values alone; they go below the line.",
            "leader": "You divided by the leader's value, skw; divide by the brand's own norm.",
        },
    ),
):
    metrics, model = tuna()
    observed, expected = metrics.loc[brand, measure], model.predict().loc[brand, measure]
    return {
        "ratio": observed / expected,
        "difference": observed - expected,
        "observed": observed,
        "expected": expected,
        "leader": observed / metrics.loc["skw", measure] if brand != "skw" else float("nan"),
    }[compared]


@recipe(
    Number(share=True),
    means=lambda chance: (
        f"{chance:.0%}: the {OF_BRAND} of {BOUGHT} are pulled towards the brand's share of the market, "
        "as far as the evidence is thin."
    ),
    hints=(
        "What the household did counts, and what is known of everybody.",
        "The end of the second section: the prediction for a household with x purchases of n.",
        "S times the brand's share, plus its purchases of the brand; over S plus all its purchases.",
    ),
)
def next_can(
    *,
    brand=choose("cosw", {"skw": "You took the share of skw; the household bought cosw."}),
    known=choose(
        "share",
        {
            "penetration": "You took the penetration; the model knows of a brand its share.",
            "scr": "You took the scr; the model knows of a brand its share of all purchases.",
            "fifth": "You took a fifth for each of the five brands; take the brand's share.",
        },
    ),
    S=choose(
        "panel",
        {
            "own": "You took the brand's own S; the model has one S, in params_.",
            "1.3": "You took the S of toothpaste, 1.3; take that of this panel.",
        },
    ),
    evidence=choose(
        "both",
        {
            "none": "You used none of the household's purchases: this is what everybody does.",
            "alone": "You used the household alone, 3 of 5; the rest of the panel says something too.",
            "below": "You forgot S below the line.",
            "above": "You forgot S times the share above the line.",
            "switched": "You switched the two: the purchases of other brands count for the brand.",
        },
    ),
):
    metrics, model = tuna()
    s = 0.2 if known == "fifth" else metrics.loc[brand, known]
    size = {"panel": model.params_["S"], "own": model.brand_S_[brand], "1.3": 1.3}[S]
    return {
        "both": (size * s + OF_BRAND) / (size + BOUGHT),
        "none": s,
        "alone": OF_BRAND / BOUGHT,
        "below": (size * s + OF_BRAND) / BOUGHT,
        "above": OF_BRAND / (size + BOUGHT),
        "switched": (size * s + BOUGHT - OF_BRAND) / (size + BOUGHT),
    }[evidence]


# Standard: the grid, a year earlier


@cache
def forms(wave):
    """First form of each person in a wave, with the wish to stay and the orders of each year."""
    form = table("shihu/survey").query("wave == @wave").drop_duplicates("customer_id")
    form = form.set_index("customer_id")
    wish = form[["loyalty_1", "loyalty_2", "loyalty_3"]].astype(float).mean(axis=1)
    orders = table("shihu/orders")
    years = orders.groupby(["customer_id", orders.date.dt.year]).size().unstack(fill_value=0)
    return years.reindex(form.index, fill_value=0).assign(
        wish=wish, recommend=form.recommend.astype(float)
    )


@recipe(
    Number(),
    means=lambda gap: (
        f"{100 * gap:.0f} points, in another wave, with another border, and judged by another year. Few "
        "people stand in each group: the interval reaches more than ten points to either side."
    ),
    hints=(
        "Four groups of people; only two of them are compared, and the year after is the judge.",
        "The grid of the fourth section, a year earlier.",
        "Count each person's orders of the wave's year and of the next; keep those with three or "
        "more; the share with any later order among the warm, less that among the cool.",
    ),
)
def gap_2023(
    *,
    wave=choose(
        2023, {2024: "You took the wave of 2024, as the example does; take the one before."}
    ),
    border=choose(
        3,
        {
            2: "You kept those with 2 orders too; often is three or more.",
            4: "You began at 4 orders; three are often, too.",
        },
    ),
    warm=choose(
        8,
        {
            "above": "You called warm only who is above 8; who has 8 is warm, too.",
            "median": "You cut at the median of the wish to stay, as the example does; cut at 8.",
            9: "You began at 9; begin at 8.",
            "recommend": "You went by the answer to recommend; asked are the three loyalty items.",
        },
    ),
    among=choose(
        "often",
        {
            "seldom": "These are those who seldom order; keep the frequent.",
            "everybody": "You compared everybody; keep the frequent only.",
        },
    ),
    later=choose(
        "next year",
        {
            "same year": "You looked at orders of the same year: everybody had some. Look at the next.",
            "two years": "You looked two years later; the next year is the judge.",
            "number": "This is the difference in the number of orders; give that of the shares.",
        },
    ),
    compared=choose(
        "gap",
        {
            "warm only": "This is the share of the warm only; there is a second group to take off.",
            "cool only": "This is the share of the cool only; it is to be taken off the other one.",
            "ratio": "You gave the ratio of the shares; give their difference.",
        },
    ),
):
    people = forms(wave)
    often = {"often": people[wave] >= border, "seldom": people[wave] < border}
    rows = often.get(among, people.wish.notna())
    is_warm = {
        8: people.wish >= 8,
        "above": people.wish > 8,
        "median": people.wish >= people.wish.median(),
        9: people.wish >= 9,
        "recommend": people.recommend >= 8,
    }[warm]
    ahead = {"same year": 0, "two years": 2}.get(later, 1)
    orders = people.get(wave + ahead, pd.Series(float("nan"), people.index))
    outcome = orders if later == "number" else orders > 0
    one, two = outcome[rows & is_warm].mean(), outcome[rows & ~is_warm].mean()
    return {"gap": one - two, "warm only": one, "cool only": two, "ratio": one / two}[compared]


# Transfer: product lines as brands


@cache
def bought(period):
    """One row for each order line: who bought, which product line, how many pieces."""
    lines = table("shihu/order_lines").merge(
        table("shihu/orders")[["order_id", "customer_id", "date"]], on="order_id"
    )
    lines = lines.merge(table("shihu/products")[["product_id", "line"]], on="product_id")
    lines = lines.rename(columns={"line_y": "product_line"})
    return lines if period == "all years" else lines[lines.date.dt.year == period]


@cache
def law(period, rows, population):
    """Measures and norm of the product lines."""
    lines = bought(period)
    if rows == "pieces":
        lines = lines.loc[lines.index.repeat(lines.quantity)]
    if rows == "orders":
        lines = lines.drop_duplicates(["order_id", "product_line"])
    people = {"all": len(table("shihu/customers")), "buyers": None}[population]
    how = {"buyer": "customer_id", "brand": "product_line", "population": people}
    with warnings.catch_warnings(action="ignore"):
        expected = crm.Dirichlet().fit(lines, **how).predict()
    return crm.brand_metrics(lines, **how), expected


@recipe(
    Values("product lines"),
    means=lambda excess: (
        f"{excess.idxmax()} is bought {excess.max():.2f} times as often as a line of its size, "
        f"{excess.idxmin()} {excess.min():.2f} times. Lines are not rivals like brands: some have "
        "buyers of their own, and then the law points at them."
    ),
    hints=(
        "Product lines take the place of brands; who takes the place of households?",
        "The second section: the panel's measures, and the model's norm for the same lines.",
        "Join the order lines of the year with their orders and products; measure and fit with all "
        "customers as the population; divide the observed frequencies by the expected ones.",
    ),
)
def excess(
    *,
    period=choose(
        2025, {"all years": "You took all years; keep 2025.", 2024: "You took 2024; keep 2025."}
    ),
    rows=choose(
        "order lines",
        {
            "pieces": "You counted pieces; one order line is one purchase, whatever its quantity.",
            "orders": "You counted a product line once for each of the orders; each order line counts.",
        },
    ),
    population=choose(
        "all",
        {
            "buyers": "Your model knows only those who are buyers in the year; give it the number of "
            "all customers as population."
        },
    ),
    measure=choose(
        "frequency",
        {
            "penetration": "You compared penetrations; asked is the frequency.",
            "scr": "You compared the scr; asked is the frequency.",
            "sole": "You compared the sole buyers; asked is the frequency.",
        },
    ),
    compared=choose(
        "ratio",
        {
            "difference": "This is the difference; divide the one by the other.",
            "observed": "You gave the observed values alone; the norm goes below the line.",
            "expected": "You gave the expected values alone; they go below the line.",
        },
    ),
):
    metrics, norm = law(period, rows, population)
    observed, expected = metrics[measure], norm[measure].reindex(metrics.index)
    return {
        "ratio": observed / expected,
        "difference": observed - expected,
        "observed": observed,
        "expected": expected,
    }[compared].rename(None)
