"""Feedback for exercises 3.6, members and friends."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

DAY = pd.Timestamp("2024-07-01")


table = cache(crm.load)


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
            "both years": "You divided by the points of both years, 2023 and 2024; asked are those "
            "of 2023.",
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
            "open at the end": "You took the points open at the end of 2023: in 2024 some of them "
            "were still used.",
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
            "all customers": "You counted customers with dead points among all customers; asked is a "
            "share of points.",
            "unlucky": "You divided by the points of the unlucky alone, whose points died; all points "
            "of 2023 count.",
            "mean of shares": "You took the mean of the customers' shares; divide the sums.",
            "used that year": "You divided by what was used in that year, 2024; divide by all points "
            "given in 2023.",
            "ended by then": "You divided by the points that had ended by then, dead or redeemed in "
            "2023 and 2024; divide by those given in 2023.",
        },
    ),
):
    """Share of the points given in 2023 that expired."""
    return _dead_points(given, died)[below]


@cache
def _dead_points(given, died):
    """What died, over each base that students take."""
    points = table("shihu/points")
    year = points["date"].dt.year
    size = points["points"].abs()
    dead = {
        "end of 2024": (points["kind"] == "expire") & (year == 2024),
        "end of 2025": (points["kind"] == "expire") & (year == 2025),
        "at any time": points["kind"] == "expire",
        "redeemed in 2024": (points["kind"] == "redeem") & (year == 2024),
        "redeemed in 2023": (points["kind"] == "redeem") & (year == 2023),
        "open at the end": year <= 2023,
    }[died]
    if died == "open at the end":
        size = points["points"]
    years = {"all years": year > 0, "both years": year <= 2024}
    plus = (points["points"] > 0) & years.get(given, year == given)
    gone = points["kind"].isin(["expire", "redeem"])
    who = points["customer_id"]
    got, lost = (size[rows].groupby(who[rows]).sum() for rows in (plus, dead))
    return {
        "given": size[dead].sum() / size[plus].sum(),
        "earned only": size[dead].sum() / size[plus & (points["kind"] == "earn")].sum(),
        "joining only": size[dead].sum() / size[plus & (points["kind"] == "bonus")].sum(),
        "outstanding": size[dead].sum() / points.loc[year <= 2023, "points"].sum(),
        "lines": dead.sum() / plus.sum(),
        "balance": size[dead].sum() / points.loc[plus, "balance"].sum(),
        "dead or used": size[dead].sum() / size[gone].sum(),
        "customers": who[dead].nunique() / who[plus].nunique(),
        "all customers": who[dead].nunique() / who.nunique(),
        "unlucky": lost.sum() / got.reindex(lost.index, fill_value=0).sum(),
        "mean of shares": (lost.reindex(got.index, fill_value=0) / got).mean(),
        "used that year": size[dead].sum()
        / size[(points["kind"] == "redeem") & (year == 2024)].sum(),
        "ended by then": size[dead].sum() / size[gone & (year <= 2024)].sum(),
    }


# Standard: how many one becomes


@cache
def friends():
    """Referrals with the days since their referrer joined; when customers joined, and became members."""
    customers = table("shihu/customers").set_index("customer_id")
    joined, member = customers["registered_on"], customers["member_since"]
    rows = table("shihu/referrals")
    who = rows["referrer_id"]
    return (
        rows.assign(
            age=(rows["date"] - who.map(joined)).dt.days,
            card=(rows["date"] - who.map(member)).dt.days,
        ),
        joined,
        member,
    )


HALF = ("2023-01-01", "2023-06-30")


@recipe(
    Number(digits=4),
    means=lambda m: (
        f"One customer of that half-year becomes {m:.2f} in the long run, if friends win friends as "
        "these did; notebook 3.6 shows that later customers won fewer."
    ),
    hints=(
        "How many friends did one of these customers win on average? Who won none counts, too.",
        "The section of the example on eight deals counts the friends of a year in the same way.",
        "Customers who joined in the half-year; their referrals of the first 180 days that ended in "
        "a purchase, over the number of these customers; then the sum of the endless chain.",
    ),
)
def becomes(
    *,
    cohort=choose(
        "half-year",
        {
            "year 2023": "You took the whole year 2023; asked is its first half.",
            "second half": "You took the second half of 2023; asked is the first.",
            "first half of 2024": "You took the first half of 2024; asked is that of 2023.",
            "friends": "You took the friends who joined in the half-year; asked are the referrers.",
            "everyone": "You took everyone; asked are those who joined in the half-year.",
            "referrals of the half-year": "You took the referrals made in the half-year instead of "
            "those by customers who joined in it.",
            "referrals of 2023": "You took all the referrals of 2023, by anyone; asked are those of the "
            "customers who joined in the half-year.",
            "any year": "You took those who joined from January to June of any year; asked is 2023.",
            "members": "You took those who became members in the half-year; registered_on says who "
            "joined.",
        },
    ),
    days=choose(
        180,
        {
            365: "You took 365 days, as the example does; here it is 180.",
            "any age": "You took referrals of any age; the first 180 days count.",
            90: "You took 90 days; here it is 180.",
            182.6: "You took half a year, 182.6 days; here it is 180.",
            "after 180": "You took the referrals after the first 180 days.",
        },
    ),
    counted=choose(
        "bought",
        {
            "named": "You counted friends named, bought or not; only who buys is won.",
            "customers who won": "You counted customers who won somebody; count the friends they won.",
            "did not": "You counted friends who did not buy.",
            "rewards": "You added up the rewards, in CNY; count friends.",
        },
    ),
    of=choose(
        "all",
        {
            "active": "You divided by the active ones, who won anybody; all customers of the half-year "
            "count.",
            "closing rate": "You divided by the friends who were named: that is a closing rate.",
            "members there": "You divided by the members there are; all customers of the half-year "
            "count.",
            "whole table": "You divided by the whole table of customers; only those of the "
            "half-year stand below.",
            "anybody": "You divided by those who named anybody, friends won or not; all customers of "
            "the half-year count.",
        },
    ),
    chain=choose(
        "endless",
        {
            "rate": "This is the rate R itself; asked is how many one becomes.",
            "next generation": "You stopped at the next generation, 1 + R; friends win friends.",
            "two generations": "You stopped after two generations, 1 + R + R².",
            "three generations": "You stopped after three generations, 1 + R + R² + R³.",
            "friends only": "You counted the friends only, R / (1 - R); the customer counts, too.",
            "exponential": "You took the exponential of R; the chain is a sum of powers.",
            "minus": "You took 1 / (1 + R), with plus for minus.",
            "per year": "You took R per year, times 365 / 180; use the rate of the 180 days.",
            "doubled": "You took R doubled, two half-years; use the rate of the 180 days.",
            "inverse": "You took the inverse, 1 / R.",
        },
    ),
):
    """Customers that one customer of the first half of 2023 becomes."""
    above, below = _friends_won(cohort, days)
    return _chain(above[counted] / below[of])[chain]


@cache
def _friends_won(cohort, days):
    """What is counted of a cohort, and what it is divided by."""
    rows, joined, member = friends()
    start, end = ("2023-07-01", "2023-12-31") if cohort == "second half" else HALF
    if cohort == "first half of 2024":
        start, end = "2024-01-01", "2024-06-30"
    if cohort == "year 2023":
        end = "2023-12-31"
    inside = (member if cohort == "members" else joined).between(start, end)
    age = rows["card"] if cohort == "members" else rows["age"]
    if cohort == "everyone":
        inside = inside | True
    if cohort == "any year":
        inside = joined.dt.month <= 6
    mine = rows["referrer_id"].map(inside)
    if cohort == "referrals of the half-year":
        mine = rows["date"].between(*HALF)
    if cohort == "friends":
        mine = rows["referred_id"].map(inside).eq(True)
        age = 0 * age
    if cohort == "referrals of 2023":
        mine = rows["date"].dt.year == 2023
    if days == "after 180":
        mine = mine & (age >= 180)
    elif days != "any age":
        mine = mine & (age < days)
    rows, base = rows[mine.astype(bool)], inside.sum()
    won = rows[rows["bought"]]
    above = {
        "bought": len(won),
        "named": len(rows),
        "customers who won": won["referrer_id"].nunique(),
        "did not": len(rows) - len(won),
        "rewards": won["reward"].sum(),
    }
    below = {
        "all": base,
        "active": won["referrer_id"].nunique(),
        "closing rate": len(rows),
        "members there": member.notna().sum(),
        "whole table": len(joined),
        "anybody": rows["referrer_id"].nunique(),
    }
    return above, below


def _chain(R):
    """How many one becomes at the rate R, and what is often taken for it."""

    def endless(R):
        return np.inf if R == 1 else 1 / (1 - R)

    return {
        "endless": endless(R),
        "rate": R,
        "next generation": 1 + R,
        "two generations": 1 + R + R**2,
        "three generations": 1 + R + R**2 + R**3,
        "friends only": R * endless(R),
        "exponential": np.exp(min(R, 50)),
        "minus": 1 / (1 + R),
        "per year": endless(R * 365 / 180),
        "doubled": endless(2 * R),
        "inverse": np.inf if R == 0 else 1 / R,
    }


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
    Number(digits=4),
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
            "regression": "You took a regression with the classes: it weights them in its own way; "
            "count each by its members.",
            "part of members": "You weighted each class by the part of members in it; count it by its "
            "members.",
            "straight line": "You took a regression with a straight line in `before`; take the four "
            "classes.",
        },
    ),
    rows=choose(
        "all",
        {
            "buyers": "You kept only the buyers, who ordered again later; who did not counts as 0.",
            "fourth left out": "You left out the fourth class, those with four orders or more before.",
            "fourth alone": "You took the fourth class alone.",
            "first alone": "You took the first class alone.",
            "repeaters": "You left out who had ordered once: only repeaters are there.",
        },
    ),
    classes=choose(
        "four",
        {
            "two": "You made two classes, once and more often; the task has four.",
            "each count": "You made a class of each count of orders; from the fourth on they are "
            "one class.",
            "three": "You made three classes, with three orders and more together.",
            "quarters": "You cut into quarters of equal size; the task gives the classes.",
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
            "four added": "You added the four differences; asked is their mean by members.",
            "kept": "You gave the share of the plain difference that is kept; asked are orders.",
            "taken away": "You gave what matching has taken away; asked is what is left.",
            "median of the four": "You took the median of the four differences; asked is their mean by "
            "members.",
            "over everyone": "You summed over the members and divided by everyone; divide by the "
            "members.",
            "year": "You turned it into a year; asked are the orders of the 180 days.",
        },
    ),
):
    """Later orders of members, more than of others with as many orders before."""
    if weights == "straight line":
        return _straight_line(rows, who, outcome)
    cell = "none" if weights == "none" else classes
    middle = "median" if compared == "medians" else "mean"
    mean, other, n, m, plain_gap = _by_class(rows, who, outcome, cell, middle)
    w = {
        "members": n,
        "others": m,
        "all": n + m,
        "regression": n * m / (n + m),
        "part of members": n / (n + m),
    }.get(weights, 1 + 0 * n)
    w = w / w.sum()
    a, b = (mean * w).sum(), (other * w).sum()
    return {
        "difference": a - b,
        "ratio": a / b,
        "relative": a / b - 1,
        "members alone": a,
        "medians": a - b,
        "sum": (a - b) * n.sum(),
        "kept": (a - b) / plain_gap,
        "taken away": plain_gap - (a - b),
        "median of the four": np.median(mean - other),
        "over everyone": (a - b) * n.sum() / (n + m).sum(),
        "four added": (mean - other).sum(),
        "year": (a - b) * 365 / 180,
    }[compared]


@cache
def _kept(rows, who, outcome):
    """Of the customers kept: the outcome, the orders before, whether a member."""
    kept = base()
    before, later = kept["before"], kept["later"]
    keep = {
        "all": before > 0,
        "buyers": later > 0,
        "fourth left out": before < 4,
        "fourth alone": before >= 4,
        "first alone": before == 1,
        "repeaters": before > 1,
    }[rows]
    value = {
        "later": later,
        "any": (later > 0).astype(float),
        "before": before.astype(float),
        "both": later + before,
    }[outcome]
    return value[keep], before[keep], kept[who].astype(bool)[keep]


@cache
def _by_class(rows, who, outcome, classes, middle):
    """Means and numbers of members and of others in each class, and their plain difference."""
    value, before, member = _kept(rows, who, outcome)
    cell = {
        "four": lambda: before.clip(upper=4),
        "two": lambda: before.clip(upper=2),
        "each count": lambda: before,
        "three": lambda: before.clip(upper=3),
        "shifted": lambda: (before - 1).clip(upper=4),
        "quarters": lambda: pd.qcut(before, 4, duplicates="drop").cat.codes,
        "none": lambda: 0 * before,
    }[classes]()
    found = value.groupby([cell, member]).agg([middle, "size"]).unstack().dropna()
    columns = [found[part][arm].to_numpy() for part in (middle, "size") for arm in (True, False)]
    return *columns, value[member].mean() - value[~member].mean()


@cache
def _straight_line(rows, who, outcome):
    value, before, member = _kept(rows, who, outcome)
    X = np.column_stack([member, np.ones(len(member)), before])
    return np.linalg.lstsq(X, value, rcond=None)[0][0]


def plain():
    """Difference of members and others without matching."""
    return base().groupby("member")["later"].mean().diff().iloc[-1]


# Transfer: neighbours, each hamlet once


@recipe(
    Number(),
    means=lambda effect: (
        f"Each hamlet counted once, ten points more neighbours brought about {10 * effect:.0f} "
        f"points more buyers."
    ),
    hints=(
        "What did chance change first, and what came of it?",
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
            "sums": "You added up the households of each hamlet, sums; take its means.",
            "medians": "You took medians of the hamlets; the task says means.",
        },
    ),
    homes=choose(
        "all",
        {
            "intensive": "You kept the households with the intensive session; all count.",
            "without a session": "You kept the households without a session; all count.",
            "complete rows": "You dropped rows in which something else is missing; all count, not "
            "the complete rows alone.",
        },
    ),
    by=choose(
        "default_buy",
        {
            "split": "You split by the session; what chance moved in the first round is default_buy.",
        },
    ),
    effect=choose(
        "divided",
        {
            "upside down": "You divided upside down, the first round by the second.",
            "what came": "You gave only what came, the difference in buying; divide by what was "
            "pushed.",
            "what was pushed": "You gave only what was pushed, the difference in the first round.",
            "slope": "You took the slope of a plain regression over all; use the default.",
            "correlation": "You took the correlation of the two shares; use the default.",
            "with the default": "You divided the levels with the default; divide differences.",
            "without the default": "You divided the levels without the default; divide differences.",
            "multiplied": "You multiplied the differences; divide them.",
            "gap": "You took the gap of the two differences; divide them.",
            "relative": "You divided relative changes; divide the differences themselves.",
            "relative buying": "You gave the relative rise in buying; divide the difference by what was "
            "pushed.",
            "slope with both": "You took the slope in a regression with both, the share and the "
            "default; divide differences.",
            "plain levels": "You divided the plain levels of buying and first round; divide "
            "differences.",
            "slope with the default": "You took the slope among the hamlets with the default; compare "
            "with those without.",
            "households above": "You took households above the line and hamlets below; take hamlets "
            "for both.",
            "households beneath": "You took hamlets for the buying and households beneath; take "
            "hamlets for both.",
        },
    ),
):
    """Effect of the neighbours' share on buying."""
    return _effects(counted, homes, by)[effect]


