"""Transaction logs in pandas: worked by hand, against the published counts, and refused."""

import datetime as dt
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.data import load

NAMES = {"customer": "customer_id", "date": "date", "amount": "amount"}


def make(**columns) -> pd.DataFrame:
    """A small log, four purchases by three customers, with some columns exchanged."""
    log = {
        "customer_id": ["ann", "bo", "ann", "cy"],
        "date": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-03-15", "2024-03-18"]),
        "amount": [5.0, 8.0, 20.0, 4.0],
    }
    return pd.DataFrame(log | columns, index=["r1", "r2", "r3", "r4"])


def refusal(call, *args, **kwargs) -> tuple[str, pd.DataFrame]:
    """What a refusal says: its message, and its table of problems."""
    with pytest.raises(crm.DataError) as caught:
        call(*args, **kwargs)
    return str(caught.value), caught.value.problems


# ---- rfm by hand ---------------------------------------------------------------------------------


def test_rfm_worked_by_hand():
    log = pd.DataFrame(
        [
            ("dee", "2024-01-29", 7.0),
            ("ann", "2024-01-15", 20.0),  # the second purchase day: 20 + 4
            ("ann", "2024-01-01", 5.0),
            ("bo", "2024-01-08", 8.0),
            ("ann", "2024-01-15", 4.0),
            ("ann", "2024-01-22", 6.0),  # the third
            ("bo", "2024-01-08", 1.0),  # the same day: no repeat
        ],
        columns=["customer_id", "date", "amount"],
    ).astype({"date": "datetime64[ns]"})
    expected = pd.DataFrame(
        {
            "frequency": [2, 0, 0],
            "t_x": [3.0, 0.0, 0.0],
            "T": [5.0, 4.0, 1.0],
            "recency": [2.0, 4.0, 1.0],
            "monetary": [15.0, np.nan, np.nan],
        },
        index=pd.Index(["ann", "bo", "dee"], name="customer_id"),
    )
    pd.testing.assert_frame_equal(crm.rfm(log, end="2024-02-05"), expected, check_index_type=False)


@pytest.mark.parametrize(
    ("unit", "days"), [("day", 1), ("week", 7), ("month", 30.4375), ("year", 365.25)]
)
def test_units(unit, days):
    summary = crm.rfm(make(), end="2024-03-31", unit=unit)
    assert summary.loc["ann", "t_x"] == pytest.approx(74 / days)
    assert summary.loc["ann", "T"] == pytest.approx(90 / days)
    assert summary.loc["ann", "recency"] == pytest.approx(16 / days)
    np.testing.assert_allclose(summary["recency"], summary["T"] - summary["t_x"])


def test_the_end_is_the_last_day_of_the_log_unless_given():
    assert crm.rfm(make(), unit="day").loc["cy", "T"] == 0
    assert crm.rfm(make(), end="2024-03-18", unit="day").loc["cy", "T"] == 0


@pytest.mark.parametrize(
    "end",
    [
        "2024-03-20",
        "2024-03-20 17:00",
        dt.date(2024, 3, 20),
        dt.datetime(2024, 3, 20, 9),
        pd.Timestamp("2024-03-20 23:59"),
        np.datetime64("2024-03-20"),
    ],
)
def test_the_end_may_be_written_in_any_clear_way(end):
    assert crm.rfm(make(), end=end, unit="day").loc["cy", "T"] == 2


def slow_rfm(log, end):
    """The definition, written down without regard for speed."""
    rows = {}
    for customer, own in log.groupby("customer_id"):
        days = own.groupby(own["date"].dt.normalize())["amount"].sum().sort_index()
        first, last = days.index[0], days.index[-1]
        rows[customer] = {
            "frequency": len(days) - 1,
            "t_x": (last - first).days / 7,
            "T": (end - first).days / 7,
            "recency": (end - last).days / 7,
            "monetary": days.iloc[1:].mean() if len(days) > 1 else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("customer_id")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["integer", "text", "category", "negative"])
