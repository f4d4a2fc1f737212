"""Feedback for exercises 4.5, from segments to lists."""

from functools import cache

import numpy as np

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

table = cache(crm.load)


# Warm-up: a list that is cut off


@recipe(
    Number(digits=4),
    means=lambda left: (
        f"{left:,.0f} guilders are left. Letters to everybody leave {_cut(-1):,.0f}, and a border at "
        f"3.50, the price of a letter, {_cut(3.5):,.0f}: a border above the price gives money away."
    ),
    hints=(
        "Who is on the list, and what does each of them cost and bring?",
        "The section of the example on where the list ends has the same sum, with another score.",
        "Multiply the two columns, keep the donors above the border, add up their gifts, and take "
        "off a letter for each of them, also for those who gave nothing.",
    ),
)
def list_profit(
    *,
    score=choose(
        "product",
        {
            "propresp only": "You cut at the share of letters answered alone, propresp only; the "
            "size of gifts is missing.",
            "avggift only": "You cut at the mean gift, avggift only; the chance is missing.",
            "giftlast": "You took giftlast, the latest gift; asked is the mean, avggift.",
            "resplast": "You took resplast, whether the last letter was answered; asked is propresp.",
            "true gift": "You cut at the true gift of this mailing, which nobody knows before it.",
            "net": "You took the price of the letter off the product first, a net product; "
            "compare the product itself.",
            "capped": "You used a product with the mean gift capped at 10; take it as it is.",
        },
    ),
    border=choose(
        7.3,
        {
            3.5: "You cut at 3.5, the price of a letter; here the border is 7.30.",
            0: "You cut at 0: everybody is on it. The border is 7.30.",
            7: "You cut at 7 guilders; the border is 7.30.",
            8: "You cut at 8 guilders; the border is 7.30.",
        },
    ),
    side=choose(
        "above",
        {"below": "You wrote to the donors below the border; those above it get a letter."},
    ),
    rows=choose(
        "all",
        {
            "half": "You judged only half of the table, as the example does; take all rows.",
            "other half": "You kept the other half, from which the example learns; take all rows.",
            "answered last": "You kept those who answered the last letter; take all rows.",
            "first": "You took only the first 2,000 rows; take all rows.",
        },
    ),
    counted=choose(
        "profit",
        {
            "gifts": "These are the gifts; take off the price of the letters.",
            "average": "This is the average profit of a name; asked is the sum.",
            "charged": "You charged only those who gave; each name costs, answered or not.",
            "median": "You took the median of what a letter leaves; asked is the sum.",
            "letters": "This is the number of letters; asked is what they leave.",
            "answers": "This is the number of answers; asked is money.",
            "added": "You added the price of the letters; take it off.",
            "one letter": "You took off the price of one letter; each name gets one.",
            "expected": "You added up the expected gifts, the product; take those that came.",
            "usual": "You took the usual gift of those who answered; take the gift that came.",
            "cost": "This is the cost of the letters; asked is what is left.",
            "winners": "You left out those who gave nothing, the names without a gift: only "
            "winners of your own making. A mean or sum over them forgets their letters.",
            "gain on all": "This is the gain on a letter to all donors; asked is what the list leaves.",
            "return": "This is the return on each guilder spent; asked are guilders in all.",
            "for everybody": "You paid letters for everybody; only the listed get one.",
            "whole table": "You counted the money of the whole table, listed or not.",
            "cents": "You charged 35 cents; a name costs 3.50.",
            "paid the border": "You paid the border, 7.30, for each letter; a letter costs 3.50.",
            "a donor": "You divided by all donors of the table; asked is the sum.",
        },
    ),
):
    """Guilders left by letters to all donors above the border."""
    d = _donors(rows)
    s = _scores(d)[score]
    chosen = (s > border) if side == "above" else (s <= border)
    on = d[chosen]
    n, gifts, answers = len(on), on["gift"].sum(), on["respond"].sum()
    left = gifts - 3.5 * n
    return {
        "profit": lambda: left,
        "gifts": lambda: gifts,
        "average": lambda: left / max(n, 1),
        "charged": lambda: gifts - 3.5 * answers,
        "median": lambda: (on["gift"] - 3.5).median(),
        "letters": lambda: n,
        "answers": lambda: answers,
        "added": lambda: gifts + 3.5 * n,
        "one letter": lambda: gifts - 3.5,
        "expected": lambda: (on["propresp"] * on["avggift"]).sum() - 3.5 * n,
        "usual": lambda: (on["respond"] * on["avggift"]).sum() - 3.5 * n,
        "cost": lambda: 3.5 * n,
        "winners": lambda: (on["gift"][on["gift"] > 0] - 3.5).mean(),
        "gain on all": lambda: left - (d["gift"] - 3.5).sum(),
        "return": lambda: left / (3.5 * max(n, 1)),
        "for everybody": lambda: gifts - 3.5 * len(d),
        "whole table": lambda: d["gift"].sum() - 3.5 * n,
        "cents": lambda: gifts - 0.35 * n,
        "paid the border": lambda: gifts - 7.3 * n,
        "a donor": lambda: left / len(d),
    }[counted]()


