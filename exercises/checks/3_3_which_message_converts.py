"""Feedback for exercises 3.3, which message converts."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm

import crmlib as crm
from crmlib.course.checks import Integer, Number, choose, recipe

table = cache(crm.load)


# Warm-up: a joke against all other guests


@cache
def guests():
    """Tips and guests of each card."""
    tips = table("tip_joke").groupby("card")["tip"].agg(["sum", "size"]).astype(float)
    return tips["sum"], tips["size"]


OTHERS = {"no card": ["none"], "advertisement": ["ad"], "everybody": ["none", "ad", "joke"]}


def two_shares(others, share):
    """Share with the joke and share without it, each as the decisions want it."""
    tipped, n = guests()

    def of(cards):
        k, m = tipped[cards].sum(), n[cards].sum()
        return {
            "of guests": k / m,
            "of all guests": k / n.sum(),
            "of all tips": k / tipped.sum(),
            "without a tip": k / (m - k),
            "who did not": 1 - k / m,
        }[share]

    each = [of([card]) for card in ("none", "ad", "joke")]
    rest = {
        "mean of two shares": np.mean(each[:2]),
        "mean of three shares": np.mean(each),
        "added shares": sum(each[:2]),
        "half": 0.5,
    }
    return each[2], rest.get(others, of(OTHERS.get(others, ["none", "ad"])))


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
        "counted as one group; the first less the second.",
    ),
    alike=[
        ("share=of all guests", "share=of all tips"),
        ("share=of all guests", "compared=numbers"),
        ("share=of all tips", "compared=numbers"),
    ],
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
            "mean of three shares": "You took the mean of three shares, that of the joke too; put the "
            "other guests together.",
            "added shares": "You added two shares; put the guests of the two other groups together.",
            "everybody": "You compared with everybody, the guests with the joke among them.",
            "half": "You compared with one half, a coin; the other guests show what is usual.",
        },
    ),
    share=choose(
        "of guests",
        {
            "of all guests": "You divided by all guests; each group has its own number of guests.",
            "of all tips": "You divided by all tips: what share of them had the joke. Divide by guests.",
            "without a tip": "You took the odds, those with by those without a tip; the task says "
            "share.",
            "who did not": "You took the share of guests who did not tip, or took the joke off the "
            "others: the sign is turned round.",
        },
    ),
    compared=choose(
        "points",
        {
            "ratio": "This is the ratio of the shares; give their difference.",
            "growth": "This is a growth, a relative difference; give the difference of the shares.",
            "per cent": "This is a growth in per cent; give the difference of the shares.",
            "odds ratio": "This is an odds ratio; give the difference of the shares.",
            "log odds": "This is a difference of log odds; give the difference of the shares.",
            "in points": "You gave it in points of a hundred; shares lie between 0 and 1.",
            "numbers": "You took the numbers of tips, not shares: the groups differ in size.",
            "joke alone": "This is the joke alone, its share; take off that of the rest.",
            "others alone": "This is the share of the others alone; the joke's share is missing.",
            "standard error": "This is the standard error of the difference.",
            "common error": "This is the standard error with one common variance; give the "
            "difference.",
            "low end": "This is the low end of the interval; give the difference itself.",
            "high end": "This is the high end of the interval; give the difference itself.",
            "arcsine": "This is the effect that the library takes, by an arcsine; give the difference.",
            "z value": "This is a z value, the difference over its standard error.",
            "common z": "This is a z value, with one common variance; give the difference.",
            "probability": "This is a p value, a probability; give the difference of the shares.",
            "any card": "You put joke and advertisement together, any card against none; the joke "
            "stands alone.",
            "correlation": "This is the correlation of joke and tip; give the difference of the shares.",
        },
    ),
):
    """Share who tipped with a joke, less that of all other guests."""
    tipped, n = guests()
    a, b = two_shares(others, share)
    m = n["joke"], n[OTHERS.get(others, ["none", "ad"])].sum()
    odds = (a / (1 - a)) / (b / (1 - b))
    se = np.sqrt(abs(a * (1 - a)) / m[0] + abs(b * (1 - b)) / m[1])
    usual = (m[0] * a + m[1] * b) / sum(m)
    common = np.sqrt(abs(usual * (1 - usual)) * (1 / m[0] + 1 / m[1]))
    z = (a - b) / common
    return {
        "points": a - b,
        "ratio": a / b,
        "growth": a / b - 1,
        "per cent": 100 * (a / b - 1),
        "odds ratio": odds,
        "log odds": np.log(abs(odds)),
        "in points": 100 * (a - b),
        "numbers": tipped["joke"] - tipped[["none", "ad"]].sum(),
        "joke alone": a,
        "others alone": b,
        "standard error": se,
        "common error": common,
        "low end": a - b - 1.96 * se,
        "high end": a - b + 1.96 * se,
        "arcsine": 2 * np.arcsin(np.sqrt(min(a, 1))) - 2 * np.arcsin(np.sqrt(min(b, 1))),
        "z value": (a - b) / se,
        "common z": z,
        "probability": 2 * norm.sf(abs(z)),
        "any card": tipped[["ad", "joke"]].sum() / n[["ad", "joke"]].sum()
        - tipped["none"] / n["none"],
        "correlation": z / np.sqrt(sum(m)),  # of two yes-or-no answers, phi
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
        "sides of the level; the formula; then the next whole visitor.",
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
            "halved": "You halved the level once too often, or corrected it for two tests, z = 2.241; "
            "for both sides it is 1.96.",
            "Bonferroni for three": "You corrected the level for three tests (Bonferroni); this is one.",
            "left out": "You left out the term of the level.",
            "two digits": "You took z values of two digits; take them from the normal distribution.",
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
            "5 % of 4 %": "You took 5 % of 4 % as the step, to 4.2 %; the page goes to 5 %.",
            "two points": "You took two points, to 6 %; the page goes from 4 % to 5 %.",
            "half a point": "You took half a point as the step; the page goes from 4 % to 5 %.",
            "five points": "You took five points as the step, to 9 %; the page goes from 4 % to 5 %.",
        },
    ),
    spread=choose(
        "mean and own",
        {
            "two pages": "You took the variances of the two pages for both terms; the first term, "
            "of the level, is for no difference at all.",
            "common": "You took one common share for both terms; the second, of the power, has "
            "each page's own.",
            "first page": "You took the variance of the first page for all terms.",
            "second page": "You took the variance of the second page for all terms.",
            "known": "You took the first share as known; both pages are counted, and both vary.",
            "once": "You took the variance once, or half of the number: two shares have two "
            "variances.",
            "first term once": "In the first term the variance stands once; the difference of two "
            "shares has two.",
            "sum for the mean": "You took the sum of the two shares for their mean: divide by 2.",
            "terms exchanged": "You exchanged the two terms: that of the level has the mean share.",
            "no root": "You took no root of the variances before adding the terms.",
            "arcsine": "This is the library's number, by an arcsine; the task asks for the formula.",
        },
    ),
    given=choose(
        "each page",
        {
            "both pages": "This is the number for both pages together; asked is one page.",
            "one fewer": "You rounded down, to one fewer; this many would just not do.",
            "hundreds": "You rounded to hundreds; give the next whole number.",
            "full hundreds": "You went up to full hundreds; give the next whole number.",
            "weeks": "This is the number of weeks at 80 visitors; give the visitors.",
            "all visitors": "You counted all visitors, of whom 30 % are on target; asked are those on "
            "target.",
            "30 %": "You divided the answer by 30 %, to count all; asked are those on target.",
            "rule of thumb": "This is a rule of thumb, 16 times the variance; use the formula.",
            "not squared": "You did not square the sum of the two terms.",
            "terms squared": "You squared the two terms before adding them; square their sum.",
            "step not squared": "Your step is not squared below the line.",
            "continuity": "You corrected for continuity; the formula of the example does not.",
            "conversions": "These are the conversions to expect on the new page; give its visitors.",
        },
    ),
):
    """Visitors that each page needs."""
    step = {
        "a point": 0.01,
        "one per cent of 4 %": 0.0004,
        "5 % of 4 %": 0.002,
        "two points": 0.02,
        "half a point": 0.005,
        "five points": 0.05,
    }[step]
    p, q = start / 100, start / 100 + step
    tails = {"one side": 0.95, "level of 1 %": 0.995, "halved": 0.9875, "left out": 0.5}
    tails["Bonferroni for three"] = 1 - 0.05 / 6
    z, miss = norm.ppf(tails.get(level, 0.975)), norm.ppf(power / 100)
    if level == "two digits":
        z, miss = round(z, 2), round(miss, 2)
    mean = p + q if spread == "sum for the mean" else (p + q) / 2
    v_mean, v_own = 2 * mean * (1 - mean), p * (1 - p) + q * (1 - q)
    terms = {
        "two pages": (v_own, v_own),
        "common": (v_mean, v_mean),
        "first page": (2 * p * (1 - p),) * 2,
        "second page": (2 * q * (1 - q),) * 2,
        "known": (p * (1 - p), q * (1 - q)),
        "once": (v_mean / 2, v_own / 2),
        "first term once": (v_mean / 2, v_own),
        "terms exchanged": (v_own, v_mean),
        "no root": (v_mean**2, v_own**2),
    }.get(spread, (v_mean, v_own))
    first, second = z * np.sqrt(terms[0]), miss * np.sqrt(terms[1])
    n = ((first + second) / step) ** 2
    if spread == "arcsine":
        n = ((z + miss) / (2 * np.arcsin(np.sqrt(q)) - 2 * np.arcsin(np.sqrt(p)))) ** 2 * 2
    n = {
        "all visitors": n / 0.3,
        "30 %": np.ceil(n) / 0.3,
        "rule of thumb": 16 * mean * (1 - mean) / step**2,
        "not squared": (first + second) / step**2,
        "terms squared": (first**2 + second**2) / step**2,
        "step not squared": (first + second) ** 2 / step,
        "continuity": n / 4 * (1 + np.sqrt(1 + 4 / (n * step))) ** 2,
        "conversions": n * q,
    }.get(given, n)
    whole = np.floor(n) if given == "one fewer" else np.ceil(n)
    return int(
        {
            "both pages": 2 * whole,
            "hundreds": round(n, -2),
            "full hundreds": 100 * np.ceil(n / 100),
            "weeks": np.ceil(whole / 80),
        }.get(given, whole)
    )


# Standard: what the planting message changed

DAYS = {
    "four weeks": (1, 28),
    "a week": (1, 7),
    "two weeks": (1, 14),
    "27 days": (1, 27),
    "29 days": (1, 29),
    "30 days": (1, 30),
    "31 days": (1, 31),
    "30 days and the first": (0, 30),
    "two months": (1, 60),
    "three months": (1, 90),
    "day of sending": (0, 28),
    "sending as the first": (0, 27),
    "both sides": (-28, 28),
    "before": (-28, -1),
    "March": (-3, 27),
    "April": (28, 57),
    "all of 2025": (-62, 302),
    "end of the log": (1, 10_000),
    "any time": (-10_000, 10_000),
}


@cache
def orders():
    """Orders with the place of their customer in the firm's list and what wrong options want."""
    costs = table("shihu/unit_costs").set_index("item")["value"]
    made, lines = table("shihu/orders"), table("shihu/order_lines")
    profit = crm.order_profit(made, lines, payment_share=costs["payment_share"])
    place = pd.Index(table("shihu/customers")["customer_id"]).get_indexer(made["customer_id"])
    sizes = made["order_id"].map(lines.groupby("order_id").size())
    paid, one = made["amount"], pd.Series(1.0, made.index)
    return place, {
        "paid": paid,
        "orders": one,
        "discount off": paid - made["discount"],
        "delivery fee": paid + made["delivery_fee"],
        "list price": paid + made["discount"],
        "joined with lines": paid * sizes,
        "order lines": sizes.astype(float),
        "profit": profit.astype(float),
        "web orders": paid.where(made["channel"] == "web", 0.0),
        "shop orders": paid.where(made["channel"] == "shop", 0.0),
    }