def test_rfm_and_holdout_agree_with_the_definition_on_random_logs(seed, kind):
    random = np.random.default_rng(seed)
    n, customers, days = random.integers([1, 1, 2], [300, 40, 200])
    ids = pd.Series(random.integers(0, customers, n))
    ids = {
        "integer": ids,
        "text": ids.map("{:04d}".format),
        "category": ids.map("{:04d}".format).astype("category"),
        "negative": ids - 20,
    }[kind]
    start = pd.Timestamp(random.choice(["1965-06-01", "1969-12-20", "2023-11-05"]))
    seconds = random.integers(0, days * 86_400, n)
    log = pd.DataFrame(
        {
            "customer_id": ids,
            "date": start + pd.to_timedelta(seconds, unit="s"),
            "amount": random.integers(0, 10_000, n) / 100,
        }
    )
    plain = log.astype({"customer_id": "str"}) if kind == "category" else log
    end = start + pd.Timedelta(days=int(days) + 3)
    pd.testing.assert_frame_equal(
        crm.rfm(log, end=end), slow_rfm(plain, end), check_index_type=False
    )

    split = start + pd.Timedelta(days=int(days) // 2)
    past = plain[plain["date"].dt.normalize() <= split]
    if past.empty or log["date"].min().normalize() > split:
        return
    summary = crm.holdout(log, split=split, end=end)
    base = summary[["frequency", "t_x", "T", "recency", "monetary"]]
    pd.testing.assert_frame_equal(base, slow_rfm(past, split), check_index_type=False)
    future = plain[plain["date"].dt.normalize() > split]
    future = future[future["customer_id"].isin(past["customer_id"])]
    visits = (
        future.assign(day=future["date"].dt.normalize()).groupby("customer_id")["day"].nunique()
    )
    np.testing.assert_array_equal(
        summary["holdout_frequency"], visits.reindex(summary.index).fillna(0)
    )
    assert summary["holdout_amount"].sum() == pytest.approx(future["amount"].sum())


def test_neither_the_order_of_the_rows_nor_other_columns_matter():
    log = load("cdnow_sample")
    shuffled = log.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(crm.rfm(log), crm.rfm(shuffled))
    pd.testing.assert_frame_equal(crm.rfm(log), crm.rfm(log[["amount", "date", "customer_id"]]))


def test_the_log_is_left_as_it_was():
    log = make(date=["2024-01-01"] * 4, customer_id=[1.0, 2.0, 3.0, 4.0])
    before = log.copy(deep=True)
    crm.rfm(log)
    crm.check_log(log, **NAMES)
    pd.testing.assert_frame_equal(log, before)


# ---- CDNOW as published --------------------------------------------------------------------------


def test_the_published_counts_of_cdnow():
    summary = crm.holdout(load("cdnow_sample"), split="1997-09-30", end="1998-06-30")
    repeaters = summary[summary["frequency"] > 0]
    assert (len(summary), len(repeaters)) == (2357, 946)
    assert summary["frequency"].sum() == 2457
    assert summary["holdout_frequency"].sum() == 1882
    assert summary["T"].min() == 27.0
    assert summary["T"].max() == pytest.approx(38.857, abs=1e-3)
    # The printed mean is of spends rounded to whole cents, halves upwards, as spreadsheets do.
    cents = np.floor(repeaters["monetary"] * 100 + 0.5 + 1e-9)
    assert cents.mean() / 100 == pytest.approx(35.0786, abs=5e-5)
    assert repeaters["monetary"].mean() == pytest.approx(35.0778, abs=5e-5)
    assert summary["monetary"].isna().sum() == 2357 - 946


def test_the_whole_cohort():
    summary = crm.rfm(load("cdnow"))
    assert len(summary) == 23_570
    assert (summary["frequency"] == 0).sum() == 12_054


# ---- holdout -------------------------------------------------------------------------------------


def test_holdout_worked_by_hand():
    log = pd.DataFrame(
        [
            ("ann", "2024-01-01", 5.0),
            ("ann", "2024-01-08", 6.0),  # the day of the split is still the past
            ("ann", "2024-01-09", 7.0),
            ("ann", "2024-01-09", 1.0),
            ("ann", "2024-01-15", 2.0),  # the last day is still in
            ("bo", "2024-01-02", 9.0),
            ("new", "2024-01-10", 9.0),  # unknown on the day of the split
        ],
        columns=["customer_id", "date", "amount"],
    )
    summary = crm.holdout(log, split="2024-01-08", end="2024-01-15", unit="day")
    assert summary.index.tolist() == ["ann", "bo"]
    assert summary["frequency"].tolist() == [1, 0]
    assert summary["T"].tolist() == [7.0, 6.0]
    assert summary["holdout_frequency"].tolist() == [2, 0]
    assert summary["holdout_amount"].tolist() == [10.0, 0.0]
    assert summary["holdout_frequency"].dtype == "int64"


def test_the_past_of_a_holdout_is_the_rfm_of_the_past():
    log = load("cdnow_sample")
    past = crm.rfm(log[log["date"] <= "1997-09-30"], end="1997-09-30")
    summary = crm.holdout(log, split="1997-09-30")
    pd.testing.assert_frame_equal(summary[past.columns], past)


@pytest.mark.parametrize("split", ["2023-12-31", "2024-03-18", "2025-01-01"])
def test_a_split_outside_the_log_is_refused(split):
    with pytest.raises(ValueError, match="within the log, 2024-01-01 to 2024-03-18"):
        crm.holdout(make(), split=split)


# ---- Kinds of customers --------------------------------------------------------------------------


def test_one_customer_one_purchase():
    summary = crm.rfm(make().head(1))
    assert summary.to_dict("list") | {"monetary": None} == {
        "frequency": [0],
        "t_x": [0.0],
        "T": [0.0],
        "recency": [0.0],
        "monetary": None,
    }


def test_nobody_repeats():
    summary = crm.rfm(make(customer_id=["a", "b", "c", "d"]))
    assert summary["frequency"].tolist() == [0, 0, 0, 0]
    assert summary["monetary"].isna().all()


def test_everybody_buys_every_day_for_years():
    days = pd.date_range("2015-01-01", periods=3000)
    log = pd.concat(
        pd.DataFrame({"customer_id": c, "date": days, "amount": 2.0}) for c in ("ann", "bo")
    )
    summary = crm.rfm(log, unit="day")
    assert summary["frequency"].tolist() == [2999, 2999]
    assert summary["t_x"].tolist() == [2999.0, 2999.0]
    assert summary["monetary"].tolist() == [2.0, 2.0]


def test_free_repeat_purchases_cost_exactly_nothing():
    log = make(customer_id="ann", amount=[11.77, 0.0, 0.0, 0.0])
    assert crm.rfm(log)["monetary"].tolist() == [0.0]


def test_ids_keep_their_leading_zeros_and_whole_numbers_stay_whole():
    assert crm.rfm(make(customer_id=["007", "7", "07", "7"])).index.tolist() == ["007", "07", "7"]
    numbers = crm.check_log(make(customer_id=[17850.0, 3.0, 17850.0, 4.0]), **NAMES)
    assert numbers["customer_id"].dtype == "int64"
    assert numbers["customer_id"].tolist() == [17850, 3, 17850, 4]
    big = 9_007_199_254_740_993  # has no exact float
    assert crm.rfm(make(customer_id=[big, big + 1, big, 1])).index.tolist() == [1, big, big + 1]


# ---- check_log: what is read ---------------------------------------------------------------------


def test_check_log_names_and_types_the_columns():
    raw = pd.DataFrame(
        {"Note": ["x"] * 4, "Paid": ["12.50", "8", " 1e2 ", "0"], "Card": ["0042"] * 4}
    ).assign(Day=["2024-01-01", "2024/01/02", "20240103", "2024-01-04 09:30:00"])
    log = crm.check_log(raw, customer="Card", date="Day", amount="Paid")
    assert list(log.columns) == ["customer_id", "date", "amount"]
    assert log["customer_id"].tolist() == ["0042"] * 4
    assert log["date"].tolist() == list(pd.date_range("2024-01-01", periods=4))
    assert log["amount"].tolist() == [12.5, 8.0, 100.0, 0.0]


@pytest.mark.parametrize(
    "dates",
    [
        [20240213] * 4,
        [20240213.0] * 4,
        ["2024-02-13T23:59:59.999"] * 4,
        ["2024-02-13T23:59:59Z"] * 4,
        ["2024-02-13 23:59+08:00"] * 4,
        [dt.date(2024, 2, 13)] * 4,
        [dt.datetime(2024, 2, 13, 23, 59)] * 4,
        pd.to_datetime(["2024-02-13 23:59"] * 4),
        pd.Categorical(["2024-02-13"] * 4),
    ],
)
def test_iso_dates_are_read_and_lose_their_time_of_day(dates):
    log = crm.check_log(make(date=dates), **NAMES)
    assert log["date"].tolist() == [pd.Timestamp("2024-02-13")] * 4


def test_a_date_format_settles_what_is_ambiguous():
    log = make(date=["03/04/2024"] * 4)
    day_first = crm.check_log(log, **NAMES, date_format="%d/%m/%Y")["date"].iloc[0]
    month_first = crm.check_log(log, **NAMES, date_format="%m/%d/%Y")["date"].iloc[0]
    assert (day_first, month_first) == (pd.Timestamp("2024-04-03"), pd.Timestamp("2024-03-04"))


def test_the_day_is_the_one_of_the_zone_a_date_carries():
    utc = pd.to_datetime(["2024-01-01 20:00+00:00"] * 4)
    assert crm.gaps(make(customer_id="a", date=utc)).empty
    for dates in (utc.tz_convert("Asia/Shanghai"), list(utc.tz_convert("Asia/Shanghai"))):
        log = crm.check_log(make(date=dates), **NAMES)
        assert log["date"].tolist() == [pd.Timestamp("2024-01-02")] * 4
        assert log["date"].dt.tz is None


def test_row_labels_are_kept_even_when_they_repeat():
    log = crm.check_log(make().set_axis([0, 0, 1, 1]), **NAMES)
    assert log.index.tolist() == [0, 0, 1, 1]
    assert log["amount"].tolist() == [5.0, 8.0, 20.0, 4.0]


@pytest.mark.parametrize(
    "amounts",
    [
        [5, 8, 20, 4],
        [Decimal("5.00"), Decimal(8), Decimal(20), Decimal(4)],
        pd.array([5, 8, 20, 4], dtype="Int64"),
        np.array([5, 8, 20, 4], dtype="float32"),
    ],
)
def test_amounts_of_every_numeric_kind_become_floats(amounts):
    log = crm.check_log(make(amount=amounts), **NAMES)
    assert log["amount"].dtype == "float64"
    assert log["amount"].tolist() == [5.0, 8.0, 20.0, 4.0]


# ---- Bad input -----------------------------------------------------------------------------------

CALLS = [
    pytest.param(crm.rfm, {}, id="rfm"),
    pytest.param(crm.holdout, {"split": "2024-02-01"}, id="holdout"),
    pytest.param(crm.gaps, {}, id="gaps"),
    pytest.param(crm.cohorts, {}, id="cohorts"),
    pytest.param(crm.check_log, NAMES, id="check_log"),
]


@pytest.mark.parametrize(("call", "arguments"), CALLS)
def test_every_function_refuses_with_the_same_checks(call, arguments):
    log = make(customer_id=["ann", None, " ", "cy"], amount=[np.nan, -1.5, np.inf, 1.0])
    log.loc["r4", "date"] = pd.NaT
    message, problems = refusal(call, log, **arguments)
    assert problems[["row", "column", "problem"]].to_numpy().tolist() == [
        ["r2", "customer_id", "no customer id"],
        ["r3", "customer_id", "no customer id"],
        ["r4", "date", "no date"],
        ["r1", "amount", "no amount"],
        ["r3", "amount", "an infinite amount"],
        ["r2", "amount", "a negative amount, a refund"],
    ]
    assert message.startswith("6 problems in the data.")
    for advice in (
        "unknown customers",
        "Complete the dates",
        "division by zero",
        "Net each refund",
    ):
        assert advice in message


@pytest.mark.parametrize(("call", "arguments"), CALLS)
def test_an_empty_log_is_refused(call, arguments):
    assert "log: is empty" in refusal(call, make().head(0), **arguments)[0]


@pytest.mark.parametrize(("call", "arguments"), CALLS)
@pytest.mark.parametrize("log", [[1, 2], None, {"customer_id": [1]}, make()["amount"]])
def test_what_is_not_a_table_is_refused(call, arguments, log):
    assert f"not a {type(log).__name__}" in refusal(call, log, **arguments)[0]


def test_a_missing_column_is_answered_with_the_nearest():
    log = make().rename(columns={"customer_id": "Customer ID", "amount": "Sales"})
    message, problems = refusal(crm.rfm, log)
    assert "customer_id: there is no such column; the nearest is 'Customer ID'" in message
    assert "amount: there is no such column\n" in message
    assert "There are 'Customer ID', 'date', 'Sales'." in message
    assert "crm.check_log(log, customer=" in message
    assert len(problems) == 2
    message, _ = refusal(crm.check_log, log, customer="Customer_ID", date="dates", amount="Sales")
    assert "Customer_ID: there is no such column; the nearest is 'Customer ID'" in message
    assert "dates: there is no such column; the nearest is 'date'" in message


def test_two_columns_of_one_name_are_refused():
    log = make().set_axis(["customer_id", "date", "date"], axis=1)
    message, _ = refusal(crm.check_log, log, customer="customer_id", date="date", amount="date")
    assert "date: two columns have this name" in message


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        (["13/02/2020", "03/04/2020"], ["13/02/2020 shows the day first", "'%d/%m/%Y'"]),
        (["03/04/2020", "02/13/2020"], ["02/13/2020 shows the month first", "'%m/%d/%Y'"]),
        (["1.2.2020 9:05", "25.2.2020 10:05"], ["shows the day first", "'%d.%m.%Y %H:%M'"]),
        (
            ["01/01/2020", "03/04/2020"],
            ["03/04/2020 is 2020-04-03 by '%d/%m/%Y' or 2020-03-04 by '%m/%d/%Y'"],
        ),
        (["01-02-03", "04-05-06"], ["in several ways", "'%d-%m-%y'", "'%y-%m-%d'"]),
        (["2 Feb 2020", "13 May 2020"], ["date_format='%d %b %Y') reads them"]),
        (
            ["2020年2月13日", "2020年3月1日"],
            ["What to do: crm.check_log(..., date_format='%Y年%m月%d日') reads them"],
        ),
        (["2020-2-3", "2020-12-3"], ["date_format='%Y-%m-%d') reads them"]),
        (["2020-02-30", "13/02/2020"], ["No one way of writing dates fits them all"]),
        ([45_000, 45_001], ["Excel's day numbers", "origin='1899-12-30'"]),
        ([45_000.5, 45_001.25], ["Excel's day numbers"]),
        (["yesterday", "today"], ["No one way of writing dates fits them all"]),
    ],
)
@pytest.mark.parametrize("call", [crm.rfm, lambda log: crm.check_log(log, **NAMES)])
def test_dates_that_are_not_iso_are_refused_with_the_format_that_fits(dates, says, call):
    message, problems = refusal(call, make(date=[*dates, *dates]))
    assert problems["row"].tolist() == ["r1", "r2", "r3", "r4"]
    assert problems["value"].tolist() == [*dates, *dates]
    for words in says:
        assert words in message
    advised = re.search(r"date_format='(.*?)'\) reads them", message)
    if advised:  # whoever follows the advice gets through
        log = crm.check_log(make(date=[*dates, *dates]), **NAMES, date_format=advised[1])
        assert log["date"].dt.year.eq(2020).all()


