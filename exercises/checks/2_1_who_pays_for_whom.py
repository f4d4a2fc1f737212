"""Feedback for exercises 2.1, who pays for whom."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

YEARS = [2023, 2024, 2025]


table = cache(crm.load)


@cache
def cost():
    return table("shihu/unit_costs").set_index("item")["value"]


def share_of_top(values, share=0.2):
    return values.nlargest(round(share * len(values))).sum() / values.sum()


# Warm-up: concentration in two months


def of_all_months():
    """What the best fifth of all customers bring in all eighteen months."""
    return share_of_top(table("cdnow").groupby("customer_id")["amount"].sum())


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%}: of those who bought in two months, the best fifth bring less than the "
        f"{of_all_months():.0%} of all customers in eighteen months. A share has a time and a crowd."
    ),
    hints=(
        "One number for each customer first; then, whom do you count as customers?",
        "The worked example asks three such questions of one shop in *Twenty per cent of whom?*.",
        "Keep the purchases from the day on, add up the amounts by customer, take the largest fifth "
        "of these sums, and divide their total by the total of all.",
    ),
)
def warm_up(
    *,
    months=choose(
        "from May 1998",
        {
            "eighteen": "This is for all eighteen months; keep the last two.",
            "half-year": "You took the half-year from January on, as the worked example does; begin "
            "in May 1998.",
            "1997": "You took May and June of 1997; the year is 1998.",
            "left out": "You left out 1 May itself; it belongs to the two months (>=).",
            "June": "You took June alone; May belongs to it.",
            "before": "You kept what was bought before the day; keep what came from it on.",
        },
    ),
    crowd=choose(
        "buyers",
        {
            "everybody": "You counted everybody, also those who bought nothing; the question is "
            "about those who bought.",
        },
    ),
    unit=choose(
        "customers",
        {
            "orders": "You took the best fifth of the orders; sum them by customer first.",
            "average": "You took each customer's average order; sum the orders.",
            "largest order": "You took each customer's largest order; sum all of them.",
            "number of orders": "You ranked by the number of orders; rank by the sum of the amounts.",
            "ranked": "You ranked by the mean order, and then took the sums; rank by the sums.",
            "whole log": "You ranked by the whole log; rank by what they bought in these months.",
            "all their purchases": "You added up all their purchases; those of the two months count.",
        },
    ),
    top=choose(
        0.2,
        {
            0.1: "This is the top 0.1; take 0.2.",
            0.3: "This is the top 0.3; take 0.2.",
            0.8: "You took a share of 0.8 of the customers; take 0.2.",
        },
    ),
    column=choose(
        "amount",
        {
            "quantity": "You added up quantity, the CDs; add up the amount.",
            "multiplied": "You multiplied amount and quantity; the amount is that of all pieces.",
        },
    ),
    told_as=choose(
        "share",
        {
            "Gini": "This is the Gini coefficient, a number for the whole curve; give one point of "
            "it.",
            "others": "This is what the others bring, the lower 80 %.",
            "smallest": "You took the smallest fifth; take the largest.",
            "cut": "You cut the number of customers off; 20 % of it is rounded.",
            "twenty": "You took twenty customers; it is 20 % of their number.",
            "head": "You took the head of the list, customers as they come; take the largest.",
            "whole sales": "You divided by the whole sales of the log; divide by those of the two "
            "months.",
            "sum": "This is the sum that they spent; divide it by the sum of all.",
            "how many bring 80": "This is how many of the customers bring 80 % of sales; asked is what "
            "20 % bring.",
        },
    ),
):
    """Share of two months' sales that the best fifth of their buyers bring."""
    log = table("cdnow")
    date, who = log["date"], "customer_id"
    keep = {
        "eighteen": date.notna(),
        "half-year": date >= "1998-01-01",
        "1997": date.between("1997-05-01", "1997-06-30"),
        "left out": date > "1998-05-01",
        "June": date >= "1998-06-01",
        "before": date < "1998-05-01",
    }.get(months, date >= "1998-05-01")
    log = log.assign(multiplied=log["amount"] * log["quantity"])
    rows = log[keep]
    sums = rows.groupby(who)[column]
    v = {"orders": rows[column], "average": sums.mean(), "largest order": sums.max()}.get(
        unit, sums.sum()
    )
    if unit == "all their purchases":
        v = log.groupby(who)[column].sum()[v.index]
    if crowd == "everybody" and unit != "orders":
        v = v.reindex(log[who].unique(), fill_value=0)
    n = round(top * len(v))
    rank = {
        "number of orders": sums.size(),
        "ranked": sums.mean(),
        "whole log": log.groupby(who)[column].sum(),
    }.get(unit, v)
    best = v.loc[rank.loc[v.index].nlargest(n).index] if rank is not v else v.nlargest(n)
    falling = v.sort_values(ascending=False).cumsum() / v.sum()
    return {
        "share": lambda: best.sum() / v.sum(),
        "Gini": lambda: crm.gini(v),
        "others": lambda: 1 - best.sum() / v.sum(),
        "smallest": lambda: v.nsmallest(n).sum() / v.sum(),
        "cut": lambda: v.nlargest(int(top * len(v))).sum() / v.sum(),
        "twenty": lambda: v.nlargest(20).sum() / v.sum(),
        "head": lambda: v.head(n).sum() / v.sum(),
        "whole sales": lambda: best.sum() / log[column].sum(),
        "sum": lambda: best.sum(),
        "how many bring 80": lambda: ((falling < 0.8).sum() + 1) / len(v),
    }[told_as]()


