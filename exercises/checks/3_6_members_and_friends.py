"""Feedback for exercises 3.6, members and friends."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

DAY = pd.Timestamp("2024-07-01")


@cache
def table(name):
    return crm.load(name)


# Warm-up: points of a year, and what became of them


@recipe(
    Number(share=True),
    means=lambda share: (
        f"{share:.0%} of the points given in 2023 were never used. Each customer who forgets pays for "
        "the others' discounts."
    ),
    hints=(
        "When do points given in 2023 die?",
        "The section of the example on points that are owed says until when a point can be used.",
        "The points that expired at the end of 2024, over all points given in 2023: earned, and "
        "on joining.",
    ),
)
def unused(
    *,
    given=choose(
        2023,
        {
            2024: "You divided by the points given in 2024; those that died at its end were given "
            "before.",
            "all years": "You divided by the points of all years; asked are those of 2023.",
        },
    ),
    died=choose(
        "end of 2024",
        {
            "end of 2025": "You took those that died at the end of 2025; they were given in 2024.",
            "at any time": "You took points that died at any time; those of 2023 died at the end "
            "of 2024.",
            "redeemed in 2024": "You took points redeemed in 2024; asked are those that died.",
            "redeemed in 2023": "You took points redeemed in 2023; asked are those that died.",
        },
    ),
    below=choose(
        "given",
        {
            "earned only": "You left out the points on joining, with earned only below the line.",
            "joining only": "You took the points on joining only below the line.",
            "outstanding": "You divided by the points outstanding at the end of 2023; asked is a "
            "share of all given.",
            "lines": "You counted lines of the table; count points.",
            "balance": "You divided by the sum of the column balance, which is a state and no gift.",
            "dead or used": "You divided by all points dead or used up to today, the report's way.",
            "customers": "You counted customers with dead points; asked is a share of points.",
        },
    ),
):
    """Share of the points given in 2023 that expired."""
    points = table("shihu/points")
    year = points["date"].dt.year
    size = points["points"].abs()
    dead = {
        "end of 2024": (points["kind"] == "expire") & (year == 2024),
        "end of 2025": (points["kind"] == "expire") & (year == 2025),
        "at any time": points["kind"] == "expire",
        "redeemed in 2024": (points["kind"] == "redeem") & (year == 2024),
        "redeemed in 2023": (points["kind"] == "redeem") & (year == 2023),
    }[died]
    plus = (points["points"] > 0) & ((year == given) | (given == "all years"))
    gone = points["kind"].isin(["expire", "redeem"])
    who = points["customer_id"]
    return {
        "given": size[dead].sum() / size[plus].sum(),
        "earned only": size[dead].sum() / size[plus & (points["kind"] == "earn")].sum(),
        "joining only": size[dead].sum() / size[plus & (points["kind"] == "bonus")].sum(),
        "outstanding": size[dead].sum() / points.loc[year <= 2023, "points"].sum(),
        "lines": dead.sum() / plus.sum(),
        "balance": size[dead].sum() / points.loc[plus, "balance"].sum(),
        "dead or used": size[dead].sum() / size[gone].sum(),
        "customers": who[dead].nunique() / who[plus].nunique(),
    }[below]


# Standard: how many one becomes


@cache
def friends():
    referrals, customers = table("shihu/referrals"), table("shihu/customers")
    joined = customers.set_index("customer_id")["registered_on"]
    return referrals.assign(
        joined=referrals["referrer_id"].map(joined),
        age=(referrals["date"] - referrals["referrer_id"].map(joined)).dt.days,
    ), joined


@recipe(
    Number(digits=4),
    means=lambda m: (
        f"One customer of 2023 becomes {m:.2f} in the long run, if friends win friends as they did."
    ),
    hints=(
        "How many friends who bought did a customer of 2023 win on average? Who won none counts, too.",
        "The section of the example in which a friend brings a friend.",
        "Customers who joined in 2023; their referrals of the first 180 days that ended in a "
        "purchase, over the number of these "
        "customers; then the sum of the endless chain.",
    ),
)
def becomes(
    *,
    year=choose(
        2023,
        {
            2024: "You took the customers of 2024; asked are those of 2023.",
            "everyone": "You took everyone; asked are those who joined in 2023.",
            "referrals of 2023": "You took the referrals of 2023 instead of the customers who "
            "joined in it.",
        },
    ),
    days=choose(
        180,
        {
            365: "You took 365 days, as the example does; here it is 180.",
            "any age": "You took referrals of any age; the first 180 days count.",
            90: "You took 90 days; here it is 180.",
        },
    ),
    counted=choose(
        "bought",
        {
            "named": "You counted friends named, bought or not; only who buys is won.",
            "referrers": "You counted customers who referred somebody; count the friends they won.",
            "did not": "You counted friends who did not buy.",
        },
    ),
    of=choose(
        "all",
        {
            "active": "You divided by the active ones, who referred at all; all customers of the "
            "year count.",
            "closing rate": "You divided by the friends who were named: that is a closing rate.",
            "whole table": "You divided by the whole table of customers; only those of 2023 "
            "stand below.",
        },
    ),
    chain=choose(
        "endless",
        {
            "rate": "This is the rate R itself; asked is how many one becomes.",
            "next generation": "You stopped at the next generation, 1 + R; friends win friends.",
            "two generations": "You stopped after two generations, 1 + R + R².",
            "friends only": "You counted the friends only, R / (1 - R); the customer counts, too.",
            "exponential": "You took the exponential of R; the chain is a sum of powers.",
            "minus": "You took 1 / (1 + R), with plus for minus.",
        },
    ),
):
    """Customers that one customer becomes."""
    rows, joined = friends()
    if year == "referrals of 2023":
        rows = rows[rows["date"].dt.year == 2023]
        base = (joined.dt.year == 2023).sum()
    else:
        right = joined.dt.year == (year if year != "everyone" else joined.dt.year)
        rows = rows[rows["referrer_id"].map(right)]
        base = right.sum()
    if days != "any age":
        rows = rows[rows["age"] < days]
    won = rows[rows["bought"]]
    above = {
        "bought": len(won),
        "named": len(rows),
        "referrers": rows["referrer_id"].nunique(),
        "did not": len(rows) - len(won),
    }[counted]
    R = (
        above
        / {
            "all": base,
            "active": rows["referrer_id"].nunique(),
            "closing rate": len(rows),
            "whole table": len(joined),
        }[of]
    )
    with np.errstate(divide="ignore"):
        return {
            "endless": np.divide(1, 1 - R),
            "rate": R,
            "next generation": 1 + R,
            "two generations": 1 + R + R**2,
            "friends only": np.divide(R, 1 - R),
            "exponential": np.exp(R),
            "minus": 1 / (1 + R),
        }[chain]


# Standard: members, matched by hand


@cache
def base(day="2024-07-01", ahead=180):
    """The table of the set's cell: customers of a day, member or not, orders before and later."""
    day, orders = pd.Timestamp(day), table("shihu/orders")
    past = orders[orders["date"] <= day]
    later = orders[(orders["date"] > day) & (orders["date"] <= day + pd.Timedelta(ahead, "D"))]
    out = past.groupby("customer_id").agg(before=("order_id", "size"), last=("date", "max"))
    out["later"] = later.groupby("customer_id").size().reindex(out.index, fill_value=0)
    since = table("shihu/customers").set_index("customer_id")["member_since"]
    return out.assign(
        member=(since <= day).reindex(out.index), ever=since.notna().reindex(out.index)
    )


