"""At which stage each customer is, by rules on what they did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import narwhals as nw
import pandas as pd
from pandas.api import types

from crmlib import validate
from crmlib.errors import DataError, refuse, warn, whole
from crmlib.logs.dates import as_day, read_dates
from crmlib.logs.ids import labels, plain
from crmlib.logs.reading import examine, far_off, fetch, from_engine, literal, refuse_all

_COLUMNS = ["customer_id", "date", "kind"]
_KEYS = ["kind", "at_least", "within_days"]


class _Rule(NamedTuple):
    kind: str
    at_least: int
    within_days: int | None


def stages(events, *, on, rules: Mapping) -> pd.Series:
    """Assign each customer the stage that the rules give on a day.

    Parameters
    ----------
    events : DataFrame, or a frame of another engine
        ``customer_id, date, kind``: what customers did, one row for each event, in any order. Equal
        rows are events of their own: a customer can call twice a day.
    on : str or date
        The day. Events after it are left out, for on that day nobody knew of them.
    rules : dict
        From stage to rule, the first stage first, such as ``{"client": {"kind": "order",
        "at_least": 3, "within_days": 365}}``: at least 3 events of kind ``"order"`` that are 0 to
        365 days old. Without ``at_least`` one will do; without ``within_days`` of any age. If
        several rules hold, the last one wins.

    Returns
    -------
    Series
        ``stage`` by ``customer_id``, sorted: an ordered category with the stages in their order.
        Missing for customers with events until that day for whom no rule holds. Customers whose
        every event is later are not in it.

    Raises
    ------
    DataError
        For missing columns or values, dates or kinds that cannot be read, or no events until that
        day.
    ValueError
        For rules that cannot be understood.

    Notes
    -----
    The work is one query in the engine of `events`; only a customer's id and stage come back.

    Examples
    --------
    >>> events = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bo", "ann", "ann", "cy"],
    ...         "date": ["2024-01-01", "2024-01-08", "2024-02-15", "2024-03-15", "2024-03-18"],
    ...         "kind": ["visit", "visit", "order", "order", "call"],
    ...     }
    ... )
    >>> rules = {
    ...     "prospect": {"kind": "visit"},
    ...     "customer": {"kind": "order"},
    ...     "client": {"kind": "order", "at_least": 2, "within_days": 365},
    ... }
    >>> stages(events, on="2024-03-31", rules=rules)
    customer_id
    ann      client
    bo     prospect
    cy          NaN
    Name: stage, dtype: category
    Categories (3, str): ['prospect' < 'customer' < 'client']
    """
    day, rules = as_day(on, "on"), _read_rules(rules)
    frame = _read(events)
    _check(frame, rules)
    table = _numbered(frame, day, rules)
    if _blanks_around(table["customer_id"]):
        frame = frame.with_columns(nw.col("customer_id").str.strip_chars())
        table = _numbered(frame, day, rules)
    if table.empty:
        advice = "Choose a later day."
        raise DataError(whole("on", "no event had happened by this day", f"{day:%Y-%m-%d}"), advice)
    return _named(table, list(rules))


def _numbered(frame, day: pd.Timestamp, rules: dict) -> pd.DataFrame:
    """Give each customer the number of the stage, -1 for none: one group-by in the engine."""
    known = frame.filter(nw.col("date") <= literal(frame, day))
    names = [f"rule{i}" for i in range(len(rules))]
    marks = [
        nw.when(_counts(frame, rule, day)).then(nw.lit(1)).alias(name)
        for name, rule in zip(names, rules.values(), strict=True)
    ]
    counts = known.select("customer_id", *marks).group_by("customer_id")
    counts = counts.agg(*(nw.col(name).count() for name in names))
    number = nw.lit(-1)
    for i, (name, rule) in enumerate(zip(names, rules.values(), strict=True)):
        number = nw.when(nw.col(name) >= rule.at_least).then(nw.lit(i)).otherwise(number)
    return fetch(counts.select("customer_id", number.alias("stage")).sort("customer_id"))


def _counts(frame, rule: _Rule, day: pd.Timestamp):
    """Say whether an event counts for a rule."""
    holds = nw.col("kind") == rule.kind
    if rule.within_days is None or rule.within_days >= day.toordinal():
        return holds  # the window begins before the calendar does
    first = pd.Timestamp(day.date() - timedelta(days=rule.within_days))
    return holds & (nw.col("date") >= literal(frame, first))


def _named(table: pd.DataFrame, names: list) -> pd.Series:
    ids = plain(table["customer_id"])
    stage = pd.Categorical.from_codes(table["stage"], names, ordered=True)
    series = pd.Series(stage, pd.Index(ids, name="customer_id"), name="stage")
    # An engine may sort by its own rules, categories by their codes for instance.
    return series if series.index.is_monotonic_increasing else series.sort_index()


def _read_rules(rules) -> dict[str, _Rule]:
    if not isinstance(rules, Mapping) or not rules:
        raise ValueError(f"rules must be a dict from stage to rule, not {rules!r}")
    return {name: _read_rule(name, rule) for name, rule in rules.items()}


def _read_rule(name, rule) -> _Rule:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"a stage is called by a text, not {name!r}")
    where = f"the rule of {name!r}"
    if not isinstance(rule, Mapping):
        raise ValueError(f"{where} must be a dict such as {{'kind': 'order'}}, not {rule!r}")
    unknown = [key for key in rule if key not in _KEYS]
    if unknown:
        near = validate.nearest(unknown[0], _KEYS)
        hint = f"; did you mean {near!r}?" if near else ""
        raise ValueError(f"{where} has {unknown[0]!r}; allowed are {', '.join(_KEYS)}{hint}")
    kind, days = rule.get("kind"), rule.get("within_days")
    if not isinstance(kind, str) or not kind.strip():
        raise ValueError(f"{where} needs the kind of event as a text, not {kind!r}")
    at_least = validate.whole_number(rule.get("at_least", 1), f"at_least in {where}")
    if days is not None:
        days = validate.whole_number(days, f"within_days in {where}", least=0)
    return _Rule(kind, at_least, days)


def _read(events):
    """Make a narwhals frame of the three columns, typed."""
    events = nw.to_native(events, pass_through=True)
    if not isinstance(events, pd.DataFrame):
        return from_engine(events, {name: name for name in _COLUMNS}, "events")
    validate.columns(events.columns, _COLUMNS)
    dates, (unreadable, advice) = read_dates(events["date"], None)
    refuse([unreadable], advice)
    who, kinds = labels(events["customer_id"]), labels(events["kind"])
    table = {"customer_id": who, "date": dates, "kind": kinds}
    if len(events) and not types.is_string_dtype(kind := table["kind"].dtype):
        raise DataError(whole("kind", f"not a text but {kind}"), "Use .astype('str').")
    return nw.from_native(pd.DataFrame(table, index=events.index))


def _check(frame, rules: dict) -> None:
    """Ask in one query whether anything is missing, and which kinds of the rules there are."""
    advice = "Complete these events, or set them aside and say how many there were."
    gaps = [
        (name, nw.col(name).is_null(), f"no {name.replace('_', ' ')}", advice) for name in _COLUMNS
    ]
    kinds = list(dict.fromkeys(rule.kind for rule in rules.values()))
    there = {f"kind{i}": (nw.col("kind") == kind).any() for i, kind in enumerate(kinds)}
    facts, broken = examine(frame, "events", gaps, there)
    refuse_all(broken)
    refuse_all([far_off(frame, facts)])
    if absent := [kind for i, kind in enumerate(kinds) if not facts[f"kind{i}"]]:
        known = fetch(frame.select("kind").unique())["kind"].sort_values().tolist()
        warn(
            f"no event is of kind {', '.join(map(repr, absent))}; "
            f"the kinds are {', '.join(map(repr, known[:12]))}"
        )


def _blanks_around(ids: pd.Series) -> bool:
    """Check the ids among the customers, of whom there are fewer than events."""
    ids = plain(ids).set_axis([None] * len(ids))  # their rows are none of the reader's
    return types.is_string_dtype(ids) and not labels(ids).equals(ids)
