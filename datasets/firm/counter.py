"""The service counter: who comes when, how long they wait, who gives up."""

import heapq

import numpy as np
import pandas as pd

from .chance import pick, stream
from .parameters import Parameters, Waiting
from .seasons import DATES, DAYS, day_of

OPENS = 9 * 60  # minutes after midnight
CLOSED = ("2025-01-28", "2025-01-29", "2025-01-30")  # over Spring Festival


def penalty(wait, activity_ratio, w: Waiting) -> np.ndarray:
    """Count the rating points lost to a wait in minutes: gentle to the knee, steep after it."""
    beyond = np.maximum(np.asarray(wait) - w.knee, 0)
    lost = w.slope_before * np.minimum(wait, w.knee) + w.slope_after * beyond
    return np.minimum(lost, w.most_lost) * activity_ratio


def simulate(p: Parameters) -> pd.DataFrame:
    """Run the counter day by day; one row per visitor, in order of arrival."""
    w, rng = p.waiting, stream(p.seed, "counter")
    shut = [day_of(day) for day in CLOSED]
    days = [_one_day(d, w, rng) for d in range(day_of(w.opened), DAYS) if d not in shut]
    visits = pd.DataFrame({c: np.concatenate([day[c] for day in days]) for c in days[0]})
    ratio = visits.activity.map(w.felt_ratio).astype(float)
    # the rating suffers from felt time: centred so that the average activity changes nothing
    visits["lost"] = np.where(visits.abandoned, 0, penalty(visits.wait, ratio / w.felt_usual, w))
    visits["felt"] = (
        visits.wait * ratio * np.exp(w.felt_noise_log * rng.standard_normal(len(visits)))
    )
    return visits


def _one_day(day: int, w: Waiting, rng: np.random.Generator) -> dict:
    weekend = DATES[day].day_of_week >= 5
    expected = np.array(w.hour_share) * (w.arrivals_weekend if weekend else w.arrivals_weekday)
    counts = rng.poisson(
        expected * rng.gamma(w.day_shape, 1 / w.day_shape)
    )  # some days are busier than others
    arrival = np.sort(
        OPENS + np.repeat(np.arange(len(counts)) * 60, counts) + 60 * rng.random(counts.sum())
    )
    want = pick(rng, w.want_share, len(arrival))
    mean = np.array([w.service_mean[x] for x in want], float)
    service = np.maximum(
        w.service_least, mean * rng.gamma(w.service_shape, 1 / w.service_shape, len(arrival))
    )
    patience = rng.gamma(w.patience_shape, w.patience_mean / w.patience_shape, len(arrival))
    desks = w.servers_weekend if weekend else w.servers_weekday
    start = _serve(arrival, service, patience, desks)
    corner = bool(rng.random() < w.corner_share)
    return {
        "day": np.full(len(arrival), day),
        "arrival": arrival,
        "start": start,
        "end": start + service,
        "abandoned": np.isnan(start),
        "wait": np.where(np.isnan(start), patience, start - arrival),
        "want": want,
        "desks": np.array(desks)[np.minimum((arrival - OPENS) // 60, len(desks) - 1).astype(int)],
        "reading_corner": np.full(len(arrival), corner),
        "activity": pick(rng, w.activity_corner if corner else w.activity_plain, len(arrival)),
    }


def _serve(arrival, service, patience, desks) -> np.ndarray:
    """Serve first come, first served, by the desks open at the time; NaN where patience ended."""
    start = np.full(len(arrival), np.nan)
    free = [OPENS] * max(desks)  # when each desk is next free
    heapq.heapify(free)
    for i, now in enumerate(arrival):
        ready = _ready(free, now, desks)
        if ready - now > patience[i]:
            continue
        start[i] = ready
        heapq.heapreplace(free, ready + service[i])
    return start


def _ready(free: list, now: float, desks) -> float:
    """Say when the next visitor can be served: a desk is free and its hour has it open."""
    at = max(free[0], now)
    while True:
        hour = min(int((at - OPENS) // 60), len(desks) - 1)
        busy = sum(f > at for f in free)
        if busy < desks[hour]:
            return at
        at = min(t for t in [*free, OPENS + 60 * (hour + 1)] if t > at)


def visits_table(slots: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Write the ticket machine's record, with ratings from those who gave one."""
    rng, n = stream(p.seed, "visits"), len(slots)
    who = slots.customer.to_numpy()
    disposition = np.where(
        who >= 0, people.disposition.to_numpy()[np.maximum(who, 0)], rng.standard_normal(n)
    )
    w = p.waiting
    score = w.rating_level + w.rating_by_disposition * disposition - slots.lost
    score = score + w.rating_noise * rng.standard_normal(n)
    rated = ~slots.abandoned & (rng.random(n) < p.waiting.rated_share)
    midnight = DATES[slots.day]

    def clock(minutes):
        return midnight + pd.to_timedelta(np.rint(minutes * 60), unit="s")

    return pd.DataFrame(
        {
            "visit_id": [f"V{i + 1:06d}" for i in range(n)],
            "customer_id": people.customer_id.reindex(who).to_numpy(),
            "arrival": clock(slots.arrival),
            "start": clock(slots.start),
            "end": clock(slots.end),
            "abandoned_at": clock((slots.arrival + slots.wait).where(slots.abandoned)),
            "abandoned": slots.abandoned,
            "purpose": slots.want,
            "desks_open": slots.desks,
            "reading_corner": slots.reading_corner,
            "activity": slots.activity,
            "felt_wait": slots.felt.round().where(rated).astype("Int64"),
            "rating": pd.Series(np.clip(np.rint(score), 1, 10)).where(rated).astype("Int64"),
            "order_id": slots.order_id,
        }
    )
