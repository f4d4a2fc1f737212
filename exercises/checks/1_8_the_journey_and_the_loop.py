"""Feedback for exercises 1.8, the journey and the loop."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, Values, task

STEPS = ["need", "search", "arrival", "waiting", "handling", "after"]
NEUTRAL, WITHIN = 7, 90
LAST_DAY = pd.Timestamp("2025-12-31")
QUIET = slice("2003-03-03", "2003-05-30")


table = cache(crm.load)


def journeys():
    return table("shihu/touchpoints")


# Warm-up: the index of one step in one channel


def wechat():
    return journeys()[journeys()["channel"] == "wechat"]


@task(
    Number(),
    means=lambda index: (
        f"{index:.1f}, where all channels together have {every_channel():.1f}. The end of the "
        "journey is where a point counts most."
    ),
    hint="Keep the WeChat store's rows. Where must a mean of 1 land on the new scale, where a mean "
    "of 10? One subtraction and one division take it there.",
)
def warm_up():
    """Experience index of the last step, from all its ratings in the WeChat store."""
    return 100 * (wechat()["after"].mean() - 1) / 9


@warm_up.mistake("The scale begins at 1, not at 0: a rating of 1 is an index of 0.")
def from_zero():
    return 10 * wechat()["after"].mean()


@warm_up.mistake("This is the mean rating; put it on the scale from 0 to 100.")
def mean_rating():
    return wechat()["after"].mean()


@warm_up.mistake("These are all channels; keep the WeChat store.")
def every_channel():
    return 100 * (journeys()["after"].mean() - 1) / 9


@warm_up.mistake("This is the share who tick 9 or 10 (top two), not the index.")
def top_two():
    return 100 * (wechat()["after"].dropna() >= 9).mean()


# Standard: peaks, and what a call cuts within 90 days


@cache
def moved():
    """Departures from neutral of the WeChat journeys of December 2025."""
    rows = wechat()[wechat()["date"] >= "2025-12-01"].set_index("journey_id")
    return rows[STEPS].astype(float) - NEUTRAL


def peak_of(departures, *, bad_first=True):
    worst, best = departures.min(axis=1), departures.max(axis=1)
    bad = (-worst >= best) if bad_first else (-worst > best)
    return worst.where(bad, best)


@task(
    Values("journeys"),
    means=lambda peak: (
        f"Of {len(peak)} journeys {(peak < 0).mean():.0%} have a bad peak. A journey has its peak "
        "wherever it is, in the middle as well as at the end."
    ),
    hint="worst = ratings.min(axis=1) - 7, best = ratings.max(axis=1) - 7; keep worst where "
    "-worst >= best, else best: worst.where(condition, best).",
)
def peak():
    """Departure from neutral of the most extreme rated step of each journey."""
    return peak_of(moved())


@peak.mistake("This is the worst step; where the best one is further from 7, it is the peak.")
def worst_step():
    return moved().min(axis=1)


@peak.mistake("This is the best step; where the worst one is as far from 7, or further, it counts.")
def best_step():
    return moved().max(axis=1)


@peak.mistake("Where a good and a bad step are equally far from 7, the bad one counts.")
def good_first():
    return peak_of(moved(), bad_first=False)


@peak.mistake("You counted from 5.5, the middle of the scale; neutral is 7.")
def from_the_middle():
    return peak_of(moved() + NEUTRAL - 5.5)


@peak.mistake("These are the ratings themselves; take 7 off.")
def as_rated():
    return peak_of(moved()) + NEUTRAL


@peak.mistake("You lost the sign: a bad peak is negative.")
def without_sign():
    return peak_of(moved()).abs()


@cache
def stayed_away(within=WITHIN):
    """Share who stay away and number of cases, for cases called and not called."""
    orders = table("shihu/orders").sort_values(["customer_id", "date", "hour"])
    following = orders.groupby("customer_id")["date"].shift(-1).set_axis(orders["order_id"])
    cases = journeys()[journeys()["alert"]]
    cases = cases[cases["date"] <= LAST_DAY - pd.Timedelta(days=within)]
    back = (cases["order_id"].map(following) - cases["date"]).dt.days <= within
    arms = (1 - back).groupby(cases["followed_up"].astype(bool)).agg(["mean", "size"])
    return arms.loc[True, "mean"], arms.loc[True, "size"], *arms.loc[False, ["mean", "size"]]


def cut_of(called, n1, alone, n0):
    ratio = called / alone
    error = np.sqrt((1 - called) / (called * n1) + (1 - alone) / (alone * n0))
    ends = 1 - ratio * np.exp(np.array([1.96, -1.96]) * error)
    return pd.Series({"value": 1 - ratio, "low": ends[0], "high": ends[1]})


@task(
    Values("rows"),
    means=lambda cut: (
        f"Within 90 days the call cuts those who stay away by {cut['value']:.0%} "
        f"({cut['low']:.0%} to {cut['high']:.0%}), within 180 days by "
        f"{cut_of(*stayed_away(180))['value']:.0%}. The sooner you look, the more of those who "
        "stay away are merely slow, and no call makes them faster."
    ),
    hint="Next order of the same customer: orders.groupby('customer_id')['date'].shift(-1) after "
    "sorting by customer_id, date, hour. Then shares a (called) and b (not called) who stay away: "
    "1 - a / b, and 1 - a / b * exp(+-1.96 * sqrt((1 - a) / (a * n1) + (1 - b) / (b * n0))).",
)
def cut_90():
    """Relative cut of the share who do not order again within 90 days, with its interval."""
    return cut_of(*stayed_away())


@cut_90.mistake("This is the difference of the two shares; asked is by what part the call cuts it.")
def difference():
    a, n1, b, n0 = stayed_away()
    error = 1.96 * np.sqrt(a * (1 - a) / n1 + b * (1 - b) / n0)
    return pd.Series({"value": b - a, "low": b - a - error, "high": b - a + error})


@cut_90.mistake("This is the ratio of the two shares; the cut is one minus the ratio.")
def the_ratio():
    right = cut_90.right
    return pd.Series(
        {"value": 1 - right["value"], "low": 1 - right["high"], "high": 1 - right["low"]}
    )


@cut_90.mistake("This is for 180 days; asked is 90, with the cases that can be watched so long.")
def half_a_year():
    return cut_of(*stayed_away(180))


@cut_90.mistake("You compared the shares who come back; compare those who stay away.")
def come_back():
    a, n1, b, n0 = stayed_away()
    return cut_of(1 - a, n1, 1 - b, n0)


@cut_90.mistake("low and high are exchanged: the smaller end comes first.")
def exchanged():
    right = cut_90.right
    return pd.Series({"value": right["value"], "low": right["high"], "high": right["low"]})


# Transfer: the calls of a bank


@cache
def by_day():
    calls = table("bank_calls")
    day = calls["start"].dt.normalize()
    return calls.groupby(day).agg(calls=("calls", "sum"), half_hours=("calls", "size"))


def outside_u(*, baseline=QUIET, width=3.0):
    days = by_day()
    known = days.loc[baseline].sum()
    centre = known["calls"] / known["half_hours"]
    rate = days["calls"] / days["half_hours"]
    return (rate - centre).abs() > width * np.sqrt(centre / days["half_hours"])


@task(
    Integer(),
    means=lambda count: (
        f"{count} of {len(by_day())} days are 'out of control'. A chart that always rings says "
        "nothing: the days differ far more than Poisson counts would."
    ),
    hint="Sum calls by day (start.dt.normalize()), and count its half-hours; then "
    "crm.control_limits(calls, half_hours, kind='u', baseline=slice('2003-03-03', '2003-05-30')).",
)
def days_outside():
    """Days beyond the limits of a u chart with a baseline of three months."""
    return int(outside_u().sum())


@days_outside.mistake("You took the centre from all days; the baseline ends on 30 May.")
def all_days():
    return int(outside_u(baseline=slice(None)).sum())


@days_outside.mistake("These are the days beyond 2 standard deviations; the limits are at 3.")
def two_sigma():
    return int(outside_u(width=2).sum())


@days_outside.mistake("You counted the days within the limits.")
def days_inside():
    return int((~outside_u()).sum())


@days_outside.mistake("These are the days above the upper limit only; a chart has two limits.")
def only_above():
    days = by_day()
    rate = days["calls"] / days["half_hours"]
    return int((outside_u() & (rate > rate.loc[QUIET].mean())).sum())


def moving(*, centre_from=QUIET, steps_from=QUIET, divide=1.128, width=3.0, middle="mean"):
    """Limits of the individuals chart, and the days beyond them."""
    rate = by_day()["calls"] / by_day()["half_hours"]
    centre = getattr(rate.loc[centre_from], middle)()
    sigma = rate.loc[steps_from].diff().abs().mean() / divide
    return limits(rate, centre, width * sigma)


def limits(rate, centre, half):
    days = int(((rate - centre).abs() > half).sum())
    return pd.Series({"low": centre - half, "high": centre + half, "days": days})


@task(
    Values("rows"),
    means=lambda chart: (
        f"{chart['days']:.0f} days; the first three are {first_days()}. The chart learned from the "
        "days themselves how much days differ, and what still rings deserves a look at the calendar."
    ),
    hint="Work with calls per half-hour by day. Both m and the mean absolute step (diff) come from "
    "the baseline alone; the days beyond the limits are counted among all days, on both sides.",
)
def days_really_outside():
    """Limits of mean +- 3 moving-range standard deviations of the baseline, and the days beyond."""
    return moving()


def first_days():
    chart, rate = moving(), by_day()["calls"] / by_day()["half_hours"]
    days = rate.index[(rate < chart["low"]) | (rate > chart["high"])][:3]
    return ", ".join(f"{day:%A} {day.day} {day:%B}" for day in days)


@days_really_outside.mistake(
    "These limits are too wide. Divide the mean moving range by 1.128, and do not use the plain "
    "standard deviation, which counts slow drifts as noise."
)
def plain_sd():
    rate = by_day()["calls"] / by_day()["half_hours"]
    quiet = rate.loc[QUIET]
    return limits(rate, quiet.mean(), 3 * quiet.std())


@days_really_outside.mistake("You took the mean moving range as s; divide it by 1.128.")
def not_divided():
    return moving(divide=1)


@days_really_outside.mistake("These limits are at 2 standard deviations; put them at 3.")
def two_moving_sigma():
    return moving(width=2)


@days_really_outside.mistake("These are the limits per day; take calls per half-hour.")
def per_day():
    calls = by_day()["calls"]
    quiet = calls.loc[QUIET]
    return limits(calls, quiet.mean(), 3 * quiet.diff().abs().mean() / 1.128)


@days_really_outside.mistake("You counted the days of the baseline only; count among all days.")
def only_baseline():
    chart, rate = moving(), (by_day()["calls"] / by_day()["half_hours"]).loc[QUIET]
    beyond = (rate < chart["low"]) | (rate > chart["high"])
    return chart.where(chart.index != "days", beyond.sum())


@days_really_outside.mistake("You took the moving range from all days, not from the baseline.")
def steps_of_all_days():
    return moving(steps_from=slice(None))


@days_really_outside.mistake("You took the mean m from all days, not from the baseline.")
def mean_of_all_days():
    return moving(centre_from=slice(None))


@days_really_outside.mistake("You took mean and moving range from all days, not from the baseline.")
def from_all_days():
    return moving(centre_from=slice(None), steps_from=slice(None))


@days_really_outside.mistake("The centre is the mean of the baseline, not its median.")
def median_centre():
    return moving(middle="median")