@recipe(
    Number(),
    means=lambda more: (
        f"{more:.2f} orders more, of a difference of {plain():.2f} without matching. In truth the card "
        "changes nothing: the number of orders does not hold all by which members differ."
    ),
    hints=(
        "Whom do you compare a member with who has ordered twice?",
        "The section of the example on members puts customers of one history into one cell.",
        "In each class of `before`, the mean of `later` of members less that of the others; then "
        "the mean of these differences, "
        "each counted as often as there are members in its class.",
    ),
)
def members_more(
    *,
    weights=choose(
        "members",
        {
            "others": "You counted each class as often as it has others; the members are in question.",
            "all": "You counted each class by all its customers; count it by its members.",
            "equal": "You gave the classes equal weights; count each by its members.",
            "none": "You left the matching out, none of the classes used: the plain difference.",
        },
    ),
    classes=choose(
        "four",
        {
            "two": "You made two classes, once and more often; the task has four.",
            "each count": "You made a class of each count of orders; from the fourth on they are "
            "one class.",
            "three": "You made three classes, with three orders and more together.",
            "shifted": "You shifted the classes by one, from nought on.",
        },
    ),
    outcome=choose(
        "later",
        {
            "any": "You took whether there was any later order; asked is the number of orders.",
            "before": "You compared before, the orders of the past.",
            "both": "You added orders before and after, both; asked are the later ones.",
        },
    ),
    who=choose(
        "member",
        {
            "ever": "You took who was ever a member, later ones too; members on the day count.",
        },
    ),
    compared=choose(
        "difference",
        {
            "ratio": "You took the ratio; asked is a difference in orders.",
            "relative": "You took the relative difference; asked is one in orders.",
            "members alone": "This is the mean of the members alone; the others go off it.",
            "medians": "You took medians; the task says mean.",
            "sum": "You took the sum of the differences of all members; asked is the mean.",
        },
    ),
):
    """Later orders of members, more than of others with as many orders before."""
    rows = base()
    value = {
        "later": rows["later"],
        "any": (rows["later"] > 0).astype(float),
        "before": rows["before"].astype(float),
        "both": rows["later"] + rows["before"],
    }[outcome]
    cell = {
        "four": rows["before"].clip(upper=4),
        "two": rows["before"].clip(upper=2),
        "each count": rows["before"],
        "three": rows["before"].clip(upper=3),
        "shifted": (rows["before"] - 1).clip(upper=4),
    }[classes]
    if weights == "none":
        cell = 0 * cell
    middle = "median" if compared == "medians" else "mean"
    groups = value.groupby([cell, rows[who].astype(bool)]).agg([middle, "size"])
    table_ = groups.unstack().dropna()
    mean, n = table_[middle], table_["size"]
    w = {"members": n[True], "others": n[False], "all": n.sum(axis=1)}.get(weights, 1 + 0 * n[True])
    w = w / w.sum()
    a, b = (mean[True] * w).sum(), (mean[False] * w).sum()
    return {
        "difference": a - b,
        "ratio": a / b,
        "relative": a / b - 1,
        "members alone": a,
        "medians": a - b,
        "sum": (a - b) * n[True].sum(),
    }[compared]


