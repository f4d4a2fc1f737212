"""Control charts, which tell a changed process from its usual noise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlib.errors import find, refuse, whole

_CHECK = "Count events and what was inspected for every period; leave periods without any out."


def control_limits(events, exposure, *, kind: str = "u", baseline=None) -> pd.DataFrame:
    r"""Compute Shewhart's limits for a rate (u chart) or a share (p chart).

    With c the centre and n the exposure of a period, the limits are

    .. math:: c \pm 3\sqrt{c/n} \quad(u), \qquad c \pm 3\sqrt{c(1-c)/n} \quad(p).

    They hold where the events of a period are independent of one another: Poisson for u, binomial
    for p. Where days differ by more than that (overdispersion) there are false alarms.

    Parameters
    ----------
    events : Series of shape (periods,)
        Complaints, defects, or defective items in each period, in order of time.
    exposure : Series of shape (periods,)
        Orders, hours or items that could have had one, same index.
    kind : {"u", "p"}
        ``"u"`` for events of which an item can have several, ``"p"`` for items that have it or not.
    baseline : slice or boolean mask, optional
        The periods that the centre is taken from, such as those before a change; all by default.

    Returns
    -------
    DataFrame
        A row for each period: `value` (events / exposure), `centre`, the limits `low` and `high`
        (not below 0, for p not above 1), and `outside`, whether the value is beyond a limit.

    Raises
    ------
    DataError
        For missing or negative counts, exposure of zero, more events than items for p, another
        index, or a baseline that is empty.

    References
    ----------
    Shewhart, W. A. (1931). Economic Control of Quality of Manufactured Product. Montgomery, D. C.
    (2013). Introduction to Statistical Quality Control, 7th ed., chapter 7.

    Examples
    --------
    >>> complaints = pd.Series([4, 6, 5, 17], index=["Mon", "Tue", "Wed", "Thu"])
    >>> orders = pd.Series([100, 120, 100, 110], index=complaints.index)
    >>> control_limits(complaints, orders, baseline=slice("Mon", "Wed")).round(3)
         value  centre  low   high  outside
    Mon  0.040   0.047  0.0  0.112    False
    Tue  0.050   0.047  0.0  0.106    False
    Wed  0.050   0.047  0.0  0.112    False
    Thu  0.155   0.047  0.0  0.109     True
    """
    if kind not in ("u", "p"):
        raise ValueError(f"kind={kind!r} is not known; use 'u' or 'p'")
    events, exposure = _counted(events, exposure, kind)
    known = slice(None) if baseline is None else baseline
    inspected = exposure.loc[known].sum()
    if inspected == 0:
        refuse([whole("baseline", "no period is in it")], "Choose periods that the table has.")
    centre = events.loc[known].sum() / inspected
    spread = centre * (1 - centre) if kind == "p" else centre
    limit = 3 * np.sqrt(spread / exposure)
    table = pd.DataFrame({"value": events / exposure, "centre": centre})
    table["low"] = (centre - limit).clip(lower=0)
    table["high"] = (centre + limit).clip(upper=1 if kind == "p" else None)
    table["outside"] = (table["value"] < table["low"]) | (table["value"] > table["high"])
    return table


def _counted(events, exposure, kind: str) -> tuple[pd.Series, pd.Series]:
    series = []
    for name, values in (("events", events), ("exposure", exposure)):
        values = pd.Series(values).rename(name)
        if values.empty:
            refuse([whole(name, "there are no periods")], _CHECK)
        if not pd.api.types.is_numeric_dtype(values):
            refuse([whole(name, f"is {values.dtype}, not counts")], _CHECK)
        numbers = values.astype("Float64").astype(float)
        refuse([find(values, ~(numbers >= 0) | np.isinf(numbers), "negative or missing")], _CHECK)
        series.append(numbers)
    events, exposure = series
    if not events.index.equals(exposure.index):
        problem = "has other periods than `events`"
        refuse([whole("exposure", problem)], "Give both the same index.")
    refuse([find(exposure, exposure == 0, "nothing was inspected")], _CHECK)
    if kind == "p":
        more = find(events, events > exposure, "more than were inspected")
        refuse([more], "For events of which an item can have several, use kind='u'.")
    return events, exposure
