"""Feedback for exercises 3.5, early warning."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

DAYS = {
    "31 March": "2025-03-31",
    "1 July": "2025-07-01",
    "1 April": "2025-04-01",
    "December": "2024-12-01",
    "30 June": "2025-06-30",
    "2024": "2024-03-31",
}
LAST = "2025-12-31"
WHICH_DAY = {
    "1 July": "You stood on 1 July, as the example does; here it is 31 March.",
    "December": "You stood in December, on a day of the example; here it is 31 March of 2025.",
    "30 June": "You stood on 30 June; here it is 31 March.",
    "1 April": "You stood on 1 April, a day late; here it is 31 March.",
    "2024": "You stood in the year 2024; here it is 31 March of 2025.",
}
WHO = {
    "within a year": "You took those with an order within a year; active means 180 days.",
    "within a quarter": "You took those with an order within a quarter; active means 180 days.",
    "ever ordered": "You took everybody who ever ordered; keep the active.",
    "first order": "You counted from the first order of a customer; take the last one.",
    "whole log": "You took the last order of the whole log, which may come after the day.",
    "shop": "You took the orders of the shop alone; all channels count.",
    "web": "You took the orders of the web alone; all channels count.",
    "wechat": "You took the orders of wechat alone; all channels count.",
}
AHEAD = {
    "quarter ahead": "You looked one quarter ahead; it is 180 days.",
    "month ahead": "You looked one month ahead; it is 180 days.",
    "end of the log": "You looked a year ahead, or to the end of the log; it is 180 days.",
    "second half": "You looked at the second half of the year; it is the 180 days after the day.",
    "180 days before": "You looked at the 180 days before; the outcome comes after the day.",
}
CLOCK = {
    "whole table": "Your silence comes from the whole table, which knew the half-year to be "
    "predicted.",
    "first purchase": "Your silence runs from the first purchase; it begins at the last one.",
}
EDGE = {
    "days booked": "You took the days booked, recorded_on; the task goes by the date of the order.",
    "this year": "You took those with an order in this year; active means 180 days.",
    "six months": "You took orders of the last six months; active means 180 days.",
    "no longer active": "You took those no longer active, silent for more than 180 days; keep the "
    "active.",
    "ordered twice": "You took only those who ordered twice or more; one order is enough.",
    "members": "You took the members alone; all active customers count.",
    "longer than half a year": "You took customers for longer than half a year; new ones count.",
}
OFF = {
    "150 days": "You went 150 days ahead, five months; it is 180.",
    "179 days": "You went 179 days ahead, the last one left out; it is 180.",
    "181 days": "You went 181 days ahead; it is 180.",
    "second day": "You began on the second day after; the outcome begins on the first.",
    "26 weeks": "You went 26 weeks ahead, 182 days; it is 180.",
    "calendar months": "You went six calendar months ahead; it is 180 days.",
    "day itself": "You counted an order of the day itself as a return; the outcome begins after it.",
}
# The long silent did not order within a quarter; all active did in the half-year before.
WARNED = {name: message for name, message in WHO.items() if name != "within a quarter"}
LATER = {name: message for name, message in AHEAD.items() if name != "180 days before"}


table = cache(crm.load)


@cache
def log(channel):
    """Orders as arrays: number of the customer, day of the order, day it was booked."""
    orders = table("shihu/orders")
    orders = orders if channel == "all" else orders[orders["channel"] == channel]
    number = pd.Index(table("shihu/customers")["customer_id"]).get_indexer(orders["customer_id"])
    return number, as_day(orders["date"]), as_day(orders["recorded_on"])


def as_day(when):
    """Count days since 1970."""
    return np.asarray(when, "datetime64[D]").astype(int)


@cache
def known(day, channel="all", clock="date"):
    """Last day, first day and number of orders of each customer until a day."""
    number, date, booked = log(channel)
    when = booked if clock == "booked" else date
    rows, n = when <= day, len(table("shihu/customers"))
    last, first = np.full(n, -(10**6)), np.full(n, 10**6)
    np.maximum.at(last, number[rows], when[rows])
    np.minimum.at(first, number[rows], when[rows])
    return last, first, np.bincount(number[rows], minlength=n)


@cache
def ordering(begin, stop, channel="all"):
    """Number of orders of each customer from the day after `begin` to `stop`."""
    number, date, _ = log(channel)
    inside = number[(date > begin) & (date <= stop)]
    return np.bincount(inside, minlength=len(table("shihu/customers")))


def window(day, ahead):
    """Give the two ends of the half-year in which the outcome is looked for."""
    end = as_day(pd.Timestamp(LAST)).item()
    months = as_day(pd.Timestamp(day, unit="D") + pd.DateOffset(months=6)).item()
    return {
        "end of the log": (day, end),
        "second half": (as_day(pd.Timestamp("2025-06-30")).item(), end),
        "calendar months": (day, months),
        "day itself": (day - 1, day + 180),
        "180 days before": (day - 181, day - 1),
        "quarter ahead": (day, day + 90),
        "month ahead": (day, day + 30),
        "26 weeks": (day, day + 182),
        "150 days": (day, day + 150),
        "179 days": (day, day + 179),
        "181 days": (day, day + 181),
        "second day": (day + 1, day + 180),
    }.get(ahead, (day, day + 180))


@cache
def look(name, active, ahead, clock="day"):
    """Active customers of a day: silence, orders of the half-year, whether they fell quiet."""
    date = pd.Timestamp(DAYS[name])
    day, end = as_day(date).item(), as_day(pd.Timestamp(LAST)).item()
    channel = active if active in ("shop", "web", "wechat") else "all"
    last, first, count = known(day, channel)
    whole = known(end, channel)[0]
    booked = known(day, channel, "booked")[0] if active == "days booked" else last
    since = day - {"whole log": whole, "first order": first, "days booked": booked}.get(
        active, last
    )
    days = {
        "within a year": 365,
        "within a quarter": 90,
        "ever ordered": 10**5,
        "this year": date.dayofyear - 1,
        "six months": (date - (date - pd.DateOffset(months=6))).days,
    }.get(active, 180)
    kept = (since <= days) & (whole >= 0)
    if active != "whole log":
        kept &= count > 0
    if active == "no longer active":
        kept = (since > 180) & (count > 0)
    if active == "ordered twice":
        kept &= count > 1
    if active == "members":
        kept &= (table("shihu/customers")["member_since"] <= date).to_numpy()
    if active == "longer than half a year":
        kept &= first < day - 180
    silent = {"day": day - last, "whole table": end - whole, "first purchase": day - first}[clock]
    quiet = ordering(*window(day, ahead), channel) == 0
    orders = ordering(day - 181, day, channel)
    base = pd.DataFrame({"silent": silent, "quiet": quiet, "orders": orders})
    return base[kept]


def bins(base, order):
    """Put the active into tenths as `crm.lift_table` does: equal scores share a bin."""
    twice = (2 * (-order).rank(method="average")).astype(int)
    return (twice - 1) * 10 // (2 * len(base)) + 1


@cache
def sales(day):
    """Give the sales of each customer until a day."""
    number, date, _ = log("all")
    past = date <= as_day(pd.Timestamp(DAYS[day])).item()
    amount = table("shihu/orders")["amount"].to_numpy()[past]
    return np.bincount(number[past], amount, len(table("shihu/customers")))


def weighted(base, weight):
    """Weight those who fell quiet by what each customer brought."""
    return weight[base.index[base["quiet"]]].sum() / weight[base.index].sum()


@cache
def gone(day, days):
    """Say who had really left so many days after a day."""
    until = pd.Timestamp(DAYS[day]) + pd.Timedelta(days, "D")
    left = table("shihu/truth_customers").set_index("customer_id")["left_on"] <= until
    return left.reindex(table("shihu/customers")["customer_id"]).reset_index(drop=True)


def inactive(day, ahead):
    """Give the customers whose last order is older than half a year."""
    everybody = look(day, "ever ordered", ahead)
    return everybody.drop(look(day, "active", ahead).index)


# Warm-up: who falls quiet


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%} of the active fell quiet: any model must be held against this."
    ),
    hints=(
        "Who stands below the line: everybody, or the active?",
        "The section of the example that learns, chooses and judges has such a share for each day.",
        "Customers whose last order until the day is at most 180 days old; those of them without "
        "an order in the next 180 days, as a share.",
    ),
)
def quiet_share(
    *,
    day=choose("31 March", WHICH_DAY),
    active=choose("active", WHO | EDGE),
    ahead=choose(180, AHEAD | OFF),
    given=choose(
        "share",
        {
            "number": "This is the number of those who fell quiet; give their share.",
            "all customers": "You divided by all customers so far; divide by the active.",
            "to those who came": "You took the ratio to those who came; divide by all active.",
            "customers table": "You divided by the whole customers table, those to come as well; "
            "divide by the active.",
            "orders, not customers": "You counted orders, not customers: who orders often counts "
            "once.",
            "active among all": "This is the share of the active among all; asked is the share of "
            "the active who fell quiet.",
            "not active": "This is the share of all customers who are not active any more on the day.",
            "sales": "You weighted by sales; each active customer counts once.",
            "repeat": "You weighted by orders, a repeat counting again; count each customer once.",
            "really left": "You took those who really left, by the truth; quiet goes by orders.",
            "left already": "You took those who had left already, by the truth; quiet goes by orders.",
        },
    ),
):
    """Share of the active customers who order nothing in the next half-year."""
    base = look(day, active, ahead)
    quiet = base["quiet"].sum()
    everybody = len(look(day, "ever ordered", 180))
    return {
        "share": quiet / len(base),
        "number": quiet,
        "all customers": quiet / everybody,
        "to those who came": quiet / (len(base) - quiet),
        "customers table": quiet / len(table("shihu/customers")),
        "orders, not customers": base["orders"][base["quiet"]].sum() / base["orders"].sum(),
        "active among all": len(base) / everybody,
        "not active": 1 - len(base) / everybody,
        "really left": (gone(day, 180) & ~gone(day, 0))[base.index].mean(),
        "left already": gone(day, 0)[base.index].mean(),
        "sales": weighted(base, sales(day)),
        "repeat": weighted(base, known(as_day(pd.Timestamp(DAYS[day])).item())[2]),
    }[given]


# Standard: a rule without a model


@recipe(
    Number(digits=4),
    means=lambda lift: (
        f"The long silent fall quiet {lift:.2f} times as often as everybody; no model was needed."
    ),
    hints=(
        "Two rates are compared: that of the long silent, and that of whom?",
        "The example takes the lift of its best tenth by hand, on the judging day.",
        "Among the active those silent for more than 150 days; their rate of falling quiet over "
        "the rate of all active.",
    ),
)
def lift(
    *,
    day=choose("31 March", WHICH_DAY),
    active=choose("active", WARNED),
    ahead=choose(180, LATER),
    border=choose(
        150,
        {
            120: "You took a silence of more than 120 days; here it is 150.",
            90: "You took a silence of more than 90 days, the rule of 2b; here it is 150.",
            60: "You took a silence of more than 60 days; here it is 150.",
            30: "You took a silence of more than 30 days; here it is 150.",
            "153 days": "You took more than 153 days, five months; the rule says 150.",
            "fifth": "You took the longest fifth; here the rule is a silence of more than 150 days.",
            100: "You took a silence of more than 100 days; here it is 150.",
            "single order": "You took those with a single order in the half-year; the rule goes by "
            "silence.",
            "at least 150": "You took a silence of at least 150 days; the rule says more than 150.",
            "longest tenth": "You took the longest tenth, as the example does; here the rule is a "
            "silence of more than 150 days.",
            "lift_table": "You took the first bin of crm.lift_table, a tenth; here the rule is a "
            "silence of more than 150 days.",
            "250 longest": "You took the 250 longest, the calls of the example; here the rule is a "
            "silence of more than 150 days.",
        },
    ),
    side=choose("longer", {"shorter": "You took the shorter silences; the rule names the long."}),
    clock=choose("day", CLOCK),
    compared=choose(
        "over all active",
        {
            "rate": "This is the rate of the long silent itself; the lift divides it by that of "
            "all active.",
            "the others": "You divided by the rate of the others; divide by that of all active.",
            "difference": "This is a difference of rates; divide them.",
            "captured": "This is the share captured, of all who fell quiet those named; the lift "
            "is a ratio of rates.",
            "who came": "You compared the shares who came back; take those who fell quiet.",
            "all buyers": "You divided by the rate of all buyers so far; divide by that of the "
            "active.",
            "no longer active": "You divided by the rate of those no longer active; divide by that "
            "of all active.",
            "minus 1": "You took minus 1, the gain over the average; the lift is the ratio itself.",
            "named": "This is the share named by the rule; the lift is a ratio of two rates.",
            "odds": "You divided odds, quiet to not quiet; divide rates.",
            "ordered again": "This is the share that ordered again; the lift is a ratio of rates.",
            "long silent number": "This is the number of the long silent who fell quiet; give a ratio.",
            "those of 2b": "You divided by the rate of those of 2b; divide by that of all active.",
            "less the rate of the others": "This is the rate less the rate of the others; divide it "
            "by that of all active.",
            "odds ratio": "This is the odds ratio against the others; divide two rates.",
            "rest": "You divided numbers of people, of the long silent and the rest; divide rates.",
            "silence of those": "You compared the silence of those who fell quiet and of those who "
            "came; compare rates.",
            "log": "You took the log of the ratio; the lift is the ratio itself.",
            "multiplied": "You multiplied the two rates; divide them.",
            "mean silence": "You compared mean silence, of the quiet and of all; compare rates.",
            "size": "You divided by the size of the group; divide by the rate of all active.",
            "really left": "You took those who really left, by the truth; quiet goes by orders.",
            "percentage points": "These are percentage points, a difference; divide the rates.",
            "precision and recall": "You divided precision and recall; divide two rates of quiet.",
            "no longer active too": "You kept the long silent no longer active, too; the rule "
            "names active customers.",
        },
    ),
):
    """Rate of falling quiet among the long silent over that of all active."""
    base = look(day, active, ahead, clock)
    order = base["silent"] if side == "longer" else -base["silent"]
    border = {"at least 150": 149, "153 days": 153}.get(border, border)
    if border == "single order":
        named = base["orders"] <= 1
    elif border == "lift_table":
        named = bins(base, order) == 1
    elif isinstance(border, int):
        named = base["silent"] > border if side == "longer" else base["silent"] <= border
    else:
        n = {"longest tenth": len(base) // 10, "fifth": len(base) // 5}.get(border, 250)
        named = base.index.isin(order.nlargest(n).index)
    quiet = base["quiet"]
    mine, all_ = quiet[named].mean(), quiet.mean()
    everybody = look(day, "ever ordered", ahead)
    return {
        "over all active": mine / all_,
        "rate": mine,
        "the others": mine / quiet[~named].mean(),
        "difference": mine - all_,
        "captured": quiet[named].sum() / quiet.sum(),
        "who came": (1 - mine) / (1 - all_),
        "all buyers": mine / look(day, "ever ordered", ahead)["quiet"].mean(),
        "no longer active": mine / inactive(day, ahead)["quiet"].mean(),
        "minus 1": mine / all_ - 1,
        "named": np.mean(named),
        "odds": mine / (1 - mine) * (1 - all_) / all_,
        "ordered again": 1 - mine,
        "long silent number": quiet[named].sum(),
        "those of 2b": mine / quiet[base["silent"] > 90].mean(),
        "less the rate of the others": mine - quiet[~named].mean(),
        "odds ratio": mine / (1 - mine) / quiet[~named].mean() * (1 - quiet[~named].mean()),
        "rest": quiet[named].sum() / quiet[~named].sum(),
        "silence of those": base["silent"][quiet].mean() / base["silent"][~quiet].mean(),
        "log": np.log(mine / all_),
        "multiplied": mine * all_,
        "mean silence": base["silent"][quiet].mean() / base["silent"].mean(),
        "size": mine / np.mean(named),
        "really left": gone(day, 180)[base.index][named].mean() / gone(day, 180)[base.index].mean(),
        "percentage points": 100 * (mine - all_),
        "precision and recall": mine / (quiet[named].sum() / quiet.sum()),
        "no longer active too": everybody["quiet"][everybody["silent"] > 150].mean() / all_,
    }[compared]


@recipe(
    Number(share=True, digits=4),
    means=lambda caught: (
        f"{caught:.0%} of those who fell quiet had been silent for more than 90 days: the rule "
        "misses the rest."
    ),
    hints=(
        "Of whom is it a share: of those whom the rule names, or of those who fell quiet?",
        "Precision and recall: notebook 3.4, where a rule of silence is put on trial.",
        "The active who had been silent for more than 90 days on the day and fell quiet, over all "
        "active who fell quiet.",
    ),
)
def caught(
    *,
    day=choose("31 March", WHICH_DAY),
    active=choose("active", WARNED),
    ahead=choose(180, LATER),
    border=choose(
        90,
        {
            60: "You took a silence of more than 60 days; the task says 90.",
            150: "You took a silence of more than 150 days, as in 2a; here it is 90.",
            120: "You took a silence of more than 120 days; the task says 90.",
            30: "You took a silence of more than 30 days; the task says 90.",
            100: "You took a silence of more than 100 days; the task says 90.",
            80: "You took a silence of more than 80 days; the task says 90.",
            "90 / 7": "You compared days with 90 / 7 weeks; silence here is in days.",
            "92 days": "You took more than 92 days, three months; the rule says 90.",
            "at least 90": "You took a silence of at least 90 days; the rule says more than 90.",
            "longest tenth": "You took the longest tenth, as the example does; here the rule is a "
            "silence of more than 90 days.",
        },
    ),
    of=choose(
        "quiet",
        {
            "precision": "This is the precision: of those whom the rule names, the share that "
            "fell quiet.",
            "all the active": "You divided by all the active; divide by those who fell quiet.",
            "named": "This is the share named by the rule, quiet or not.",
            "false alarms": "These are the false alarms: of those who came, the share that the "
            "rule names.",
            "correct": "This is the share of customers about whom the rule is correct.",
            "number": "This is the number of customers caught; give a share.",
            "lift": "This is the lift of the rule; give a share of those who fell quiet.",
            "all customers": "You divided by all customers so far; divide by the active who fell "
            "quiet.",
            "F score": "This is the F score, a mean of precision and recall; asked is recall alone.",
            "overlap": "This is the overlap, both over either; divide by those who fell quiet.",
            "everybody quiet": "You divided by everybody quiet, also those long gone; only the "
            "half-year's buyers count.",
            "odds": "These are the odds, caught to missed; give the share caught.",
            "missed of all": "You took those missed, of all active; asked is the share caught of "
            "the quiet.",
            "spared": "This is the share who came of those spared the warning; asked is the share "
            "caught of the quiet.",
            "second border": "You set a second border, where 2a begins; everybody beyond 90 counts.",
            "those who came": "You divided by those who came; divide by those who fell quiet.",
            "Youden": "This is the index of Youden, recall less false alarms; asked is recall alone.",
            "product": "You took the product of precision and recall; asked is recall alone.",
            "plain mean": "You took the plain mean of precision and recall; asked is recall alone.",
            "above average": "This is precision above average; asked is the share caught of the quiet.",
            "in vain": "These are warnings in vain, of all active; asked is the share caught of the "
            "quiet.",
            "balanced": "This is balanced accuracy; asked is the share caught of the quiet.",
            "really left": "You took those who really left, by the truth; quiet goes by orders.",
            "geometric": "You took the geometric mean of precision and recall; asked is recall alone.",
            "ratio": "This is a ratio of numbers, named to quiet; only people in both count above.",
        },
    ),
    clock=choose("day", CLOCK),
):
    """Share of those who fell quiet whom a rule of silence had named."""
    base = look(day, active, ahead, clock)
    quiet = base["quiet"]
    named = base["silent"] > {
        "longest tenth": 0,
        "at least 90": 89,
        "92 days": 92,
        "90 / 7": 90 / 7,
    }.get(border, border)
    if border == "longest tenth":
        named = base["silent"].rank(ascending=False, method="first") <= len(base) // 10
    both = (named & quiet).sum()
    return {
        "quiet": both / quiet.sum(),
        "precision": both / named.sum(),
        "all the active": both / len(base),
        "named": named.mean(),
        "false alarms": named[~quiet].mean(),
        "correct": (named == quiet).mean(),
        "number": both,
        "lift": quiet[named].mean() / quiet.mean(),
        "all customers": both / len(look(day, "ever ordered", 180)),
        "F score": 2 * both / (named.sum() + quiet.sum()),
        "overlap": both / (named | quiet).sum(),
        "everybody quiet": both / look(day, "ever ordered", ahead)["quiet"].sum(),
        "odds": both / (quiet.sum() - both),
        "missed of all": (quiet.sum() - both) / len(base),
        "spared": 1 - quiet[~named].mean(),
        "second border": (named & (base["silent"] <= 150))[quiet].mean(),
        "those who came": both / (~quiet).sum(),
        "Youden": both / quiet.sum() - named[~quiet].mean(),
        "product": both / quiet.sum() * both / named.sum(),
        "plain mean": (both / quiet.sum() + both / named.sum()) / 2,
        "above average": both / named.sum() - quiet.mean(),
        "in vain": (named & ~quiet).mean(),
        "balanced": (both / quiet.sum() + (~named)[~quiet].mean()) / 2,
        "really left": named[gone(day, 180)[base.index]].mean(),
        "geometric": both / np.sqrt(quiet.sum() * named.sum()),
        "ratio": named.sum() / quiet.sum(),
    }[of]


# Transfer: a threshold at the vendor's company


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"A call pays for {share:.1%} of {len(table('telco_churn')):,} customers, if it "
        "keeps one in ten who would leave."
    ),
    hints=(
        "The gain has a part for each customer and a part for each group. Which is which?",
        "The section of the example on a threshold by money.",
        "The share that left in each group of contract and internet service; times 0.10, times "
        "three monthly charges, times 0.4; less the call; the share of the gains above zero.",
    ),
    alike=[  # both count chances above a border; then it pays for everybody
        ("worth=mean", "counted=above average"),
        ("groups=stay", "cost=left out"),
        ("groups=chance out", "cost=left out"),
        ("groups=stay", "groups=chance out"),
    ],
)
def pays(
    *,
    groups=choose(
        "contract and internet",
        {
            "contract alone": "You grouped by contract alone; the task names two columns.",
            "internet alone": "You grouped by internet alone; the task names two columns.",
            "with payment": "You grouped internet with payment; the other column is the contract.",
            "contract and payment": "You grouped by contract and payment; take contract and "
            "internet.",
            "three columns": "You grouped by three columns; take contract and internet alone.",
            "paperless": "You brought in paperless billing; the groups are contract and internet.",
            "bills": "You grouped by contract and how bills are sent; take contract and internet.",
            "support": "You brought in tech support; the groups are contract and internet.",
            "partner": "You brought in the partner; the groups are contract and internet.",
            "phone": "You brought in the phone; the groups are contract and internet.",
            "backup": "You brought in online backup; the groups are contract and internet.",
            "how long": "You brought in how long they stayed; the groups are contract and internet.",
            "protection": "You brought in device protection; the groups are contract and internet.",
            "largest": "You gave everyone the largest chance; take the share of each group.",
            "of all leavers": "You took a group's share of all leavers; take that of its customers.",
            "spread": "You took the spread of each group, its standard deviation; take the share.",
            "senior": "You brought in whether they are senior citizens; the groups are contract and "
            "internet.",
            "everyone": "You gave everyone one chance; take the share of each group.",
            "outcome": "You took the outcome itself, who left; that is not known when the call is "
            "made.",
            "multiplied": "You multiplied two shares, of contract and of internet; take the share "
            "of those in both.",
            "averaged": "You averaged two shares, of contract and of internet; take the share of "
            "those in both.",
            "stay": "You took the share that stay; the chance is that of leaving.",
            "chance out": "You left the chance out: a call keeps one in ten of those who would "
            "leave, not of all.",
        },
    ),
    kept=choose(
        0.10,
        {
            "every call": "You took every call to keep the customer; it keeps one in ten.",
            "a fifth": "You took a fifth for the share that a call keeps; it is one in ten.",
            "the firm": "You took the share of the firm, of the example; here it is one in ten.",
        },
    ),
    months=choose(
        3,
        {
            "a year": "You took a year of charges; the task says three months.",
            "single": "You took a single monthly charge; the task says three.",
            "tenure": "You took the tenure so far; who is kept stays three more months.",
            2: "You took 2 months; the task says three more.",
            4: "You took 4 months; the task says three more.",
            "tenure and three": "You took tenure and three months; who is kept stays three more.",
            36: "You took 36 months, three years; the task says three months.",
        },
    ),
    margin=choose(
        0.4,
        {
            "whole charge": "You took the whole charge; the margin is 0.4.",
            "what it costs": "You took what it costs to serve, 0.6; the margin is 0.4.",
            "on top": "You put the margin on top, times 1.4; it is 0.4 of the charge.",
        },
    ),
    cost=choose(
        1.5,
        {
            "left out": "You left out the cost of the call, 1.50.",
            "ten times": "You took ten times the cost of the call; it is 1.50.",
            "twice": "You took the call twice; it costs 1.50.",
        },
    ),
    worth=choose(
        "monthly_charges",
        {
            "total_charges": "You took total_charges, all that was paid so far; take the monthly ones.",
            "mean": "You took the mean charge of all; each customer has a charge.",
            "group's mean": "You took the group's mean charge; each customer has a charge.",
            "paid per month": "You took what was paid per month of tenure; take monthly_charges.",
            "median": "You took the median charge of all; each customer has a charge.",
        },
    ),
    counted=choose(
        "pays",
        {
            "others": "You took the others, for whom it does not pay.",
            "groups": "You counted groups; count customers.",
            "leavers": "You counted only leavers among them; nobody knows them when the call is made.",
            "stayers": "You counted only stayers among them; nobody knows them when the call is made.",
            "monthly contract": "You counted those with a monthly contract alone; all contracts "
            "count.",
            "above average": "You counted chances above average; what counts is the gain.",
            "half": "You counted chances above a half; what counts is the gain.",
            "without internet": "You left out customers without internet; all customers count.",
            "number": "This is the number; give the share of all customers.",
            "mean gain": "You counted those above the mean gain; count those above 0.",
            "a dollar": "You counted gains above a dollar; count those above 0.",
        },
    ),
):
    """Customers of the vendor's company for whom a call is expected to pay."""
    rows = table("telco_churn")
    left = rows["churn"].astype(float)
    chance = chances(groups)
    months = {"a year": 12, "single": 1, "tenure": rows["tenure"]}.get(months, months)
    months = rows["tenure"] + 3 if isinstance(months, str) else months
    kept = {"every call": 1, "a fifth": 0.2, "the firm": 0.28}.get(kept, kept)
    margin = {"whole charge": 1, "what it costs": 0.6, "on top": 1.4}.get(margin, margin)
    by = [rows["contract"], rows["internet_service"]]
    charges = rows["monthly_charges"]
    charge = {
        "monthly_charges": charges,
        "total_charges": rows["total_charges"].fillna(0),
        "mean": charges.mean(),
        "paid per month": (rows["total_charges"] / rows["tenure"]).fillna(0),
        "median": charges.median(),
        "group's mean": charges.groupby(by).transform("mean"),
    }[worth]
    cost = {"left out": 0, "ten times": 15, "twice": 3}.get(cost, cost)
    gain = chance * kept * months * margin * charge - cost + 0 * left
    yes = gain > 0
    return {
        "pays": yes.mean(),
        "others": (~yes).mean(),
        "groups": yes.groupby(by).any().mean(),
        "leavers": yes[left == 1].mean(),
        "stayers": yes[left == 0].mean(),
        "monthly contract": yes[rows["contract"] == "Month-to-month"].mean(),
        "above average": (chance + 0 * left > left.mean()).mean(),
        "half": (chance + 0 * left > 0.5).mean(),
        "without internet": yes[rows["internet_service"] != "none"].mean(),
        "number": float(yes.sum()),
        "mean gain": (gain > gain.mean()).mean(),
        "a dollar": (gain > 1).mean(),
    }[counted]


