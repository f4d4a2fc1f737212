"""Feedback for exercises 1.2, can we trust the questionnaire."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Table, Values, task

CONSTRUCTS = ("image", "expectations", "quality", "value", "satisfaction", "complaints", "loyalty")
SCALES = ("product", "service", "economics", "image")
WAVE = 2025


@cache
def survey():
    return crm.load("shihu/survey")


def columns(start):
    return [c for c in survey() if c.startswith(start)]


def one_column(rows):
    return rows[columns(CONSTRUCTS)].nunique(axis=1) == 1


@cache
def clean():
    """Give the forms that the four rules of the worked example keep."""
    rows = survey()
    opened = crm.load("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    late = (rows["submitted_at"] - rows["wave"].map(opened)).dt.days >= 21
    fast = rows["seconds"] < rows["seconds"].median() / 3
    return rows[~(rows.duplicated(["wave", "customer_id"]) | fast | one_column(rows) | late)]


def alpha_of(rows):
    rows = rows.dropna().astype(float)
    k = rows.shape[1]
    return k / (k - 1) * (1 - rows.var().sum() / rows.sum(axis=1).var())


# Warm-up: alpha of the service as perceived


@task(
    Number(share=True),
    means=lambda alpha: (
        f"Alpha is {alpha:.3f}: of the variance of the sum, about {alpha:.0%} is shared by the five "
        f"questions. Those on what was expected reach {alpha_of(clean()[columns('expected_')]):.3f}: "
        "more noise, and every comparison with them is flatter for it."
    ),
    hint="rows = clean[perceived].dropna(); then k / (k - 1) * (1 - sum of the variances of the "
    "columns / variance of the sum of each row), with k = 5.",
)
def warm_up():
    """Cronbach's alpha of the five perceived dimensions, complete rows of the cleaned forms."""
    return alpha_of(clean()[columns("perceived_")])


@warm_up.mistake("You used all forms; take those of clean. The careless have moved alpha.")
def not_cleaned():
    return alpha_of(survey()[columns("perceived_")])


@warm_up.mistake("These are ten questions, expected and perceived; take the five perceived.")
def ten_questions():
    return alpha_of(clean()[columns(("expected_", "perceived_"))])


@warm_up.mistake("The factor k / (k - 1) is missing, with k = 5.")
def no_factor():
    return warm_up.right * 4 / 5


@warm_up.mistake("These are the questions on what was expected; take those on what was perceived.")
def expected_only():
    return alpha_of(clean()[columns("expected_")])


@warm_up.mistake(
    "You took the variance of the mean of each row in place of that of its sum: with a mean, multiply "
    "it by k squared."
)
def variance_of_mean():
    rows = clean()[columns("perceived_")].dropna().astype(float)
    return 5 / 4 * (1 - rows.var().sum() / rows.mean(axis=1).var())


# Standard: an account of the wave by other rules, and a corrected correlation


def fates(rows, *, part=2, order=("sent twice", "one column", "too fast"), keep="first"):
    """Count the forms by the first rule that fits."""
    rules = {
        "sent twice": rows.duplicated(["wave", "customer_id"], keep=keep),
        "one column": one_column(rows),
        "too fast": rows["seconds"] < rows["seconds"].median() / part,
    }
    fate = np.select([rules[name] for name in order], order, default="kept")
    names = ["sent twice", "one column", "too fast", "kept"]
    return pd.Series(fate).value_counts().reindex(names, fill_value=0)


def in_wave():
    return survey()[survey()["wave"] == WAVE]


@task(
    Values("fates"),
    means=lambda account: (
        f"{account['kept']:,} of {account.sum():,} forms are kept. Nothing went in silence: the four "
        "numbers add up to all forms that came."
    ),
    hint="Make the three rules as True/False Series of the forms of 2025, then "
    "np.select([...], [names], default='kept'): it takes the first that fits. .value_counts() counts.",
)
def account():
    """Forms of the wave under each rule, in the order given."""
    return fates(in_wave())


