"""Feedback for exercises 1.3, how satisfied are they."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm, t, ttest_ind
from statsmodels.stats.multitest import multipletests

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

Z = norm.ppf(0.975)
WEIGHTS = {"product": 0.1, "service": 0.1, "economics": 0.2, "image": 0.6}


table = cache(crm.load)


@cache
def forms(which="careful"):
    """The survey, or its careful forms: not repeated, late, rushed or straight-lined."""
    survey = table("shihu/survey").copy()
    numbers = survey.select_dtypes("number").columns.drop("wave")
    survey[numbers] = survey[numbers].astype(float)
    survey["age"] = survey["customer_id"].map(
        table("shihu/customers").set_index("customer_id")["age_group"]
    )
    survey["group"] = survey["wave"].astype(str) + ", " + survey["age"]
    if which == "all":
        return survey
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
    return survey[fate == "kept"]


# Warm-up: the net promoter score of a few


@cache
def recommend(kept, wave, age):
    """Answers to `recommend` of a wave and an age group, or of all."""
    rows = forms(kept)
    mine = (rows["wave"] == wave) | (wave == "all years")
    mine &= (rows["age"] == age) | (age == "all ages")
    return rows.loc[mine, "recommend"].dropna().to_numpy()


@recipe(
    Number(),
    means=lambda low: (
        f"On the wall's scale {100 * low:.0f}, and the other end is {100 * asked_of_old().high:.0f}: "
        f"{asked_of_old().n} answers leave a wide field. A single group's score needs its interval "
        "beside it."
    ),
    hints=(
        "A score of few people has two ends. Which end, and of which of the two intervals?",
        "The worked example has both intervals, by hand and by library, in *Three ways to a score*.",
        "Keep one wave, one age, and who answered. Three imagined answers join, 1 to 2 to 1; then the "
        "score less 1.96 standard errors. Or let the library do it.",
    ),
)
def warm_up(
    *,
    interval=choose(
        "adjusted",
        {
            "plain": "This is the plain (Wald) interval; asked is the adjusted one.",
            "one answer": "You added one answer; the adjusted interval adds three: 1 to 2 to 1.",
            "one of each": "You added one of each of the three kinds; they go 1 to 2 to 1.",
            "passives": "You added three passives; the three answers go 1 to 2 to 1.",
            "all promoters": "You added all of the three answers as promoters; they go 1 to 2 to 1.",
        },
    ),
    end=choose(
        "low",
        {
            "score": "This is the score itself; asked is the lower end of its interval.",
            "upper": "This is the upper end of the interval; asked is the lower.",
            "promoters": "This is the share of promoters; the score takes the detractors off, and asked "
            "is its lower end.",
            "half": "This is half of the interval's width; asked is its lower end.",
            "centre": "This is the centre of the adjusted interval; asked is its lower end.",
        },
    ),
    top=choose(
        9,
        {
            8: "You counted 8 among the promoters; they begin at 9.",
            10: "You counted only 10 as promoters; they begin at 9.",
        },
    ),
    bottom=choose(
        6,
        {
            5: "You counted detractors from 0 to 5; 6 is one too.",
            7: "You counted 7 among the detractors; they end at 6.",
        },
    ),
    wave=choose(
        2023,
        {
            "all years": "These are the forms of all years; keep the wave of 2023.",
            2024: "This is the wave of 2024; take 2023.",
            2025: "This is the wave of 2025; take 2023.",
        },
    ),
    age=choose(
        "65 and over",
        {
            "all ages": "These are all ages; keep those of 65 and over.",
            "50-64": "This is the age group 50-64; keep those of 65 and over.",
        },
    ),
    kept=choose("all", {"careful": "You kept only the careful forms; the task takes all of them."}),
    confidence=choose(
        0.95,
        {
            0.90: "This is for a confidence of 0.9; asked is 95 %.",
            0.99: "This is for a confidence of 0.99; asked is 95 %.",
            "deviations": "You went down 1.96 standard deviations of single answers; take "
            "standard errors of the score.",
            "one error": "You went one standard error down; a 95 % interval takes 1.96 of them.",
        },
    ),
    scale=choose(1, {100: "This is on the wall's scale, from -100 to 100; asked is from -1 to 1."}),
):
    """Lower end of the adjusted interval of NPS, 65 and over in 2023, in -1..1."""
    scores = recommend(kept, wave, age)
    more = {"plain": 0, "one answer": 1}.get(interval, 3)
    shared = {"one of each": (1, 1), "passives": (0, 0), "all promoters": (3, 0)}.get(
        interval, (more / 4, more / 4)
    )
    p, d = (scores >= top).sum(), (scores <= bottom).sum()
    score, share, n = (p - d) / len(scores), p / len(scores), len(scores) + more
    p, d = (p + shared[0]) / n, (d + shared[1]) / n
    z = {"one error": 1, "deviations": Z * np.sqrt(n)}.get(confidence)
    z = norm.ppf((1 + confidence) / 2) if z is None else z
    half = z * np.sqrt((p + d - (p - d) ** 2) / n)
    asked = {"low": p - d - half, "upper": p - d + half, "half": half, "centre": p - d}
    return scale * {"score": score, "promoters": share, **asked}[end]


def asked_of_old():
    """Net promoter score of the oldest in the first wave."""
    rows = forms("all")
    return crm.nps(
        rows.loc[(rows["wave"] == 2023) & (rows["age"] == "65 and over"), "recommend"].dropna()
    )


# Standard: ourselves against the other shop, twelve times


@cache
def lead(which="careful"):
    """Mean of overall less rival_overall by group, its spread, error and number of answers."""
    rows = forms(which)
    ahead = rows["overall"] - rows["rival_overall"]
    found = ahead.groupby(rows["group"]).agg(["mean", "sem", "std", "count", "size"])
    ours, theirs = (rows.groupby("group")[c] for c in ("overall", "rival_overall"))
    both = rows.dropna(subset=["overall", "rival_overall"]).groupby("group")
    found["two samples"] = np.hypot(both["overall"].sem(), both["rival_overall"].sem())
    found["all of each"] = ours.mean() - theirs.mean()
    found["all of each, error"] = np.hypot(ours.sem(), theirs.sem())
    return found


@recipe(
    Values("groups"),
    means=lambda p: (
        f"{(p < 0.05).sum()} of {len(p)} groups lie 'significantly' apart from the other shop, "
        f"{((p < 0.05) & (lead()['mean'] < 0)).sum()} of them behind it. Next: how many stand?"
    ),
    hints=(
        "Each respondent rated both shops. What is one observation here?",
        "The worked example computes such p-values, of other differences, in *A bonus for the best "
        "province?*.",
        "A difference for each respondent; by group its mean over its standard error; twice the upper "
        "tail of the normal distribution beyond the size of that ratio.",
    ),
)
def p_values(
    *,
    noise=choose(
        "error of the mean",
        {
            "two samples": "You treated the two answers as two samples of different people. Each "
            "respondent rated both shops: take the difference first, then its standard error.",
            "whoever answered": "You took whoever answered either question, as two samples; take each "
            "respondent's difference, of those who answered both.",
            "deviation": "You divided by the standard deviation of single answers; divide by that of "
            "their mean.",
            "variance": "You divided by the variance; divide by the standard error of the mean.",
            "ddof 0": "Your standard deviation has ddof 0, as numpy's; take pandas' `.std()`, the "
            "sample's.",
            "no root": "You divided by the number of answers, with no root; the standard error has the "
            "root of it.",
            "every form": "You divided by the root of every form's number; only those with both answers "
            "count.",
        },
    ),
    tails=choose(
        2,
        {
            1: "This is one-sided, 1 tail; being behind counts as much as being ahead: twice the tail.",
            "sign": "You doubled the tail of the ratio with its sign, so that some values lie above 1; "
            "take the ratio's size.",
            "upper": "This is the upper tail, of being ahead; being behind counts, too: twice the tail "
            "beyond the size of the ratio.",
            "lower": "This is the lower tail, of being behind; being ahead counts, too: twice the tail "
            "beyond the size of the ratio.",
        },
    ),
    law=choose(
        "normal",
        {
            "t": "You took the t distribution; take the normal, as the task says.",
            "independent": "You took a t test of two independent samples; each respondent rated both "
            "shops.",
        },
    ),
    told_as=choose(
        "p-value",
        {
            "means": "These are the means of the differences; asked are their p-values.",
            "ratios": "These are the ratios, mean over standard error; asked are their p-values.",
            "confidence": "This is one less the p-value, a confidence; asked is the p-value.",
        },
    ),
    which=choose(
        "careful", {"all": "You took all forms, careless ones too; take those of `careful`."}
    ),
):
    """Two-sided p-value of each group's mean lead being zero."""
    found = lead(which)
    if law == "independent":
        return independent(which)
    error = {
        "error of the mean": found["sem"],
        "two samples": found["two samples"],
        "whoever answered": found["all of each, error"],
        "deviation": found["std"],
        "variance": found["std"] ** 2,
        "ddof 0": found["sem"] * np.sqrt(1 - 1 / found["count"]),
        "no root": found["std"] / found["count"],
        "every form": found["std"] / np.sqrt(found["size"]),
    }[noise]
    mean = found["all of each"] if noise == "whoever answered" else found["mean"]
    ratio = mean / error
    if told_as in ("means", "ratios"):
        return mean if told_as == "means" else ratio
    beyond = {"upper": ratio, "sign": ratio, "lower": -ratio}.get(tails, ratio.abs())
    tail = norm.sf(beyond) if law == "normal" else t.sf(beyond, found["count"] - 1)
    p = pd.Series((2 if tails in (2, "sign") else 1) * tail, found.index)
    return p if told_as == "p-value" else 1 - p


