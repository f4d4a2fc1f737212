"""What is in each order: lines, prices, discounts, cost, delivery; and what comes back."""

import numpy as np
import pandas as pd

from .catalogue import LINES, products, taste
from .chance import pick_column, stream
from .life import SHOPS
from .parameters import SEGMENTS, Parameters
from .people import CITIES, member_since
from .seasons import DATES, day_of, promotion

RISE = day_of("2024-07-01")
DELIVERY_COST = {1: 7.0, 2: 12.0, 3: 20.0}  # yuan a parcel by zone
COST_RISE = 0.03  # of every unit cost, a year
COLD_CHAIN = 9.0  # yuan more for fresh stems
FREE_DELIVERY = 99.0  # goods above this are sent free
DELIVERY_FEE = 10.0


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
    _add_up(orders, lines, people)
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
    price = np.where(day[:, None] >= RISE, risen, goods.list_price.to_numpy()).astype(float)
    item = pick_column(rng, _appeal(orders, people, row, day, goods, price, share))
    chosen = price[np.arange(len(row)), item]
    dearer = 1 + COST_RISE * (DATES.year.to_numpy()[day] - 2023)
    lines = pd.DataFrame({"order": row, "product": item, "unit_price": chosen})
    lines["quantity"] = np.clip(np.rint(share / chosen), 1, 40).astype(int)
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
    shape = p.buying.basket_shape
    target = rng.gamma(shape, size=len(orders)) / shape * mean
    count = 1 + np.minimum(rng.poisson(0.25 + 0.45 * np.log1p(target / 150)), 5)
    row = np.repeat(np.arange(len(orders)), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    share = rng.gamma(2.0, size=len(row))
    return row, share / np.add.reduceat(share, first)[row] * target[row]


def _appeal(orders, people, row, day, goods, price, share) -> np.ndarray:
    """Weigh the products for each line: taste, season, launched by then, price near the budget."""
    segment = people.segment.map({s: i for i, s in enumerate(SEGMENTS)}).to_numpy()
    weight = taste()[segment[orders.customer.to_numpy()[row]]]
    weight = weight * _line_seasons()[DATES.month.to_numpy()[day] - 1][:, _line_index(goods)]
    weight = weight * (goods.launched_on.to_numpy()[None, :] <= DATES.to_numpy()[day][:, None])
    off = np.log(price / share[:, None])
    # dearer than the budget repels; cheaper is bought in numbers
    return weight * np.exp(-np.where(off > 0, off**2 / 0.35, off**2 / 1.6)) + 1e-12 * weight


def _line_index(goods: pd.DataFrame) -> np.ndarray:
    return goods.line.map({line: i for i, line in enumerate(LINES)}).to_numpy()


def _line_seasons() -> np.ndarray:
    """Scale the lines in each month (months x lines): stems in winter, seedlings in spring."""
    season = np.ones((12, len(LINES)))
    season[[10, 11, 0, 1, 2], LINES.index("fresh")] = 1.5
    season[[5, 6, 7], LINES.index("fresh")] = 0.6
    season[[2, 3, 4], LINES.index("seedlings")] = 2.5
    season[[2, 3, 4], LINES.index("care")] = 1.5
    season[[4, 5], LINES.index("potted")] = 1.5  # it flowers
    season[[0, 8], LINES.index("gift")] = 1.8
    return season


def _add_up(orders: pd.DataFrame, lines: pd.DataFrame, people: pd.DataFrame) -> None:
    """Sum the lines into their orders, and send the parcels."""
    total = lines.groupby("order")[["discount", "amount", "cost"]].sum().round(2)
    orders[["discount", "amount", "cost"]] = total.loc[orders.index].to_numpy()
    online = (orders.channel != "shop").to_numpy()
    city = people.city.to_numpy()[orders.customer]
    zone = np.array([CITIES[c][2] for c in city])
    fresh = products().line.to_numpy()[lines["product"]] == "fresh"
    cold = np.isin(orders.index, lines.order[fresh])
    cost = np.array([0, *DELIVERY_COST.values()])[zone] + COLD_CHAIN * cold
    cost = cost * (1 + (orders.amount > 1000))  # heavy orders go as two parcels
    orders["delivery_cost"] = np.where(online, cost, 0.0)
    orders["delivery_fee"] = np.where(online & (orders.amount < FREE_DELIVERY), DELIVERY_FEE, 0.0)
    shop = pd.Series(city).map(SHOPS).to_numpy()
    orders["shop"] = pd.Series(shop, dtype=object).where(~online)


def orders_table(orders: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Write the order table; tills report late now and then."""
    rng, n = stream(p.seed, "orders"), len(orders)
    table = orders[
        ["order_id", "customer_id", "date", "channel", "shop", "amount", "discount"]
    ].copy()
    at = np.array([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22])
    in_shop = np.array([5, 9, 11, 6, 5, 8, 10, 9, 6, 1, 0, 0, 0, 0.0])
    online = np.array([4, 6, 6, 7, 6, 5, 5, 5, 5, 6, 9, 12, 11, 7.0])
    shop = (orders.channel == "shop").to_numpy()
    hour = at[pick_column(rng, np.where(shop[:, None], in_shop, online))]
    table.insert(3, "hour", np.where(orders.visit >= 0, orders.visit_hour, hour).astype(int))
    table[["delivery_fee", "delivery_cost", "campaign_id"]] = orders[
        ["delivery_fee", "delivery_cost", "campaign_id"]
    ]
    late = np.where(rng.random(n) < 0.02, rng.integers(3, 31, n), 0) * shop
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
    chance = p.buying.return_rate * people.demanding.to_numpy()[order.customer]
    chance = (
        chance
        * np.exp(p.buying.return_by_satisfaction * order.satisfaction)
        * np.where(order.channel == "shop", 0.5, 1.2)
    )
    chance = chance * pd.Series(line).map(
        dict(potted=1.3, fresh=1.6, seedlings=1.1, tea=0.6, gift=0.9, care=0.5)
    )
    date = order.date + pd.to_timedelta(rng.integers(2, 15, len(order)), unit="D")
    back = (rng.random(len(order)) < chance) & (date <= DATES[-1])
    taken = lines[["order_id", "line", "quantity", "amount"]].reset_index(drop=True)[back]
    perishable = pd.Series(line)[back].isin(["fresh", "seedlings", "potted"])
    why = np.array(["damaged", "quality", "not as shown", "changed mind", "wrong item"], object)
    weights = np.where(perishable.to_numpy()[:, None], (5, 4, 3, 1, 1), (1.5, 2, 3, 4, 1))
    out = taken.assign(
        date=date[back],
        customer_id=order.customer_id[back],
        refund=taken.amount,
        reason=why[pick_column(rng, weights.astype(float))],
        restocked=~perishable & (rng.random(back.sum()) < 0.8),
    )
    out = out.sort_values(["date", "order_id", "line"], ignore_index=True)
    out.insert(0, "return_id", [f"R{i + 1:05d}" for i in range(len(out))])
    columns = "return_id order_id line customer_id date quantity refund reason restocked"
    return out[columns.split()]
