"""The customers: who they are, what they need, and the traits nobody sees."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .chance import logistic, pick, stream
from .parameters import AGE_EDGES, AGE_GROUPS, REASONS, Parameters
from .seasons import DATES, DAYS, END, START, date_of, demand


class City(NamedTuple):
    """Where customers live."""

    province: str
    share: float  # of the customers
    zone: int  # of delivery
    has_shop: bool
    ceiling: int  # of supply to a retailer of the large tier, boxes a month


CITIES = {
    "Hangzhou": City("Zhejiang", 0.30, 1, True, 1600),
    "Ningbo": City("Zhejiang", 0.11, 1, True, 1200),
    "Wenzhou": City("Zhejiang", 0.08, 1, False, 1100),
    "Shanghai": City("Shanghai", 0.14, 1, True, 1500),
    "Suzhou": City("Jiangsu", 0.06, 1, False, 1100),
    "Nanjing": City("Jiangsu", 0.05, 1, False, 1100),
    "Hefei": City("Anhui", 0.03, 2, False, 900),
    "Fuzhou": City("Fujian", 0.03, 2, False, 900),
    "Guangzhou": City("Guangdong", 0.05, 2, False, 1200),
    "Shenzhen": City("Guangdong", 0.04, 2, False, 1200),
    "Wuhan": City("Hubei", 0.03, 2, False, 900),
    "Beijing": City("Beijing", 0.04, 2, False, 1200),
    "Chengdu": City("Sichuan", 0.02, 3, False, 900),
    "Kunming": City("Yunnan", 0.01, 3, False, 800),
    "Harbin": City("Heilongjiang", 0.01, 3, False, 800),
}
SOURCES = {"shop": 0.30, "search": 0.20, "wechat": 0.24, "fair": 0.08, "livestream": 0.18}
MANAGERS = {"S1": 0.27, "S2": 0.20, "S3": 0.15, "S4": 0.12, "S5": 0.10, "S6": 0.07, "S7": 0.09}

INCOME_BANDS = {  # lower edge, yuan a year
    "none": 0, "under 60k": 1, "60k-120k": 60_000, "120k-250k": 120_000, "250k and over": 250_000,
}  # fmt: skip


def customer_ids(n: int) -> np.ndarray:
    """Name n customers, C00001 onwards."""
    return np.array([f"C{i + 1:05d}" for i in range(n)], object)


def hidden(p: Parameters) -> pd.DataFrame:
    """Draw one row of hidden state for each customer, ordered by first purchase."""
    n = p.customers
    people = pd.DataFrame({"customer_id": customer_ids(n)})
    rng = stream(p.seed, "people")
    people["segment"] = pick(rng, p.people.segment_share, n)
    people["first"] = _first_purchases(p, people.segment)
    people = people.sort_values("first", kind="stable", ignore_index=True)
    people["customer_id"] = customer_ids(n)
    _demography(people, p, rng)
    _traits(people, p)
    _clocks(people, p)
    _money(people, p)
    return people


def _first_purchases(p: Parameters, segment: pd.Series) -> np.ndarray:
    """Draw each customer's first purchase: a growing, then saturating business with seasons."""
    rng = stream(p.seed, "first purchases")
    day = np.arange(DAYS)
    who = p.people
    trend = (1 - who.launch_gap * np.exp(-day / who.launch_days)) * np.exp(-day / who.fading_days)
    first = np.empty(len(segment))
    for name, level in demand().items():
        mine = (segment == name).to_numpy()
        cumulative = np.concatenate([[0], np.cumsum(trend * level**who.first_by_season)])
        u = rng.random(mine.sum()) * cumulative[-1]
        first[mine] = np.interp(u, cumulative, np.arange(DAYS + 1))
    return np.minimum(first, DAYS - 1e-6)


