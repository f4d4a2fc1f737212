"""Feedback for exercises 4.4, needs and positions."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

table = cache(crm.load)


# Warm-up: which kind is likelier?


SHARES = {"given": (0.72, 0.28), "equal": (0.5, 0.5), "swapped": (0.28, 0.72)}
LARGE, SMALL = (0.29, 0.67, 0.65, 0.87), (0.01, 0.06, 0.07, 0.23)
PATTERNS = {
    "asked": (0, 1, 0, 0),
    "reversed": (0, 0, 1, 0),
    "all yes": (1, 1, 1, 1),
    "all no": (0, 0, 0, 0),
    "codes": (1, 0, 1, 1),
}


@recipe(
    Number(share=True, digits=4),
    means=lambda chance: (
        f"{chance:.0%}: nearly even, though the large kind is so much larger. Three times no is what "
        "one expects of the small kind."
    ),
    hints=(
        "How likely is the pattern in each of the two kinds, and how many are there of each?",
        "The section of the example on kinds behind the answers has the chance of a pattern.",
        "For each kind multiply its share, the chance of each yes and the chance of each no; then "
        "take the product of the large kind over the sum of the two.",
    ),
)
def large_kind(
    *,
    shares=choose(
        "given",
        {
            "equal": "You took equal shares of the two kinds; the large one has 0.72.",
            "swapped": "You swapped the shares: 0.72 is the large kind's.",
        },
    ),
    pattern=choose(
        "asked",
        {
            "reversed": "You read the pattern in reversed order; the yes is the second answer.",
            "all yes": "You multiplied as if all four were yes.",
            "all no": "You multiplied as if all four were no; one is different.",
            "codes": "You swapped the codes: p is the chance of a yes, and three answers are no.",
        },
    ),
    answers=choose(
        "all",
        {
            "yes only": "You multiplied the chances of the yes only; the others count too, by 1 - p.",
            "no only": "You multiplied the chances of the no only; the other answer counts too.",
            "first three": "You used the first three answers and left out the fourth.",
            "first two": "You used the first two answers and left out the rest.",
            "added": "You added the chances of the answers up; independent answers multiply.",
        },
    ),
    result=choose(
        "posterior",
        {
            "joint": "This is the joint chance of kind and pattern; divide it by that of the pattern.",
            "likelihood": "This is the likelihood, the pattern's chance in the large kind; asked is "
            "the kind's chance, given the pattern.",
            "in the small kind": "This is the pattern's chance in the small kind.",
            "joint small": "This is the joint chance of the small kind with the pattern.",
            "pattern": "This is the chance of the pattern in all; it goes below the line.",
            "odds": "These are the odds, large against small; give a chance.",
            "ratio": "This is the ratio of the two likelihoods; give a chance.",
            "logarithm": "This is the logarithm of the odds; give a chance.",
            "of people": "This is the number of people, of 216; give a chance.",
            "divided the likelihood": "You divided the likelihood by the chance of the pattern, "
            "and left the share of the kind out above the line.",
            "difference": "This is the difference of the two products; take the one over their sum.",
            "before anyone": "This is the share of the kind before anyone was asked.",
            "geometric mean": "You took the geometric mean of the answers' chances; multiply them.",
        },
    ),
):
    """Chance of the large kind, given the pattern."""
    one, two = SHARES[shares]
    a, b = (_pattern(p, PATTERNS[pattern], answers) for p in (LARGE, SMALL))
    joint, other = one * a, two * b
    root = one * a**0.25, two * b**0.25
    return {
        "posterior": joint / (joint + other),
        "joint": joint,
        "likelihood": a,
        "in the small kind": b,
        "joint small": other,
        "pattern": joint + other,
        "odds": joint / other,
        "ratio": a / b,
        "logarithm": np.log(joint / other),
        "of people": 216 * (joint + other),
        "divided the likelihood": a / (joint + other),
        "difference": joint - other,
        "before anyone": one,
        "geometric mean": root[0] / sum(root),
    }[result]


def _pattern(p, pattern, answers):
    """The chance of a pattern of answers, and what is often taken for it."""
    p, x = np.array(p), np.array(pattern) == 1
    each = np.where(x, p, 1 - p)
    return {
        "all": lambda: each.prod(),
        "yes only": lambda: p[x].prod(),
        "no only": lambda: (1 - p)[~x].prod(),
        "first three": lambda: each[:3].prod(),
        "first two": lambda: each[:2].prod(),
        "added": lambda: each.sum(),
    }[answers]()


# Standard: who leads among those who know both?


@recipe(
    Number(digits=4),
    means=lambda lead: (
        f"{lead:+.2f} points, by the same people. They use the scale in the same way for both "
        "brands; to compare means of different people adds their differences to the doubt."
    ),
    hints=(
        "Who has rated both brands?",
        "The section of the example on the middle of the map takes our mean less a rival's; here "
        "each person is compared with herself.",
        "Bring the ratings of the word into one column a brand and one row a customer, keep the "
        "rows with both, and take the mean of the differences.",
    ),
)
def paired_lead(
    *,
    rows=choose(
        "both",
        {
            "each brand's own": "You compared each brand's own raters; only those who rated both "
            "count.",
            "all four": "You kept those who rated all four brands; both is enough.",
            "only these two": "You kept those who know only these two brands; both is enough.",
            "unknown is 0": "You wrote that an unknown rival is 0; leave the customer out.",
            "unknown is 4": "You wrote that an unknown rival is 4, the middle; leave the customer out.",
            "no ties": "You left out the ties; equal ratings are a difference of 0.",
            "first half": "You kept the first half of the customers; all who rated both count.",
        },
    ),
    rival=choose(
        "Yunling Herbal",
        {
            "Green Stem": "You compared with Green Stem; asked is Yunling Herbal.",
            "Orchid Lab": "You compared with Orchid Lab; asked is Yunling Herbal.",
            "mean of rivals": "You compared with the mean of the rivals that she rated; asked is "
            "Yunling Herbal.",
            "best rival": "You compared with the best rival of each person; asked is Yunling Herbal.",
        },
    ),
    word=choose(
        "effective",
        {
            "natural": "You took the word natural; asked is effective.",
            "service": "You took service; asked is effective.",
            "suits_presents": "You took suits_presents; asked is effective.",
            "modern": "You took modern; asked is effective.",
            "all words": "You took the mean of all words; asked is effective.",
        },
    ),
    measure=choose(
        "mean",
        {
            "median": "This is the median of the differences; asked is the mean.",
            "higher": "This is the share who rate us higher; asked is a mean of points.",
            "higher of all": "You counted those who rate us higher, of all raters; asked is a mean.",
            "not lower": "This is the share who rate us not lower; asked is a mean of points.",
            "correlation": "This is the correlation of the two ratings; asked is a mean difference.",
            "less all brands": "You took our mean less all brands' mean; take Yunling Herbal's off.",
            "lower": "This is the share who rate us lower; asked is a mean of points.",
            "net": "This is the net share, higher less lower; asked is a mean of points.",
            "ticks": "You compared sixes and sevens as ticks; take the points.",
            "sum": "This is the sum of the differences; asked is the mean.",
            "deviation": "This is the standard deviation of the differences; asked is the mean.",
            "standardised": "You standardised, by the spread of the differences; give points.",
            "its error": "You divided by its error (a t value); give points.",
            "absolute": "You took the absolute size of each difference; leave the sign.",
            "ratio": "This is the ratio of the two means; asked is the difference.",
            "in percent": "You took the difference in percent of the rival's mean; give points.",
            "of all raters": "You divided the sum by all raters; divide by those who rated both.",
            "rows of the table": "You divided the sum by the rows of the table; divide by customers.",
            "at least equal": "You counted at least equal ones, of all raters; asked is a mean.",
            "ours": "This is ours alone, without the rival's mean taken off.",
            "theirs": "This is their mean; asked is ours less theirs.",
            "rescaled": "You rescaled, by 6, the length of the scale; give points.",
            "log": "You took logarithms first; give points.",
        },
    ),
):
    """Mean difference, Shihu less a rival, by the same customers."""
    return _leads(rows, rival, word)[measure]()


@cache
def _ratings(word):
    """One row a customer, one column a brand."""
    rated = table("shihu/brands")
    words = [c for c in rated if c not in ("customer_id", "brand")]
    rated = rated.assign(**{"all words": rated[words].mean(axis=1)})
    return rated.pivot(index="customer_id", columns="brand", values=word).astype(float)


@cache
def _leads(rows, rival, word):
    """What is asked, and what is often given, from one pair of columns."""
    by = _ratings(word)
    us, others = by["Shihu Garden"], by.drop(columns="Shihu Garden")
    them = {
        "mean of rivals": others.mean(axis=1),
        "best rival": others.max(axis=1),
    }.get(rival, others.get(rival, us))
    keep = {
        "all four": by.notna().all(axis=1),
        "only these two": them.notna() & (others.notna().sum(axis=1) == 1),
        "no ties": them.notna() & (us != them),
        "first half": them.notna() & (np.arange(len(us)) < 210),
    }.get(rows, them.notna())
    if rows.startswith("unknown"):
        them, keep = them.fillna(float(rows[-1])), us.notna()
    ours = us if rows == "each brand's own" else us[keep]
    them = them[keep]
    d = (us[keep] - them).to_numpy()
    centre = ours.mean() - them.mean()
    return {
        "mean": lambda: centre,
        "median": lambda: np.median(d),
        "higher": lambda: (d > 0).mean(),
        "higher of all": lambda: (d > 0).sum() / len(us),
        "not lower": lambda: (d >= 0).mean(),
        "correlation": lambda: np.corrcoef(us[keep], them)[0, 1],
        "less all brands": lambda: ours.mean() - np.nanmean(by.to_numpy()),
        "lower": lambda: (d < 0).mean(),
        "net": lambda: np.sign(d).mean(),
        "ticks": lambda: (ours >= 6).mean() - (them >= 6).mean(),
        "sum": lambda: centre * len(d),
        "deviation": lambda: d.std(ddof=1),
        "standardised": lambda: centre / d.std(ddof=1),
        "its error": lambda: centre / (d.std(ddof=1) / np.sqrt(len(d))),
        "absolute": lambda: abs(d).mean(),
        "ratio": lambda: ours.mean() / them.mean(),
        "in percent": lambda: 100 * centre / them.mean(),
        "of all raters": lambda: centre * len(d) / len(us),
        "rows of the table": lambda: centre * len(d) / by.count().sum(),
        "at least equal": lambda: (d >= 0).sum() / len(us),
        "ours": lambda: ours.mean(),
        "theirs": lambda: them.mean(),
        "rescaled": lambda: centre / 6,
        "log": lambda: np.log(ours).mean() - np.log(them.clip(lower=1)).mean(),
    }


# Standard: a ranking under all whole percentages


POINTS = pd.DataFrame(
    {
        "market": [4.0, 3.09, 2.21, 1.0],
        "position": [1.63, 4.0, 2.57, 3.59],
        "margin": [2.71, 1.0, 4.0, 3.41],
    },
    ["tea", "fresh stems", "presents", "growing"],
)


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"Tea is first with {share:.0%} of the sets; each of the four options is first with some of "
        "them. Here the weights decide, and the table alone decides nothing."
    ),
    hints=(
        "How many sets of three whole percentages add up to 100?",
        "The section of the example on other weights draws sets at random; here you can list all.",
        "Make every market and position from 0 to 100 whose sum is at most 100, the rest is "
        "margin; multiply with the points; count the sets in which tea has more points than each "
        "other option, and divide by the number of sets.",
    ),
)
def tea_first(
    *,
    sets=choose(
        "all",
        {
            "with a zero": "You left out the sets with a zero; a weight may be 0.",
            "steps of 10": "You took steps of 10 per cent; take every whole percentage.",
            "any sum": "You took sets of any sum; the three weights add up to 100.",
            "market weighs most": "You kept the sets in which market weighs most; take all.",
            "above half": "You kept the sets in which no weight is above half; take all.",
            "one criterion": "You left one criterion out, margin; all three get weights.",
            "sorted": "You kept only sorted sets, market before position before margin; take all.",
        },
    ),
    points=choose(
        "given",
        {
            "ranks": "You turned the points into ranks; take the points.",
            "ranks, ties": "You turned the points into ranks, with ties counted for it; take the "
            "points.",
            "stretched": "You stretched each column from 1 to 4 first; take the points as they are.",
            "standardised": "You standardised each column first; take the points as they are.",
            "squared": "You squared the points; take them as they are.",
        },
    ),
    who=choose(
        "tea",
        {
            "fresh stems": "You counted fresh stems; asked is tea.",
            "presents": "You counted presents; asked is tea.",
            "growing": "You counted growing; asked is tea.",
        },
    ),
    event=choose(
        "first",
        {
            "not last": "You counted the sets in which it is not last; it must be first.",
            "last": "You counted the sets in which it is last; it must be first.",
            "first two": "You counted the sets in which it is among the first two.",
            "second": "You counted the sets in which it is second.",
            "above the mean": "You counted the sets in which it is above the mean of the four.",
            "fresh stems only": "You compared with fresh stems only; it must beat each of them.",
            "presents only": "You compared with presents only; it must beat each of them.",
            "number": "This is the number of sets; give a share.",
            "mean points": "This is its mean of the points; asked is how often it is first.",
            "mean lead": "This is the mean lead in points; asked is how often it is first.",
            "all 101": "You divided by all 101 x 101 pairs; divide by the sets that sum to 100.",
        },
    ),
):
    """Share of all sets of weights in which an option has the most points."""
    return _events(sets, points, who)[event]


@cache
def _sets(sets):
    """Weights of market, position and margin, in shares."""
    step = 10 if sets == "steps of 10" else 1
    if sets == "any sum":
        step = 4
    a, b, c = (g.ravel() for g in np.meshgrid(*[np.arange(0, 101, step)] * 3, indexing="ij"))
    keep = a + b + c == 100
    if sets == "any sum":
        keep = a + b + c > 0
    keep &= {
        "with a zero": (a > 0) & (b > 0) & (c > 0),
        "market weighs most": (a > b) & (a > c),
        "above half": (a <= 50) & (b <= 50) & (c <= 50),
        "one criterion": c == 0,
        "sorted": (a >= b) & (b >= c),
    }.get(sets, a >= 0)
    return np.column_stack([a, b, c])[keep] / 100


@cache
def _events(sets, points, who):
    """How often things happen to one option, over all sets."""
    t = {
        "given": POINTS,
        "ranks": POINTS.rank(),
        "ranks, ties": POINTS.rank() + 1e-6 * (POINTS.index == who)[:, None],
        "stretched": 1 + 3 * (POINTS - POINTS.min()) / (POINTS.max() - POINTS.min()),
        "standardised": (POINTS - POINTS.mean()) / POINTS.std(),
        "squared": POINTS**2,
    }[points]
    w = _sets(sets)
    scores = (w @ t.to_numpy().T).round(9)
    mine = scores[:, t.index.get_loc(who)]
    rest = np.delete(scores, t.index.get_loc(who), axis=1)
    beaten = (mine[:, None] > rest).sum(axis=1)
    fresh = scores[:, 1] if who != "fresh stems" else scores[:, 0]
    other = scores[:, 2] if who != "presents" else scores[:, 3]
    return {
        "first": (beaten == 3).mean(),
        "not last": (beaten > 0).mean(),
        "last": (mine[:, None] < rest).all(axis=1).mean(),
        "first two": (beaten >= 2).mean(),
        "second": (beaten == 2).mean(),
        "above the mean": (mine > scores.mean(axis=1)).mean(),
        "fresh stems only": (mine > fresh).mean(),
        "presents only": (mine > other).mean(),
        "number": float((beaten == 3).sum()),
        "mean points": mine.mean(),
        "mean lead": (mine - rest.max(axis=1)).mean(),
        "all 101": (beaten == 3).sum() / 101**2,
    }


# Transfer: kinds of housing on a map


@recipe(
    Number(digits=4),
    means=lambda far: (
        f"Towers stand {far:.3f} from the middle, by the profile of their answers. More of their "
        "residents are satisfied than on average; the distance alone does not say so."
    ),
    hints=(
        "How many residents does a row stand for?",
        "The section of the example on the map compares each brand's profile with the average one; "
        "the distance from the middle is taken over all axes.",
        "Sum freq by type and satisfaction; divide each row by its sum, and the sums of the columns "
        "by the total; square the differences, divide by the average profile, add up, take the root.",
    ),
)
def tower_distance(
    *,
    counts=choose(
        "residents",
        {
            "low contact": "You kept low contact only; all residents count.",
            "high contact": "You kept high contact only; all residents count.",
            "contact": "You crossed type with contact; asked is satisfaction.",
            "influence": "You crossed type with influence; asked is satisfaction.",
            "Medium": "You left out the answer Medium; all three count.",
            "joined": "You joined Low and Medium into one; keep the three apart.",
            "rows": "You counted rows of the table, which are as many for each type and answer; "
            "add up `freq`.",
        },
    ),
    type=choose(
        "Tower",
        {
            "Apartment": "You took the row Apartment; asked is Tower.",
            "Atrium": "You took the row Atrium; asked is Tower.",
            "Terrace": "You took the row Terrace; asked is Tower.",
        },
    ),
    against=choose(
        "average",
        {
            "same weight": "You gave each type the same weight in the average; the average profile "
            "is that of all residents.",
            "equal answers": "You compared with equal answers, a third each.",
            "others": "You compared with the other types' profile; the average holds all.",
        },
    ),
    measure=choose(
        "distance",
        {
            "no root": "You forgot the root: this is the squared distance.",
            "plain": "You took the plain distance; each difference squared is divided by the average "
            "profile.",
            "by its own": "You divided by its own profile; divide by the average one.",
            "absolute": "You added absolute differences; square them and divide.",
            "first axis": "You took the first axis only; all axes count.",
            "second axis": "You took the second axis only; all axes count.",
            "inertia": "This is its part of the inertia; asked is a distance.",
            "live in towers": "You took the shares of each answer that live in towers; take the "
            "profile of "
            "the type, its shares of answers.",
            "residents": "You compared residents with their mean; compare shares.",
            "share of the first": "This is the share of the first axis in the inertia; asked is a "
            "distance.",
            "column": "You took the place of the column High; asked is the row Tower.",
            "numbers": "You divided by the numbers of residents; divide by the average profile.",
            "its mass": "You weighed the square by its mass before the root; asked is the distance.",
            "whole inertia": "This is the inertia of the whole table; asked is one row's distance.",
            "chi-square": "This is the row's part of chi-square, in residents.",
            "root of inertia": "This is the root of the whole inertia; asked is one row's distance.",
            "largest": "This is the largest difference of the profile; asked is the distance.",
            "satisfied": "This is the share of the satisfied; asked is the distance.",
            "correlation": "You took the root of the first part of the inertia, a correlation.",
            "mean square": "You divided by the number of answers, a mean square; add them up.",
            "coordinates": "You added the coordinates of the axes; square, add, take the root.",
        },
    ),
):
    """Chi-square distance of a type's profile from the average profile."""
    return _distances(counts, type, against)[measure]()


