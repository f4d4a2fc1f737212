"""Feedback for exercises 1.5, expectations and value."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import binomtest

import crmlib as crm
from crmlib.course.checks import Number, Table, Values, task

WEIGHTS = {
    "reliability": 32,
    "responsiveness": 22,
    "assurance": 19,
    "empathy": 16,
    "tangibles": 11,
}


table = cache(crm.load)


# Warm-up: the weighted gap of one wave


def gaps(wave):
    """Mean gap of each dimension, among those who answered all ten questions."""
    survey = table("shihu/survey")
    survey = survey[survey["wave"] == wave] if wave else survey
    asked = [f"{side}_{d}" for side in ("expected", "perceived") for d in WEIGHTS]
    full = survey.dropna(subset=asked)[asked].astype(float)
    return pd.Series({d: (full[f"perceived_{d}"] - full[f"expected_{d}"]).mean() for d in WEIGHTS})


def weigh(gaps, points):
    return float(np.average(gaps, weights=list(points)))


@task(
    Number(),
    means=lambda gap: (
        f"All in all the service of 2025 is {abs(gap):.2f} points "
        f"{'short of' if gap < 0 else 'above'} what was expected; in 2023 it was "
        f"{weigh(gaps(2023), WEIGHTS.values()):+.2f}. Unweighted: {gaps(2025).mean():+.2f}."
    ),
    hint="Keep the wave, drop rows with a missing answer among the ten, and take the sum of the "
    "column weighted of crm.servqual_gap(expected, perceived, weights); columns are the dimensions.",
)
def warm_up():
    """Weighted gap of the wave of 2025."""
    return weigh(gaps(2025), WEIGHTS.values())


@warm_up.mistake("You took expected minus perceived: below zero should mean less than expected.")
def turned_round():
    return -warm_up.right


@warm_up.mistake("This is the plain mean of the five gaps; use the weights.")
def unweighted():
    return gaps(2025).mean()


@warm_up.mistake("These are the answers of all three waves; keep 2025.")
def all_waves():
    return weigh(gaps(None), WEIGHTS.values())


@warm_up.mistake("The weights do not stand beside their dimensions: 32 belongs to reliability.")
def wrong_order():
    in_data = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"]
    return weigh(gaps(2025)[in_data], WEIGHTS.values())


@warm_up.mistake("You added the weighted gaps without dividing by the 100 points.")
def not_divided():
    return 100 * warm_up.right


# Standard: Kano in a group that the firm can see


@cache
def group(at_least=4, only=True):
    """Kano answers of those who agree that they buy presents."""
    survey, kano = table("shihu/survey"), table("shihu/kano")
    last = survey[survey["wave"] == 2025].drop_duplicates("customer_id")
    who = last.loc[last["need_present"].fillna(0) >= at_least, "customer_id"]
    return kano[kano["customer_id"].isin(who)] if only else kano


def classes(kano, first="functional", second="dysfunctional"):
    there = kano.pivot(index="customer_id", columns="feature", values=first)
    return crm.kano(there, kano.pivot(index="customer_id", columns="feature", values=second))


def berger(counts, of="AOMI", sign=-1):
    n = counts[list(of)].sum(axis=1)
    better, worse = (counts["A"] + counts["O"]) / n, sign * (counts["O"] + counts["M"]) / n
    return pd.DataFrame({"better": better, "worse": worse})


@task(
    Table("features"),
    means=lambda right: (
        f"Gift wrapping: better {right.loc['gift_wrapping', 'better']:.2f} in this group, "
        f"{berger(classes(group(only=False))).loc['gift_wrapping', 'better']:.2f} among everybody. "
        "A stated need is enough to find those who care."
    ),
    hint="Pivot present twice (customer_id, feature, functional; then dysfunctional) and call crm.kano.",
)
def coefficients():
    """Berger's coefficients among those who buy presents."""
    return berger(classes(group()))


@coefficients.mistake("These are the coefficients of all people asked; keep the group.")
def everybody():
    return berger(classes(group(only=False)))


@coefficients.mistake("You divided by all answers; R and Q do not belong below the line.")
def by_all_answers():
    return berger(classes(group()), of="AOMIRQ")


@coefficients.mistake("worse lies between -1 and 0: it says how far the lack lowers satisfaction.")
def positive_worse():
    return berger(classes(group()), sign=1)


@coefficients.mistake("Functional and dysfunctional answers are exchanged.")
def exchanged():
    return berger(classes(group(), "dysfunctional", "functional"))