@cache
def _donors(rows):
    """All donors, or the part that is often taken."""
    d = table("charity")
    shuffled = np.random.default_rng(0).permutation(len(d))
    keep = {
        "all": shuffled >= 0,
        "half": shuffled >= len(d) // 2,
        "other half": shuffled < len(d) // 2,
        "answered last": d["resplast"].to_numpy(dtype=bool),
        "first": np.arange(len(d)) < 2000,
    }
    return d[keep[rows]]


def _scores(d):
    """What the list is cut by."""
    return {
        "product": d["propresp"] * d["avggift"],
        "propresp only": d["propresp"] * 10,
        "avggift only": d["avggift"],
        "giftlast": d["propresp"] * d["giftlast"],
        "resplast": d["resplast"] * d["avggift"],
        "true gift": d["gift"],
        "net": d["propresp"] * d["avggift"] - 3.5,
        "capped": d["propresp"] * d["avggift"].clip(upper=10),
    }


@cache
def _cut(border):
    """What is left of letters to all above a border."""
    d = table("charity")
    return (d["gift"] - 3.5)[d["propresp"] * d["avggift"] > border].sum()


# Standard: two teas in one basket


TEAS = ("P17", "P22")


@recipe(
    Number(digits=4),
    means=lambda lift: (
        f"A lift of {lift:.2f}. By swapped baskets about 0.6 would be chance, so they meet more "
        f"often than products usually do."
    ),
    hints=(
        "What is a basket, and which baskets belong below the line?",
        "The cell of the example that finds a lift by hand.",
        "Count the orders of the year with each of the teas and with both; the share with both, "
        "over the product of the two shares of all orders of the year.",
    ),
)
def tea_lift(
    *,
    period=choose(
        "2025",
        {
            "before 2025": "You took the orders before 2025, as the example does; asked is 2025.",
            "2024": "You took the orders of 2024; asked is 2025.",
            "2023": "You took the orders of 2023; asked is 2025.",
            "all years": "You took all years; asked is 2025.",
            "first half": "You took the first half of 2025; asked is the whole year.",
        },
    ),
    unit=choose(
        "orders",
        {
            "customers": "You took all that a customer bought as one basket; a basket is an order.",
            "of a day": "You took all orders of a day as one basket; a basket is one order.",
            "big": "You kept only the big baskets, of two products or more; all orders count.",
            "with tea": "You kept only baskets with tea; all orders count.",
            "all orders": "You divided by the orders of all years; those of 2025 count.",
            "lines": "You divided by the lines of the table; divide by orders.",
            "buyers": "You set orders against the number of buyers; divide by orders.",
            "pieces": "You counted pieces of both teas over all pieces; count orders.",
            "web": "You kept the web shop's orders; all channels count.",
            "shop": "You kept the orders in the shop; all channels count.",
        },
    ),
    pair=choose(
        "both teas",
        {
            "leaf": "You took the leaf tea, P18, for the flower tea.",
            "second": "You took P18 as the second tea; it is P22.",
            "cold": "You took the cold brew, P24, for the chrysanthemum bags.",
            "ginseng": "You took the ginseng tea, P20, for the chrysanthemum bags.",
        },
    ),
    measure=choose(
        "lift",
        {
            "confidence": "This is the confidence of flower tea to chrysanthemum; divide it by "
            "the share of chrysanthemum.",
            "back": "This is the confidence the other way back, of chrysanthemum to flower tea; "
            "divide by the share of flower tea.",
            "support": "This is the support, the share with both.",
            "count": "This is the count of baskets with both.",
            "leverage": "This is the leverage, a difference; the lift is a ratio.",
            "jaccard": "You divided by the baskets with either (Jaccard); divide by the product "
            "of the shares.",
            "cosine": "You took the root of the product below the line (cosine); take the product.",
            "conviction": "This is the conviction; asked is the lift.",
            "odds": "This is the odds ratio; asked is the lift.",
            "logarithm": "You took the logarithm of the lift.",
            "excess": "You took 1 off the lift, the excess over independence; give the lift itself.",
            "without": "You compared with the baskets without flower tea; compare with all.",
            "sum": "You divided by the sum of the two shares; take the product.",
            "inverse": "You turned the ratio round: this is the inverse of the lift.",
            "bracket": "A bracket is missing: you multiplied by the second share instead of dividing.",
            "expected": "This is the expected share, were they independent.",
            "correlation": "This is the correlation of the two; asked is the lift.",
            "mean": "You divided by the mean of the two shares; take the product.",
        },
    ),
):
    """Lift of flower tea and chrysanthemum bags in the orders of 2025."""
    n, a, b, both = _counts(period, unit, pair)
    return _measures(n, a, b, both)[measure]


