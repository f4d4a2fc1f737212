"""Retailers, their monthly supply, and what they think of the firm."""

import numpy as np
import pandas as pd

from .chance import likert, pick, stream
from .parameters import Parameters, Retail
from .people import CITIES, MANAGERS
from .seasons import END, START

MONTHS = pd.date_range(START, END, freq="MS")
SEASON = np.array([1.55, 0.75, 0.95, 0.9, 0.9, 0.95, 0.8, 0.85, 1.3, 1.0, 1.15, 1.1])
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
    table["kind"] = pick(rng, r.kinds, n)
    table["city"] = pick(rng, {name: city.share for name, city in CITIES.items()}, n)
    table["manager"] = pick(rng, MANAGERS, n)
    first, last = (pd.Timestamp(day) for day in r.partners_between)
    opened = first + pd.to_timedelta(rng.integers(0, (last - first).days, n), unit="D")
    table["partner_since"] = opened
    base = r.size_median * np.exp(r.size_sd_log * rng.standard_normal(n))
    base = base * np.where(table.kind == "supermarket", r.supermarket_size, 1)
    promise = rng.random(n) < r.promise_share
    table["judged_promising"] = np.where(rng.random(n) < r.judged_right, promise, ~promise)
    hidden = table[["retailer_id"]].copy()
    hidden["base_demand"], hidden["promise"] = np.round(base, 1), promise
    hidden["goodwill"] = np.round(rng.standard_normal(n), 3)
    hidden["games"] = stream(p.seed, "gaming").random(n) < r.gaming_share
    return table, hidden


