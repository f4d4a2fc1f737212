"""Feedback for exercises 5.2, the customer plan."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, Values, choose, recipe

table = cache(crm.load)
TODAY = pd.Timestamp("2025-05-31")
DAY = pd.Timedelta(days=1)
WORTH = 500.0  # CNY, of a customer who returns because of a call


# Warm-up: the names of four weeks


@recipe(
    Values("customers"),
    means=lambda names: (
        f"{len(names)} names, worth {names.sum():,.0f} CNY in the last year. A plan would let some of "
        "them wait, drawn at random: that is task 2."
    ),
    hints=(
        "First who may be called, then whom there is time for.",
        "The section of the example on who is called this week: cases, consent, what is known when.",
        "A week after the order the score is known; keep the last 28 such days, the cases not yet "
        "followed up, and the customers with consent; join what each paid in a year; take the first.",
    ),
    alike=[("window=month", "window=29")],  # on few cases a border of three days moves nothing
)
def names(
    *,
    window=choose(
        "four weeks",
        {
            "bought": "You took cases bought in the last four weeks; the score is known a week after.",
            "fortnight": "You took the last fortnight; four weeks are asked.",
            "month": "You took the whole month from 1 May on; four weeks begin on 4 May.",
            "29": "You took 29 days: 3 May is one too early. From 4 May on they are 28.",
            "after": "You took the weeks after the day of the plan; their scores are not known yet.",
        },
    ),
    open_cases=choose(
        "open",
        {
            "everyone": "You left in those who were followed up already; everyone listed must be open.",
            "followed": "You kept those who were followed up; they have been called already.",
        },
    ),
    consent=choose(
        "may_contact",
        {
            "ignored": "You ignored consent, may_contact; who said no is not called.",
            "refused": "You kept those who refused consent; turn the condition round.",
        },
    ),
    rank=choose(
        "last year",
        {
            "whole": "You ranked by the whole history; asked is the last year.",
            "calendar": "You took the calendar year from January on; asked is the year from June on.",
            "later": "You counted what was paid later than the day of the plan, which nobody knew.",
            "orders": "You ranked by the number of orders; asked is what they paid.",
            "score": "You ranked by the lowest score; asked is what they paid.",
            "double": "You joined orders to cases, and who has two cases counts double.",
            "smallest": "You took the smallest first; those who paid most come first.",
            "mean": "You took the mean order; asked is the sum of the year.",
            "lost": "You lost who bought nothing else: the order of the case belongs to the year.",
        },
    ),
    capacity=choose(
        16,
        {
            "all": "You listed all of them; there is time for sixteen.",
            "eight": "You listed eight; there is time for sixteen.",
            "twenty": "You listed twenty; there is time for sixteen.",
            "before": "You took the sixteen before you asked who may be called; first leave out the "
            "others.",
        },
    ),
):
    """What the customers to be called paid in the last year."""
    c = table("shihu/touchpoints").query("alert").astype({"followed_up": bool})
    c = c[_in_window(c, window)]
    if open_cases != "everyone":
        c = c[c["followed_up"] == (open_cases == "followed")]
    may = c["customer_id"].map(table("shihu/customers").set_index("customer_id")["may_contact"])
    allowed = c["customer_id"][(may == (consent == "may_contact")) | (consent == "ignored")]
    c = c if capacity == "before" else c[c["customer_id"].isin(allowed)]
    c = c.assign(cases=c.groupby("customer_id")["order_id"].transform("size"))
    c = c.drop_duplicates("customer_id").set_index("customer_id")
    worth = _worth(c, rank)
    key = c["overall"].astype(float) if rank == "score" else worth
    n = {"all": len(c), "eight": 8, "twenty": 20}.get(capacity, 16)
    first = key.sort_values(ascending=rank in ("score", "smallest"), kind="stable").index[:n]
    return worth.loc[first[first.isin(allowed)]]


def _in_window(c, window):
    known = c["date"] + 7 * DAY
    days = {"fortnight": 14, "month": 31, "29": 29}.get(window, 28)
    if window == "after":
        return known.between(TODAY + DAY, TODAY + 28 * DAY)
    return (c["date"] if window == "bought" else known).between(TODAY - (days - 1) * DAY, TODAY)


def _worth(c, rank):
    """What each of the customers paid until the day of the plan."""
    o = table("shihu/orders")
    begin = {"whole": "2023-01-01", "calendar": "2025-01-01"}.get(rank, TODAY - 364 * DAY)
    end = "2025-12-31" if rank == "later" else TODAY
    o = o[o["date"].between(begin, end)]
    if rank == "lost":
        o = o[~o["order_id"].isin(c["order_id"])]
    by = o.groupby("customer_id")["amount"]
    made = {"orders": by.size, "mean": by.mean}.get(rank, by.sum)()
    worth = made.reindex(c.index, fill_value=0).astype(float)
    return worth * c["cases"] if rank == "double" else worth


# Standard: what the calls should earn, with its error, and how we will know


ROWS = {
    "later": "You used later cases, up to the day of the plan or beyond: their 180 days were not over "
    "on it.",
    "consent": "You kept only customers with consent; the draw did not ask for it, so take all cases.",
    "half-year": "You took only the second half-year of 2024; all cases old enough count.",
    "score": "You counted the 180 days from the score; they run from `date`, the day of the order.",
    "empty": "You took an empty `returned` for no, and so cases that are too young.",
}


@recipe(
    Number(digits=4),
    means=lambda earns: (
        f"{earns:,.0f} CNY. By those who came back, called or not, it would have seemed "
        f"{400 * (WORTH * _shares()[0] - 24):,.0f}."
    ),
    hints=(
        "How many of those called would have come anyway?",
        "The section of the example on who is called this week, and the one on what it should earn.",
        "The share of those followed up who returned, less the same share of those not followed up; "
        "times the worth, less the price, times the calls.",
    ),
)
def earns(
    *,
    rows=choose("old", ROWS),
    effect=choose(
        "difference",
        {
            "felt": "You counted all called who came back, as felt; take off those who come anyway.",
            "turned": "You took called from not called, turned round.",
            "ratio": "You took the relative rise, a ratio of the two shares; take their difference.",
            "uncalled": "You took the share of the uncalled who came; take the difference.",
            "overall": "You compared the called with everybody, overall; compare with the not called.",
        },
    ),
    money=choose(
        "net",
        {
            "gross": "You forgot the price of the calls, so this is gross; each costs 24 CNY.",
            "once": "You paid one call once; each of the 400 costs 24 CNY.",
            "one": "This is what a single one earns; there are 400.",
            "only kept": "You paid the call only for those kept; every call costs 24 CNY.",
            "added": "You added the price of the calls; take it off.",
            "hundred": "You reckoned with a hundred calls; there are 400.",
        },
    ),
):
    """CNY that 400 calls should earn."""
    called, waited, *_ = _shares(rows)
    kept = {
        "difference": called - waited,
        "felt": called,
        "turned": waited - called,
        "ratio": called / waited - 1,
        "uncalled": waited,
        "overall": called - _overall(rows),
    }[effect]
    return {
        "net": 400 * (WORTH * kept - 24),
        "gross": 400 * WORTH * kept,
        "once": 400 * WORTH * kept - 24,
        "one": WORTH * kept - 24,
        "only kept": 400 * kept * (WORTH - 24),
        "added": 400 * (WORTH * kept + 24),
        "hundred": 100 * (WORTH * kept - 24),
    }[money]


@recipe(
    Number(),
    means=lambda margin: (
        f"{_promise():,.0f} CNY, give or take {margin:,.0f}: from {_promise() - margin:,.0f} to "
        f"{_promise() + margin:,.0f}. It holds the chance in who came back, not a doubt about the 500."
    ),
    hints=(
        "Which part of the promise is an estimate, and which is given?",
        "The section of the example on who is called this week takes the error of a difference.",
        "The variance of each share is the share times its rest over the cases; add the two, take the "
        "root, times 1.96, times what a unit of the difference is worth for all calls.",
    ),
)
def margin(
    *,
    rows=choose("old", ROWS),
    error=choose(
        "both",
        {
            "called": "You took the error of the called alone; the share of the others has one, too.",
            "added": "You added the two errors; add their squares, and take the root.",
            "variance": "You forgot the root: this is the variance.",
            "pooled": "You pooled the two shares, as a test of no effect does; each has a variance.",
            "n together": "You divided by both groups together; each share rests on its own cases.",
            "sd": "You forgot to divide by the cases: this is the sd of a person, not of a share.",
            "difference": "You took the error of a single share as large as the difference.",
            "400": "You divided by the 400 calls to come; the error comes from the cases of the draw.",
        },
    ),
    factor=choose(
        1.96,
        {
            1: "You took one standard error, factor 1; the interval takes 1.96 of them.",
            2: "You took 2 standard errors; take 1.96 of them.",
            1.645: "You took 1.645, for 90 %; asked are 95 %.",
            2.576: "You took 2.576, for 99 %; asked are 95 %.",
            "width": "This is the whole width; the margin is half of it.",
        },
    ),
    money=choose(
        "all calls",
        {
            "points": "This is the margin of the difference in points; give it in CNY, for all calls.",
            "one call": "This is the margin of one call; there are 400.",
            "price": "You took the price off the margin; a fixed price moves no error.",
            "saved less price": "You multiplied by the worth less the price, 476; the price is paid "
            "in any case, the saved 500 are at stake.",
        },
    ),
):
    """Half-width in CNY of the 95 % interval of what 400 calls earn."""
    called, waited, n_called, n_waited = _shares(rows)
    v_called, v_waited = called * (1 - called), waited * (1 - waited)
    kept = called - waited
    se = {
        "both": np.sqrt(v_called / n_called + v_waited / n_waited),
        "called": np.sqrt(v_called / n_called),
        "added": np.sqrt(v_called / n_called) + np.sqrt(v_waited / n_waited),
        "variance": v_called / n_called + v_waited / n_waited,
        "pooled": np.sqrt(_overall(rows) * (1 - _overall(rows)) * (1 / n_called + 1 / n_waited)),
        "n together": np.sqrt((v_called + v_waited) / (n_called + n_waited)),
        "sd": np.sqrt(v_called + v_waited),
        "difference": np.sqrt(abs(kept) * (1 - abs(kept)) / (n_called + n_waited)),
        "400": np.sqrt((v_called + v_waited) / 400),
    }[error]
    half = se * {"width": 2 * 1.96}.get(factor, factor)
    return {
        "all calls": 400 * WORTH * half,
        "points": half,
        "one call": WORTH * half,
        "price": 400 * (WORTH * half - 24),
        "saved less price": 400 * (WORTH - 24) * half,
    }[money]


@recipe(
    Integer(),
    means=lambda n: (
        f"{n:,} must wait, and {2 * n:,} are called. Fewer, and a true effect would often be missed; "
        "the "
        f"firm has {_open_cases():,} open cases a year."
    ),
    hints=(
        "How small must the error be, for the effect to be seen four times in five?",
        "The section of the example on how we will know has power; turn its formula round.",
        "The effect must be 2.80 standard errors; its square is the sum of two variances, that of the "
        "called over twice as many cases; solve for the number that waits, and round up.",
    ),
    alike=[("rows=score", "counted=down")],  # a week of cases more or less moves it by one at most
)
def waiting(
    *,
    rows=choose("old", ROWS),
    base=choose(
        "waited",
        {
            "share of the called": "You took the share of the called, calls and all; take that of the "
            "others.",
            "half": "You took one half for the share, the worst case; the draw tells it.",
            "same": "You took the same share for both groups; five points lie between them.",
        },
    ),
    effect=choose(
        0.05,
        {
            0.09: "You took 0.09, the example's promise; here it is five of a hundred.",
            0.025: "You halved the effect, 0.025; it is 0.05.",
            "measured": "You took the effect measured in the draw; asked is 0.05.",
            "relative": "You took five per cent of the share, a relative effect; it is five points.",
        },
    ),
    z=choose(
        2.8,
        {
            1.96: "You took 1.96 alone: then the effect is seen one time in two.",
            2.49: "You took 2.49, a one-sided test; it is two-sided, 1.96 and 0.84.",
            3.24: "You took 3.24, for a power of 90 %; asked are 80 %.",
            0.84: "You took 0.84 alone; add the 1.96 of the test.",
        },
    ),
    counted=choose(
        "waiting",
        {
            "calls": "This is the number of calls; asked is how many wait.",
            "together": "You gave both together; asked is how many wait.",
            "equal": "You made the groups equally large; two are called for each who waits.",
            "other way": "You let two wait for each who is called; it is the other way round.",
            "swapped": "You swapped the groups: it is the variance of the called that is halved.",
            "down": "You rounded down; then the power falls short. Round up.",
        },
    ),
):
    """Cases that must wait, for a power of 80 % with two called for each."""
    called, waited, *_ = _shares(rows)
    p0 = {"share of the called": called, "half": 0.5}.get(base, waited)
    gain = {"measured": called - waited, "relative": 0.05 * p0}.get(effect, effect)
    p1 = p0 if base == "same" else p0 + gain
    v0, v1 = p0 * (1 - p0), p1 * (1 - p1)
    v0, v1 = (v1, v0) if counted == "swapped" else (v0, v1)
    n = z**2 * (v0 + v1 / {"equal": 1, "other way": 0.5}.get(counted, 2)) / gain**2
    if counted == "other way":
        n = np.ceil(n / 2) * 2
    whole = int(np.floor(n) if counted == "down" else np.ceil(n))
    return whole * {"calls": 2, "together": 3}.get(counted, 1)


@cache
def _cases(rows="old"):
    """Cases of the draw whose outcome was known on the day of the plan, or other rows."""
    young = table("shihu/touchpoints").query("alert").astype({"returned": float})
    c = young.dropna(subset="returned")
    may = table("shihu/customers").set_index("customer_id")["may_contact"]
    old = c[c["date"] <= TODAY - 180 * DAY]
    return {
        "old": old,
        "later": c,
        "half-year": old[old["date"] >= "2024-07-01"],
        "consent": old[old["customer_id"].map(may)],
        "score": c[c["date"] + 7 * DAY <= TODAY - 180 * DAY],
        "empty": young.assign(returned=young["returned"].fillna(0.0)),
    }[rows]


def _shares(rows="old"):
    """Share returned of the called and of the others, and how many they are."""
    by = _cases(rows).astype({"followed_up": bool}).groupby("followed_up")["returned"]
    share, n = by.mean(), by.size()
    return share[True], share[False], n[True], n[False]


def _overall(rows):
    return _cases(rows)["returned"].mean()


def _open_cases():
    """Cases of the last year that were not followed up, of customers with consent."""
    c = table("shihu/touchpoints").query("alert").astype({"followed_up": bool})
    may = table("shihu/customers").set_index("customer_id")["may_contact"]
    year = (c["date"] + 7 * DAY).between(TODAY - 364 * DAY, TODAY)
    return (year & ~c["followed_up"] & c["customer_id"].map(may)).sum()


def _promise():
    called, waited, *_ = _shares()
    return 400 * (WORTH * (called - waited) - 24)


# Transfer: a promise for a real shop


@recipe(
    Number(digits=4),
    means=lambda awake: (
        f"{awake:,.0f} were promised, and {_awake('1998-06-30').sum():,} came. Felt, as many as in "
        f"March, were {_awake('1998-03-31').sum():,}: further off. A move holds only for a quarter like "
        "the last."
    ),
    hints=(
        "Two kinds of customers can be awake in June: which?",
        "The section of the example on where they stand forecasts by one move.",
        "From December to March: the share of the awake who stay, the share of the asleep who wake; "
        "apply both to March's two numbers, and add up.",
    ),
)
def awake(
    *,
    forecast=choose(
        "both",
        {
            "felt": "You promised March's number, as felt; apply the move to it once more.",
            "stay": "You counted only the awake who stay; from the asleep some join them.",
            "wake": "You counted only those who wake up; some of the awake remain so.",
            "asleep": "This is the number asleep; asked is how many are awake.",
            "trend": "You carried on the ratio of the two numbers, a trend; people move both ways.",
            "came": "You counted what came by June; the promise is made from the books of March.",
            "backward": "You took shares of those awake in March, backward; ask where December's "
            "customers went.",
            "share": "This is a share of the customers; asked is their number.",
        },
    ),
    days=choose(
        90,
        {
            91: "You took 91 days; the day itself is one of the 90.",
            30: "You called awake who bought within 30 days; it is 90.",
            60: "You called awake who bought within 60 days; it is 90.",
            180: "You called awake who bought within 180 days; it is 90.",
            "quarter": "You took calendar quarters, of which some have 92 days; it is 90 days.",
        },
    ),
    move=choose(
        "December, March",
        {
            "September, December": "You took the move from September to December; asked is the last "
            "quarter's.",
            "September, March": "You took the move from September to March, of half a year; asked is "
            "the last quarter's.",
            "February, March": "You took the move from February to March, of a month; asked is the "
            "last quarter's.",
        },
    ),
    log=choose(
        "cdnow",
        {
            "sample": "You used the sample of a tenth, cdnow_sample; take cdnow.",
            "once": "You dropped who bought once only; all customers count.",
        },
    ),
):
    """Customers awake at the end of June 1998, as one move promises."""
    first, last = move.split(", ")
    a, b, now = (_awake(ENDS[month], days, log) for month in (first, last, "March"))
    stay, wake = b[a].mean(), b[~a].mean()
    both = now.sum() * stay + (~now).sum() * wake
    return {
        "both": both,
        "felt": now.sum(),
        "stay": now.sum() * stay,
        "wake": (~now).sum() * wake,
        "asleep": len(now) - both,
        "trend": now.sum() * b.sum() / a.sum(),
        "came": _awake("1998-06-30", days, log).sum(),
        "backward": now.sum() * a[b].mean() + (~now).sum() * a[~b].mean(),
        "share": both / len(now),
    }[forecast]


ENDS = {
    "September": "1997-09-30",
    "December": "1997-12-31",
    "February": "1998-02-28",
    "March": "1998-03-31",
}


@cache
def _awake(day, days=90, log="cdnow"):
    """Whether each customer bought in the days that end on a day."""
    rows = table("cdnow_sample" if log == "sample" else "cdnow")
    if log == "once":
        rows = rows[rows["customer_id"].duplicated(keep=False)]
    day = pd.Timestamp(day)
    begin = day - (days - 1) * DAY if days != "quarter" else day - pd.DateOffset(months=3) + DAY
    recent = rows["date"].between(begin, day)
    return recent.groupby(rows["customer_id"]).any()
