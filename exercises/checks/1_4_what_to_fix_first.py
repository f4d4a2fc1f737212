"""Feedback for exercises 1.4, what should we fix first."""

from functools import cache
from itertools import permutations

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

PARTS = ["product", "service", "economics", "image"]
CONSTRUCTS = [
    "image", "expectations", "quality", "value", "satisfaction", "complaints", "loyalty"
]  # fmt: skip
ITEMS_OF = {c: 3 for c in CONSTRUCTS} | {"quality": 4, "value": 2, "complaints": 2}
MEASURES = {c: [f"{c}_{i + 1}" for i in range(n)] for c, n in ITEMS_OF.items()}
ITEMS = [item for block in MEASURES.values() for item in block]
CAUSES = ["hour", "distance", "items"]

table = cache(crm.load)


# What the tasks share: ways to divide what a regression explains


def r_squared(X, y, intercept=True):
    """R² of a regression of y on the columns of X."""
    if X.shape[1] == 0:
        return 0.0
    A = np.column_stack([np.ones(len(X)), X]) if intercept else X.to_numpy()
    left = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    total = y - y.mean() if intercept else y
    return 1 - (left**2).sum() / (total**2).sum()


def adjusted(X, y):
    n, k = X.shape
    return 1 - (1 - r_squared(X, y)) * (n - 1) / (n - k - 1)


def weights(X, y):
    """Regression weights of standardised columns."""
    return pd.Series(np.linalg.solve(X.corr(), X.corrwith(y)), X.columns)


def slopes(X, y):
    """Slopes in units of y per unit of each column."""
    A = np.column_stack([np.ones(len(X)), X])
    return pd.Series(np.linalg.lstsq(A, y, rcond=None)[0][1:], X.columns)


def last(R):
    """R² that each driver adds when it comes last, from the same correlations."""
    inverse = np.linalg.inv(R[:-1, :-1])
    return (inverse @ R[:-1, -1]) ** 2 / np.diag(inverse)


def divided(X, y, how="LMG", to_one=True):
    shares = {
        "LMG": crm.importance,
        "Johnson": lambda X, y: crm.importance(X, y, method="johnson"),
        "squared correlations": lambda X, y: X.corrwith(y) ** 2,
        "correlations": lambda X, y: abs(X.corrwith(y)),
        "weights": lambda X, y: abs(weights(X, y)),
        "slopes": lambda X, y: abs(slopes(X, y)),
        "correlations, signs kept": lambda X, y: X.corrwith(y),
        "weights, signs kept": weights,
        "slopes, signs kept": slopes,
        "times": lambda X, y: weights(X, y) * X.corrwith(y),
        "added last": lambda X, y: pd.Series(last(X.assign(y=y).corr().to_numpy()), X.columns),
    }[how](X, y)
    return shares / shares.sum() if to_one else shares


# Warm-up: what service adds when it comes last


@cache
def retailers():
    """Mean rating of each part, and the overall rating."""
    survey = table("shihu/retailer_survey")
    parts = {p: survey.filter(regex=f"^{p}_").astype(float).mean(axis=1) for p in PARTS}
    rated = pd.DataFrame(parts).assign(overall=survey["overall"].astype(float)).dropna()
    return rated.drop(columns="overall"), rated["overall"]