def test_only_the_rows_with_unreadable_dates_are_named_and_no_format_that_breaks_the_rest():
    log = make(date=["2024-01-01", "2024-02-29", "13/02/2024", "2024-03-01"])
    message, problems = refusal(crm.check_log, log, **NAMES)
    assert problems["row"].tolist() == ["r3"]
    assert "No one way of writing dates fits them all" in message


def test_a_format_that_does_not_fit_is_refused_with_one_that_does():
    log = make(date=["03/04/2020", "01/01/2020", "13/02/2020", "05/06/2020"])
    message, problems = refusal(crm.check_log, log, **NAMES, date_format="%m/%d/%Y")
    assert problems["row"].tolist() == ["r3"]
    assert "does not fit date_format='%m/%d/%Y'" in message
    assert "13/02/2020 shows the day first" in message


def test_a_format_that_is_none_is_refused():
    log = make(date=["13/02/2020"] * 4)
    with pytest.raises(ValueError, match=r"date_format must be written in Python's signs.*'%d/%Q'"):
        crm.check_log(log, **NAMES, date_format="%d/%Q")


def test_dates_in_several_zones_are_refused():
    here, there = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-01", tz="Asia/Tokyo")
    for dates in ([here, there, here, here], [here, here.tz_localize(None), here, here]):
        message, _ = refusal(crm.rfm, make(date=pd.Series(dates, dtype=object).to_numpy()))
        assert "several time zones" in message and "tz_convert" in message


