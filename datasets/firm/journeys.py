"""Touchpoint ratings of order journeys, and calls to customers thought lost."""

import numpy as np
import pandas as pd

from .chance import stream
from .parameters import REASONS, STEPS, Parameters
from .seasons import DATES, DAYS


def touchpoints_table(orders: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Write one row per rated journey: six touchpoints, the overall memory, the follow-up."""
    orders = orders.sort_values(["customer", "t"], kind="stable")
    gap = orders.groupby("customer").t.shift(-1) - orders.t
    within = p.satisfaction.return_within
    returned = (gap <= within).astype("boolean").mask(orders.t + within > DAYS)
    rated = orders.answered.astype(bool)
    table = orders[rated].assign(returned=returned[rated]).sort_index()
    out = table[["order_id", "customer_id", "date", "channel"]].reset_index(drop=True)
    rng = stream(p.seed, "touchpoints")
    for step in STEPS:
        skipped = rng.random(len(out)) < p.satisfaction.step_skipped
        out[step] = table[step].astype("Int64").reset_index(drop=True).mask(skipped)
    out["overall"] = table.overall.astype(int).to_numpy()
    out["alert"] = table.alert.astype(bool).to_numpy()
    followed = table.followed_up.where(table.alert.astype(bool))
    out["followed_up"] = followed.astype("boolean").to_numpy()
    out["returned"] = table.returned.to_numpy()
    out.insert(0, "journey_id", [f"J{i + 1:05d}" for i in range(len(out))])
    return out


def exit_calls_table(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Call everyone on the day the shop's rule calls them lost; ask the reached why they left."""
    rng = stream(p.seed, "exit calls")
    orders = orders.sort_values(["customer", "t"], kind="stable")
    following = orders.groupby("customer").day.shift(-1).fillna(DAYS)
    e = p.exit_calls
    call_day = orders.day + e.after
    called = orders[(following > call_day) & (call_day < DAYS)]
    day, who = called.day.to_numpy() + e.after, called.customer.to_numpy()
    n, person = len(called), people.iloc[called.customer]
    reached = rng.random(n) < e.reached
    honest = rng.random(n) < e.honest
    anything = np.array(REASONS, object)[rng.integers(0, len(REASONS), n)]
    said = np.where(honest, person.left_reason.to_numpy(), anything)
    here = ~(person.left.to_numpy() < day)
    said = np.where(here, "still a customer", said)
    table = pd.DataFrame({"customer_id": people.customer_id.to_numpy()[who]})
    table["date"] = DATES[day]
    table["reached"] = reached
    table["reason"] = pd.Series(said, dtype=object).where(reached)
    table = table.sort_values(["date", "customer_id"], ignore_index=True)
    table.insert(0, "call_id", [f"E{i + 1:05d}" for i in range(n)])
    return table
