"""Put the firm together: every table, and the truth behind them."""

import numpy as np
import pandas as pd

from . import (
    baskets,
    brands,
    contacting,
    counter,
    helpline,
    journeys,
    kano,
    life,
    marketing,
    points,
    products,
    referring,
    retail,
    seasons,
    subscribing,
    survey,
)
from .chance import stream
from .parameters import REASONS, SEGMENTS, Parameters
from .people import CITIES, MANAGERS, SOURCES, customers_table, hidden, stages
from .seasons import date_of

LAST_HOUR = 18  # in which the shops take orders


def build(p: Parameters) -> tuple[dict, dict]:
    """Simulate the firm: its tables by name (truth tables included) and the facts of truth.json."""
    people = hidden(p)
    slots = counter.simulate(p)
    orders = life.live(people, slots, p)
    orders, sends, silent = marketing.run(orders, people, p)
    hour = slots.arrival.to_numpy()[np.maximum(orders.visit, 0).astype(int)] // 60
    orders["visit_hour"] = np.minimum(hour, LAST_HOUR)
    orders, lines = baskets.fill(orders, people, p)
    lines["product_line"] = products.products().line.to_numpy()[lines["product"]]

    tables = _buying(orders, lines, people, p)
    tables |= _service(orders, lines, slots, people, p)
    referral = referring.referrals(people, p)
    subs = subscribing.subscribe(orders, people, p)
    tables["subscriptions"] = subscribing.subscriptions_table(subs, people, p)
    tables["campaigns"] = marketing.campaigns_table(sends, people)
    tables["points"] = points.ledger(orders, people, p)
    tables["referrals"], tables["leads"] = referral, referring.leads(people, p)
    tables["customers"] = customers_table(people, orders, silent, p)
    answers, invitations, truth_survey, means = survey.run(orders, people, p)
    tables |= dict(survey=answers, survey_invitations=invitations, truth_survey=truth_survey)
    tables["kano"], tables["truth_kano"] = kano.run(answers, people, p)
    tables["brands"] = brands.run(answers, people, p)
    tables |= _retail(p)
    tables["contacts"], tables["truth_contacts"] = contacting.run(
        orders, tables["requests"], people, p
    )
    tables["unit_costs"] = unit_costs(p)
    tables["truth_customers"] = truth_customers(people, orders, subs, referral, p)
    tables["truth_orders"] = truth_orders(orders)
    facts = _facts(people, orders, sends, means, tables)
    return tables, facts


def _buying(orders, lines, people, p: Parameters) -> dict:
    return dict(
        products=products.products().drop(columns="popularity"),
        orders=baskets.orders_table(orders, p),
        order_lines=baskets.lines_table(lines),
        returns=baskets.returns_table(orders, lines, people, p),
    )


def _service(orders, lines, slots, people, p: Parameters) -> dict:
    requests, truth = helpline.run(orders, lines, people, p)
    return dict(
        touchpoints=journeys.touchpoints_table(orders, p),
        exit_calls=journeys.exit_calls_table(orders, people, p),
        visits=counter.visits_table(_known_visitors(slots, orders, people, p), people, p),
        requests=requests,
        truth_requests=truth,
        pain_points=helpline.pain_points(),
    )


def _known_visitors(slots, orders, people, p: Parameters) -> pd.DataFrame:
    """Name the visitors: those who bought, and some others who gave their number."""
    slots = slots.assign(customer=-1, order_id=None)
    bought = orders[orders.visit >= 0]
    at = bought.visit.astype(int).to_numpy()
    slots.loc[at, "customer"] = bought.customer.to_numpy()
    slots.loc[at, "order_id"] = bought.order_id.to_numpy()
    rng = stream(p.seed, "known visitors")
    local = np.flatnonzero(people.city == "Hangzhou")
    first, left = people["first"].to_numpy()[local], people.left.fillna(np.inf).to_numpy()[local]
    guess = rng.integers(len(local), size=len(slots))
    here = (first[guess] < slots.day) & (slots.day < left[guess])
    gave = (slots.customer < 0) & (rng.random(len(slots)) < p.waiting.known_share) & here
    slots["customer"] = np.where(gave, local[guess], slots.customer)
    return slots


def _retail(p: Parameters) -> dict:
    table, secret = retail.retailers(p)
    sales = retail.supply(table, secret, p)
    return dict(
        retailers=table,
        supply=sales,
        retailer_survey=retail.survey(table, secret, sales, p),
        inspections=retail.inspections(p),
        truth_retailers=secret,
    )


