"""Control charts, which tell a changed process from its usual noise."""

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole

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
        Orders, hours or items that could have had one; matched by its index.
    kind : {"u", "p"}
        ``"u"`` for events of which an item can have several, ``"p"`` for items that have it or not.
    baseline : slice or boolean mask, optional
        The periods that the centre is taken from, such as those before a change; all by default. A
        slice of the periods' labels, or True and False for each period.

    Returns
    -------
    DataFrame
        A row for each period: `value` (events / exposure), `centre`, the limits `low` and `high`
        (not below 0, for p not above 1), and `outside`, whether the value is beyond a limit.

    Raises
    ------
    DataError
        For missing or negative counts, exposure of zero, more events than items for p, another
        index, or a baseline without a period.
    ValueError
        For another kind of chart, or a baseline that does not fit the periods.

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
    validate.choice(kind, ("u", "p"), "kind")
    events, exposure = _counted(events, exposure, kind)
    known = _baseline(baseline, events)
    centre = events[known].sum() / exposure[known].sum()
    spread = centre * (1 - centre) if kind == "p" else centre
    limit = 3 * np.sqrt(spread / exposure)
    table = pd.DataFrame({"value": events / exposure, "centre": centre})
    table["low"] = (centre - limit).clip(lower=0)
    table["high"] = (centre + limit).clip(upper=1 if kind == "p" else None)
    table["outside"] = (table["value"] < table["low"]) | (table["value"] > table["high"])
    return table


def _counted(events, exposure, kind: str) -> tuple[pd.Series, pd.Series]:
    labelled = isinstance(exposure, pd.Series)
    events, exposure = validate.numbers(events, "events"), validate.numbers(exposure, "exposure")
    if events.empty:
        raise DataError(whole("events", "there are no periods"), _CHECK)
    given = exposure if labelled else exposure.to_numpy()
    exposure = validate.aligned(given, events.index, "exposure", "events")
    events, exposure = events.rename("events"), exposure.rename("exposure")
    for counts in (events, exposure):
        bad = ~(counts >= 0) | np.isinf(counts)
        refuse([find(counts, bad, "negative, missing or infinite")], _CHECK)
    refuse([find(exposure, exposure == 0, "nothing was inspected")], _CHECK)
    if kind == "p":
        more = find(events, events > exposure, "more than were inspected")
        refuse([more], "For events of which an item can have several, use kind='u'.")
    return events, exposure


def _baseline(baseline, events: pd.Series) -> np.ndarray:
    """Give a mask of the periods that the centre is taken from."""
    allowed = "a slice of the periods' labels, or True and False for each period"
    known = pd.Series(False, events.index)
    if baseline is None or isinstance(baseline, slice):
        try:
            known.loc[slice(None) if baseline is None else baseline] = True
        except (KeyError, TypeError, ValueError, pd.errors.InvalidIndexError):
            raise validate.wrong("baseline", baseline, allowed) from None
    else:
        plain = list(baseline) if np.iterable(baseline) else []
        mask = baseline if isinstance(baseline, pd.Series) else pd.Series(plain, dtype=object)
        mask = mask.infer_objects()
        if not pd.api.types.is_bool_dtype(mask) or mask.isna().any() or len(mask) != len(known):
            raise validate.wrong("baseline", baseline, allowed)
        given = mask if isinstance(baseline, pd.Series) else mask.to_numpy()
        known = validate.aligned(given, known.index, "baseline", "events").astype(bool)
    if not known.any():
        raise DataError(whole("baseline", "no period is in it"), "Take periods that are there.")
    return known.to_numpy()
