"""Feedback for exercises 1.6, twenty minutes."""

from functools import cache

import numpy as np
import pandas as pd
from statsmodels.duration.api import SurvfuncRight

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

HOURS = np.arange(15, 20.05, 0.1)  # knees tried

table = cache(crm.load)


@cache
def visits():
    """The ticket machine's record with times in minutes."""
    record = table("shihu/visits")
    until = record["start"].fillna(record["abandoned_at"])
    record["line"] = (until - record["arrival"]).dt.total_seconds() / 60
    record["service"] = (record["end"] - record["start"]).dt.total_seconds() / 60
    record["hour"], record["day"] = record["arrival"].dt.hour, record["arrival"].dt.normalize()
    record["weekend"] = record["arrival"].dt.day_of_week >= 5
    return record


# Warm-up: one hour by formula


def days_of(days):
    v, weekday = visits(), visits()["arrival"].dt.day_of_week
    kept = {"weekdays": ~v["weekend"], "every day": weekday >= 0, "Saturdays": weekday == 5}
    return v[kept.get(days, v["weekend"])]


def in_line(hour=16):
    """Mean minutes in the line of the weekend's visitors of an hour, as the record has them."""
    return days_of("weekend").query("hour == @hour")["line"].mean()


@recipe(
    Number(),
    means=lambda wait: (
        f"{wait:.1f} minutes by the formula; those visitors were in the line for "
        f"{in_line():.1f} on average. The formula knows nothing of the hour before, of those who give "
        "up, nor of days that are busier than others."
    ),
    hints=(
        "The formula wants two rates in one unit of time. Which, and of which visitors?",
        "The worked example computes such a wait for weekdays at the end of *What chance alone makes "
        "of a line*.",
        "Visitors of that hour over weekend days; sixty over their mean minutes of service; both, and "
        "the two desks, to the function of the queue. Its mean wait comes in hours.",
    ),
)
def warm_up(
    *,
    days=choose(
        "weekend",
        {
            "weekdays": "These are weekdays; keep Saturdays and Sundays.",
            "every day": "You took every day of the week; keep Saturdays and Sundays.",
            "Saturdays": "You took Saturdays only; keep Sundays, too.",
        },
    ),
    hour=choose(
        16,
        {
            15: "You took the hour from 15:00; asked are those who came from 16:00 to 16:59.",
            17: "You took the hour from 17:00; asked are those who came from 16:00 to 16:59.",
            14: "You took the hour from 14:00; asked are those who came from 16:00 to 16:59.",
            "all hours": "You took a mean over all hours; asked are those who came from 16:00 to 16:59.",
        },
    ),
    counted=choose(
        "everybody",
        {"served": "You counted only those served as arrivals; who gave up had arrived, too."},
    ),
    per=choose(
        "these days",
        {"all dates": "You divided by all dates of the record; divide by its weekend days."},
    ),
    service=choose(
        "rate",
        {
            "minutes": "You gave the minutes of service where its rate belongs: 60 over minutes.",
            "of all visitors": "You took the service of all visitors of the record; take that of these.",
            "of the whole days": "You took the service of the whole days, all their hours; take that of "
            "these visitors.",
            "median": "You took the median service; the formula wants the mean.",
        },
    ),
    desks=choose(
        2,
        {
            3: "You opened 3 desks; there are two.",
            "one": "You made one desk of the two, twice as fast; then nobody is served by the other.",
            "lines apart": "You split the visitors over two lines apart, a desk each; there is one line "
            "for both.",
        },
    ),
    what=choose(
        "Wq",
        {
            "with service": "This is W, the time with the service in it; asked is the time in the line.",
            "people": "This is a number of people in the line; asked are minutes.",
            "record": "This is the mean of the record; asked is what the formula says.",
            "seen": "This is the mean wait seen of those who were served; asked is what the formula "
            "says.",
            "chance": "This is the chance to wait at all; asked is the mean wait.",
        },
    ),
    unit=choose(
        "minutes",
        {"hours": "This is in hours, for both rates are an hour; give minutes."},
    ),
):
    """Mean wait in minutes at two desks, by M/M/c."""
    there = days_of(days)
    here = there if hour == "all hours" else there[there["hour"] == hour]
    if what in ("record", "seen"):
        waited = here["line"] if what == "record" else here.loc[~here["abandoned"], "line"]
        return waited.mean() * (1 / 60 if unit == "hours" else 1)
    n = here["service"].notna().sum() if counted == "served" else len(here)
    dates = visits() if per == "all dates" else there
    arrivals = n / dates["day"].nunique() / (here["hour"].nunique())
    of = {"of all visitors": visits(), "of the whole days": there}
    times = of.get(service, here)["service"]
    mean = times.median() if service == "median" else times.mean()
    mu = mean if service == "minutes" else 60 / mean
    if desks == "one":
        mu, desks = 2 * mu, 1
    if desks == "lines apart":
        arrivals, desks = arrivals / 2, 1
    found = crm.mmc(arrivals, mu, desks)
    if what in ("people", "chance"):
        return found[{"people": "Lq", "chance": "p_wait"}[what]]
    return found["W" if what == "with service" else "Wq"] * (1 if unit == "hours" else 60)