def independent(which):
    """P-values of t tests of our ratings and theirs, as if different people gave them."""
    answers = forms(which)[["group", "overall", "rival_overall"]]
    return pd.Series(
        {
            name: ttest_ind(rows["overall"], rows["rival_overall"], nan_policy="omit").pvalue
            for name, rows in answers.groupby("group")
        }
    )


def by_part(p, part):
    """Adjust within each year or each age, not all twelve together."""
    parts = [group for _, group in p.groupby(part)]
    return pd.concat([adjusted(group, "holm") for group in parts])


def adjusted(p, method):
    return pd.Series(multipletests(p, method=method)[1], p.index)


@recipe(
    Values("groups"),
    means=lambda holm: (
        f"Of {(p_values.right < 0.05).sum()} groups below 0.05 {(holm < 0.05).sum()} stand after Holm, "
        f"{((holm < 0.05) & (lead()['mean'] < 0)).sum()} of them behind the other shop. What does not "
        "stand is not refuted: it is not shown yet."
    ),
    hints=(
        "Twelve draws from a lottery: what must the smallest p-value be multiplied by, and the next?",
        "The worked example does it by hand in *A bonus for the best province?*.",
        "Sort the twelve; the smallest times 12, the next times 11, and so on; whatever is smaller than "
        "one before it is lifted to that; nothing above 1.",
    ),
    alike=[("method=products", "method=not lifted")],  # where no product exceeds 1
)
def holm(
    *,
    method=choose(
        "holm",
        {
            "bonferroni": "You multiplied every p-value by 12: that is Bonferroni. Holm's factor falls "
            "by one.",
            "benjamini": "These are Benjamini and Hochberg's values, which keep a weaker promise.",
            "uncut": "You multiplied every p-value by 12, uncut; Holm's factor falls by one, and "
            "no value lies above 1.",
            "sidak": "This is Holm with Sidak's powers, a little smaller; Holm's own multiplies.",
            "unadjusted": "These are the p-values unadjusted, as they were.",
            "Hochberg": "These are Hochberg's values, which go through the list from the largest down.",
            "not sorted": "You multiplied by 12, 11, 10, ... in the order of the table, not sorted; "
            "sort the p-values first, smallest on top.",
            "largest first": "You sorted the largest first; the smallest p-value is multiplied by 12.",
            "products": "These are the plain products: a value smaller than one before it is lifted to "
            "that, and none lies above 1.",
            "not lifted": "Your values are not lifted: one that is smaller than one before it takes "
            "that one's place.",
            "divided": "You divided the p-values; they are multiplied, which makes them larger.",
            "unsorted": "You lifted unsorted products, or those of the largest first; sort the "
            "p-values first, smallest on top.",
            "lost": "The groups are lost: you put the sorted values beside the groups in the order of "
            "the table. Each value stays with its group.",
        },
    ),
    family=choose(
        "twelve",
        {
            "years": "You adjusted within years, four at a time; the twelve belong together.",
            "ages": "You adjusted within ages, three at a time; the twelve belong together.",
            "significant": "You adjusted only those that were significant; all twelve were tried.",
        },
    ),
    of=choose(
        "two-sided",
        {
            "one-sided": "You adjusted one-sided p-values; take those of 2a.",
            "the t": "You adjusted the p-values of the t distribution; take those of 2a.",
            "two samples": "You adjusted the p-values of two samples; take those of 2a, of each "
            "respondent's difference.",
        },
    ),
):
    """Holm's adjusted p-values of the twelve comparisons."""
    source = {"one-sided": "tails=1", "the t": "law=t"}
    p = p_values.right if of == "two-sided" else p_values.wrong(source.get(of, f"noise={of}"))
    if family == "significant":
        few = p[p < 0.05]
        return pd.concat([adjusted(few, "holm"), p[p >= 0.05]]) if len(few) else p
    if family != "twelve":
        return by_part(p, p.index.str[:4] if family == "years" else p.index.str[6:])
    falling = np.arange(len(p), 0, -1)
    if method in ("holm", "bonferroni"):
        return adjusted(p, method)
    by_hand = {
        "benjamini": lambda: adjusted(p, "fdr_bh"),
        "uncut": lambda: 12 * p,
        "sidak": lambda: adjusted(p, "holm-sidak"),
        "unadjusted": lambda: p,
        "Hochberg": lambda: adjusted(p, "simes-hochberg"),
        "not sorted": lambda: (p.sort_index() * falling).clip(upper=1),
        "largest first": lambda: (p.sort_values(ascending=False) * falling).clip(upper=1),
        "products": lambda: p.sort_values() * falling,
        "not lifted": lambda: (p.sort_values() * falling).clip(upper=1),
        "divided": lambda: p.sort_values() / falling,
        "unsorted": lambda: (p.sort_index() * falling).clip(upper=1).cummax(),
        "lost": lambda: pd.Series(np.sort(adjusted(p, "holm")), p.sort_index().index),
    }
    return by_hand[method]()


