"""Feedback for exercises 1.7, what are they telling us."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import binom, norm, poisson
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import Ridge
from sklearn.metrics import f1_score, r2_score
from sklearn.model_selection import GroupKFold, KFold
from sklearn.naive_bayes import MultinomialNB

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

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


def hits_of_the_rule():
    """Share of the true refund requests that hold the character."""
    return tickets()["text"].str.contains("退")[tickets()["topic"] == "refund"].mean()


@recipe(
    Number(share=True),
    means=lambda share: (
        f"{share:.0%} of the requests with this character are truly about refunds, and "
        f"{hits_of_the_rule():.0%} of those about refunds have it: a rule has two kinds of errors, "
        "and one number does not tell them both."
    ),
    hints=(
        "A share of which requests? Of those that the rule picks.",
        "The worked example has both words for this, precision and recall, in *Learn from the "
        "agents*.",
        "Mark the requests whose text holds the character. Of these, and of no others, take the "
        "share whose true topic is refund.",
    ),
)
def warm_up(
    *,
    of=choose(
        "those picked",
        {
            "recall": "You asked how many of the refund requests have the character (recall); turn "
            "it round, and ask how many of those with the character are about refunds.",
            "all requests": "You divided by all requests; divide by those with the character.",
            "agree": "You counted where rule and topic agree, also on neither; leave out the "
            "requests without the character.",
            "without a look at the topic": "This is how many requests hold the character, without a "
            "look at their topic.",
            "about refunds": "This is how many requests are about refunds, with the character or "
            "without; keep those with it.",
            "count": "This is a count; divide it by the number of requests with the character.",
            "two counts": "You compared two counts, the requests with the character and those about "
            "refunds; count those that are both.",
            "F1": "This is F1, which mixes recall and precision; asked is one of the two.",
            "how often": "This is how often the filing is right where the character stands; asked is "
            "the share that is about refunds.",
            "without the character": "You took the requests without the character; take those "
            "with it.",
        },
    ),
    label=choose(
        "topic",
        {
            "filed": "You took the topic that the agents filed; the true one is the column topic.",
            "second": "You counted the second topic too; what a request is about is its topic.",
        },
    ),
    rule=choose(
        "退",
        {
            "return": "You looked for 退货 (return) only; the rule is the one character 退.",
            "refund": "You looked for 退款 (refund) only; the rule is the one character 退.",
            "either": "You looked for either of two words, 退货 or 退款; the rule is the one character.",
            "gloss": "You searched the English gloss; the rule reads the Chinese text.",
        },
    ),
    years=choose(
        "three",
        {
            2025: "You took the requests of 2025 only; take those of all three years.",
            2024: "You took the requests of 2024 only; take those of all three years.",
            2023: "You took the requests of 2023 only; take those of all three years.",
        },
    ),
):
    """Share of the requests with the character that are truly about refunds."""
    table = tickets()
    if years != "three":
        table = table[table["received_at"].dt.year == years]
    patterns = {"return": "退货", "refund": "退款", "gloss": "refund", "either": "退货|退款"}
    pattern = patterns.get(rule, rule)
    has = table["gloss" if rule == "gloss" else "text"].str.contains(pattern, case=False)
    about = table["filed_under" if label == "filed" else "topic"] == "refund"
    if label == "second":
        about |= table["second_topic"] == "refund"
    both = (has & about).sum()
    return {
        "those picked": both / has.sum(),
        "recall": both / about.sum(),
        "all requests": both / len(table),
        "agree": (has == about).mean(),
        "without a look at the topic": has.mean(),
        "about refunds": about.mean(),
        "count": both,
        "two counts": has.sum() / about.sum(),
        "F1": 2 * both / (has.sum() + about.sum()),
        "without the character": about[~has].mean(),
        "how often": (table["filed_under"] == table["topic"])[has].mean(),
    }[of]


# Standard: an exam by time, and what a chart promises


@cache
def matrix(unit, sizes):
    """Counts of characters or words in every request: made once, for machines are many."""
    counts = CountVectorizer(analyzer="word" if unit == "word" else "char", ngram_range=sizes)
    return counts.fit_transform(tickets()["text"])


def answers_of(X, topics, lessons, a, unit):
    """Topics that a machine says of all requests which knows the words of its lessons alone."""
    X = X[:, np.asarray(X[lessons].sum(axis=0)).ravel() > 0]
    if unit == "tf-idf":
        X = TfidfTransformer().fit(X[lessons]).transform(X)
    return MultinomialNB(alpha=a).fit(X[lessons], topics[lessons]).predict(X)


@cache
def said(learned="before July", label="as filed", sizes=(1, 2), unit="char", a=0.1):
    """Topic of every request, by a machine that has learned from those before a day."""
    table = tickets()
    X, topics = (
        matrix(unit, sizes),
        table["topic" if label == "truth" else "filed_under"].to_numpy(),
    )
    if learned == "at random":
        answers = np.empty(len(table), dtype=object)
        for lessons, asked in KFold(5, shuffle=True, random_state=1).split(topics):
            answers[asked] = answers_of(X, topics, lessons, a, unit)[asked]
        return answers
    day = {"before July": SPLIT, "before 2025": "2025-01-01", "everything": "2026-01-01"}[learned]
    return answers_of(X, topics, (table["received_at"] < day).to_numpy(), a, unit)


def examined(rows):
    """Which requests the machine is asked about."""
    table = tickets()
    early, new = table["received_at"] < SPLIT, table["topic"] == "authenticity"
    return {
        "later, known": ~early & ~new,
        "imitations": ~early,
        "lessons": early & ~new,
        "three years": ~new,
        "2025": (table["received_at"].dt.year == 2025) & ~new,
    }[rows]


def right_in_all(rows):
    """Share of all these requests for which it says the true topic."""
    return (said() == tickets()["topic"])[examined(rows)].mean()


@recipe(
    Values("topics", share=True),
    means=lambda share: (
        f"From {share.min():.0%} ({share.idxmin()}) to {share.max():.0%} ({share.idxmax()}), "
        f"{right_in_all('later, known'):.1%} in all. With the new topic it is "
        f"{right_in_all('imitations'):.1%}: of that the machine cannot know, however well it has "
        "learned."
    ),
    hints=(
        "Which requests does it learn from, which is it asked about, and who says what is right?",
        "The worked example examines such a machine in *Learn from the agents*: its middle column "
        "is the truth, its last the known topics.",
        "Fit on the texts and filed topics before the split; predict the texts after it; drop the "
        "rows whose true topic is the new one; compare the rest with the true topic, and take the "
        "mean of that by true topic.",
    ),
)
def right_share(
    *,
    truth=choose(
        "topic",
        {
            "filed": "You compared with what the agents filed; compare with the true topic.",
            "agents": "You grouped by the true topic, but what the machine says was compared with the "
            "agents' topic; compare with the true one.",
        },
    ),
    rows=choose(
        "later, known",
        {
            "imitations": "The requests about imitations (authenticity) are still among those "
            "examined.",
            "lessons": "You asked about the lessons, which the machine had learned from; take the "
            "time after.",
            "three years": "You examined it on all three years, most of which it had learned from; "
            "take the time after the split.",
            "2025": "You examined it on the whole of 2025; the exam begins on 1 July.",
        },
    ),
    learned=choose(
        "before July",
        {
            "before 2025": "It learned only from what came before 2025, as in the worked example; "
            "here the lessons go on to the end of June.",
            "everything": "It had learned from everything, the exam included; fit it on the texts "
            "before July.",
            "at random": "You split at random; here the lessons come before the exam.",
        },
    ),
    label=choose(
        "as filed",
        {"truth": "It learned the truth, which no firm knows; teach it the topics as filed."},
    ),
    sizes=choose(
        (1, 2),
        {
            (1, 1): "You took single characters, an ngram_range of (1, 1); pairs belong to it, "
            "(1, 2).",
            (
                2,
                2,
            ): "You took pairs only, an ngram_range of (2, 2); single characters belong to it.",
            (1, 3): "You took up to three characters, an ngram_range of (1, 3); it ends at pairs.",
        },
    ),
    a=choose(
        0.1,
        {
            0.3: "Your alpha is 0.3, as in the worked example; here it is 0.1.",
            1.0: "Your alpha is 1.0, what the class takes by itself; here it is 0.1.",
        },
    ),
    unit=choose(
        "char",
        {
            "word": "Without analyzer='char' a word is all between two marks, for Chinese has no "
            "blanks: take characters.",
            "tf-idf": "You weighed by tf-idf; naive Bayes counts, so take plain counts.",
        },
    ),
    measure=choose(
        "recall",
        {
            "wrong": "This is the share said wrongly; one minus it is right.",
            "by what it says": "You grouped by what it says (precision); group by the true topic.",
            "grouped": "You grouped by the filed topic; group by the true one.",
            "often": "This is how often it says each topic; asked is how often it is right.",
            "by hand": "This is the share that was filed right by hand; asked is that of the machine.",
            "balanced": "This is F1, a balanced mean of recall and precision; asked is the share of the "
            "true topic that is found.",
            "count": "This is a count; divide it by the number of requests on the topic.",
            "of all": "You divided by all requests examined; divide by those on the topic.",
        },
    ),
):
    """Share of the requests on each known topic for which it says so, in the second half of 2025."""
    table = tickets().assign(said=said(learned, label, sizes, unit, a))[examined(rows)]
    true = table["filed_under" if truth == "filed" else "topic"]
    right = table["said"] == (table["filed_under"] if truth == "agents" else true)
    found = right.groupby(true).mean()
    if measure == "balanced":
        each = f1_score(true, table["said"], average=None, labels=found.index)
        return pd.Series(each, found.index)
    by_other = {"by what it says": table["said"], "grouped": table["filed_under"]}
    if measure in by_other:
        return right.groupby(by_other[measure]).mean().reindex(found.index)
    count = right.groupby(true).sum()
    if measure == "often":
        return table["said"].value_counts(normalize=True).reindex(found.index, fill_value=0)
    if measure == "by hand":
        return (table["filed_under"] == table["topic"]).groupby(true).mean()
    return {"wrong": 1 - found, "count": count, "of all": count / len(table)}.get(measure, found)


@cache
def chart():
    """The u chart of the set, with each week's requests and refunds."""
    monday = tickets()["received_at"].dt.to_period("W-SUN").dt.start_time
    total = monday.value_counts().reindex(WEEKS)
    filed = monday[tickets()["filed_under"] == "refund"].value_counts().reindex(WEEKS, fill_value=0)
    found = crm.control_limits(filed, total, kind="u", baseline=slice(None, "2024"))
    return found.assign(total=total, filed=filed)