def test_missing_dates_written_as_blanks_are_found():
    _, problems = refusal(crm.rfm, make(date=["2024-01-01", "", None, " "]))
    assert problems[["row", "problem"]].to_numpy().tolist() == [
        ["r2", "no date"],
        ["r3", "no date"],
        ["r4", "no date"],
    ]


@pytest.mark.parametrize(
    ("amounts", "rows", "says"),
    [
        (["$5.00", "8", "1,234.50", "4"], ["r1", "r3"], "Take currency signs and thousands marks"),
        (["¥5", "￥8", "(20.00)", "4 EUR"], ["r1", "r2", "r3", "r4"], "Take currency signs"),
        (["5,50", "8", "1.234,50", "4"], ["r1", "r3"], "decimal=','"),
        ([5.0, "8", "n/a", 4.0], ["r3"], "not a plain number"),
        ([True, False, True, True], ["r1", "r2", "r3", "r4"], "not a plain number"),
    ],
)
def test_amounts_with_marks_are_refused_not_guessed(amounts, rows, says):
    message, problems = refusal(crm.check_log, make(amount=amounts), **NAMES)
    assert problems["row"].tolist() == rows
    assert says in message


def test_amounts_as_text_are_held_to_the_same_rules():
    message, problems = refusal(crm.rfm, make(amount=["-5.00", "", "inf", "1"]))
    assert sorted(zip(problems["row"], problems["problem"], strict=True)) == [
        ("r1", "a negative amount, a refund"),
        ("r2", "no amount"),
        ("r3", "an infinite amount"),
    ]
    assert "Net each refund" in message


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        ([17850, "17850", "C1", 3], "some are text and others are not"),
        ([1.5, 2.0, 3.0, 4.0], "not a whole number"),
        ([2.0**60, 2.0, 3.0, 4.0], "too long to be exact"),
    ],
)
def test_ids_that_would_split_or_merge_customers_are_refused(ids, says):
    message, _ = refusal(crm.rfm, make(customer_id=ids))
    assert says in message and "dtype={'customer_id': str}" in message