@account.mistake("You used a third of the median, as in the worked example; here it is half.")
def a_third():
    return fates(in_wave(), part=3)


@account.mistake(
    "You counted a form under every rule that fits, so that the numbers do not add up to the forms; "
    "each goes out under the first."
)
def under_every_rule():
    rows = in_wave()
    rules = [
        rows.duplicated("customer_id"),
        one_column(rows),
        rows["seconds"] < rows["seconds"].median() / 2,
    ]
    kept = ~(rules[0] | rules[1] | rules[2])
    return pd.Series([r.sum() for r in (*rules, kept)], index=account.right.index)


@account.mistake(
    "Here 'one column' comes before 'too fast'; the order decides who is counted where."
)
def other_order():
    return fates(in_wave(), order=("sent twice", "too fast", "one column"))


@account.mistake("You threw out the first form of these customers too; only the later ones go.")
def both_forms():
    return fates(in_wave(), keep=False)


@account.mistake("These are all three waves; take the forms of 2025, and their median.")
def all_waves():
    return fates(survey())


@account.mistake(
    "You called everybody a duplicate who had answered in an earlier wave; look for a second form "
    "within 2025."
)
def other_years():
    rows = survey()
    before = rows.duplicated("customer_id")[rows["wave"] == WAVE]
    wave = in_wave()
    rules = [before, one_column(wave), wave["seconds"] < wave["seconds"].median() / 2]
    fate = np.select(rules, ["sent twice", "one column", "too fast"], default="kept")
    return pd.Series(fate).value_counts().reindex(account.right.index, fill_value=0)


@cache
def service():
    """Give correlation and the two alphas, from the forms with all ten answers."""
    rows = clean()[columns(("expected_", "perceived_"))].dropna().astype(float)
    first, second = rows.filter(like="expected_"), rows.filter(like="perceived_")
    return first.mean(axis=1).corr(second.mean(axis=1)), alpha_of(first), alpha_of(second)


def true_correlation():
    truth = crm.load("shihu/truth_survey").loc[clean().index]
    return truth["true_expectations"].corr(truth["true_quality"])


@task(
    Number(),
    means=lambda r: (
        f"{service()[0]:.3f} as observed, {r:.3f} corrected. The firm's hidden constructs behind these "
        f"questions, expectations and quality, correlate by {true_correlation():.3f}."
    ),
    hint="observed / np.sqrt(alpha of expected * alpha of perceived), all from the rows "
    "clean[expected + perceived].dropna().",
)
def corrected():
    """Correlation of expected and perceived service, corrected for attenuation."""
    r, first, second = service()
    return r / np.sqrt(first * second)


@corrected.mistake(
    "This is the correlation as observed; divide it by the root of the two alphas' product."
)
def observed():
    return service()[0]


@corrected.mistake("You divided by the product of the alphas; the formula has its square root.")
def no_root():
    r, first, second = service()
    return r / (first * second)


@corrected.mistake("You multiplied by the root: that flattens once more. Divide.")
def multiplied():
    r, first, second = service()
    return r * np.sqrt(first * second)


@corrected.mistake(
    "You corrected for the noise of the perceived service only; both scores have noise."
)
def one_side():
    r, _, second = service()
    return r / np.sqrt(second)


@corrected.mistake("You used all forms; take those of clean.")
def of_all_forms():
    rows = survey()[columns(("expected_", "perceived_"))].dropna().astype(float)
    first, second = rows.filter(like="expected_"), rows.filter(like="perceived_")
    r = first.mean(axis=1).corr(second.mean(axis=1))
    return r / np.sqrt(alpha_of(first) * alpha_of(second))


# Transfer: the retailers' scales, and lectures for other departments


@cache
def retailers():
    return crm.load("shihu/retailer_survey")