@cache
def sent(name):
    """Give the rows of a campaign in the order of the firm's customers; NaN for those not in it."""
    rows = table("shihu/campaigns").query("campaign_id == @name").set_index("customer_id")
    columns = ["sent_on", "arm", "channel", "opened", "clicked", "unsubscribed"]
    return rows[columns].reindex(table("shihu/customers")["customer_id"])


@cache
def within(name, window, outcome, date="date"):
    """Sum an outcome of each customer's orders in a window."""
    place, money = orders()
    if outcome == "first order":
        return first_paid(name, window)
    low, high = DAYS[window]
    days = (table("shihu/orders")[date] - sent(name)["sent_on"].dropna().iloc[0]).dt.days
    found = days.between(low, high).to_numpy()
    values = money[outcome].to_numpy()[found]
    return np.bincount(place[found], values, len(sent(name)))


def first_paid(name, window):
    """Paid by each customer in the first order of a window."""
    place, money = orders()
    made = table("shihu/orders")
    days = (made["date"] - sent(name)["sent_on"].dropna().iloc[0]).dt.days
    rows = pd.DataFrame({"place": place, "date": made["date"], "paid": money["paid"]})
    rows = rows[days.between(*DAYS[window])].sort_values("date", kind="stable")
    first = rows.drop_duplicates("place").set_index("place")["paid"]
    return first.reindex(range(len(sent(name))), fill_value=0.0).to_numpy()