def _demography(people: pd.DataFrame, p: Parameters, rng: np.random.Generator) -> None:
    n, seg = len(people), people.segment
    female = rng.random(n) < seg.map(p.people.female_share)
    people["sex"] = np.where(female, "F", "M")
    age = seg.map(p.people.age_mean) + p.people.age_sd * rng.standard_normal(n)
    age = np.rint(age.astype(float)).to_numpy()
    young, old = p.people.age_range
    age = np.where(age < young, 2 * young - age, age)  # minors do not buy here
    people["age"] = np.clip(age, young, old).astype(int)
    people["age_group"] = np.array(AGE_GROUPS, object)[
        np.searchsorted(AGE_EDGES, people.age, side="right")
    ]
    city = rng.choice(len(CITIES), size=n, p=[c.share for c in CITIES.values()])
    people["city"] = np.array(list(CITIES), object)[city]
    people["household_id"] = _households(people, p)
    people["referred"] = (rng.random(n) < p.people.referred_share) & (
        people["first"] > p.people.referred_after
    )
    people["source"] = np.where(people.referred, "referral", pick(rng, SOURCES, n))


def _households(people: pd.DataFrame, p: Parameters) -> np.ndarray:
    """Let some customers of the same city live together in twos."""
    rng = stream(p.seed, "households")
    household = np.arange(len(people))
    chosen = rng.random(len(people)) < p.people.household_share
    for _, group in people[chosen].groupby("city"):
        pairs = rng.permutation(group.index.to_numpy())
        pairs = pairs[: len(pairs) // 2 * 2].reshape(-1, 2)
        household[pairs[:, 1]] = pairs[:, 0]
        # a couple shares the city, and is of about the same age
        people.loc[pairs[:, 1], "age"] = people.loc[pairs[:, 0], "age"].to_numpy()
        people.loc[pairs[:, 1], "age_group"] = people.loc[pairs[:, 0], "age_group"].to_numpy()
    return np.array([f"H{h + 1:05d}" for h in household], object)


def _traits(people: pd.DataFrame, p: Parameters) -> None:
    """Draw disposition to be satisfied, price sensitivity, forgetfulness and demands."""
    rng, n = stream(p.seed, "traits"), len(people)
    who = p.people
    by_age = who.satisfaction_by_age * (people.age - who.age_middle) / who.age_step
    rest = np.sqrt(1 - who.satisfaction_by_age**2)
    people["disposition"] = by_age + rest * rng.standard_normal(n)
    bargain = (people.segment == "bargain").to_numpy()
    level = who.price_sensitivity_bargain * bargain + who.price_sensitivity_level
    people["price_sensitivity"] = level + who.price_sensitivity_sd * rng.standard_normal(n)
    people["forgetfulness"] = rng.standard_normal(n)
    sd = p.buying.demanding_sd_log
    people["demanding"] = np.exp(sd * rng.standard_normal(n) - sd**2 / 2)


def _clocks(people: pd.DataFrame, p: Parameters) -> None:
    """Draw gamma purchase rates and leaving hazards, a year, and the hazard of each reason."""
    rng, seg = stream(p.seed, "clocks"), people.segment
    b, v = p.buying, p.leaving
    rate = rng.gamma(b.rate_shape, size=len(people)) / b.rate_shape
    people["purchase_rate"] = rate * seg.map(b.rate_mean).astype(float)
    hazard = rng.gamma(v.hazard_shape, size=len(people)) / v.hazard_shape
    hazard = hazard * seg.map(v.hazard_mean).astype(float)
    people["leaving_hazard"] = hazard * np.exp(v.referred_effect * people.referred)
    tilt = dict.fromkeys(REASONS, 0.0)
    tilt["price"] = v.price_effect * people.price_sensitivity - v.price_effect**2 / 2
    tilt["forgot"] = v.forget_effect * people.forgetfulness - v.forget_effect**2 / 2
    for reason, share in v.reason_share.items():
        people[f"hazard_{reason}"] = people.leaving_hazard * share * np.exp(tilt[reason])


def _money(people: pd.DataFrame, p: Parameters) -> None:
    """Draw income, mean basket and share of wallet: capacity is not spending."""
    rng, n = stream(p.seed, "money"), len(people)
    who, b = p.people, p.buying
    z = rng.standard_normal(n)
    income = who.income_median * np.exp(who.income_sd_log * z)
    income[rng.random(n) < who.no_income_share] = 0
    people["income"] = np.rint(income / 1000) * 1000
    q = b.basket_spread
    spread = (q - 1) / rng.gamma(q, size=n)  # inverse gamma with mean 1: the gamma-gamma model
    mean = people.segment.map(b.basket_mean).astype(float) * spread
    mean = mean * np.exp(who.income_to_spend * z)
    people["mean_basket"] = np.where(people.income == 0, mean * who.no_income_basket, mean)
    odds = np.log(who.share_of_wallet / (1 - who.share_of_wallet))
    odds = odds + who.wallet_by_satisfaction * people.disposition + who.wallet_by_income * z
    people["share_of_wallet"] = logistic(odds + who.wallet_noise * rng.standard_normal(n))


def customers_table(
    people: pd.DataFrame, orders: pd.DataFrame, unsubscribed: np.ndarray, p: Parameters
) -> pd.DataFrame:
    """Write the table the firm sees: registration, membership and tier, with gaps."""
    rng, n = stream(p.seed, "customers"), len(people)
    table = people[["customer_id", "sex", "age_group", "city"]].copy()
    table["sex"] = table.sex.mask(rng.random(n) < p.people.sex_missing)
    table.insert(2, "birth_date", _birth_dates(people, p, rng))
    table["province"] = table.city.map({name: city.province for name, city in CITIES.items()})
    table["delivery_zone"] = table.city.map({name: city.zone for name, city in CITIES.items()})
    table["source"] = people.source
    table["registered_on"] = date_of(people["first"])
    table["income_band"] = _income_bands(people.income, p, rng)
    table["member_since"] = member_since(people, p)
    table["tier"] = _tiers(table, orders, p)
    table["manager"] = pick(rng, MANAGERS, n)
    table["may_contact"] = ~unsubscribed & (rng.random(n) > p.people.opted_out)
    return table


def _birth_dates(people: pd.DataFrame, p: Parameters, rng: np.random.Generator) -> pd.Series:
    year = END.year - people.age
    day = pd.to_timedelta(rng.integers(0, 365, len(people)), unit="D")
    date = pd.to_datetime(year.astype(str) + "-01-01") + day
    return date.mask(rng.random(len(people)) < p.people.birth_date_missing)


def _income_bands(income: pd.Series, p: Parameters, rng: np.random.Generator) -> pd.Series:
    """Band yearly income; the affluent decline to answer more often."""
    names = np.array(list(INCOME_BANDS), object)
    band = np.searchsorted(list(INCOME_BANDS.values())[1:], income, side="right")
    silence = np.array([p.people.income_refused[name] for name in names])
    silent = rng.random(len(income)) < silence[band]
    return pd.Series(names[band]).mask(silent)


def member_since(people: pd.DataFrame, p: Parameters) -> pd.Series:
    """Say when each customer joined the membership: the frequent and settled join more often."""
    rng = stream(p.seed, "members")
    m = p.membership
    settled = np.log(people.purchase_rate / m.usual_rate) - np.log(people.leaving_hazard)
    settled = settled.clip(-m.settled_most, m.settled_most)
    joins = rng.random(len(people)) < logistic(m.join_level + m.join_by_settled * settled)
    day = np.floor(people["first"] + rng.exponential(m.join_days, len(people)))
    joins &= day < DAYS
    return (START + pd.to_timedelta(day, unit="D")).where(joins)


def _tiers(table: pd.DataFrame, orders: pd.DataFrame, p: Parameters) -> np.ndarray:
    """Grade members by what they paid in the last year."""
    last_year = orders[orders.date > DATES[-1] - pd.Timedelta(days=365)]
    paid = table.customer_id.map(last_year.groupby("customer_id").amount.sum()).fillna(0)
    tier = np.select(
        [paid >= p.membership.gold, paid >= p.membership.silver], ["gold", "silver"], "green"
    )
    return pd.Series(tier, dtype=object).where(table.member_since.notna())


def stages(truth: pd.DataFrame, orders: pd.DataFrame, referrers: set, p: Parameters) -> np.ndarray:
    """Place each customer on the loyalty ladder at the end: first purchase up to advocate."""
    count = truth.customer_id.map(orders.groupby("customer_id").size())
    m = p.membership
    client = (count >= m.client_orders) & (truth.share_of_wallet >= m.client_wallet)
    advocate = client & truth.customer_id.isin(referrers)
    return np.select(
        [advocate, client, count >= 2], ["advocate", "client", "repeat"], "first purchase"
    )
