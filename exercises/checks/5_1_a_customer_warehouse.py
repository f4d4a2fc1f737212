"""Feedback for exercises 5.1, a customer warehouse. DuckDB is not needed here: pandas computes all."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

table = cache(crm.load)
DAY = pd.Timedelta(days=1)


@cache
def _sales():
    """Orders with year, month, outlet, and the number of their lines."""
    o = table("shihu/orders")
    lines = table("shihu/order_lines")["order_id"].value_counts()
    return o.assign(
        year=o["date"].dt.year,
        month=o["date"].dt.month,
        outlet=o["shop"].fillna(o["channel"]),
        lines=o["order_id"].map(lines),
    )


# Warm-up: a shop's season against last year's


@recipe(
    Number(digits=4),
    means=lambda growth: (
        f"{growth:+.1%}. From September on it is {_from_september():+.1%}: say which."
    ),
    hints=(
        "One sum for each of two years: which months, which outlet?",
        "The section of the example on rolling up and drilling down puts each year in a column.",
        "Add up the amounts of the shop's orders of the two months in each year, divide the later sum "
        "by the earlier, and subtract one.",
    ),
)
def growth(
    *,
    outlet=choose(
        "West Lake",
        {
            "Shanghai": "You took the shop in Shanghai; asked is West Lake.",
            "Ningbo": "You took the shop in Ningbo; asked is West Lake.",
            "channel": "You took the channel, all shops together; asked is West Lake alone.",
            "firm": "You took the whole firm; asked is West Lake.",
        },
    ),
    months=choose(
        "October, November",
        {
            "season": "You took the example's season, September to December; asked are October and "
            "November.",
            "November": "You took November alone; asked are two months.",
            "October": "You took October alone; asked are two months.",
            "autumn": "You took autumn, with September; asked are October and November.",
            "quarter": "You took the last quarter, with December; asked are October and November.",
            "whole": "You took the whole years; asked are two months.",
            "11 November": "You ended on 11 November; the month goes on to its last day.",
        },
    ),
    years=choose(
        "2025, 2024",
        {
            "2024, 2023": "You set 2024 against 2023; asked is the pair of years after that.",
            "2025, 2023": "You set 2025 against 2023, two years back; take the year before.",
        },
    ),
    counted=choose(
        "amount",
        {
            "orders": "You counted orders; asked are takings.",
            "customers": "You counted customers; asked are takings.",
            "average": "You took the average order; asked are takings, the sum.",
            "discount": "You added the discount back; takings are what was paid, the amount.",
            "lines": "You joined the lines, and an order of three lines counted three times.",
        },
    ),
    change=choose(
        "growth",
        {
            "ratio": "This is the ratio of the two sums; growth is that less one.",
            "absolute": "This is the absolute change in CNY; divide it by last year's takings.",
            "later": "You divided by the later year; last year's takings go below.",
            "per cent": "You gave it in per cent; growth by a tenth is 0.1.",
        },
    ),
):
    """Growth of an outlet's takings over last year's, same months."""
    s = _sales()
    place = {"channel": s["channel"] == "shop", "firm": s["amount"] >= 0}
    keep = place.get(outlet, s["outlet"] == outlet) & _months(s, months)
    later, earlier = (
        _measure(s[keep & (s["year"] == int(year))], counted) for year in years.split(", ")
    )
    return {
        "growth": later / earlier - 1,
        "ratio": later / earlier,
        "absolute": later - earlier,
        "later": 1 - earlier / later,
        "per cent": 100 * (later / earlier - 1),
    }[change]


def _months(s, months):
    return {
        "October, November": s["month"].isin([10, 11]),
        "season": s["month"] >= 9,
        "November": s["month"] == 11,
        "October": s["month"] == 10,
        "autumn": s["month"].between(9, 11),
        "quarter": s["month"] >= 10,
        "whole": s["month"] >= 1,
        "11 November": (s["month"] == 10) | ((s["month"] == 11) & (s["date"].dt.day <= 11)),
    }[months]


def _measure(s, counted):
    return {
        "amount": lambda: s["amount"].sum(),
        "orders": lambda: len(s),
        "customers": lambda: s["customer_id"].nunique(),
        "average": lambda: s["amount"].mean(),
        "discount": lambda: (s["amount"] + s["discount"]).sum(),
        "lines": lambda: (s["amount"] * s["lines"]).sum(),
    }[counted]()


def _from_september():
    s = _sales()
    s = s[(s["outlet"] == "West Lake") & (s["month"] >= 9)].groupby("year")["amount"].sum()
    return s[2025] / s[2024] - 1


# Standard: people on a ladder


@recipe(
    Values("channels"),
    means=lambda buyers: (
        f"{buyers['all']:,.0f} people; the channels add up to {buyers.drop('all').sum():,.0f}, for some "
        "bought in two of them."
    ),
    hints=(
        "May the numbers of the channels be added?",
        "The first trap of the example counts people by outlet; here by channel.",
        "Count distinct customers in each channel and once more in the whole firm: one query with a "
        "roll-up gives both.",
    ),
)
def buyers(
    *,
    whole=choose(
        "distinct",
        {
            "added": "You added the channels up for the firm; who bought in two of them is one person.",
            "mean": "You took the mean of the channels for the firm; count its customers.",
        },
    ),
    counted=choose(
        "people",
        {
            "orders": "You counted orders, not distinct customers.",
            "lines": "You counted lines of orders, not distinct customers.",
            "first": "You put each customer under the channel of the first order of the season; count "
            "a customer in every channel used.",
            "new": "You counted only new customers, registered in the season; all buyers are asked.",
            "twice": "You counted only who bought twice or more; one order makes a buyer.",
            "only": "You counted only customers who used no other channel; count all who used it.",
        },
    ),
    year=choose(
        2025,
        {
            2024: "You took the season of 2024; asked is 2025.",
            "three": "You took the seasons of three years; asked is 2025.",
        },
    ),
    months=choose(
        "season",
        {
            "November": "You began in November; the season begins in September.",
            "whole": "You took the whole year; the season begins in September.",
            "October": "You began in October; the season begins in September.",
        },
    ),
):
    """Distinct customers of a season, by channel and in all."""
    s = _sales()
    first_month = {"season": 9, "November": 11, "whole": 1, "October": 10}[months]
    s = s[s["month"] >= first_month]
    s = s if year == "three" else s[s["year"] == year]
    who = s["customer_id"]
    s = {
        "new": lambda: s[who.isin(who[_registered(s) >= s["date"].min()])],
        "twice": lambda: s[who.map(who.value_counts()) > 1],
        "only": lambda: s[s.groupby("customer_id")["channel"].transform("nunique") == 1],
        "first": lambda: s.drop_duplicates("customer_id"),
    }.get(counted, lambda: s)()
    by = s.groupby("channel")
    n = {
        "orders": by.size,
        "lines": by["lines"].sum,
    }.get(counted, by["customer_id"].nunique)()
    everyone = {"orders": len(s), "lines": s["lines"].sum()}.get(
        counted, s["customer_id"].nunique()
    )
    n["all"] = {"added": n.sum(), "mean": n.mean()}.get(whole, everyone)
    return n.astype(float)


def _registered(s):
    return s["customer_id"].map(table("shihu/customers").set_index("customer_id")["registered_on"])


# Standard: what was she when she bought?


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.1%}; by the label of the end of the year it would be {_by_label('today'):.1%}, "
        "because that label is given for what they paid in this very season."
    ),
    hints=(
        "On which day do you read the label?",
        "The section of the example: what was she when she bought? Its third column does it by year.",
        "Join each sale to the version that held on its day, with one border in and the other out; "
        "the part of the amount that is gold or silver, divided by the amount of all.",
    ),
)
def upper_share(
    *,
    label=choose(
        "day of sale",
        {
            "today": "You read the label as it is today, at the end of 2025; read it on the day of "
            "sale.",
            "1 January": "You read the label on 1 January 2025; read it on the day of sale.",
            "1 September": "You read the label on 1 September, as the season began; read it on the day "
            "of sale.",
            "next day": "You read the label of the next day, so the sale itself lifted its buyer.",
            "both ends": "You took the day in at both ends (BETWEEN): on the day a version changes, a "
            "sale counts twice. Leave valid_to out.",
            "open end": "You left the end open, without valid_to: every earlier version of the customer "
            "matched as well.",
            "day before": "You read the label of the day before: valid_from is in a version, valid_to "
            "is not.",
            "all versions": "You joined all versions of a customer to each sale; keep the one of its "
            "day.",
            "ever": "You took everybody who ever was gold or silver; read the label on the day "
            "of sale.",
        },
    ),
    tier=choose(
        "upper",
        {
            "gold": "You took gold alone; asked are the two upper tiers, with silver.",
            "silver": "You took silver alone; asked are the two upper tiers.",
            "spenders": "You counted big spenders, too, who are no members: a tier needs a membership.",
            "members": "You took every tier, all members; asked are the two upper ones.",
        },
    ),
    counted=choose(
        "takings",
        {
            "sales": "You took the share of sales, of orders; asked is the share of takings.",
            "people": "You took the share of people who bought; asked is the share of takings.",
            "members only": "You divided by the takings of members only; divide by those of all.",
            "CNY": "This is the sum in CNY; divide it by the takings of all.",
            "others": "You set it against the others' takings; divide by those of all.",
        },
    ),
    months=choose(
        "season 2025",
        {
            "year": "You took the whole year; asked is the season.",
            "2024": "You took the season of 2024; asked is 2025.",
            "all": "You took all seasons; asked is 2025.",
            "November": "You began the season in November; it begins in September.",
        },
    ),
):
    """Share of a season's takings that came from customers of the upper tiers."""
    return _tier_share(label, tier, counted, months)


