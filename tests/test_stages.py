"""Stages by rules: the rules one by one, every engine the same answer, bad input."""

import datetime as dt
import warnings

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib import DataError

try:
    import polars as pl
except ModuleNotFoundError:
    pl = None


def duck(events: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_df(events)


pytestmark = pytest.mark.filterwarnings("ignore:no event is of kind")
needs_polars = pytest.mark.skipif(pl is None, reason="polars is not installed")
ENGINES = [
    pytest.param(lambda events: events, id="pandas"),
    pytest.param(lambda events: pl.from_pandas(events), id="polars", marks=needs_polars),
    pytest.param(
        lambda events: pl.from_pandas(events).lazy(), id="polars lazy", marks=needs_polars
    ),
    pytest.param(duck, id="duckdb"),
    pytest.param(nw.from_native, id="narwhals"),
    pytest.param(lambda events: duck(events).to_arrow_table(), id="arrow"),
]
engines = pytest.mark.parametrize("put", ENGINES)
DAY = "2024-06-30"
RULES = {
    "prospect": {"kind": "visit"},
    "customer": {"kind": "order"},
    "repeat buyer": {"kind": "order", "at_least": 2, "within_days": 730},
    "client": {"kind": "order", "at_least": 4, "within_days": 365},
    "advocate": {"kind": "refer", "at_least": 1, "within_days": 180},
}


def make(*events, **columns) -> pd.DataFrame:
    """Make events from texts such as "ann 2024-01-01 order"."""
    table = pd.DataFrame([e.split() for e in events], columns=["customer_id", "date", "kind"])
    return table.assign(date=pd.to_datetime(table["date"])).assign(**columns)


def random_events(seed, n=3000):
    rng = np.random.default_rng(seed)
    day = pd.Timestamp("2021-06-01") + pd.to_timedelta(rng.integers(0, 1400, n), "D")
    ids = rng.integers(0, 400, n) if seed % 2 else rng.choice([f"C{i:03}" for i in range(400)], n)
    kind = rng.choice(["visit", "order", "refer", "call"], n, p=[0.3, 0.4, 0.05, 0.25])
    return pd.DataFrame({"customer_id": ids, "date": day, "kind": kind})


def one_by_one(events, on, rules):
    """Walk through customers, rules and events."""
    on, answer = pd.Timestamp(on), {}
    for who, rows in events[events["date"] <= on].groupby("customer_id"):
        answer[who] = None
        for stage, rule in rules.items():
            ages = [(on - d).days for d, k in zip(rows["date"], rows["kind"], strict=True)
                    if k == rule["kind"]]  # fmt: skip
            if sum(age <= rule.get("within_days", 10**6) for age in ages) >= rule.get(
                "at_least", 1
            ):
                answer[who] = stage
    return answer


def plain(stages: pd.Series) -> dict:
    return stages.astype(object).where(stages.notna(), None).to_dict()


@engines
@pytest.mark.parametrize("seed", range(4))
def test_every_engine_gives_what_walking_through_gives(put, seed):
    events = random_events(seed)
    found = crm.stages(put(events), on=DAY, rules=RULES)
    assert plain(found) == one_by_one(events, DAY, RULES)
    pd.testing.assert_series_equal(found, crm.stages(events, on=DAY, rules=RULES))
    assert found.index.is_monotonic_increasing and found.index.name == "customer_id"
    assert found.cat.categories.tolist() == list(RULES) and found.cat.ordered


@engines
def test_the_last_rule_that_holds_wins(put):
    events = make(f"ann {DAY} order", f"ann {DAY} visit", f"bo {DAY} visit")
    upwards = crm.stages(
        put(events), on=DAY, rules={"a": RULES["prospect"], "b": RULES["customer"]}
    )
    assert plain(upwards) == {"ann": "b", "bo": "a"}
    down = crm.stages(put(events), on=DAY, rules={"b": RULES["customer"], "a": RULES["prospect"]})
    assert plain(down) == {"ann": "a", "bo": "a"}


@engines
@pytest.mark.parametrize(("within", "stage"), [(0, None), (29, None), (30, "new"), (31, "new")])
def test_within_counts_days_of_age(put, within, stage):
    events = make("ann 2024-05-31 order")
    rules = {"new": {"kind": "order", "within_days": within}}
    assert plain(crm.stages(put(events), on=DAY, rules=rules)) == {"ann": stage}
    today = crm.stages(
        put(events), on="2024-05-31", rules={"new": {"kind": "order", "within_days": 0}}
    )
    assert plain(today) == {"ann": "new"}


@engines
def test_events_after_the_day_are_not_known(put):
    events = make("ann 2024-01-01 visit", "ann 2024-07-01 order", "bo 2024-07-01 visit")
    assert plain(crm.stages(put(events), on=DAY, rules=RULES)) == {"ann": "prospect"}


@engines
def test_who_fits_no_rule_is_missing_and_not_left_out(put):
    found = crm.stages(put(make("ann 2024-01-01 call", "bo 2024-01-01 order")), on=DAY, rules=RULES)
    assert plain(found) == {"ann": None, "bo": "customer"}


@engines
def test_equal_rows_are_events_of_their_own(put):
    events = make("ann 2024-01-01 order", "ann 2024-01-01 order")
    assert plain(crm.stages(put(events), on=DAY, rules=RULES)) == {"ann": "repeat buyer"}


@engines
def test_a_time_of_day_is_cut_off(put):
    events = make(f"ann {DAY} order").assign(date=pd.Timestamp(f"{DAY} 23:59"))
    assert plain(crm.stages(put(events), on=DAY, rules=RULES)) == {"ann": "customer"}


@engines
@pytest.mark.parametrize("days", [700_000, 10**6, 10**9, 10**15])
def test_a_window_longer_than_the_calendar_is_no_window(put, days):
    rules = {"customer": {"kind": "order", "within_days": days}}
    assert plain(crm.stages(put(make(f"ann {DAY} order")), on=DAY, rules=rules)) == {
        "ann": "customer"
    }


@pytest.mark.parametrize("on", [DAY, dt.date(2024, 6, 30), pd.Timestamp(DAY), np.datetime64(DAY)])
def test_the_day_may_come_in_every_form(on):
    assert plain(crm.stages(make(f"ann {DAY} order"), on=on, rules=RULES)) == {"ann": "customer"}


@pytest.mark.parametrize("kind", ["category", "string", "object", "str"])
def test_types_make_no_difference(kind):
    events = random_events(2)
    changed = events.astype({"customer_id": kind, "kind": kind})
    found, expected = (crm.stages(e, on=DAY, rules=RULES) for e in (changed, events))
    pd.testing.assert_series_equal(found, expected, check_index_type=False)


@needs_polars
def test_categories_of_polars():
    events = pl.from_pandas(random_events(2)).with_columns(
        pl.col("customer_id", "kind").cast(pl.Categorical)
    )
    found, expected = (crm.stages(e, on=DAY, rules=RULES) for e in (events, random_events(2)))
    assert plain(found) == plain(expected) and found.index.tolist() == expected.index.tolist()


def test_dates_as_text_and_extra_columns():
    events = make("ann 2024-01-01 order", note="x", rule0=1)
    events["date"] = events["date"].dt.strftime("%Y-%m-%d")
    assert plain(crm.stages(events, on=DAY, rules=RULES)) == {"ann": "customer"}


@engines
def test_blanks_around_ids_are_stripped_and_counted(put):
    events = make("ann 2024-01-01 order", "ann 2024-01-02 order")
    events["customer_id"] = ["ann", "ann "]
    with pytest.warns(UserWarning, match="customer_id: blanks around 1 "):
        assert plain(crm.stages(put(events), on=DAY, rules=RULES)) == {"ann": "repeat buyer"}


@engines
def test_a_kind_that_never_occurs_is_said(put):
    rules = {"customer": {"kind": "orders"}, "all": {"kind": "order"}}
    with pytest.warns(
        UserWarning, match=r"no event is of kind 'orders'; the kinds are 'order', 'vi"
    ):
        crm.stages(put(make("ann 2024-01-01 order", "bo 2024-01-01 visit")), on=DAY, rules=rules)


def test_only_customers_come_back_from_an_engine(monkeypatch):
    from crmlib.logs import reading
    from crmlib.loyalty import stage_rules

    sizes, fetch = [], reading.fetch

    def counted(frame):
        table = fetch(frame)
        sizes.append(table.shape)
        return table

    for module in (reading, stage_rules):
        monkeypatch.setattr(module, "fetch", counted)
    events = random_events(1)
    found = crm.stages(duck(events), on=DAY, rules=RULES)
    assert [rows for rows, _ in sizes] == [1, len(found)] and sizes[1][1] == 2


def test_inputs_are_not_changed():
    events, rules = random_events(1), {name: dict(rule) for name, rule in RULES.items()}
    before = events.copy()
    with warnings.catch_warnings(action="error"):
        crm.stages(events, on=DAY, rules=rules)
    pd.testing.assert_frame_equal(events, before)
    assert rules == RULES


# --- bad input ----------------------------------------------------------------------------------

ORDER = "ann 2024-01-01 order"
EVENTS = {
    "no column": (lambda: make(ORDER).rename(columns={"kind": "kinds"}), "kind: there is no such"),
    "nearest": (lambda: make(ORDER).rename(columns={"date": "Dates"}), "the nearest is 'Dates'"),
    "empty": (lambda: make(ORDER).iloc[:0], "events: is empty"),
    "no id": (lambda: make(ORDER, ORDER, customer_id=["ann", None]), "no customer id|missing in 1"),
    "blank id": (lambda: make(ORDER, customer_id=" "), "customer_id = ' ': no customer id"),
    "no date": (lambda: make(ORDER, ORDER, date=[pd.Timestamp("2024"), pd.NaT]), "date"),
    "no kind": (lambda: make(ORDER, ORDER, kind=["order", None]), "no kind|kind: missing in 1"),
    "kind as number": (lambda: make(ORDER, kind=1), "kind: not a text but"),
    "dates as numbers": (lambda: make(ORDER, date=20240101.5), "date"),
    "all later": (lambda: make("ann 2024-07-01 order"), "no event had happened by this day"),
}  # fmt: skip


@engines
@pytest.mark.parametrize(("events", "message"), EVENTS.values(), ids=EVENTS)
def test_events_that_are_refused(put, events, message):
    with pytest.raises(DataError, match=message):
        crm.stages(put(events()), on=DAY, rules=RULES)


@pytest.mark.parametrize("events", [None, 3, "events.csv", [1, 2], {"kind": ["a"]}, pd.Series([1])])
def test_what_is_no_table_is_refused(events):
    with pytest.raises(DataError, match="events"):
        crm.stages(events, on=DAY, rules=RULES)


def test_dates_that_could_be_two_days_are_refused():
    with pytest.raises(DataError, match="03/04/2024"):
        crm.stages(make(ORDER, date="03/04/2024"), on=DAY, rules=RULES)


def test_two_columns_of_one_name_are_refused():
    events = make(ORDER, note="x")
    events.columns = ["customer_id", "date", "kind", "date"]
    with pytest.raises(DataError, match="date: two columns have this name"):
        crm.stages(events, on=DAY, rules=RULES)


def test_ids_of_two_types_are_refused():
    with pytest.raises(DataError, match="customer_id: some are text"):
        crm.stages(make(ORDER, ORDER, customer_id=[1, "1"]), on=DAY, rules=RULES)


@pytest.mark.parametrize(
    "on",
    [
        *("30/06/2024", "2024-13-01", "soon", "", None, 20240630, 1.5, True, pd.NaT, [DAY], {}),
        *(pd.Timestamp(DAY, tz="UTC"), pd.Series([DAY])),
    ],
)
def test_days_that_cannot_be(on):
    with pytest.raises(ValueError, match=r"\bon\b"):
        crm.stages(make(ORDER), on=on, rules=RULES)


SETS = {
    "none": ({}, "rules must be a dict"),
    "nothing": (None, "rules must be a dict"),
    "a list": ([("a", {"kind": "order"})], "rules must be a dict"),
    "a rule as text": ({"a": "order"}, "the rule of 'a' must be a dict"),
    "a function": ({"a": len}, "the rule of 'a' must be a dict"),
    "no kind": ({"a": {"at_least": 2}}, "the rule of 'a' needs the kind"),
    "kind missing": ({"a": {"kind": None}}, "the rule of 'a' needs the kind"),
    "kind blank": ({"a": {"kind": " "}}, "the rule of 'a' needs the kind"),
    "kinds": ({"a": {"kind": ["order", "visit"]}}, "the rule of 'a' needs the kind"),
    "kind number": ({"a": {"kind": 1}}, "the rule of 'a' needs the kind"),
    "key": ({"a": {"kind": "order", "within": 3}}, "has 'within'.*did you mean 'within_days'"),
    "odd key": ({"a": {"kind": "order", 5: 3}}, "has 5; allowed are kind"),
    "stage": ({1: {"kind": "order"}}, "a stage is called by a text, not 1"),
    "stage blank": ({"": {"kind": "order"}}, "a stage is called by a text"),
}  # fmt: skip
NUMBERS = [-1, 2.5, "3", True, np.nan, np.inf, [3], pd.NA]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        *SETS.values(),
        *(({"a": {"kind": "order", "at_least": n}}, "at_least in the rule of 'a'")
          for n in [0, None, *NUMBERS]),
        *(({"a": {"kind": "order", "within_days": n}}, "within_days in the rule of 'a'")
          for n in NUMBERS),
    ],
)  # fmt: skip
def test_rules_that_cannot_be(rules, message):
    with pytest.raises(ValueError, match=message):
        crm.stages(make(ORDER), on=DAY, rules=rules)


@pytest.mark.parametrize("day", ["9999-12-31", "1900-01-01"])
def test_a_date_far_from_all_others_is_named(day):
    events = pd.DataFrame(
        {"customer_id": ["a", "b", "a"], "date": [day, "2024-01-02", "2024-02-01"], "kind": "order"}
    )
    with pytest.raises(DataError, match=f"row 0, date = {day}: far from all other dates"):
        crm.stages(events, on="2024-03-31", rules={"client": {"kind": "order"}})
