"""The heart of the simulation: buying, experiencing, being satisfied, staying or leaving.

Customers live in rounds. Round k holds the k-th order of everyone who gets that far: the journey is
rated, the rating moves satisfaction, satisfaction sets the hazards of leaving, and whichever comes
first (the next purchase or one of the five reasons to leave) decides who enters round k + 1.
"""

import numpy as np
import pandas as pd

from .chance import likert, pick_column, stream
from .parameters import REASONS, SEGMENTS, STEPS, Channels, Parameters, Satisfaction
from .people import CITIES
from .seasons import DAYS, day_of, demand

YEAR = 365.25
CHANNELS = ("shop", "web", "wechat")
SHOPS = {"Hangzhou": "West Lake", "Ningbo": "Ningbo", "Shanghai": "Shanghai"}


class Slots:
    """The visits of the counter, handed out to customers who buy there, each at most once."""

    def __init__(self, visits: pd.DataFrame, rng: np.random.Generator):
        served = visits.index[~visits.abandoned & (visits.want == "purchase")].to_numpy()
        shuffled = rng.permutation(served)
        self._slots = shuffled[np.argsort(visits.day.to_numpy()[shuffled], kind="stable")]
        day = visits.day.to_numpy()[self._slots]
        self._next = np.searchsorted(day, np.arange(DAYS))
        self._stop = np.searchsorted(day, np.arange(DAYS), side="right")

    def take(self, days: np.ndarray) -> np.ndarray:
        """Give each day in `days` a visit not yet taken, or -1 when the day has none left."""
        taken = np.full(len(days), -1)
        for i, day in enumerate(days):
            if self._next[day] < self._stop[day]:
                taken[i] = self._slots[self._next[day]]
                self._next[day] += 1
        return taken