@cache
def of_customers(name, window, outcome):
    """Give what is averaged for each customer of the firm; NaN where it is left out."""
    number = within(name, window, "orders")
    paid = within(name, window, "paid")
    if outcome == "recorded_on":
        return within(name, window, "paid", "recorded_on")
    with np.errstate(invalid="ignore"):
        return {
            "paid": lambda: paid,
            "bought": lambda: (number > 0).astype(float),
            "per buyer": lambda: np.where(number > 0, paid, np.nan),
            "median": lambda: paid,
            "median of buyers": lambda: np.where(number > 0, paid, np.nan),
            "mean order": lambda: np.where(number > 0, paid / number, 0.0),
            "mean order of buyers": lambda: paid / number,
            "named after it": lambda: 0 * paid,
        }.get(outcome, lambda: within(name, window, outcome))()


@cache
def groups(name, arms):
    """Places of the two groups that are compared."""
    rows = sent(name)
    control, known = rows["arm"] == "control", rows["arm"].notna()
    treated = known & ~control
    opened, clicked, gone = (
        rows[c].fillna(False).astype(bool) for c in ("opened", "clicked", "unsubscribed")
    )
    pair = {
        "treated and controls": (treated, control),
        "openers for the treated": (opened, control),
        "openers and others": (opened, treated & ~opened),
        "openers, rest of the campaign": (opened, known & ~opened),
        "clicked": (clicked, control),
        "unsubscribed": (treated & ~gone, control),
        "wechat": (rows["channel"] == "wechat", control),
        "sms": (rows["channel"] == "sms", control),
        "everybody": (treated, known),
        "all customers": (treated, known | True),
        "not in the campaign": (treated, ~known),
    }[arms]
    return tuple(np.flatnonzero(of) for of in pair)