def added(X, y, part, place="last"):
    if place == "every order":
        return crm.importance(X, y)[part]
    before = {"last": X.drop(columns=part), "first": X[[]], "second": X[["product"]]}[place]
    return r_squared(before.assign(part=X[part]), y) - r_squared(before, y)


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"Last, service adds {share:.3f} to an R² of {r_squared(*retailers()):.3f}; first, it would "
        f"add {added(*retailers(), 'service', 'first'):.3f}. The rest is credit that it shares with "
        "the others."
    ),
    hints=(
        "Two regressions: what must differ between them, and what must not?",
        "The worked example lets drivers enter first, then last, in *Who gets the credit? Ask in "
        "every order*.",
        "The R² of the regression on all four parts, less the R² of the one without service.",
    ),
)
def warm_up(
    *,
    part=choose(
        "service",
        {
            "product": "You let product come last; asked is what service adds.",
            "economics": "You let economics come last; asked is what service adds.",
            "image": "You let image come last; asked is what service adds.",
        },
    ),
    place=choose(
        "last",
        {
            "first": "This is what it adds when it comes first, its squared correlation.",
            "second": "You let it enter second, after product alone; all three others come before it.",
            "every order": "This is the mean over every order of entry, the LMG share; asked is one "
            "order, service at the end.",
        },
    ),
    told_as=choose(
        "added",
        {
            "of explained": "You divided by the R² of all four: a share of what is explained. Give "
            "the R² that is added.",
            "of left over": "You divided by what the other three had left over; give the R² that is "
            "added.",
            "of others": "You divided by the R² of the others; give the difference itself.",
            "root": "This is a root, on the scale of a correlation; give the R² itself.",
        },
    ),
    compared=choose(
        "two R²",
        {
            "without": "This is the R² without service; take it off the R² of all four.",
            "all four": "This is the R² of all four; take off the R² of the other three.",
            "roots": "You subtracted R from R, the roots of R²; subtract R² from R².",
            "adjusted": "You subtracted adjusted R²; take the plain ones.",
            "no intercept": "Your regression has no intercept, so its R² is another one; add a "
            "constant.",
            "weight": "This is the regression weight of standardised ratings; subtract two R².",
            "squared weight": "This is the squared weight of a regression; subtract two R² instead.",
            "slope": "This is the slope, in points per point; subtract two R².",
        },
    ),
):
    """R² that service adds after the other three."""
    X, y = retailers()
    rest = X.drop(columns=part)
    more = {
        "two R²": lambda: added(X, y, part, place),
        "without": lambda: r_squared(rest, y),
        "all four": lambda: r_squared(X, y),
        "roots": lambda: np.sqrt(r_squared(X, y)) - np.sqrt(r_squared(rest, y)),
        "adjusted": lambda: adjusted(X, y) - adjusted(rest, y),
        "no intercept": lambda: r_squared(X, y, False) - r_squared(rest, y, False),
        "weight": lambda: weights(X, y)[part],
        "squared weight": lambda: weights(X, y)[part] ** 2,
        "slope": lambda: slopes(X, y)[part],
    }[compared]()
    return {
        "added": lambda: more,
        "of explained": lambda: more / r_squared(X, y),
        "of left over": lambda: more / (1 - r_squared(rest, y)),
        "of others": lambda: more / r_squared(rest, y),
        "root": lambda: np.sqrt(more),
    }[told_as]()


# Standard: loyalty in the wave of 2024


@cache
def every_form():
    """All forms, gaps filled within the block, and what the rules say of each."""
    survey = table("shihu/survey").set_index("response_id")
    opened = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    late = survey["submitted_at"] >= survey["wave"].map(opened) + pd.Timedelta(21, "D")
    who = survey[["wave", "customer_id"]]
    fate = crm.screen(survey[ITEMS], who=who, seconds=survey["seconds"], late=late)
    for block in MEASURES.values():
        answers = survey[block].astype(float)
        survey[block] = answers.T.fillna(answers.mean(axis=1)).T
    return survey.assign(fate=fate).dropna(subset=ITEMS)


def forms(wave=2024, which="kept"):
    """Forms of a wave, or of all, that the rules keep."""
    found = every_form()
    if wave != "all waves":
        found = found[found["wave"] == wave]
    return found[found["fate"] == "kept"] if which == "kept" else found


@cache
def points(wave=2024, which="kept"):
    kept = forms(wave, which)
    return pd.DataFrame({c: kept[block].mean(axis=1) for c, block in MEASURES.items()})


WAVES = {
    2025: "This is the wave of 2025, that of the worked example; take 2024.",
    2023: "This is the wave of 2023; take 2024.",
    "all waves": "You took all waves together; take 2024 alone.",
}
FORMS = {
    "every form": "You took every form; keep those that the rules keep, as the cell above does."
}


def first_two(shares):
    first, second = shares.sort_values(ascending=False).index[:2]
    return f"{first} ({shares[first]:.0%}) before {second} ({shares[second]:.0%})"


DIVIDED = {
    "squared correlations": "You squared correlations: what drivers share is counted for each of "
    "them. Asked is LMG.",
    "correlations": "These are correlations as they are; asked are shares of R² by LMG.",
    "Johnson": "These are Johnson's weights, close but not the same; asked is LMG.",
    "weights": "These are regression weights without their signs; asked are shares of R² by LMG.",
    "slopes": "These are slopes in points per point, without their signs; asked are shares of R² by "
    "LMG.",
    "added last": "This is what each added when it came last: what drivers share is counted for none. "
    "Asked is LMG, the mean over all orders.",
}


