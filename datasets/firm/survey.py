"""The consumer survey: whom it reaches, what careful people answer, what careless people do."""

import numpy as np
import pandas as pd

from .chance import likert, stream
from .parameters import AGE_GROUPS, SEGMENTS, Parameters
from .seasons import DATES, day_of

WAVES = {2023: "2023-11-20", 2024: "2024-11-20", 2025: "2025-11-17"}
CONSTRUCTS = (
    "image", "expectations", "quality", "value", "satisfaction", "complaints", "loyalty"
)  # fmt: skip
SCALES = {  # statement on needs: mean agreement (1-5) of each segment, in the order of SEGMENTS
    "need_health": (4.5, 3.2, 3.1, 3.3, 3.6),
    "need_present": (2.5, 4.6, 2.2, 2.4, 2.9),
    "need_growing": (2.2, 1.9, 4.6, 2.5, 1.8),
    "need_price": (2.8, 2.4, 3.1, 4.6, 3.9),
    "need_novelty": (3.0, 3.3, 3.7, 3.1, 2.4),
    "need_convenience": (3.5, 4.1, 2.4, 3.3, 4.2),
}
SINGLE_ITEMS = {  # item: the construct behind it, lowest and highest answer
    "overall": ("satisfaction", 1, 5),
    "recommend": ("loyalty", 0, 10),
    "rival_overall": ("satisfaction", 1, 5),
}
# highest answer, by item or by the first word of its name; elsewhere 10
TOP = {"expected": 7, "perceived": 7, "need": 5, "overall": 5, "rival": 5, "price_tolerance": 30}
# which column straight-liners tick, and how many of them
LINES_TICKED = {3: 0.1, 5: 0.3, 7: 0.15, 8: 0.2, 10: 0.25}
SENT_BETWEEN = (8 * 3600, 22 * 3600)  # seconds after midnight
EXPECTED = dict(tangibles=5.1, reliability=6.2, responsiveness=5.9, assurance=5.8, empathy=5.3)


