"""The refusal and the estimate: what they say, and that they survive a trip between processes."""

import pickle

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from crmlib.errors import DataError, find, refuse, whole
from crmlib.estimate import Estimate
from crmlib.satisfaction import csat, weighted_index

AMOUNT = pd.Series([5.0, -1.0, -2.0, -3.0, -4.0, np.nan], index=list("abcdef"), name="amount")


def test_find_keeps_the_row_labels_and_the_values():
    found = find(AMOUNT, AMOUNT < -2, "a refund")
    assert found["row"].tolist() == ["d", "e"]
    assert found["value"].tolist() == [-3.0, -4.0]
    assert list(found.columns) == ["row", "column", "value", "problem"]


def test_the_message_names_the_first_rows_the_count_and_the_way_out():
    error = DataError(find(AMOUNT, AMOUNT < 0, "a refund"), "Net it.")
    assert str(error).splitlines() == [
        "4 problems in the data.",
        "  row b, amount = -1.0: a refund",
        "  row c, amount = -2.0: a refund",
        "  row d, amount = -3.0: a refund",
        "  ... and 1 more (see the exception's .problems)",
        "What to do: Net it.",
    ]
    assert len(error.problems) == 4


def test_many_problems_of_one_kind_do_not_hide_another_kind():
    tables = [find(AMOUNT, AMOUNT < 0, "a refund"), find(AMOUNT, AMOUNT.isna(), "no amount")]
    with pytest.raises(DataError, match="row f, amount = nan: no amount"):
        refuse(tables, "Look at them.")


def test_no_message_is_longer_than_a_screen():
    kinds = pd.concat([whole(f"column {i}", "there is no such column") for i in range(40)])
    lines = str(DataError(kinds, "Look.")).splitlines()
    assert len(lines) == 15
    assert lines[-2] == "  ... and 28 more (see the exception's .problems)"


def test_values_are_written_as_a_reader_knows_them():
    days = pd.Series(
        pd.to_datetime(["2024-02-13", "2024-02-13 10:30"], format="ISO8601"), name="date"
    )
    blank = pd.Series([" "], name="customer_id")
    tables = [find(days, [True, True], "late"), find(blank, [True], "no customer id")]
    with pytest.raises(DataError) as caught:
        refuse(tables, "Look.")
    assert "date = 2024-02-13: late" in str(caught.value)
    assert "date = 2024-02-13 10:30:00: late" in str(caught.value)
    assert "customer_id = ' ': no customer id" in str(caught.value)


def test_a_problem_of_the_whole_table_needs_no_row_or_column():
    assert "\n  the log is empty\n" in str(DataError(whole(None, "the log is empty"), "Look."))
    assert "\n  end = 1/2/2024: not a day\n" in str(
        DataError(whole("end", "not a day", "1/2/2024"), "Look.")
    )


def test_nothing_found_nothing_refused():
    assert refuse([find(AMOUNT, AMOUNT > 100, "never")], "Nothing.") is None


def test_a_refusal_is_a_value_error_and_can_be_sent_to_another_process():
    error = DataError(find(AMOUNT, AMOUNT < 0, "a refund"), "Net it.")
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, ValueError)
    assert (str(copy), copy.advice) == (str(error), error.advice)
    pd.testing.assert_frame_equal(copy.problems, error.problems)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(72.5, 1.22, 70.1, 74.9, 250), "72.5 (70.1 to 74.9, n = 250)"),
        (Estimate(12345.6, 300, 11757.0, 12933.0, 4000), "12,346 (11,757 to 12,933, n = 4,000)"),
        (Estimate(0.4, 0.0, 0.4, 0.4, 10), "0.400 (0.400 to 0.400, n = 10)"),
        (Estimate(0.4, np.inf, -np.inf, np.inf, 1), "0.400 (-inf to inf, n = 1)"),
        (Estimate(1e-9, 1e-10, 8e-10, 1.2e-9, 3), "0.000000 (0.000000 to 0.000000, n = 3)"),
    ],
)
def test_an_estimate_prints_two_digits_of_its_doubt(estimate, text):
    assert str(estimate) == repr(estimate) == text