# Standard: patience by purpose


def gone_within(group, limit, way, event, clock):
    """Share of a group that gives up within so many minutes."""
    time, left = group["line"], group["abandoned"]
    if clock == "whole visit":
        time = time + group["service"].fillna(0)
    if clock == "cut":
        time = np.floor(time)
    event = ~left if event == "served" else left
    if way == "curve":
        curve = SurvfuncRight(time, event.astype(int))
        i = np.searchsorted(curve.surv_times, limit, side="right") - 1
        return 1 - curve.surv_prob[i]
    if way in ("ever", "waits"):
        return (event if way == "ever" else time > limit).mean()
    if way == "ended":
        return (time <= limit).mean()
    if way == "constant":
        return 1 - np.exp(-limit * event.sum() / time.sum())
    early = event & (time <= limit)
    if way == "leavers only":
        return early[event].mean()
    return early.mean() if way == "all visitors" else early[event | (time > limit)].mean()


@recipe(
    Values("purposes", share=True),
    means=lambda gone: (
        f"Between {gone.min():.0%} and {gone.max():.0%}. In the simulation patience does not depend "
        "on the purpose at all, so that what differs here is luck: with four groups, do not tell a "
        "story about the most impatient one."
    ),
    hints=(
        "Most visitors were called before thirty minutes had passed. What do they tell of patience?",
        "The worked example reads such a share off a curve in *How long are people willing to wait?*.",
        "For each purpose give the minutes in the line and who gave up to a survival curve; take the "
        "share still there at the last time not above thirty; the rest is gone.",
    ),
)
def gone_in_30(
    *,
    way=choose(
        "curve",
        {
            "all visitors": "You divided by all visitors. Most were called before 30 minutes had "
            "passed: they are censored, not patient.",
            "leavers only": "You looked at the leavers only; the others would have waited longer.",
            "ever": "This is the share that ever gave up, however long the wait; asked is within 30 "
            "minutes, had nobody been called.",
            "waits": "This is the share of waits above 30 minutes, however they ended; asked is who "
            "gives up.",
            "ended": "This is the share whose time in the line ended within 30 minutes, served or not; "
            "asked is who gives up.",
            "constant": "You took a constant rate of giving up, so many a minute; read the curve.",
            "left or stayed": "You kept those who left in time or stayed longer than that, and dropped "
            "those who were called early; the curve keeps them as long as they waited.",
        },
    ),
    limit=choose(
        30,
        {
            20: "This is at 20 minutes; asked is 30.",
            60: "This is at 60 minutes; asked is 30.",
        },
    ),
    event=choose(
        "gave up",
        {"served": "You took being served for the event; the event is giving up."},
    ),
    clock=choose(
        "line",
        {
            "whole visit": "You counted the minutes of the whole visit; patience ends with the line.",
            "cut": "You cut the minutes to whole ones; take them as they are.",
        },
    ),
    groups=choose(
        "by purpose",
        {"together": "You put all purposes together; each has a curve of its own."},
    ),
    days=choose(
        "all",
        {
            "weekend": "These are the visitors of the weekend; take all.",
            "weekdays": "These are the visitors of weekdays; take all.",
        },
    ),
    side=choose("gone", {"still there": "This is the share still there; asked is the share gone."}),
):
    """Share that gives up within 30 minutes by Kaplan-Meier, by purpose."""
    v = visits() if days == "all" else days_of(days)
    how = (limit, way, event, clock)
    gone = {purpose: gone_within(group, *how) for purpose, group in v.groupby("purpose")}
    if groups == "together":
        gone = dict.fromkeys(gone, gone_within(v, *how))
    gone = pd.Series(gone)
    return 1 - gone if side == "still there" else gone


# Standard: Fridays at the bank


@cache
def calls():
    record = table("bank_calls")
    record["slot"] = record["start"].dt.strftime("%H:%M")
    record["weekday"] = record["start"].dt.day_name()
    return record


