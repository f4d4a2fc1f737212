"""Feedback for exercises 1.3, how satisfied are they."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm, t
from statsmodels.stats.multitest import multipletests

import crmlib as crm
from crmlib.course.checks import Number, Values, task

Z = norm.ppf(0.975)
WEIGHTS = {"product": 0.1, "service": 0.1, "economics": 0.2, "image": 0.6}


table = cache(crm.load)


# Warm-up: the net promoter score of a few


@cache
def elders(waves=(2023,)):
    survey = table("shihu/survey")
    age = survey["customer_id"].map(table("shihu/customers").set_index("customer_id")["age_group"])
    asked = survey[survey["wave"].isin(waves) & (age == "65 and over")]
    return asked["recommend"].dropna().astype(float)


def low_end(scores, *, more=3.0, top=9, bottom=6, z=Z):
    n = len(scores) + more
    p = ((scores >= top).sum() + more / 4) / n
    d = ((scores <= bottom).sum() + more / 4) / n
    return p - d - z * np.sqrt((p + d - (p - d) ** 2) / n)


@task(
    Number(),
    means=lambda low: (
        f"On the wall's scale {100 * low:.0f}, and the other end is "
        f"{100 * crm.nps(elders()).high:.0f}: {len(elders())} answers leave a wide field. A "
        "single group's score needs its interval beside it."
    ),
    hint="n is the number of answers plus 3, promoters and detractors get 0.75 each more; then the "
    "formula of the notebook, less 1.96 standard errors. Or crm.nps(...), which refuses missing "
    "answers: drop them first.",
)
def warm_up():
    """Lower end of the adjusted interval of NPS, 65 and over in 2023, in -1..1."""
    return low_end(elders())


@warm_up.mistake('This is the plain (Wald) interval; asked is the adjusted one: method="adjusted".')
def plain():
    return low_end(elders(), more=0)


@warm_up.mistake("This is the score itself; asked is the lower end of its interval.")
def the_score():
    return crm.nps(elders()).value


@warm_up.mistake("You counted 8 among the promoters; they begin at 9.")
def eight_is_a_promoter():
    return low_end(elders(), top=8)


@warm_up.mistake("You counted detractors from 0 to 5; 6 is one too.")
def six_is_passive():
    return low_end(elders(), bottom=5)


@warm_up.mistake("This is on the wall's scale, -100 to 100; asked is -1 to 1.")
def times_hundred():
    return 100 * low_end(elders())


@warm_up.mistake("These are the forms of all three years; keep the wave of 2023.")
def all_waves():
    return low_end(elders((2023, 2024, 2025)))


# Standard: ourselves against the other shop, twelve times


@cache
def careful():
    """The survey without repeated, late, rushed and straight-lined forms."""
    survey = table("shihu/survey").copy()
    numbers = survey.select_dtypes("number").columns.drop("wave")
    survey[numbers] = survey[numbers].astype(float)
    opened = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    statements = survey.filter(
        regex="^(image|expectations|quality|value|satisfaction|complaints|loyalty)_"
    )
    fate = crm.screen(
        statements,
        who=survey[["wave", "customer_id"]],
        seconds=survey["seconds"],
        late=survey["submitted_at"] >= survey["wave"].map(opened + pd.Timedelta(days=21)),
    )
    survey = survey[fate == "kept"].copy()
    age = survey["customer_id"].map(table("shihu/customers").set_index("customer_id")["age_group"])
    survey["group"] = survey["wave"].astype(str) + ", " + age
    return survey


@cache
def lead():
    """Mean of overall less rival_overall by group, its standard error, the number of answers."""
    forms = careful()
    ahead = forms["overall"] - forms["rival_overall"]
    return ahead.groupby(forms["group"]).agg(["mean", "sem", "std", "count"])


def two_sided(ratio):
    return pd.Series(2 * norm.sf(np.abs(ratio)), lead().index)


@task(
    Values("groups"),
    means=lambda p: (
        f"{(p < 0.05).sum()} of {len(p)} groups lie 'significantly' apart from the other shop, "
        f"{((p < 0.05) & (lead()['mean'] < 0)).sum()} of them behind it. Next: how many stand?"
    ),
    hint="ahead = overall - rival_overall for each respondent; group it, take .mean() / .sem(), and "
    "2 * norm.sf(abs(...)).",
)
def p_values():
    """Two-sided p-value of each group's mean lead being zero."""
    return two_sided(lead()["mean"] / lead()["sem"])


