"""Feedback for exercises 3.1, are they loyal, or just here."""

import warnings
from functools import cache

import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

BOUGHT, OF_BRAND = 5, 3  # the household of task 2b: purchases of tuna, of them of the brand
MEASURES = ["penetration", "frequency", "share", "scr", "sole"]


table = cache(crm.load)


@cache
def tuna():
    """Measures of the panel, and the model fitted to it."""
    with warnings.catch_warnings(action="ignore"):  # everybody in the panel bought: no K
        model = crm.Dirichlet().fit(table("tuna"), buyer="household", brand="brand")
    return crm.brand_metrics(table("tuna"), buyer="household", brand="brand"), model


# Warm-up: share of category requirements


def requirements(brand, measure):
    """Ways to miss the share of category requirements that brand_metrics does not offer."""
    bought = table("tuna").groupby(["household", "brand"]).size().unstack(fill_value=0)
    bought = bought[bought[brand] > 0]
    own, total = bought[brand], bought.sum(axis=1)
    return {
        "mean of households": (own / total).mean(),
        "middle household": (own / total).median(),
        "other brands": own.sum() / (total - own).sum(),
        "number of brands": (1 / (bought > 0).sum(axis=1)).mean(),
        "brand choices": len(own) / (bought > 0).to_numpy().sum(),
        "two or more": own[total > 1].sum() / total[total > 1].sum(),
        "rival": own.sum() / (own + bought["skw"]).sum(),
        "repeat purchases": (own - 1).sum() / (total - 1).sum(),
        "first purchases": len(own) / total.sum(),
        "more than half": (own > total / 2).mean(),
        "loyal ones": own[total > own].sum() / total[total > own].sum(),
        "twice": own[own > 1].sum() / total[own > 1].sum(),
        "both in water": (own + bought["skw"]).sum() / total.sum()
        if brand != "skw"
        else float("nan"),
    }[measure]


@recipe(
    Number(share=True),
    means=lambda scr: (
        f"Of all the tuna that its buyers bought, {scr:.0%} was Chicken of the Sea in water. Most of "
        f"what its buyers eat is another; {tuna()[1].predict().scr['cosw']:.0%} is expected of "
        f"its size."
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
            "middle household": "You took the median: the middle household's share; sum the purchases.",
            "other brands": "You divided by their purchases of other brands; divide by all they "
            "bought.",
            "frequency": "This is the frequency, purchases per buyer; a share is asked.",
            "number of brands": "You counted the number of brands, each once; count purchases.",
            "brand choices": "You counted brand choices, one for each household and brand; count all.",
            "two or more": "You kept only buyers of two or more cans; one is enough.",
            "rival": "You counted only its big rival beside it, skw; count all other brands.",
            "repeat purchases": "You left out the first of each; not only repeat purchases count.",
            "first purchases": "You counted only first purchases, each buyer once; count all.",
            "more than half": "You counted households that gave it more than half; sum the purchases.",
            "loyal ones": "You left out the loyal ones, who bought nothing else; they belong to "
            "its buyers.",
            "twice": "You kept households that bought it twice or more often; once is enough.",
            "both in water": "You counted both in water, skw too; cosw alone is asked.",
        },
    ),
):
    if measure in MEASURES:
        return tuna()[0].loc[brand, measure]
    return requirements(brand, measure)


# Standard: the norm, and one household