@cache
def _housing(counts):
    homes = table("housing")
    if counts in ("low contact", "high contact"):
        homes = homes[homes["contact"].str.lower() == counts.split()[0]]
    if counts == "Medium":
        homes = homes[homes["satisfaction"] != "Medium"]
    what = counts if counts in ("contact", "influence") else "satisfaction"
    if counts == "rows":
        homes = homes.assign(freq=1)
    crossed = homes.pivot_table(index="type", columns=what, values="freq", aggfunc="sum")
    crossed = crossed.astype(float)
    if counts == "joined":
        crossed = pd.DataFrame(
            {"High": crossed["High"], "less": crossed["Low"] + crossed["Medium"]}
        )
    return crossed


@cache
def _distances(counts, type, against):
    """The distance, and what is often taken for it."""
    t = _housing(counts)
    total, row = t.to_numpy().sum(), t.loc[type]
    own, shares = row / row.sum(), t.div(t.sum(axis=1), axis=0)
    other = {
        "average": t.sum() / total,
        "same weight": shares.mean(),
        "equal answers": pd.Series(1 / t.shape[1], t.columns),
        "others": t.drop(type).sum() / t.drop(type).to_numpy().sum(),
    }[against]
    d = own - other
    square = (d**2 / other).sum()
    found = crm.correspondence(t)
    place = found.rows_.loc[type].to_numpy()
    return {
        "distance": lambda: np.sqrt(square),
        "no root": lambda: square,
        "plain": lambda: np.sqrt((d**2).sum()),
        "by its own": lambda: np.sqrt((d**2 / own).sum()),
        "absolute": lambda: abs(d).sum(),
        "first axis": lambda: abs(place[0]),
        "second axis": lambda: abs(place[-1]),
        "inertia": lambda: row.sum() / total * square,
        "live in towers": lambda: np.sqrt(((row / t.sum() - row.sum() / total) ** 2).sum()),
        "residents": lambda: np.sqrt(((row - t.mean()) ** 2).sum()),
        "share of the first": lambda: found.inertia_.iloc[0] / found.inertia_.sum(),
        "column": lambda: np.sqrt((found.columns_.iloc[0] ** 2).sum()),
        "numbers": lambda: np.sqrt((d**2 / t.sum()).sum()),
        "its mass": lambda: np.sqrt(row.sum() / total * square),
        "whole inertia": lambda: found.inertia_.sum(),
        "chi-square": lambda: row.sum() * square,
        "root of inertia": lambda: np.sqrt(found.inertia_.sum()),
        "largest": lambda: abs(d).max(),
        "satisfied": lambda: own.get("High", own.iloc[0]),
        "correlation": lambda: np.sqrt(found.inertia_.iloc[0]),
        "mean square": lambda: np.sqrt(square / t.shape[1]),
        "coordinates": lambda: abs(place.sum()),
    }