@recipe(
    Number(),
    means=lambda alarms: (
        f"{alarms:.2f} a year for one topic, where the rule of thumb says {51 / 740:.2f}: counts of a "
        "few a week are not bell-shaped, and a limit for the bell lets more of them through."
    ),
    hints=(
        "What is the chance of an alarm in one single week? Every week has its own.",
        "The worked example sums such chances in *Is something going on?*, below its chart.",
        "An alarm is a whole number above high times total. Take its Poisson chance, with mean "
        "centre times total, in each week of the year asked for, and add these chances up.",
    ),
)
def false_alarms(
    *,
    weeks=choose(
        "2025",
        {
            "both years": "You summed both years; asked are the weeks of 2025.",
            "2024": "You summed the weeks of 2024; asked are those of 2025.",
        },
    ),
    chance=choose(
        "above",
        {
            "at the limit": "You counted the whole number at the limit or just below it too: sf(k) "
            "is the chance of more than k, so do not take one off.",
            "next": "You took the next whole number above the limit and then more than that; the "
            "alarms begin with that number.",
            "lower limit": "You added the weeks at or below the lower limit; asked are those above "
            "the upper one.",
            "exactly": "You took the chance of exactly that number (pmf); an alarm is any above it.",
            "within": "You took the chance of staying within the limit (cdf); an alarm is above it.",
            "bell": "You took the bell curve with the chart's own deviation; the count is a Poisson "
            "number.",
            "rule of thumb": "This is the rule of thumb, one in 740; use the Poisson distribution.",
            "binomial": "You took the binomial chance; the set asks for Poisson.",
            "two sides": "This is one in 370, the bell's two sides; take Poisson, above the limit.",
            "seen": "You counted the alarms that were seen; asked is how many to expect.",
        },
    ),
    unit=choose(
        "counts",
        {
            "rates": "These are rates; times the week's requests they become counts.",
            "limit as a rate": "You left the limit as a rate and compared counts with it; times the "
            "week's requests it becomes a count.",
            "average week": "You took one average week for all; each week has its own total.",
        },
    ),
    limit=choose(
        "high",
        {
            "two deviations": "Your limit is at two deviations; high is at three.",
            "centre": "You took the chance to be above the centre; the limit is high.",
        },
    ),
    mean=choose(
        "centre",
        {
            "own": "Your mean comes from the year's own refunds; if nothing has changed, it is the "
            "centre of 2024, times total.",
            "observed": "Your Poisson mean is the count observed in the week; if nothing has "
            "changed, it is centre times total.",
        },
    ),
    told_as=choose(
        "sum",
        {
            "mean": "This is the mean chance of a week; sum over the weeks.",
            "at least one": "This is the chance of at least one alarm in the year; asked is the "
            "expected number, the sum.",
        },
    ),
):
    """Expected number of weeks of 2025 over the limit if nothing has changed."""
    rows = chart() if weeks == "both years" else chart().loc[weeks]
    n = {"rates": 1, "average week": rows["total"].mean()}.get(unit, rows["total"])
    high_n = 1 if unit == "limit as a rate" else n
    centre = rows["centre"]
    highs = {"high": rows["high"], "centre": centre}
    highs["two deviations"] = centre + 2 * np.sqrt(centre / rows["total"])
    border = np.floor(highs[limit] * high_n)
    own = rows["filed"].sum() / rows["total"].sum()
    expected = {"observed": rows["value"], "own": own}.get(mean, centre) * n
    each = {
        "above": lambda: poisson.sf(border, expected),
        "at the limit": lambda: poisson.sf(border - 1, expected),
        "next": lambda: poisson.sf(border + 1, expected),
        "lower limit": lambda: (
            poisson.sf(border, expected) + poisson.cdf(rows["low"] * n, expected)
        ),
        "exactly": lambda: poisson.pmf(border, expected),
        "within": lambda: poisson.cdf(border, expected),
        "binomial": lambda: binom.sf(border, rows["total"], centre),
        "bell": lambda: norm.sf((highs[limit] * n - expected) / np.sqrt(expected)),
        "rule of thumb": lambda: np.full(len(rows), 1 / 740),
        "two sides": lambda: np.full(len(rows), 1 / 370),
        "seen": lambda: rows["outside"].to_numpy(dtype=float),
    }[chance]()
    return {"sum": each.sum(), "mean": each.mean(), "at least one": 1 - np.prod(1 - each)}[told_as]


