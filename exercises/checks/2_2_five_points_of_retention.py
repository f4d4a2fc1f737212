"""Feedback for exercises 2.2, what five points of retention are worth."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Function, Number, Values, choose, recipe

PROFITS = [60, 75, 85, 90]  # the standard task's customer, by year

# Warm-up: five points for a tea club


@recipe(
    Number(share=True),
    means=lambda rise: (
        f"{rise:+.1%} in the value of the members the club has: more than five per cent, and far "
        "less than 85."
    ),
    hints=(
        "Two multiples: one for today, one for the club that keeps more. How much more?",
        "The first table of the worked example does this for seven rates of retention.",
        "The multiple at the higher retention, over the multiple at today's, less one.",
    ),
)
def warm_up(
    *,
    better=choose(
        "points",
        {
            "per cent": "You raised retention by five per cent of itself; five points make it 0.87.",
            "churn": "You took five per cent off the churn; five points off it are far more.",
            "down": "You went five points down; the club keeps more, 0.87.",
        },
    ),
    member=choose(
        "of today",
        {"won": "You valued a member just won, whose first year is certain: 1 / (1 + i - r)."},
    ),
    rate=choose(
        0.10,
        {
            0.12: "You took 0.12 for the interest, as the worked example does; the club's is 10 %.",
            0.0: "You left the interest out: 0.0 instead of 10 %.",
        },
    ),
    told_as=choose(
        "rise",
        {
            "yearly margins": "This is the rise in yearly margins; asked is a share of the old value.",
            "ratio": "This is the ratio of new to old value; take off 1 to get the rise.",
            "new value": "You divided by the new value; the rise is a share of the old one.",
            "retention": "This is the rise of retention itself, 0.87 over 0.82; asked is that of the "
            "multiple.",
        },
    ),
):
    """Relative rise of the margin multiple by five points more retention."""
    keep = 0.82
    more = {
        "points": keep + 0.05,
        "per cent": keep * 1.05,
        "churn": 1 - 0.95 * (1 - keep),
        "down": keep - 0.05,
    }
    old, new = (crm.margin_multiple(r, rate) for r in (keep, more[better]))
    if member == "won":
        old, new = 1 + old, 1 + new
    found = {"rise": new / old - 1, "yearly margins": new - old, "ratio": new / old}
    found["retention"] = more[better] / keep - 1
    return {**found, "new value": 1 - old / new}[told_as]


# Standard: a cash flow by year of tenure


def worth(r, *, cost=180, i=0.10, certain=1, end_of_year=True, years=300, each=None, simple=False):
    """Discounted profits of a customer just won, less what winning one cost."""
    year = np.arange(1, years + 1)
    profit = np.array([*PROFITS, *[PROFITS[-1]] * max(years - len(PROFITS), 0)], dtype=float)
    if each is not None:
        profit = np.full(years, float(each))
    there = r ** np.clip(year - certain, 0, None)
    passed = year if end_of_year else year - 1
    return (profit * there / (1 + i * passed if simple else (1 + i) ** passed)).sum() - cost


@recipe(
    Function((0.80,), (0.88,), (0.93,)),
    means=lambda value: (
        f"{value(0.88):,.0f} at 88 % retention and {value(0.93):,.0f} at 93 %: five points are "
        f"worth {value(0.93) / value(0.88) - 1:+.0%} here."
    ),
    hints=(
        "Write down, for the first three years, the profit, the chance to be there, the discount.",
        "The worked example values a card holder in the same way, in *What the claim needs*.",
        "For three hundred years: the profit of the year, times the chance to be still there in it, "
        "divided by the growth of money to its end; the sum of that, less what winning cost.",
    ),
)
def value(
    *,
    cost=choose(
        180,
        {
            0: "Winning the customer costs 180, not 0: take it off.",
            "discounted": "You discounted the cost, which is paid today: it is the full 180.",
        },
    ),
    years=choose(
        300,
        {
            4: "You stopped after year 4; the 90 go on as long as the customer stays.",
            5: "You stopped after year 5; the 90 go on in every later year.",
            10: "You stopped after 10 years; a loyal customer stays longer than that.",
        },
    ),
    certain=choose(
        1,
        {
            "none": "None of your years is certain; the first is: a customer is there in year t with "
            "chance r to the power of t - 1.",
            "two": "You let two years be certain; already the second hangs on r.",
            "the whole list": "You let the whole list be certain; from its second year on it hangs "
            "on r.",
        },
    ),
    i=choose(
        0.10,
        {
            0.0: "Your discount is 0.0: money costs 10 % a year.",
            0.12: "You discounted at 0.12, as the worked example does; here money costs 10 % a year.",
            "nine tenths": "You took nine tenths for each year; a sum a year away is divided by 1.1.",
            "simple": "You took simple interest, 1 + 0.1 t; it compounds: 1.1 to the power of t.",
        },
    ),
    end_of_year=choose(
        True,
        {
            False: "Profits come at the end of each year: discount the first by one year, not by none."
        },
    ),
    each=choose(
        None,
        {
            60: "You took 60 for every year; the profit grows.",
            90: "You took 90 for every year; the first three bring less.",
        },
    ),
):
    """Value of a customer just won, as a function of the retention rate."""
    rate = {"nine tenths": 1 / 0.9 - 1, "simple": 0.10}.get(i, i)
    price = 180 / (1 + rate) if cost == "discounted" else cost
    surely = {"none": 0, "two": 2, "the whole list": 4}.get(certain, certain)
    how = {"cost": price, "i": rate, "certain": surely, "end_of_year": end_of_year}
    return lambda r: worth(r, years=years, each=each, simple=i == "simple", **how)


@recipe(
    Number(),
    means=lambda cost: (
        f"{cost:.0f}, which is {cost / worth(0.88, cost=0):.0%} of what the customer brings at 88 %. "
        "The rise in money is the same at any cost; only the base shrinks."
    ),
    hints=(
        "The cost is taken off before and after: what happens to the rise in money, and to its base?",
        "Your function of 2a gives both values; put the cost back first.",
        "Call the cost c. The value after, less c, is one and a half times the value before, less c: "
        "one equation with one unknown.",
    ),
)
def dear(
    *,
    brings=choose(
        "before the cost",
        {
            "after": "You started from the value after the 180; start from what the customer brings.",
            "uncertain": "Your first year is uncertain, as if r decided on it, too.",
        },
    ),
    rise=choose(
        0.50,
        {
            0.25: "This gives a rise of 0.25; asked is one half.",
            1.50: "You took 1.50 for the rise; a value 1.5 times as large has risen by half.",
        },
    ),
    start=choose(
        0.88,
        {
            0.83: "Your five points lead from 0.83 to 0.88; they lead from 0.88 to 0.93.",
            0.90: "Your five points start at 0.90, as the worked example's do; they start at 0.88.",
        },
    ),
    points=choose(
        "added",
        {
            "per cent": "You raised retention by five per cent of itself; five points lead to 93 %.",
        },
    ),
    varied=choose(
        "both",
        {
            "one": "You let only one of the two values have the new cost; it is taken off both.",
        },
    ),
    base=choose("old", {"new": "You took the rise as a share of the new value; it is of the old."}),
    told_as=choose(
        "money",
        {
            "share": "This is the share of what the customer brings; asked is the cost in money.",
            "break even": "This is the cost at which a customer at 88 % breaks even, worth nothing.",
            "value before": "This is the value before the rise, of which the rise is one half; the "
            "cost is what it lacks to all that the customer brings.",
        },
    ),
):
    """Acquisition cost at which five points, 88 % to 93 %, raise the value by half."""
    end = start + 0.05 if points == "added" else start * 1.05
    how = {"cost": 180 * (brings == "after"), "certain": 0 if brings == "uncertain" else 1}
    low, high = (worth(r, **how) for r in (start, end))
    if varied == "one":
        return high - (1 + rise) * (low - 180)
    cost = (low if base == "old" else high) - (high - low) / rise
    found = {"money": cost, "share": cost / low, "break even": low}
    return {**found, "value before": (high - low) / rise}[told_as]


# Transfer: what the sources cost and bring back, and what a coupon keeps


@cache
def orders():
    """Orders with their margin and the customer's day, as in the set's given cell."""
    found = crm.load("shihu/orders")
    lines, fee = crm.load("shihu/order_lines"), unit_costs()["payment_share"]
    found["margin"] = crm.order_profit(found, lines, payment_share=fee)
    joined = crm.load("shihu/customers").set_index("customer_id").registered_on
    found["day"] = (found.date - found.customer_id.map(joined)).dt.days
    return found


@cache
def unit_costs():
    return crm.load("shihu/unit_costs").set_index("item").value


@cache
def sources():
    """Customers with what winning them cost and how long they were watched."""
    found = crm.load("shihu/customers").set_index("customer_id")[["source", "registered_on"]]
    found["cost"] = ("acquisition_" + found.source).map(unit_costs())
    found["watched"] = (orders().date.max() - found.registered_on).dt.days
    return found


@recipe(
    Values("sources"),
    means=lambda share: (
        f"From {share.min():.0%} ({share.idxmin()}) to {share.max():.0%} ({share.idxmax()}). A "
        "source may pay back on average, and some of its customers never do."
    ),
    hints=(
        "A share of whom? First the customers who can be judged, then what each of them brought.",
        "The worked example counts who has not repaid a cost, below the figure of *What may a new "
        "customer cost?*.",
        "Keep the customers watched for a year; sum the margins of their first 365 days, with zero "
        "for none; compare with each one's cost; the mean of that by source.",
    ),
)
def repaid(
    *,
    what=choose(
        "margin",
        {
            "amount": "You compared the amount sold with the cost; only margin pays it back.",
            "less discount": "You took the discount off the margin once more; what was paid is "
            "already less by it.",
        },
    ),
    days=choose(
        365,
        {
            1: "You counted day 1 only, the first order; the first 365 days are asked.",
            "all": "You counted all orders to the end of the data; stop after 365 days.",
            180: "You counted 180 days; the first 365 are asked.",
        },
    ),
    summed=choose(
        "sum", {"max": "You looked for the maximum, one order that pays it all back; add them up."}
    ),
    first_order=choose("in", {"left out": "You left out the first order; its margin counts."}),
    watched=choose(
        365,
        {
            0: "You kept customers who came too late, watched for as little as 0 days; leave them "
            "out.",
        },
    ),
    cost=choose(
        "by source", {"average": "You used one average cost for all; every source has its own."}
    ),
    side=choose(
        "repaid",
        {
            "not": "This is the share who did not repay it.",
            "ratio": "This is a ratio of sums, margins to costs; asked is the share of customers who "
            "repaid.",
            "everybody": "You divided by everybody; divide by the customers of the source.",
            "too late": "You divided by all customers of the source, also those who came too late to "
            "be judged.",
            "number": "This is the number who repaid; divide by the customers of the source.",
            "of those who repaid": "These are the parts that the sources have of those who repaid; "
            "asked is how many of a source repaid.",
        },
    ),
):
    """Share of customers, by source, who repaid what winning them cost within a year."""
    people = sources()[sources().watched >= watched]
    early = orders()[
        (orders().day < (10_000 if days == "all" else days))
        & (orders().day >= (first_order != "in"))
    ]
    paid = early.margin - early.discount if what == "less discount" else early[what]
    brought = paid.groupby(early.customer_id).agg(summed).reindex(people.index, fill_value=0)
    price = people.cost if cost == "by source" else sources().cost.mean()
    repay = (brought >= price).groupby(people.source)
    if side == "ratio":
        return brought.groupby(people.source).sum() / people.groupby("source").cost.sum()
    below = {
        "everybody": len(people),
        "too late": sources().groupby("source").size(),
        "number": 1,
        "of those who repaid": repay.sum().sum(),
    }
    if side in below:
        return repay.sum() / below[side]
    return repay.mean() if side == "repaid" else 1 - repay.mean()


@recipe(
    Number(),
    means=lambda cost: (
        f"{cost:.1f} CNY for each customer brought back, against "
        f"{sources().cost.mean():.0f} for winning one. Whether that is cheap depends on what the "
        "customer brings after the first order."
    ),
    hints=(
        "Two figures: what a customer in the coupon arm cost, and how many more of them came.",
        "The worked example counts a reminder's cost per buyer who came because of it in *Six times*.",
        "Message and discounts for each customer with a coupon, divided by the share of these who "
        "ordered in the window less the share of the controls who did.",
    ),
)
def per_back(
    *,
    arm=choose(
        "coupon", {"reminder": "These are the customers with a reminder; asked is the coupon."}
    ),
    message=choose(
        "counted",
        {"forgotten": "You have forgotten the message: 0.35 CNY for each one written to."},
    ),
    discount=choose(
        "per customer",
        {
            "left out": "You left out the discounts that were given.",
            "per order": "You took the mean discount per order; most used none: divide per customer.",
            "sum": "You took the sum of the discounts, for all together; divide it by the customers "
            "in the arm.",
            "whatever": "You took the discounts whatever the campaign; only those of K06 count.",
            "all arms": "You divided the discounts by the customers of all three arms; divide by those "
            "with a coupon.",
        },
    ),
    less=choose(
        "control",
        {
            "nobody": "You took off nobody: some would have come without a coupon.",
            "others": "You compared with the others who were written to; take those who got nothing.",
        },
    ),
    days=choose(
        30,
        {
            60: "You looked 60 days ahead; the window is 30 days.",
            90: "You looked 90 days ahead; the window is 30 days.",
            "all": "You counted all orders to the end of the data; the window is 30 days.",
        },
    ),
    counted=choose(
        "customers", {"twice": "You counted who ordered twice as two; a customer is one."}
    ),
    told_as=choose(
        "back",
        {
            "everyone": "This is what everyone in the arm cost on average; divide by how many more "
            "came.",
            "arm": "This is the cost of the whole arm over a difference of shares; take the cost of "
            "one.",
            "used": "You divided by those who used a coupon; many of them would have come anyway.",
        },
    ),
):
    """Cost of a customer who ordered because of the coupon, in CNY."""
    k06 = crm.load("shihu/campaigns").query("campaign_id == 'K06'")
    start = k06.sent_on.iloc[0]
    end = start + pd.Timedelta(1_000 if days == "all" else days, "D")
    window = orders()[orders().date.between(start, end, "right")]
    number = k06.customer_id.map(window.customer_id.value_counts()).fillna(0)
    if counted == "customers":
        number = number > 0
    came, size = number.groupby(k06.arm).mean(), k06.arm.value_counts()
    used = orders().query("campaign_id == 'K06'").discount
    given = {
        "per customer": used.sum() / size["coupon"],
        "sum": used.sum(),
        "whatever": k06[k06.arm == "coupon"].merge(window, on="customer_id").discount.sum()
        / size["coupon"],
        "left out": 0,
        "per order": used.mean(),
        "all arms": used.sum() / size.sum(),
    }[discount if arm == "coupon" else "left out"]
    price = given + (unit_costs()["message"] if message == "counted" else 0)
    other = {"control": came["control"], "nobody": 0, "others": came["reminder"]}[less]
    users = orders().query("campaign_id == 'K06'").customer_id.nunique()
    below = {"back": came[arm] - other, "everyone": 1, "used": users / size[arm]}
    below["arm"] = below["back"] / size[arm]
    return price / below[told_as]