@cache
def everywhere(name, arms):
    """Places of treated and controls in all campaigns, a customer as often as in the table."""
    rows = table("shihu/campaigns")
    places = pd.Index(table("shihu/customers")["customer_id"]).get_indexer(rows["customer_id"])
    return tuple(places[(rows["arm"] == arm).to_numpy()] for arm in ("treated", "control"))


@recipe(
    Number(),
    means=lambda more: (
        f"{more:.2f} CNY for each message. That is what customers paid, not what the firm kept, and "
        "it has an error: see the last task."
    ),
    hints=(
        "What would they have paid without the message?",
        "The section of the example on Monday compares the means of two arms.",
        "For every customer of the campaign what was paid in the four weeks, 0 where nothing was; the "
        "mean of the treated, less that of the controls.",
    ),
    alike=[
        ("outcome=named after it", "outcome=median"),
        ("arms=unsubscribed", "outcome=delivery fee"),  # by chance, on some class sets
        ("window=31 days", "outcome=list price"),  # so, too
    ],
)
def paid_more(
    *,
    which=choose(
        "K05",
        {
            "K02": "You took K02, the planting of 2024; the task says 2025.",
            "K07": "You took K07, the presents of 2025; the task says K05.",
            "K08": "You took K08, the coupon of the example.",
            "all campaigns": "You took the arms of all campaigns; keep the rows of K05.",
            "both years": "You put the planting of both years together; the task says 2025.",
        },
    ),
    window=choose(
        "four weeks",
        {
            "a week": "You looked for a week only; the window is four weeks.",
            "two weeks": "You looked for two weeks only; the window is four weeks.",
            "27 days": "You looked for 27 days, or to the end of March: the 28th belongs to the window.",
            "29 days": "You looked for 29 days: the window ends with the 28th.",
            "30 days": "You looked for 30 days, as the example does; four weeks are 28.",
            "31 days": "You looked for a calendar month, 31 days; four weeks are 28.",
            "30 days and the first": "You looked for 30 days and counted the first, that of sending, "
            "too; the window is 28 days from the day after.",
            "two months": "You looked for two months, 60 days; the window is four weeks.",
            "three months": "You looked for three months, 90 days; the window is four weeks.",
            "day of sending": "You counted the day of sending, too; the window begins on the day after.",
            "sending as the first": "You counted the day of sending as the first; the window begins on "
            "the day after.",
            "both sides": "You looked at both sides of the sending; the window is after it.",
            "before": "You looked at the days before the sending.",
            "March": "You took the month of March; the window is the 28 days after the sending.",
            "April": "You took the month of April; the window is the 28 days after the sending.",
            "all of 2025": "You took all of 2025; the window is four weeks.",
            "end of the log": "You looked to the end of the log; the window ends after four weeks.",
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
            "openers, rest of the campaign": "You compared openers with the rest of the campaign; "
            "chance chose treated and controls.",
            "clicked": "You took those who clicked for the treated; chance chose all who were sent one.",
            "unsubscribed": "You left out those who unsubscribed: the message drove them away; "
            "they count.",
            "wechat": "You took the treated by wechat only; all treated count.",
            "sms": "You took the treated by sms only; all treated count.",
            "everybody": "You compared the treated with everybody in the campaign, the treated among "
            "them.",
            "all customers": "You compared with all customers of the firm; compare with the controls.",
            "not in the campaign": "You compared with customers who were not in the campaign; chance "
            "chose the controls.",
        },
    ),
    outcome=choose(
        "paid",
        {
            "bought": "You took the share who bought; asked is what was paid.",
            "orders": "You counted orders; asked is what was paid.",
            "order lines": "You counted order lines; asked is what was paid.",
            "joined with lines": "You joined orders with their lines, so that an order of three lines "
            "counts three times.",
            "recorded_on": "You took the day in recorded_on; the window is about the date of an order.",
            "per buyer": "You took the mean per buyer; those who ordered nothing paid 0, and count.",
            "mean order": "You took each customer's mean order; asked is all that one paid.",
            "mean order of buyers": "You took the mean order of buyers; asked is all that one paid, and "
            "0 counts.",
            "median": "You took the median, which is 0 in both arms.",
            "median of buyers": "You took the median of buyers; asked is the mean of all in an arm.",
            "discount off": "You took the discount off the amount, which is what was paid already.",
            "delivery fee": "You added the delivery fee; asked is the amount.",
            "list price": "You took the list price, the discount added back; asked is what was paid.",
            "first order": "You took each customer's first order of the window only; all of them count.",
            "profit": "You took the profit; asked is what was paid.",
            "web orders": "You took orders on the web only; all orders count.",
            "shop orders": "You took orders in a shop only; all orders count.",
            "named after it": "You counted only orders named after the campaign in campaign_id; a "
            "message without a coupon has none.",
        },
    ),
    compared=choose(
        "difference",
        {
            "ratio": "This is the ratio of the means; give their difference.",
            "growth": "This is a growth, a relative difference; give it in CNY.",
            "per cent": "This is a growth in per cent; give the difference in CNY.",
            "logarithms": "This is a difference of logarithms; give that of the means in CNY.",
            "sums": "You took the sums, not the means: the arms differ in size.",
            "sum of the treated": "This is a sum, of the treated; give a difference of means.",
            "whole campaign": "You divided sums by the whole campaign; each arm has its own size.",
            "treated alone": "This is the mean of the treated alone; take off that of the controls.",
            "controls alone": "This is the mean of the controls alone.",
            "share of the money": "This is the share of the money that the treated paid.",
            "per day": "This is per day; asked are all four weeks.",
            "per week": "This is per week; asked are all four weeks together.",
            "weeks before": "You took off the difference of the four weeks before; chance made the arms "
            "alike.",
            "per order": "You took the mean per order; asked is that of all customers in an arm.",
            "rows": "You took the mean of the rows of a join, where who ordered twice stands twice.",
            "standard error": "This is the standard error of the difference.",
            "z value": "This is a z value, the difference over its standard error.",
        },
    ),
):
    """Mean paid by the treated in the window, less that by the controls."""
    names = {"both years": ["K02", "K05"], "all campaigns": ["K05"]}.get(which, [which])

    def arms_of(window, outcome):
        how = everywhere if which == "all campaigns" else groups
        both = [(of_customers(n, window, outcome), how(n, arms)) for n in names]
        pair = (np.concatenate([value[places[i]] for value, places in both]) for i in (0, 1))
        return [x[~np.isnan(x)] for x in pair]

    a, b = arms_of(window, outcome)
    mid = np.median if outcome.startswith("median") else np.mean
    more = mid(a) - mid(b)
    if compared == "weeks before":
        return more - np.subtract(*(mid(x) for x in arms_of("before", outcome)))
    if compared in ("per order", "rows"):
        made = [np.maximum(n, compared == "rows") for n in arms_of(window, "orders")]
        return a.sum() / made[0].sum() - b.sum() / made[1].sum()
    se = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    sums, ratio = a.sum() - b.sum(), a.mean() / b.mean()
    return {
        "difference": more,
        "ratio": ratio,
        "growth": ratio - 1,
        "per cent": 100 * (ratio - 1),
        "logarithms": np.log(abs(ratio)),
        "sums": sums,
        "sum of the treated": a.sum(),
        "whole campaign": sums / (len(a) + len(b)),
        "treated alone": mid(a),
        "controls alone": mid(b),
        "share of the money": a.sum() / (a.sum() + b.sum()),
        "per day": more / 28,
        "per week": more / 4,
        "standard error": se,
        "z value": more / se,
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


def clustered(homes, drawn, outcome, corrected):
    """Standard error of a regression over households, with errors clustered by hamlet."""
    on, y = homes[drawn].to_numpy(bool), homes[outcome].to_numpy(float)
    centred = y - np.where(on, y[on].mean(), y[~on].mean())
    parts = pd.Series(centred / np.where(on, on.sum(), (~on).sum())).groupby([homes["hamlet"], on])
    g, n = homes["hamlet"].nunique(), len(homes)
    few = g / (g - 1) * (n - 1) / (n - 2) if corrected else 1
    return np.sqrt((parts.sum() ** 2).sum() * few)


@recipe(
    Number(digits=4),
    means=lambda se: (
        f"{100 * se:.1f} points. Taking the households as independent one would have said "
        f"{100 * neighbours('households'):.1f}: whole hamlets were randomised, and neighbours "
        f"are alike."
    ),
    hints=(
        "How many units did chance assign to one group or the other?",
        "The first section of the example adds two variances; here each hamlet is one observation.",
        "The share who bought in each hamlet; for each of the two groups of hamlets the variance "
        "of these shares by the number of hamlets; the root of the sum.",
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
            "clustered": "You took households with errors clustered by hamlet; here each hamlet "
            "counts once.",
            "not corrected": "You took households with errors clustered by hamlet and not corrected for "
            "few hamlets; here each hamlet counts once.",
            "weighted": "You weighted hamlets by their households; each hamlet counts once.",
            "one household": "You left out hamlets of one household; each hamlet counts.",
            "first": "You kept the first row of each hamlet; take the share of all its households.",
            "buyers of a hamlet": "You took the number of buyers of a hamlet; take the share.",
        },
    ),
    drawn=choose(
        "default_buy",
        {
            "intensive": "You split by intensive, the session; the groups of this task are default_buy.",
            "literate": "You split by literate; the groups of this task are default_buy.",
            "male": "You split by male; the groups of this task are default_buy.",
        },
    ),
    outcome=choose(
        "bought",
        {
            "earlier_takeup": "You took earlier_takeup, the first round; asked is who bought.",
        },
    ),
    variance=choose(
        "sample",
        {
            "divided by n": "You divided by n instead of n - 1 in the variances (ddof=0).",
            "twice n - 1": "You divided by n - 1 twice; the second time it is by n.",
            "binomial": "You took p (1 - p), the binomial variance of single answers; take that of "
            "the hamlets' shares.",
            "pooled": "You took one pooled variance; each of the two groups has its own.",
            "standard deviations": "You divided standard deviations by n; divide variances.",
        },
    ),
    given=choose(
        "standard error",
        {
            "squared": "This is squared, the variance of the difference; take its root.",
            "90 %": "This is the half width of an interval of 90 %; asked is one standard error.",
            "half width": "This is the half width of the interval, 1.96 standard errors.",
            "width": "This is the width of the whole interval.",
            "in points": "You gave it in points of a hundred; the task says a share.",
            "difference itself": "This is the difference itself; asked is its standard error.",
            "not divided": "You did not divide the variances by the number of hamlets.",
            "mean variance": "You took the root of the mean variance, a standard deviation; divide each "
            "variance by its number of hamlets.",
            "added errors": "You added the two standard errors; their squares add up.",
            "mean of the errors": "You took the mean of the two standard errors; their squares add up.",
            "off the other": "You took one variance off the other; for a difference, too, they add up.",
            "less the other error": "You took one error less the other error; their squares add up.",
            "one group": "You took one group only, that with the default.",
            "second group": "You took the second group only, that without the default.",
            "all together": "You divided by all hamlets together; each group has its own number.",
            "all hamlets": "You took all hamlets as one group; the two groups have variances of "
            "their own.",
            "spread": "This is the spread of all hamlets, a standard deviation; not yet an error.",
            "z value": "This is the z value; asked is what stands below its line.",
            "one share": "You took one share for all households, as in a test of two shares; each "
            "hamlet counts once.",
        },
    ),
):
    """Standard error of the difference between the mean shares of two groups of hamlets."""
    (a, b), sizes = samples(unit, drawn, outcome)
    v, w = spreads(a, b, variance)
    if unit == "weighted":
        v, w = (
            np.average((x - np.average(x, weights=k)) ** 2, weights=k)
            for x, k in zip((a, b), sizes, strict=True)
        )
    n, m = sizes if unit == "number of households" else (len(a), len(b))
    n, m = (n - 1, m - 1) if variance == "twice n - 1" else (n, m)
    se, more = np.sqrt(v / n + w / m), a.mean() - b.mean()
    if unit in ("clustered", "not corrected"):
        se = clustered(households(drawn), drawn, outcome, unit == "clustered")
    together = pd.concat([a, b])
    return {
        "standard error": se,
        "squared": se**2,
        "90 %": 1.645 * se,
        "half width": 1.96 * se,
        "width": 3.92 * se,
        "in points": 100 * se,
        "difference itself": more,
        "not divided": np.sqrt(v + w),
        "mean variance": np.sqrt((v + w) / 2),
        "added errors": np.sqrt(v / n) + np.sqrt(w / m),
        "mean of the errors": (np.sqrt(v / n) + np.sqrt(w / m)) / 2,
        "off the other": np.sqrt(abs(v / n - w / m)),
        "less the other error": abs(np.sqrt(v / n) - np.sqrt(w / m)),
        "one group": np.sqrt(v / n),
        "second group": np.sqrt(w / m),
        "all together": np.sqrt((v + w) / (n + m)),
        "all hamlets": together.std() / np.sqrt(len(together)),
        "spread": together.std(),
        "z value": more / se,
        "one share": one_share(drawn, outcome),
    }[given]


