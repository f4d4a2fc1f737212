"""Feedback for exercises 0.2, a primer of pandas."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

table = cache(crm.load)


# Warm-up: a filter


@recipe(
    Number(share=True, digits=4),
    means=lambda share: f"{share:.0%} of the orders of the year came through the web shop.",
    hints=(
        "Two conditions: which rows are the base, and which of them are counted?",
        "The section of the example on rows and columns: the mean of a condition is a share.",
        "Keep the orders of 2025, ask of each whether its channel is web, and take the mean.",
    ),
    alike=[("year=three years", "counted=money")],  # on some class sets
)
def web_share(
    *,
    year=choose(
        2025,
        {
            2024: "You took the orders of 2024; asked is 2025.",
            2023: "You took the orders of 2023; asked is 2025.",
            "three years": "You took the orders of three years; asked is 2025.",
        },
    ),
    channel=choose(
        "web",
        {
            "shop": "You counted the shop; asked is the web shop.",
            "wechat": "You counted WeChat; asked is the web shop.",
            "web and wechat": "You counted web and WeChat together; asked is the web shop.",
            "not web": "You counted the orders that are not web; turn the condition round.",
        },
    ),
    counted=choose(
        "orders",
        {
            "customers": "You took the share of customers with such an order; asked are orders.",
            "count": "This is a count; divide it by the orders of the year.",
            "money": "You took the share of the money; asked are orders.",
            "of all years": "You divided by the orders of all years; divide by those of 2025.",
            "of the channel": "You divided by all orders of the channel, in all years; the base is "
            "the orders of 2025.",
        },
    ),
):
    """Share of a year's orders that came through the web shop."""
    o = table("shihu/orders")
    when = o["date"].dt.year == year if year != "three years" else o["amount"] >= 0
    which = {
        "web and wechat": o["channel"].isin(["web", "wechat"]),
        "not web": o["channel"] != "web",
    }.get(channel, o["channel"] == channel)
    both = when & which
    return {
        "orders": which[when].mean(),
        "customers": o.loc[both, "customer_id"].nunique() / o.loc[when, "customer_id"].nunique(),
        "count": both.sum(),
        "money": o.loc[both, "amount"].sum() / o.loc[when, "amount"].sum(),
        "of all years": both.mean(),
        "of the channel": both.sum() / which.sum(),
    }[counted]


# Standard: one row for each customer


@recipe(
    Number(digits=4),
    means=lambda typical: f"{typical:,.0f} CNY: half of the customers spent more, half less.",
    hints=(
        "First one number for each customer, then one number of all these.",
        "The section of the example on one row for each customer.",
        "Group the orders by customer, add up the amounts, and take the median of the sums.",
    ),
)
def typical_spend(
    *,
    each=choose(
        "sum",
        {
            "average": "You took the average amount of each customer's orders; add them up: sum.",
            "largest": "You took the largest order of each customer; add all of them up.",
            "orders": "You counted the orders of each customer; add up what they paid.",
            "no groups": "There are no groups: you took the median of single orders.",
            "middle": "You took the middle order of each customer; add all of them up.",
            "year": "You added up each customer's year; all three years go together.",
        },
    ),
    of=choose(
        "median",
        {
            "the mean": "You took the mean of the sums; asked is the median.",
            "total": "This is the total of all; asked is the median of the customers' sums.",
            "highest": "This is the highest sum; asked is the median.",
            "most often": "This is the sum that occurs most often; asked is the median.",
            "third": "You divided by 3, which gives a third, a mean year; asked are the three years.",
        },
    ),
    rows=choose(
        "all years",
        {
            2025: "You took only 2025; all three years count.",
            2024: "You took only 2024; all three years count.",
            "shop": "You took only orders in the shop; all channels count.",
            "discount": "You added the discount back; asked is what they spent, amount.",
            "off": "You took the discounts off once more; amount is what they spent.",
            "fee": "You added the delivery fee; asked is what they spent, amount.",
        },
    ),
):
    """Median over customers of what each spent."""
    o = table("shihu/orders")
    more = {"discount": o["discount"], "off": -o["discount"], "fee": o["delivery_fee"]}
    amount = o["amount"] + more.get(rows, 0)
    keep = {
        2025: o["date"].dt.year == 2025,
        2024: o["date"].dt.year == 2024,
        "shop": o["channel"] == "shop",
    }.get(rows, o["amount"] >= 0)
    amount, who = amount[keep], o.loc[keep, "customer_id"]
    groups = amount.groupby(who)
    made = {
        "sum": lambda: groups.sum(),
        "average": lambda: groups.mean(),
        "largest": lambda: groups.max(),
        "orders": lambda: groups.size(),
        "no groups": lambda: amount,
        "middle": lambda: groups.median(),
        "year": lambda: amount.groupby([who, o.loc[keep, "date"].dt.year]).sum(),
    }[each]()
    return {
        "median": lambda: made.median(),
        "the mean": lambda: made.mean(),
        "total": lambda: made.sum(),
        "highest": lambda: made.max(),
        "third": lambda: made.median() / 3,
        "most often": lambda: made.round(2).mode().iloc[0],
    }[of]()