# Transfer: reviews of products


@recipe(
    Values("words"),
    means=lambda lift: (
        f"'{lift.idxmax()}' raises a sentence most ({lift.max():+.2f}), '{lift.idxmin()}' lowers it "
        f"most ({lift.min():+.2f}). A word says something of its sentence, and not all: 'worked' may "
        "have a 'never' before it."
    ),
    hints=(
        "Two means for each word: one over which sentences, less one over which?",
        "The worked example weighs words like this in *How much can be read from a sentence?*, at "
        "its end; there it divides by more than the number of sentences.",
        "For each word mark the sentences that hold it as a whole word, take the mean rating of "
        "these, and take off the mean rating of all 1,251.",
    ),
)
def word_lift(
    *,
    found=choose(
        "whole words",
        {
            "inside": "You found the word inside others too, 'but' in 'button': put \\b on both "
            "sides.",
            "blanks": "You looked for the word between blanks, and missed it before a comma or a "
            "full stop: \\b knows these edges.",
            "front": "You have an edge in front only, so that 'but' is found in 'button': put \\b on "
            "both sides.",
            "behind": "You have an edge behind the word only; put \\b on both sides.",
            "spaces": "You looked for spaces around the word, and missed it where a sentence begins or "
            "ends, and before a comma: \\b knows these edges.",
            "backspace": "Every word is NaN: without r before the quotes, \\b is a backspace and no "
            "edge.",
            "first": "You looked at the first word of each sentence; it may stand anywhere.",
        },
    ),
    less=choose(
        "all",
        {
            "without it": "You compared with the sentences without it; compare with all.",
            "nothing": "You took nothing off: these are the mean ratings; take off that of all.",
            "median of all": "You took off the median of all sentences; take off their mean.",
            "the seven": "You took off the mean over the seven words' sentences; take off that of "
            "all sentences.",
            "reviews": "You took off the mean of the reviews' means; every sentence counts once.",
        },
    ),
    measure=choose(
        "mean",
        {
            "median": "You took the median rating with the word; take the mean.",
            "n + 5": "You divided by n + 5, as the worked example does for rare words; here it is "
            "the plain mean.",
            "occurrences": "You counted each of its occurrences; a sentence counts once.",
            "ratio": "This is the ratio to the mean of all; take that mean off.",
            "sum": "You took the sum of the ratings; take their mean.",
            "share": "You took the share of sentences with a good rating, above 0; take the mean "
            "rating.",
            "deviations": "You divided by the standard deviation; give deviations from the mean in "
            "points.",
        },
    ),
    rows=choose(
        "sentences",
        {
            "whole reviews": "You took all sentences of the reviews with the word, whole reviews; "
            "take the sentences that hold it."
        },
    ),
):
    """Mean rating of the sentences that hold each word, less that of all."""
    table = reviews()
    patterns = {"inside": "{}", "blanks": r"(?:^| ){}(?= |$)", "front": r"\b{}", "first": r"^{}\b"}
    patterns |= {"behind": r"{}\b", "spaces": " {} "}
    patterns["backspace"] = "\b{}\b"
    pattern = patterns.get(found, r"\b{}\b")
    holds = {w: table["text"].str.contains(pattern.format(w), case=False) for w in WORDS}
    if rows == "whole reviews":
        holds = {w: has.groupby(table["review"]).transform("any") for w, has in holds.items()}
    any_of_them = np.any(list(holds.values()), axis=0)
    rating = table["rating"]
    counts = {w: table["text"].str.count(pattern.format(w)) for w in WORDS}
    out = {}
    for word, has in holds.items():
        base = {
            "all": rating.mean(),
            "without it": rating[~has].mean(),
            "nothing": 0,
            "median of all": rating.median(),
            "the seven": rating[any_of_them].mean(),
            "reviews": rating.groupby(table["review"]).mean().mean(),
        }[less]
        with_it = rating[has]
        out[word] = {
            "mean": with_it.mean() - base,
            "median": with_it.median() - base,
            "n + 5": (with_it - base).sum() / (len(with_it) + 5),
            "occurrences": np.average(rating, weights=counts[word] + 1e-12) - base,
            "ratio": with_it.mean() / rating.mean(),
            "sum": with_it.sum() - base,
            "share": (with_it > 0).mean() - (rating > 0).mean(),
            "deviations": (with_it.mean() - base) / rating.std(),
        }[measure]
    return pd.Series(out)