@p_values.mistake(
    "You treated the two answers as if different people had given them. Each respondent rated both "
    "shops: take the difference first, then its standard error."
)
def two_samples():
    forms = careful().dropna(subset=["overall", "rival_overall"]).groupby("group")
    gap = forms["overall"].mean() - forms["rival_overall"].mean()
    return two_sided(gap / np.hypot(forms["overall"].sem(), forms["rival_overall"].sem()))


@p_values.mistake("This is one-sided; being behind counts as much as being ahead: twice the tail.")
def one_sided():
    return p_values.right / 2


@p_values.mistake(
    "You divided by the standard deviation of single answers; divide by that of their mean."
)
def by_the_sd():
    return two_sided(lead()["mean"] / lead()["std"])


@p_values.mistake("You took the t distribution; take the normal, as the task says.")
def with_t():
    ratio = np.abs(lead()["mean"] / lead()["sem"])
    return pd.Series(2 * t.sf(ratio, lead()["count"] - 1), lead().index)


@p_values.mistake("These are the mean differences; asked are their p-values.")
def the_means():
    return lead()["mean"]


def adjusted(method):
    return pd.Series(multipletests(p_values.right, method=method)[1], lead().index)


@task(
    Values("groups"),
    means=lambda holm: (
        f"Of {(p_values.right < 0.05).sum()} groups below 0.05 {(holm < 0.05).sum()} stand after Holm, "
        f"{((holm < 0.05) & (lead()['mean'] < 0)).sum()} of them behind the other shop. What does not "
        "stand is not refuted: it is not shown yet."
    ),
    hint="Sort the 12 p-values; multiply the smallest by 12, the next by 11, ...; where a value is "
    "smaller than one before it, lift it (np.maximum.accumulate); cut at 1. Or multipletests.",
)
def holm():
    """Holm's adjusted p-values of the twelve comparisons."""
    return adjusted("holm")


@holm.mistake("You multiplied every p-value by 12: that is Bonferroni. Holm's factor falls by one.")
def bonferroni():
    return adjusted("bonferroni")


@holm.mistake("These are Benjamini and Hochberg's values, which keep another, weaker promise.")
def benjamini_hochberg():
    return adjusted("fdr_bh")


@holm.mistake("These are the p-values as they were.")
def unadjusted():
    return p_values.right


@holm.mistake(
    "You multiplied by 12, 11, 10, ... in the order of the table; sort the p-values first, smallest "
    "on top."
)
def not_sorted():
    p = p_values.right.sort_index()
    return (p * np.arange(len(p), 0, -1)).clip(upper=1)


@holm.mistake("You adjusted within each year, four at a time; the twelve belong together.")
def by_year():
    parts = []
    for _, p in p_values.right.groupby(p_values.right.index.str[:4]):
        parts.append(pd.Series(multipletests(p, method="holm")[1], p.index))
    return pd.concat(parts)


# Transfer: the retailers


@cache
def items():
    survey = table("shihu/retailer_survey")
    return survey.filter(regex="^(product|service|economics|image)_").astype(float).dropna()


def each_retailer(weights=WEIGHTS, low=1, width=9):
    """Index of each retailer: its aspects' means, stretched and weighted."""
    stretched = 100 * (items() - low) / width
    aspects = stretched.T.groupby(lambda name: name.split("_")[0]).mean().T
    weights = pd.Series(weights)
    return (aspects[weights.index] * weights).sum(axis=1) / weights.sum()