# Transfer: the retailers


@cache
def items():
    survey = table("shihu/retailer_survey")
    return survey.filter(regex="^(product|service|economics|image)_").astype(float).dropna()


@cache
def aspects(stretch="0 to 100", each="mean"):
    """Mean of each aspect for each retailer, on a scale from 0 to 100 or some other."""
    low, width = {
        "observed": (items().min(), items().max() - items().min()),
        "0 to 100": (1, 9),
        "tenths": (0, 10),
        "ten points": (1, 10),
        "1 to 10": (0, 100),
        "unit": (1, 900),
    }[stretch]
    stretched = 100 * (items() - low) / width
    return stretched.T.groupby(lambda name: name.split("_")[0]).agg(each).T[list(WEIGHTS)]


def index_of(stretch="0 to 100", weigh="by aspect", each="mean"):
    """Index of each retailer."""
    parts = aspects(stretch, each)
    count = items().columns.str.split("_").str[0].value_counts()
    weights = {
        "items": pd.Series(WEIGHTS) * count,
        "eleven": count,
        "equal": pd.Series(1, list(WEIGHTS)),
        "order": pd.Series(list(WEIGHTS.values()), sorted(WEIGHTS)),
        "turned": pd.Series(list(WEIGHTS.values())[::-1], list(WEIGHTS)),
    }.get(weigh, pd.Series(WEIGHTS))
    weights = weights / weights.sum()
    return (parts * weights).sum(axis=1) / (4 if weigh == "divided" else 1)