def one_share(drawn, outcome):
    """Binomial standard error with one share for the households of both groups."""
    homes = households(drawn)
    p, sizes = homes[outcome].mean(), homes[drawn].value_counts()
    return np.sqrt(p * (1 - p) * (1 / sizes).sum())


@cache
def households(drawn):
    """Households of which the group is known."""
    homes = table("social_insure").astype({"bought": float}).dropna(subset=drawn)
    return homes.assign(**{drawn: homes[drawn].astype(bool)})


@cache
def samples(unit, drawn, outcome):
    """Observations of the two groups, one number for each unit, and their numbers of households."""
    homes = households(drawn)
    if unit in ("households", "clustered", "not corrected"):
        both = [homes.loc[homes[drawn] == on, outcome] for on in (True, False)]
        return both, [len(x) for x in both]
    by = ["village" if unit == "villages" else "hamlet", drawn]
    found = homes.groupby(by)[outcome].agg(["sum", "mean", "size"])
    if unit == "one household":
        found = found[found["size"] > 1]
    if unit == "first":
        found["mean"] = homes.groupby(by)[outcome].first()
    both = [found.xs(on, level=drawn) for on in (True, False)]
    sizes = [x["size"] if unit == "weighted" else x["size"].sum() for x in both]
    return [x["sum" if unit == "buyers of a hamlet" else "mean"] for x in both], sizes


def spreads(a, b, variance):
    """Variances of the two groups."""
    if variance == "pooled":
        one = ((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / (len(a) + len(b) - 2)
        return one, one
    how = {
        "divided by n": lambda x: x.var(ddof=0),
        "binomial": lambda x: abs(x.mean() * (1 - x.mean())),
        "standard deviations": lambda x: x.std(),
    }.get(variance, lambda x: x.var())
    return how(a), how(b)
