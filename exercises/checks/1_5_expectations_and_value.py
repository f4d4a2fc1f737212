"""Feedback for exercises 1.5, expectations and value."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import binomtest, chisquare
from statsmodels.stats.multitest import multipletests

import crmlib as crm
from crmlib.course.checks import Number, Table, Values, choose, recipe

WEIGHTS = {
    "reliability": 32,
    "responsiveness": 22,
    "assurance": 19,
    "empathy": 16,
    "tangibles": 11,
}
IN_DATA = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"]

table = cache(crm.load)


# Warm-up: the weighted gap of one wave


@cache
def forms(wave, kept):
    """The ten service answers of a wave, as numbers."""
    survey = table("shihu/survey")
    if wave != "all waves":
        survey = survey[survey["wave"] == wave]
    asked = [f"{side}_{d}" for side in ("expected", "perceived") for d in WEIGHTS]
    if kept == "cleaned":
        survey = survey[careful().reindex(survey.index)]
    answers = survey[asked].astype(float)
    loose = kept in ("whatever is there", "each gap", "zero")
    return answers if loose else answers.dropna()


@cache
def careful():
    """Whether the rules of notebook 1.2 keep a form."""
    survey = table("shihu/survey")
    opened = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    late = survey["submitted_at"] >= survey["wave"].map(opened) + pd.Timedelta(21, "D")
    statements = survey.loc[:, "image_1":"loyalty_3"]
    who = survey[["wave", "customer_id"]]
    return crm.screen(statements, who=who, seconds=survey["seconds"], late=late) == "kept"


@cache
def gaps(wave=2025, kept="complete", measure="gap"):
    """The gap of each dimension: what was perceived less what was expected."""
    answers = forms(wave, kept)
    sides = {
        side: answers[[f"{side}_{d}" for d in WEIGHTS]].set_axis(list(WEIGHTS), axis=1)
        for side in ("expected", "perceived")
    }
    if measure in ("performance", "expectation"):
        return sides["perceived" if measure == "performance" else "expected"].mean()
    gap = sides["perceived"] - sides["expected"]
    if kept == "whatever is there":
        return sides["perceived"].mean() - sides["expected"].mean()
    if kept == "zero":
        gap = gap.fillna(0)
    if measure == "absolute":
        return gap.abs().mean()
    return gap.median() if measure == "medians" else gap.mean()


@recipe(
    Number(digits=4),
    means=lambda gap: (
        f"All in all the service of 2025 is {abs(gap):.2f} points "
        f"{'short of' if gap < 0 else 'above'} what was expected; in 2023 it was "
        f"{weighed(gaps(2023)):+.2f}. Unweighted: {gaps().mean():+.2f}."
    ),
    hints=(
        "Whose answers count, and how much does each of the five dimensions matter?",
        "The worked example does this for other forms in *The gap, with an interval*.",
        "Keep the wave and the forms that hold all ten answers; make two tables whose columns are "
        "the dimensions; give them and the weights to the function of gaps, and add up its weighted "
        "gaps.",
    ),
)
def warm_up(
    *,
    wave=choose(
        2025,
        {
            2024: "These are the answers of 2024; keep 2025.",
            2023: "These are the answers of 2023; keep 2025.",
            "all waves": "These are the answers of all waves; keep 2025.",
        },
    ),
    kept=choose(
        "complete",
        {
            "cleaned": "You cleaned the forms first; the task takes every form with all ten answers.",
            "each gap": "You kept each gap that could be taken; keep the forms that hold all ten.",
            "zero": "You put zero where a gap is missing; keep the forms that hold all ten answers.",
            "whatever is there": "You took whatever is there of each question; keep the forms that "
            "hold all ten answers.",
        },
    ),
    measure=choose(
        "gap",
        {
            "performance": "This is performance alone; take off what was expected.",
            "expectation": "This is the expectation alone; asked is the gap.",
            "absolute": "You took absolute differences; those above and below may cancel.",
            "medians": "You took medians over people; average the gaps.",
        },
    ),
    weights=choose(
        "beside their dimensions",
        {
            "equal": "You gave all dimensions equal weight; use the points.",
            "other order": "The points stand beside other dimensions: mind their order; 32 belongs "
            "to reliability.",
            "not divided": "You have not divided by the sum of the weights, 100.",
            "products": "You averaged the five products of gap and points; divide their sum by 100.",
            "fifth": "This is a fifth of it: you averaged the five weighted gaps, whose sum is asked.",
            "reliability": "This is the gap of reliability alone; weigh all five.",
        },
    ),
    side=choose(
        "perceived less expected",
        {
            "turned": "You took expected less perceived, turned round: below zero should mean less "
            "than expected."
        },
    ),
):
    """Weighted gap of the wave of 2025."""
    found = weighed(gaps(wave, kept, measure), weights)
    return -found if side == "turned" else found


def weighed(gaps, weights=""):
    points = np.array(list(WEIGHTS.values()))
    if weights == "reliability":
        return gaps["reliability"]
    if weights == "other order":
        gaps = gaps[IN_DATA]
    found = gaps.mean() if weights == "equal" else np.average(gaps, weights=points)
    times = {"not divided": points.sum(), "fifth": 1 / 5, "products": points.sum() / 5}
    return found * times.get(weights, 1)


# Standard: Kano in a group that the firm can see

GROUPS = {
    "everybody": "You took everybody who was asked; keep the group, `present`.",
    "others": "These are the others, who do not say that they buy presents; keep `present`.",
    "only 5": "You kept only those who said 5; 4 agrees, too.",
    "from 3": "You kept the answers from 3 up; 3 is neither yes nor no.",
}


@cache
def group(who="presents"):
    """Kano answers of those who agree that they buy presents."""
    survey, kano = table("shihu/survey"), table("shihu/kano")
    last = survey[survey["wave"] == 2025].drop_duplicates("customer_id")
    says = kano["customer_id"].map(last.set_index("customer_id")["need_present"].astype(float))
    keep = {"everybody": says.fillna(0) >= 0, "others": ~(says >= 4), "only 5": says == 5}
    return kano[keep.get(who, says >= (3 if who == "from 3" else 4))]


@cache
def counts(who="presents", asked="as asked"):
    """Counts of the six classes by feature."""
    wide = group(who).pivot(index="customer_id", columns="feature")
    sides = ["functional", "dysfunctional"]
    first, second = sides if asked == "as asked" else sides[::-1]
    return crm.kano(wide[first], wide[second])[list("AOMIRQ")].astype(float)


def berger(n, base="AOMI", above=("AO", "OM"), sign=-1):
    n_base = n[list(base)].sum(axis=1)
    better, worse = (n[list(classes)].sum(axis=1) / n_base for classes in above)
    return pd.DataFrame({"better": better, "worse": sign * worse})


@recipe(
    Table("features", share=True),
    means=lambda right: (
        f"Gift wrapping: better {right.loc['gift_wrapping', 'better']:.2f} in this group, "
        f"{berger(counts('everybody')).loc['gift_wrapping', 'better']:.2f} among everybody. "
        "A stated need is enough to find those who care."
    ),
    hints=(
        "Kano needs two tables. What stands in their rows and in their columns?",
        "The worked example has both coefficients, and makes the two tables of the list, in *Not "
        "every point is worth the same: Kano*.",
        "Pivot the group's answers, a row for each customer and a column for each feature, once for "
        "each of the two questions; give both to the function that classifies, and keep two of its "
        "columns.",
    ),
)
def coefficients(
    *,
    who=choose("presents", GROUPS),
    asked=choose(
        "as asked",
        {"exchanged": "The functional and the dysfunctional answers are exchanged."},
    ),
    base=choose(
        "AOMI",
        {
            "all answers": "You divided by all answers; R and Q do not belong below the line.",
            "without indifferent": "You divided by A, O and M, without the indifferent; I belongs "
            "below the line.",
        },
    ),
    above=choose(
        "both",
        {
            "without O": "You counted A alone and M alone, without O; it belongs to both.",
            "with indifferent": "You counted with the indifferent above the line; they belong "
            "below it.",
        },
    ),
    worse=choose(
        "negative",
        {
            "positive": "Your worse is positive; it lies between -1 and 0, for it says how far the "
            "lack lowers satisfaction.",
            "swapped": "Your columns better and worse are swapped.",
        },
    ),
):
    """Berger's coefficients among those who buy presents."""
    base = {"all answers": "AOMIRQ", "without indifferent": "AOM"}.get(base, base)
    above = {"without O": ("A", "M"), "with indifferent": ("AOI", "OMI")}.get(above, ("AO", "OM"))
    found = berger(counts(who, asked), base, above, 1 if worse == "positive" else -1)
    return found[["worse", "better"]].set_axis(list(found), axis=1) if worse == "swapped" else found


