"""Feedback for exercises 3.2, six stages."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, Values, choose, recipe

TODAY = "2025-06-30"


table = cache(crm.load)


@cache
def customers():
    """Give all customers of the firm; the arrays below follow their order."""
    return pd.Index(table("shihu/truth_customers")["customer_id"])


@cache
def left_by(day):
    """Say who had really left by a day."""
    return (table("shihu/truth_customers")["left_on"] <= day).to_numpy()


@cache
def ordered(unit):
    """What counts as an order of the firm: one row each, with customer and day."""
    orders = table("shihu/orders")
    if unit in ("web", "shop", "wechat"):
        orders = orders[orders["channel"] == unit]
    if unit == "members":
        people = table("shihu/customers").set_index("customer_id")
        joined = people.index[people["member_since"].notna()]
        orders = orders[orders["customer_id"].isin(joined)]
    orders = orders[["customer_id", "date"]]
    if unit == "purchase days":
        return orders.drop_duplicates()
    if unit == "order lines":
        lines = table("shihu/order_lines")[["order_id"]]
        return lines.merge(table("shihu/orders"), on="order_id")[["customer_id", "date"]]
    return orders


@cache
def placed(unit):
    """Give the place of each order's customer in the list of all, and the day."""
    orders = ordered(unit)
    return customers().get_indexer(orders["customer_id"]), orders["date"].to_numpy()


@cache
def recent(unit, day, days):
    """Count the orders of each customer that on `day` are at most `days` old."""
    who, date = placed(unit)
    end = np.datetime64(day)
    young = (date <= end) & (date >= end - np.timedelta64(days, "D"))
    return np.bincount(who[young], minlength=len(customers()))


# Warm-up: how many are regular


@recipe(
    Integer(),
    means=lambda regulars: f"{regulars:,} customers are regular, awake and often.",
    hints=(
        "Which rule wins when several hold, and what does `within_days` leave out?",
        "The cell of the rules in the section on six stages, and the help of `crm.stages`.",
        "One event for each order; three rules in the order given, the window in the last one only; "
        "count the customers whose stage is regular.",
    ),
)
def regulars(
    *,
    day=choose(
        TODAY,
        {
            "2024-12-31": "You stood on 2024-12-31, the day of the example.",
            "2025-12-31": "You stood on 2025-12-31, the end of the log.",
            "2024-06-30": "You stood on 2024-06-30, a year too early.",
            "2025-06-29": "You left out today itself and stood on 2025-06-29.",
        },
    ),
    window=choose(
        365,
        {
            9999: "You set no window (within_days): orders of any age, 9999 days back, count.",
            180: "You took 180 days, the border of sleep in the example; here it is 365.",
            90: "You took 90 days, a quarter; it is 365.",
            52: "You took 52 days, as if within_days were weeks; it is 365 days.",
            364: "You took 364 days: an order exactly 365 days old still counts.",
            730: "You took 730 days, two years; it is 365.",
            360: "You took 360 days, twelve months of 30; it is 365.",
        },
    ),
    at_least=choose(
        4,
        {
            3: "You asked for 3 orders; it is 4 or more.",
            5: "You asked for 5, more than four; it is four or more.",
            2: "You asked for 2 orders in the window; it is 4 or more.",
            6: "You asked for 6 orders; it is 4 or more.",
            1: "You left at_least out, as if 1 order in the window were enough; it is 4 or more.",
        },
    ),
    unit=choose(
        "orders",
        {
            "purchase days": "You merged purchase days; here each order is an event.",
            "order lines": "You counted order lines; an event is an order.",
            "web": "You counted orders of the web shop alone; all channels count.",
            "shop": "You counted orders at the shop counter alone; all channels count.",
            "wechat": "You counted orders of the store on WeChat alone; all channels count.",
            "members": "You kept members alone; all customers count.",
        },
    ),
    counted=choose(
        "regular",
        {
            "repeat or higher": "You counted everyone at repeat or higher.",
            "repeat alone": "You counted the stage of repeat alone.",
            "first alone": "You counted the stage of first alone.",
            "all customers": "You counted all customers; asked are those at the last stage.",
            "not regular": "You counted those who are not regular; asked are those who are.",
            "future too": "You counted orders of the future too; use none after the day.",
            "their orders": "You added up their orders; asked is the number of customers.",
            "share": "This is a share of the customers; give their number.",
            "per cent": "This is a number in per cent; give the number of customers.",
            "repeat comes last": "Your rule of repeat comes last and wins; put regular last.",
            "still there": "You kept those still there by the truth; the rules know events only.",
            "end of 2025": "You kept those who stayed to the end of 2025; the rules know events only.",
            "exactly": "You counted those with exactly so many orders; more is regular too.",
            "four ever": "You took four ever and one in the window; all four must lie in it.",
            "active": "This is a share of those active within the window; give a number.",
        },
    ),
):
    """Customers of the firm who are regular on a day: four orders or more in a year."""
    ever = recent(unit, day, 9999)
    known = ever > 0
    young, gone = recent(unit, day, window)[known], left_by(day)[known]
    late, ever = left_by("2025-12-31")[known], ever[known]
    later = recent(unit, "2025-12-31", 9999) - recent(unit, day, 9999) + recent(unit, day, window)
    regular = young >= at_least
    return {
        "regular": regular.sum(),
        "repeat or higher": (regular | (ever >= 2)).sum(),
        "repeat alone": (~regular & (ever >= 2)).sum(),
        "first alone": (~regular & (ever < 2)).sum(),
        "all customers": len(ever),
        "not regular": (~regular).sum(),
        "future too": (later >= at_least).sum(),
        "their orders": young[regular].sum(),
        "share": regular.mean(),
        "per cent": 100 * regular.mean(),
        "repeat comes last": (regular & (ever < 2)).sum(),
        "still there": (regular & ~gone).sum(),
        "end of 2025": (regular & ~late).sum(),
        "exactly": (young == at_least).sum(),
        "four ever": ((ever >= at_least) & (young > 0)).sum(),
        "active": regular.sum() / (young > 0).sum(),
    }[counted]


