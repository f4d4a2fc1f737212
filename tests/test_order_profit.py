"""What an order leaves: by hand, and against the account of customers in notebook 2.1."""

import ast

import nbformat
import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib import paths
from crmlib.data import load

ORDERS = pd.DataFrame(
    {
        "order_id": ["a", "b"],
        "amount": [100.0, 50.0],
        "delivery_fee": [0.0, 10.0],
        "delivery_cost": [12.0, 7.0],
    },
    index=[7, 3],
)
LINES = pd.DataFrame(
    {"order_id": ["b", "a", "a"], "line": [1, 1, 2], "unit_cost": [15.0, 20.0, 25.0]}
).assign(cost=[30.0, 20.0, 25.0])
RETURNS = pd.DataFrame(
    {"order_id": ["a", "a"], "line": [1, 2], "quantity": 1, "refund": [40.0, 60.0]}
).assign(restocked=[True, False])


def test_worked_by_hand():
    profit = crm.order_profit(ORDERS, LINES)
    assert profit.to_dict() == {7: 100 - 45 - 12, 3: 60 - 30 - 7} and profit.name == "profit"
    fee = crm.order_profit(ORDERS, LINES, payment_share=0.01)
    assert fee.to_dict() == pytest.approx({7: 43 - 1.0, 3: 23 - 0.6})
    # a: two refunds and their handling, one of the two pieces can be sold again.
    back = crm.order_profit(ORDERS, LINES, returns=RETURNS, return_handling=16)
    assert back.to_dict() == {7: 43 - 100 - 32 + 20, 3: 23}


def test_the_sum_is_that_of_the_account_of_customers():
    """Notebook 2.1 books sales, goods, delivery, payment and returns one by one."""
    orders, lines, returns = (load(f"shihu/{t}") for t in ("orders", "order_lines", "returns"))
    cost = load("shihu/unit_costs").set_index("item")["value"]
    paid = orders["amount"] + orders["delivery_fee"]
    back = returns.merge(lines, on=["order_id", "line"], suffixes=("", "_sold"))
    saved = (back["quantity"] * back["unit_cost"])[back["restocked"]].sum()
    total = (1 - cost["payment_share"]) * paid.sum() - lines["cost"].sum()
    total -= orders["delivery_cost"].sum() + returns["refund"].sum() - saved
    total -= cost["return_handling"] * len(returns)
    profit = crm.order_profit(
        orders,
        lines,
        payment_share=cost["payment_share"],
        returns=returns,
        return_handling=cost["return_handling"],
    )
    assert profit.sum() == pytest.approx(total, rel=1e-12)
    assert profit.index.equals(orders.index) and np.isfinite(profit).all()


def test_what_cannot_be_computed_is_refused():
    with pytest.raises(crm.DataError, match="row 3, order_id = b: no line of this order"):
        crm.order_profit(ORDERS, LINES[LINES["order_id"] == "a"])
    strange = RETURNS.assign(line=[1, 9])
    with pytest.raises(crm.DataError, match="row 1, order_id = a: a return of a line that is not"):
        crm.order_profit(ORDERS, LINES, returns=strange)
    with pytest.raises(crm.DataError, match="stands there twice"):
        crm.order_profit(pd.concat([ORDERS, ORDERS]), LINES)
    with pytest.raises(crm.DataError, match="nearest is 'Amount'"):
        crm.order_profit(ORDERS.rename(columns={"amount": "Amount"}), LINES)
    with pytest.raises(crm.DataError, match="unit_cost: there is no such column"):
        crm.order_profit(ORDERS, LINES.drop(columns="unit_cost"), returns=RETURNS)
    with pytest.raises(ValueError, match="payment_share must be a share"):
        crm.order_profit(ORDERS, LINES, payment_share=6)
    with pytest.raises(ValueError, match="orders must be a DataFrame"):
        crm.order_profit([1], LINES)


def calls(source):
    """Find the calls of `order_profit` in code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("order_profit"):
            yield {keyword.arg for keyword in node.keywords}


def test_the_course_has_one_profit_of_an_order():
    """Everywhere after the payment fee: what one page calls profit, no other computes without."""
    notebooks = paths.notebooks(paths.COURSE / "notebooks", paths.EXERCISES)
    sources = [p.read_text(encoding="utf-8") for p in (paths.EXERCISES / "checks").glob("*.py")]
    for path in notebooks:
        cells = nbformat.read(path, as_version=4).cells
        sources += [cell.source for cell in cells if "order_profit(" in cell.source]
    found = [keywords for source in sources for keywords in calls(source)]
    assert len(found) > 25
    assert all(keywords & {"payment_share", None} for keywords in found)  # None: **fees