@cache
def words():
    """Counts of words in every sentence, made once, for models are many."""
    return CountVectorizer().fit_transform(reviews()["text"])


def guess_of(lessons, asked, count, rare, alpha):
    """Ratings of the sentences asked about, by a model that knows the words of its lessons alone."""
    X, rating = words(), reviews()["rating"].to_numpy()
    known = X if count == "fitted before" else X[lessons]
    wanted = np.asarray((known > 0).sum(axis=0)).ravel() >= rare
    X, known = X[:, wanted].astype(float), known[:, wanted].astype(float)
    if count != "counts":
        X = TfidfTransformer().fit(known).transform(X)
    return Ridge(alpha=alpha).fit(X[lessons], rating[lessons]).predict(X[asked])


@cache
def guesses(seen="never", folds=5, count="tf-idf", rare=2, alpha=1.0):
    """Rating of every sentence, guessed by a model that has seen its review, or has not."""
    groups, guess = reviews()["review"], np.empty(len(reviews()))
    if seen == "all":
        return guess_of(groups.index, groups.index, count, rare, alpha)
    seeds = {"mixed": 1, 0: 0, 42: 42}
    if seen in seeds:
        split = KFold(folds, shuffle=True, random_state=seeds[seen])
    else:
        split = KFold(folds) if seen == "blocks" else GroupKFold(folds)
    for lessons, asked in split.split(guess, groups=groups):
        guess[asked] = guess_of(lessons, asked, count, rare, alpha)
    return guess