@recipe(
    Number(),
    means=lambda index: (
        f"{index:.1f} of 100 is the lowest of {len(items())} retailers, whose mean is "
        f"{index_of().mean():.1f}. With equal weights for the four aspects the mean would be "
        f"{index_of(weigh='equal').mean():.1f}, the lowest {index_of(weigh='equal').min():.1f}: weights "
        "move a mean less than a person."
    ),
    hints=(
        "What belongs together before the weights come: the eleven items, or the four aspects?",
        "*About what* in worked example 1.1 takes branches first; 1.3 stretches items in *Three ways "
        "to a score*.",
        "Stretch every item; a mean for each aspect of each retailer; times the weights, added up; "
        "then look for the lowest.",
    ),
)
def retail_index(
    *,
    which=choose(
        "lowest",
        {
            "mean": "This is the mean of the retailers' indices, or their median; asked is the lowest.",
            "highest": "This is the highest of the indices; asked is the lowest.",
            "id": "This is the id of the retailer with the lowest index, its row; give the index.",
            "each aspect": "You took the lowest of each aspect, of several retailers, and weighed "
            "these; first an index for each retailer.",
        },
    ),
    weigh=choose(
        "by aspect",
        {
            "items": "You weighed the items; the weights are those of the aspects, and image has two "
            "items, the others three: take the mean of each aspect first.",
            "equal": "You gave all four aspects equal weights; they have weights of their own.",
            "order": "You multiplied in the order in which the aspects stand; `weights` has another "
            "order, so go by their names.",
            "eleven": "You took the mean of all eleven items; the aspects have weights.",
            "turned": "Your weights are turned round; image has the largest, 0.6.",
            "divided": "You divided by four after weighing; the weights sum to 1 already.",
        },
    ),
    stretch=choose(
        "0 to 100",
        {
            "tenths": "You took tenths, x / 10; a 1 must become 0 and a 10 become 100: (x - 1) / 9.",
            "ten points": "You divided by ten points; the scale from 1 to 10 is 9 points long.",
            "1 to 10": "This is still on the scale from 1 to 10; stretch it to 0 to 100.",
            "unit": "This is on the unit scale, from 0 to 1; stretch it to 0 to 100.",
            "observed": "You stretched from the lowest to the highest answer observed; the scale goes "
            "from 1 to 10.",
        },
    ),
    each=choose(
        "mean",
        {
            "middle item": "You took the middle item of each aspect; take the mean of its items.",
            "sum": "You took the sum of an aspect's items; take their mean.",
        },
    ),
    asked=choose(
        "aspects",
        {"overall": "This is the column overall; asked is the weighted index of the four aspects."},
    ),
):
    """Lowest weighted index of a retailer, 0-100."""
    each = "median" if each == "middle item" else each
    if which == "each aspect":
        return float((aspects(stretch, each).min() * pd.Series(WEIGHTS)).sum())
    found = index_of(stretch, weigh, each)
    if asked == "overall":
        found = 100 * (table("shihu/retailer_survey")["overall"].dropna().astype(float) - 1) / 9
    pick = {"mean": found.mean, "highest": found.max, "id": found.idxmin}
    return pick.get(which, found.min)()