def supply(table: pd.DataFrame, hidden: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Simulate three years of orders, supply, sales, stock and price, month by month."""
    rng, r = stream(p.seed, "supply"), p.retail
    stock = hidden.base_demand.to_numpy() * r.first_stock
    ceiling = table.city.map({name: city.ceiling for name, city in CITIES.items()}).to_numpy()
    promising, games = table.judged_promising.to_numpy(bool), hidden.games.to_numpy(bool)
    sales, orders, months = [], [], []
    for m, month in enumerate(MONTHS):
        usual = _usual_demand(hidden, m, r)
        ruled = month >= pd.Timestamp(r.rule_from)
        ordered = _order(usual, stock, ruled, games, r, rng)
        tier = tier_of(np.mean(sales[-3:], axis=0), r) if m >= 3 else None
        cap = _cap(tier, orders[-3:], promising, ceiling, month, r) if ruled else np.nan
        given = np.fmin(ordered, cap)
        price = _price(stock, usual, r)
        wants = usual * (price / r.list_price) ** r.elasticity
        wants = wants * np.exp(r.demand_noise_log * rng.standard_normal(len(table)))
        sold = np.minimum(np.rint(wants), np.floor(stock + given))
        left = stock + given - sold
        stock = np.floor(left if ruled else left * r.stock_kept)  # old stock spoils when pushed
        sales.append(sold)
        orders.append(ordered)
        block = pd.DataFrame({"retailer_id": table.retailer_id, "month": month, "tier": tier})
        block["ceiling"] = ceiling if ruled else np.nan
        block = block.assign(cap=cap, ordered=ordered, supplied=given)
        months.append(block.assign(sold=sold, stock_end=stock, price=np.round(price, 1)))
    return _report(pd.concat(months, ignore_index=True), r, rng)


def _usual_demand(hidden: pd.DataFrame, m: int, r: Retail) -> np.ndarray:
    """Give the demand expected in month m at the list price; the promising grow."""
    growth = np.where(hidden.promise, 1 + r.promise_growth, 1) ** m
    return hidden.base_demand.to_numpy() * SEASON[m % 12] * growth


def _order(usual, stock, ruled: bool, games, r: Retail, rng) -> np.ndarray:
    """Order what is needed, less part of the surplus stock; before the rule, staff pushed more.

    Under the rule next month's cap follows this month's order, so some order ahead of need.
    """
    wish = usual * np.exp(r.order_noise_log * rng.standard_normal(len(usual)))
    if not ruled:
        return np.rint(wish * r.push)
    surplus = np.maximum(stock - r.surplus_from * usual, 0)
    needed = np.maximum(wish * r.order_margin - r.surplus_used * surplus, 0)
    return np.rint(needed * np.where(games, r.gaming, 1))


def _price(stock: np.ndarray, usual: np.ndarray, r: Retail) -> np.ndarray:
    """Cut the price when stock covers too many days."""
    days = 30 * stock / np.maximum(usual, 1)
    cut = np.minimum(r.price_fall * np.maximum(days - r.stock_days_free, 0), r.price_fall_most)
    return r.list_price * (1 - cut)


def tier_of(mean_sales: np.ndarray, r: Retail) -> np.ndarray:
    """Grade retailers by their mean monthly sales."""
    reached = [mean_sales >= floor for floor in r.tier_floor.values()]
    return np.select(reached, list(r.tier_floor), "small")


def _cap(tier, orders: list, promising, ceiling, month, r: Retail) -> np.ndarray:
    """Apply the tiered supply rule: by single months' orders, not sales, of the last three."""
    low, high = np.min(orders, axis=0), np.max(orders, axis=0)
    factor = pd.Series(tier).map(r.cap_factor).to_numpy(float)
    factor = np.where((tier == "small") & promising, r.cap_factor_promising, factor)
    cap = np.where(tier == "large", np.minimum(factor * low, ceiling), factor * high)
    season = r.holiday_float.get(f"{month.month}", 1)
    return np.ceil(np.maximum(cap, r.cap_least) * season)


def _report(table: pd.DataFrame, r: Retail, rng) -> pd.DataFrame:
    """Report late now and then, and sometimes not at all."""
    n = len(table)
    is_late = rng.random(n) < r.report_late
    late, usual = (rng.integers(*days, n) for days in (r.report_late_days, r.report_days))
    lag = np.where(is_late, late, usual)
    table["reported_on"] = table.month + pd.offsets.MonthEnd(1) + pd.to_timedelta(lag, unit="D")
    lost = rng.random(n) < r.report_lost
    for column in ("ceiling", "cap", "ordered", "supplied", "sold", "stock_end"):
        table[column] = table[column].round().astype("Int64")
    table.loc[lost, ["sold", "stock_end"]] = pd.NA
    return table.sort_values(["month", "retailer_id"], kind="stable", ignore_index=True)


def survey(
    table: pd.DataFrame, hidden: pd.DataFrame, sales: pd.DataFrame, p: Parameters
) -> pd.DataFrame:
    """Ask retailers about product, service, economics and company image (1-10), late in 2025."""
    rng, n, s = stream(p.seed, "retailer survey"), len(table), p.retailer_survey
    answered = rng.random(n) < s.response
    price = sales[sales.month >= s.prices_from].groupby("retailer_id").price.mean()
    discipline = table.retailer_id.map(price).to_numpy() / p.retail.list_price - s.usual_price
    out, total = table[["retailer_id"]].copy(), 0
    for part, items in ITEMS.items():
        latent = s.by_goodwill * hidden.goodwill.to_numpy() + s.noise * rng.standard_normal(n)
        latent = latent + s.by_price * discipline * (part == "economics")
        total = total + WEIGHTS[part] * latent
        for item in items:
            score = s.item_mean + s.item_slope * latent + s.item_noise * rng.standard_normal(n)
            missing = rng.random(n) < s.missing_item
            out[f"{part}_{item}"] = pd.Series(likert(score, 1, 10)).mask(missing).astype("Int64")
    for name, top in (("overall", 10), ("will_continue", 5)):
        level, slope, noise = getattr(s, name)
        out[name] = likert(level + slope * total + noise * rng.standard_normal(n), 1, top)
    day = pd.to_timedelta(rng.integers(0, s.field_days, n), unit="D")
    out.insert(1, "date", pd.Timestamp(s.asked_from) + day)
    return out[answered].sort_values(["date", "retailer_id"], kind="stable", ignore_index=True)


def inspections(p: Parameters) -> pd.DataFrame:
    """Inspect the packing line every week: a failure on fresh stems in the summer of 2025."""
    rng = stream(p.seed, "inspections")
    weeks = pd.date_range(START, END - pd.Timedelta(days=7), freq="W-MON")
    first, last = (pd.Timestamp(d) for d in p.help_line.failure)
    rows = []
    for line, share in p.inspections.defective.items():
        inspected = rng.integers(*p.inspections.inspected, len(weeks))
        failed = (weeks >= first) & (weeks <= last) & (line == "fresh")
        defective = rng.binomial(inspected, share * np.where(failed, p.help_line.failure_factor, 1))
        defects = defective + rng.binomial(defective, p.inspections.second_defect)
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
