"""Feedback for exercises 1.8, the journey and the loop."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Values, choose, recipe

STEPS = ["need", "search", "arrival", "waiting", "handling", "after"]
WITHIN = 90
LAST_DAY = pd.Timestamp("2025-12-31")
QUIET, LATER = slice("2003-03-03", "2003-04-30"), slice("2003-05-01", None)


table = cache(crm.load)


def journeys():
    return table("shihu/touchpoints")


# Warm-up: the index of every step in one channel


@recipe(
    Values("steps"),
    means=lambda index: (
        f"From {index.min():.1f} ({index.idxmin()}) to {index.max():.1f} ({index.idxmax()}). The map "
        "shows where ratings are low; where a point counts most, at the end, it does not show."
    ),
    hints=(
        "A scale has two ends: where must a mean rating of 1 land, where one of 10?",
        "The worked example defines the index in *The emotion map*.",
        "Keep the WeChat store's rows and the six columns; from each mean take off the lowest "
        "rating, divide by the width of the scale, and multiply by a hundred.",
    ),
)
def warm_up(
    *,
    scale=choose(
        "index",
        {
            "begins at 0": "Your scale begins at 0; a rating of 1 is an index of 0.",
            "mean rating": "This is the mean rating; put it on the scale from 0 to 100.",
            "ten": "You divided by ten; from 1 to 10 it is nine steps.",
            "share": "This is a share between 0 and 1; the index goes from 0 to 100.",
            "top two": "This is the top two, the share who tick 9 or 10, not the index.",
            "promoters": "You took promoters less detractors; the index is the mean on another "
            "scale.",
            "lowest": "You put the lowest mean at 0 and the highest at 100; the ends are the ratings "
            "1 and 10.",
        },
    ),
    channel=choose(
        "wechat",
        {
            "all channels": "These are all channels; keep the WeChat store.",
            "web": "You took the web shop; keep the WeChat store.",
            "shop": "You took the shops; keep the WeChat store.",
            "other channels": "You took the other channels; keep the WeChat store.",
        },
    ),
    columns=choose(
        "six steps",
        {
            "overall": "You listed overall too, what is remembered of the whole; it is no step.",
        },
    ),
    empty=choose(
        "left out",
        {
            "zero": "You counted empty ratings as zero; leave them out.",
            "complete journeys": "You kept complete journeys only, with six ratings; all ratings of "
            "a step count.",
        },
    ),
    each=choose(
        "rating",
        {
            "customer": "You took the mean of each customer first; every rating counts once.",
            "median": "You took the median rating; the index is made of the mean.",
        },
    ),
    years=choose(
        "both",
        {
            2024: "You took 2024 only; all ratings in the table count.",
            2025: "You took 2025 only; all ratings in the table count.",
            "alerts": "You took the alerts only; all journeys count.",
            "December": "You took December 2025, the month of 2a; here all ratings count.",
        },
    ),
):
    """Experience index of each step, from all its ratings in the WeChat store."""
    rows = journeys()
    keep = {
        "all channels": rows["channel"].notna(),
        "other channels": rows["channel"] != "wechat",
    }.get(channel, rows["channel"] == channel)
    if years != "both":
        keep &= {
            "alerts": rows["alert"],
            "December": rows["date"] >= "2025-12-01",
        }.get(years, rows["date"].dt.year == years)
    if empty == "complete journeys":
        keep &= rows[STEPS].notna().all(axis=1)
    rows = rows[keep].set_index("customer_id")
    ratings = rows[[*STEPS, "overall"] if columns == "overall" else STEPS].astype(float)
    ratings = ratings.fillna(0) if empty == "zero" else ratings
    of_customers = ratings.groupby(level=0).mean() if each == "customer" else ratings
    mean = ratings.median() if each == "median" else of_customers.mean()
    top = ratings.ge(9).sum() / ratings.notna().sum()
    return {
        "index": 100 * (mean - 1) / 9,
        "begins at 0": 10 * mean,
        "mean rating": mean,
        "ten": 10 * (mean - 1),
        "share": (mean - 1) / 9,
        "top two": 100 * top,
        "promoters": 100 * (top - ratings.le(6).sum() / ratings.notna().sum()),
        "lowest": 100 * (mean - mean.min()) / (mean.max() - mean.min()),
    }[scale]


# Standard: peaks, and what a call cuts within 90 days


def first_furthest(moved):
    """The departure furthest from zero of each row, the first of them in a tie."""
    values = moved.to_numpy()
    at = np.nanargmax(np.abs(values), axis=1)
    return pd.Series(values[np.arange(len(values)), at], moved.index)


@recipe(
    Values("journeys"),
    means=lambda peak: (
        f"Of {len(peak)} journeys {(peak < 0).mean():.0%} have a bad peak. A journey has its peak "
        "wherever it is, in the middle as well as at the end."
    ),
    hints=(
        "How far is each rating from 7, and to which side?",
        "The worked example finds peaks in *Peak and end, by hand*.",
        "Take 7 off all ratings. Of each row keep the lowest and the highest; where the lowest is "
        "at least as far below zero as the highest is above it, it is the peak, else the highest.",
    ),
)
def peak(
    *,
    which=choose(
        "furthest",
        {
            "worst": "This is the worst step; where the best one is further from 7, it is the peak.",
            "any bad": "You took the worst step wherever any is bad; where the best is further "
            "from 7, it is the peak.",
            "best": "This is the best step; where another is as far below 7, or further, that counts.",
            "first": "Where two steps are equally far from 7 you took the first; the bad one counts.",
            "last": "Where two steps are equally far from 7 you took the last; the bad one counts.",
            "a tie is good": "Where a good and a bad step tie, equally far from 7, the bad one "
            "counts.",
            "end": "This is the end, the step after; the peak may be anywhere.",
            "mean": "This is the mean of the steps; asked is the single one furthest from 7.",
            "range": "You took the range from worst to best; asked is the one furthest from 7.",
        },
    ),
    neutral=choose(
        7,
        {
            5.5: "You counted from 5.5, the middle of the scale; neutral is 7.",
            "journey": "You counted from the mean of each journey; neutral is 7 for all.",
            "own average": "You counted from the own average of each step; neutral is 7 for all.",
        },
    ),
    told_as=choose(
        "less 7",
        {
            "ratings": "These are the ratings themselves; take 7 off.",
            "absolute": "These are absolute distances; you lost the sign, and a bad peak is negative.",
        },
    ),
    steps=choose(
        "six",
        {
            "overall": "You counted overall as a step; the steps are the six before it.",
            "five": "You took five steps and left out the one after; it belongs to the six.",
        },
    ),
    skipped=choose(
        "left out",
        {
            "zero": "You counted a skipped step as a rating of zero; leave it out.",
            "complete": "You kept complete journeys only; a journey with a skipped step has a peak "
            "too.",
        },
    ),
    rows=choose(
        "December 2025",
        {
            "all months": "You took all months; keep December 2025.",
            2024: "You took December 2024; keep December 2025.",
            "second day": "You began with the month's second day, and left out the first: from >= on.",
            "both Decembers": "You took both Decembers; keep that of 2025.",
            "all channels": "You took all channels; keep the WeChat store.",
            "alerts": "You kept the alerts; all journeys of the month count.",
        },
    ),
):
    """Departure from neutral of the most extreme rated step of each journey."""
    all_rows = journeys()
    month, year = all_rows["date"].dt.month == 12, all_rows["date"].dt.year
    keep = {
        "all months": month | ~month,
        2024: month & (year == 2024),
        "both Decembers": month,
    }.get(rows, month & (year == 2025))
    keep &= (all_rows["channel"] == "wechat") | (rows == "all channels")
    keep &= all_rows["alert"] | (rows != "alerts")
    keep &= (all_rows["date"].dt.day > 1) | (rows != "second day")
    columns = {"overall": [*STEPS, "overall"], "five": STEPS[:-1]}.get(steps, STEPS)
    rated = all_rows[keep].set_index("journey_id")[columns].astype(float)
    rated = {"zero": rated.fillna(0), "complete": rated.dropna()}.get(skipped, rated)
    if neutral == "own average":
        rated, neutral = rated - rated.mean(), 0
    centre = rated.mean(axis=1) if neutral == "journey" else pd.Series(neutral, rated.index)
    moved = rated.sub(centre, axis=0)
    worst, best = moved.min(axis=1), moved.max(axis=1)
    bad = (-worst > best) if which == "a tie is good" else (-worst >= best)
    found = {
        "worst": worst,
        "any bad": worst.where(worst < 0, best),
        "best": best,
        "end": moved[columns[-1]],
        "mean": moved.mean(axis=1),
        "first": first_furthest(moved),
        "last": first_furthest(moved.iloc[:, ::-1]),
        "range": best - worst,
    }.get(which, worst.where(bad, best))
    return {"less 7": found, "ratings": found + centre, "absolute": found.abs()}[told_as]


@cache
def days_until(which="next"):
    """Days from each journey's order to the same customer's next one; none where there is none."""
    orders = table("shihu/orders").sort_values(["customer_id", "date", "hour"])
    dates = orders["date"] if which == "across" else orders.groupby("customer_id")["date"]
    other = dates.shift(1 if which == "before" else -1).set_axis(orders["order_id"])
    days = (journeys()["order_id"].map(other) - journeys()["date"]).dt.days
    return days.abs() if which == "before" else days


@cache
def arms(within=WITHIN, cases="watched", silent="away", who="alerts"):
    """Share who stay away and number of cases: of those called, and of those not called."""
    rows, days = journeys(), days_until(silent)
    watched = {"to the end": 0, "half a year": 180}.get(cases, WITHIN)
    keep = rows["date"] <= LAST_DAY - pd.Timedelta(days=watched)
    keep &= (rows["date"] < LAST_DAY - pd.Timedelta(days=watched)) | (cases != "< 2 October")
    keep = keep & (rows["alert"] | (who == "everybody")) & (days.notna() | (silent != "dropped"))
    keep = keep & (rows["channel"].eq("wechat") | (who != "wechat"))
    keep = keep & (rows["date"].dt.year.eq(2025) | (cases != "2025"))
    away = (days > within if silent == "back" else ~(days <= within)).to_numpy()
    if who == "column":
        keep = keep & rows["returned"].notna()
        away = ~rows["returned"].fillna(True).to_numpy(bool)
    keep, called = keep.to_numpy(bool), rows["followed_up"].fillna(False).to_numpy(bool)
    a, b = away[keep & called], away[keep & ~called]
    return a.mean(), a.size, b.mean(), b.size


def cut_of(called, n1, alone, n0, z=1.96):
    ratio = called / alone
    error = np.sqrt((1 - called) / (called * n1) + (1 - alone) / (alone * n0))
    return _rows(1 - ratio, *(1 - ratio * np.exp(np.array([z, -z]) * error)))


def _rows(value, low, high):
    return pd.Series({"value": value, "low": low, "high": high})


@recipe(
    Values("rows", share=True),
    alike=[("silent=back", "silent=across")],
    means=lambda cut: (
        f"Within 90 days the call cuts those who stay away by {cut['value']:.0%} "
        f"({cut['low']:.0%} to {cut['high']:.0%}), within 180 days by "
        f"{cut_of(*arms(180, 'half a year'))['value']:.0%}. The sooner you look, the more of those who "
        "stay away are merely slow, and no call makes them faster."
    ),
    hints=(
        "Three columns for each case: was it called, when did the customer order next, and is that "
        "late or never?",
        "The worked example compares the two groups in *Does calling back help? Three answers*; its "
        "last step there computes the cut.",
        "In the sorted orders shift each customer's dates by one, and map them by order to the "
        "cases. Stay away means later than 90 days or never. Take the share of these in both groups, "
        "and put shares and sizes into the formula.",
    ),
)
def cut_90(
    *,
    told_as=choose(
        "cut",
        {
            "difference": "This is the difference of the two shares; asked is by what part the call "
            "cuts it.",
            "ratio": "This is the ratio of the two shares; the cut is one minus the ratio.",
            "come back": "You compared the shares who come back; compare those who stay away.",
            "odds": "You took the ratio of the odds; take the ratio of the shares.",
            "turned": "You turned the groups round: a is for those called, b for those not called.",
        },
    ),
    within=choose(
        90,
        {
            180: "You looked 180 days ahead, as the worked example does; asked is 90.",
            89: "You stopped at day 89; day 90 still counts.",
            30: "You looked 30 days ahead; asked is 90.",
        },
    ),
    cases=choose(
        "watched",
        {
            "to the end": "You took cases to the end of the table; one of November cannot be "
            "watched for 90 days.",
            "half a year": "You kept the cases watched for half a year; 90 days are enough.",
            "2025": "You took the cases of 2025 only; those of both years count.",
            "< 2 October": "You left out the cases of 2 October itself, by < in place of <=.",
        },
    ),
    silent=choose(
        "away",
        {
            "dropped": "You dropped the cases without a further order; they stay away.",
            "across": "You shifted the whole table, across customers: the last order of one is followed "
            "by the first of the next, so that who never ordered again counts as back.",
            "before": "You looked at the order before (shift by 1); the next one is at -1.",
            "back": "A missing number of days is not larger than 90: you counted those who never "
            "ordered again as back.",
        },
    ),
    who=choose(
        "alerts",
        {
            "everybody": "You compared with everybody who was not called; keep the alerts, of which "
            "the lot chose those called.",
            "wechat": "You kept the cases of WeChat; here every channel counts.",
            "column": "You took the column returned, which looks 180 days ahead; count 90 days from "
            "the orders.",
        },
    ),
    interval=choose(
        "low, high",
        {
            "exchanged": "low and high are exchanged: the smaller end comes first.",
            "one error": "Your interval is one standard error to each side; it takes 1.96.",
            "1.645": "You took 1.645, for 90 in a hundred; take 1.96.",
            "no root": "There is no root in your interval; the formula has one.",
            "straight": "You went 1.96 errors to each side in a straight line; the formula has exp.",
        },
    ),
):
    """Relative cut of the share who do not order again within 90 days, with its interval."""
    a, n1, b, n0 = arms(within, cases, silent, who)
    if told_as == "turned":
        a, n1, b, n0 = b, n0, a, n1
    if told_as == "come back":
        a, b = 1 - a, 1 - b
    z = {"one error": 1, "1.645": 1.645}.get(interval, 1.96)
    value, low, high = cut_of(a, n1, b, n0, z)
    if told_as == "odds":
        ratio = a * (1 - b) / (b * (1 - a))
        error = z * np.sqrt(1 / (a * n1 * (1 - a)) + 1 / (b * n0 * (1 - b)))
        value, low, high = 1 - ratio, 1 - ratio * np.exp(error), 1 - ratio * np.exp(-error)
    if told_as == "difference":
        error = z * np.sqrt(a * (1 - a) / n1 + b * (1 - b) / n0)
        value, low, high = b - a, b - a - error, b - a + error
    if told_as == "ratio":
        value, low, high = 1 - value, 1 - high, 1 - low
    if interval == "no root":
        times = np.exp(1.96 * ((1 - a) / (a * n1) + (1 - b) / (b * n0)))
        low, high = 1 - a / b * times, 1 - a / b / times
    if interval == "straight":
        error = z * (1 - value) * np.sqrt((1 - a) / (a * n1) + (1 - b) / (b * n0))
        low, high = value - error, value + error
    return _rows(value, high, low) if interval == "exchanged" else _rows(value, low, high)


# Transfer: the calls of a bank


@cache
def by_day():
    calls = table("bank_calls")
    day = calls["start"].dt.normalize()
    return calls.groupby(day).agg(calls=("calls", "sum"), half_hours=("calls", "size"))


@cache
def by_half_hour():
    calls = table("bank_calls").set_index("start")[["calls"]]
    return calls.assign(half_hours=1)


@recipe(
    Integer(),
    means=lambda count: (
        f"{count} of {len(by_day())} days are 'out of control'. A chart that always rings says "
        "nothing: the days differ far more than Poisson counts would."
    ),
    hints=(
        "Two numbers a day: how many calls, in how many half-hours?",
        "The worked example draws a u chart in *Watch the process*, below its p chart.",
        "Add up the calls of each day and count its half-hours. Give both to the course's function "
        "for control limits, with the kind and the baseline, and count the days marked as outside.",
    ),
)
def days_outside(
    *,
    baseline=choose(
        "two months",
        {
            "all days": "You took the centre from all days; the baseline ends on 30 April.",
            "March": "Your baseline is March alone; it ends on 30 April.",
            "May": "Your baseline goes on to the end of May; it ends on 30 April.",
            "29 April": "Your baseline ends on 29 April; the 30th belongs to it.",
            "after": "You took the centre from the days after 30 April; the baseline ends there.",
        },
    ),
    width=choose(
        3,
        {
            2: "These are the days beyond 2 standard deviations; the limits are at 3.",
            1: "These are the days beyond 1 standard deviation; the limits are at 3.",
        },
    ),
    counted=choose(
        "outside",
        {
            "within": "You counted the days within the limits.",
            "above": "These are the days above the upper limit only; a chart has two limits.",
            "below": "These are the days below the lower limit only; a chart has two limits.",
            "first days": "You counted the first days only, those of the baseline; count all days.",
            "new days": "You counted only the new days, after the baseline; count all days.",
            "share": "This is the share of the days; give their number.",
        },
    ),
    rows=choose(
        "days",
        {
            "half-hours": "You charted the half-hours one by one; make one row for each day first.",
            "average day": "You took the day's average as a count, so that the root of the centre is "
            "not divided by the half-hours; give the sum, and the half-hours as exposure.",
        },
    ),
    spread=choose(
        "Poisson",
        {
            "plain": "You took the plain standard deviation of the days; for a u chart it is that of "
            "a Poisson count.",
        },
    ),
):
    """Days beyond the limits of a u chart with a baseline of two months."""
    days = by_half_hour() if rows == "half-hours" else by_day()
    known = {
        "all days": slice(None),
        "March": slice("2003-03-03", "2003-03-31"),
        "May": slice("2003-03-03", "2003-05-30"),
        "29 April": slice("2003-03-03", "2003-04-29"),
        "after": LATER,
    }.get(baseline, QUIET)
    calls, hours = days["calls"], days["half_hours"]
    if rows == "average day":
        calls, hours = calls / hours, hours * 0 + 1
    rate, centre = calls / hours, calls.loc[known].sum() / hours.loc[known].sum()
    sigma = rate.loc[known].std() if spread == "plain" else np.sqrt(centre / hours)
    above, below = rate > centre + width * sigma, rate < centre - width * sigma
    beyond = above | below
    return {
        "outside": beyond.sum(),
        "within": (~beyond).sum(),
        "above": above.sum(),
        "below": below.sum(),
        "first days": beyond.loc[QUIET].sum(),
        "new days": beyond.loc[LATER].sum(),
        "share": beyond.mean(),
    }[counted]


def first_days():
    chart, rate = days_really_outside.right, by_day()["calls"] / by_day()["half_hours"]
    days = rate.index[(rate < chart["low"]) | (rate > chart["high"])][:3]
    return ", ".join(f"{day:%A} {day.day} {day:%B}" for day in days)


@recipe(
    Values("rows"),
    means=lambda chart: (
        f"{chart['above'] + chart['below']:.0f} days; the first are {first_days()}. The "
        "chart learned from the days themselves how much days differ, and what still rings deserves "
        "a look at the calendar."
    ),
    hints=(
        "Both limits come from the baseline alone: what is usual there, and how far does one day lie "
        "from the next?",
        "The worked example has the idea in *Watch the process*: is a week worse than usual weeks are "
        "from one another?",
        "Work with calls per half-hour by day. On the baseline take their mean, and the mean of the "
        "absolute differences of neighbours, divided by 1.128; then count among all days those "
        "beyond three of these, on both sides.",
    ),
)
def days_really_outside(
    *,
    sigma=choose(
        "moving range",
        {
            "plain": "You took the plain standard deviation, which counts slow drifts as noise; take "
            "the mean step, divided by 1.128.",
            "2.66": "The 2.66 of the tables holds the three deviations already; s is the mean step "
            "divided by 1.128.",
            "not divided": "You took the mean step as s and have not divided it by 1.128.",
            "standard error": "You took the standard error of the mean, the deviation over the root of "
            "the days; s comes from the steps.",
            "whole range": "You took the whole range of the baseline; s comes from the steps from one "
            "day to the next.",
            "times": "You took the mean step times 1.128; divide by it.",
            "half of the steps": "You took the median, which half of the steps exceed; take their mean.",
            "signed": "Your steps are signed, so that they cancel; take them absolute.",
            "Poisson": "These are the limits of a Poisson count; s comes from the steps.",
            "squared": "You took the root of the mean squared step; take the mean absolute one.",
        },
    ),
    width=choose(
        3,
        {
            2: "These limits are at 2 standard deviations; put them at 3.",
            1: "These limits are at 1 standard deviation; put them at 3.",
        },
    ),
    unit=choose(
        "half-hour",
        {
            "per day": "These are the limits per day; take calls per half-hour.",
            "single half-hours": "You charted the single half-hours; make one row for each day.",
            "minute": "These are limits per minute; take calls per half-hour.",
        },
    ),
    counted=choose(
        "all",
        {
            "baseline only": "You counted the days of the baseline only; count among all days.",
            "after": "You counted only the days after the baseline; count among all days.",
            "exchanged": "above and below are exchanged.",
            "together": "You counted the days on both sides together in each; keep them apart.",
            "share": "You gave the share of the days; give their number.",
        },
    ),
    learned=choose(
        "baseline",
        {
            "steps": "You took the steps from all days, not from the baseline.",
            "mean": "You took the mean m from all days, not from the baseline.",
            "everything": "You took everything, mean and steps, from all days, not from "
            "the baseline.",
            "March": "Your baseline is March alone; it ends on 30 April.",
            "May": "Your baseline goes on to the end of May; it ends on 30 April.",
        },
    ),
    middle=choose("mean", {"median": "The centre is the mean of the baseline, not its median."}),
):
    """Limits of mean +- 3 moving-range standard deviations of the baseline, and the days beyond."""
    days = by_half_hour() if unit == "single half-hours" else by_day()
    rate = days["calls"] / {"per day": 1, "minute": 30 * days["half_hours"]}.get(
        unit, days["half_hours"]
    )
    ends = {"March": "2003-03-31", "May": "2003-05-30"}
    known = slice("2003-03-03", ends[learned]) if learned in ends else QUIET
    usual = rate if learned in ("mean", "everything") else rate.loc[known]
    centre = usual.median() if middle == "median" else usual.mean()
    from_all = learned in ("steps", "everything")
    steps = (rate if from_all else rate.loc[known]).diff()
    s = {
        "moving range": steps.abs().mean() / 1.128,
        "plain": usual.std(),
        "2.66": steps.abs().mean() * 2.66,
        "not divided": steps.abs().mean(),
        "standard error": usual.std() / np.sqrt(len(usual)),
        "whole range": (usual.max() - usual.min()) / 1.128,
        "times": steps.abs().mean() * 1.128,
        "half of the steps": steps.abs().median() / 1.128,
        "signed": steps.mean() / 1.128,
        "Poisson": np.sqrt(centre / days["half_hours"].mean()),
        "squared": np.sqrt((steps**2).mean()) / 1.128,
    }[sigma]
    low, high = centre - width * s, centre + width * s
    where = {"baseline only": QUIET, "after": LATER}.get(counted, slice(None))
    above, below = (rate > high).loc[where].sum(), (rate < low).loc[where].sum()
    if counted == "exchanged":
        above, below = below, above
    if counted == "together":
        above = below = above + below
    n = len(rate) if counted == "share" else 1
    return pd.Series({"low": low, "high": high, "above": above / n, "below": below / n})