@cache
def order_rows():
    """Order lines with customer, day and channel."""
    about = table("shihu/orders")[["order_id", "customer_id", "date", "channel"]]
    return table("shihu/order_lines").merge(about, on="order_id")


@cache
def _counts(period, unit, pair):
    """Baskets in all, with the first, with the second, with both."""
    rows = order_rows()
    year, total = rows["date"].dt.year, rows["order_id"].nunique()
    rows = rows[
        {
            "2025": year == 2025,
            "before 2025": year < 2025,
            "2024": year == 2024,
            "2023": year == 2023,
            "all years": year > 0,
            "first half": (year == 2025) & (rows["date"].dt.month <= 6),
        }[period]
    ]
    swaps = {
        "leaf": ("P18", "P22"),
        "second": ("P17", "P18"),
        "cold": ("P17", "P24"),
        "ginseng": ("P17", "P20"),
    }
    teas = swaps.get(pair, TEAS)
    if unit in ("web", "shop"):
        rows = rows[rows["channel"] == unit]
    if unit == "big":
        rows = rows[rows.groupby("order_id")["product_id"].transform("nunique") > 1]
    if unit == "with tea":
        line = table("shihu/products").set_index("product_id")["line"]
        tea = rows["product_id"].map(line) == "tea"
        rows = rows[rows["order_id"].isin(rows.loc[tea, "order_id"])]
    key = rows["customer_id"] if unit in ("customers", "of a day") else rows["order_id"]
    if unit == "of a day":
        key = rows["date"]
    held = [set(key[rows["product_id"] == p]) for p in teas]
    counts = [key.nunique(), *map(len, held), len(held[0] & held[1])]
    if unit == "all orders":
        counts[0] = total
    if unit == "lines":
        counts[0] = len(rows)
    if unit == "buyers":
        counts[0] = rows["customer_id"].nunique()
    if unit == "pieces":
        pieces = [rows.loc[rows["product_id"] == p, "quantity"].sum() for p in teas]
        counts = [rows["quantity"].sum(), *pieces, counts[3]]
    return counts


def _measures(n, a, b, both):
    """The lift, and what is often taken for it."""
    sa, sb, s = a / n, b / n, both / n
    lift = s / (sa * sb)
    return {
        "lift": lift,
        "confidence": both / a,
        "back": both / b,
        "support": s,
        "count": both,
        "leverage": s - sa * sb,
        "jaccard": both / (a + b - both),
        "cosine": s / np.sqrt(sa * sb),
        "conviction": (1 - sb) / (1 - both / a) if both < a else np.inf,
        "odds": both * (n - a - b + both) / ((a - both) * (b - both))
        if both < min(a, b)
        else np.inf,
        "logarithm": np.log(lift) if lift > 0 else -np.inf,
        "excess": lift - 1,
        "without": (both / a) / ((b - both) / (n - a)) if both < b else np.inf,
        "sum": s / (sa + sb),
        "inverse": 1 / lift if lift else np.inf,
        "neither": (1 - sa - sb + s) / ((1 - sa) * (1 - sb)),
        "agree": 1 - sa - sb + 2 * s,
        "difference": both / a - (b - both) / (n - a),
        "bracket": s / sa * sb,
        "expected": sa * sb,
        "correlation": (s - sa * sb) / np.sqrt(sa * (1 - sa) * sb * (1 - sb)),
        "mean": s / ((sa + sb) / 2),
    }