@recipe(
    Values("features", share=True),
    means=lambda p: (
        f"Too close to call at 5 %: {(p >= 0.05).sum()} of {len(p)} votes; at 5 % shared among eleven "
        f"tests (0.0045 each): {(p >= 0.05 / 11).sum()}. The least sure is {p.idxmax()}, "
        f"p = {p.max():.2f}."
    ),
    hints=(
        "Which two counts of each feature compete? They need not be the same classes everywhere.",
        "The worked example tests published votes in *A vote too close to call*.",
        "Sort the six counts within each feature; test the largest against the sum of the two "
        "largest, one feature after the other, and keep the p-values with the features as index.",
    ),
)
def p_values(
    *,
    who=choose("presents", GROUPS),
    rival=choose(
        "second",
        {
            "all others": "You tested the largest against all others; only the second is its rival.",
            "third": "You tested the largest against the third; take the two largest.",
            "four classes": "You looked at four classes only, A, O, M and I; R and Q are votes, too.",
            "second to third": "You tested the second against the third; take the two largest.",
        },
    ),
    test=choose(
        "exact",
        {
            "one side": "You tested one side only; before you looked, either could have led.",
            "chi-squared": "This is a chi-squared test, an approximation; asked is the exact test.",
            "other side": "You tested the other side, that the largest is the smaller one; test both.",
        },
    ),
    several=choose(
        "single",
        {
            "Bonferroni": "You multiplied by the eleven tests (Bonferroni); asked are the plain "
            "p-values.",
            "Holm": "You corrected for eleven tests by Holm; asked are the plain p-values.",
        },
    ),
):
    """Exact test of the largest class against the second, by feature."""
    classes = counts(who)[list("AOMI" if rival == "four classes" else "AOMIRQ")]
    n = pd.DataFrame(-np.sort(-classes.to_numpy(int), axis=1), classes.index)
    first, second = {
        "second": (n[0], n[1]),
        "third": (n[0], n[2]),
        "all others": (n[0], n.sum(axis=1) - n[0]),
        "second to third": (n[1], n[2]),
    }.get(rival, (n[0], n[1]))
    p = pd.Series([p_value(a, b, test) for a, b in zip(first, second, strict=True)], n.index)
    if several == "Holm":
        return pd.Series(multipletests(p, method="holm")[1], p.index)
    return (11 * p).clip(upper=1) if several == "Bonferroni" else p


