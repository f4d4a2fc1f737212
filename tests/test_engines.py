"""Logs that live in another engine: the same answers and the same refusals as pandas."""

import datetime as dt

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.data import load

try:
    import polars as pl
except ImportError:  # 180 MB for tests alone: uv sync --group engines
    pl = None


def duck(log: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_df(log)


needs_polars = pytest.mark.skipif(pl is None, reason="polars is not installed")
ENGINES = [
    pytest.param(lambda log: pl.from_pandas(log), id="polars", marks=needs_polars),
    pytest.param(lambda log: pl.from_pandas(log).lazy(), id="polars lazy", marks=needs_polars),
    pytest.param(duck, id="duckdb"),
    pytest.param(nw.from_native, id="narwhals"),
]
engines = pytest.mark.parametrize("put", ENGINES)
others = pytest.mark.parametrize("put", ENGINES[:3])  # than pandas, wrapped or not


@pytest.fixture(scope="module")
def log():
    return load("cdnow_sample")


def make(**columns) -> pd.DataFrame:
    log = {
        "customer_id": ["ann", "bo", "ann", "cy"],
        "date": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-03-15", "2024-03-18"]),
        "amount": [5.0, 8.0, 20.0, 4.0],
    }
    return pd.DataFrame(log | columns)


@engines
@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (crm.rfm, {}),
        (crm.rfm, {"end": "1998-12-31", "unit": "month"}),
        (crm.holdout, {"split": "1997-09-30"}),
        (crm.holdout, {"split": dt.date(1997, 1, 15), "end": "1998-06-30", "unit": "day"}),
        (crm.gaps, {}),
        (crm.cohorts, {}),
        (crm.cohorts, {"period": "quarter"}),
        (crm.cohorts, {"period": "year"}),
    ],
)
def test_every_engine_gives_what_pandas_gives(put, call, arguments, log):
    pd.testing.assert_frame_equal(call(put(log), **arguments), call(log, **arguments))


@engines
@pytest.mark.parametrize("seed", range(4))
def test_random_logs_with_whole_number_ids(put, seed):
    random = np.random.default_rng(seed)
    n = 500
    log = pd.DataFrame(
        {
            "customer_id": random.integers(-30, 30, n),
            "date": pd.Timestamp("1969-10-01") + pd.to_timedelta(random.integers(0, 8e6, n), "s"),
            "amount": random.integers(0, 5000, n) / 100,
        }
    )
    pd.testing.assert_frame_equal(crm.rfm(put(log)), crm.rfm(log))
    split = "1969-11-20"
    pd.testing.assert_frame_equal(crm.holdout(put(log), split=split), crm.holdout(log, split=split))


@engines
def test_repeat_purchases_for_nothing_stay_for_nothing(put):
    """What the order of adding leaves is no money; a tenth beside a million is."""
    days = pd.to_datetime(["2024-01-01"] * 3 + ["2024-03-01", "2024-01-01", "2024-03-01"])
    who, amounts = ["ann"] * 4 + ["bo"] * 2, [0.1, 0.2, 0.3, 0.0, 1e6, 0.1]
    log = pd.DataFrame({"customer_id": who, "date": days, "amount": amounts})
    summary = crm.rfm(put(log))
    assert summary["monetary"].iloc[0] == 0 and summary["monetary"].iloc[1] == pytest.approx(0.1)


def test_a_log_is_reduced_in_its_engine(monkeypatch, log):
    """Only one row per customer comes back, never the log."""
    from crmlib.logs import reading, summaries

    sizes, fetch = [], reading.fetch

    def counted(frame):
        table = fetch(frame)
        sizes.append(len(table))
        return table

    for module in (reading, summaries):
        monkeypatch.setattr(module, "fetch", counted)
    crm.rfm(duck(log))
    assert sorted(sizes) == [0, 1, 2357]  # suspect ids, facts, customers


def test_decimals_and_dates_of_sql():
    relation = duckdb.sql(
        """
        SELECT 1 AS customer_id, day::DATE AS date, paid::DECIMAL(10, 2) AS amount
        FROM (VALUES ('2024-01-01', 5.25), ('2024-01-08', 3.10), ('2024-01-08', 0.90)) t(day, paid)
        """
    )
    summary = crm.rfm(relation)
    assert summary["monetary"].tolist() == [pytest.approx(4.0)]
    assert summary["frequency"].tolist() == [1]


@needs_polars
def test_categories_of_polars_are_plain_ids_in_the_summary():
    log = pl.from_pandas(make()).with_columns(pl.col("customer_id").cast(pl.Categorical))
    assert crm.rfm(log).index.tolist() == ["ann", "bo", "cy"]


