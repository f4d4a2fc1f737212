"""Feedback for exercises 1.2, can we trust the questionnaire."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Table, choose, recipe

CONSTRUCTS = ("image", "expectations", "quality", "value", "satisfaction", "complaints", "loyalty")
SCALES = ("product", "service", "economics", "image")
FATES = ("sent twice", "one column", "too fast", "kept")
FAST_FIRST = "You put 'too fast' before 'one column'; the order decides who is counted where."

table = cache(crm.load)


def columns(start):
    return [c for c in table("shihu/survey") if c.startswith(start)]


@cache
def fates():
    """The fate of every form by crm.screen."""
    rows = table("shihu/survey")
    opened = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    late = (rows["submitted_at"] - rows["wave"].map(opened)).dt.days >= 21
    who, seconds = rows[["wave", "customer_id"]], rows["seconds"]
    return crm.screen(rows[columns(CONSTRUCTS)], who=who, seconds=seconds, late=late)


@cache
def forms(which="clean"):
    """Give the forms that crm.screen keeps, or those of some other choice."""
    rows, fate = table("shihu/survey"), fates()
    keep = {
        "clean": fate == "kept",
        "all": fate.notna(),
        "thrown out": fate != "kept",
        "one wave": (fate == "kept") & (rows["wave"] == 2025),
        "all columns": (fate == "kept") & rows.notna().all(axis=1),
    }[which]
    return rows[keep]


def alpha_of(rows, how="alpha"):
    """Cronbach's alpha of the columns, from the complete rows; or what a slip makes of it."""
    x = rows.to_numpy(float, na_value=np.nan)
    blank = np.isnan(x)
    if how in ("filled", "zeros"):
        x = np.where(blank, np.nanmean(x, axis=0) if how == "filled" else 0, x)
    elif how != "blanks":
        x = x[~blank.any(axis=1)]
    k, each, total = x.shape[1], np.nanvar(x, axis=0, ddof=1), np.nansum(x, axis=1)
    parts, whole = each.sum(), total.var(ddof=1)
    if how == "correlation":
        return (np.corrcoef(x.T).sum() - k) / (k * (k - 1))
    return {
        "no factor": 1 - parts / whole,
        "upside down": (k - 1) / k * (1 - parts / whole),
        "of the mean": k / (k - 1) * (1 - parts / (whole / k**2)),
        "deviations": k / (k - 1) * (1 - np.sqrt(each).sum() / np.sqrt(whole)),
        "average": k / (k - 1) * (1 - parts / k / whole),
        "ratio": parts / whole,
    }.get(how, k / (k - 1) * (1 - parts / whole))


# Warm-up: alpha of the service as perceived


@cache
def asked(rows, items):
    """Give the questions that a choice of forms and items leads to, as numbers."""
    said = service() if rows == "all ten" else forms(rows)
    if items == "gaps":
        ten = said[columns(("expected_", "perceived_"))].astype(float)
        return ten.filter(like="perceived_") - ten.filter(like="expected_").to_numpy()
    start = {"ten": ("expected_", "perceived_"), "twenty": CONSTRUCTS}.get(items, items)
    return said[[c for c in columns(start) if c in said]].astype(float)


@recipe(
    Number(share=True, digits=4),
    means=lambda alpha: (
        f"Of the variance of the sum, about {alpha:.0%} is shared by the five questions. Those on what "
        f"was expected reach {alpha_of(forms()[columns('expected_')]):.3f}: more noise, and every "
        "comparison with them is flatter for it."
    ),
    hints=(
        "Two spreads are compared: of the questions one by one, and of their sum.",
        "The worked example does it by hand, and by a library, in *How reliable is a scale?*.",
        "Keep the complete rows of the five columns. One less the variances of the columns, added up, "
        "over the variance of each row's sum; times k over k less one.",
    ),
)
def warm_up(
    *,
    rows=choose(
        "clean",
        {
            "all": "You used all forms; take those of `clean`. The careless have moved alpha.",
            "thrown out": "You used the forms that are thrown out; take those of `clean`.",
            "one wave": "You used one wave of the three; take all forms of `clean`.",
            "all columns": "You dropped forms with a blank in any of all columns; only these five "
            "must be there.",
            "all ten": "You kept the forms that answered all ten questions; these five are enough.",
        },
    ),
    items=choose(
        "perceived_",
        {
            "expected_": "These are the questions on what was expected; take those on what was "
            "perceived.",
            "ten": "These are ten questions, expected and perceived; take the five perceived.",
            "gaps": "These are the gaps, perceived less expected; take what was perceived.",
            "twenty": "These are the twenty statements of the worked example; take the five perceived.",
        },
    ),
    how=choose(
        "alpha",
        {
            "no factor": "There is no factor k / (k - 1), with k = 5.",
            "upside down": "The factor stands upside down: k over k - 1, with k = 5.",
            "of the mean": "You took the variance of the mean of each row in place of that of its sum.",
            "deviations": "You took standard deviations; alpha is made of variances.",
            "average": "You took the average of the five variances; add them up.",
            "ratio": "This is the ratio of the variances only; take one less that, times k / (k - 1).",
            "correlation": "This is the mean correlation of two of the questions; alpha speaks of all "
            "five together.",
            "blanks": "You kept forms with blanks, whose sum lacks an answer; take those that answered "
            "all five.",
            "filled": "You filled blanks by the means of their columns; take the forms that "
            "answered all five.",
            "zeros": "You filled blanks by zeros; take the forms that answered all five.",
        },
    ),
):
    """Cronbach's alpha of the five perceived dimensions, complete rows of the cleaned forms."""
    return alpha_of(asked(rows, items), how)


