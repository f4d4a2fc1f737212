"""Feedback for exercises 1.6, twenty minutes."""

from functools import cache

import numpy as np
import pandas as pd
from statsmodels.duration.api import SurvfuncRight

import crmlib as crm
from crmlib.course.checks import Number, Values, task

HOUR, DESKS = 14, 2  # of the warm-up
LIMIT = 30  # minutes, of the patience
HANDLING, TARGET, WITHIN = 4, 0.9, 0.5  # minutes, share, minutes
HOURS = np.arange(15, 20.05, 0.1)  # knees tried


@cache
def visits():
    """The ticket machine's record with times in minutes."""
    table = crm.load("shihu/visits")
    until = table["start"].fillna(table["abandoned_at"])
    table["line"] = (until - table["arrival"]).dt.total_seconds() / 60
    table["service"] = (table["end"] - table["start"]).dt.total_seconds() / 60
    return table


# Warm-up: one hour by formula


@cache
def in_hour():
    arrival = visits()["arrival"].dt
    return visits()[(arrival.day_of_week >= 5) & (arrival.hour == HOUR)]


@cache
def rates():
    """Arrivals and what one clerk can serve, both per hour."""
    arrival = visits()["arrival"]
    days = arrival[arrival.dt.day_of_week >= 5].dt.normalize().nunique()
    return len(in_hour()) / days, 60 / in_hour()["service"].mean()


@task(
    Number(),
    means=lambda wait: (
        f"{wait:.1f} minutes by the formula; those visitors were in the line for "
        f"{in_hour()['line'].mean():.1f} on average. The formula knows nothing of the hour before, "
        "of those who give up, nor of days that are busier than others."
    ),
    hint="arrivals = visitors of that hour / number of weekend days; service = 60 / mean minutes. "
    'Then crm.mmc(arrivals, service, 2)["Wq"] is in hours.',
)
def warm_up():
    """Mean wait in minutes at two desks, by M/M/c."""
    return 60 * crm.mmc(*rates(), DESKS)["Wq"]


@warm_up.mistake("This is in hours, since both rates are per hour; give minutes.")
def in_hours():
    return crm.mmc(*rates(), DESKS)["Wq"]


@warm_up.mistake("This is W, which contains the service; asked is the wait in the line, Wq.")
def with_service():
    return 60 * crm.mmc(*rates(), DESKS)["W"]


@warm_up.mistake("You gave the mean service time where its rate belongs: 60 / minutes.")
def time_for_rate():
    arrivals, service = rates()
    return 60 * crm.mmc(arrivals, 60 / service, DESKS)["Wq"]


@warm_up.mistake("You split the visitors over two lines with a desk each; there is one line.")
def two_lines():
    arrivals, service = rates()
    return 60 * crm.mmc(arrivals / 2, service, 1)["Wq"]


@warm_up.mistake("This is what the record shows; asked is what the formula says.")
def the_record():
    return in_hour()["line"].mean()


# Standard: patience by purpose


def by_purpose(measure):
    groups = visits().groupby("purpose")
    return pd.Series({purpose: measure(group) for purpose, group in groups}, name="gone")


def gone_within(group, limit=LIMIT, *, event=None):
    event = group["abandoned"] if event is None else event
    curve = SurvfuncRight(group["line"], event.astype(int))
    i = np.searchsorted(curve.surv_times, limit, side="right") - 1
    return 1 - curve.surv_prob[i]


@task(
    Values("purposes"),
    means=lambda gone: (
        f"Between {gone.min():.0%} and {gone.max():.0%}. In the simulation patience does not depend "
        "on the purpose at all, so that what differs here is luck: with four groups, do not tell a "
        "story about the most impatient one."
    ),
    hint="For each purpose: SurvfuncRight(line, abandoned.astype(int)); then one minus the survival "
    "at the last time not above 30, as in the function gone() of the worked example.",
)
def gone_in_30():
    """Share that gives up within 30 minutes by Kaplan-Meier, by purpose."""
    return by_purpose(gone_within)


@gone_in_30.mistake(
    "You divided those who left within 30 minutes by all visitors. Most of these were called before "
    "30 minutes had passed: they are censored, not patient."
)
def of_all_visitors():
    return by_purpose(lambda g: (g["abandoned"] & (g["line"] <= LIMIT)).mean())


@gone_in_30.mistake("You looked at those who left only; the others would have waited longer.")
def of_leavers():
    return by_purpose(lambda g: (g.loc[g["abandoned"], "line"] <= LIMIT).mean())


@gone_in_30.mistake("This is the share still there; asked is the share gone: one minus it.")
def still_there():
    return 1 - gone_in_30.right


@gone_in_30.mistake("You took being served for the event; the event is giving up.")
def served_as_event():
    return by_purpose(lambda g: gone_within(g, event=~g["abandoned"]))


@gone_in_30.mistake("This is at 20 minutes; asked is 30.")
def at_twenty():
    return by_purpose(lambda g: gone_within(g, 20))


# Standard: Fridays at the bank


@cache
def calls():
    table = crm.load("bank_calls")
    table["slot"] = table["start"].dt.strftime("%H:%M")
    table["rate"] = table["calls"] / table["minutes"]
    return table


@cache
def fridays():
    return calls()[calls()["start"].dt.day_name() == "Friday"]


def people_for(rate, within=WITHIN, target=TARGET):
    """Fewest people who keep the promise."""
    table = crm.staff(float(rate), HANDLING, target=target, within=within)
    return table.index[table["meets"]][0]