def unit_costs(p: Parameters) -> pd.DataFrame:
    """Write what each kind of service costs."""
    names = {
        "help_line_minute": ("handling one minute of a help-line request", "CNY per minute"),
        "counter_minute": ("one minute of service at the counter", "CNY per minute"),
        "return_handling": ("taking back one order line", "CNY per line"),
        "payment_share": ("payment fee, as a share of what is paid", "share"),
        "message": ("one campaign message", "CNY per message"),
        "point": ("one loyalty point redeemed", "CNY per point"),
        "account_year": ("keeping one customer account", "CNY per year"),
    }
    rows = [(item, what, getattr(p.unit_costs, item), unit) for item, (what, unit) in names.items()]
    rows += [
        (f"acquisition_{source}", f"winning a customer by {source}", value, "CNY per customer")
        for source, value in p.unit_costs.acquisition.items()
    ]
    return pd.DataFrame(rows, columns=["item", "what", "value", "unit"])


def truth_customers(people, orders, subs, referral, p: Parameters) -> pd.DataFrame:
    """Write each customer's hidden state."""
    table = people[["customer_id", "household_id", "segment"]].copy()
    table["purchase_rate"] = people.purchase_rate.round(4)
    table["leaving_hazard"] = people.leaving_hazard.round(4)
    table["left_on"] = (
        date_of(people.left.fillna(0)).to_series().mask(people.left.isna().to_numpy()).to_numpy()
    )
    table["left_reason"] = people.left_reason
    table["alive"] = people.left.isna()
    for trait in ("disposition", "satisfaction", "price_sensitivity", "forgetfulness", "demanding"):
        table[trait] = people[trait].round(3)
    table["income"] = people.income.astype(int)
    table["mean_basket"] = people.mean_basket.round(2)
    table["share_of_wallet"] = people.share_of_wallet.round(3)
    wallet = people.purchase_rate * people.mean_basket / people.share_of_wallet
    table["wallet"] = wallet.round(0).astype(int)
    bought = referral[referral.bought].set_index("referred_id").referrer_id
    table["referred_by"] = table.customer_id.map(bought)
    mine = subs.set_index("customer")
    table["commitment"] = mine.commitment.reindex(people.index).round(3)
    table["monthly_churn"] = mine.monthly_churn.reindex(people.index).round(5)
    table["stage"] = stages(table, orders, set(bought), p)
    return table


def truth_orders(orders: pd.DataFrame) -> pd.DataFrame:
    """Write what lies behind each order: the remembered journey, satisfaction, a campaign's doing."""
    table = orders[["order_id"]].copy()
    table["recall"], table["satisfaction"] = orders.recall.round(2), orders.satisfaction.round(3)
    return table.assign(caused_by=orders.caused_by)


def settings() -> dict:
    """Collect the fixed tables behind the data: what is neither a rate nor an effect."""
    return dict(
        first_day=str(seasons.START.date()),
        last_day=str(seasons.END.date()),
        demand_by_window=seasons.windows(),
        demand_window_days=seasons.window_days(),
        promotion_days=seasons.PROMOTIONS,
        brand_levels={
            name: dict(zip(brands.ATTRIBUTES, brand.levels, strict=True))
            for name, brand in brands.BRANDS.items()
        },
        brand_awareness={name: brand.known for name, brand in brands.BRANDS.items()},
        need_levels={n: dict(zip(SEGMENTS, v, strict=True)) for n, v in survey.SCALES.items()},
        service_expected=survey.EXPECTED,
        survey_waves=survey.WAVES,
        straight_lines=survey.LINES_TICKED,
        retail_season=retail.SEASON.tolist(),
        retailer_satisfaction_weights=retail.WEIGHTS,
        request_topic_weights=helpline.BASE,
        taste_by_line=products.TASTE.T.to_dict(),
        popularity=products.products().set_index("product_id").popularity.to_dict(),
        line_seasons=baskets.LINE_SEASONS,
        order_hours=baskets.ORDER_HOURS,
        return_reasons=baskets.RETURN_REASONS,
        campaigns=marketing.CAMPAIGNS,
        first_subscription={
            s: dict(zip(subscribing.PRODUCTS, v, strict=True)) for s, v in subscribing.FIRST.items()
        },
        counter_closed=counter.CLOSED,
        search_hours=referring.SEARCH_HOURS.tolist(),
        city_share={name: city.share for name, city in CITIES.items()},
        city_ceiling={name: city.ceiling for name, city in CITIES.items()},
        source_share=SOURCES,
        manager_share=MANAGERS,
    )


def _facts(people, orders, sends, means, tables) -> dict:
    """Count what came out of the parameters in this run."""
    left = people.left_reason.dropna()
    return dict(
        survey_true_means=means,
        campaign_effects=marketing.effects(sends, people),
        left_share=round(float(people.left.notna().mean()), 4),
        left_reason_share={r: round(float((left == r).mean()), 4) for r in REASONS},
        mean_satisfaction=round(float(orders.satisfaction.mean()), 4),
        caused_orders=int(orders.caused_by.notna().sum()),
        rows={name: len(table) for name, table in sorted(tables.items())},
    )