def test_a_missing_id_among_numbers_is_found():
    _, problems = refusal(crm.rfm, make(customer_id=[17850, None, 3, 4]))
    assert problems[["row", "problem"]].to_numpy().tolist() == [["r2", "no customer id"]]


def test_everything_wrong_is_said_at_once_in_the_readers_own_column_names():
    raw = pd.DataFrame(
        {"Card": ["1", None], "Day": ["soon", "2024-01-01"], "Paid": ["$1", "-2"]}, index=[10, 11]
    )
    message, problems = refusal(crm.check_log, raw, customer="Card", date="Day", amount="Paid")
    assert sorted(zip(problems["row"], problems["column"], strict=True)) == [
        (10, "Day"),
        (10, "Paid"),
        (11, "Card"),
        (11, "Paid"),
    ]
    assert message.startswith("4 problems in the data.")


def test_rows_after_the_end_are_refused_and_pointed_to_holdout():
    message, problems = refusal(crm.rfm, make(), end="2024-02-01")
    assert problems["row"].tolist() == ["r3", "r4"]
    assert "holdout(log, split='2024-02-01')" in message
    assert "after the end, 2024-02-01" in message
    assert refusal(crm.holdout, make(), split="2024-01-03", end="2024-03-17")[1][
        "row"
    ].tolist() == ["r4"]