# Standard: an account of the wave by other rules, and a corrected correlation


@recipe(
    Table("fates"),
    means=lambda account: (
        f"{account.loc['kept'].sum():,} of {account.to_numpy().sum():,} forms are kept, and the "
        f"numbers add up to all that came. Of the {account.loc['too fast'].sum()} called too fast "
        f"{careful_but_fast()} were in truth filled in with care: a strict limit is no free lunch."
    ),
    hints=(
        "A form can break two rules. Under which of them is it counted?",
        "The worked example has other rules, and its account, in *Four rules, written before looking "
        "at results*.",
        "Each rule as True or False for every form, the time beside the median of its own wave. Then "
        "a choice among the rules that takes the first that is True, with a word for none; count the "
        "words by wave.",
    ),
    alike=[
        ("first=too fast", "column=every column"),
        ("middle=mean", "middle=all waves"),
    ],
)
def account(
    *,
    which=choose(
        "all forms",
        {"clean": "You took the forms of `clean`; the agency begins with all of `survey`."},
    ),
    limit=choose(
        "two thirds",
        {
            "a third": "You used a third of the median, as the worked example does; here two thirds.",
            "half": "You used half of the median; here it is two thirds.",
            "itself": "You took the median itself as the limit; it is two thirds of it.",
        },
    ),
    middle=choose(
        "median of the wave",
        {
            "mean": "You took the mean time of a wave; the rule says the median.",
            "all waves": "You took one median of all waves together; each wave has its own.",
            "remain": "You took the median of the forms that remain after the first two rules; take "
            "that of all forms of the wave.",
        },
    ),
    first=choose(
        "sent twice, one column, too fast",
        {
            "too fast": FAST_FIRST,
            "zeros": "You put 'too fast' before 'one column', which is left with zeros; the order "
            "decides who is counted where.",
            "every rule": "You counted a form under every rule that fits, so that the numbers do not "
            "add up to the forms; each goes out under the first.",
            "duplicates last": "You put the duplicates last; 'sent twice' is the first rule.",
            "backwards": "You went through the rules backwards, the fast ones first; 'sent twice' "
            "is the first rule.",
            "turned": "You turned the rules round, the fast ones first, and a zero is left of one "
            "column; 'sent twice' is the first rule.",
        },
    ),
    twice=choose(
        "later forms",
        {
            "both forms": "You threw out both forms of these customers; only the later ones go.",
            "other waves": "You called everybody a duplicate who had answered in other waves; look for "
            "a second form within a wave.",
        },
    ),
    column=choose(
        "answered items",
        {
            "blanks": "You let blanks count as an answer of their own; the rule is on the items that "
            "were answered.",
            "satisfaction": "You looked at the items of satisfaction only; all twenty must be the same.",
            "every column": "You looked at every column of the form; the rule is on the twenty items.",
        },
    ),
    told_as=choose(
        "counts",
        {
            "shares": "These are shares of a wave's forms; asked are numbers of forms.",
            "percentages": "These are percentages of a wave's forms; asked are numbers of forms.",
            "of all": "You divided by all forms; asked are numbers of forms.",
        },
    ),
):
    """Forms of each wave under each rule, in the order given."""
    survey = forms("clean" if which == "clean" else "all")
    keep = False if twice == "both forms" else "first"
    whose = "customer_id" if twice == "other waves" else ["wave", "customer_id"]
    items = columns("satisfaction" if column == "satisfaction" else CONSTRUCTS)
    said = survey if column == "every column" else survey[items].astype(float)
    waves = survey.groupby("wave")["seconds"]
    rules = {
        "sent twice": survey.duplicated(whose, keep=keep),
        "one column": in_one_column(said, column),
    }
    left = survey["seconds"].where(~(rules["sent twice"] | rules["one column"]))
    usual = {
        "mean": waves.transform("mean"),
        "all waves": survey["seconds"].median(),
        "remain": left.groupby(survey["wave"]).transform("median"),
    }.get(middle, waves.transform("median"))
    part = {"two thirds": 2 / 3, "a third": 1 / 3, "half": 1 / 2, "itself": 1}[limit]
    rules["too fast"] = survey["seconds"] < part * usual
    counts = counted(rules, first, survey["wave"])
    if told_as == "counts":
        return counts
    forms_of = survey["wave"].value_counts()
    whole = {"shares": forms_of, "percentages": forms_of / 100, "of all": len(survey)}
    return counts / whole[told_as]


