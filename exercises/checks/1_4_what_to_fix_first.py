"""Feedback for exercises 1.4, what should we fix first."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, task

PARTS = ["product", "service", "economics", "image"]
CONSTRUCTS = [
    "image", "expectations", "quality", "value", "satisfaction", "complaints", "loyalty"
]  # fmt: skip
ITEMS_OF = {c: 3 for c in CONSTRUCTS} | {"quality": 4, "value": 2, "complaints": 2}
MEASURES = {c: [f"{c}_{i + 1}" for i in range(n)] for c, n in ITEMS_OF.items()}
CAUSES = ["hour", "distance", "items"]


table = cache(crm.load)


def r_squared(X, y):
    """R² of a regression of y on the columns of X."""
    A = np.column_stack([np.ones(len(X)), X])
    left = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    return 1 - left.var(ddof=0) / y.var(ddof=0)


# Warm-up: what service adds when it comes last


@cache
def retailers():
    """Mean rating of each part, and the overall rating."""
    survey = table("shihu/retailer_survey")
    parts = {p: survey.filter(regex=f"^{p}_").astype(float).mean(axis=1) for p in PARTS}
    rated = pd.DataFrame(parts).assign(overall=survey["overall"].astype(float)).dropna()
    return rated.drop(columns="overall"), rated["overall"]


def all_parts():
    return r_squared(*retailers())


@task(
    Number(share=True),
    means=lambda added: (
        f"Last, service adds {added:.3f} to an R² of {all_parts():.3f}; first, it would add "
        f"{alone():.3f}. The rest is credit that it shares with the others."
    ),
    hint="R² of the regression on all four parts, minus R² of the regression without service.",
)
def warm_up():
    """R² that service adds after the other three."""
    X, y = retailers()
    return r_squared(X, y) - r_squared(X.drop(columns="service"), y)


@warm_up.mistake("This is what service adds when it comes FIRST, its squared correlation.")
def alone():
    X, y = retailers()
    return r_squared(X[["service"]], y)


@warm_up.mistake(
    "This is the LMG share, the mean over all orders; asked is one order, service last."
)
def mean_of_orders():
    return crm.importance(*retailers())["service"]


@warm_up.mistake("You divided by the R² of all four; give the R² that is added.")
def part_of_explained():
    return warm_up.right / all_parts()


@warm_up.mistake("This is the R² of the other three; take it off the R² of all four.")
def without_service():
    X, y = retailers()
    return r_squared(X.drop(columns="service"), y)


@warm_up.mistake("This is the square of the regression weight; subtract two R² instead.")
def squared_weight():
    X, y = retailers()
    R = X.corr().to_numpy()
    return float(np.linalg.solve(R, X.corrwith(y))[PARTS.index("service")] ** 2)


# Standard: loyalty in the wave of 2024


@cache
def forms(wave=2024):
    """Forms of a wave that the rules keep, gaps filled within the block."""
    items = [item for block in MEASURES.values() for item in block]
    survey = table("shihu/survey")
    opened = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    late = survey["submitted_at"] >= survey["wave"].map(opened) + pd.Timedelta(21, "D")
    who = survey[["wave", "customer_id"]]
    fate = crm.screen(survey[items], who=who, seconds=survey["seconds"], late=late)
    forms = survey[(fate == "kept") & (survey["wave"] == wave)].set_index("response_id")
    for block in MEASURES.values():
        answers = forms[block].astype(float)
        forms[block] = answers.T.fillna(answers.mean(axis=1)).T
    return forms.dropna(subset=items)


@cache
def points(wave=2024):
    return pd.DataFrame({c: forms(wave)[block].mean(axis=1) for c, block in MEASURES.items()})


def divided(wave=2024, method="lmg"):
    shares = crm.importance(
        points(wave).drop(columns="loyalty"), points(wave)["loyalty"], method=method
    )
    return shares / shares.sum()


def first_two(shares):
    first, second = shares.sort_values(ascending=False).index[:2]
    return f"{first} ({shares[first]:.0%}) before {second} ({shares[second]:.0%})"


@task(
    Values("drivers"),
    means=lambda shares: (
        f"For loyalty: {first_two(shares)}. Complaints get {shares['complaints']:.0%}, although "
        "they follow from satisfaction: LMG does not know what follows from what."
    ),
    hint="crm.importance divides; loyalty is what is driven. What do its shares sum to, and what "
    "should yours sum to?",
)
def loyalty_shares():
    """LMG shares of R² of the six drivers of loyalty, summing to 1."""
    return divided()


@loyalty_shares.mistake("These sum to R²; divide by their sum, so that they sum to 1.")
def of_all_variance():
    X = points().drop(columns="loyalty")
    return crm.importance(X, points()["loyalty"])


@loyalty_shares.mistake(
    "These are squared correlations, divided by their sum: what drivers share is "
    "counted for each of them. Use crm.importance."
)
def squared_correlations():
    r2 = points().drop(columns="loyalty").corrwith(points()["loyalty"]) ** 2
    return r2 / r2.sum()


@loyalty_shares.mistake("This is the wave of 2025; take 2024.")
def other_wave():
    return divided(2025)


@loyalty_shares.mistake("These are Johnson's weights, close but not the same; asked is LMG.")
def johnson():
    return divided(method="johnson")


@loyalty_shares.mistake(
    "These are regression weights without their sign, divided by their sum; asked is LMG."
)
def weights():
    X = points().drop(columns="loyalty")
    slopes = np.linalg.solve(X.corr(), X.corrwith(points()["loyalty"]))
    return pd.Series(abs(slopes) / abs(slopes).sum(), X.columns)


@cache
def path_matrix(wave=2024):
    """Estimated paths, from in rows, to in columns."""
    paths = [tuple(name.split(">")) for name in crm.truth()["parameters"]["survey"]["paths"]]
    model = crm.PathModel(MEASURES, paths).fit(forms(wave))
    return model.paths_.unstack().reindex(CONSTRUCTS, axis=0).reindex(CONSTRUCTS, axis=1).fillna(0)


def total(start, end, wave=2024):
    B = path_matrix(wave).to_numpy()
    T = np.linalg.inv(np.eye(len(B)) - B)
    return T[CONSTRUCTS.index(start), CONSTRUCTS.index(end)]


@task(
    Number(),
    means=lambda effect: (
        f"{effect:.2f} sd of loyalty per sd of expectations, without any direct arrow. Straight "
        f"through satisfaction comes {one_way():.3f} of it; the rest goes by quality, value and "
        "complaints."
    ),
    hint="Follow every way from expectations to loyalty, multiply along it, add at the end. Or put "
    "the paths into a matrix, from in rows, to in columns: 'A model with arrows' sums all ways.",
)
def expectations_total():
    """Total effect of expectations on loyalty in the plain PLS model."""
    return total("expectations", "loyalty")


@expectations_total.mistake(
    "There is no direct arrow, but there are ways through others: follow them all."
)
def no_arrow():
    return 0.0


@expectations_total.mistake(
    "This is one way only, straight through satisfaction; quality, value and complaints lead on too."
)
def one_way():
    B = path_matrix()
    return B.loc["expectations", "satisfaction"] * B.loc["satisfaction", "loyalty"]


@expectations_total.mistake(
    "You corrected for attenuation first; asked is the total effect of the plain PLS paths."
)
def corrected():
    paths = path_matrix()
    alpha = pd.Series({c: reliability(forms()[block]) for c, block in MEASURES.items()})
    model = crm.PathModel(MEASURES, [(a, b) for a, b in paths.stack().loc[lambda p: p != 0].index])
    scores = model.fit(forms()).scores(forms())
    R = scores.corr() / np.sqrt(np.outer(alpha, alpha))
    B = pd.DataFrame(0.0, CONSTRUCTS, CONSTRUCTS)
    for to in CONSTRUCTS:
        on = list(paths.index[paths[to] != 0])
        among = R.loc[on, on].to_numpy(copy=True)
        np.fill_diagonal(among, 1)
        B.loc[on, to] = np.linalg.solve(among, R.loc[on, to])
    return np.linalg.inv(np.eye(7) - B)[CONSTRUCTS.index("expectations"), -1]


def reliability(block):
    """Cronbach's alpha of standardised items."""
    k, R = block.shape[1], block.corr().to_numpy()
    mean_r = (R.sum() - k) / (k * (k - 1))
    return k * mean_r / (1 + (k - 1) * mean_r)