WITH_SIGNS = {
    "correlations, signs kept": "You kept the signs of correlations, and divided by their sum; asked "
    "are shares of R² by LMG.",
    "weights, signs kept": "You kept the signs of regression weights, and divided by their sum; asked "
    "are shares of R² by LMG.",
    "slopes, signs kept": "You kept the signs of slopes, in points per point, and divided by their sum; "
    "asked are shares of R² by LMG.",
    "times": "You took weight times correlation, which also adds up to R² (Pratt); asked is LMG.",
}


@recipe(
    Values("drivers", share=True),
    means=lambda shares: (
        f"For loyalty: {first_two(shares)}. Complaints get {shares['complaints']:.0%}, although "
        "they follow from satisfaction: LMG does not know what follows from what."
    ),
    hints=(
        "What is driven, what drives, and to what must the shares add up?",
        "The worked example averages over all orders in *Who gets the credit? Ask in every order*, "
        "and names the library's function.",
        "Give the six drivers and loyalty to the function that divides R²; what it returns adds up "
        "to R², so divide by the sum.",
    ),
)
def loyalty_shares(
    *,
    wave=choose(2024, WAVES),
    which=choose("kept", FORMS),
    outcome=choose(
        "loyalty",
        {
            "satisfaction": "You explained satisfaction, as the worked example does; explain loyalty."
        },
    ),
    drivers=choose(
        "six",
        {
            "four": "You took the four drivers of the worked example; here there are six.",
            "complaints left out": "You left complaints out; they are one of the six.",
            "satisfaction left out": "You left satisfaction out; it is one of the six.",
        },
    ),
    how=choose("LMG", DIVIDED | WITH_SIGNS),
    add_up_to=choose(
        "one", {"not divided": "They are not divided yet: they add up to R². Divide by their sum."}
    ),
):
    """LMG shares of R² of the six drivers of loyalty, summing to 1."""
    scores = points(wave, which)
    X = scores.drop(columns=outcome)
    X = {
        "six": X,
        "four": X[CONSTRUCTS[:4]],
        "complaints left out": X.drop(columns="complaints"),
        "satisfaction left out": X.drop(columns="satisfaction", errors="ignore"),
    }[drivers]
    return divided(X, scores[outcome], how, add_up_to == "one")


def arrows():
    return [tuple(name.split(">")) for name in crm.truth()["parameters"]["survey"]["paths"]]


@cache
def paths(wave=2024, which="kept", size="plain", more=()):
    """Paths, from in rows, to in columns: estimated plainly or corrected, or the true ones."""
    if size == "truth":
        true = crm.truth()["parameters"]["survey"]["paths"]
        size_of = pd.Series({tuple(name.split(">")): b for name, b in true.items()})
    else:
        model = crm.PathModel(MEASURES, [*arrows(), *more]).fit(forms(wave, which))
        size_of = model.paths_
    if size == "corrected":
        return regressed(attenuation_undone(model, forms(wave, which)), size_of.index)
    B = size_of.unstack().reindex(CONSTRUCTS, axis=0).reindex(CONSTRUCTS, axis=1)
    return B.astype(float).fillna(0)


def attenuation_undone(model, forms):
    alpha = pd.Series({c: reliability(forms[block]) for c, block in MEASURES.items()})
    return model.scores(forms).corr() / np.sqrt(np.outer(alpha, alpha))


def regressed(R, arrows):
    """Paths along the arrows, by regressions from correlations."""
    B = pd.DataFrame(0.0, CONSTRUCTS, CONSTRUCTS)
    for to in CONSTRUCTS:
        if on := [a for a, b in arrows if b == to]:
            among = R.loc[on, on].to_numpy(copy=True)
            np.fill_diagonal(among, 1)
            B.loc[on, to] = np.linalg.solve(among, R.loc[on, to])
    return B


def reliability(block):
    """Cronbach's alpha of standardised items."""
    k, R = block.shape[1], block.corr().to_numpy()
    mean_r = (R.sum() - k) / (k * (k - 1))
    return k * mean_r / (1 + (k - 1) * mean_r)


def every_way(B, start, end, without=()):
    """Sum over all ways of the products along them, some arrows taken out."""
    B = B.copy()
    for a, b in without:
        B.loc[a, b] = 0
    T = np.linalg.inv(np.eye(len(B)) - B.to_numpy())
    return T[CONSTRUCTS.index(start), CONSTRUCTS.index(end)]