def test_the_usual_interval():
    estimate = Estimate.normal(np.float64(10), np.float64(2), np.int64(40), confidence=0.9)
    assert (estimate.high - 10) / 2 == pytest.approx(1.6448536)
    assert (10 - estimate.low) / 2 == pytest.approx(1.6448536)
    assert float(estimate) == 10.0
    assert [type(x) for x in (estimate.value, estimate.low, estimate.n)] == [float, float, int]
    assert pickle.loads(pickle.dumps(estimate)) == estimate


# estimates, added and subtracted


def test_a_value_lies_within_its_interval():
    for low, high in ((0.2, 0.3), (-0.1, 0.0)):
        with pytest.raises(
            ValueError, match=r"value must lie within its interval, .*, not at 0\.1"
        ):
            Estimate(0.1, 0.1, low, high, 10)
    with pytest.raises(ValueError, match="se must be a number of zero or more, not -1"):
        Estimate(0.1, -1, 0, 1, 10)
    nearly = Estimate(1.0, 0.1, 0.6, 1 - 1e-12, 10)  # an end that missed it by arithmetic
    assert nearly.low <= nearly.value <= nearly.high == 1.0
    assert np.isnan(Estimate(0.1, np.nan, np.nan, np.nan, 10).low)


@pytest.mark.parametrize(
    "counts", [(56, 70, 48, 80), (9, 10, 3, 10), (10, 10, 0, 20), (0, 10, 0, 10)]
)
def test_a_difference_of_shares_has_newcombes_interval(counts):
    a, n, b, m = counts
    difference = csat([5] * a + [1] * (n - a)) - csat([5] * b + [1] * (m - b))
    low, high = confint_proportions_2indep(a, n, b, m, compare="diff", method="newcomb")
    assert [difference.low, difference.high] == pytest.approx([low, high])
    assert difference.value == pytest.approx(a / n - b / m) and difference.n == n + m


def test_newcombes_printed_example():
    difference = csat([5] * 56 + [1] * 14) - csat([5] * 48 + [1] * 32)
    assert f"{difference:.4f}" == "0.2000 (0.0524 to 0.3339, n = 150)"


def test_sums_and_multiples():
    a, b = Estimate.normal(10, 3, 40), Estimate.normal(4, 4, 60)
    for both, value in ((a + b, 14), (a - b, 6)):
        assert (both.value, both.se, both.n) == (value, 5, 100)
        assert both.high - value == pytest.approx(1.959964 * 5) == value - both.low
    lopsided = Estimate(1, 0.5, 0.5, 3, 10)
    assert lopsided * 2 == 2 * lopsided == Estimate(2, 1, 1, 6, 10)
    assert lopsided * -1 == -lopsided == Estimate(-1, 0.5, -3, -0.5, 10)
    assert (a - lopsided).low == pytest.approx(9 - np.hypot(a.value - a.low, 2))
    for wrong in (lambda: a + 1, lambda: a - "1", lambda: a * b, lambda: a * "2"):
        with pytest.raises(TypeError):
            wrong()


def test_an_estimate_of_draws():
    draws = np.random.default_rng(0).normal(5, 2, 100_000)
    e = Estimate.from_draws(draws, n=250)
    assert [e.value, e.se, e.low, e.high] == pytest.approx([5, 2, 1.08, 8.92], abs=0.05)
    assert (e.n, Estimate.from_draws(draws[:50]).n) == (250, 50)
    assert Estimate.from_draws(draws, level=0.5).high == pytest.approx(5 + 2 * 0.6745, abs=0.05)
    with pytest.raises(DataError, match="row 1, draws = nan"):
        Estimate.from_draws([1, np.nan])
    with pytest.raises(
        ValueError, match=r"level must be a share between 0 and 1, not 95\. 95 % is"
    ):
        Estimate.from_draws([1, 2], level=95)
    with pytest.raises(ValueError, match="two or more"):
        Estimate.from_draws([1])


def test_an_estimate_is_written_by_a_format():
    e = Estimate(0.7251, 0.01, 0.7012, 0.7493, 1250)
    assert f"{e:.2f}" == "0.73 (0.70 to 0.75, n = 1,250)"
    assert f"{e:.0%}" == "73% (70% to 75%, n = 1,250)"
    assert f"{e}" == str(e)


def test_a_warning_points_at_the_readers_line():
    with pytest.warns(UserWarning) as said:
        weighted_index(pd.Series([3, 3, 3]))
    assert [w.filename for w in said] == [__file__]