def correlation(guess):
    return np.corrcoef(guess, reviews()["rating"])[0, 1]


def by_fold(measure, guess, folds):
    """Mean of a measure over the folds, each for itself."""
    split = GroupKFold(folds).split(reviews(), groups=reviews()["review"])
    return np.mean([measure(reviews()["rating"].iloc[i], guess[i]) for _, i in split])


def of_reviews(guess):
    """Correlation of the reviews' means."""
    means = reviews().assign(guess=guess).groupby("review")[["guess", "rating"]].mean()
    return means["guess"].corr(means["rating"])


@recipe(
    Number(digits=4),
    means=lambda r: (
        f"{r:.2f} on reviews not seen, {correlation(guesses(seen='all')):.2f} on those it had learned "
        "from: the second is what a demonstration shows."
    ),
    hints=(
        "What must a model not have read before it guesses a sentence?",
        "The worked example keeps complaints of one kind together in the same way, in *An exam with "
        "known questions*.",
        "Folds by review, so that each guess comes from a model that has not read that review; then "
        "one correlation over all sentences.",
    ),
)
def honest_r(
    *,
    seen=choose(
        "never",
        {
            "all": "The model had seen all the sentences it was asked about; use "
            "cross_val_predict.",
            "blocks": "Without groups the folds are five blocks of rows, whatever the review; keep "
            "reviews together by GroupKFold.",
            "mixed": "You mixed the sentences, so that it had read others of the same review; keep "
            "reviews together by GroupKFold.",
            0: "KFold with shuffle and random_state=0 mixed the sentences; keep reviews together by "
            "GroupKFold.",
            42: "KFold with shuffle and random_state=42 mixed the sentences; keep reviews together by "
            "GroupKFold.",
        },
    ),
    folds=choose(5, {3: "You made 3 folds; make 5.", 10: "You made 10 folds; make 5."}),
    count=choose(
        "tf-idf",
        {
            "counts": "You took plain counts of words; weigh them by tf-idf.",
            "fitted before": "You fitted tf-idf to all sentences before you split them; in the pipeline "
            "it learns from the lessons alone.",
        },
    ),
    rare=choose(2, {1: "You kept words that occur only 1 time; min_df=2 leaves them out."}),
    alpha=choose(1.0, {0.1: "Your alpha is 0.1; take 1.0."}),
    measure=choose(
        "correlation",
        {
            "square": "This is the square of the correlation; give the correlation itself.",
            "R2": "This is R2, the share of variance explained; the correlation is wanted.",
            "absolute error": "This is the mean absolute error in points; the correlation is wanted.",
            "root": "This is the root of the mean squared error; the correlation is wanted.",
            "ranks": "You correlated ranks (Spearman); take the plain correlation.",
            "by fold": "This is the mean of the folds' correlations; take one by all sentences, not "
            "fold by fold.",
            "review means": "You correlated the means of the reviews; every sentence counts.",
            "score": "This is the mean score (R2) of cross_val_score; take one correlation of the "
            "guesses.",
            "covariance": "This is the covariance; divide by both standard deviations.",
        },
    ),
):
    """Correlation of guessed and true rating, each review guessed by a model that has not seen it."""
    guess, true = guesses(seen, folds, count, rare, alpha), reviews()["rating"].to_numpy()
    error = guess - true
    return {
        "correlation": lambda: correlation(guess),
        "square": lambda: correlation(guess) ** 2,
        "R2": lambda: 1 - (error**2).mean() / true.var(),
        "absolute error": lambda: np.abs(error).mean(),
        "root": lambda: np.sqrt((error**2).mean()),
        "ranks": lambda: pd.Series(guess).corr(pd.Series(true), method="spearman"),
        "by fold": lambda: by_fold(lambda x, y: np.corrcoef(x, y)[0, 1], guess, folds),
        "score": lambda: by_fold(r2_score, guess, folds),
        "review means": lambda: of_reviews(guess),
        "covariance": lambda: np.cov(guess, true)[0, 1],
    }[measure]()