@recipe(
    Number(),
    means=lambda limit: (
        f"A change under {limit:.1f} index points between two such surveys is no reason to act. That is "
        f"as if retailers were drawn from very many; here {len(items())} of "
        f"{len(table('shihu/retailers'))} are in it, and for these {len(table('shihu/retailers'))} the "
        "limit is narrower (the finite population of 1.1)."
    ),
    hints=(
        "A change has the noise of both surveys. How large is that, next to the noise of one?",
        "The worked example has the table *a change must exceed* in *On Monday*.",
        "The standard error of the mean index; that of a difference of two such means; 1.96 times it.",
    ),
)
def must_exceed(
    *,
    surveys=choose(
        "two",
        {
            "one": "This is the half width of one survey's interval; a change has the noise of two.",
            "doubled": "You doubled the standard error; two surveys double the variance, and so take "
            "sqrt(2) times the error.",
            "averaged": "You divided by sqrt(2), as if the two were averaged; a difference has more "
            "noise, not less.",
        },
    ),
    noise=choose(
        "of the mean",
        {
            "single retailers": "You took the standard deviation of single retailers; divide it by the "
            "root of their number.",
            "variance": "You took the variance of the mean; asked is its root, the standard error.",
            "every retailer": "You divided by the root of the number of every retailer; take those who "
            "answered.",
            "every form": "You divided by the root of every form's number; take those that answered all "
            "eleven.",
            "no root": "You divided by the number of retailers, with no root; the standard error "
            "has the root of it.",
            "finite": "You applied the finite population's correction; the task takes independent "
            "samples, as the worked example did with waves.",
        },
    ),
    z=choose(
        "1.96",
        {
            "none": "This is the standard error of a change, with none of the 1.96 that are asked.",
            "2.0": "You took 2.0 standard errors; take 1.96.",
            "1.645": "You took 1.645, for 90 %; a 95 % interval takes 1.96.",
            "2.58": "You took 2.58, for 99 %; a 95 % interval takes 1.96.",
            "Student": "You took Student's t; with so many retailers it is near, but take 1.96.",
            "2.80": "With 2.80 you ask which true change would be seen four times out of five; asked is "
            "what a difference must exceed, with 1.96.",
            "twice": "You took twice 1.96, the whole width of the interval; half of it must lie clear.",
        },
    ),
    index=choose(
        "by aspect",
        {
            "equal": "You took an index with equal weights; take that of 3a.",
            "items": "You weighed the items, not the aspects; take the index of 3a.",
            "eleven": "You took the mean of all eleven items; take the index of 3a.",
        },
    ),
    stretch=choose(
        "0 to 100",
        {
            "1 to 10": "This is in points of the scale from 1 to 10; asked are index points, 0 to 100.",
            "tenths": "You took tenths, x / 10; the index of 3a stretches by (x - 1) / 9.",
        },
    ),
):
    """Change between two such surveys that exceeds 1.96 standard errors of a difference."""
    each = index_of(stretch, index)
    every = len(table("shihu/retailers"))
    error = {
        "of the mean": each.sem(),
        "single retailers": each.std(),
        "variance": each.sem() ** 2,
        "every retailer": each.std() / np.sqrt(every),
        "every form": each.std() / np.sqrt(len(table("shihu/retailer_survey"))),
        "no root": each.std() / len(each),
        "finite": each.sem() * np.sqrt(1 - len(each) / every),
    }[noise]
    times = {"two": np.sqrt(2), "one": 1, "doubled": 2, "averaged": np.sqrt(0.5)}[surveys]
    wide = {
        "1.96": Z,
        "none": 1,
        "2.0": 2,
        "1.645": norm.ppf(0.95),
        "2.58": norm.ppf(0.995),
        "Student": t.ppf(0.975, len(each) - 1),
        "2.80": Z + norm.ppf(0.8),
        "twice": 2 * Z,
    }
    return wide[z] * times * error