def in_one_column(said, column):
    """Say which forms have one and the same answer to everything that was answered."""
    if column == "every column":
        return said.nunique(axis=1) == 1
    same = said.min(axis=1) == said.max(axis=1)
    return same & said.notna().all(axis=1) if column == "blanks" else same


def counted(rules, first, wave):
    """Count the forms of a wave under each rule, in some order or, wrongly, under every rule."""
    if first == "every rule":
        kept = ~np.logical_or.reduce(list(rules.values()))
        return pd.DataFrame(rules | {"kept": kept}).groupby(wave).sum().T
    order = {
        "too fast": ("sent twice", "too fast", "one column"),
        "zeros": ("sent twice", "too fast", "one column"),
        "duplicates last": ("one column", "too fast", "sent twice"),
        "backwards": tuple(rules)[::-1],
        "turned": tuple(rules)[::-1],
    }.get(first, tuple(rules))
    fate = np.select([rules[name] for name in order], order, default="kept")
    counts = pd.crosstab(pd.Series(fate, wave.index), wave)
    return counts.reindex(FATES, fill_value=0) if first in ("zeros", "turned") else counts


def careful_but_fast():
    """Number of forms under 'too fast' that the simulation knows as careful."""
    survey, kind = table("shihu/survey"), crm.load("shihu/truth_survey")["kind"]
    usual = survey.groupby("wave")["seconds"].transform("median")
    fast = survey["seconds"] < 2 / 3 * usual
    return int((fast & (kind == "careful")).sum())


@cache
def service(which="clean"):
    """Give the forms with all ten answers, expected and perceived."""
    return forms(which)[columns(("expected_", "perceived_"))].dropna().astype(float)


def observed(how="of means", which="clean"):
    """Correlate expected and perceived service, form by form."""
    first, second = (
        service(which).filter(like="expected_"),
        service(which).filter(like="perceived_"),
    )
    between = np.corrcoef(first.T, second.T)[:5, 5:]
    return {
        "of means": first.mean(axis=1).corr(second.mean(axis=1)),
        "ranks": first.mean(axis=1).corr(second.mean(axis=1), method="spearman"),
        "pairs": between.diagonal().mean(),
        "first": between[0, 0],
    }[how]


def true_correlation():
    truth = crm.load("shihu/truth_survey").loc[forms().index]
    return truth["true_expectations"].corr(truth["true_quality"])