# Standard: what each customer's orders left, before and after returns


@cache
def orders_with(goods):
    """Orders with what their goods cost, in the right way or in a wrong one."""
    orders, lines = table("shihu/orders"), table("shihu/order_lines")
    if goods == "doubled":
        return orders.merge(lines[["order_id", "cost"]], on="order_id").rename(
            columns={"cost": "goods"}
        )
    if goods == "forgotten":
        return orders.assign(goods=0.0)
    value = {
        "unit": lines["unit_cost"],
        "times quantity": lines["cost"] * lines["quantity"],
        "sold for": lines["amount"],
        "one line": lines["cost"].where(~lines["order_id"].duplicated()),
    }.get(goods, lines["cost"])
    each = value.groupby(lines["order_id"]).sum()
    return orders.assign(goods=orders["order_id"].map(each))


@recipe(
    Values("customers"),
    means=lambda left: (
        f"{len(left):,} customers ordered, and their orders left {left.sum():,.0f} CNY, "
        f"{left.sum() / sales_of(2025):.0%} of sales. Sales are not profit."
    ),
    hints=(
        "First one number for each order: what came in, and which three costs went out?",
        "The worked example writes these four entries in *Sales are not profit*.",
        "Add up the cost of the lines by order and bring it to the orders. Of each order of the year "
        "take what was paid, less goods, delivery and the fee on all that was paid; add these up by "
        "customer.",
    ),
)
def contribution(
    *,
    goods=choose(
        "cost of lines",
        {
            "forgotten": "You have forgotten what the goods cost: the column cost of order_lines.",
            "unit": "You took the unit_cost of the lines; a line may hold several pieces: cost.",
            "times quantity": "You took the cost times the quantity; cost is that of the whole line.",
            "one line": "You took the cost of one line of each order; add up all its lines.",
            "sold for": "You took off what the lines were sold for; take off their cost.",
            "doubled": "You joined orders and lines, so that an order with several lines is doubled: "
            "sum the lines by order first.",
        },
    ),
    fee=choose(
        "added",
        {
            "without": "Your sum is without the delivery fee; the customer pays it on top of the "
            "amount.",
            "taken off": "You have taken off the delivery fee; the customer pays it to the firm.",
            "only in the payment fee": "The delivery fee is only in the payment fee; it comes in, too.",
        },
    ),
    delivery=choose(
        "taken off",
        {"free": "Delivery is not free for the firm: take off delivery_cost."},
    ),
    payment=choose(
        "of all paid",
        {
            "left out": "You left out the payment fee, a share of all that is paid.",
            "of the amount": "You took the payment fee of the amount alone; the delivery fee is paid "
            "too.",
            "of the remainder": "You took the share of the remainder, after goods and delivery; the "
            "fee is a share of all that is paid.",
            "on top": "You put the payment fee on top; it is a cost.",
        },
    ),
    discount=choose(
        "in the amount",
        {
            "twice": "You took the discount off twice: amount is what was paid.",
            "before": "You took the price before the discount; the amount is what was paid.",
            "put back": "You put the discount back on top, which nobody has paid.",
            "off again": "You took the discount off again: amount is what was paid.",
        },
    ),
    rows=choose(
        2025,
        {
            2024: "These are the orders of 2024; asked are those of 2025.",
            "three years": "You took the orders of three years; keep those of 2025.",
            "recorded": "You took the year in which an order was recorded; its date counts.",
            "everybody": "You list everybody; keep those who ordered in 2025.",
            "new": "You kept the new customers of 2025; all who ordered then count.",
            "shop": "You kept one channel, the shop; all count.",
        },
    ),
    each=choose(
        "sum",
        {
            "average": "This is the average of each customer's orders; add them up.",
            "share of sales": "This is a share of sales; give it in CNY.",
            "largest": "You kept the largest order of each; add all of them up.",
            "order": "Your index is the order; add the orders up by customer.",
        },
    ),
    more=choose(
        "nothing",
        {
            "sales": "These are the sales alone; take off the costs of goods and delivery, and the fee.",
            "margin": "This is amount less goods, the margin; delivery and payment belong to it too.",
            "refund": "You took off the refund already; returns are left out here.",
            "returns": "You took off the returns, with handling and goods; they are left out here.",
            "account": "You took off the yearly cost of an account; leave out everything but the "
            "orders.",
            "winning": "You took off what winning the customer cost; leave out everything but the "
            "orders.",
        },
    ),
):
    """Paid amount and delivery fee, less goods, delivery and payment fee, by customer."""
    o = orders_with(goods)
    o = o[in_rows(o, rows)]
    paid = o["amount"] + {"twice": -1, "before": 1}.get(discount, 0) * o["discount"]
    all_paid = paid + {"without": 0, "taken off": -1}.get(fee, 1) * o["delivery_fee"]
    left = all_paid - o["goods"] - (0 if delivery == "free" else o["delivery_cost"])
    left = left - cost()["payment_share"] * {
        "left out": 0,
        "of the amount": paid,
        "of the remainder": left,
        "on top": -all_paid,
    }.get(payment, all_paid)
    if fee == "only in the payment fee":
        left = left - o["delivery_fee"]
    left = left + {"off again": -1, "put back": 1}.get(discount, 0) * o["discount"]
    if more in ("refund", "returns"):
        back = sent_back()
        less = back["refund"] if more == "refund" else loss_of(back)
        left = left - o["order_id"].map(less.groupby(back["order_id"]).sum()).fillna(0)
    left = {"sales": paid, "margin": paid - o["goods"]}.get(more, left)
    by = left.groupby(o["customer_id"])
    found = {
        "sum": by.sum,
        "average": by.mean,
        "largest": by.max,
        "order": lambda: left.set_axis(o["order_id"]),
        "share of sales": lambda: by.sum() / paid.groupby(o["customer_id"]).sum(),
    }[each]()
    if more == "account":
        found = found - cost()["account_year"]
    if more == "winning":
        source = table("shihu/customers").set_index("customer_id")["source"]
        found = found - ("acquisition_" + source).map(cost()).reindex(found.index)
    if rows == "everybody":
        found = found.reindex(table("shihu/customers")["customer_id"], fill_value=0)
    return found


