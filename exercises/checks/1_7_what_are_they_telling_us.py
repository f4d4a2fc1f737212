"""Feedback for exercises 1.7, what are they telling us."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import poisson
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

import crmlib as crm
from crmlib.course.checks import Number, Values, task

RETURN = "退"  # return, refund
SPLIT = "2025-07-01"
WEEKS = pd.date_range("2024-01-01", "2025-12-22", freq="7D")
WORDS = ["but", "easy", "great", "never", "returned", "used", "worked"]


@cache
def tickets():
    return crm.load("shihu/requests").merge(crm.load("shihu/truth_requests"), on="request_id")


@cache
def reviews():
    return crm.load("amazon_reviews")


# Warm-up: one character as a rule


def with_character(rows=None):
    table = tickets() if rows is None else tickets()[rows]
    return table, table["text"].str.contains(RETURN)


@task(
    Number(share=True),
    means=lambda share: (
        f"{share:.0%} of the requests with this character are truly about refunds, and "
        f"{with_character()[1][tickets()['topic'] == 'refund'].mean():.0%} of those about refunds have "
        "it: a rule has two kinds of errors, and one number does not tell them both."
    ),
    hint="Mark the requests whose text holds the character. Of these, and of no others, which share is "
    "truly about refunds?",
)
def warm_up():
    """Share of the requests with the character that are truly about refunds."""
    table, has = with_character()
    return (table["topic"][has] == "refund").mean()


@warm_up.mistake("You asked how many of the refund requests have the character; turn it round.")
def recall():
    table, has = with_character()
    return has[table["topic"] == "refund"].mean()


@warm_up.mistake("You took the topic that the agents filed; the true one is in truth_requests.")
def as_filed():
    table, has = with_character()
    return (table["filed_under"][has] == "refund").mean()


@warm_up.mistake("You divided by all requests; divide by those that have the character.")
def of_all():
    table, has = with_character()
    return (has & (table["topic"] == "refund")).mean()


@warm_up.mistake("This is the share of requests that have the character.")
def has_it():
    return with_character()[1].mean()


# Standard: an exam by time, and what a chart promises


@cache
def said():
    """Topic of every request, by a machine that has read the labels before the split."""
    table = tickets()
    before = table["received_at"] < SPLIT
    model = make_pipeline(
        CountVectorizer(analyzer="char", ngram_range=(1, 2)), MultinomialNB(alpha=0.3)
    )
    model.fit(table["text"][before], table["filed_under"][before])
    return pd.Series(model.predict(table["text"]), table.index), before


def accuracy(against="topic", *, new_topic=False, training=False):
    table, (answer, before) = tickets(), said()
    rows = before if training else ~before
    if not new_topic:
        rows = rows & (table["topic"] != "authenticity")
    return (answer == table[against])[rows].mean()


@task(
    Number(share=True),
    means=lambda share: (
        f"{share:.1%} on topics that existed. With the new one it is {accuracy(new_topic=True):.1%}: "
        "of that the machine cannot know, however well it has learned."
    ),
    hint="Fit on text and filed_under before the split; predict the rest; drop the rows whose true "
    "topic is 'authenticity'; compare with topic.",
)
def right_share():
    """Accuracy on the second half of 2025, against the truth, on known topics."""
    return accuracy()


@right_share.mistake("You compared with what the agents filed; compare with the true topic.")
def against_filed():
    return accuracy("filed_under")


@right_share.mistake("The requests about imitations are still among those examined.")
def with_new_topic():
    return accuracy(new_topic=True)


@right_share.mistake("You examined the machine on what it had learned from; take the time after.")
def on_training():
    return accuracy(training=True)


@right_share.mistake("This is the share said wrongly.")
def errors():
    return 1 - accuracy()


@cache
def refund_chart():
    monday = tickets()["received_at"].dt.to_period("W-SUN").dt.start_time
    total = monday.value_counts().reindex(WEEKS)
    filed = monday[tickets()["filed_under"] == "refund"].value_counts().reindex(WEEKS, fill_value=0)
    return crm.control_limits(filed, total, kind="u", baseline=slice(None, "2024")), total


def chances(*, shift=0):
    limits, total = refund_chart()
    border = np.floor(limits["high"] * total) - shift
    return pd.Series(poisson.sf(border, limits["centre"] * total), WEEKS)


@task(
    Number(),
    means=lambda alarms: (
        f"{alarms:.2f} a year for one topic, where the rule of thumb says {51 / 740:.2f}: counts of a "
        "few a week are not bell-shaped, and a limit for the bell lets more of them through."
    ),
    hint="An alarm is a whole number above the limit. What is its Poisson chance in each single week? "
    "Add the chances of the weeks asked for.",
)
def false_alarms():
    """Expected number of weeks of 2025 over the limit if nothing has changed."""
    return chances()["2025":].sum()


@false_alarms.mistake("This is the rule of thumb, one in 740; use the Poisson distribution.")
def rule_of_thumb():
    return len(chances()["2025":]) / 740


@false_alarms.mistake("sf(k) is the chance of *more than* k: do not take one off the limit.")
def at_the_limit():
    return chances(shift=1)["2025":].sum()


@false_alarms.mistake("You summed both years; the centre comes from 2024, the question is of 2025.")
def both_years():
    return chances().sum()


@false_alarms.mistake("These are rates; times the week's requests they become counts.")
def rates():
    limits = refund_chart()[0]["2025":]
    return poisson.sf(np.floor(limits["high"]), limits["centre"]).sum()


@false_alarms.mistake("This is the mean chance in a week; sum over the weeks.")
def mean_chance():
    return chances()["2025":].mean()


# Transfer: reviews of products


def lift(*, whole=True, less="all"):
    """Mean rating of the sentences that hold each word, less another mean."""
    table, out = reviews(), {}
    for word in WORDS:
        pattern = rf"\b{word}\b" if whole else word
        has = table["text"].str.contains(pattern, case=False)
        other = {
            "all": table["rating"].mean(),
            "others": table["rating"][~has].mean(),
            "nothing": 0,
        }
        out[word] = table["rating"][has].mean() - other[less]
    return pd.Series(out)


@task(
    Values("words"),
    means=lambda lift: (
        f"'{lift.idxmax()}' raises a sentence most ({lift.max():+.2f}), '{lift.idxmin()}' lowers it "
        f"most ({lift.min():+.2f}). A word says something of its sentence, and not all: 'worked' may "
        "have a 'never' before it."
    ),
    hint="Mark the sentences that hold the word as a whole, in capitals or not; compare their mean "
    "rating with the mean of all sentences.",
)
def word_lift():
    """Mean rating with each word, less the mean of all sentences."""
    return lift()


@word_lift.mistake(
    "You found the word inside others too, 'but' in 'button': put \\b on both sides."
)
def inside_others():
    return lift(whole=False)


@word_lift.mistake("These are the mean ratings; take off the mean of all sentences.")
def plain_means():
    return lift(less="nothing")


@word_lift.mistake("You compared with the sentences without the word; compare with all.")
def with_the_others():
    return lift(less="others")


@word_lift.mistake("The sign is turned round: with the word, less all.")
def turned():
    return -lift()


@cache
def guesses(*, seen=False):
    table = reviews()
    model = make_pipeline(TfidfVectorizer(min_df=2), Ridge(alpha=1.0))
    if seen:
        return model.fit(table["text"], table["rating"]).predict(table["text"])
    folds = GroupKFold(5)
    return cross_val_predict(
        model, table["text"], table["rating"], cv=folds, groups=table["review"]
    )


def correlation(guess):
    return np.corrcoef(guess, reviews()["rating"])[0, 1]


@task(
    Number(),
    means=lambda r: (
        f"{r:.2f} on reviews not seen, {correlation(guesses(seen=True)):.2f} on those it had learned "
        "from: the second is what a demonstration shows."
    ),
    hint="Folds by review, so that each guess comes from a model that has not read that review; then "
    "one correlation over all sentences.",
)
def honest_r():
    """Correlation of guessed and true rating, each review guessed by a model that has not seen it."""
    return correlation(guesses())


@honest_r.mistake("The model had seen the sentences it was asked about; use cross_val_predict.")
def seen_before():
    return correlation(guesses(seen=True))


@honest_r.mistake("This is the square (R2, a share of variance); the correlation is wanted.")
def squared():
    return correlation(guesses()) ** 2


@honest_r.mistake("This is the mean absolute error in points; the correlation is wanted.")
def mean_error():
    return np.abs(guesses() - reviews()["rating"]).mean()