@recipe(
    Number(),
    means=lambda r: (
        f"{observed():.3f} as observed, {r:.3f} corrected. The firm's hidden constructs behind these "
        f"questions, expectations and quality, correlate by {true_correlation():.3f}."
    ),
    hints=(
        "Noise in either score flattens the correlation. By how much, if you know both alphas?",
        "The worked example has Spearman's formula in *Do two scales measure two things?*, and an "
        "example in the second question of *Check yourself*.",
        "From the same complete forms: the correlation of the two means, over the root of the product "
        "of the two alphas.",
    ),
)
def corrected(
    *,
    how=choose(
        "root of both",
        {
            "observed": "This is the correlation as observed; divide it by the root of the two alphas' "
            "product.",
            "no root": "You divided by the product of the alphas; no root was taken of it.",
            "multiplied": "You multiplied by the root: that flattens once more. Divide.",
            "perceived": "You corrected for the noise of the perceived service only; both scores have "
            "noise.",
            "expected": "You corrected for the noise of the expected service only; both scores have "
            "noise.",
            "mean alpha": "You divided by the mean alpha; asked is the root of the alphas' product.",
            "all ten": "You took the alpha of all ten questions; each five have one of their own.",
            "squared": "Your correlation is squared; leave it as it is.",
        },
    ),
    rows=choose(
        "clean",
        {
            "all": "You used all forms; take those of `clean`.",
            "one wave": "You used one wave of the three; take all forms of `clean`.",
        },
    ),
    correlation=choose(
        "of means",
        {
            "ranks": "This is built on a correlation of ranks; take the usual one, of the two means.",
            "pairs": "You took the mean correlation of the five pairs of single questions; first take "
            "the two means of each form.",
            "first": "You took the first question of each five; take the means of five.",
        },
    ),
    factor=choose(
        "k / (k - 1)", {"no factor": "Your alphas have no factor k / (k - 1), with k = 5."}
    ),
):
    """Correlation of expected and perceived service, corrected for attenuation."""
    r, ten = observed(correlation, rows), service(rows)
    way = "no factor" if factor == "no factor" else "alpha"
    first, second, whole = (
        alpha_of(ten.filter(like=part), way) for part in ("expected_", "perceived_", "ed_")
    )
    return {
        "root of both": r / np.sqrt(first * second),
        "observed": r,
        "no root": r / (first * second),
        "multiplied": r * np.sqrt(first * second),
        "perceived": r / np.sqrt(second),
        "expected": r / np.sqrt(first),
        "mean alpha": r / ((first + second) / 2),
        "all ten": r / whole,
        "squared": r**2 / np.sqrt(first * second),
    }[how]


# Transfer: the retailers' scales, and lectures for other departments


def one_item(full, k, how="Spearman and Brown"):
    """Reliability of one item, from that of k; or what a slip makes of it."""
    return {
        "Spearman and Brown": full / (k - (k - 1) * full),
        "proportion": full / k,
        "missing": full / (1 + (k - 1) * full),
        "longer": k * full / (1 + (k - 1) * full),
        "alpha": full,
        "root": full ** (1 / k),
        "one less": (k - 1) * full / (k - full),
    }[how]


@recipe(
    Table("scales", share=True),
    means=lambda table: (
        f"From one item, reliability would be {table['one_item'].min():.2f} "
        f"({table['one_item'].idxmin()}) to {table['one_item'].max():.2f}. The scale of two items has "
        f"an alpha of {table.loc['image', 'alpha']:.2f} against "
        f"{table['alpha'].drop('image').mean():.2f} for the others, but what decides is the single "
        "item: compare scales of unequal length by that."
    ),
    hints=(
        "A short scale has a lower alpha. Are its questions worse, or only fewer?",
        "*What a short scale costs*, in the *Going further* of the worked example.",
        "One scale at a time: its complete rows, its own number of items k, its alpha; then alpha over "
        "k less k minus one alphas.",
    ),
)
def retail(
    *,
    formula=choose(
        "Spearman and Brown",
        {
            "proportion": "`one_item` is alpha over k, in proportion; reliability does not fall so.",
            "missing": "A k is missing: what alpha is divided by begins with k, not with 1.",
            "longer": "You went the wrong way: this is the reliability of a longer scale, k times.",
            "alpha": "You gave alpha twice; `one_item` is the reliability of a single item, which is "
            "lower.",
            "root": "`one_item` is the k-th root of alpha; take the formula of Spearman and Brown.",
            "correlation": "`one_item` is the mean correlation of two items, which is near; take the "
            "formula of Spearman and Brown.",
            "swapped": "The two columns are swapped: one item is less reliable than the scale.",
            "one less": "`one_item` is that of k - 1 items, one less than the scale has; asked is one "
            "item alone.",
        },
    ),
    k=choose(
        "own",
        {
            3: "You took k = 3 for all scales; image has two items.",
            11: "You took k = 11, all the items; take those of the scale.",
            4: "You took k = 4, the number of scales; take the items of the scale.",
        },
    ),
    rows=choose(
        "complete scale",
        {
            "complete forms": "You kept only complete forms, of all eleven items; a blank elsewhere is "
            "no reason to leave out a scale.",
            "blanks": "You kept rows with blanks, whose sum lacks an answer; take those that answered "
            "all items of the scale.",
            "filled": "You filled blanks by the means of their columns; take those that answered all "
            "items of the scale.",
            "zeros": "You filled blanks by zeros; take those that answered all items of the scale.",
        },
    ),
    factor=choose(
        "k / (k - 1)",
        {
            "no factor": "Your alpha has no factor k / (k - 1).",
            "of the mean": "Your alpha has the variance of the mean of each row; take that of its sum.",
        },
    ),
):
    """Alpha of each retailer scale, and what one item would reach."""
    answered = table("shihu/retailer_survey")
    if rows == "complete forms":
        answered = answered.dropna(subset=[c for c in answered if c.startswith(SCALES)])
    way = rows if rows in ("blanks", "filled", "zeros") else "alpha"
    found = {}
    for scale in SCALES:
        items = answered[[c for c in answered if c.startswith(scale)]]
        number = items.shape[1] if k == "own" else k
        full = alpha_of(items, way if factor == "k / (k - 1)" else factor)
        single = {
            "correlation": alpha_of(items, "correlation"),
            "swapped": one_item(full, number),
        }.get(formula) or one_item(full, number, formula)
        pair = (single, full) if formula == "swapped" else (full, single)
        found[scale] = dict(zip(("alpha", "one_item"), pair, strict=True))
    return pd.DataFrame(found).T