def in_rows(o, rows):
    """Which orders are taken."""
    year = o["date"].dt.year
    if rows == "new":
        joined = table("shihu/customers").set_index("customer_id")["registered_on"]
        return (year == 2025) & (o["customer_id"].map(joined).dt.year == 2025)
    return {
        2024: year == 2024,
        "three years": o["date"].notna(),
        "recorded": o["recorded_on"].dt.year == 2025,
        "shop": (year == 2025) & (o["channel"] == "shop"),
    }.get(rows, year == 2025)


def sales_of(year):
    orders = table("shihu/orders")
    return orders["amount"][orders["date"].dt.year == year].sum()


@cache
def sent_back():
    """Returns with the cost of a piece, and the date of the order."""
    lines = table("shihu/order_lines")[["order_id", "line", "unit_cost", "unit_price"]]
    dates = table("shihu/orders").set_index("order_id")["date"]
    back = table("shihu/returns").merge(lines, on=["order_id", "line"])
    return back.assign(ordered=back["order_id"].map(dates))


def loss_of(back):
    """What each row of the returns cost."""
    goods = back["quantity"] * back["unit_cost"] * back["restocked"]
    return back["refund"] + cost()["return_handling"] - goods


@recipe(
    Values("customers"),
    means=lambda left: (
        f"{(left < 0).sum():,} of {len(left):,} are below zero: before returns it was "
        f"{(contribution.right < 0).sum()}. Hardly an order loses money when it is sold; it loses it "
        "when it comes back."
    ),
    hints=(
        "What does one row of the returns cost the firm, and what does the firm get back?",
        "The worked example says what a return costs in the list of entries in *Sales are not "
        "profit*.",
        "Bring the cost of a piece to each return. A row costs its refund and the handling, less the "
        "goods that can be sold again. Keep the year, add up by customer, and take it off; who sent "
        "nothing back keeps what there was.",
    ),
)
def after_returns(
    *,
    refund=choose(
        "taken off",
        {
            "forgotten": "You have forgotten the refund: the money goes back to the customer.",
            "quantity": "You took the refund times the quantity; it is for the whole row.",
            "payment fee": "You took the payment fee off the refund; the whole refund is paid back.",
        },
    ),
    handling=choose(
        "each row",
        {
            "without": "Your loss is without the handling of a returned line, return_handling in "
            "unit_costs.",
            "where lost": "You took the handling only where goods are lost; it is paid for each row.",
            "each piece": "You took the handling for each piece; it is paid for each row.",
            "once": "You took the handling once for each customer; it is paid for each row.",
        },
    ),
    saved=choose(
        "where restocked",
        {
            "nothing": "Nothing comes back in your sum; the goods that were restocked are not lost: "
            "their cost comes back.",
            "always": "You gave back the cost of the goods always; where they were not restocked, they "
            "are lost.",
            "turned": "You have turned restocked round: the cost comes back where it is True.",
            "price": "You gave back the price; the firm gets back goods, at their cost.",
            "single": "You took the cost of a single piece; a return may hold several: quantity.",
            "added": "You added the goods to the loss; they make it smaller.",
        },
    ),
    rows=choose(
        "refunds of 2025",
        {
            "all years": "You took the returns of all years; keep the refunds of 2025.",
            "ordered": "You took the returns of what was ordered in 2025; the date of the refund "
            "counts.",
            "2024": "You took the returns of 2024; keep those of 2025.",
        },
    ),
    join=choose(
        "order and line",
        {
            "orders alone": "You joined by orders alone, so that a return meets all lines of its order; "
            "the line belongs to the key."
        },
    ),
    who=choose(
        "in contribution",
        {
            "who returned": "You list only customers who returned something; the others keep their "
            "contribution.",
            "missing": "Who returned nothing is missing (NaN): for them take off zero, and keep the "
            "customers of contribution.",
            "union": "Your list is the union with those who only returned in 2025; keep the "
            "customers of contribution.",
        },
    ),
    told_as=choose(
        "left",
        {
            "loss": "This is the loss by returns alone; take it off contribution.",
            "plus": "You have the loss as a plus; take it off.",
        },
    ),
):
    """What each customer's orders left, less what the returns of the year cost."""
    back = sent_back()
    if join == "orders alone":
        lines = table("shihu/order_lines")[["order_id", "unit_cost", "unit_price"]]
        dates = back.drop_duplicates("order_id").set_index("order_id")["ordered"]
        back = table("shihu/returns").merge(lines, on="order_id")
        back["ordered"] = back["order_id"].map(dates)
    years = {"all years": YEARS, "2024": [2024]}.get(rows, [2025])
    back = back[back["ordered" if rows == "ordered" else "date"].dt.year.isin(years)]
    customer, pieces = back["customer_id"], back["quantity"]
    goods = back["unit_price" if saved == "price" else "unit_cost"] * (
        1 if saved == "single" else pieces
    )
    kept = {"always": True, "turned": ~back["restocked"], "nothing": False}.get(
        saved, back["restocked"]
    )
    times = {
        "where lost": ~back["restocked"],
        "without": 0,
        "each piece": pieces,
        "once": 1 / customer.map(customer.value_counts()),
    }
    money = back["refund"] * {
        "forgotten": 0,
        "quantity": pieces,
        "payment fee": 1 - cost()["payment_share"],
    }.get(refund, 1)
    loss = money + cost()["return_handling"] * times.get(handling, 1)
    loss = loss - (goods * kept * (-1 if saved == "added" else 1))
    loss = loss.groupby(customer).sum()
    before = contribution.right
    if who == "missing":
        return before - loss
    index = {
        "who returned": before.index.intersection(loss.index),
        "union": before.index.union(loss.index),
    }.get(who, before.index)
    before, loss = before.reindex(index, fill_value=0), loss.reindex(index, fill_value=0)
    return {"left": before - loss, "loss": loss, "plus": before + loss}[told_as]


