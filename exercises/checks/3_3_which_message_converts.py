"""Feedback for exercises 3.3, which message converts."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm

import crmlib as crm
from crmlib.course.checks import Integer, Number, choose, recipe


@cache
def table(name):
    return crm.load(name)


# Warm-up: a joke against all other guests


@cache
def guests():
    """Tips and guests by card, and the share of those who tipped who had the card."""
    tips = table("tip_joke").groupby("card")["tip"].agg(["sum", "size"]).astype(float)
    return tips["sum"], tips["size"]


@recipe(
    Number(),
    means=lambda more: (
        f"{100 * more:.0f} points more than all the others. Against no card alone it is less, for the "
        "advertisement did worse than no card."
    ),
    hints=(
        "How many guests are there in each of the two groups?",
        "The first section of the example compares two of the three cards.",
        "The share who tipped with the joke; the share who tipped among all the other guests, "
        "counted as "
        "one group; the first less the second.",
    ),
)
def joke_more(
    *,
    others=choose(
        "one group",
        {
            "no card": "You compared with no card, as the example does; here with all other guests.",
            "advertisement": "You compared with the advertisement alone; here with all other guests.",
            "mean of two shares": "You took the mean of two shares; the groups differ in size, so put "
            "their guests together.",
            "everybody": "You compared with everybody, the guests with the joke among them.",
            "half": "You compared with one half, a coin; the other guests show what is usual.",
        },
    ),
    share=choose(
        "of guests",
        {
            "of all guests": "You divided by all guests; each group has its own number of guests.",
            "without a tip": "You took the odds, those with by those without a tip; the task says "
            "share.",
            "who did not": "You took the share of guests who did not tip.",
        },
    ),
    compared=choose(
        "points",
        {
            "ratio": "This is the ratio of the shares; give their difference.",
            "growth": "This is a growth, a relative difference; give the difference of the shares.",
            "in points": "You gave it in points of a hundred; shares lie between 0 and 1.",
            "joke alone": "This is the joke alone, its share; the others' share goes off it.",
            "comparison alone": "This is the share of the comparison alone; the joke's share is "
            "missing.",
            "standard error": "This is the standard error of the difference.",
        },
    ),
):
    """Share who tipped with a joke, less that of all other guests."""
    tipped, n = guests()
    rest = {
        "one group": ["none", "ad"],
        "no card": ["none"],
        "advertisement": ["ad"],
        "mean of two shares": ["none", "ad"],
        "everybody": ["none", "ad", "joke"],
        "half": ["none", "ad"],
    }[others]

    def of(cards):
        k, m = tipped[cards].sum(), n[cards].sum()
        return {
            "of guests": k / m,
            "of all guests": k / n.sum(),
            "without a tip": k / (m - k),
            "who did not": 1 - k / m,
        }[share]

    a, b = of(["joke"]), of(rest)
    if others == "mean of two shares":
        b = (of(["none"]) + of(["ad"])) / 2
    if others == "half":
        b = 0.5
    m = n["joke"], n[rest].sum()
    return {
        "points": a - b,
        "ratio": a / b,
        "growth": a / b - 1,
        "in points": 100 * (a - b),
        "joke alone": a,
        "comparison alone": b,
        "standard error": np.sqrt(abs(a * (1 - a)) / m[0] + abs(b * (1 - b)) / m[1]),
    }[compared]


# Standard: the size of a test


@recipe(
    Integer(),
    means=lambda n: (
        f"{n:,} visitors for each page. At 80 a week that is {n / 80:.0f} weeks: the firm cannot "
        f"run this test."
    ),
    hints=(
        "Which of the numbers in the formula of the example change?",
        "The section of the example on how many visitors a test needs.",
        "The two shares of the task; the normal's quantile for the power wanted and for both "
        "sides of the "
        "level; the formula; then the next whole visitor.",
    ),
)
def per_page(
    *,
    power=choose(
        90,
        {
            80: "You took a power of 80 %, as the example does; the task says 90 %.",
            95: "You took a power of 95, not 90 %.",
            50: "You left the power out, which makes it 50 %.",
            10: "You took 10 %, the chance to miss the difference, for the power.",
        },
    ),
    level=choose(
        "both sides",
        {
            "one side": "You tested one side, with z = 1.645; both sides take 1.96.",
            "level of 1 %": "You took a level of 1 %, z = 2.576; the task says 5 %.",
            "halved": "You halved the level once too often, z = 2.241; for both sides it is 1.96.",
        },
    ),
    start=choose(
        4,
        {
            5: "You went from 5 % to 6 %, as the example does.",
            2: "You went from 2 %, the page B of the firm; the task begins at 4 %.",
        },
    ),
    step=choose(
        "a point",
        {
            "one per cent of 4 %": "You took one per cent of 4 % as the step; the page goes to 5 %.",
            "two points": "You took two points, to 6 %; the page goes from 4 % to 5 %.",
            "half a point": "You took half a point as the step; the page goes from 4 % to 5 %.",
        },
    ),
    spread=choose(
        "mean and own",
        {
            "two pages": "You took the variances of the two pages for both terms; the first term, "
            "of the "
            "level, is for no difference at all.",
            "common": "You took one common share for both terms; the second, of the power, has "
            "each page's own.",
            "first page": "You took the variance of the first page for all terms.",
            "once": "You took the variance once: the difference of two shares has two.",
            "no root": "You took no root of the variances before adding the terms.",
            "arcsine": "This is the library's number, by an arcsine; the task asks for the formula.",
        },
    ),
    given=choose(
        "each page",
        {
            "both pages": "This is the number for both pages together; asked is one page.",
            "one fewer": "You rounded down, to one fewer; this many would just not do.",
            "weeks": "This is the number of weeks at 80 visitors; give the visitors.",
            "not squared": "You did not square the sum of the two terms.",
            "step not squared": "Your step is not squared below the line.",
        },
    ),
):
    """Visitors that each page needs."""
    step = {
        "a point": 0.01,
        "one per cent of 4 %": 0.0004,
        "two points": 0.02,
        "half a point": 0.005,
    }[step]
    p, q = start / 100, start / 100 + step
    tail = {"both sides": 0.975, "one side": 0.95, "level of 1 %": 0.995, "halved": 0.9875}[level]
    z, miss = norm.ppf(tail), norm.ppf(power / 100)
    mean = (p + q) / 2
    v_mean, v_own, v_first = 2 * mean * (1 - mean), p * (1 - p) + q * (1 - q), 2 * p * (1 - p)
    terms = {
        "mean and own": (v_mean, v_own),
        "two pages": (v_own, v_own),
        "common": (v_mean, v_mean),
        "first page": (v_first, v_first),
        "once": (v_mean / 2, v_own / 2),
        "no root": (v_mean**2, v_own**2),
        "arcsine": (v_mean, v_own),
    }[spread]
    total = z * np.sqrt(terms[0]) + miss * np.sqrt(terms[1])
    n = (total / step) ** 2
    if spread == "arcsine":
        n = ((z + miss) / (2 * np.arcsin(np.sqrt(q)) - 2 * np.arcsin(np.sqrt(p)))) ** 2 * 2
    n = {"not squared": total / step**2, "step not squared": total**2 / step}.get(given, n)
    whole = np.floor(n) if given == "one fewer" else np.ceil(n)
    return int({"both pages": 2 * whole, "weeks": np.ceil(whole / 80)}.get(given, whole))


# Standard: what the catalogue changed


@cache
def campaign(name, window):
    """Arms of a campaign and what its customers did in a window."""
    sent = table("shihu/campaigns").query("campaign_id == @name").set_index("customer_id")
    day, orders = sent["sent_on"].iloc[0], table("shihu/orders")
    lag = (orders["date"] - day).dt.days
    within = {
        "30 days": lag.between(1, 30),
        "a week": lag.between(1, 7),
        "two months": lag.between(1, 60),
        "end of the log": lag >= 1,
        "before": lag.between(-30, -1),
        "any time": lag > -10_000,
    }[window]
    orders = orders[within]
    mine = orders.groupby("customer_id").agg(n=("order_id", "size"), paid=("amount", "sum"))
    done = sent[["arm", "channel", "opened", "clicked"]].join(mine).fillna({"n": 0, "paid": 0})
    return done.assign(bought=(done["n"] > 0).astype(float), sent=done["arm"] != "control")


@recipe(
    Number(),
    means=lambda more: (
        f"{100 * more:.1f} points more of those with a catalogue bought. Whether that pays is a "
        f"question of "
        "profit, not of orders."
    ),
    hints=(
        "Who would have bought without the catalogue?",
        "The section of the example on whom the coupon moves makes such a table for each campaign.",
        "For every customer of the campaign: any order in the 30 days after the sending? The "
        "share who bought "
        "among the treated, less that among the controls.",
    ),
)
def effect(
    *,
    which=choose(
        "K07",
        {
            "K03": "You took K03, the presents of 2024; the task says 2025.",
            "K08": "You took K08, the coupon of the example.",
            "both years": "You put the presents of both years together; the task says 2025.",
        },
    ),
    window=choose(
        "30 days",
        {
            "a week": "You looked for a week only; the window is 30 days.",
            "two months": "You looked for two months, 60 days; the window is 30.",
            "end of the log": "You looked to the end of the log; the window ends after 30 days.",
            "before": "You looked at the days before the sending.",
            "any time": "You counted orders at any time, those before the sending too.",
        },
    ),
    arms=choose(
        "treated and controls",
        {
            "openers for the treated": "You took the openers for the treated: who opens chose to. "
            "Chance chose all who were sent one.",
            "openers and others": "You compared openers with others who did not open; chance chose "
            "treated and controls.",
            "clicked": "You took those who clicked for the treated; chance chose all who were sent one.",
            "wechat": "You took the treated by wechat only; all treated count.",
            "sms": "You took the treated by sms only; all treated count.",
            "everybody": "You compared the treated with everybody, the treated among them.",
        },
    ),
    outcome=choose(
        "bought",
        {
            "orders": "You counted orders, several of one customer too; asked is the share who bought.",
            "money": "You took the money paid; asked is the share who bought.",
            "did not buy": "You took the share who did not buy.",
        },
    ),
    compared=choose(
        "points",
        {
            "ratio": "This is the ratio of the shares; give their difference.",
            "growth": "This is a growth, a relative difference; give the difference of the shares.",
            "in points": "You gave it in points of a hundred; shares lie between 0 and 1.",
            "numbers": "You took the numbers of buyers, not their shares: the arms differ in size.",
            "treated alone": "This is the share of the treated alone; take off what the controls did.",
            "controls alone": "This is the share of the controls alone.",
            "of buyers": "You divided by buyers: what share of them was treated. Divide by the "
            "customers of an arm.",
            "standard error": "This is the standard error of the difference.",
        },
    ),
):
    """Share who bought among the treated, less that among the controls."""
    names = ["K03", "K07"] if which == "both years" else [which]
    done = pd.concat([campaign(name, window) for name in names])
    value = {"bought": done["bought"], "orders": done["n"], "money": done["paid"]}
    value = 1 - done["bought"] if outcome == "did not buy" else value[outcome]
    opened, clicked = (done[c].fillna(False).astype(bool) for c in ("opened", "clicked"))
    sent = done["sent"]
    first, second = {
        "treated and controls": (sent, ~sent),
        "openers for the treated": (opened, ~sent),
        "openers and others": (opened, sent & ~opened),
        "clicked": (clicked, ~sent),
        "wechat": (done["channel"] == "wechat", ~sent),
        "sms": (done["channel"] == "sms", ~sent),
        "everybody": (sent, sent | True),
    }[arms]
    a, b = value[first], value[second]
    return {
        "points": a.mean() - b.mean(),
        "ratio": a.mean() / b.mean(),
        "growth": a.mean() / b.mean() - 1,
        "in points": 100 * (a.mean() - b.mean()),
        "numbers": a.sum() - b.sum(),
        "treated alone": a.mean(),
        "controls alone": b.mean(),
        "of buyers": a.sum() / (a.sum() + b.sum()),
        "standard error": np.sqrt(a.var() / len(a) + b.var() / len(b)),
    }[compared]


# Transfer: whole hamlets at random


def neighbours(unit):
    """Standard error as if each household, or each hamlet, had been randomised alone."""
    homes = table("social_insure").astype({"bought": float})
    rows = (
        homes if unit == "households" else homes.groupby("hamlet")[["bought", "default_buy"]].mean()
    )
    groups = rows.groupby("default_buy")["bought"]
    return np.sqrt((groups.var() / groups.size()).sum())


@recipe(
    Number(),
    means=lambda se: (
        f"{100 * se:.1f} points. Taking the households as independent one would have said "
        f"{100 * neighbours('households'):.1f}: whole hamlets were randomised, and neighbours "
        f"are alike."
    ),
    hints=(
        "How many units did chance assign to one group or the other?",
        "The first section of the example adds two variances; here each hamlet is one observation.",
        "The share who bought in each hamlet; for each of the two groups of hamlets the variance "
        "of these shares by the "
        "number of hamlets; the root of the sum.",
    ),
)
def hamlet_se(
    *,
    unit=choose(
        "hamlets",
        {
            "households": "You took households as independent; whole hamlets were randomised.",
            "villages": "You grouped by administrative villages; whole hamlets were randomised.",
            "number of households": "You divided by the number of households; divide by that of "
            "hamlets.",
        },
    ),
    drawn=choose(
        "default_buy",
        {
            "intensive": "You split by intensive, the session; the groups of this task are default_buy.",
            "literate": "You split by literate; the groups of this task are default_buy.",
        },
    ),
    outcome=choose(
        "bought",
        {
            "earlier_takeup": "You took earlier_takeup, the first round; asked is who bought.",
        },
    ),
    ddof=choose(1, {0: "You divided by n instead of n - 1 in the variances (ddof=0)."}),
    given=choose(
        "standard error",
        {
            "squared": "This is squared, the variance of the difference; take its root.",
            "half width": "This is the half width of the interval, 1.96 standard errors.",
            "width": "This is the width of the whole interval.",
            "difference itself": "This is the difference itself; asked is its standard error.",
            "not divided": "You did not divide the variances by the number of hamlets.",
            "added errors": "You added the two standard errors; their squares add up.",
            "off the other": "You took one variance off the other; for a difference, too, they add up.",
            "one group": "You took one group only, that with the default.",
            "all hamlets": "You took all hamlets as one group; the two groups have variances of "
            "their own.",
            "z value": "This is the z value; asked is what stands below its line.",
        },
    ),
):
    """Standard error of the difference between the mean shares of two groups of hamlets."""
    homes = table("social_insure").astype({"bought": float})
    by = {"households": None, "villages": "village"}.get(unit, "hamlet")
    if by is None:
        groups = [homes.loc[homes[drawn] == on, outcome] for on in (True, False)]
    else:
        shares = homes.dropna(subset=drawn).groupby([by, drawn])[outcome].mean()
        groups = [shares.xs(on, level=drawn) for on in (True, False)]
    sizes = [len(g) for g in groups]
    if unit == "number of households":
        sizes = [(homes[drawn] == on).sum() for on in (True, False)]
    variances = [g.var(ddof=ddof) for g in groups]
    a, b = (v / n for v, n in zip(variances, sizes, strict=True))
    se, more = np.sqrt(a + b), groups[0].mean() - groups[1].mean()
    together = pd.concat(groups)
    return {
        "standard error": se,
        "squared": a + b,
        "half width": 1.96 * se,
        "width": 3.92 * se,
        "difference itself": more,
        "not divided": np.sqrt(sum(variances)),
        "added errors": np.sqrt(a) + np.sqrt(b),
        "off the other": np.sqrt(abs(a - b)),
        "one group": np.sqrt(a),
        "all hamlets": together.std(ddof=ddof) / np.sqrt(len(together)),
        "z value": more / se,
    }[given]