def retail_table(short, *, rows=None, number=None):
    rows = retailers() if rows is None else rows
    found = {}
    for scale in SCALES:
        chosen = rows[[c for c in rows if c.startswith(f"{scale}_")]]
        full, k = alpha_of(chosen), number or chosen.shape[1]
        found[scale] = {"alpha": full, "one_item": short(full, k)}
    return pd.DataFrame(found).T


def spearman_brown(full, k):
    return full / (k - (k - 1) * full)


def lowest(table):
    return table["one_item"].idxmin()


@task(
    Table("scales"),
    means=lambda table: (
        f"From one item, reliability would be {table['one_item'].min():.2f} ({lowest(table)}) to "
        f"{table['one_item'].max():.2f}. The scale of two items has an alpha of "
        f"{table.loc['image', 'alpha']:.2f} against {table['alpha'].drop('image').mean():.2f} for the "
        "others, but what decides is the single item: compare scales of unequal length by that."
    ),
    hint="one_item = alpha / (k - (k - 1) * alpha), with k the number of items of the scale. Take "
    "dropna() of the columns of one scale at a time.",
)
def retail():
    """Alpha of each retailer scale, and what one item would reach."""
    return retail_table(spearman_brown)


@retail.mistake(
    "one_item is alpha divided by k; reliability does not fall in proportion. See the formula."
)
def in_proportion():
    return retail_table(lambda full, k: full / k)


@retail.mistake("You went the wrong way: this is the reliability of a scale k times as long.")
def longer():
    return retail_table(lambda full, k: k * full / (1 + (k - 1) * full))


@retail.mistake("You took k = 3 for all scales; image has two items.")
def three_for_all():
    return retail_table(spearman_brown, number=3)


@retail.mistake(
    "You kept only retailers who answered all eleven items; a blank elsewhere is no reason to leave "
    "out a scale."
)
def complete_forms():
    rows = retailers()
    whole = rows[[c for c in rows if c.startswith(SCALES)]].dropna()
    return retail_table(spearman_brown, rows=whole)


@retail.mistake(
    "You gave alpha twice; one_item is the reliability of a single item, which is lower."
)
def alpha_twice():
    return retail_table(lambda full, k: full)


@cache
def lectures():
    return crm.load("insteval")


def own_minus_service(by):
    """Mean rating of each one in own and service lectures, for those who have both."""
    both = lectures().groupby([by, "service"])["rating"].mean().unstack().dropna()
    return both[False] - both[True]


def raw_gap(rows):
    return rows.loc[~rows["service"], "rating"].mean() - rows.loc[rows["service"], "rating"].mean()


@task(
    Number(),
    means=lambda gap: (
        f"{gap:.3f} points, against {raw_gap(lectures()):.3f} raw: most of the gap is there when the "
        "raters are the same, so it is not a matter of sterner students. Now turn it round and "
        f"compare each *lecturer* with herself: {own_minus_service('lecturer').mean():.3f}."
    ),
    hint="means = lectures.groupby(['student', 'service'])['rating'].mean().unstack().dropna(): a row "
    "for each student who has both. Then the mean of the difference of the two columns.",
)
def gap():
    """Own department minus service, each student against herself."""
    return own_minus_service("student").mean()


@gap.mistake("This is the raw gap of all ratings; compare each student with herself.")
def raw():
    return raw_gap(lectures())


@gap.mistake("You compared each lecturer with herself; the raters are the students.")
def by_lecturer():
    return own_minus_service("lecturer").mean()


@gap.mistake(
    "You kept the right students and then pooled their ratings; take each student's difference first, "
    "and count each once."
)
def pooled():
    both = own_minus_service("student").index
    return raw_gap(lectures()[lectures()["student"].isin(both)])


@gap.mistake(
    "You averaged the students' means of each kind apart, also of students who rated only one kind; "
    "drop those (dropna) and take differences."
)
def unpaired():
    apart = lectures().groupby(["student", "service"])["rating"].mean().unstack().mean()
    return apart[False] - apart[True]
