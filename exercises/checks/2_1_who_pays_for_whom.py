"""Feedback for exercises 2.1, who pays for whom."""

from functools import cache

import crmlib as crm
from crmlib.course.checks import Integer, Number, Values, task

SPRING = "1998-04-01"  # the last three months of CDNOW begin
YEAR, BEFORE = 2025, 2024


table = cache(crm.load)


@cache
def cost():
    return table("shihu/unit_costs").set_index("item")["value"]


def share_of_top(values, share=0.2):
    return values.nlargest(round(share * len(values))).sum() / values.sum()


# Warm-up: concentration in three months


@cache
def spring():
    log = table("cdnow")
    return log[log["date"] >= SPRING]


@task(
    Number(share=True),
    means=lambda share: (
        f"{share:.0%}: of those who bought in three months, the best fifth bring less than the "
        f"{share_of_top(table('cdnow').groupby('customer_id').amount.sum()):.0%} of all customers "
        "in eighteen months. A share has a time and a crowd."
    ),
    hint="Sum the amounts by customer_id, take .nlargest(n) with n = round(0.2 * number of buyers).",
)
def warm_up():
    """Share of spring sales that the best fifth of the spring's buyers bring."""
    return share_of_top(spring().groupby("customer_id")["amount"].sum())


@warm_up.mistake("You counted those who bought nothing; the question is about those who bought.")
def with_zeros():
    everybody = table("cdnow")["customer_id"].unique()
    return share_of_top(
        spring().groupby("customer_id")["amount"].sum().reindex(everybody).fillna(0)
    )


@warm_up.mistake("You took the best fifth of the orders; sum them by customer first.")
def of_orders():
    return share_of_top(spring()["amount"])


@warm_up.mistake("This is the share over all eighteen months; keep the last three.")
def all_months():
    return share_of_top(table("cdnow").groupby("customer_id")["amount"].sum())


@warm_up.mistake(
    "This is the Gini coefficient, a number for the whole curve; give one point of it."
)
def gini():
    return crm.gini(spring().groupby("customer_id")["amount"].sum())


@warm_up.mistake("This is what the other 80 % of the buyers bring.")
def the_rest():
    return 1 - warm_up.right


# Standard: what each customer's orders left, before and after returns


@cache
def orders():
    """Orders of the year, with the cost of their goods."""
    goods = table("shihu/order_lines").groupby("order_id")["cost"].sum()
    orders = table("shihu/orders")
    orders = orders.assign(goods=orders["order_id"].map(goods))
    return orders[orders["date"].dt.year == YEAR]


def left_by(orders, *, goods=1, fee=1, delivery=1, payment=1):
    paid = orders["amount"] + fee * orders["delivery_fee"]
    left = paid - goods * orders["goods"] - delivery * orders["delivery_cost"]
    return (left - payment * cost()["payment_share"] * paid).groupby(orders["customer_id"]).sum()


@task(
    Values("customers"),
    means=lambda left: (
        f"{len(left):,} customers ordered, and their orders left {left.sum():,.0f} CNY, "
        f"{left.sum() / orders()['amount'].sum():.0%} of sales. Sales are not profit."
    ),
    hint="Sum the cost of order_lines by order_id, map it to the orders; compute one number for each "
    "order, and sum it by customer_id at the end.",
)
def contribution():
    """Paid amount and delivery fee, less goods, delivery and payment fee, by customer."""
    return left_by(orders())


@contribution.mistake("You forgot what the goods cost: the column cost of order_lines.")
def no_goods():
    return left_by(orders(), goods=0)


@contribution.mistake("The delivery fee is missing; the customer pays it on top of the amount.")
def no_fee():
    return left_by(orders(), fee=0)


@contribution.mistake("You left out what the delivery cost the firm, delivery_cost.")
def no_delivery():
    return left_by(orders(), delivery=0)


@contribution.mistake("The payment fee is missing, a share of all that is paid.")
def no_payment():
    return left_by(orders(), payment=0)


@contribution.mistake(
    "You joined orders and lines, so that amount and delivery count once for each line: "
    "sum the lines by order first."
)
def a_row_for_each_line():
    lines = table("shihu/order_lines")[["order_id", "cost"]]
    return left_by(orders().merge(lines, on="order_id").assign(goods=lambda d: d["cost"]))


@cache
def sent_back():
    """Returns of the year with the cost of one piece."""
    lines = table("shihu/order_lines")[["order_id", "line", "unit_cost"]]
    back = table("shihu/returns").merge(lines, on=["order_id", "line"])
    return back[back["date"].dt.year == YEAR]


