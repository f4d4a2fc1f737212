"""Feedback for exercises 2.2, what five points of retention are worth."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Function, Number, Values, task

KEEP, RATE = 0.82, 0.10  # the warm-up's club: retention a year, interest a year
WIN, PROFITS, INTEREST = 180, [60, 75, 85, 90], 0.10  # the standard task's customer
WINDOW = 30  # days after the message in which an order counts

# Warm-up: five points for a tea club


def rise_to(retention):
    return crm.margin_multiple(retention, RATE) / crm.margin_multiple(KEEP, RATE) - 1


@task(
    Number(share=True),
    means=lambda rise: (
        f"{rise:+.1%} in the value of the members the club has: more than five per cent, and far "
        "less than 85."
    ),
    hint="crm.margin_multiple(0.87, 0.10) / crm.margin_multiple(0.82, 0.10) - 1",
)
def warm_up():
    """Relative rise of the margin multiple by five points more retention."""
    return rise_to(KEEP + 0.05)


@warm_up.mistake("You raised retention by five per cent of itself; five points make it 0.87.")
def five_per_cent():
    return rise_to(KEEP * 1.05)


@warm_up.mistake("You took five per cent off the churn; five points off it are far more.")
def of_churn():
    return rise_to(1 - 0.95 * (1 - KEEP))


@warm_up.mistake("This is the rise in yearly margins; asked is the rise relative to the old value.")
def absolute():
    return crm.margin_multiple(KEEP + 0.05, RATE) - crm.margin_multiple(KEEP, RATE)


@warm_up.mistake("This is the ratio of new to old value; take off 1 to get the rise.")
def not_less_one():
    return 1 + rise_to(KEEP + 0.05)


@warm_up.mistake("You valued a member just won, whose first year is certain: 1 / (1 + i - r).")
def just_won():
    return (1 + RATE - KEEP) / (1 + RATE - KEEP - 0.05) - 1


# Standard: a cash flow by year of tenure


def worth(r, *, cost=WIN, i=INTEREST, first_certain=True, from_today=False, years=300):
    """Discounted profits of a customer just won, less what winning one cost."""
    year = np.arange(1, years + 1)
    profit = np.array([*PROFITS, *[PROFITS[-1]] * max(years - len(PROFITS), 0)], dtype=float)
    there = r ** (year - 1) if first_certain else r**year
    return (profit * there / (1 + i) ** (year - from_today)).sum() - cost


@task(
    Function((0.80,), (0.88,), (0.93,)),
    means=lambda value: (
        f"{value(0.88):,.0f} at 88 % retention and {value(0.93):,.0f} at 93 %: five points are "
        f"worth {value(0.93) / value(0.88) - 1:+.0%} here."
    ),
    hint="year = np.arange(1, 301); the chance to be there in a year is r ** (year - 1), "
    "its discount 1.10 ** year.",
)
def value():
    """Value of a customer just won, as a function of the retention rate."""
    return worth


@value.mistake("Winning the customer costs 180: take it off.")
def won_for_nothing():
    return lambda r: worth(r, cost=0)


@value.mistake("You stopped after the fourth year; the 90 go on as long as the customer stays.")
def four_years():
    return lambda r: worth(r, years=4)


@value.mistake("The first year is certain: a customer is there in year t with chance r ** (t - 1).")
def risk_first():
    return lambda r: worth(r, first_certain=False)


@value.mistake("Nothing is discounted: money costs 10 % a year.")
def undiscounted():
    return lambda r: worth(r, i=0.0, years=2000)


@value.mistake("Profits come at the end of each year: discount the first by one year, not by none.")
def from_today():
    return lambda r: worth(r, from_today=True)


def needed(rise, *, cost=0, keeps=(0.88, 0.93)):
    """Acquisition cost at which the value rises by so much."""
    low, high = (worth(r, cost=cost) for r in keeps)
    return low - (high - low) / rise


@task(
    Number(),
    means=lambda cost: (
        f"{cost:.0f}, which is {cost / worth(0.88, cost=0):.0%} of what the customer brings at 88 %. "
        "The rise in money is the same at any cost; only the base shrinks."
    ),
    hint="With G the value before the cost: (G93 - c) / (G88 - c) = 1.5. Solve for c.",
)
def dear():
    """Acquisition cost at which five points, 88 % to 93 %, raise the value by half."""
    return needed(0.50)


@dear.mistake("You started from the value after the 180; start from what the customer brings.")
def on_top():
    return needed(0.50, cost=WIN)


@dear.mistake("This gives a rise of 25 %; asked is 50 %.")
def a_quarter():
    return needed(0.25)


@dear.mistake("This is the share of what the customer brings; asked is the cost in money.")
def as_share():
    return needed(0.50) / worth(0.88, cost=0)


@dear.mistake("Your five points start somewhere else: they lead from 0.88 to 0.93.")
def to_the_88():
    return needed(0.50, keeps=(0.83, 0.88))


# Transfer: what the sources cost and bring back, and what a coupon keeps


@cache
def tables():
    names = ("orders", "order_lines", "customers", "unit_costs", "campaigns")
    return {name: crm.load(f"shihu/{name}") for name in names}


@cache
def orders():
    """Orders with their margin and the customer's day, as in the set's given cell."""
    table = tables()["orders"].copy()
    table["margin"] = crm.order_profit(table, tables()["order_lines"])
    table = table.set_index("order_id")
    joined = tables()["customers"].set_index("customer_id").registered_on
    table["day"] = (table.date - table.customer_id.map(joined)).dt.days
    return table


@cache
def sources():
    """Customers with what winning them cost and how long they were watched."""
    table = tables()["customers"].set_index("customer_id")[["source", "registered_on"]]
    costs = tables()["unit_costs"].set_index("item").value
    table["cost"] = ("acquisition_" + table.source).map(costs)
    table["watched"] = (orders().date.max() - table.registered_on).dt.days
    return table


def repaid_share(*, column="margin", days=365, watched=365, cost=None):
    people = sources()[sources().watched >= watched]
    early = orders()[orders().day < days]
    brought = early.groupby("customer_id")[column].sum().reindex(people.index, fill_value=0)
    price = people.cost if cost is None else cost
    return (brought >= price).groupby(people.source).mean()


@task(
    Values("sources"),
    means=lambda share: (
        f"From {share.min():.0%} ({share.idxmin()}) to {share.max():.0%} ({share.idxmax()}). A "
        "source may pay back on average, and some of its customers never do."
    ),
    hint="Keep customers with watched >= 365, sum their margins with day < 365 (0 for none), "
    "compare with cost, and take the mean by source.",
)
def repaid():
    """Share of customers, by source, who repaid what winning them cost within a year."""
    return repaid_share()


@repaid.mistake("You compared sales with the cost; only the margin pays it back.")
def by_sales():
    return repaid_share(column="amount")


@repaid.mistake("You kept customers who came too late to be watched for a year; leave them out.")
def not_watched():
    return repaid_share(watched=0)


@repaid.mistake("You counted the first day only; the first 365 days are asked.")
def first_day():
    return repaid_share(days=1)


@repaid.mistake("You counted all orders to the end of the data; stop after the first 365 days.")
def to_the_end():
    return repaid_share(days=10_000)


@repaid.mistake("This is the share who did not repay it.")
def not_repaid():
    return 1 - repaid_share()


@repaid.mistake("You used one average cost for all; every source has its own.")
def one_cost():
    return repaid_share(cost=sources().cost.mean())


def won_back(*, arm="coupon", discount=True, message=True, control=True, days=WINDOW):
    """Cost per customer who ordered because of the win-back campaign."""
    k06 = tables()["campaigns"].query("campaign_id == 'K06'")
    start = k06.sent_on.iloc[0]
    window = orders()[orders().date.between(start, start + pd.Timedelta(days, "D"), "right")]
    ordered = k06.customer_id.isin(window.customer_id)
    treated = k06.arm == arm
    given = orders().query("campaign_id == 'K06'").discount.sum() / treated.sum()
    price = tables()["unit_costs"].set_index("item").value["message"]
    extra = ordered[treated].mean() - (ordered[k06.arm == "control"].mean() if control else 0)
    return (price * message + given * discount) / extra


@task(
    Number(),
    means=lambda cost: (
        f"{cost:.1f} CNY for each customer brought back, against "
        f"{sources().cost.mean():.0f} for winning one. Whether that is cheap depends on what the "
        "customer brings after the first order."
    ),
    hint="(0.35 + discounts of K06 orders / customers with a coupon) / (share of those with a "
    "coupon who ordered - share of the controls who did).",
)
def per_back():
    """Cost of a customer who ordered because of the coupon, in CNY."""
    return won_back()


@per_back.mistake("You divided by all who ordered; some would have come without a coupon.")
def no_control():
    return won_back(control=False)


@per_back.mistake("You forgot the discounts that were given.")
def no_discount():
    return won_back(discount=False)


@per_back.mistake("You forgot the message itself: 0.35 CNY for each customer written to.")
def no_message():
    return won_back(message=False)


@per_back.mistake("These are the customers with a reminder; asked is the coupon.")
def reminders():
    return won_back(arm="reminder", discount=False)


@per_back.mistake("You looked 60 days ahead; the window is 30 days.")
def two_months():
    return won_back(days=60)