@cache
def people_for(rate, handling=4, target=0.9, within=0.5, which="first that meets"):
    """Number of people read off the table of the promise."""
    options = crm.staff(rate, handling, target=target, within=within)
    first = options.index[options["meets"]][0]
    return {
        "first that meets": first,
        "load": options.index[0],
        "last row": options.index[-1],
        "one less": first - 1,
        "one more": first + 1,
    }[which]


def rates(day="Friday", unit="minute", level="mean"):
    """Calls a minute by slot."""
    record = calls() if day == "every day" else calls()[calls()["weekday"] == day]
    over = {"minute": record["minutes"], "by thirty": 30, "half-hour": record["minutes"] / 30}[unit]
    return (record["calls"] / over).groupby(record["slot"]).agg(level)


@recipe(
    Values("half-hours"),
    means=lambda people: (
        f"{people.max()} at {people.idxmax()}, {people.iloc[-1]} at 21:00, where a careless division "
        "by 30 would have sent nearly everybody home. On the busiest Friday of the record the peak "
        f"needed {people_for(float(rates(level='max')[people.idxmax()]))}."
    ),
    hints=(
        "Three numbers go in besides the promise's share. In which unit of time must all be?",
        "The worked example staffs ten o'clock in *A call centre: the forecast is the weak part*.",
        "Calls over minutes for each row, the mean by slot over the Fridays; for each of these rates "
        "the table of the staff, and in it the first number of people that meets the promise.",
    ),
)
def friday_people(
    *,
    day=choose(
        "Friday",
        {
            "every day": "These are all weekdays together, every day; keep the Fridays.",
            "Thursday": "This is Thursday; keep the Fridays.",
            "Monday": "This is Monday; keep the Fridays.",
        },
    ),
    unit=choose(
        "minute",
        {
            "by thirty": "You divided by thirty everywhere. The last period has five minutes only: "
            "divide each row's calls by its own minutes.",
            "half-hour": "These are calls a half-hour, and the handling time is in minutes; make them "
            "calls a minute.",
        },
    ),
    level=choose(
        "mean",
        {
            "max": "You staffed for the maximum over all Fridays; take their mean.",
            "median": "You took the median over the Fridays; take their mean.",
        },
    ),
    target=choose(
        0.9,
        {
            0.8: "This keeps 0.8, as in the worked example; the promise here is 90 %.",
            0.95: "This keeps 0.95; the promise here is 90 %.",
        },
    ),
    within=choose(
        0.5,
        {
            30: "You gave 30, which is in minutes like the rest: thirty seconds are 0.5.",
            0: "You let nobody wait at all, 0 minutes; half a minute is allowed.",
            0.3: "You gave 0.3 of a minute; 30 seconds are half of one.",
            "20 seconds": "You promised 20 seconds, as the worked example does; here it is half a "
            "minute.",
        },
    ),
    handling=choose(
        4,
        {
            3.5: "A call takes 3.5 minutes in the worked example; here it takes 4.",
            0.25: "You gave the rate, 0.25 calls a minute, where the minutes of a call belong.",
        },
    ),
    which=choose(
        "first that meets",
        {
            "load": "These just carry the load, the first row of the table; take the first that keeps "
            "the promise.",
            "last row": "You took the last row, two more than needed; take the first that keeps the "
            "promise.",
            "one more": "You took one more than the first that keeps the promise.",
            "one less": "You took one less than the first that keeps the promise.",
        },
    ),
):
    """People needed by half-hour on a mean Friday."""
    seconds = 1 / 3 if within == "20 seconds" else within
    wanted = rates(day, unit, level).astype(float)
    return wanted.map(lambda rate: people_for(rate, handling, target, seconds, which))


# Transfer: a knee in real waits


def on(days):
    d = table("deliveries")
    these = {
        "Friday and Saturday": ["Fri", "Sat"],
        "Friday": ["Fri"],
        "Saturday": ["Sat"],
        "Sunday to Thursday": ["Sun", "Mon", "Tue", "Wed", "Thu"],
        "Sunday": ["Sun"],
        "weekend": ["Sat", "Sun"],
        "long weekend": ["Fri", "Sat", "Sun"],
        "Monday to Friday": ["Mon", "Tue", "Wed", "Thu", "Fri"],
    }
    return d[d["day"].isin(these[days])] if days in these else d