@task(
    Number(),
    means=lambda index: (
        f"{index:.1f} of 100 is the lowest of {len(items())} retailers, whose mean is "
        f"{each_retailer().mean():.1f}. With equal weights for the four aspects the mean would be "
        f"{each_retailer(dict.fromkeys(WEIGHTS, 1)).mean():.1f}, the lowest "
        f"{each_retailer(dict.fromkeys(WEIGHTS, 1)).min():.1f}: weights move a mean less than a person."
    ),
    hint="Stretch every item first. The aspects have not all the same number of items: first a mean for "
    "each aspect, then the weights. Then look for the lowest.",
)
def retail_index():
    """Lowest weighted index of a retailer, 0-100."""
    return each_retailer().min()


@retail_index.mistake("This is the mean of the retailers' indices; asked is the lowest.")
def the_mean():
    return each_retailer().mean()


@retail_index.mistake(
    "You weighted the items; the weights are those of the aspects, and image has two items, the "
    "others three: take the mean of each aspect first."
)
def weights_on_items():
    stretched = 100 * (items() - 1) / 9
    weights = stretched.columns.map(lambda name: WEIGHTS[name.split("_")[0]]).to_numpy()
    return (stretched * weights).sum(axis=1).min() / weights.sum()


@retail_index.mistake("The four aspects have weights of their own; you gave all the same.")
def equal_weights():
    return each_retailer(dict.fromkeys(WEIGHTS, 1)).min()


@retail_index.mistake("A 1 must become 0 and a 10 become 100: (x - 1) / 9, not x / 10.")
def tenths():
    return each_retailer(low=0, width=10).min()


@retail_index.mistake("The scale from 1 to 10 is 9 points long: divide by 9, not by 10.")
def nine_is_not_ten():
    return each_retailer(width=10).min()


@retail_index.mistake("This is still on the scale from 1 to 10; stretch it to 0 to 100.")
def not_stretched():
    return each_retailer(low=0, width=100).min()


@retail_index.mistake(
    "This is the column overall; asked is the weighted index of the four aspects."
)
def overall_column():
    return 100 * (table("shihu/retailer_survey")["overall"].dropna().astype(float).min() - 1) / 9


@task(
    Number(),
    means=lambda limit: (
        f"A change under {limit:.1f} index points between two such surveys is no reason to act. That is "
        f"as if retailers were drawn from very many; here {len(items())} of "
        f"{len(table('shihu/retailers'))} are in it, and for these {len(table('shihu/retailers'))} the "
        "limit is narrower (the finite population of 1.1)."
    ),
    hint="Standard error = standard deviation of the retailers' indices / sqrt(n). A difference of two "
    "such means has sqrt(2) times that. Times 1.96.",
)
def must_exceed():
    """Change between two such surveys that exceeds 1.96 standard errors of a difference."""
    return Z * np.sqrt(2) * each_retailer().sem()


@must_exceed.mistake(
    "This is the half width of one survey's interval; a change has the noise of two: times sqrt(2)."
)
def one_survey():
    return Z * each_retailer().sem()


@must_exceed.mistake(
    "Two surveys have twice the variance, and so sqrt(2) times the standard error, not 2 times."
)
def twice():
    return 2 * Z * each_retailer().sem()


@must_exceed.mistake(
    "You took the standard deviation of single retailers; divide it by the root of their number."
)
def of_single_ones():
    return Z * np.sqrt(2) * each_retailer().std()


@must_exceed.mistake("This is the standard error of a change; asked is 1.96 times that.")
def without_z():
    return np.sqrt(2) * each_retailer().sem()


@must_exceed.mistake(
    "With 2.80 you ask which true change would be seen four times out of five; asked is what a "
    "difference must exceed, with 1.96."
)
def with_power():
    return (Z + norm.ppf(0.8)) * np.sqrt(2) * each_retailer().sem()
