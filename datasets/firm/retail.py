"""Retailers, their monthly supply, and what they think of the firm."""

import numpy as np
import pandas as pd

from .chance import likert, pick, stream
from .parameters import Parameters, Retail
from .people import CITIES, MANAGERS

MONTHS = pd.date_range("2023-01-01", periods=36, freq="MS")
SEASON = np.array([1.55, 0.75, 0.95, 0.9, 0.9, 0.95, 0.8, 0.85, 1.3, 1.0, 1.15, 1.1])
HOLIDAY_FLOAT = {1: 1.3, 9: 1.2}  # the cap is loosened for Spring Festival and Mid-Autumn
ITEMS = {
    "product": ("quality", "range", "packaging"),
    "service": ("order_handling", "delivery", "visits_of_staff"),
    "economics": ("margin", "stock_turn", "price_discipline"),
    "image": ("reputation", "advertising"),
}
WEIGHTS = dict(product=0.25, service=0.25, economics=0.35, image=0.15)


def retailers(p: Parameters) -> tuple:
    """Draw the retailers and what is hidden about them."""
    rng, r = stream(p.seed, "retailers"), p.retail
    n = r.retailers
    table = pd.DataFrame({"retailer_id": [f"T{i + 1:03d}" for i in range(n)]})
    kinds = {
        "tea shop": 3,
        "pharmacy": 3,
        "garden centre": 2,
        "supermarket": 1,
        "online reseller": 1,
    }
    table["kind"] = pick(rng, kinds, n)
    table["city"] = pick(rng, {c: v[1] for c, v in CITIES.items()}, n)
    table["manager"] = pick(rng, MANAGERS, n)
    opened = pd.Timestamp("2012-01-01") + pd.to_timedelta(rng.integers(0, 3900, n), unit="D")
    table["partner_since"] = opened
    base = r.size_median * np.exp(r.size_sd_log * rng.standard_normal(n))
    base = base * np.where(table.kind == "supermarket", 2.2, 1.0)
    promise = rng.random(n) < r.promise_share
    table["judged_promising"] = np.where(rng.random(n) < 0.8, promise, ~promise)
    hidden = table[["retailer_id"]].copy()
    hidden["base_demand"], hidden["promise"] = np.round(base, 1), promise
    hidden["goodwill"] = np.round(rng.standard_normal(n), 3)
    return table, hidden