@cache
def _tier_share(label, tier, counted, months):
    s = _sales()
    s = s[
        {
            "season 2025": (s["year"] == 2025) & (s["month"] >= 9),
            "year": s["year"] == 2025,
            "2024": (s["year"] == 2024) & (s["month"] >= 9),
            "all": s["month"] >= 9,
            "November": (s["year"] == 2025) & (s["month"] >= 11),
        }[months]
    ]
    s = _labelled(label, s)
    wanted = {"upper": ["gold", "silver"], "members": ["gold", "silver", "green"]}.get(tier, [tier])
    of_tier, paid = s["tier"].isin(wanted), s["amount"]
    if tier == "spenders":
        of_tier = pd.Series(_paid_before(s["customer_id"], s["date"]) >= 2000, s.index)
    mine, members = paid[of_tier].sum(), paid[s["tier"] != "none"].sum()
    return {
        "takings": mine / paid.sum(),
        "sales": of_tier.mean(),
        "people": s.loc[of_tier, "customer_id"].nunique() / s["customer_id"].nunique(),
        "members only": mine / members,
        "CNY": mine,
        "others": mine / paid[~of_tier].sum(),
    }[counted]


def _by_label(label):
    """The share of the season under another label."""
    return _tier_share(label, "upper", "takings", "season 2025")