@recipe(
    Number(share=True, digits=4),
    means=lambda share: f"{share:.0%} of those who said; nobody knows it of the others.",
    hints=(
        "Of whom is the band known? They are the base.",
        "The section of the example on what is not there.",
        "Keep the customers whose band is not missing, and take the mean of the condition.",
    ),
)
def rich_share(
    *,
    base=choose(
        "known",
        {
            "everybody": "You divided by everybody, also those who did not say.",
            "silent": "You divided by the silent, who did not say; the base is those who did.",
            "with an income": "You left out those whose band is none, so kept those with an income; "
            "the others did say so.",
        },
    ),
    band=choose(
        "250k and over",
        {
            "120k-250k": "You took the band 120k-250k; asked is the one above it.",
            "under 60k": "You took the lowest band, under 60k; asked is the highest.",
            "two bands": "You took the two upper bands together; asked is the highest.",
            "not the top": "You counted all that are not in the top band; turn it round.",
        },
    ),
    counted=choose(
        "customers",
        {
            "count": "This is a count; divide it by those who said.",
            "orders": "After a join you counted orders; asked are customers.",
        },
    ),
):
    """Share of those who stated an income whose band is the highest."""
    c = table("shihu/customers")
    if counted == "orders":
        c = table("shihu/orders")[["customer_id"]].merge(c, on="customer_id")
    income = c["income_band"]
    top = {
        "two bands": income.isin(["250k and over", "120k-250k"]),
        "not the top": income.notna() & (income != "250k and over"),
    }.get(band, income == band)
    n = {
        "known": income.notna().sum(),
        "everybody": len(c),
        "silent": income.isna().sum(),
        "with an income": (income.notna() & (income != "none")).sum(),
    }[base]
    return top.sum() if counted == "count" else top.sum() / n


# Transfer: a join


@recipe(
    Number(share=True, digits=4),
    means=lambda share: f"{share:.1%} of the sales; as a share of customers it is another number.",
    hints=(
        "The age stands in one table, the money in the other: what joins them?",
        "The section of the example on joining what is known of them.",
        "Join the age group to the orders, add up the amounts of one group, and divide by all.",
    ),
)
def old_share(
    *,
    counted=choose(
        "money",
        {
            "of customers": "You took the share of customers; asked is the share of the money.",
            "of orders": "You took the share of orders; asked is the share of the money.",
            "a mean": "You divided mean amounts; divide the sums.",
            "sum": "This is the sum in CNY; divide it by all sales.",
            "against the others": "You set it against the others; divide by all sales.",
            "a mean group": "You divided by a mean group, not by all; divide by all sales.",
            "of means": "You took the part that the group's mean order has of the sum of such means; "
            "add up the money.",
            "delivery": "You added the delivery fees to the money; sales are the column amount.",
        },
    ),
    group=choose(
        "65 and over",
        {
            "50-64": "You took the age group 50-64; asked are those of 65 and over.",
            "under 35": "You took the young, under 35; asked are those of 65 and over.",
            "from 50": "You took all from 50 on; asked are those of 65 and over.",
            "birth": "You went by the date of birth, which many have not given; take the age group.",
        },
    ),
    years=choose(
        "three",
        {
            2025: "You took the sales of 2025 only; all three years count.",
            2024: "You took the sales of 2024 only; all three years count.",
        },
    ),
):
    """Share of all sales that one age group paid."""
    people = table("shihu/customers")[["customer_id", "age_group", "birth_date"]]
    o = table("shihu/orders").merge(people, on="customer_id")
    if years != "three":
        o = o[o["date"].dt.year == years]
    groups = ["50-64", "65 and over"] if group == "from 50" else [group]
    old, paid = o["age_group"].isin(groups), o["amount"]
    if group == "birth":
        old = pd.to_datetime(o["birth_date"]) <= pd.Timestamp("1960-12-31")
    mine, full = paid[old].sum(), paid + o["delivery_fee"]
    buyers = o.drop_duplicates("customer_id")["age_group"]
    return {
        "money": mine / paid.sum(),
        "of customers": buyers.isin(groups).mean(),
        "of orders": old.mean(),
        "a mean": paid[old].mean() / paid.mean(),
        "sum": mine,
        "against the others": mine / paid[~old].sum(),
        "of means": paid[old].mean() / paid.groupby(o["age_group"]).mean().sum(),
        "delivery": full[old].sum() / full.sum(),
        "a mean group": mine / (paid.sum() / np.unique(buyers).size),
    }[counted]