def test_an_end_before_the_first_purchase_is_one_problem():
    words = "end must be a day from 2024-01-01, the first purchase, on, not '1999-01-01'"
    with pytest.raises(ValueError, match=words):
        crm.rfm(make(), end="1999-01-01")


@pytest.mark.parametrize("end", ["1/2/2024", "20240201", 20240201, 1.5, "", "2024-02-30", pd.NaT])
def test_an_unclear_end_is_refused(end):
    with pytest.raises(ValueError, match="end must be a day"):
        crm.rfm(make(), end=end)
    with pytest.raises(ValueError, match="Write split='1997-09-30'"):
        crm.holdout(make(), split=end)


def test_an_end_with_a_time_zone_is_refused():
    end = pd.Timestamp("2024-12-01", tz="UTC")
    with pytest.raises(ValueError, match="without a time zone"):
        crm.rfm(make(), end=end)


def test_an_unknown_unit_or_period_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="'day', 'week', 'month' or 'year', not 'weeks'"):
        crm.rfm(make(), unit="weeks")
    with pytest.raises(ValueError, match="'month', 'quarter' or 'year', not 'week'"):
        crm.cohorts(make(), period="week")


# ---- What programs do to ids and dates ------------------------------------------------------------


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_blanks_around_ids_are_taken_off_and_counted(kind):
    log = make(customer_id=pd.Series(["ann", "bo", " ann", "ann\t"], dtype=kind).to_numpy())
    before = log.copy(deep=True)
    with pytest.warns(
        UserWarning, match="blanks around 2 values were stripped, such as ' ann'"
    ) as heard:
        summary = crm.rfm(log)
    assert {w.filename for w in heard} == {__file__}
    assert summary.index.tolist() == ["ann", "bo"]
    assert summary["frequency"].tolist() == [2, 0]
    pd.testing.assert_frame_equal(log, before)
    with pytest.warns(UserWarning):
        assert crm.check_log(log, **NAMES)["customer_id"].tolist() == ["ann", "bo", "ann", "ann"]