def votes(kano):
    """Counts of the six classes, largest first."""
    counts = classes(kano)[list("AOMIRQ")]
    return pd.DataFrame(np.sort(counts.to_numpy(int), axis=1)[:, ::-1], counts.index)


def coin(first, second, **how):
    tests = [binomtest(int(a), int(b), **how).pvalue for a, b in zip(first, second, strict=True)]
    return pd.Series(tests, first.index)


@task(
    Values("features"),
    means=lambda p: (
        f"Too close to call at 5 %: {(p >= 0.05).sum()} of {len(p)} votes; at 5 % shared among eleven "
        f"tests (0.0045 each): {(p >= 0.05 / 11).sum()}. The least sure is {p.idxmax()}, "
        f"p = {p.max():.2f}."
    ),
    hint="np.sort(counts.to_numpy(), axis=1)[:, ::-1] has the largest count first; then one binomtest "
    "for each row.",
)
def p_values():
    """Exact test of the largest class against the second, by feature."""
    top = votes(group())
    return coin(top[0], top[0] + top[1])


@p_values.mistake("These are the votes of all people asked; keep the group.")
def votes_of_all():
    top = votes(group(only=False))
    return coin(top[0], top[0] + top[1])


@p_values.mistake("You tested the largest against all other answers; only the second is its rival.")
def against_all():
    top = votes(group())
    return coin(top[0], top.sum(axis=1))


@p_values.mistake("This is a one-sided test; before you looked, either could have led.")
def one_sided():
    top = votes(group())
    return coin(top[0], top[0] + top[1], alternative="greater")


@p_values.mistake("You tested the largest against the third; take the two largest.")
def against_third():
    top = votes(group())
    return coin(top[0], top[0] + top[2])


# Transfer: a promise for deliveries


@cache
def minutes():
    return table("deliveries")["minutes"]


@cache
def far():
    return table("deliveries")["distance"] > 4


def promise(share=0.9):
    return np.ceil(minutes().quantile(share))


@task(
    Number(share=True),
    means=lambda kept: (
        f"The menu says {promise():.0f} minutes, kept for {(minutes() <= promise()).mean():.0%} of all "
        f"orders and {kept:.0%} of those from afar. A promise true on average is broken to the same "
        "people again and again."
    ),
    hint="np.ceil(deliveries['minutes'].quantile(0.9)) is the promise; then the mean of "
    "far['minutes'] <= promise, with far the orders from more than 4 miles.",
)
def kept_far():
    """Share of far orders that keep a promise made for all."""
    return (minutes()[far()] <= promise()).mean()


@kept_far.mistake(
    "You promised the mean, which about half of all orders miss; take the 0.9 quantile."
)
def promised_mean():
    return (minutes()[far()] <= np.ceil(minutes().mean())).mean()


@kept_far.mistake("This is the share among all orders; keep those from more than 4 miles.")
def of_all():
    return (minutes() <= promise()).mean()


@kept_far.mistake("This is the share among the near orders.")
def of_near():
    return (minutes()[~far()] <= promise()).mean()


@kept_far.mistake("This is the share that comes too late; asked is the share in time.")
def too_late():
    return 1 - kept_far.right


@kept_far.mistake("You rounded the promise down; a promise is rounded up.")
def rounded_down():
    return (minutes()[far()] <= np.floor(minutes().quantile(0.9))).mean()


def by_day(share=0.9, around=np.ceil):
    days = table("deliveries").groupby("day")["minutes"]
    return around(days.quantile(share) if share else days.mean()).astype(float)


@task(
    Values("days"),
    means=lambda p: (
        f"From {p.min():.0f} minutes ({p.idxmin()}) to {p.max():.0f} ({p.idxmax()}): each kept nine "
        f"times in ten. The one promise of {promise():.0f} would be needlessly dull on {p.idxmin()}."
    ),
    hint="deliveries.groupby('day')['minutes'].quantile(0.9), then np.ceil.",
)
def promises():
    """Minutes that nine of ten orders of each day keep."""
    return by_day()


@promises.mistake("These are the means by day, kept about half of the time.")
def means_by_day():
    return by_day(None)


@promises.mistake("You rounded down; a promise that nine of ten keep is rounded up.")
def floors():
    return by_day(around=np.floor)


@promises.mistake("This is the 0.95 quantile; asked is 0.9.")
def nineteen_of_twenty():
    return by_day(0.95)


@promises.mistake("This is the 0.1 quantile, which nine of ten orders miss.")
def one_of_ten():
    return by_day(0.1)


@promises.mistake(
    "You gave each day the promise of all days together; take each day's own quantile."
)
def one_for_all():
    return by_day() * 0 + promise()