def _labelled(label, s):
    """The sales joined to the versions that a label picks, as SQL joins them."""
    v = _versions()
    if label == "ever":
        upper = v.loc[v["tier"].isin(["gold", "silver"]), "customer_id"]
        return s.assign(tier=np.where(s["customer_id"].isin(upper), "gold", "none"))
    rows = s.merge(v, on="customer_id")
    day = {
        "today": pd.Timestamp("2026-01-01"),
        "1 January": pd.Timestamp("2025-01-01"),
        "1 September": pd.Timestamp("2025-09-01"),
        "next day": rows["date"] + DAY,
        "day before": rows["date"] - DAY,
    }.get(label, rows["date"])
    until = rows["valid_to"] + (DAY if label == "both ends" else 0 * DAY)
    begun = (rows["valid_from"] <= day) | (label == "all versions")
    return rows[begun & ((day < until) | label.startswith(("open", "all")))]


@cache
def _versions():
    """One row for each version of a customer: the table `member` of the set."""
    o, who = table("shihu/orders"), table("shihu/customers")
    joined = who.dropna(subset="member_since")
    changes = [
        (o["customer_id"], o["date"] + DAY),
        (o["customer_id"], o["date"] + 366 * DAY),
        (who["customer_id"], who["registered_on"]),
        (joined["customer_id"], joined["member_since"]),
    ]
    v = pd.concat([pd.DataFrame({"customer_id": ids, "valid_from": days}) for ids, days in changes])
    v = v[v["valid_from"] <= "2026-01-01"].drop_duplicates()
    v = v.sort_values(["customer_id", "valid_from"], ignore_index=True)
    v["tier"] = _tier(v["customer_id"], v["valid_from"])
    v = v[v["tier"] != v.groupby("customer_id")["tier"].shift()]
    end = v.groupby("customer_id")["valid_from"].shift(-1)
    return v.assign(valid_to=end.fillna(pd.Timestamp("2100-01-01")))


def _tier(ids, day):
    """The tier of customers on a day: by what they paid in the 365 days before it."""
    paid = _paid_before(ids, day)
    since = ids.map(table("shihu/customers").set_index("customer_id")["member_since"])
    grade = np.select([paid >= 5000, paid >= 2000], ["gold", "silver"], "green")
    return np.where(since <= day, grade, "none")


def _paid_before(ids, day):
    keys, sums = _running()
    who = ids.str[1:].astype(int).to_numpy() * 100_000
    days = (day - pd.Timestamp("2000-01-01")).dt.days.to_numpy()
    first, last = np.searchsorted(keys, who + days - 365), np.searchsorted(keys, who + days)
    return (sums[last] - sums[first]).round(2)