# Standard: the first basket and the later ones


GROUP = {"potted": "growing", "seedlings": "growing", "care": "growing"}
GROUP |= {"gift": "presents", "tea": "health", "fresh": "health"}


@cache
def lines():
    """Order lines with customer, day, product line and group."""
    rows = order_rows()
    line = rows["product_id"].map(table("shihu/products").set_index("product_id")["line"])
    return rows.assign(line=line, group=line.map(GROUP), one=1, year=rows["date"].dt.year)


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%} keep the group of their first basket: good enough to start with, and worth "
        f"another look after each order."
    ),
    hints=(
        "Two groups for each customer: from which orders?",
        "The section of the example on a rule that a clerk can use sorts baskets by money.",
        "The first order of each customer; keep those of 2024; the group with the most money in "
        "that order and in all orders of 2025; the share in which the two agree, of those who "
        "have both.",
    ),
)
def same_group(
    *,
    cohort=choose(
        2024,
        {
            2023: "You took the customers whose first order was in 2023; asked is 2024.",
            "before 2025": "You took all customers who came before 2025; asked are those of 2024.",
            "any in 2024": "You took anyone with an order in 2024, and the first of that year; "
            "asked is the first order ever.",
            "first half": "You took those of the first half of 2024; the whole year counts.",
        },
    ),
    then=choose(
        "first order",
        {
            "all of the year": "You took all orders of the first year; asked is the first order.",
            "last order": "You took the last order before 2025; asked is the first order.",
            "first line": "You took the first line of the first order; asked is its money by group.",
            "priciest": "You took the priciest line of the first order; add up the money of each "
            "group.",
        },
    ),
    later=choose(
        "all of 2025",
        {
            "next": "You took the next order, the first of 2025; asked are all orders of 2025 "
            "together.",
            "from 2024 on": "You took all orders from 2024 on, the first one among them; asked "
            "are those of 2025.",
            "latest": "You took the latest order alone; asked are all orders of 2025 together.",
            "second half": "You took only the second half of 2025; the whole year counts.",
            "all later": "You took all later orders, those of 2024 too; asked are those of 2025.",
            "each order": "You compared each order of 2025; asked are customers, all their orders "
            "together.",
        },
    ),
    by=choose(
        "money",
        {
            "lines": "You counted lines; the money decides.",
            "pieces": "You counted pieces, the quantity; the money decides.",
            "mean amount": "You took the mean amount of a line in each group; add the amounts up.",
            "list price": "You took the price of a piece, as a list has it; take the amount.",
            "profit": "You took the profit of the lines; take the amount.",
        },
    ),
    of=choose(
        "both",
        {
            "stayed away": "You divided by all customers of the year, also those who stayed away "
            "later.",
            "product line": "You compared the product line, one of six; compare the group, one of "
            "three.",
            "count": "This is the count of customers; give a share.",
            "growing": "You kept the growing ones; all three groups count.",
            "presents": "You kept those who began with presents; all three groups count.",
            "health": "You kept those who began with health; all three groups count.",
            "mean of groups": "You took the mean of the groups' shares; each customer counts once.",
            "kappa": "This is kappa, the agreement beyond chance; give the plain share.",
            "any": "You asked whether the group appears at any time in the later orders; asked is "
            "the group with the most money.",
            "largest": "You compared with the largest group for everyone; compare with the first "
            "basket's.",
            "of the shop": "You divided by all customers of the shop; asked are those of 2024 who "
            "came again.",
            "all buyers": "You divided by all buyers of 2025, also those who came first in that year "
            "or before 2024; asked are those of 2024 who came again.",
            "members": "You kept members only; all customers of 2024 who came again count.",
        },
    ),
):
    """Share of the customers of 2024 whose orders of 2025 are of their first basket's group."""
    return _agree(cohort, then, later, by, of == "product line")[
        "both" if of == "product line" else of
    ]


@cache
def _ordered():
    """Orders in order of time, with the year of the first."""
    o = table("shihu/orders").sort_values("order_id")
    return o.assign(first=o["customer_id"].map(o.groupby("customer_id")["date"].min()))