# Standard: the second order, and who falls


@cache
def waits(day, unit):
    """Give for each customer of a day how many days ago orders were, and the leaving."""
    log = ordered(unit)[ordered(unit)["date"] <= day].sort_values(["customer_id", "date"])
    ago = (pd.Timestamp(day) - log["date"]).dt.days.groupby(log["customer_id"])
    first = log.groupby("customer_id")["date"].min()
    left = table("shihu/truth_customers").set_index("customer_id")["left_on"].reindex(first.index)
    left = left.where(left <= day)
    base = {name: ago.nth(k) for k, name in enumerate(["first", "second", "third"])}
    base = {
        name: value.set_axis(log.loc[value.index, "customer_id"]).reindex(first.index)
        for name, value in base.items()
    }
    base |= {"last": ago.min(), "left": (pd.Timestamp(day) - left).dt.days, "year": first.dt.year}
    base = {name: value.to_numpy(dtype=float) for name, value in base.items()}
    base["gap"] = base["first"] - base["second"] + base["third"]  # as if it began at the second
    return base


@cache
def all_gaps(day, unit):
    """List the days between one order and the customer's next, until a day."""
    known = ordered(unit)[ordered(unit)["date"] <= day].sort_values(["customer_id", "date"])
    return known.groupby("customer_id")["date"].diff().dt.days.dropna()


@cache
def last_gaps(day, unit):
    """Give the days between the last two orders of each customer with two or more."""
    log = ordered(unit)[ordered(unit)["date"] <= day].sort_values(["customer_id", "date"])
    return (
        log.groupby("customer_id")["date"]
        .diff()
        .dt.days.groupby(log["customer_id"])
        .nth(-1)
        .dropna()
    )


@cache
def two_lately(day, unit, days):
    """Give the share with two orders or more among all with any in the last days."""
    lately = recent(unit, day, days)
    return (lately >= 2).sum() / (lately > 0).sum()