def squares(hour, wait, knee, shape):
    """Sum of squared errors of what is fitted with this knee."""
    one, past = np.ones(len(hour)), np.maximum(hour - knee, 0)
    columns = {
        "meet": [one, hour, past],
        "apart": [one, hour, hour > knee, past],
        "steps": [one, hour > knee],
        "level after": [one, np.minimum(hour - knee, 0)],
        "level before": [one, past],
    }[shape]
    A = np.column_stack(columns)
    return ((wait - A @ np.linalg.lstsq(A, wait)[0]) ** 2).sum()


@cache
def errors(days="Sunday", shape="meet", step="tenth", points="orders"):
    """Mean squared error by knee."""
    hour, wait = on(days)["hour"], on(days)["minutes"]
    if points != "orders":
        hour = np.floor(hour)
    if points == "hourly means":
        wait = wait.groupby(hour).mean()
        hour = wait.index
    hour, wait = hour.to_numpy(), wait.to_numpy()
    knees = HOURS if step == "tenth" else np.arange(15, 20.5, 0.5)
    return pd.Series([squares(hour, wait, k, shape) for k in knees], knees) / len(hour)


@cache
def rivals():
    """AIC of smooth curves less that of the two lines, by degree."""
    d = on("Sunday")
    sharp = len(d) * np.log(len(d) * errors().min()) + 2 * 5
    curved = {k: np.polyfit(d["hour"], d["minutes"], k, full=True)[1][0] for k in (2, 3)}
    return {k: len(d) * np.log(rss) + 2 * (k + 2) - sharp for k, rss in curved.items()}


def on_a_clock(knee):
    return f"{int(knee)}:{round(60 * (knee % 1)):02d}"


@recipe(
    Values("numbers"),
    means=lambda found: (
        f"At {on_a_clock(found['knee'])} deliveries stop getting slower. But a best knee "
        "is always found. By AIC the two lines are "
        + " and ".join(
            f"{abs(gap):.0f} {'better' if gap > 0 else 'worse'} than a polynomial of degree {d}"
            for d, gap in rivals().items()
        )
        + ": a turn, rather than a kink." * bool(rivals()[3] < 0)
    ),
    hints=(
        "Two lines that meet: which columns does a regression need for them?",
        "The worked example fits them to ratings in *Is there a knee at twenty?*.",
        "For every knee on the list regress the minutes on a constant, the hour, and the hours past "
        "the knee (zero before it); keep the mean of the squared errors, and take the knee where it is "
        "least.",
    ),
    alike=[("step=half", "best=slowest mean")],
)
def sunday_knee(
    *,
    days=choose(
        "Sunday",
        {
            "every day": "You took every day; keep Sundays.",
            "Saturday": "You took Saturdays; keep Sundays.",
            "weekend": "You took the weekend; keep Sundays alone.",
            "Friday": "You took Fridays; keep Sundays.",
            "long weekend": "You took a long weekend, three days; keep Sundays.",
            "Monday to Friday": "You took Monday to Friday; keep Sundays.",
        },
    ),
    shape=choose(
        "meet",
        {
            "apart": "You fitted the two lines apart, one on each side; they need not meet at the knee. "
            "Asked are two that meet.",
            "steps": "You fitted steps, one level and then another; asked are two sloping lines.",
            "level after": "Your line is level after the knee; asked are two sloping lines.",
            "level before": "Your line is level before the knee; asked are two sloping lines.",
            "parabola": "This is the top of a parabola; asked are two straight lines.",
        },
    ),
    step=choose(
        "tenth",
        {
            "half": "You tried half hours only; the list of knees is finer.",
        },
    ),
    points=choose(
        "orders",
        {
            "hourly means": "You fitted the lines to hourly means; fit them to the orders themselves.",
            "cut": "You cut the hours to whole ones; take the time as it stands in the table.",
        },
    ),
    best=choose(
        "least",
        {
            "largest": "You took the largest error; the best knee has the least.",
            "position": "This is a position in the list of knees; give the hour that stands there.",
            "slowest": "This is the hour of the slowest single delivery; fit the two lines.",
            "slowest mean": "This is the whole hour whose mean wait is the slowest; fit the two lines.",
        },
    ),
    error=choose(
        "mean",
        {
            "sum": "Your error is the sum of the squares; divide it by the number of orders.",
            "root": "Your error is the root of the mean square; give the mean square itself.",
        },
    ),
    written=choose(
        "decimal",
        {
            "clock": "You wrote it as on a clock, with minutes behind the point; half past five is 17.5."
        },
    ),
):
    """Knee of delivery time over the hour of the day, on Sundays, and the error there."""
    hour, wait = on(days)["hour"], on(days)["minutes"]
    if best.startswith("slowest"):
        whole = wait.groupby(hour.astype(int)).mean()
        knee = float(hour[wait.idxmax()] if best == "slowest" else whole.idxmax())
        square = squares(hour, wait, knee, "meet") / len(wait)
    elif shape == "parabola":
        bent = np.polyfit(hour, wait, 2)
        knee = -bent[1] / bent[0] / 2
        square = ((wait - np.polyval(bent, hour)) ** 2).mean()
    else:
        tried = errors(days, shape, step, points)
        knee = tried.idxmax() if best == "largest" else tried.idxmin()
        square = tried[knee]
        knee = tried.to_numpy().argmin() if best == "position" else knee
    knee = int(knee) + 0.6 * (knee % 1) if written == "clock" else float(knee)
    square = {"sum": square * len(wait), "root": np.sqrt(square)}.get(error, square)
    return pd.Series({"knee": knee, "error": square})