@pytest.mark.parametrize("kind", ["str", "category"])
def test_ids_that_a_spreadsheet_shortened_are_refused(kind):
    ids = ["1.23457E+11", "12E5", "1e+11", "4"]
    log = make(customer_id=pd.Series(ids, dtype=kind).to_numpy())
    message, problems = refusal(crm.rfm, log)
    assert problems["row"].tolist() == ["r1", "r3"]  # 12E5 may be an article
    assert "formatted as text" in message


@pytest.mark.parametrize("day", ["9999-12-31", "2099-12-31", "1900-01-01", "1970-01-01"])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_date_far_from_all_others_is_named_by_its_row(day, rows):
    log = load("cdnow_sample").assign(date=lambda d: d["date"].astype("datetime64[s]"))
    log.loc[log.index[7 : 7 + rows], "date"] = pd.Timestamp(day).as_unit("s")
    message, problems = refusal(crm.rfm, log)
    assert problems["row"].tolist() == log.index[7 : 7 + rows].tolist()
    assert f"date = {day}: far from all other dates, 1997-01-0" in message
    small = make(date=["2024-01-01", "2024-01-08", "2024-01-15", day])
    assert refusal(crm.check_log, small, **NAMES)[1]["row"].tolist() == ["r4"]


def test_far_off_dates_at_both_ends_and_a_wrong_year_are_named_at_once():
    log = load("cdnow").assign(date=lambda d: d["date"].astype("datetime64[s]"))
    days = {3: "2012-03-01", 5: "9999-12-31", 9: "1900-01-01", 11: "1982-02-01"}
    for row, day in days.items():
        log.loc[log.index[row], "date"] = pd.Timestamp(day).as_unit("s")
    assert refusal(crm.rfm, log)[1]["row"].tolist() == [log.index[row] for row in days]