def p_value(a, b, test):
    if test == "chi-squared":
        return chisquare([a, b]).pvalue
    side = {"one side": "greater", "other side": "less"}.get(test, "two-sided")
    return binomtest(int(a), int(a + b), alternative=side).pvalue


# Transfer: a promise for deliveries

QUANTILES = {
    "mean": "You took the mean, which about half of all orders miss; take the 0.9 quantile.",
    "median": "You took the median, which half of all orders miss; take the 0.9 quantile.",
    0.95: "This is the 0.95 quantile; asked is 0.9.",
    0.8: "This is the 0.8 quantile; asked is 0.9.",
    0.1: "This is the 0.1 quantile, which nine of ten orders miss; asked is 0.9.",
    "normal": "You added 1.28 standard deviations to the mean, right for a normal law; take the "
    "quantile of the data.",
}
ROUNDED = {
    "down": "You rounded down; a promise that nine of ten keep is rounded up.",
    "nearest": "You rounded to the nearest minute; round up.",
    "not at all": "You have not rounded at all; round up to whole minutes.",
}
# For all orders together some of these lead to the same promise, in whole minutes.
FOR_ALL = {what: told for what, told in QUANTILES.items() if what not in ("normal", "median")}
FOR_ALL_ROUNDED = {how: told for how, told in ROUNDED.items() if how != "nearest"}
ROUND = {"up": np.ceil, "down": np.floor, "nearest": np.round, "not at all": lambda x: x}