def run(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> tuple:
    """Field all waves: the answers, the invitations, the truth, the true means."""
    waves = [_wave(wave, orders, people, p) for wave in WAVES]
    survey = pd.concat([w["answers"] for w in waves], ignore_index=True)
    survey = survey.sort_values(["submitted_at", "customer_id"], kind="stable", ignore_index=True)
    survey.insert(0, "response_id", [f"A{i + 1:05d}" for i in range(len(survey))])
    hidden = ["kind", *[f"true_{c}" for c in CONSTRUCTS]]
    truth = survey[["response_id", "wave", "customer_id", *hidden]]
    invitations = pd.concat([w["invitations"] for w in waves], ignore_index=True)
    first = ["response_id", "wave", "customer_id", "mode", "submitted_at", "seconds"]
    survey = survey[[*first, *survey.columns.difference([*first, *hidden], sort=False)]]
    return survey, invitations, truth, [w["means"] for w in waves]


def _wave(wave: int, orders, people, p: Parameters) -> dict:
    """Field one wave among all who ordered in the last year."""
    rng, day = stream(p.seed, f"survey {wave}"), day_of(WAVES[wave])
    recent = orders[(orders.t < day) & (orders.t >= day - 365)].sort_values("t", kind="stable")
    last = recent.drop_duplicates("customer", keep="last").sort_values("customer")
    who = last.customer.to_numpy()
    # everyone's answers exist, whether asked or not: that is what makes the true mean known
    answers = _answers(people.iloc[who], last.satisfaction.to_numpy(), recent, p, rng)
    answers.insert(0, "wave", wave)
    age = people.age_group.to_numpy()[who]
    means = dict(
        wave=wave,
        population=len(who),
        overall=round(float(answers.overall.mean()), 4),
        nps=round(float(np.mean((answers.recommend >= 9) * 1.0 - (answers.recommend <= 6))), 4),
        satisfaction_items=round(float(answers.filter(like="satisfaction_").to_numpy().mean()), 4),
    )
    invited = rng.random(len(who)) < p.survey.invited_share
    chance = pd.Series(age).map(p.survey.response).to_numpy(float)
    responded = invited & (rng.random(len(who)) < chance)
    answers["mode"] = _mode(age, p, rng)
    invitations = answers.loc[invited, ["wave", "customer_id", "mode"]].assign(
        invited_on=DATES[day], completed=responded[invited]
    )
    kept = answers[responded].reset_index(drop=True)
    return dict(answers=_carelessness(kept, day, p, rng), invitations=invitations, means=means)


def _mode(age: np.ndarray, p: Parameters, rng) -> np.ndarray:
    old = np.isin(age, AGE_GROUPS[2:])
    s, u = p.survey, rng.random(len(age))
    web = np.where(old, s.by_web_old, s.by_web_young)
    return np.where(u < web, "web", np.where(u < 1 - s.on_site, "phone", "on site"))


def latents(satisfaction: np.ndarray, p: Parameters, rng) -> pd.DataFrame:
    """Draw the constructs of the path model (unit variance), given each person's satisfaction."""
    weights = np.zeros((len(CONSTRUCTS), len(CONSTRUCTS)))
    for path, beta in p.survey.paths.items():
        cause, effect = path.split(">")
        weights[CONSTRUCTS.index(effect), CONSTRUCTS.index(cause)] = beta
    free = rng.standard_normal((len(satisfaction), len(CONSTRUCTS)))
    cov, drawn = np.zeros_like(weights), np.zeros_like(free)
    for j in range(len(CONSTRUCTS)):
        explained = (
            sum(weights[j, k] * cov[k] for k in range(j)) if j else np.zeros(len(CONSTRUCTS))
        )
        cov[j, :j] = cov[:j, j] = explained[:j]
        cov[j, j] = 1.0
        noise = np.sqrt(1 - sum(weights[j, k] * cov[k, j] for k in range(j)))
        drawn[:, j] = sum((weights[j, k] * drawn[:, k] for k in range(j)), noise * free[:, j])
    # shift every construct as its covariance with satisfaction demands: the joint stays the model's
    at = CONSTRUCTS.index("satisfaction")
    shift = (satisfaction - drawn[:, at])[:, None] * cov[at]
    return pd.DataFrame(drawn + shift, columns=list(CONSTRUCTS))


def _answers(who: pd.DataFrame, satisfaction, recent, p: Parameters, rng) -> pd.DataFrame:
    s, n = p.survey, len(who)
    x = latents(satisfaction, p, rng)

    def noise():
        return rng.standard_normal(n)

    out = pd.DataFrame({"customer_id": who.customer_id.to_numpy()})
    for construct, count in s.items.items():
        centre = s.complaint_mean if construct == "complaints" else s.item_mean
        for i in range(count):
            mix = s.loading * x[construct] + np.sqrt(1 - s.loading**2) * noise()
            out[f"{construct}_{i + 1}"] = likert(centre + s.item_sd * mix, 1, 10)
    for name, (construct, low, high) in SINGLE_ITEMS.items():
        level, slope, sd = getattr(s, name)
        out[name] = likert(level + slope * x[construct] + sd * noise(), low, high)
    _service_gaps(out, x, s, rng)
    _needs(out, who, s, rng)
    level, by_loyalty, by_price, sd = s.price_tolerance
    tolerated = level + by_loyalty * x.loyalty + by_price * who.price_sensitivity.to_numpy()
    out["price_tolerance"] = likert(tolerated + sd * noise(), 0, TOP["price_tolerance"])
    out["spend_elsewhere"] = _elsewhere(who, recent, s.elsewhere_noise_log * noise())
    return out.join(x.round(3).add_prefix("true_"))


def _service_gaps(out: pd.DataFrame, x: pd.DataFrame, s, rng) -> None:
    """Ask what was expected and what was perceived, on five dimensions (1-7)."""
    for dimension, level in EXPECTED.items():
        expected = level + s.expected_slope * x.expectations
        expected = expected + s.gap_noise * rng.standard_normal(len(x))
        perceived = level + s.gaps[dimension] + s.perceived_slope * x.quality
        perceived = perceived + s.gap_noise * rng.standard_normal(len(x))
        out[f"expected_{dimension}"] = likert(expected, 1, 7)
        out[f"perceived_{dimension}"] = likert(perceived, 1, 7)


def _needs(out: pd.DataFrame, who: pd.DataFrame, s, rng) -> None:
    """Ask six statements on needs (1-5); some people agree with everything a little more."""
    yes = s.need_yes_sd * rng.standard_normal(len(who))
    for item, means in SCALES.items():
        level = who.segment.map(dict(zip(SEGMENTS, means, strict=True))).to_numpy(float)
        out[item] = likert(level + yes + s.need_noise * rng.standard_normal(len(who)), 1, 5)


def _elsewhere(who: pd.DataFrame, recent: pd.DataFrame, noise: np.ndarray) -> np.ndarray:
    """Recall last year's spending on the category in other shops, roughly."""
    here = recent.groupby("customer").amount.sum().reindex(who.index).to_numpy()
    share = who.share_of_wallet.to_numpy()
    return np.round(here * (1 - share) / share * np.exp(noise), -1).astype(int)


def _carelessness(answers: pd.DataFrame, day: int, p: Parameters, rng) -> pd.DataFrame:
    """Spoil some answers, leave gaps, and let some people answer twice or late."""
    s, n = p.survey, len(answers)
    asked = [c for c in answers if _is_item(c)]
    kind = np.full(n, "careful", object)
    u = rng.random(n)
    kind[u < s.straight_liners + s.speeders] = "speeder"
    kind[u < s.straight_liners] = "straight-liner"
    answers["kind"] = kind
    _spoil(answers, asked, s, rng)
    answers["seconds"] = _seconds(kind, s, rng)
    delay = np.minimum(rng.exponential(s.delay_days, n), s.field_days - 0.01)
    delay = np.where(rng.random(n) < s.late, s.field_days + s.late_days * rng.random(n), delay)
    midnight = DATES[day] + pd.to_timedelta(np.floor(delay), unit="D")
    answers["submitted_at"] = midnight + pd.to_timedelta(rng.integers(*SENT_BETWEEN, n), unit="s")
    gaps = rng.random((n, len(asked))) < s.missing_item
    answers[asked] = answers[asked].astype("Int64").mask(gaps)
    silent = rng.random(n) < s.elsewhere_missing
    answers["spend_elsewhere"] = answers.spend_elsewhere.astype("Int64").mask(silent)
    return _twice(answers, asked, s, rng)


def _seconds(kind: np.ndarray, s, rng) -> np.ndarray:
    """Time the filling in: quick where nobody reads."""
    n = len(kind)
    seconds = s.seconds_least + np.exp(
        s.seconds_log_mean + s.seconds_log_sd * rng.standard_normal(n)
    )
    for name, (low, high) in (
        ("speeder", s.seconds_speeder),
        ("straight-liner", s.seconds_straight),
    ):
        seconds = np.where(kind == name, low + (high - low) * rng.random(n), seconds)
    return seconds.astype(int)


def _is_item(column: str) -> bool:
    return column in (
        "overall",
        "recommend",
        "rival_overall",
        "price_tolerance",
    ) or column.startswith((*(f"{c}_" for c in CONSTRUCTS), "expected_", "perceived_", "need_"))


def _top(column: str) -> int:
    """Name the highest answer of an item."""
    return TOP.get(column, TOP.get(column.split("_")[0], 10))


def _spoil(answers: pd.DataFrame, asked: list, s, rng) -> None:
    """Straight-liners tick one column throughout; speeders tick anything."""
    n = len(answers)
    line = rng.choice(list(LINES_TICKED), size=n, p=list(LINES_TICKED.values()))
    straight, fast = (answers.kind == "straight-liner"), (answers.kind == "speeder")
    for column in asked:
        top = _top(column)
        anything = rng.integers(1, min(top, 10) + 1, n)
        answers.loc[straight, column] = np.minimum(line, top)[straight]
        answers.loc[fast, column] = anything[fast]


def _twice(answers: pd.DataFrame, asked: list, s, rng) -> pd.DataFrame:
    """Let some people send the form again, minutes later, with an answer or two changed."""
    again = answers[rng.random(len(answers)) < s.duplicates].copy()
    again["submitted_at"] += pd.to_timedelta(rng.integers(*s.again_after, len(again)), unit="s")
    again["kind"] = "duplicate"
    changed = rng.integers(0, len(asked), len(again))
    for row, column in zip(again.index, changed, strict=True):
        name = asked[column]
        value = again.loc[row, name]
        again.loc[row, name] = _top(name) if pd.isna(value) else max(1, int(value) - 1)
    return pd.concat([answers, again], ignore_index=True)