@cache
def chances(groups):
    """Chance of leaving, by what it is taken from."""
    rows = table("telco_churn")
    left = rows["churn"].astype(float)

    def share(*columns):
        return left.groupby([rows[c] for c in columns]).transform("mean")

    both, by = share("contract", "internet_service"), [rows["contract"], rows["internet_service"]]
    contract, internet = share("contract"), share("internet_service")
    return {
        "contract and internet": both,
        "contract alone": contract,
        "internet alone": internet,
        "with payment": share("internet_service", "payment_method"),
        "contract and payment": share("contract", "payment_method"),
        "three columns": share("contract", "internet_service", "payment_method"),
        "paperless": share("contract", "internet_service", "paperless_billing"),
        "bills": share("contract", "paperless_billing"),
        "support": share("contract", "internet_service", "tech_support"),
        "senior": share("contract", "internet_service", "senior_citizen"),
        "partner": share("contract", "internet_service", "partner"),
        "phone": share("contract", "internet_service", "phone_service"),
        "backup": share("contract", "internet_service", "online_backup"),
        "how long": share("contract", "internet_service", "tenure"),
        "protection": share("contract", "internet_service", "device_protection"),
        "largest": left * 0 + both.max(),
        "of all leavers": left.groupby(by).transform("sum") / left.sum(),
        "spread": left.groupby(by).transform("std"),
        "everyone": left * 0 + left.mean(),
        "outcome": left,
        "multiplied": contract * internet,
        "averaged": (contract + internet) / 2,
        "stay": 1 - both,
        "chance out": left * 0 + 1,
    }[groups]
