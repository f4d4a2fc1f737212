"""The points ledger: every entry and the balance after it."""

from collections import defaultdict

import pandas as pd

from .chance import stream
from .parameters import Parameters
from .people import member_since
from .seasons import DATES

BONUS = 100  # on joining
STEP = 500  # points are redeemed in steps of this size
REDEEM = 0.3  # chance to redeem at an order when there is enough
YEAR_ENDS = pd.to_datetime(["2023-12-31", "2024-12-31", "2025-12-31"])


def ledger(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Write the ledger: one point a yuan, lost at the end of the year after it was earned."""
    joined = member_since(people, p)
    mine = orders[orders.date >= joined.to_numpy()[orders.customer]]
    u = stream(p.seed, "points").random(len(orders))[mine.index]
    purchases = defaultdict(list)
    for customer, *purchase in zip(
        mine.customer, mine.date, mine.order_id, mine.amount, u, strict=True
    ):
        purchases[customer].append(purchase)
    entries = []
    for customer, since in joined[joined.notna()].items():
        entries += _account(people.customer_id[customer], since, purchases[customer])
    columns = ["customer_id", "date", "kind", "points", "order_id", "balance"]
    table = pd.DataFrame(entries, columns=columns)
    table = table.sort_values("date", kind="stable", ignore_index=True)
    table.insert(0, "entry_id", [f"L{i + 1:06d}" for i in range(len(table))])
    return table


def _account(customer_id: str, since, purchases: list) -> list:
    """Keep one member's account."""
    balance, used, earned = BONUS, 0, {since.year: BONUS}
    entries = [(customer_id, since, "bonus", BONUS, None, BONUS)]

    def enter(date, kind, points, order_id=None):
        nonlocal balance, used
        balance += points
        if points < 0:
            used -= points
        entries.append((customer_id, date, kind, points, order_id, balance))

    ends = [d for d in YEAR_ENDS if d >= since]
    for date, order_id, amount, u in [*purchases, (DATES[-1] + pd.Timedelta(days=1), None, 0, 1)]:
        while ends and ends[0] < date:
            end = ends.pop(0)
            old = sum(v for year, v in earned.items() if year < end.year)
            if old > used:  # the oldest points are used first
                enter(end, "expire", used - old)
        if order_id is None:
            break
        if u < REDEEM and balance >= STEP:
            enter(date, "redeem", -(balance // STEP) * STEP, order_id)
        if int(amount) > 0:
            earned[date.year] = earned.get(date.year, 0) + int(amount)
            enter(date, "earn", int(amount), order_id)
    return entries