def one_way(B, start="expectations"):
    return B.loc[start, "satisfaction"] * B.loc["satisfaction", "loyalty"]


@recipe(
    Number(),
    means=lambda effect: (
        f"{effect:.2f} sd of loyalty per sd of expectations, without any direct arrow. Straight "
        f"through satisfaction comes {one_way(paths()):.3f} of it; the rest goes by quality, value "
        "and complaints."
    ),
    alike=[("wave=2025", "wave=all waves")],
    hints=(
        "No arrow leads there directly. Which ways of several arrows do?",
        "The worked example adds up all ways at the end of *A model with arrows*.",
        "Multiply along every way from expectations to loyalty, and add the products. Or put the "
        "paths into a matrix, from in rows, to in columns; its powers hold the longer ways.",
    ),
)
def expectations_total(
    *,
    start=choose(
        "expectations",
        {
            "image": "This starts at image; asked is the effect of expectations.",
            "quality": "This starts at quality; asked is the effect of expectations.",
            "value": "This starts at value; asked is the effect of expectations.",
        },
    ),
    wave=choose(2024, WAVES),
    which=choose("kept", FORMS),
    ways=choose(
        "every",
        {
            "direct": "There is no direct arrow, but there are ways through others: follow them all.",
            "straight": "This is one way only, straight through satisfaction; quality, value and "
            "complaints lead on, too.",
            "complaints forgotten": "You have forgotten the way through complaints: satisfaction "
            "reaches loyalty by it, too.",
            "value forgotten": "You have forgotten the ways through value.",
            "quality forgotten": "You have forgotten the ways through quality.",
            "added": "You added an arrow from expectations to loyalty; the model has none.",
            "quality value arrow": "You have forgotten the arrow from quality to value: some ways "
            "take it.",
            "to satisfaction": "This is the effect on satisfaction; go on to loyalty.",
        },
    ),
    size=choose(
        "plain",
        {
            "corrected": "You corrected for attenuation first; asked are the plain paths.",
            "truth": "This is the truth of the simulation; asked is what the model estimates.",
        },
    ),
    how=choose(
        "paths",
        {
            "raw correlation": "This is a raw correlation: image drives both, and that is no effect.",
            "one regression": "This is the weight in one regression of loyalty on all the others; "
            "it holds still what expectations move. Follow the arrows.",
            "slope alone": "This is the slope of loyalty on expectations alone, in points; follow "
            "the arrows.",
        },
    ),
):
    """Total effect of expectations on loyalty in the plain PLS model."""
    more = (("expectations", "loyalty"),) if ways == "added" else ()
    scores, B = points(wave, which), paths(wave, which, size, more)
    if how != "paths":
        X, y = scores.drop(columns="loyalty"), scores["loyalty"]
        return {
            "raw correlation": lambda: X[start].corr(y),
            "one regression": lambda: weights(X, y)[start],
            "slope alone": lambda: slopes(X[[start]], y)[start],
        }[how]()
    forgotten = {
        "complaints forgotten": [("complaints", "loyalty")],
        "value forgotten": [("value", "satisfaction")],
        "quality forgotten": [("quality", "satisfaction"), ("quality", "value")],
        "quality value arrow": [("quality", "value")],
    }
    if ways in ("direct", "straight"):
        return B.loc[start, "loyalty"] if ways == "direct" else one_way(B, start)
    end = "satisfaction" if ways == "to satisfaction" else "loyalty"
    return every_way(B, start, end, forgotten.get(ways, ()))


# Transfer: what makes a delivery slow


OF_THREE = {how: told for how, told in DIVIDED.items() if how != "Johnson"}  # the same here
OF_SAMPLES = {how: DIVIDED[how] for how in ("weights", "slopes", "added last")}


@cache
def deliveries(hour="decimal"):
    data = table("deliveries")
    if hour == "whole hour":
        data = data.assign(hour=data["hour"].astype(int).astype(float))
    return data[CAUSES], data["minutes"]