def of_purchases(brand):
    """Part of the brand's purchases that its sole buyers make."""
    bought = table("tuna").groupby(["household", "brand"]).size().unstack(fill_value=0)
    own = bought[brand]
    return own[own == bought.sum(axis=1)].sum() / own.sum()


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
            "leader": "You divided by the observed value of the leader; use the brand's own norm.",
            "leader's size": "You took the norm of the leader's size; take the brand's own.",
            "scr below": "You took the expected scr below the line; take that of sole buyers.",
            "purchases": "You took the sole buyers' part of the brand's purchases; count buyers.",
            "all households": "You took the sole buyers as a share of all households; it is of "
            "the brand's buyers.",
            "both of all households": "You took both as shares of all households; take "
            "them of the brand's buyers.",
            "average norm": "You divided by the average norm of all brands; take that of this brand.",
            "others seen": "You divided by what the others seen in the panel have; take the "
            "model's norm.",
            "part of difference": "You gave the difference as a part of the norm; give the ratio.",
        },
    ),
):
    metrics, model = tuna()
    norm = model.predict()
    observed, expected = metrics.loc[brand, measure], norm.loc[brand, measure]
    of_all = metrics.penetration[brand]
    return {
        "ratio": observed / expected,
        "difference": observed - expected,
        "observed": observed,
        "expected": expected,
        "leader": observed / metrics.loc["skw", measure] if brand != "skw" else float("nan"),
        "leader's size": observed / norm.loc["skw", measure] if brand != "skw" else float("nan"),
        "scr below": observed / norm.loc[brand, "scr"],
        "purchases": of_purchases(brand) / expected,
        "all households": observed * of_all / expected,
        "both of all households": observed * of_all / (expected * norm.penetration[brand]),
        "average norm": observed / norm[measure].mean(),
        "others seen": observed / metrics[measure].drop(brand).mean(),
        "part of difference": observed / expected - 1,
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
            "only": "You have only S below the line; add the purchases.",
            "six": "You counted the next can as a sixth purchase; it is n is 5, not six.",
            "above": "You forgot S times the share above the line.",
            "switched": "You switched the two: the purchases of other brands count for the brand.",
            "without S": "You added the share without S; it is S times the share.",
            "middle": "You took the middle of the share and of 3 in 5; S says how much each weighs.",
            "eight": "You added 3 and 5 to eight purchases; the 3 are among the 5.",
            "five": "You counted all five for the brand; it was bought three times.",
            "one more": "You counted the next can as one more for the brand; it is not bought yet.",
            "share twice": "You put the share twice, S times the share below the line too; S "
            "alone goes there.",
            "untouched S": "You added S untouched above the line; it is S times the share.",
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
        "only": (size * s + OF_BRAND) / size,
        "six": (size * s + OF_BRAND) / (size + BOUGHT + 1),
        "above": OF_BRAND / (size + BOUGHT),
        "switched": (size * s + BOUGHT - OF_BRAND) / (size + BOUGHT),
        "without S": (s + OF_BRAND) / (size + BOUGHT),
        "middle": (s + OF_BRAND / BOUGHT) / 2,
        "eight": (size * s + OF_BRAND) / (size + BOUGHT + OF_BRAND),
        "five": (size * s + BOUGHT) / (size + BOUGHT),
        "one more": (size * s + OF_BRAND + 1) / (size + BOUGHT + 1),
        "share twice": (size * s + OF_BRAND) / (size * s + BOUGHT),
        "untouched S": (size + OF_BRAND) / (size + BOUGHT),
    }[evidence]


# Standard: the grid, a year earlier


@cache
def forms(wave):
    """First form of each person in a wave, with the wish to stay and the orders of each year."""
    form = table("shihu/survey").query("wave == @wave").drop_duplicates("customer_id")
    form = form.set_index("customer_id")
    items = form[["loyalty_1", "loyalty_2", "loyalty_3"]].astype(float)
    orders = table("shihu/orders")
    years = orders.groupby(["customer_id", orders.date.dt.year]).size().unstack(fill_value=0)
    return years.reindex(form.index, fill_value=0).assign(
        wish=items.mean(axis=1),
        first_item=items.loyalty_1,
        least=items.min(axis=1),
        recommend=form.recommend.astype(float),
    )