@cache
def ratings(of="student", measure="mean"):
    """Rating of each one (student, lecturer ...) of own and of service lectures."""
    lectures = table("insteval")
    return lectures.groupby([of, "service"])["rating"].agg(measure).unstack()


def raw_gap(rows):
    own = ~rows["service"].astype(bool)
    return rows.loc[own, "rating"].mean() - rows.loc[~own, "rating"].mean()


def lecturers_gap():
    """Own department minus service, each lecturer against herself."""
    both = ratings("lecturer").dropna()
    return (both[False] - both[True]).mean()


@recipe(
    Number(),
    means=lambda gap: (
        f"{gap:.3f} points, against {raw_gap(table('insteval')):.3f} raw: most of the gap is there "
        "when the raters are the same, so it is not a matter of sterner students. Now turn it round "
        f"and compare each *lecturer* with herself: {lecturers_gap():.3f}."
    ),
    hints=(
        "If sterner students made the gap, would it show within one and the same student?",
        "The worked example compares each customer with herself in *The manager in Ningbo*.",
        "A table with a row for each student and a column for each kind of lecture; without those who "
        "lack one; then the mean of the difference of the columns.",
    ),
)
def gap(
    *,
    of=choose(
        "student",
        {
            "lecturer": "You compared each lecturer with herself; the raters are the students.",
            "department": "You compared each department with itself; the raters are the students.",
            "semester": "You compared within each semester; the raters are the students.",
        },
    ),
    how=choose(
        "differences",
        {
            "raw": "This is the raw gap of all ratings; compare each student with herself.",
            "pooled": "You kept the right students and then pooled their ratings; take each student's "
            "difference first, and count each once.",
            "apart": "You averaged the students' means of each kind apart, also of students who rated "
            "only one kind; drop those and take differences.",
            "within": "You compared ratings within students, each less the student's mean; take a "
            "difference for each student, and count each once.",
            "by ratings": "You weighed each student by her number of ratings; give all the same weight.",
            "middle": "You took the middle one of the differences, their median; asked is the mean.",
            "zeros": "You put zeros where a student has no lecture of a kind; leave those students out.",
            "above": "This is the share of students whose difference is above zero; asked is the mean.",
        },
    ),
    each=choose(
        "mean",
        {
            "median": "You took the median of a student's ratings; asked is her mean.",
            "sum": "You took the sum of a student's ratings; asked is her mean.",
            "count": "You took the count of a student's ratings; asked is their mean.",
            "max": "You took the max of a student's ratings; asked is their mean.",
        },
    ),
):
    """Own department minus service, each student against herself."""
    lectures, wide = table("insteval"), ratings(of, each)
    both = wide.dropna()
    difference = both[False] - both[True]
    if how in ("pooled", "raw"):
        mine = lectures[of].isin(both.index) if how == "pooled" else slice(None)
        return raw_gap(lectures[mine])
    if how == "within":
        left = lectures["rating"] - lectures.groupby(of)["rating"].transform("mean")
        return raw_gap(lectures.assign(rating=left))
    if how == "apart":
        return wide[False].mean() - wide[True].mean()
    if how == "by ratings":
        return np.average(difference, weights=ratings(of, "count").loc[both.index].sum(axis=1))
    if how == "zeros":
        return (wide[False].fillna(0) - wide[True].fillna(0)).mean()
    if how == "above":
        return (difference > 0).mean()
    return difference.median() if how == "middle" else difference.mean()