def live(people: pd.DataFrame, visits: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Simulate every customer; return one row per order and complete `people` in place."""
    rng = stream(p.seed, "lives")
    slots = Slots(visits, stream(p.seed, "slots"))
    traits = {c: people[c].to_numpy() for c in people}
    hazards = people[[f"hazard_{r}" for r in REASONS]].to_numpy() / YEAR
    seasons = np.array([np.concatenate([[0], np.cumsum(level)]) for level in demand().values()])
    segment = people.segment.map({s: i for i, s in enumerate(SEGMENTS)}).to_numpy()
    habit = _channel_habits(people, p.channels, stream(p.seed, "channels"))

    n = len(people)
    satisfaction = p.satisfaction.at_first * traits["disposition"]
    left, reason = np.full(n, np.nan), np.full(n, -1)
    who, now, rounds = np.arange(n), traits["first"].copy(), []
    while len(who):
        order = _journeys(who, now, habit[who], traits, visits, slots, p.satisfaction, rng)
        satisfaction[who] = _learn(satisfaction[who], order["recall"], p.satisfaction)
        order["satisfaction"] = satisfaction[who]
        rounds.append(pd.DataFrame(order))

        hazard = hazards[who] * _felt(satisfaction[who], order["recall"], p)
        hazard *= np.exp(p.satisfaction.follow_up_effect * order["followed_up"])[:, None]
        clocks = now[:, None] + rng.exponential(size=hazard.shape) / hazard
        leaves, why = clocks.min(axis=1), clocks.argmin(axis=1)
        buys = _next_purchase(now, traits["purchase_rate"][who], segment[who], seasons, rng)

        gone = (leaves < buys) & (leaves < DAYS)
        left[who[gone]], reason[who[gone]] = leaves[gone], why[gone]
        on = ~gone & (buys < DAYS)
        who, now = who[on], buys[on]

    people["left"] = left
    people["left_reason"] = np.array([*REASONS, None], object)[reason]
    people["satisfaction"] = satisfaction
    return pd.concat(rounds, ignore_index=True)


def _channel_habits(people: pd.DataFrame, c: Channels, rng: np.random.Generator) -> np.ndarray:
    """Give each customer a chance for each channel: shops only where there is one."""
    near = people.city.map({name: city.has_shop for name, city in CITIES.items()}).to_numpy(bool)
    young = (people.age < c.young_under).to_numpy()
    wechat = c.wechat + c.wechat_young * young
    base = np.column_stack([np.where(near, c.shop, 0.0), np.full(len(people), c.web), wechat])
    habit = base * rng.gamma(c.habit_shape, size=base.shape) + c.habit_least * (base > 0)
    return habit / habit.sum(axis=1, keepdims=True)


def _journeys(who, now, habit, traits, visits, slots, s: Satisfaction, rng) -> dict:
    """Let each customer go through the six touchpoints of an order, and remember them."""
    n = len(who)
    channel = np.array(CHANNELS, object)[pick_column(rng, habit)]
    at_counter = (channel == "shop") & (traits["city"][who] == "Hangzhou")
    visit = np.full(n, -1)
    visit[at_counter] = slots.take(np.floor(now[at_counter]).astype(int))
    lost = np.where(visit >= 0, visits.lost.to_numpy()[np.maximum(visit, 0)], s.usual_wait)

    felt = (
        s.neutral + np.array(s.step_level) + s.person_effect * traits["disposition"][who][:, None]
    )
    felt = felt + s.step_noise * rng.standard_normal((n, len(STEPS)))
    felt[:, STEPS.index("waiting")] -= lost - s.usual_wait
    felt = likert(felt, 1, 10)  # what is remembered is what would be ticked
    recall = remember(felt, s)
    answered = (now >= day_of(s.asked_from)) & (rng.random(n) < s.asked_share * s.answered_share)
    overall = np.clip(np.rint(recall + s.recall_noise * rng.standard_normal(n)), 1, 10)
    alert = answered & (overall <= s.alert_at)
    followed_up = alert & (rng.random(n) < s.follow_up_share)
    order = dict(customer=who, t=now, channel=channel, visit=visit, recall=recall)
    order |= dict(answered=answered, overall=overall, alert=alert, followed_up=followed_up)
    return order | {step: felt[:, j] for j, step in enumerate(STEPS)}


def remember(felt: np.ndarray, s: Satisfaction) -> np.ndarray:
    """Turn touchpoints into the remembered journey: the peak, the end, and a little of the mean."""
    moved = felt - s.neutral
    worst, best = moved.min(axis=1), moved.max(axis=1)
    peak = np.where(-worst >= best, worst, best)  # bad is stronger where both are as far
    memory = s.peak_weight * peak + s.end_weight * moved[:, -1] + s.mean_weight * moved.mean(axis=1)
    return s.neutral + memory


def _learn(before: np.ndarray, recall: np.ndarray, s: Satisfaction) -> np.ndarray:
    """Move satisfaction (in sd) towards the newest remembered journey."""
    return (1 - s.learning) * before + s.learning * (recall - s.recall_level) / s.points_per_sd


def _felt(satisfaction: np.ndarray, recall: np.ndarray, p: Parameters) -> np.ndarray:
    """Multiply each reason's hazard for satisfaction and the newest memory (customers x reasons)."""
    effect = np.array([p.leaving.satisfaction_effect[r] for r in REASONS])
    worse = p.leaving.memory_effect * (p.satisfaction.neutral - recall)[:, None]
    return np.exp(-effect * satisfaction[:, None] + worse * (effect > 0))


def _next_purchase(now, rate, segment, seasons, rng) -> np.ndarray:
    """Draw the next purchase of a Poisson process that moves with the season."""
    days, out = np.arange(DAYS + 1), np.empty(len(now))
    wait = rng.exponential(size=len(now)) / (rate / YEAR)
    for i, level in enumerate(seasons):
        mine = segment == i
        target = np.interp(now[mine], days, level) + wait[mine]
        out[mine] = np.where(
            target < level[-1], np.interp(np.minimum(target, level[-1]), level, days), np.inf
        )
    return out