def plain():
    """Difference of members and others without matching."""
    return base().groupby("member")["later"].mean().diff().iloc[-1]


# Transfer: neighbours, each hamlet once


@recipe(
    Number(),
    means=lambda effect: (
        f"Each hamlet counted once, ten points more neighbours bring about {10 * effect:.0f} "
        f"points more buyers."
    ),
    hints=(
        "What did the lots change first, and what came of it?",
        "The section of the example on farmers divides one difference by another.",
        "The means of each hamlet; their means by default_buy; the difference in buying over the "
        "difference in the first round's take-up.",
    ),
)
def word_of_mouth(
    *,
    counted=choose(
        "hamlets",
        {
            "households": "You counted households, as the example does; here each hamlet counts once.",
            "villages": "You counted administrative villages; here each hamlet counts once.",
        },
    ),
    lot=choose(
        "default_buy",
        {
            "intensive": "You split by intensive; the lots of the first round are default_buy.",
        },
    ),
    effect=choose(
        "divided",
        {
            "upside down": "You divided upside down, the first round by the second.",
            "what came": "You gave only what came, the difference in buying; divide by what was "
            "pushed.",
            "what was pushed": "You gave only what was pushed, the difference in the first round.",
            "slope": "You took the slope of a plain regression over all; use the lots.",
            "with the default": "You divided the levels with the default; divide differences.",
            "without the default": "You divided the levels without the default; divide differences.",
            "multiplied": "You multiplied the differences; divide them.",
            "gap": "You took the gap of the two differences; divide them.",
            "relative": "You divided relative changes; divide the differences themselves.",
        },
    ),
):
    """Effect of the neighbours' share on buying."""
    homes = table("social_insure").astype({"bought": float})
    names = ["bought", "earlier_takeup", lot]
    if counted != "households":
        by = {"hamlets": "hamlet", "villages": "village"}[counted]
        homes = homes.groupby([by, lot])[names[:2]].mean().reset_index()
    means = homes.groupby(lot)[names[:2]].mean()
    came, pushed = means.loc[True] - means.loc[False]
    slope = np.polyfit(homes["earlier_takeup"], homes["bought"], 1)[0]
    with np.errstate(divide="ignore"):
        return {
            "divided": came / pushed,
            "upside down": pushed / came,
            "what came": came,
            "what was pushed": pushed,
            "slope": slope,
            "with the default": means.loc[True, "bought"] / means.loc[True, "earlier_takeup"],
            "without the default": means.loc[False, "bought"] / means.loc[False, "earlier_takeup"],
            "multiplied": came * pushed,
            "gap": pushed - came,
            "relative": (came / means.loc[False, "bought"])
            / (pushed / means.loc[False, "earlier_takeup"]),
        }[effect]
