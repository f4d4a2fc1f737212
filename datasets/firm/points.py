"""The points ledger: every entry and the balance after it."""

from collections import defaultdict

import pandas as pd

from .chance import stream
from .parameters import Membership, Parameters
from .people import member_since
from .seasons import DATES, END, START

YEAR_ENDS = pd.date_range(START, END, freq="YE")


def ledger(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Write the ledger: one point a yuan, lost at the end of the year after it was earned."""
    joined, m = member_since(people, p), p.membership
    mine = orders[orders.date >= joined.to_numpy()[orders.customer]]
    u = stream(p.seed, "points").random(len(orders))[mine.index]
    purchases = defaultdict(list)
    for customer, *purchase in zip(
        mine.customer, mine.date, mine.order_id, mine.amount, u, strict=True
    ):
        purchases[customer].append(purchase)
    entries = []
    for customer, since in joined[joined.notna()].items():
        entries += _account(people.customer_id[customer], since, purchases[customer], m)
    columns = ["customer_id", "date", "kind", "points", "order_id", "balance"]
    table = pd.DataFrame(entries, columns=columns)
    table = table.sort_values("date", kind="stable", ignore_index=True)
    table.insert(0, "entry_id", [f"L{i + 1:06d}" for i in range(len(table))])
    return table


def _account(customer_id: str, since, purchases: list, m: Membership) -> list:
    """Keep one member's account."""
    balance, used, earned = m.bonus, 0, {since.year: m.bonus}
    entries = [(customer_id, since, "bonus", m.bonus, None, m.bonus)]

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
        if u < m.redeem_share and balance >= m.redeem_step:
            enter(date, "redeem", -(balance // m.redeem_step) * m.redeem_step, order_id)
        if int(amount) > 0:
            earned[date.year] = earned.get(date.year, 0) + int(amount)
            enter(date, "earn", int(amount), order_id)
    return entries