def curve(first, event, left, within):
    """Kaplan and Meier's share with the event; who left before it counts as lost sight of."""
    end = np.where(np.isnan(event), np.nan_to_num(left, nan=0), event)
    wait, share = first - end, 1.0
    seen = wait[~np.isnan(event)]
    for day, events in zip(*np.unique(seen[seen <= within], return_counts=True), strict=True):
        share *= 1 - events / (wait >= day).sum()
    return 1 - share


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.1%} order a second time within half a year. Nobody who left was taken off the list."
    ),
    hints=(
        "For whom can you know that half a year went by after the first order?",
        "The section of the example on cleaned lists: counting among those who joined long enough ago.",
        "First and second purchase day of each customer; keep all whose first is 180 days old or more; "
        "the share whose second came at most 180 days after it.",
    ),
    # Nearly the same people; by chance the same share.
    alike=[("day=2024-12-31", "rows=a year"), ("rows=a year", "within=179")],
)
def again(
    *,
    day=choose(
        TODAY,
        {
            "2024-12-31": "You stood on 2024-12-31, the day of the example.",
            "2025-12-31": "You looked until 2025-12-31, the end of the log.",
        },
    ),
    rows=choose(
        "old enough",
        {
            "youngest": "You kept the youngest too; they could not have had 180 days.",
            "a year": "You took those who joined a year ago or more; 180 days are enough.",
            "quick": "You kept the quick among the young, who have ordered already: that flatters.",
            "newcomers": "You took the newcomers of the last 180 days; take the others.",
            "exactly 180": "You left out who joined exactly 180 days ago.",
            "joined in 2023": "You took only those who joined in 2023.",
            "late in 2024": "You took only those who joined late, from July 2024.",
            "joined in 2024": "You took only those who joined in 2024.",
            "awake": "You cleaned the list: only customers awake, with an order in the last 180 days.",
            "awake in a year": "You cleaned the list: only those awake in a year, the last 365 days.",
            "still there": "You struck off who had left: only those still there by the truth.",
            "left without": "You struck off those who left without a second order.",
        },
    ),
    within=choose(
        180,
        {
            365: "You allowed 365 days; the task says 180.",
            90: "You allowed 90 days; the task says 180.",
            179: "You left out day 180, as with fewer than 180: here 179; at most 180 is asked.",
            182: "You allowed 26 weeks, 182 days; the task says 180.",
            183: "You allowed half a calendar year, 183 days; the task says 180.",
            9999: "You set no limit, 9999 days: any second order, whenever it came.",
        },
    ),
    unit=choose(
        "purchase days",
        {
            "orders": "You took orders; two on one day are one purchase day.",
            "web": "You took the web shop alone; all channels count.",
            "members": "You kept members alone; all customers count.",
        },
    ),
    which=choose(
        "second",
        {
            "third": "You timed the third purchase; asked is the second.",
            "last": "You timed the last purchase; asked is the second.",
            "gap": "You timed the gap from the second purchase to the third, not from the first.",
        },
    ),
    measure=choose(
        "share",
        {
            "number": "This is the number of customers; give their share.",
            "of repeaters": "You divided by those who have bought twice, of repeaters; divide by all.",
            "of everybody": "You divided by everybody, also those who joined too late.",
            "ratio": "You divided by those who did not order again: a ratio, not a share.",
            "young on top": "You kept the young on top, among those who ordered, but not below.",
            "two lately": "This is a share of those who ordered lately, with two orders or more; asked "
            "is the second after the first.",
            "median": "This is a median of days; asked is a share.",
            "mean days": "These are mean days between the two; asked is a share.",
            "after": "This is the share that came after the limit.",
            "to today": "You measured from the second purchase to today; asked is from the first.",
            "last gap": "You took the last gap of each customer; asked is the first.",
            "all gaps": "You took all gaps between purchases; asked is the first alone.",
            "curve": "You read a curve of Kaplan and Meier over all; here count those old enough.",
            "leavers censored": "You treated leavers as censored, a curve that strikes them off.",
        },
    ),
):
    """Share of customers old enough who order a second time within 180 days."""
    base = waits(day, unit)
    age, event, left = base["first"], base[which], base["left"]
    wait, old = age - event, age >= 180
    soon = wait <= within
    chosen = {
        "old enough": old,
        "youngest": age >= 0,
        "a year": age >= 365,
        "quick": old | soon,
        "newcomers": ~old,
        "exactly 180": age > 180,
        "joined in 2023": base["year"] == 2023,
        "joined in 2024": base["year"] == 2024,
        "late in 2024": old & (age <= 364),
        "awake": old & (base["last"] <= 180),
        "awake in a year": old & (base["last"] <= 365),
        "still there": old & np.isnan(left),
        "left without": old & (np.isnan(left) | ~np.isnan(base["second"])),
    }[rows]
    if measure == "all gaps":
        return (all_gaps(day, unit) <= within).mean()
    if measure == "last gap":
        return (last_gaps(day, unit) <= within).mean()
    if measure == "leavers censored":
        return curve(age[chosen], event[chosen], left[chosen], within)
    if measure == "curve":
        return curve(age, event, np.full(len(age), np.nan), within)
    return {
        "share": (chosen & soon).sum() / chosen.sum(),
        "number": (chosen & soon).sum(),
        "of repeaters": (chosen & soon).sum() / (chosen & ~np.isnan(base["second"])).sum(),
        "of everybody": (chosen & soon).sum() / len(age),
        "ratio": (chosen & soon).sum() / (chosen & ~soon).sum(),
        "young on top": soon.sum() / chosen.sum(),
        "two lately": two_lately(day, unit, within),
        "median": np.nanmedian(wait[chosen]),
        "mean days": np.nanmean(wait[chosen]),
        "to today": (event <= within)[chosen].mean(),
        "after": (wait > within)[chosen].mean(),
    }[measure]