@recipe(
    Number(),
    means=lambda gap: (
        f"{100 * gap:.0f} points, in another wave, with another border, and judged by another "
        f"year. Few "
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
            "2023 and 2024": "You counted the orders of 2023 and 2024; count those of 2023.",
            "together": "You counted the orders of all years together; count those of 2023.",
        },
    ),
    warm=choose(
        8,
        {
            "above": "You called warm only who is above 8; who has 8 is warm, too.",
            "median": "You cut at the median of the wish to stay, as the example does; cut at 8.",
            9: "You began at 9; begin at 8.",
            "recommend": "You went by the answer to recommend; asked are the three loyalty items.",
            "first item": "You took the first item only; take the mean of all three.",
            "all items": "You asked for 8 in all items; their mean decides.",
        },
    ),
    among=choose(
        "often",
        {
            "seldom": "These are those who seldom order; keep the others.",
            "everybody": "You compared everybody; keep the frequent only.",
        },
    ),
    later=choose(
        "next year",
        {
            "same year": "You looked at orders of the same year: everybody had some. Look at the next.",
            "two years": "You looked two years later; the next year is the judge.",
            "number": "This is the difference in the number of orders; give that of the shares.",
            "often again": "You counted who ordered often again; one later order is enough.",
            "ever after": "You counted who ordered ever after; look at the next year only.",
        },
    ),
    compared=choose(
        "gap",
        {
            "warm only": "This is the share of the warm only; there is a second group to take off.",
            "cool only": "This is the share of the cool only; it is to be taken off the other one.",
            "ratio": "You gave the ratio of the shares; give their difference.",
            "within the warm": "You stayed within the warm, frequent against seldom; stay within "
            "the frequent.",
            "frequent": "You compared the frequent with the rest; the warm against the cool is asked.",
            "all people": "You divided by all people; divide by those of each group.",
            "whole wave": "You took off the whole wave's share; take off that of the cool.",
            "all frequent": "You took off all who are frequent; take off the cool.",
            "way round": "You turned it the other way round, the warm among those who ordered; "
            "asked are those who ordered among the warm.",
        },
    ),
):
    people = forms(wave)
    years = {"together": [2023, 2024, 2025], "2023 and 2024": [2023, 2024]}.get(border, [wave])
    count, border = people[years].sum(axis=1), border if isinstance(border, int) else 3
    often = {"often": count >= border, "seldom": count < border}
    rows = often.get(among, people.wish.notna())
    is_warm = {
        8: people.wish >= 8,
        "above": people.wish > 8,
        "median": people.wish >= people.wish.median(),
        9: people.wish >= 9,
        "recommend": people.recommend >= 8,
        "first item": people.first_item >= 8,
        "all items": people.least >= 8,
    }[warm]
    ahead = {"same year": 0, "two years": 2}.get(later, 1)
    orders = people.get(wave + ahead, pd.Series(float("nan"), people.index))
    outcome = {
        "number": orders,
        "often again": orders >= border,
        "ever after": people[[y for y in (2024, 2025) if y > wave]].sum(axis=1) > 0,
    }.get(later, orders > 0)
    one, two = outcome[rows & is_warm], outcome[rows & ~is_warm]
    gap = one.mean() - two.mean()
    if compared == "way round":
        return is_warm[rows & (orders > 0)].mean() - is_warm[rows & (orders == 0)].mean()
    return {
        "gap": gap,
        "warm only": one.mean(),
        "cool only": two.mean(),
        "ratio": one.mean() / two.mean(),
        "within the warm": outcome[is_warm & rows].mean() - outcome[is_warm & ~rows].mean(),
        "frequent": outcome[rows].mean() - outcome[~rows].mean(),
        "all people": (one.sum() - two.sum()) / len(people),
        "whole wave": one.mean() - outcome.mean(),
        "all frequent": one.mean() - outcome[rows].mean(),
    }[compared]


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
def law(period, rows, population, buyer):
    """Measures and norm of the product lines."""
    lines = bought(period)
    if rows == "pieces":
        lines = lines.loc[lines.index.repeat(lines.quantity)]
    if rows == "thinned":
        lines = lines.drop_duplicates(["order_id", "product_line"])
    people = {"all": len(table("shihu/customers")), "buyers": None}[population]
    how = {"buyer": buyer, "brand": "product_line", "population": people}
    with warnings.catch_warnings(action="ignore"):
        expected = crm.Dirichlet().fit(lines, **how).predict()
    return crm.brand_metrics(lines, **how), expected


def norm_of_all_years(measure):
    """What the model expects of each line when it is fitted to three years."""
    return law("all years", "order lines", "all", "customer_id")[1][measure]


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
            "thinned": "You thinned the rows: one for each order and product line; every row counts.",
        },
    ),
    buyer=choose(
        "customer_id",
        {"order_id": "You gave order_id as the buyer; customers buy."},
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
            "penetration": "You compared penetrations, or put what was expected above the line; asked "
            "is the observed frequency over the expected one.",
            "scr": "You compared the scr; asked is the frequency.",
            "sole": "You compared the sole buyers; asked is the frequency.",
            "share": "You compared the share with itself, so all are 1; asked is the frequency.",
        },
    ),
    compared=choose(
        "ratio",
        {
            "difference": "This is the difference; divide the one by the other.",
            "observed": "You gave the observed values alone; the norm goes below the line.",
            "expected": "You gave the expected values alone; they go below the line.",
            "another period": "You fitted the norm to all years, another period than what you "
            "observed.",
            "mean": "You divided by the mean of the product lines; divide each by its own norm.",
            "leader": "You divided by the line that leads, the leader; divide each by its own norm.",
            "part of difference": "You gave the difference as a part of the norm; give the ratio.",
        },
    ),
):
    if buyer == "order_id" and population == "all":
        population = "buyers"
    metrics, norm = law(period, rows, population, buyer)
    observed, expected = metrics[measure], norm[measure].reindex(metrics.index)
    return {
        "ratio": observed / expected,
        "difference": observed - expected,
        "observed": observed,
        "expected": expected,
        "another period": observed / norm_of_all_years(measure).reindex(metrics.index),
        "mean": observed / observed.mean(),
        "leader": observed / observed.iloc[0],
        "part of difference": observed / expected - 1,
    }[compared].rename(None)
