"""What an order leaves, defined once."""

from __future__ import annotations

import pandas as pd

from crmlib import validate
from crmlib.errors import find, refuse

_ORDERS = ("order_id", "amount", "delivery_fee", "delivery_cost")
_RETURNS = ("order_id", "line", "quantity", "refund", "restocked")


def order_profit(
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    payment_share: float = 0.0,
    returns: pd.DataFrame | None = None,
    return_handling: float = 0.0,
) -> pd.Series:
    r"""Return the profit of each order: what was paid, less what serving it cost.

    .. math:: \text{amount} + \text{delivery fee} - \text{goods} - \text{delivery cost}
        - \text{payment share} \cdot (\text{amount} + \text{delivery fee})

    and, where returns are given, less refunds and handling, plus the goods that can be sold again.
    Winning the customer, service, points and messages are costs of a customer, not of an order.

    Parameters
    ----------
    orders : DataFrame
        ``order_id, amount, delivery_fee, delivery_cost``, as ``crm.load("shihu/orders")``.
    lines : DataFrame
        ``order_id, cost`` of the goods, as ``crm.load("shihu/order_lines")``.
    payment_share : float
        Payment fee as a share of what is paid; at 0 the profit is before payment fees.
    returns : DataFrame, optional
        ``order_id, line, quantity, refund, restocked``, as ``crm.load("shihu/returns")``; then
        `lines` needs ``line`` and ``unit_cost`` too.
    return_handling : float
        What taking back one line costs.

    Returns
    -------
    Series
        `profit`, with the index of `orders`, in its currency.

    Raises
    ------
    ValueError
        For a payment fee that is no share.
    DataError
        For missing columns, an order that stands there twice or has no line, a return of no line.

    Examples
    --------
    >>> orders = pd.DataFrame(
    ...     {"order_id": ["a", "b"], "amount": [100.0, 50.0], "delivery_fee": [0.0, 10.0],
    ...      "delivery_cost": [12.0, 7.0]}
    ... )
    >>> lines = pd.DataFrame({"order_id": ["a", "a", "b"], "cost": [20.0, 25.0, 30.0]})
    >>> order_profit(orders, lines, payment_share=0.01).tolist()
    [42.0, 22.4]
    """
    fee = validate.share(payment_share, "payment_share")
    handling = validate.positive(return_handling, "return_handling", zero=True)
    validate.table(orders, "orders", _ORDERS)
    validate.table(lines, "lines", ["order_id", "cost"])
    ids = orders["order_id"]
    goods = ids.map(validate.finite(lines["cost"]).groupby(lines["order_id"]).sum())
    refuse(
        [
            find(ids, ids.duplicated(), "the order stands there twice"),
            find(ids, goods.isna(), "no line of this order, so what its goods cost is unknown"),
        ],
        "Give each order once, and all its lines.",
    )
    paid = validate.finite(orders["amount"]) + validate.finite(orders["delivery_fee"])
    profit = paid - goods - validate.finite(orders["delivery_cost"]) - fee * paid
    if returns is not None:
        profit -= ids.map(_lost(returns, lines, handling)).fillna(0.0)
    return profit.rename("profit")


def _lost(returns: pd.DataFrame, lines: pd.DataFrame, handling: float) -> pd.Series:
    """Sum by order what its returns cost."""
    validate.table(returns, "returns", _RETURNS, rows=False)
    validate.columns(lines.columns, ["line", "unit_cost"])
    key = ["order_id", "line"]
    back = returns.merge(lines[[*key, "unit_cost"]], on=key, how="left")
    unknown = find(
        back["order_id"], back["unit_cost"].isna(), "a return of a line that is not in `lines`"
    )
    refuse([unknown], "Give the lines that the returns undo; else their goods are unknown.")
    saved = (back["quantity"] * back["unit_cost"]).where(back["restocked"].astype(bool), 0.0)
    return (back["refund"] + handling - saved).groupby(back["order_id"]).sum()
