"""Subscriptions: monthly contracts, products held, and a randomised second product."""

import numpy as np
import pandas as pd

from .chance import logistic, stream
from .parameters import SEGMENTS, Parameters
from .seasons import DATES, END, START

PRODUCTS = ("care", "tea", "fresh")
MONTHS = 12 * (END.year - START.year + 1)
# which subscription each segment takes first
FIRST = {
    "wellness": (0.5, 3, 2),
    "gift": (1, 3, 0.7),
    "grower": (5, 0.7, 0.3),
    "bargain": (2.5, 2, 0.4),
    "trade": (0.2, 2, 4),
}


def subscribe(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Simulate one row per subscriber; months count from January 2023."""
    rng, s = stream(p.seed, "subscriptions"), p.subscribing
    subs = _starts(orders, people, s, rng)
    n = len(subs)
    low_hazard = -np.log(people.leaving_hazard.to_numpy()[subs.customer])
    low_hazard = (low_hazard - low_hazard.mean()) / low_hazard.std()
    rho = s.commitment_by_hazard
    subs["commitment"] = rho * low_hazard + np.sqrt(1 - rho**2) * rng.standard_normal(n)
    churn = np.sort(rng.beta(s.churn_a, s.churn_b, n))[::-1]
    subs["monthly_churn"] = churn[subs.commitment.rank(method="first").astype(int) - 1]
    more = logistic(s.more_products + s.products_by_commitment * subs.commitment)
    subs["chosen"] = 1 + rng.binomial(len(PRODUCTS) - 1, more)
    _trial(subs, s, rng)
    subs["held"] = subs.chosen + subs.trial_taken
    churn = np.clip(subs.monthly_churn * s.product_effect ** (subs.held - 1), 1e-6, 1 - 1e-6)
    subs["months"] = np.ceil(np.log(1 - rng.random(n)) / np.log1p(-churn)).clip(1, 10**6)
    first = np.array([FIRST[x] for x in SEGMENTS])
    segment = people.segment.map({x: i for i, x in enumerate(SEGMENTS)}).to_numpy()[subs.customer]
    order = np.log(first[segment]) + rng.gumbel(size=(n, len(PRODUCTS)))
    subs["ranking"] = list(np.argsort(-order, axis=1, kind="stable"))
    return subs


def _starts(orders, people, s, rng) -> pd.DataFrame:
    """Let half of the customers subscribe on the first of the month after one of their orders."""
    chosen = orders[rng.random(len(people))[orders.customer] < s.subscriber_share]
    chosen = chosen.sort_values(["customer", "t"], kind="stable")
    count = chosen.groupby("customer").size()
    nth = np.floor(rng.random(len(count)) ** s.early * count.to_numpy()).astype(int)
    nth = chosen.groupby("customer").cumcount() == chosen.customer.map(
        pd.Series(nth, index=count.index)
    )
    start = chosen[nth]
    month = DATES[start.day].year * 12 + DATES[start.day].month - START.year * 12
    subs = pd.DataFrame({"customer": start.customer.to_numpy(), "start": np.asarray(month)})
    return subs[subs.start < MONTHS].reset_index(drop=True)


def _trial(subs: pd.DataFrame, s, rng) -> None:
    """Offer a free second product to a random half of the single-product subscribers."""
    begins = month_start(subs.start)
    eligible = (subs.chosen == 1) & (begins >= s.trial_from) & (begins <= s.trial_until)
    offered = eligible & (rng.random(len(subs)) < s.trial_share)
    subs["trial_eligible"] = eligible
    subs["trial_offered"] = offered
    subs["trial_taken"] = offered & (rng.random(len(subs)) < s.trial_accept)


def month_start(month) -> pd.DatetimeIndex:
    """Turn months since January 2023 into the first day of that month."""
    month = np.asarray(month).astype(int)
    text = [f"{START.year + m // 12}-{m % 12 + 1:02d}-01" for m in month]
    return pd.DatetimeIndex(text)


def subscriptions_table(subs: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Write one row per customer and product subscribed to."""
    row = np.repeat(np.arange(len(subs)), subs.held)
    nth = pd.Series(row).groupby(row).cumcount().to_numpy()
    mine = subs.iloc[row].reset_index(drop=True)
    product = np.array(PRODUCTS, object)[np.stack(subs.ranking.to_numpy())[row, nth]]
    table = pd.DataFrame({"customer_id": people.customer_id.to_numpy()[mine.customer]})
    table["product"] = product
    table["started_on"] = month_start(mine.start)
    stop = mine.start + np.minimum(mine.months, MONTHS + 1)
    ended = month_start(np.minimum(stop, MONTHS)) - pd.Timedelta(days=1)
    table["ended_on"] = pd.Series(ended).where(stop <= MONTHS)
    table["monthly_price"] = pd.Series(product).map(p.subscribing.price)
    table["monthly_cost"] = pd.Series(product).map(p.subscribing.cost)
    table["trial_offered"] = mine.trial_offered.where(mine.trial_eligible).astype("boolean")
    table["from_trial"] = (mine.trial_taken & (nth == 1)).astype(bool)
    table = table.sort_values(["started_on", "customer_id", "product"], ignore_index=True)
    table.insert(0, "subscription_id", [f"S{i + 1:05d}" for i in range(len(table))])
    return table