@expectations_total.mistake("This is the total effect on satisfaction; asked is loyalty.")
def on_satisfaction():
    return total("expectations", "satisfaction")


@expectations_total.mistake("This is the wave of 2025; take 2024.")
def total_other_wave():
    return total("expectations", "loyalty", 2025)


@expectations_total.mistake(
    "This is a correlation: image drives both, and that is no effect of expectations."
)
def correlation():
    return points()["expectations"].corr(points()["loyalty"])


@expectations_total.mistake("This is the total effect of image; asked is that of expectations.")
def of_image():
    return total("image", "loyalty")


# Transfer: what makes a delivery slow


@cache
def deliveries():
    data = table("deliveries")
    return data[CAUSES], data["minutes"]


@task(
    Values("drivers"),
    means=lambda shares: (
        f"The hour has {shares['hour']:.0%}. The three hardly correlate, so LMG is nearly the plain "
        "squared correlation: where drivers do not overlap, there is no quarrel to settle."
    ),
    hint="The same two steps as in 2a: divide R² among the three, then make the shares sum to 1.",
)
def slow_shares():
    """LMG shares of R² of three drivers of the delivery time, summing to 1."""
    shares = crm.importance(*deliveries())
    return shares / shares.sum()


@slow_shares.mistake("These sum to R²; divide by their sum, so that they sum to 1.")
def slow_of_all():
    return crm.importance(*deliveries())