@cache
def stage_of(unit, day, window, at_least):
    """Give the stage of each customer of the firm on a day: 0 unknown, 1 first, 2 repeat, 3 regular."""
    ever, young = recent(unit, day, 9999), recent(unit, day, window)
    return np.select([young >= at_least, ever >= 2, ever >= 1], [3, 2, 1])


def parted(stage):
    """Count the stages of repeat and of regular."""
    return pd.Series({"repeat": (stage == 2).sum(), "regular": (stage == 3).sum()})


@recipe(
    Values("stages"),
    means=lambda fate: (
        f"{fate['repeat']:,} of {fate.sum():,} regulars are no longer regular a year later: a ladder "
        "for work lets people fall."
    ),
    hints=(
        "Whom do you follow, and on which day do you look at their stage?",
        "The section of the example that goes month by month; there it is clients and sleep.",
        "The stage of every customer on both days by the rules of task 1; keep those regular on the "
        "first day; count their stages on the second, and keep the two rows asked for.",
    ),
)
def fate(
    *,
    before=choose(
        "2024-06-30",
        {
            "2024-12-31": "You began on 2024-12-31, half a year too late.",
            "2023-06-30": "You began on 2023-06-30, two years before the second day.",
            "2023-12-31": "You began on 2023-12-31, half a year too early.",
        },
    ),
    after=choose(
        TODAY,
        {
            "2025-12-31": "You ended on 2025-12-31, half a year too late.",
            "2024-09-30": "You ended on 2024-09-30, after a quarter.",
            "six months": "You ended after six months, in December.",
        },
    ),
    window=choose(
        365,
        {
            180: "You took 180 days; a regular has four orders in 365.",
            730: "You took 730 days, two years; a regular has four orders in 365.",
            9999: "You set no window, 9999 days: on such a ladder nobody can fall.",
        },
    ),
    at_least=choose(
        4,
        {
            3: "You asked for 3 orders; it is 4 or more.",
            5: "You asked for 5, more than four; it is four or more.",
            2: "You asked for 2, repeat buyers; regular is 4 or more.",
            1: "You left at_least out, as if 1 order in the window were enough; it is 4 or more.",
        },
    ),
    unit=choose(
        "orders",
        {
            "purchase days": "You merged purchase days; here each order is an event.",
            "order lines": "You counted order lines; an event is an order.",
            "web": "You counted orders of the web shop alone; all channels count.",
            "shop": "You counted orders at the shop counter alone; all channels count.",
            "wechat": "You counted orders of the store on WeChat alone; all channels count.",
            "members": "You kept members alone; all customers count.",
        },
    ),
    followed=choose(
        "regular at first",
        {
            "everyone": "You followed everyone known at first; keep those who were regular.",
            "repeat at first": "You followed who was repeat at first; keep those who were regular.",
            "repeat or higher": "You followed all at repeat or higher; keep those who were regular.",
            "not regular": "You followed who was not regular at first; keep those who were.",
            "first at first": "You followed who was at the stage of first; keep those who were regular.",
            "backwards": "You looked backwards: which stage the regulars of the second day had before.",
            "nobody left out": "You left nobody out: these are the stages of all on the second day.",
            "new since": "You followed customers new since the first day; keep those regular on it.",
            "earlier stock": "This is the stock of the earlier day; follow its regulars to the second.",
            "growth": "This is the growth of both stages; follow the regulars alone.",
            "year earlier": "You looked a year earlier, from June 2023 to June 2024.",
            "ever four": "You followed who had ever placed four at first; they must lie in the window.",
        },
    ),
    later=choose(
        "stage",
        {
            "asleep": "You took who is asleep for repeat, without an order in 180 days; take the stage.",
            "no order": "You took who has no order in the last year for repeat; take the stage.",
            "90 days": "You took who has no order in 90 days for repeat; take the stage.",
            "any age": "You let orders of any age count on the second day; all lie in the window.",
            "had left": "You took who had left by the truth; the rules know events only.",
            "fewer": "You took who has fewer orders than a year ago; the border is four.",
            "half a year": "You asked for four in half a year on the second day; it is a year.",
        },
    ),
    given=choose(
        "numbers",
        {
            "shares": "These are shares; give the numbers of customers.",
            "per cent": "These are in per cent; give the numbers of customers.",
            "exchanged": "The two are exchanged: regular is who stayed so.",
            "of all": "These are shares of all customers of the first day; give numbers.",
        },
    ),
):
    """Count the stages of a year later among the regulars of a day."""
    after = {"six months": "2024-12-31"}.get(after, after)
    if followed == "year earlier":
        before, after = "2023-06-30", "2024-06-30"
    was, now = (stage_of(unit, day, window, at_least) for day in (before, after))
    ever = recent(unit, before, 9999)
    down = {
        "stage": None,
        "asleep": recent(unit, after, 180) == 0,
        "no order": recent(unit, after, 365) == 0,
        "90 days": recent(unit, after, 90) == 0,
        "had left": left_by(after),
        "fewer": recent(unit, after, window) < recent(unit, before, window),
        "half a year": recent(unit, after, 180) < at_least,
        "any age": recent(unit, after, 9999) < at_least,
    }[later]
    if down is not None:
        now = np.where(now > 0, np.where(down, 2, 3), 0)
    counts = {
        "everyone": parted(now[was > 0]),
        "repeat at first": parted(now[was == 2]),
        "repeat or higher": parted(now[was >= 2]),
        "not regular": parted(now[(was == 1) | (was == 2)]),
        "first at first": parted(now[was == 1]),
        "backwards": parted(was[now == 3]),
        "nobody left out": parted(now),
        "new since": parted(now[was == 0]),
        "earlier stock": parted(was),
        "growth": parted(now) - parted(was),
        "ever four": parted(now[ever >= at_least]),
    }.get(followed, parted(now[was == 3]))
    return {
        "numbers": counts,
        "shares": counts / counts.sum(),
        "per cent": 100 * counts / counts.sum(),
        "exchanged": counts[::-1].set_axis(counts.index),
        "of all": counts / (was > 0).sum(),
    }[given]


