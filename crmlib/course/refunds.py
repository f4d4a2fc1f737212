"""Refunds in a log: found, and taken off the purchases that they undo."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib.course.reports.words import times
from crmlib.errors import DataError, whole


def refunds(amounts: pd.Series, how: str) -> pd.Series:
    """Find the rows that give money back, if they are not refused."""
    if how == "refuse" or not pd.api.types.is_numeric_dtype(amounts.dtype):
        return pd.Series(False, amounts.index)
    back = (amounts < 0) & np.isfinite(amounts)
    if len(back) and back.all():
        advice = "Is this a list of refunds? Where sales are booked below zero, turn the signs."
        raise DataError(whole(str(amounts.name), "is negative in every row"), advice)
    return back


def net(log: pd.DataFrame, returned: pd.DataFrame):
    """Take each refund off the latest purchases before it; what finds none stands aside, and is said."""
    left, day = log["amount"].to_numpy(copy=True), log["date"].to_numpy()
    order = np.argsort(day, kind="stable")
    mine = pd.Series(order).groupby(log["customer_id"].to_numpy()[order]).agg(list)
    returned = returned.sort_values("date", kind="stable")
    unpaid = []
    for customer, when, refund in zip(*(returned[c] for c in returned.columns[:3]), strict=True):
        for at in reversed(mine.get(customer, [])):
            if refund > 0 and day[at] <= when:
                off = min(refund, left[at])
                left[at], refund = round(left[at] - off, 10), round(refund - off, 10)
        unpaid.append(refund)
    before = log["amount"].to_numpy()
    gone, smaller = (left <= 0) & (before > 0), (left < before) & (left > 0)
    lost = np.array(unpaid) > 0
    if gone.all():
        raise DataError(
            whole("amount", "refunds undo every purchase"), "Is this a list of refunds?"
        )
    reasons = pd.concat(
        [
            pd.Series("a purchase that refunds undid", log.index[gone]),
            pd.Series("a refund, netted", returned.index[~lost]),
            pd.Series("a refund, all or part of it of no purchase here", returned.index[lost]),
        ]
    )
    note = (
        f"{times(len(returned), 'refund was', 'refunds were')} netted: "
        f"{times(int(gone.sum()), 'purchase', 'purchases')} undone, {smaller.sum():,} made smaller"
    )
    if lost.any():
        has = times(int(lost.sum()), "refund has", "refunds have")
        note += f"; {has}, in whole or in part, no purchase before"
    return log.assign(amount=left)[~gone], reasons, note