@slow_shares.mistake(
    "These are slopes in minutes per unit, divided by their sum; an hour and a dish are no common "
    "unit. Asked are shares of R²."
)
def raw_slopes():
    X, y = deliveries()
    slopes = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=None)[0][1:]
    return pd.Series(abs(slopes) / abs(slopes).sum(), CAUSES)


@slow_shares.mistake(
    "These are squared correlations, divided by their sum: near, but the three overlap a little."
)
def slow_squared():
    X, y = deliveries()
    r2 = X.corrwith(y) ** 2
    return r2 / r2.sum()


@slow_shares.mistake("These are correlations, divided by their sum; asked are shares of R².")
def slow_correlations():
    X, y = deliveries()
    return X.corrwith(y) / X.corrwith(y).sum()


@cache
def ranked(n=30):
    """Order of the drivers in each of 200 small samples, the first first."""
    X, y = deliveries()
    rows = []
    for i in range(200):
        some = X.sample(n, random_state=i)
        shares = crm.importance(some, y[some.index])
        rows.append(list(shares.sort_values(ascending=False).index))
    return pd.DataFrame(rows)


@task(
    Number(share=True),
    means=lambda share: (
        f"All 10,012 orders rank hour > distance > items; {share:.0%} of the tables of thirty do. "
        f"The first place alone is right in {hour_first():.0%}."
    ),
    hint="For each sample: sort its three shares and look at the names. Count the samples whose "
    "names stand as in the full table.",
)
def same_order():
    """Share of samples of 30 that rank hour > distance > items."""
    return float((ranked() == CAUSES).all(axis=1).mean())


@same_order.mistake("This is the share in which hour is first; all three places must be right.")
def hour_first():
    return float((ranked()[0] == "hour").mean())


@same_order.mistake("This is the share in which the order is WRONG.")
def wrong_order():
    return 1 - same_order.right


@same_order.mistake("These samples hold 100 orders each; take 30.")
def larger_samples():
    return float((ranked(100) == CAUSES).all(axis=1).mean())


@same_order.mistake("This is the share in which items come last; all three places must be right.")
def items_last():
    return float((ranked()[2] == "items").mean())