@cache
def _before(cohort, then):
    """The lines of the first basket of each customer."""
    o = _ordered()
    year = o["first"].dt.year
    mine = {
        2024: year == 2024,
        2023: year == 2023,
        "before 2025": year < 2025,
        "any in 2024": o["date"].dt.year == 2024,
        "first half": (year == 2024) & (o["first"].dt.month <= 6),
    }[cohort]
    o = o[mine & (o["date"].dt.year < 2025)]
    if then == "last order":
        o = o.drop_duplicates("customer_id", keep="last")
    elif then != "all of the year":
        o = o.drop_duplicates("customer_id")
    rows = lines()[lines()["order_id"].isin(o["order_id"])]
    if then == "first line":
        rows = rows.drop_duplicates("order_id")
    if then == "priciest":
        rows = rows.sort_values("amount", ascending=False, kind="stable").drop_duplicates(
            "order_id"
        )
    return rows


@cache
def _after(later):
    """The lines of the later orders of each customer."""
    rows = lines()
    if later == "from 2024 on":
        return rows[rows["year"] >= 2024]
    if later == "all later":
        first = _ordered().drop_duplicates("customer_id")["order_id"]
        return rows[~rows["order_id"].isin(first)]
    rows = rows[rows["year"] == 2025]
    if later == "second half":
        return rows[rows["date"].dt.month > 6]
    if later in ("next", "latest"):
        ids = rows.groupby("customer_id")["order_id"].agg("min" if later == "next" else "max")
        rows = rows[rows["order_id"].isin(ids)]
    return rows


def _most(rows, by, what, key):
    """What most of it is for, and all that appears."""
    size = {
        "money": rows["amount"],
        "mean amount": rows["amount"],
        "lines": rows["one"],
        "pieces": rows["quantity"],
        "list price": rows["unit_price"],
        "profit": rows["amount"] - rows["cost"],
    }[by]
    grouped = size.groupby([rows[key], rows[what]])
    sums = (grouped.mean() if by == "mean amount" else grouped.sum()).unstack(fill_value=0)
    return sums.idxmax(axis=1), sums > 0


@cache
def _then_most(cohort, then, by, what):
    return _most(_before(cohort, then), by, what, "customer_id")[0]


@cache
def _later_most(later, by, what):
    key = "order_id" if later == "each order" else "customer_id"
    most, present = _most(_after(later), by, what, key)
    if later == "each order":
        whose = _ordered().set_index("order_id")["customer_id"]
        most = most.set_axis(whose[most.index])
        present = present.set_axis(most.index)
    return most, present


@cache
def _agree(cohort, then, later, by, six):
    """The share, over each base that students take."""
    what = "line" if six else "group"
    one = _then_most(cohort, then, by, what)
    two, present = _later_most(later, by, what)
    keep = two.index.isin(one.index)
    two, present = two[keep], present[keep]
    one_of = one.reindex(two.index)
    same = (one_of == two).to_numpy()
    first, second = (s.to_numpy() for s in (one_of, two))
    groups = sorted(set(first))
    by_chance = sum((first == g).mean() * (second == g).mean() for g in groups)
    column = present.columns.get_indexer(first)
    out = {
        "both": same.mean(),
        "stayed away": same.sum() / len(one),
        "count": same.sum(),
        "mean of groups": np.mean([same[first == g].mean() for g in groups]),
        "kappa": (same.mean() - by_chance) / (1 - by_chance),
        "any": present.to_numpy()[np.arange(len(first)), column].mean(),
        "largest": max((second == g).mean() for g in groups),
        "of the shop": same.sum() / table("shihu/orders")["customer_id"].nunique(),
        "all buyers": same.sum() / _buyers(),
        "members": same[two.index.isin(_members())].mean(),
    }
    for g in ("growing", "presents", "health"):
        out[g] = same[first == g].mean() if (first == g).any() else np.nan
    return out


@cache
def _buyers():
    """How many bought in 2025."""
    orders = table("shihu/orders")
    return orders.loc[orders["date"].dt.year == 2025, "customer_id"].nunique()


@cache
def _members():
    """Who is a member."""
    people = table("shihu/customers")
    return set(people.loc[people["member_since"].notna(), "customer_id"])


# Transfer: services of a telephone company