@recipe(
    Values("drivers", share=True),
    means=lambda shares: (
        f"The hour has {shares['hour']:.0%}. The three hardly correlate, so LMG is nearly the plain "
        "squared correlation: where drivers do not overlap, there is no quarrel to settle."
    ),
    hints=(
        "The same two steps as in 2a, with other columns. Which is the outcome?",
        "The worked example averages over all orders in *Who gets the credit? Ask in every order*.",
        "Give the three columns and the minutes to the function that divides R², then divide what it "
        "returns by its sum.",
    ),
)
def slow_shares(
    *,
    how=choose("LMG", OF_THREE),
    hour=choose(
        "decimal",
        {"whole hour": "You cut the hour to a whole number; take it as it stands in the table."},
    ),
    rows=choose(
        "all",
        {
            "first thirty": "You took the first thirty orders; take all.",
            "one sample": "You took one sample of thirty; take all orders.",
        },
    ),
    add_up_to=choose(
        "one", {"not divided": "They are not divided yet: they add up to R². Divide by their sum."}
    ),
):
    """LMG shares of R² of three drivers of the delivery time, summing to 1."""
    X, y = deliveries(hour)
    X = {"all": X, "first thirty": X.head(30), "one sample": X.sample(30, random_state=0)}[rows]
    return divided(X, y[X.index], how, add_up_to == "one")


def lmg(R):
    """LMG shares from the correlations of few drivers; the outcome is last."""
    orders, shares = list(permutations(range(len(R) - 1))), np.zeros(len(R) - 1)
    for order in orders:
        so_far = [0.0]
        for n in range(1, len(order) + 1):
            on = list(order[:n])
            so_far.append(R[on, -1] @ np.linalg.solve(R[np.ix_(on, on)], R[on, -1]))
        shares[list(order)] += np.diff(so_far)
    return shares / len(orders)


@cache
def ranked(size=15, samples=200, how="LMG", again=False):
    """Order of the drivers in each of the small samples, the first first."""
    X, y = deliveries()
    data, at, orders = np.column_stack([X, y]), pd.Series(range(len(X))), []
    for i in range(samples):
        rows = data[at.sample(size, random_state=i, replace=again)]
        R = np.corrcoef(rows, rowvar=False)
        weight = np.linalg.solve(R[:-1, :-1], R[:-1, -1])
        shares = {
            "LMG": lambda R=R: lmg(R),
            "correlations": lambda R=R: abs(R[:-1, -1]),
            "weights": lambda w=weight: abs(w),
            "slopes": lambda w=weight, x=rows: abs(w / x[:, :-1].std(axis=0)),
            "added last": lambda R=R: last(R),
        }[how]()
        orders.append(np.argsort(-shares))
    return pd.DataFrame(np.array(CAUSES)[np.array(orders)])


@recipe(
    Number(share=True),
    means=lambda share: (
        f"All 10,012 orders rank hour > distance > items; {share:.0%} of the tables of fifteen do. "
        f"The first place alone is right in {(ranked()[0] == 'hour').mean():.0%}."
    ),
    hints=(
        "What does one sample give: three numbers, or an order of three names?",
        "The worked example asks in how many drawings a place is kept in *How sure is a share?*.",
        "For each sample sort its three shares and look at the names; count the samples whose names "
        "stand as in the full table, and divide by the number of samples.",
    ),
)
def same_order(
    *,
    places=choose(
        "three",
        {
            "first": "This is the share in which hour is first; all three places must be right.",
            "second": "This is the share in which distance is second; all three places must be right.",
            "last": "This is the share in which items come last; all three places must be right.",
            "names": "You compared the names in whatever order; their order is the question.",
            "places": "You took the mean over places that are right; all three must be right at "
            "once.",
        },
    ),
    size=choose(
        15,
        {
            10: "Your samples hold 10 orders each; take 15.",
            30: "Your samples hold 30 orders each; take 15.",
            50: "Your samples hold 50 orders each; take 15.",
        },
    ),
    samples=choose(200, {100: "You drew 100 samples; 200 are asked."}),
    how=choose(
        "LMG",
        OF_SAMPLES
        | {"correlations": "You ranked the correlations, plain or squared; rank the LMG shares."},
    ),
    again=choose(
        False,
        {True: "You drew with replacement, so the same order comes again; sample without it."},
    ),
    told_as=choose("share", {"count": "This is a count of samples; divide it by 200."}),
):
    """Share of samples of 15 that rank hour > distance > items."""
    right = ranked(size, samples, how, again) == CAUSES
    hits = {
        "three": right.all(axis=1),
        "first": right[0],
        "second": right[1],
        "last": right[2],
        "names": pd.Series(True, right.index),
        "places": right.mean(axis=1),
    }[places]
    return float(hits.sum() if told_as == "count" else hits.mean())