@cache
def _running():
    """Orders sorted by customer and day, and the running sum of what was paid."""
    o = table("shihu/orders")
    days = (o["date"] - pd.Timestamp("2000-01-01")).dt.days
    key = (o["customer_id"].str[1:].astype(int) * 100_000 + days).to_numpy()
    order = np.argsort(key, kind="stable")
    return key[order], np.r_[0, o["amount"].to_numpy()[order].cumsum()]


# Transfer: the same label in a real log


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%}. By the label of the last day it would be "
        f"{_large('today', 100, 'H1', 'money'):.0%}: part of it was paid by people who became large by "
        "paying it."
    ),
    hints=(
        "What had she paid before the day of the order?",
        "The section of the example: what was she when she bought? Here the label never falls back.",
        "Add up what each customer paid on earlier days, mark the orders for which that is 100 or "
        "more, and divide their amount by that of all orders of the half-year.",
    ),
)
def large_share(
    *,
    label=choose(
        "day of sale",
        {
            "today": "You read the label on the last day of the log, as it is today; read it on the "
            "day of the order.",
            "1 January": "You read the label on 1 January 1998; read it on the day of the order.",
            "itself": "You let the order itself count for its own label; only earlier days count.",
            "rows": "You let earlier rows of the same day count; only earlier days do.",
            "single": "You called large who had a single order of 100 or more; add up what was paid.",
            "half-year": "You added up within the half-year only; all that was paid before counts.",
        },
    ),
    border=choose(
        100,
        {
            50: "You drew the border at 50 dollars; it is 100.",
            200: "You drew the border at 200 dollars; it is 100.",
        },
    ),
    period=choose(
        "H1",
        {
            "quarter": "You took the first quarter of 1998; asked is the half-year.",
            "second": "You took the second quarter of 1998; asked is the half-year.",
            "1997": "You took 1997; asked is the first half of 1998.",
            "all": "You took all of the log; asked is the first half of 1998.",
        },
    ),
    counted=choose(
        "money",
        {
            "orders": "You took the share of orders; asked is the share of the amount.",
            "people": "You took the share of people; asked is the share of the amount.",
            "dollars": "This is the sum in dollars; divide it by the amount of all.",
            "quantity": "You took the share of CDs, the quantity; asked is the share of the amount.",
            "others": "You set it against the others' amount; divide by that of all.",
            "sample": "You used the sample of a tenth, cdnow_sample; take cdnow.",
        },
    ),
):
    """Share of a half-year's amount from customers who were large on the day of the order."""
    return _large(label, border, period, counted)


@cache
def _large(label, border, period, counted):
    log = table("cdnow_sample" if counted == "sample" else "cdnow")
    large = _labels(log, label) >= border
    begin, end = {
        "H1": ("1998-01-01", "1998-06-30"),
        "quarter": ("1998-01-01", "1998-03-31"),
        "second": ("1998-04-01", "1998-06-30"),
        "1997": ("1997-01-01", "1997-12-31"),
        "all": ("1997-01-01", "1998-06-30"),
    }[period]
    inside = log["date"].between(begin, end)
    s, large = log[inside], large[inside]
    money = s.loc[large, "amount"].sum()
    return {
        "orders": lambda: large.mean(),
        "people": lambda: s.loc[large, "customer_id"].nunique() / s["customer_id"].nunique(),
        "dollars": lambda: money,
        "quantity": lambda: s.loc[large, "quantity"].sum() / s["quantity"].sum(),
        "others": lambda: money / s.loc[~large, "amount"].sum(),
    }.get(counted, lambda: money / s["amount"].sum())()


def _labels(log, label):
    """What each row's label rests on: dollars paid until the day on which it is read."""
    who, paid = log["customer_id"], log["amount"]
    if label == "today":
        return paid.groupby(who).transform("sum")
    if label == "1 January":
        return paid.where(log["date"] < "1998-01-01", 0).groupby(who).transform("sum")
    if label == "half-year":
        paid = paid.where(log["date"] >= "1998-01-01", 0)
    if label == "rows":
        by_time = log.sort_values("date", kind="stable").groupby("customer_id")["amount"]
        return (by_time.cumsum() - log["amount"]).round(2)
    by_day = paid.groupby([who, log["date"]]).agg("max" if label == "single" else "sum")
    earlier = by_day.groupby(level=0)
    until = earlier.cummax() if label == "single" else earlier.cumsum()
    if label == "single":
        until = until.groupby(level=0).shift(fill_value=0)
    elif label != "itself":
        until = until - by_day
    at = pd.MultiIndex.from_arrays([who, log["date"]])
    return pd.Series(until.reindex(at).round(2).to_numpy(), log.index)