def within(minutes, what=0.9):
    """The minutes that a share of the orders keep; of groups one for each."""
    if what == "normal":
        return minutes.mean() + 1.2816 * minutes.std()
    return getattr(minutes, what)() if isinstance(what, str) else minutes.quantile(what)


@recipe(
    Number(share=True),
    means=lambda kept: (
        f"The menu says {promised():.0f} minutes, kept for "
        f"{(table('deliveries')['minutes'] <= promised()).mean():.0%} of all orders and {kept:.0%} of "
        "those from afar. A promise true on average is broken to the same people again and again."
    ),
    hints=(
        "Two groups of orders: one makes the promise, the other tests it. Which is which?",
        "The worked example promises a quantile, not a mean, in the third part of *Find, stress, "
        "set, re-weight; and three hard questions*.",
        "The quantile of all minutes, rounded up; then, among the far orders alone, the share whose "
        "minutes are not above it.",
    ),
    alike=[("made_for=close by", "rounded=down")],  # 34 minutes both ways
)
def kept_far(
    *,
    what=choose(0.9, FOR_ALL),
    rounded=choose("up", FOR_ALL_ROUNDED),
    made_for=choose(
        "all orders",
        {
            "far orders": "You took the promise that the far orders need for themselves; the menu has "
            "one, made for all.",
            "close by": "You made the promise from the orders close by; the menu has one, made for all.",
        },
    ),
    among=choose(
        "the far",
        {
            "all": "This is the share among all orders; keep those from more than 4 miles away.",
            "near": "This is the share among the near orders; keep those from more than 4 miles away.",
            "at least": "You took those from at least 4 miles; the task says more than 4.",
            "3 miles": "You began at 3 miles; the far ones come from more than 4.",
            "5 miles": "You began at 5 miles; the far ones come from more than 4.",
        },
    ),
    told_as=choose(
        "in time",
        {
            "late": "This is the share that comes too late; asked is the share in time.",
            "whole table": "You divided by the whole table; divide by the far orders.",
            "of those in time": "You divided by those in time: this is how many of these are far. "
            "Asked is how many of the far are in time.",
            "count": "This is a count of orders; divide it by the number of far orders.",
        },
    ),
):
    """Share of far orders that keep a promise made for all."""
    d = table("deliveries")
    far = d["distance"] > 4
    makers = d[{"far orders": far, "close by": ~far}.get(made_for, far | ~far)]
    in_time = d["minutes"] <= ROUND[rounded](within(makers["minutes"], what))
    which = {
        "all": d["minutes"] > 0,
        "near": ~far,
        "at least": d["distance"] >= 4,
        "3 miles": d["distance"] > 3,
        "5 miles": d["distance"] > 5,
    }.get(among, far)
    both = (in_time & which).sum()
    n = {"whole table": len(d), "of those in time": in_time.sum(), "count": 1}
    share = both / n.get(told_as, which.sum())
    return 1 - share if told_as == "late" else share


def promised():
    return np.ceil(table("deliveries")["minutes"].quantile(0.9))


@recipe(
    Values("days"),
    means=lambda p: (
        f"From {p.min():.0f} minutes ({p.idxmin()}) to {p.max():.0f} ({p.idxmax()}): each kept nine "
        f"times in ten. The one promise of {promised():.0f} would be needlessly dull on {p.idxmin()}."
    ),
    hints=(
        "The same number as in 3a, seven times. Of which orders each time?",
        "The worked example promises a quantile, not a mean, in the third part of *Find, stress, "
        "set, re-weight; and three hard questions*.",
        "Group the minutes by day, take the quantile within each group, and round up.",
    ),
)
def promises(
    *,
    what=choose(0.9, QUANTILES),
    rounded=choose("up", ROUNDED),
    grouped=choose(
        "each day",
        {
            "one for all": "You gave each day the one promise for all days; take its own quantile.",
            "far": "You kept the far orders only; all orders of the day count.",
            "near": "You left out the far orders, and kept the near ones; all count.",
        },
    ),
):
    """Minutes that nine of ten orders of each day keep."""
    d = table("deliveries")
    far = d["distance"] > 4
    d = d[{"far": far, "near": ~far}.get(grouped, far | ~far)]
    of_days = within(d.groupby("day")["minutes"], what)
    if grouped == "one for all":
        of_days = of_days * 0 + within(d["minutes"], what)
    return ROUND[rounded](of_days)