# Transfer: retailers


@cache
def boxes(column="supplied"):
    """Boxes of each retailer, a column for each year."""
    supply = table("shihu/supply")
    by = supply.groupby(["retailer_id", supply["month"].dt.year])
    return by[column].sum().unstack(fill_value=0)


COLUMN = choose(
    "supplied",
    {
        "sold": "You took the boxes sold to consumers; asked is what the firm supplied.",
        "ordered": "You took the boxes ordered; asked is what the firm supplied.",
    },
)


def lorenz_at(v, p):
    """What the lowest share p of values bring."""
    v = np.sort(v.to_numpy())
    return v[: round(p * len(v))].sum() / v.sum()


@recipe(
    Number(),
    means=lambda gini: (
        f"{gini:.2f}, where CDNOW's customers had "
        f"{crm.gini(table('cdnow').groupby('customer_id')['amount'].sum()):.2f} in eighteen months. "
        "One number for the whole curve says how unequal, not who is large nor for how long."
    ),
    hints=(
        "The coefficient needs one number for each retailer.",
        "The worked example finds it in three ways at the end of *Twenty per cent of whom?*.",
        "Keep the months of the year, add up the boxes supplied by retailer, and give these sums to "
        "the course's function, or to the formula with the sums in ascending order.",
    ),
)
def retail_gini(
    *,
    column=COLUMN,
    years=choose(
        2025,
        {
            2024: "You took 2024; asked is 2025.",
            "two years": "You summed the boxes of two years; keep the months of 2025.",
            "three years": "You summed the boxes of three years; keep the months of 2025.",
        },
    ),
    unit=choose(
        "retailer",
        {
            "monthly rows": "You took the monthly rows; sum them by retailer first.",
            "months": "You summed by months, over the retailers; sum by retailer.",
            "kinds": "You summed by kinds of retailer; sum by retailer.",
        },
    ),
    told_as=choose(
        "gini",
        {
            "fifth": "This is what the largest fifth take; asked is the Gini coefficient.",
            "half": "This is half the coefficient, the area between curve and diagonal; it is twice "
            "that.",
            "curve": "This is the area under the Lorenz curve; the coefficient is one minus twice "
            "that area.",
            "descending": "You numbered the sums in descending order; the formula takes them in "
            "ascending order.",
            "as they come": "You numbered the sums as they come; sort them in ascending order first.",
            "from 0": "You numbered the sums from 0; the formula counts from 1.",
            "first term": "This is the first term of the formula alone; take off (n + 1) / n.",
            "variation": "This is the coefficient of variation; asked is the Gini coefficient.",
            "sample": "You took the form for a sample, n / (n - 1) times the coefficient; these are all "
            "the retailers.",
            "Herfindahl": "This is the sum of squared shares (Herfindahl); asked is the Gini "
            "coefficient.",
            "lower 80": "This is the point of the Lorenz curve at the lower 80 %; asked is a number "
            "for the whole curve.",
        },
    ),
):
    """Gini coefficient of the boxes supplied to each retailer in a year."""
    supply = table("shihu/supply")
    year = supply["month"].dt.year
    keep = year.isin({"two years": YEARS[1:], "three years": YEARS}.get(years, [years]))
    rows = supply[keep]
    kind = table("shihu/retailers").set_index("retailer_id")["kind"]
    by = {"months": rows["month"], "kinds": rows["retailer_id"].map(kind)}
    summed = rows[column].groupby(by.get(unit, rows["retailer_id"])).sum()
    v = rows[column] if unit == "monthly rows" else summed
    g, n = crm.gini(v), len(v)
    return {
        "gini": g,
        "fifth": share_of_top(v),
        "half": g / 2,
        "curve": (1 - g) / 2,
        "descending": -g,
        "as they come": 2 * (np.arange(1, n + 1) * v).sum() / (n * v.sum()) - (n + 1) / n,
        "from 0": g - 2 / n,
        "first term": g + (n + 1) / n,
        "variation": v.std() / v.mean(),
        "sample": g * n / (n - 1),
        "Herfindahl": ((v / v.sum()) ** 2).sum(),
        "lower 80": lorenz_at(v, 0.8),
    }[told_as]