@task(
    Values("half-hours"),
    means=lambda people: (
        f"{people.max()} at {people.idxmax()}, {people.iloc[-1]} at 21:00, where a careless division "
        "by 30 would have sent nearly everybody home. On the busiest Friday of the record the peak "
        f"needed {people_for(fridays().loc[fridays()['slot'] == people.idxmax(), 'rate'].max())}."
    ),
    hint="rate = calls / minutes, its mean by slot over the Fridays; for each rate "
    "crm.staff(rate, 4, target=0.9, within=0.5), and the first servers where meets is True.",
)
def friday_people():
    """People needed by half-hour on a mean Friday."""
    return fridays().groupby("slot")["rate"].mean().map(people_for)


@friday_people.mistake(
    "The last period has five minutes only: divide each row's calls by its minutes."
)
def all_by_thirty():
    return (fridays().groupby("slot")["calls"].mean() / 30).map(people_for)


@friday_people.mistake("These are all weekdays together; keep the Fridays.")
def every_day():
    return calls().groupby("slot")["rate"].mean().map(people_for)


@friday_people.mistake("within is in minutes like the rest: 30 seconds are 0.5.")
def seconds_for_minutes():
    return fridays().groupby("slot")["rate"].mean().map(lambda r: people_for(r, within=30))


@friday_people.mistake(
    "These just carry the load (the first row of crm.staff); take the first that meets the promise."
)
def only_the_load():
    return fridays().groupby("slot")["rate"].mean().map(lambda r: int(r * HANDLING) + 1)


@friday_people.mistake("This keeps 80 % as in the worked example; the promise here is 90 %.")
def eighty():
    return fridays().groupby("slot")["rate"].mean().map(lambda r: people_for(r, target=0.8))


# Transfer: a knee in real waits


@cache
def deliveries():
    return crm.load("deliveries")


def error_at(knee, table):
    x = table["hour"].to_numpy()
    X = np.column_stack([np.ones(len(x)), x, np.maximum(x - knee, 0)])
    return np.linalg.lstsq(X, table["minutes"].to_numpy())[1][0]


def errors(table):
    return pd.Series([error_at(k, table) for k in HOURS], index=HOURS)


def on(*days):
    return deliveries()[deliveries()["day"].isin(days)]


@cache
def rivals():
    """AIC of smooth curves less that of the two lines, on Fridays, by degree."""
    friday = on("Fri")
    sharp = len(friday) * np.log(errors(friday).min()) + 2 * 5
    curved = {d: np.polyfit(friday["hour"], friday["minutes"], d, full=True)[1][0] for d in (2, 3)}
    return {d: len(friday) * np.log(rss) + 2 * (d + 2) - sharp for d, rss in curved.items()}


@task(
    Number(),
    means=lambda knee: (
        f"At {int(knee)}:{round(60 * (knee % 1)):02d} deliveries stop getting slower. But a best knee "
        "is always found. By AIC the two lines are "
        + " and ".join(
            f"{abs(gap):.0f} {'better' if gap > 0 else 'worse'} than a polynomial of degree {d}"
            for d, gap in rivals().items()
        )
        + ": a turn, rather than a kink." * bool(rivals()[3] < 0)
    ),
    hint="For each hour in np.arange(15, 20.05, 0.1) fit the columns 1, hour, max(hour - knee, 0) by "
    "np.linalg.lstsq, keep the sum of squares, and take the knee where it is least.",
)
def friday_knee():
    """Knee of delivery time over the hour of the day, on Fridays."""
    return float(errors(on("Fri")).idxmin())


@friday_knee.mistake("These are all days together; keep the Fridays.")
def knee_of_all():
    return float(errors(deliveries()).idxmin())


@friday_knee.mistake("You took the largest sum of squares; the best knee has the least.")
def worst_knee():
    return float(errors(on("Fri")).idxmax())


@friday_knee.mistake("This is a position in the list of knees; give the hour that stands there.")
def position():
    return float(errors(on("Fri")).to_numpy().argmin())


@friday_knee.mistake("This is the hour of the slowest single delivery; fit the two lines.")
def slowest():
    friday = on("Fri")
    return float(friday.loc[friday["minutes"].idxmax(), "hour"])


def promised(table, share=0.9):
    """Minutes within which this share arrives, by whole hour."""
    return table.groupby(table["hour"].astype(int))["minutes"].quantile(share)


@task(
    Values("hours"),
    means=lambda promise: (
        f"From {promise.min():.0f} minutes at {promise.idxmin()} o'clock to {promise.max():.0f} at "
        f"{promise.idxmax()}. One number for the whole day would be idle at noon or broken at night."
    ),
    hint="Keep Fri and Sat with isin, group by hour.astype(int), and take quantile(0.9) of minutes.",
)
def promise():
    """Minutes that 90 % of the orders keep, by whole hour, on Fridays and Saturdays."""
    return promised(on("Fri", "Sat"))


@promise.mistake("This is the mean: about half of the orders would break it.")
def mean_time():
    table = on("Fri", "Sat")
    return table.groupby(table["hour"].astype(int))["minutes"].mean()


@promise.mistake("These are all days; keep Fridays and Saturdays.")
def all_days():
    return promised(deliveries())


@promise.mistake("A tenth of the orders keep this; asked is what nine tenths keep.")
def tenth():
    return promised(on("Fri", "Sat"), 0.1)


@promise.mistake("This is mean + 1.28 standard deviations, right for a normal law; use the data.")
def as_if_normal():
    table = on("Fri", "Sat")
    groups = table.groupby(table["hour"].astype(int))["minutes"]
    return groups.mean() + 1.2816 * groups.std()
