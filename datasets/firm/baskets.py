"""What is in each order: lines, prices, discounts, cost, delivery; and what comes back."""

import numpy as np
import pandas as pd

from .chance import pick_column, stream
from .life import SHOPS
from .parameters import SEGMENTS, Parameters
from .people import CITIES, member_since
from .products import LINES, products, taste
from .seasons import DATES, START, day_of, promotion

# how demand for a line moves in some months: stems in winter, seedlings in spring
LINE_SEASONS = {
    "fresh": {11: 1.5, 12: 1.5, 1: 1.5, 2: 1.5, 3: 1.5, 6: 0.6, 7: 0.6, 8: 0.6},
    "seedlings": {3: 2.5, 4: 2.5, 5: 2.5},
    "care": {3: 1.5, 4: 1.5, 5: 1.5},
    "potted": {5: 1.5, 6: 1.5},  # it flowers
    "gift": {1: 1.8, 9: 1.8},
}
# orders in each hour of the day: in the shops, and online
ORDER_HOURS = {
    "hour": (9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22),
    "shop": (5, 9, 11, 6, 5, 8, 10, 9, 6, 1, 0, 0, 0, 0),
    "online": (4, 6, 6, 7, 6, 5, 5, 5, 5, 6, 9, 12, 11, 7),
}
# why lines come back: weights for what perishes, and for the rest
RETURN_REASONS = {
    "damaged": (5, 1.5), "quality": (4, 2), "not as shown": (3, 3), "changed mind": (1, 4),
    "wrong item": (1, 1),
}  # fmt: skip
PERISHABLE = ("fresh", "seedlings", "potted")