@recipe(
    Number(digits=4),
    means=lambda lift: (
        f"A lift of {lift:.2f}. Over all customers it would be "
        f"{_extras('all customers', 'right')[0]:.2f}: those without internet, who can have neither, "
        "blow it up."
    ),
    hints=(
        "Who could have bought the two at all?",
        "The section of the example on what goes with what; there, too, chance depends on the "
        "baskets one allows.",
        "Keep the customers whose internet_service is not none; the share with both, over the "
        "product of the share with the one and the share with the other, all among them.",
    ),
)
def extras_lift(
    *,
    rows=choose(
        "online",
        {
            "all customers": "You took all customers; without internet one can have neither extra.",
            "fibre": "You kept those with fibre alone; any internet line counts.",
            "DSL": "You kept those with DSL alone; any internet line counts.",
            "telephone": "You kept customers with a telephone line; asked is the internet line.",
            "bundled": "You kept those bundled with a telephone; all with an internet line count.",
            "stayed": "You kept those who stayed; those who left count too.",
            "left": "You kept those who left; all with an internet line count.",
            "any extra": "You kept those with any extra; all with an internet line count.",
            "mixed": "You mixed two bases: both among those online, the single shares of all "
            "customers.",
            "other mix": "You took the other mix of bases: both of all customers, the single "
            "shares of those online.",
        },
    ),
    pair=choose(
        "right",
        {
            "backup": "You took online_backup for online_security.",
            "device": "You took device_protection for tech_support.",
            "television": "You took streaming of television for tech_support.",
            "films": "You took the films for tech_support.",
            "both streams": "You took both streams, television and films; asked are security and help.",
        },
    ),
    measure=choose(
        "lift",
        {
            "confidence": "This is the confidence of security to support; divide it by the share "
            "of support.",
            "back": "This is the confidence the other way back, of support to security.",
            "support": "This is the support of the rule, a plain share with both.",
            "count": "This is the count of customers with both.",
            "leverage": "This is the leverage, a difference; the lift is a ratio.",
            "jaccard": "You divided by those with either (Jaccard).",
            "cosine": "You took the root of the product below the line (cosine).",
            "conviction": "This is the conviction; asked is the lift.",
            "odds": "This is the odds ratio; asked is the lift.",
            "logarithm": "You took the logarithm of the lift.",
            "excess": "You took 1 off, the excess over independence; give the lift itself.",
            "without": "You compared with those without security; compare with everyone online.",
            "sum": "You divided by the sum of the two shares; take the product.",
            "inverse": "You turned the ratio round: this is the inverse of the lift.",
            "neither": "You took those with neither; asked are those with both.",
            "agree": "This is the share in which the two agree, both or neither.",
            "difference": "This is the difference between those with security and the rest.",
            "bracket": "A bracket is missing: you multiplied by the second share instead of dividing.",
            "expected": "This is the expected share, were they independent.",
            "correlation": "This is the correlation of the two; asked is the lift.",
        },
    ),
):
    """Lift of online security and technical support among customers with an internet line."""
    return _measures(*_extras(rows, pair)[1])[measure]


@cache
def _extras(rows, pair):
    """The lift, and customers in all, with the one, with the other, with both."""
    people = table("telco_churn")
    a, b = {
        "right": ("online_security", "tech_support"),
        "backup": ("online_backup", "tech_support"),
        "device": ("online_security", "device_protection"),
        "television": ("online_security", "streaming_tv"),
        "films": ("online_security", "streaming_movies"),
        "both streams": ("streaming_tv", "streaming_movies"),
    }[pair]
    online = people["internet_service"] != "none"
    extras = people[["online_security", "online_backup", "device_protection", "tech_support"]]
    extras = extras.join(people[["streaming_tv", "streaming_movies"]]).any(axis=1)
    keep = {
        "all customers": online | True,
        "fibre": people["internet_service"] == "Fiber optic",
        "DSL": people["internet_service"] == "DSL",
        "telephone": people["phone_service"],
        "bundled": online & people["phone_service"],
        "stayed": online & ~people["churn"],
        "left": online & people["churn"],
        "any extra": extras,
    }.get(rows, online)
    who = people[keep]
    n, one, two = len(who), who[a].sum(), who[b].sum()
    both = (who[a] & who[b]).sum()
    if rows == "mixed":  # both of those online; the single shares of all
        one, two = one * n / len(people), two * n / len(people)
    if rows == "other mix":
        both = both * n / len(people)
    return both * n / (one * two), (n, one, two, both)