@pytest.mark.parametrize(
    "days",
    [
        ["1998-01-01", "2005-01-01", "2012-06-01", "2024-01-01"],  # few purchases, long apart
        ["2003-01-01", "2023-11-01", "2023-12-01", "2023-12-09"],  # back after twenty years
        ["2023-01-01", "2023-01-05", "2029-06-01", "2029-07-01"],
    ],
)
def test_honest_pauses_are_no_far_off_dates(days):
    assert len(crm.check_log(make(date=days), **NAMES)) == 4


def test_a_first_customer_years_before_the_others_is_kept():
    rest = pd.date_range("2020-01-01", "2023-12-31").repeat(2)
    log = pd.DataFrame({"customer_id": 1, "date": [pd.Timestamp("2013-01-01"), *rest], "amount": 1})
    assert crm.rfm(log)["frequency"].item() == 1461


# ---- gaps and cohorts ----------------------------------------------------------------------------


def test_gaps_worked_by_hand():
    log = pd.DataFrame(
        [
            ("bo", "2024-01-08", 8.0),
            ("ann", "2024-01-15", 20.0),
            ("ann", "2024-01-01", 5.0),
            ("ann", "2024-01-15", 4.0),
            ("bo", "2024-01-09", 1.0),
            ("ann", "2024-03-01", 6.0),
            ("cy", "2024-03-01", 6.0),
        ],
        columns=["customer_id", "date", "amount"],
    )
    found = crm.gaps(log)
    assert found["customer_id"].tolist() == ["ann", "ann", "bo"]
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2024-01-15",
        "2024-03-01",
        "2024-01-09",
    ]
    assert found["gap"].tolist() == [14, 46, 1]
    assert found["gap"].dtype == "int64"


def test_gaps_add_up_to_rfm():
    log = load("cdnow_sample")
    found, summary = crm.gaps(log), crm.rfm(log, unit="day")
    assert len(found) == summary["frequency"].sum()
    total = found.groupby("customer_id")["gap"].sum().reindex(summary.index).fillna(0)
    np.testing.assert_array_equal(total, summary["t_x"])


def test_cohorts_worked_by_hand():
    log = pd.DataFrame(
        [
            ("ann", "2023-11-30", 1.0),
            ("ann", "2023-12-01", 1.0),
            ("ann", "2023-12-24", 1.0),  # twice in a month counts once
            ("bo", "2023-11-01", 1.0),
            ("bo", "2024-02-10", 1.0),
            ("cy", "2024-02-11", 1.0),
        ],
        columns=["customer_id", "date", "amount"],
    )
    table = crm.cohorts(log)
    assert [str(cohort) for cohort in table.index] == ["2023-11", "2024-02"]
    assert table.columns.tolist() == [0, 1, 2, 3]
    assert table.iloc[0].tolist() == [2, 1, 0, 1]
    assert table.iloc[1].tolist()[0] == 1
    assert table.iloc[1, 1:].isna().all()
    assert (table.index.name, table.columns.name) == ("cohort", "age")

    quarters = crm.cohorts(log, period="quarter")
    assert [str(cohort) for cohort in quarters.index] == ["2023Q4", "2024Q1"]
    assert quarters.fillna(-1).to_numpy().tolist() == [[2, 1], [1, -1]]
    years = crm.cohorts(log, period="year")
    assert [str(cohort) for cohort in years.index] == ["2023", "2024"]
    assert years.fillna(-1).to_numpy().tolist() == [[2, 1], [1, -1]]


def test_cohorts_hold_every_customer_and_only_what_was_seen():
    log = load("cdnow")
    table = crm.cohorts(log)
    assert table[0].sum() == 23_570
    assert table.shape == (3, 18)
    assert table.isna().sum(axis=1).tolist() == [0, 1, 2]
    active = log["customer_id"].groupby(log["date"].dt.to_period("M")).nunique()
    seen = sum(table.iloc[i, age] for i, age in ((0, 4), (1, 3), (2, 2)))
    assert seen == active["1997-05"]


def test_cohorts_before_1970():
    table = crm.cohorts(make(date=["1969-11-30", "1969-12-01", "1970-01-05", "1970-02-01"]))
    assert [str(cohort) for cohort in table.index] == ["1969-11", "1969-12", "1970-02"]
    assert table.iloc[0].tolist() == [1, 0, 1, 0]