def supply(table: pd.DataFrame, hidden: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Simulate three years of orders, supply, sales, stock and price, month by month."""
    rng, r = stream(p.seed, "supply"), p.retail
    stock = hidden.base_demand.to_numpy() * 0.8
    promising = table.judged_promising.to_numpy(bool)
    history, months = [], []
    for m, month in enumerate(MONTHS):
        usual = _usual_demand(hidden, m, r)
        ruled = month >= pd.Timestamp(r.rule_from)
        ordered = _order(usual, stock, ruled, r, rng)
        tier, cap = _cap(history, promising, month, r) if m >= 3 else (None, np.nan)
        given = np.minimum(ordered, cap) if ruled else ordered
        price = _price(stock, usual, r)
        wants = usual * (price / r.list_price) ** r.elasticity
        wants = wants * np.exp(0.15 * rng.standard_normal(len(table)))
        sold = np.minimum(np.rint(wants), np.floor(stock + given))
        left = stock + given - sold
        stock = np.floor(left if ruled else left * 0.93)  # old stock spoils, most when pushed
        history.append(sold)
        block = pd.DataFrame({"retailer_id": table.retailer_id, "month": month, "tier": tier})
        block = block.assign(cap=cap if ruled else np.nan, ordered=ordered, supplied=given)
        months.append(block.assign(sold=sold, stock_end=stock, price=np.round(price, 1)))
    return _report(pd.concat(months, ignore_index=True), rng)


def _usual_demand(hidden: pd.DataFrame, m: int, r: Retail) -> np.ndarray:
    """Give the demand expected in month m at the list price; the promising grow."""
    growth = np.where(hidden.promise, 1 + r.promise_growth, 1.0) ** m
    return hidden.base_demand.to_numpy() * SEASON[m % 12] * growth


def _order(usual: np.ndarray, stock: np.ndarray, ruled: bool, r: Retail, rng) -> np.ndarray:
    """Order what is needed, less half of the surplus stock; before the rule, staff pushed more."""
    wish = usual * np.exp(0.12 * rng.standard_normal(len(usual)))
    surplus = np.maximum(stock - 0.5 * usual, 0)
    return np.rint(np.maximum(wish * 1.05 - 0.5 * surplus, 0) if ruled else wish * r.push)


def _price(stock: np.ndarray, usual: np.ndarray, r: Retail) -> np.ndarray:
    """Cut the price when stock covers too many days."""
    days = 30 * stock / np.maximum(usual, 1)
    cut = np.minimum(r.price_fall * np.maximum(days - r.stock_days_free, 0), 0.35)
    return r.list_price * (1 - cut)


def tier_of(mean_sales: np.ndarray, r: Retail) -> np.ndarray:
    """Grade retailers by their mean monthly sales."""
    names = list(r.tier_floor)
    return np.select([mean_sales >= r.tier_floor[t] for t in names[:-1]], names[:-1], names[-1])


def _cap(history: list, promising: np.ndarray, month, r: Retail) -> tuple:
    """Apply the tiered supply rule to the last three months' sales."""
    last = np.array(history[-3:])
    tier = tier_of(last.mean(axis=0), r)
    low, high = last.min(axis=0), last.max(axis=0)
    factor = {"large": low, "mid-large": high, "mid": 1.3 * high, "mid-small": 2 * high}
    cap = np.select(
        [tier == t for t in factor], list(factor.values()), np.where(promising, 2, 1) * high
    )
    return tier, np.ceil(np.maximum(cap, 10) * HOLIDAY_FLOAT.get(month.month, 1.0))


def _report(table: pd.DataFrame, rng) -> pd.DataFrame:
    """Report late now and then, and sometimes not at all."""
    n = len(table)
    lag = np.where(rng.random(n) < 0.04, rng.integers(15, 45, n), rng.integers(1, 8, n))
    table["reported_on"] = table.month + pd.offsets.MonthEnd(1) + pd.to_timedelta(lag, unit="D")
    lost = rng.random(n) < 0.012
    for column in ("cap", "ordered", "supplied", "sold", "stock_end"):
        table[column] = table[column].round().astype("Int64")
    table.loc[lost, ["sold", "stock_end"]] = pd.NA
    return table.sort_values(["month", "retailer_id"], kind="stable", ignore_index=True)


def survey(
    table: pd.DataFrame, hidden: pd.DataFrame, sales: pd.DataFrame, p: Parameters
) -> pd.DataFrame:
    """Ask retailers about product, service, economics and company image (1-10), late in 2025."""
    rng = stream(p.seed, "retailer survey")
    answered = rng.random(len(table)) < 0.78
    price = sales[sales.month >= "2025-01-01"].groupby("retailer_id").price.mean()
    discipline = (table.retailer_id.map(price) / p.retail.list_price - 0.97).to_numpy() * 12
    out, total = table[["retailer_id"]].copy(), 0
    for part, items in ITEMS.items():
        latent = 0.7 * hidden.goodwill.to_numpy() + 0.7 * rng.standard_normal(len(table))
        latent = latent + discipline * (part == "economics")
        total = total + WEIGHTS[part] * latent
        for item in items:
            score = likert(7.1 + 1.1 * latent + 0.8 * rng.standard_normal(len(table)), 1, 10)
            out[f"{part}_{item}"] = (
                pd.Series(score).mask(rng.random(len(table)) < 0.02).astype("Int64")
            )
    out["overall"] = likert(7.2 + 1.5 * total + 0.5 * rng.standard_normal(len(table)), 1, 10)
    out["will_continue"] = likert(4.0 + 0.8 * total + 0.5 * rng.standard_normal(len(table)), 1, 5)
    day = pd.to_timedelta(rng.integers(0, 21, len(table)), unit="D")
    out.insert(1, "date", pd.Timestamp("2025-11-03") + day)
    return out[answered].sort_values(["date", "retailer_id"], kind="stable", ignore_index=True)


def inspections(p: Parameters) -> pd.DataFrame:
    """Inspect the packing line every week: a failure on fresh stems in the summer of 2025."""
    rng = stream(p.seed, "inspections")
    weeks = pd.date_range("2023-01-02", "2025-12-22", freq="7D")
    first, last = (pd.Timestamp(d) for d in p.help_line.failure)
    level = dict(potted=0.030, fresh=0.042, seedlings=0.036)
    rows = []
    for line, share in level.items():
        inspected = rng.integers(120, 261, len(weeks))
        failed = (weeks >= first) & (weeks <= last) & (line == "fresh")
        defective = rng.binomial(inspected, share * np.where(failed, p.help_line.failure_factor, 1))
        defects = defective + rng.binomial(defective, 0.25)
        rows.append(
            pd.DataFrame(
                dict(
                    week=weeks, line=line, inspected=inspected, defective=defective, defects=defects
                )
            )
        )
    table = pd.concat(rows).sort_values(["week", "line"], kind="stable", ignore_index=True)
    table.insert(0, "batch_id", [f"B{i + 1:04d}" for i in range(len(table))])
    return table