@cache
def _effects(counted, homes, by):
    """The effect, and what students take for it."""
    rows = table("social_insure").astype({"bought": float})
    keep = {
        "all": rows["bought"] >= 0,
        "intensive": rows["intensive"].astype(bool),
        "without a session": ~rows["intensive"].astype(bool),
        "complete rows": rows.notna().all(axis=1),
    }[homes]
    rows = rows[keep]
    arm = {"split": "intensive"}.get(by, by)
    names = ["bought", "earlier_takeup"]
    each = rows.groupby([{"villages": "village"}.get(counted, "hamlet"), arm])[names]
    each = each.sum() if counted == "sums" else each.mean()
    each = rows[[*names, arm]] if counted == "households" else each.reset_index()
    groups = each.groupby(arm)[names]
    means = groups.median() if counted == "medians" else groups.mean()
    plain_means = rows.groupby(arm)[names].mean()
    came, pushed = means.loc[True] - means.loc[False]
    came_all, pushed_all = plain_means.loc[True] - plain_means.loc[False]
    treated = each[each[arm].astype(bool)]
    return {
        "divided": came / pushed,
        "upside down": pushed / came,
        "what came": came,
        "what was pushed": pushed,
        "slope": np.polyfit(each["earlier_takeup"], each["bought"], 1)[0],
        "correlation": each["earlier_takeup"].corr(each["bought"]),
        "with the default": means.loc[True, "bought"] / means.loc[True, "earlier_takeup"],
        "without the default": means.loc[False, "bought"] / means.loc[False, "earlier_takeup"],
        "multiplied": came * pushed,
        "gap": pushed - came,
        "relative": (came / means.loc[False, "bought"])
        / (pushed / means.loc[False, "earlier_takeup"]),
        "relative buying": came / means.loc[False, "bought"],
        "slope with both": np.linalg.lstsq(
            np.column_stack([each["earlier_takeup"], each[arm].astype(float), np.ones(len(each))]),
            each["bought"],
            rcond=None,
        )[0][0],
        "plain levels": means["bought"].mean() / means["earlier_takeup"].mean(),
        "slope with the default": np.polyfit(treated["earlier_takeup"], treated["bought"], 1)[0],
        "households above": came_all / pushed,
        "households beneath": came / pushed_all,
    }