def fill(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> tuple:
    """Complete `orders` (sorted by time) with ids and amounts; return it with its lines."""
    rng = stream(p.seed, "baskets")
    orders = orders.sort_values(["t", "customer"], kind="stable", ignore_index=True)
    orders["day"] = np.floor(orders.t).astype(int)
    orders["date"] = DATES[orders.day]
    orders["order_id"] = [f"O{i + 1:06d}" for i in range(len(orders))]
    orders["customer_id"] = people.customer_id.to_numpy()[orders.customer]
    orders["discount_rate"] = _discount_rates(orders, people, p)
    lines = _lines(orders, people, p, rng)
    _add_up(orders, lines, people, p)
    return orders, lines


def _discount_rates(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> np.ndarray:
    """Find the best of coupon, shop-wide promotion and membership; they do not add up."""
    joined = member_since(people, p).to_numpy()[orders.customer]
    member = np.where(joined <= orders.date.to_numpy(), p.buying.member_discount, 0)
    online = (orders.channel != "shop").to_numpy()
    promoted = promotion()[orders.day] & online
    rate = np.maximum(member, np.where(promoted, p.buying.online_promotion, 0))
    return np.maximum(rate, np.where(orders.campaign_id.notna(), p.campaigns.coupon_rate, 0))


def _lines(orders, people, p: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    """Fill each order with lines worth about what its customer means to spend."""
    row, share = _budgets(orders, people, p, rng)
    goods, day = products(), orders.day.to_numpy()[row]
    risen = np.rint(goods.list_price.to_numpy() * (1 + p.buying.price_rise))
    price = np.where(
        day[:, None] >= day_of(p.buying.price_rise_on), risen, goods.list_price.to_numpy()
    ).astype(float)
    item = pick_column(rng, _appeal(orders, people, row, day, goods, price, share, p))
    chosen = price[np.arange(len(row)), item]
    dearer = 1 + p.buying.cost_rise * (DATES.year.to_numpy()[day] - START.year)
    lines = pd.DataFrame({"order": row, "product": item, "unit_price": chosen})
    lines["quantity"] = np.clip(np.rint(share / chosen), 1, p.buying.most_pieces).astype(int)
    lines["unit_cost"] = np.round(goods.unit_cost.to_numpy()[item] * dearer, 2)
    same = lines.groupby(["order", "product"], as_index=False)
    lines = same.agg({"quantity": "sum", "unit_price": "first", "unit_cost": "first"})
    gross = lines.quantity * lines.unit_price
    lines["discount"] = np.round(gross * orders.discount_rate.to_numpy()[lines.order], 2)
    lines["amount"] = np.round(gross - lines.discount, 2)
    lines["cost"] = np.round(lines.quantity * lines.unit_cost, 2)
    lines["line"] = lines.groupby("order").cumcount() + 1
    lines["product_id"] = goods.product_id.to_numpy()[lines["product"]]
    lines["order_id"] = orders.order_id.to_numpy()[lines.order]
    return lines


def _budgets(orders, people, p: Parameters, rng: np.random.Generator) -> tuple:
    """Draw what each order shall cost (gamma around the customer's mean) and split it into lines."""
    mean = people.mean_basket.to_numpy()[orders.customer]
    b = p.buying
    target = rng.gamma(b.basket_shape, size=len(orders)) / b.basket_shape * mean
    more = b.more_lines + b.more_lines_by_value * np.log1p(target / b.more_lines_value)
    count = 1 + np.minimum(rng.poisson(more), b.most_more_lines)
    row = np.repeat(np.arange(len(orders)), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    share = rng.gamma(b.line_shape, size=len(row))
    return row, share / np.add.reduceat(share, first)[row] * target[row]


def _appeal(orders, people, row, day, goods, price, share, p) -> np.ndarray:
    """Weigh the products for each line: taste, season, launched by then, price near the budget."""
    segment = people.segment.map({s: i for i, s in enumerate(SEGMENTS)}).to_numpy()
    weight = taste()[segment[orders.customer.to_numpy()[row]]]
    weight = weight * _line_seasons()[DATES.month.to_numpy()[day] - 1][:, _line_index(goods)]
    weight = weight * (goods.launched_on.to_numpy()[None, :] <= DATES.to_numpy()[day][:, None])
    off = np.log(price / share[:, None])
    # dearer than the budget repels; cheaper is bought in numbers
    b = p.buying
    near = np.exp(-np.where(off > 0, off**2 / b.dearer_width, off**2 / b.cheaper_width))
    return weight * near + 1e-12 * weight  # where nothing is near, anything launched will do


def _line_index(goods: pd.DataFrame) -> np.ndarray:
    return goods.line.map({line: i for i, line in enumerate(LINES)}).to_numpy()


def _line_seasons() -> np.ndarray:
    """Scale the lines in each month (months x lines)."""
    months = range(1, 13)
    return np.array([[LINE_SEASONS.get(x, {}).get(m, 1.0) for x in LINES] for m in months])


def _add_up(orders: pd.DataFrame, lines: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> None:
    """Sum the lines into their orders, and send the parcels."""
    total = lines.groupby("order")[["discount", "amount", "cost"]].sum().round(2)
    orders[["discount", "amount", "cost"]] = total.loc[orders.index].to_numpy()
    online, d = (orders.channel != "shop").to_numpy(), p.delivery
    city = people.city.to_numpy()[orders.customer]
    zone = np.array([CITIES[c].zone for c in city])
    fresh = products().line.to_numpy()[lines["product"]] == "fresh"
    cold = np.isin(orders.index, lines.order[fresh])
    cost = np.array(d.cost_by_zone)[zone - 1] + d.cold_chain * cold
    cost = cost * (1 + (orders.amount > d.second_parcel))
    orders["delivery_cost"] = np.where(online, cost, 0.0)
    orders["delivery_fee"] = np.where(online & (orders.amount < d.free_from), d.fee, 0.0)
    shop = pd.Series(city).map(SHOPS).to_numpy()
    orders["shop"] = pd.Series(shop, dtype=object).where(~online)


def orders_table(orders: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Write the order table; tills report late now and then."""
    rng, n, b = stream(p.seed, "orders"), len(orders), p.buying
    table = orders[
        ["order_id", "customer_id", "date", "channel", "shop", "amount", "discount"]
    ].copy()
    at, in_shop, online = (np.array(ORDER_HOURS[x], float) for x in ORDER_HOURS)
    shop = (orders.channel == "shop").to_numpy()
    hour = at[pick_column(rng, np.where(shop[:, None], in_shop, online))]
    table.insert(3, "hour", np.where(orders.visit >= 0, orders.visit_hour, hour).astype(int))
    table[["delivery_fee", "delivery_cost", "campaign_id"]] = orders[
        ["delivery_fee", "delivery_cost", "campaign_id"]
    ]
    late = np.where(rng.random(n) < b.booked_late, rng.integers(*b.booked_late_days, n), 0) * shop
    table["recorded_on"] = table.date + pd.to_timedelta(late, unit="D")
    return table


def lines_table(lines: pd.DataFrame) -> pd.DataFrame:
    """Write the order lines."""
    columns = ["order_id", "line", "product_id", "quantity", "unit_price"]
    return lines[[*columns, "discount", "amount", "unit_cost", "cost"]].copy()


def returns_table(orders, lines, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Send lines back: fresh goods and gifts more often, demanding and unhappy customers too."""
    rng = stream(p.seed, "returns")
    order = orders.loc[lines.order].reset_index(drop=True)
    line = products().line.to_numpy()[lines["product"]]
    b = p.buying
    chance = b.return_rate * people.demanding.to_numpy()[order.customer]
    chance = (
        chance
        * np.exp(b.return_by_satisfaction * order.satisfaction)
        * np.where(order.channel == "shop", b.return_in_shop, b.return_online)
    )
    chance = chance * pd.Series(line).map(b.return_by_line)
    date = order.date + pd.to_timedelta(rng.integers(*b.return_days, len(order)), unit="D")
    back = (rng.random(len(order)) < chance) & (date <= DATES[-1])
    taken = lines[["order_id", "line", "quantity", "amount"]].reset_index(drop=True)[back]
    perishable = pd.Series(line)[back].isin(PERISHABLE)
    why = np.array(list(RETURN_REASONS), object)
    spoilt, other = zip(*RETURN_REASONS.values(), strict=True)
    weights = np.where(perishable.to_numpy()[:, None], spoilt, other)
    out = taken.assign(
        date=date[back],
        customer_id=order.customer_id[back],
        refund=taken.amount,
        reason=why[pick_column(rng, weights.astype(float))],
        restocked=~perishable & (rng.random(back.sum()) < b.restocked),
    )
    out = out.sort_values(["date", "order_id", "line"], ignore_index=True)
    out.insert(0, "return_id", [f"R{i + 1:05d}" for i in range(len(out))])
    columns = "return_id order_id line customer_id date quantity refund reason restocked"
    return out[columns.split()]