@needs_polars
def test_the_day_is_the_one_of_the_zone_a_polars_date_carries():
    noon = dt.datetime(2024, 1, 1, 20, tzinfo=dt.UTC)
    log = pl.DataFrame({"customer_id": [1, 1], "date": [noon, noon], "amount": [1.0, 1.0]})
    local = log.with_columns(pl.col("date").dt.convert_time_zone("Asia/Shanghai"))
    assert crm.rfm(log, end="2024-01-05", unit="day")["T"].tolist() == [4.0]
    assert crm.rfm(local, end="2024-01-05", unit="day")["T"].tolist() == [3.0]


def test_the_day_is_the_one_of_the_zone_of_a_duckdb_connection():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    relation = connection.sql(
        "SELECT 1 AS customer_id, TIMESTAMPTZ '2024-01-01 20:00+00' AS date, 1.0 AS amount"
    )
    assert crm.rfm(relation, end="2024-01-05", unit="day")["T"].tolist() == [3.0]


# ---- check_log stays in the engine ---------------------------------------------------------------


@others
def test_check_log_returns_a_frame_of_its_engine(put):
    raw = make().rename(columns={"customer_id": "Card", "date": "Day", "amount": "Paid"})
    raw["Paid"] = raw["Paid"].astype("int64")
    log = crm.check_log(put(raw.assign(Note="x")), customer="Card", date="Day", amount="Paid")
    assert type(log) is type(put(raw))
    assert nw.from_native(log).collect_schema().names() == ["customer_id", "date", "amount"]
    pd.testing.assert_frame_equal(crm.rfm(log), crm.rfm(make()))


# ---- Bad input -----------------------------------------------------------------------------------


@others
def test_bad_rows_are_counted_and_a_few_are_shown(put):
    bad = make(customer_id=["ann", None, " ", "cy"], amount=[None, -1.5, np.inf, -2.0])
    bad.loc[3, "date"] = pd.NaT
    with pytest.raises(crm.DataError) as caught:
        crm.rfm(put(bad))
    message = str(caught.value)
    for words in (
        "no customer id (2 such rows)",
        "no date (1 such row)",
        "no amount (1 such row)",
        "amount = inf: an infinite amount (1 such row)",
        "amount = -1.5: a negative amount, a refund (2 such rows)",
        "Net each refund",
    ):
        assert words in message


@others
def test_only_a_few_of_many_bad_rows_come_back(put):
    n = 5000
    log = pd.DataFrame({"customer_id": 1, "date": pd.Timestamp("2024-01-01"), "amount": [-1.0] * n})
    with pytest.raises(crm.DataError, match=r"5,000 such rows") as caught:
        crm.check_log(put(log), customer="customer_id", date="date", amount="amount")
    assert len(caught.value.problems) == 3


@others
def test_text_in_an_engine_is_to_be_cast_there(put):
    log = make(date=["2024-01-01"] * 4, amount=["5"] * 4)
    with pytest.raises(crm.DataError) as caught:
        crm.check_log(put(log), customer="customer_id", date="date", amount="amount")
    assert caught.value.problems["column"].tolist() == ["date", "amount"]
    assert "CAST(date AS DATE)" in str(caught.value)


@others
def test_ends_and_splits_are_held_to_the_log(put):
    with pytest.raises(crm.DataError, match=r"after the end, 2024-02-01 \(2 such rows\)"):
        crm.rfm(put(make()), end="2024-02-01")
    with pytest.raises(ValueError, match="end must be a day from 2024-01-01, the first purchase"):
        crm.rfm(put(make()), end="2023-02-01")
    with pytest.raises(ValueError, match="within the log, 2024-01-01 to 2024-03-18"):
        crm.holdout(put(make()), split="2024-03-18")


@others
def test_ids_and_dates_are_held_to_the_same_rules(put):
    with pytest.warns(
        UserWarning, match="blanks around 1 value were stripped, such as 'ann '"
    ) as heard:
        summary = crm.rfm(put(make(customer_id=["ann", "bo", "ann ", "cy"])))
    assert summary.index.tolist() == ["ann", "bo", "cy"]
    assert {w.filename for w in heard} == {__file__}
    with pytest.raises(
        crm.DataError, match=r"1\.2E\+11: a number that a spreadsheet has shortened"
    ):
        crm.rfm(put(make(customer_id=["ann", "1.2E+11", "12E5", "cy"])))
    days = ["2024-01-01", "9999-12-31", "2024-03-15", "2024-03-18"]
    far = make(date=pd.to_datetime(pd.Series(days)).astype("datetime64[us]").to_numpy())
    with pytest.raises(crm.DataError, match="9999-12-31: far from all other dates, 2024-01-01"):
        crm.rfm(put(far))


@others
def test_empty_logs_and_missing_columns_are_refused(put):
    with pytest.raises(crm.DataError, match="log: is empty"):
        crm.rfm(put(make().astype({"customer_id": "str"}).head(0)))
    with pytest.raises(crm.DataError, match="the nearest is 'customerid'"):
        crm.rfm(put(make().rename(columns={"customer_id": "customerid"})))