def largest(year, column="supplied", share=0.2):
    v = boxes(column).sum(axis=1) if year == "all years" else boxes(column)[year]
    return v.nlargest(20 if share == 20 else round(share * len(v))).index


@recipe(
    Values("years", share=True),
    means=lambda share: (
        f"{share[2025]:.0%} in 2025, where the largest fifth of 2025 itself take "
        f"{share_of_top(boxes()[2025]):.0%}; {largest(2024).isin(largest(2025)).mean():.0%} of last "
        "year's list are on this year's. Retailers order every month, so that a year averages out "
        "much of the luck; consumers order a few times, and luck weighs more."
    ),
    hints=(
        "Two years each time: one makes the list, the next is looked at.",
        "The worked example asks what last year's top fifth bring at the end of *Are last year's best "
        "this year's best?*.",
        "Sum the boxes by retailer and year. Take the largest fifth of the earlier year, add up what "
        "the same retailers got in the later one, and divide by all boxes of the later one.",
    ),
    alike=[("list_of=all years", "list_of=2024")],
)
def retail_list(
    *,
    list_of=choose(
        "year before",
        {
            "same year": "You made the list from the same year, which in its January nobody knew; make "
            "it from the year before.",
            "all years": "You made one list from all years; make each from the year before.",
            2023: "You made both lists from 2023; that for 2025 comes from 2024.",
            2024: "You made both lists from 2024; that for 2024 comes from the year before it.",
            "smallest": "You listed the smallest fifth; turn the order round.",
        },
    ),
    looked_at=choose(
        "this year",
        {
            "older": "You added up the boxes of the older year, which made the list; look at the next.",
            "both": "You added up both years; look at the later alone.",
        },
    ),
    told_as=choose(
        "share of boxes",
        {
            "stay": "This is the share of the retailers who stay on the list; asked is the share of "
            "the boxes.",
            "stayers": "You added up the stayers only, who are on both lists; take the whole list.",
            "index": "Your index is the year that made the list; give the year looked at.",
            "compared": "You compared with what the largest of the year itself take; divide by all "
            "boxes.",
            "number": "This is a number of boxes; divide it by all boxes of the year.",
            "against": "You set it against the other retailers; divide by all.",
            "base": "Your base is the boxes of the year before; divide by those of the year itself.",
            "mean": "You divided the mean of the list by the mean of all; divide the sums.",
            "three years": "You divided by the boxes of three years; divide by those of the year.",
        },
    ),
    top=choose(
        0.2,
        {
            0.3: "This is the top 0.3; take 0.2.",
            0.1: "This is the top 0.1; take 0.2.",
            20: "You took 20 retailers; it is 20 % of their number.",
        },
    ),
    column=COLUMN,
):
    """Share of a year's boxes that the largest fifth of the year before took."""
    b, out = boxes(column), {}
    for year in YEARS[1:]:
        makes = {"same year": year, "all years": list_of, 2023: 2023, 2024: 2024}
        makes = makes.get(list_of, year - 1)
        chosen, own = largest(makes, column, top), largest(year, column, top)
        if list_of == "smallest":
            chosen = b[makes].nsmallest(len(chosen)).index
        seen = {"older": [year - 1], "both": [year - 1, year]}.get(looked_at, [year])
        got, everything = b.loc[chosen, seen].to_numpy().sum(), b[seen].to_numpy().sum()
        out[year - (told_as == "index")] = {
            "share of boxes": got / everything,
            "stay": chosen.isin(own).mean(),
            "index": got / everything,
            "stayers": b.loc[chosen.intersection(own), seen].to_numpy().sum() / everything,
            "compared": got / b.loc[own, seen].to_numpy().sum(),
            "number": got,
            "against": got / (everything - got),
            "base": got / b[year - 1].sum(),
            "mean": got / everything * len(b) / len(chosen),
            "three years": got / b.to_numpy().sum(),
        }[told_as]
    return pd.Series(out)