# Transfer: decline at the music shop


@cache
def shoppers(shop):
    """Give all customers of the music shop, or of its sample."""
    return pd.Index(table(shop)["customer_id"].unique())


@cache
def bought(shop, start, end):
    """What each customer bought in a period: purchase days, rows, pieces and dollars."""
    log = table(shop)[table(shop)["date"].between(start, end)]
    who = shoppers(shop).get_indexer(log["customer_id"])
    once = ~log.duplicated(["customer_id", "date"])
    what = {"days": once, "rows": None, "pieces": log["quantity"], "dollars": log["amount"]}
    what["times"] = log["quantity"] * log["amount"]
    return {k: np.bincount(who, weights, len(shoppers(shop))) for k, weights in what.items()}


Q1 = ("1997-01-01", "1997-03-31")
Q2, Q3, Q4 = (
    ("1997-04-01", "1997-06-30"),
    ("1997-07-01", "1997-09-30"),
    ("1997-10-01", "1997-12-31"),
)
EXAMPLE = ("1997-04-01", "1997-08-31"), ("1997-09-01", "1998-01-31")
H1 = ("1998-01-01", "1998-06-30")


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%} of the next half-year's sales came from customers in decline: end it fast would "
        "have given them up."
    ),
    hints=(
        "What stands above the line, and what below: customers, purchases or dollars?",
        "The section of the example on ending it fast.",
        "Purchase days of each customer in the two quarters, 0 where none; those with fewer in the "
        "second; the dollars they brought in 1998 over all dollars of 1998.",
    ),
)
def decline(
    *,
    shop=choose(
        "cdnow_sample",
        {"cdnow": "You took cdnow, all customers; here it is the sample."},
    ),
    periods=choose(
        "quarters",
        {
            "five months": "You took the periods of five months of the example; here they are quarters.",
            "a quarter earlier": "You compared the quarters a quarter earlier, April to June and July "
            "to September.",
            "spring": "You compared with spring, April to June; it is July to September.",
            "last day": "You lost the last day of each quarter; it belongs to it.",
            "half-years": "You compared half-years of 1997; the task says quarters.",
            "two first": "You compared the two first quarters of 1997; the task names the two last.",
        },
    ),
    later=choose(
        "1998",
        {
            "first quarter": "You took the first quarter of 1998; it is the half-year, to June.",
            "second quarter": "You took the second quarter of 1998; it is January to June.",
            "five last months": "You took the five last months, from February, as the example does.",
            "fourth quarter": "You took the sales of the fourth quarter, which the phase already knows.",
            "third quarter": "You took the sales of the third quarter, which the phase already knows.",
            "since October": "You took the sales since October, with a quarter that the phase knows.",
            "sales of 1997": "You took the sales of 1997; asked are those of the half-year after.",
            "all time": "You took what they bought in all time; asked are the sales of 1998.",
        },
    ),
    unit=choose(
        "days",
        {"rows": "You counted rows; two purchases on one day are one purchase day."},
    ),
    side=choose(
        "fewer",
        {
            "fewer or as many": "You took fewer or as many, with those who bought in neither quarter.",
            "at most": "You took at most as many, without those in neither quarter; it is fewer.",
            "absent": "You took all who were absent from the later quarter, with those who bought in "
            "no quarter.",
            "growth": "You took those in growth, with more purchase days in the later quarter.",
            "two": "You asked for two fewer; one fewer is decline.",
            "lost": "You took the lost: who bought in the earlier quarter and not in the later.",
            "summer": "You took all who bought in summer; keep those with fewer in the later quarter.",
            "neither": "You took those who bought in neither quarter.",
            "as many": "You took those with as many in both.",
            "less money": "You compared dollars, less money in the second; compare purchase days.",
            "some": "You kept only those who still bought some in the later quarter.",
            "fewer pieces": "You compared discs, fewer pieces in the second; compare purchase days.",
        },
    ),
    measure=choose(
        "sales",
        {
            "purchases": "You took a share of purchases; asked is one of dollars.",
            "pieces": "You took a share of pieces, the discs; asked is one of dollars.",
            "how many": "This says how many are in decline; asked is a share of sales.",
            "still buying": "This is the share of all who are in decline and still buying; asked is a "
            "share of sales.",
            "customers": "This is a share of customers; asked is one of sales.",
            "of shoppers": "This is a share of shoppers of both quarters; asked is one of sales.",
            "log rows": "You took a share of log rows; asked is one of dollars.",
            "buyers": "This is the share of next buyers; asked is one of sales.",
            "dollars": "These are dollars; divide by all dollars of the half-year.",
            "median": "This is a median in dollars; asked is a share of all sales.",
            "by risers": "You divided by the sales to risers; divide by all sales.",
            "means of all": "You divided means of all in a group, with those who bought none; divide "
            "sums of dollars.",
            "times quantity": "You took amounts times the quantity; amounts are of whole purchases.",
            "each row": "You divided dollars of each row of the log; divide sums of dollars.",
            "early on top": "You took an early quarter on top, January to March, of the half-year.",
            "each": "These are dollars for each of them; asked is a share of all sales.",
            "means": "You divided means for each customer; divide sums of dollars.",
            "repeaters": "You divided by the sales to repeaters of 1997; divide by all sales.",
            "of their own": "You divided by sales of their own; divide by all sales of 1998.",
            "whole log": "You divided by the sales of the whole log; divide by those of 1998.",
            "third quarter's buyers": "You divided by the sales to the third quarter's buyers; divide "
            "by all sales.",
            "of known": "You divided by the sales to customers who bought in either quarter, of known "
            "phase; divide by all sales.",
            "came back": "This is the share of them that came back; asked is a share of sales.",
        },
    ),
):
    """Share of the sales of 1998 from customers with fewer purchase days in Q4 than in Q3 of 1997."""
    early, late = {
        "quarters": (Q3, Q4),
        "five months": EXAMPLE,
        "a quarter earlier": (Q2, Q3),
        "two first": (Q1, Q2),
        "last day": ((Q3[0], "1997-09-29"), (Q4[0], "1997-12-30")),
        "spring": (Q2, Q4),
        "half-years": (("1997-01-01", "1997-06-30"), ("1997-07-01", "1997-12-31")),
    }[periods]
    span = {
        "1998": H1,
        "first quarter": ("1998-01-01", "1998-03-31"),
        "second quarter": ("1998-04-01", "1998-06-30"),
        "five last months": ("1998-02-01", "1998-06-30"),
        "fourth quarter": Q4,
        "third quarter": Q3,
        "since October": (Q4[0], H1[1]),
        "sales of 1997": ("1997-01-01", "1997-12-31"),
        "all time": ("1997-01-01", "1998-06-30"),
    }[later]
    before, after, later = (bought(shop, *period) for period in (early, late, span))
    chosen = {
        "fewer": after[unit] < before[unit],
        "fewer or as many": after[unit] <= before[unit],
        "at most": (after[unit] <= before[unit]) & (before[unit] > 0),
        "absent": after[unit] == 0,
        "growth": after[unit] > before[unit],
        "two": after[unit] < before[unit] - 1,
        "lost": (after[unit] == 0) & (before[unit] > 0),
        "summer": before[unit] > 0,
        "neither": after[unit] + before[unit] == 0,
        "as many": (after[unit] == before[unit]) & (after[unit] > 0),
        "less money": after["dollars"] < before["dollars"],
        "some": (after[unit] < before[unit]) & (after[unit] > 0),
        "fewer pieces": after["pieces"] < before["pieces"],
    }[side]
    came = later["rows"] > 0
    known = before[unit] + after[unit] > 0
    dollars = later["dollars"]
    repeaters = bought(shop, "1997-01-01", "1997-12-31")["days"] >= 2
    return {
        "sales": dollars[chosen].sum() / dollars.sum(),
        "purchases": later["days"][chosen].sum() / later["days"].sum(),
        "pieces": later["pieces"][chosen].sum() / later["pieces"].sum(),
        "how many": chosen.sum(),
        "still buying": (chosen & came).mean(),
        "customers": chosen.mean(),
        "of shoppers": chosen[known].mean(),
        "log rows": later["rows"][chosen].sum() / later["rows"].sum(),
        "buyers": chosen[came].mean(),
        "dollars": dollars[chosen].sum(),
        "median": np.median(dollars[chosen & came]),
        "each": dollars[chosen].mean(),
        "means": dollars[chosen & came].mean() / dollars[came].mean(),
        "by risers": dollars[chosen].sum() / dollars[after[unit] > before[unit]].sum(),
        "means of all": dollars[chosen].mean() / dollars.mean(),
        "times quantity": later["times"][chosen].sum() / later["times"].sum(),
        "each row": (dollars[chosen].sum() / later["rows"][chosen].sum())
        / (dollars.sum() / later["rows"].sum()),
        "early on top": bought(shop, "1998-01-01", "1998-03-31")["dollars"][chosen].sum()
        / dollars.sum(),
        "repeaters": dollars[chosen].sum() / dollars[repeaters].sum(),
        "whole log": dollars[chosen].sum() / table(shop)["amount"].sum(),
        "of their own": dollars[chosen].sum()
        / bought(shop, "1997-01-01", "1998-06-30")["dollars"][chosen].sum(),
        "of known": dollars[chosen].sum() / dollars[known].sum(),
        "third quarter's buyers": dollars[chosen].sum() / dollars[before[unit] > 0].sum(),
        "came back": came[chosen].mean(),
    }[measure]