WHAT = {
    "mean": "This is the mean: about half of the orders would break it.",
    "median": "This is the median: half of the orders would break it.",
    0.95: "This is kept by 0.95 of the orders; asked are nine tenths.",
    0.8: "This is kept by 0.8 of the orders; asked are nine tenths.",
    0.1: "Only 0.1 of the orders keep this; asked is what nine tenths keep.",
    "normal": "This is the mean and 1.28 standard deviations, right for a normal law; use the data.",
    "maximum": "This is the maximum; asked is what nine tenths keep.",
}


def kept_within(minutes, what=0.9):
    """Minutes that a share keeps, of each group."""
    if what == "normal":
        return minutes.mean() + 1.2816 * minutes.std()
    if what == "maximum":
        return minutes.max()
    return getattr(minutes, what)() if isinstance(what, str) else minutes.quantile(what)


@recipe(
    Values("hours"),
    means=lambda promise: (
        f"From {promise.min():.0f} minutes at {promise.idxmin()} o'clock to {promise.max():.0f} at "
        f"{promise.idxmax()}. One number for the whole day would be idle at noon or broken at night."
    ),
    hints=(
        "A promise is not a mean. Which number of a group do nine tenths of it stay below?",
        "The worked example on what one promises (1.5) has it in *Find, stress, set, re-weight; and "
        "three hard questions*; here it is one for each hour.",
        "Keep the two days, cut the hour to a whole number, group the minutes by it, and take the "
        "quantile in each group.",
    ),
)
def promise(
    *,
    days=choose(
        "Friday and Saturday",
        {
            "every day": "You took every day; keep the two busy ones.",
            "Friday": "You took Friday only; keep both busy days.",
            "Saturday": "You took Saturday only; keep both busy days.",
            "weekend": "You took the weekend, Saturday and Sunday; the busy days are Friday and "
            "Saturday.",
            "Sunday to Thursday": "You took the other days, Sunday to Thursday; keep the busy ones.",
        },
    ),
    what=choose(0.9, WHAT),
    hours=choose(
        "cut",
        {
            "rounded": "You rounded the hour to the nearest; an order of 17.9 belongs to 17.",
            "upwards": "You rounded the hour upwards; an order of 17.9 belongs to 17.",
            "no groups": "You made no groups: each hour has the promise of the whole day.",
            "arrival": "You grouped by the hour of arrival; take that of the order.",
        },
    ),
    both=choose(
        "together",
        {
            "means": "You took the means of the two days' numbers; put the orders of both together.",
            "larger": "You took the larger of the two days' numbers; put the orders of both together.",
        },
    ),
    told_as=choose(
        "minutes",
        {
            "whole": "You rounded up to whole minutes; asked is the quantile as it is.",
            "longer": "These are hours, no longer minutes; do not divide by sixty.",
        },
    ),
):
    """Minutes that 90 % of the orders keep, by whole hour, on Fridays and Saturdays."""
    d = on(days)
    clock = d["hour"] + d["minutes"] / 60 if hours == "arrival" else d["hour"]
    hour = {"rounded": np.round, "upwards": np.ceil}.get(hours, np.floor)(clock).astype(int)
    found = kept_within(d.groupby(hour)["minutes"], what)
    if both != "together":
        apart = kept_within(d.groupby([hour, d["day"].astype(str)])["minutes"], what).unstack()
        found = apart.agg("max" if both == "larger" else "mean", axis=1)
    if hours == "no groups":
        found = found * 0 + kept_within(d["minutes"], what)
    return {"whole": np.ceil(found), "longer": found / 60}.get(told_as, found)