def after_returns(*, handling=1, saved=1):
    back = sent_back()
    goods = (back["quantity"] * back["unit_cost"]).where(back["restocked"], 0)
    loss = back["refund"] + handling * cost()["return_handling"] - saved * goods
    loss = loss.groupby(back["customer_id"]).sum()
    return contribution.right.sub(loss.reindex(contribution.right.index, fill_value=0))


@task(
    Integer(),
    means=lambda count: (
        f"{count:,} of {len(contribution.right):,}: before returns it was "
        f"{(contribution.right < 0).sum()}. Hardly an order loses money when it is sold; it loses it "
        "when it comes back."
    ),
    hint="For each return: refund + handling - (quantity * unit_cost, where restocked). Sum by "
    "customer, and take it from contribution; who returned nothing loses nothing (fill_value=0).",
)
def below_zero():
    """Customers whose contribution, less what their returns cost, is negative."""
    return int((after_returns() < 0).sum())


@below_zero.mistake("Goods that could be sold again are not lost: their cost comes back.")
def nothing_saved():
    return int((after_returns(saved=0) < 0).sum())


@below_zero.mistake("You forgot the handling of a returned line, return_handling in unit_costs.")
def no_handling():
    return int((after_returns(handling=0) < 0).sum())


@below_zero.mistake("This is before returns; take their cost off first.")
def before_returns():
    return int((contribution.right < 0).sum())


@below_zero.mistake("You counted everybody who returned something; count those below zero.")
def who_returned():
    return int(contribution.right.index.isin(sent_back()["customer_id"]).sum())


@below_zero.mistake("You counted those above zero.")
def above_zero():
    return int((after_returns() >= 0).sum())


# Transfer: retailers


@cache
def boxes():
    """Boxes supplied to each retailer, a column for each year."""
    supply = table("shihu/supply")
    return supply.groupby(["retailer_id", supply["month"].dt.year])["supplied"].sum().unstack()


def largest(year, share=0.2):
    return boxes()[year].nlargest(round(share * len(boxes()))).index


@task(
    Number(share=True),
    means=lambda share: (
        f"The largest {len(largest(YEAR))} of {len(boxes())} retailers take {share:.0%} of the boxes."
    ),
    hint="Keep the months of 2025, sum supplied by retailer_id, then as in the warm-up.",
)
def retail_share():
    """Share of the boxes of the year that the largest fifth of retailers took."""
    return share_of_top(boxes()[YEAR])


@retail_share.mistake("You took the best fifth of the monthly rows; sum them by retailer first.")
def of_rows():
    supply = table("shihu/supply")
    return share_of_top(supply[supply["month"].dt.year == YEAR]["supplied"])


@retail_share.mistake("This is the Gini coefficient; asked is the share of the largest fifth.")
def retail_gini():
    return crm.gini(boxes()[YEAR])


@retail_share.mistake("You took the boxes sold to consumers; asked is what the firm supplied.")
def boxes_sold():
    supply = table("shihu/supply")
    year = supply[supply["month"].dt.year == YEAR]
    return share_of_top(year.groupby("retailer_id")["sold"].sum())


@retail_share.mistake("You summed the boxes of all three years; keep the months of 2025.")
def all_years():
    return share_of_top(boxes().sum(axis=1))


@retail_share.mistake("You took the boxes ordered; asked is what the firm supplied.")
def boxes_ordered():
    supply = table("shihu/supply")
    year = supply[supply["month"].dt.year == YEAR]
    return share_of_top(year.groupby("retailer_id")["ordered"].sum())


@retail_share.mistake("This is the top 30 %; take 20 %.")
def top_thirty():
    return share_of_top(boxes()[YEAR], 0.3)


@task(
    Number(share=True),
    means=lambda share: (
        f"{share:.0%} of last year's largest are this year's. Retailers order every month, so that "
        "a year averages out much of the luck; consumers order a few times, and luck weighs more."
    ),
    hint="largest_2024.isin(largest_2025).mean(), each the index of .nlargest(n) of its year's boxes.",
)
def retail_stay():
    """Share of the largest fifth of 2024 that is in the largest fifth of 2025."""
    return largest(BEFORE).isin(largest(YEAR)).mean()


@retail_stay.mistake("You divided by all retailers; divide by the number in the largest fifth.")
def of_all():
    return largest(BEFORE).isin(largest(YEAR)).sum() / len(boxes())


@retail_stay.mistake("You compared 2023 with 2025; the year before is 2024.")
def two_years_back():
    return largest(2023).isin(largest(YEAR)).mean()


@retail_stay.mistake("This is the share that dropped out; asked is the share that stayed.")
def dropped_out():
    return 1 - retail_stay.right


@retail_stay.mistake("This is the boxes' share that last year's largest took; count the retailers.")
def their_boxes():
    return boxes().loc[largest(BEFORE), YEAR].sum() / boxes()[YEAR].sum()
