"""What counts as a column, a number, a rate, a choice; and that every refusal says what to do."""

import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from crmlib import validate
from crmlib.errors import DataError

THREE = [1.0, np.nan, 3.0]
NUMBERS = {
    "list": [1, None, 3],
    "tuple": (1, np.nan, 3),
    "array": np.array(THREE),
    "Int64": pd.Series([1, None, 3], dtype="Int64"),
    "Float32": pd.Series([1, None, 3], dtype="Float32"),
    "objects": pd.Series([1, None, 3.0], dtype=object),
    "decimals": pd.Series([Decimal(1), None, Decimal(3)]),
    "fractions": pd.Series([Fraction(1), None, np.float32(3)], dtype=object),
    "missing of pandas": pd.Series([1, pd.NA, 3], dtype=object),
    "category": pd.Series([1, None, 3], dtype="category"),
    "ordered category": pd.Series(pd.Categorical([1, None, 3], [1, 2, 3], ordered=True)),
}
NO_NUMBERS = {
    "text": (["1", None, "x"], "row 0, v = 1: text, not a number(.|\n)*row 2, v = x"),
    "text of digits": (["1", "2"], "row 1, v = 2: text"),
    "text among numbers": ([1, "2 kg"], "1 problem(.|\n)*row 1, v = 2 kg: text"),
    "yes": ([True, False], r"v: is bool, yes and no, not numbers(.|\n)*astype\(int\)"),
    "yes of pandas": (pd.array([True, None], dtype="boolean"), "v: is boolean, yes and no"),
    "yes among numbers": (pd.Series([1, True], dtype=object), "row 1, v = True: yes or no"),
    "category of text": (pd.Series(["1", "2"], dtype="category"), "text, not a number"),
    "category of yes": (pd.Series([True, False], dtype="category"), "yes or no, not a number"),
    "dates": (pd.to_datetime(["2024-01-01"]), "v: is datetime64.*, not numbers"),
    "durations": (pd.to_timedelta([1], unit="D"), "v: is timedelta64.*, not numbers"),
    "complex": (np.array([1j]), "v: is complex128, not numbers"),
    "lists": (pd.Series([[1], [2]]), r"row 0, v = \[1\]: not a number"),
    "a table of them": (np.ones((2, 2)), "v: has 2 dimensions"),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_come_in_many_types_and_mean_one_thing(kind):
    column = validate.numbers(NUMBERS[kind], "v")
    assert column.dtype == float and column.name == "v"
    np.testing.assert_array_equal(column, THREE)


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_what_is_no_number_is_refused_by_its_row(kind):
    values, message = NO_NUMBERS[kind]
    with pytest.raises(DataError, match=message):
        validate.numbers(values, "v")


@pytest.mark.parametrize("kind", ["int64", "double", "decimal128(5, 2)", "bool", "string"])
def test_arrow_columns_mean_what_pandas_columns_mean(kind):
    pa = pytest.importorskip("pyarrow")
    types = {"decimal128(5, 2)": pa.decimal128(5, 2), "double": pa.float64()}
    arrow = pd.ArrowDtype(types.get(kind) or getattr(pa, f"{kind}_" if kind == "bool" else kind)())
    raw = {"bool": [True, None], "string": ["1", None], "decimal128(5, 2)": [Decimal(1), None]}
    column = pd.Series(raw.get(kind, [1, None]), dtype=arrow, name="v")
    if kind in ("bool", "string"):
        with pytest.raises(DataError, match="yes and no" if kind == "bool" else "row 0.*text"):
            validate.numbers(column)
    else:
        np.testing.assert_array_equal(validate.numbers(column), [1.0, np.nan])


def test_numbers_keep_index_and_name_and_do_not_touch_what_came():
    came = pd.Series([1, 2], index=["ann", "bo"], name="q1", dtype="category")
    before = came.copy()
    column = validate.numbers(came, "ratings")
    column[:] = 9.0
    assert column.index.tolist() == ["ann", "bo"] and column.name == "q1"
    pd.testing.assert_series_equal(came, before)
    array = np.array([1.0, 2.0])
    column = validate.numbers(array)
    column[:] = 9.0
    assert array.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("values", [[], np.array([]), pd.Series([], dtype=object)])
def test_no_numbers_are_no_mistake_here(values):
    assert validate.numbers(values).empty


@pytest.mark.parametrize("values", [7, None, "123", {"a": 1}, pd.DataFrame({"a": [1]})])
def test_what_is_no_column_is_refused(values):
    for kind in (ValueError, TypeError):
        with pytest.raises(kind, match=r"^v must be one column, list or array of numbers, not "):
            validate.numbers(values, "v")


def test_finite_names_what_is_missing_or_infinite():
    with pytest.raises(
        DataError, match=r"row b, v = nan: missing or infinite(.|\n)*row c, v = inf"
    ):
        validate.finite(pd.Series([1, None, np.inf], list("abc"), name="v"))
    with pytest.raises(DataError, match="What to do: Ask again"):
        validate.finite([None], advice="Ask again.")


def test_yes_and_no_are_one_and_zero_where_they_are_asked_for():
    for values in ([True, False], np.array([1, 0]), pd.array([True, False], dtype="boolean")):
        assert validate.zero_one(values).tolist() == [1.0, 0.0]
    with pytest.raises(DataError, match=r"row 1, v = 2\.0: neither 0 nor 1"):
        validate.zero_one([1, 2], "v")
    with pytest.raises(DataError, match="row 1, v = nan: missing"):
        validate.zero_one(pd.array([True, None], dtype="boolean"), "v")


def test_a_row_of_several_levels_is_named_whole():
    index = pd.MultiIndex.from_tuples([(1, "C1"), (2, "C1")], names=["wave", "customer_id"])
    with pytest.raises(DataError, match=r"row \(2, 'C1'\), recommend = nan: missing"):
        validate.finite(pd.Series([9.0, None], index, name="recommend"))


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (validate.rate, 12, "must be a share from 0 to below 1, not 12. 12 % is 0.12."),
        (validate.rate, 1, "must be a share from 0 to below 1, not 1. 1 % is 0.01."),
        (validate.rate, -0.1, "must be a share from 0 to below 1, not -0.1."),
        (validate.rate, np.nan, "must be a share from 0 to below 1, not nan."),
        (validate.rate, "12%", "must be a share from 0 to below 1, not '12%'."),
        (validate.share, 30, "must be a share from 0 to 1, not 30. 30 % is 0.3."),
        (validate.share, -1, "must be a share from 0 to 1, not -1."),
        (validate.number, True, "must be one number, not True."),
        (validate.number, np.inf, "must be one number, not inf."),
        (validate.number, 10**400, f"must be one number, not int ({'1' + '0' * 39} ...)."),
        (validate.number, [1], "must be one number, not [1]."),
        (validate.number, pd.NA, "must be one number, not <NA>."),
        (validate.number, None, "must be one number, not None."),
        (validate.positive, 0, "must be a number above zero, not 0."),
        (validate.whole_number, 2.5, "must be a whole number from 1 up, not 2.5."),
        (validate.whole_number, 0, "must be a whole number from 1 up, not 0."),
        (validate.whole_number, "2", "must be a whole number from 1 up, not '2'."),
    ],
)
def test_an_argument_is_named_with_what_came_and_what_is_allowed(check, value, message):
    with pytest.raises(ValueError) as caught:
        check(value, "x")
    assert str(caught.value) == f"x {message}"
    assert not isinstance(caught.value, DataError)


def test_arguments_that_are_allowed_come_back_as_plain_numbers():
    assert [validate.rate(r) for r in (0, 0.12, np.float32(0.5))] == [0.0, 0.12, 0.5]
    assert [validate.share(s, "s") for s in (0, 1, np.int64(1))] == [0.0, 1.0, 1.0]
    assert validate.positive(0, "x", zero=True) == 0.0
    assert validate.positive(Fraction(1, 2), "x") == 0.5
    assert validate.whole_number(3.0, "x") == validate.whole_number(np.int8(3), "x") == 3
    assert validate.whole_number(10**30, "x") == 10**30
    assert type(validate.whole_number(np.float64(3), "x")) is int
    for end in (0, 1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            validate.share(end, "x", ends=False)


def test_a_whole_number_may_have_an_upper_end():
    assert validate.draws(500) == 500
    for n in (19, 10_001, 20.5):
        with pytest.raises(ValueError, match="n must be a whole number from 20 to 10,000, not"):
            validate.draws(n)


def test_a_table_in_an_argument_is_not_written_out():
    with pytest.raises(ValueError) as caught:
        validate.number(pd.DataFrame(np.ones((50, 50))), "x")
    assert len(str(caught.value)) < 120 and "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["u ", "U", None, 3, ["u"], np.array(["u", "p"]), pd.Series("u")])
def test_a_choice_is_one_of_those_allowed(value):
    with pytest.raises(ValueError, match=r"^kind must be 'u' or 'p', not "):
        validate.choice(value, ("u", "p"), "kind")
    assert validate.choice("u", {"u": 1, "p": 2}, "kind") == "u"


def test_the_nearest_choice_is_suggested_and_no_far_one():
    units = ["day", "week", "month", "year"]
    with pytest.raises(ValueError, match=r"'month' or 'year', not 'weeks'\. Did you mean 'week'"):
        validate.choice("weeks", units, "unit")
    with pytest.raises(ValueError) as caught:
        validate.choice("fortnight", units, "unit")
    assert "Did you mean" not in str(caught.value)


def test_columns_are_there_once():
    assert validate.columns(["a", "b"], ["b"]) is None
    with pytest.raises(DataError) as caught:
        validate.columns(["Customer ID", "amount", "x"], ["customer_id", "when"], advice="Say so.")
    assert str(caught.value).splitlines() == [
        "2 problems in the data.",
        "  customer_id: there is no such column; the nearest is 'Customer ID'",
        "  when: there is no such column",
        "What to do: There are 'Customer ID', 'amount', 'x'. Say so.",
    ]
    with pytest.raises(DataError, match="a: two items have this name"):
        validate.columns(["a", "a", "b"], ["a"], what="item")
    assert validate.columns(["a", "a", "b"], ["b"]) is None
    with pytest.raises(DataError, match=r"'9', '10', '11' \.\.\."):
        validate.columns(map(str, range(40)), ["z"])


def test_a_table_is_a_dataframe_with_rows_and_different_names():
    with pytest.raises(DataError, match="data: is empty"):
        validate.table(pd.DataFrame({"a": []}), "data")
    assert validate.table(pd.DataFrame({"a": []}), "data", rows=False).empty
    with pytest.raises(DataError, match="a: two columns have this name"):
        validate.table(pd.DataFrame([[1, 2]], columns=["a", "a"]), "data")
    for wrong in (np.ones((2, 2)), pd.Series([1]), [[1]], None, "table.csv"):
        with pytest.raises(TypeError, match="data must be a DataFrame, not"):
            validate.table(wrong, "data")


INDEX = pd.Index(["ann", "bo", "cy"])


def test_series_meet_by_their_labels_and_lists_by_their_order():
    turned = pd.Series([3, 2, 1], INDEX[::-1])
    assert validate.aligned(turned, INDEX, "y", "X").tolist() == [1, 2, 3]
    assert validate.aligned(np.array([1, 2, 3]), INDEX, "y", "X").index.equals(INDEX)
    twice = pd.Index(["ann", "ann"])
    assert validate.aligned(pd.Series([1, 2], twice), twice, "y", "X").tolist() == [1, 2]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pd.Series([1, 2, 3]), "6 problems(.|\n)*y = 0: is not in the index of X"),
        (pd.Series([1, 2], INDEX[:2]), "1 problem(.|\n)*X = cy: is not in the index of y"),
        (pd.Series([1, 2, 3], ["bo", "bo", "ann"]), "X = cy: is not in"),
        (pd.Series([1, 2, 3, 4], [*INDEX, "ann"]), "more than once, in another order"),
        ([1, 2], "has 2 values for 3 rows of X"),
        (pd.Series([1], pd.MultiIndex.from_tuples([(1, 2)])), r"y = \(1, 2\): is not in"),
    ],
)
def test_what_does_not_belong_together_is_refused(values, message):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DataError, match=message):
            validate.aligned(values, INDEX, "y", "X")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, -1, 1], "row bo, weights = -1.0: negative"),
        ([1, None, 1], "row bo, weights = nan: negative, missing"),
        ([0, 0, 0], "are all zero"),
        (["1", "1", "1"], "text, not a number"),
        ([True, False, True], "yes and no"),
        ([1, 1], "2 values for 3 rows"),
        (pd.Series([1, 1, 1]), "is not in the index of ratings"),
    ],
)
def test_weights_are_numbers_from_zero_up(values, message):
    with pytest.raises(DataError, match=message):
        validate.weights(values, INDEX, other="ratings")


def test_weights_that_are_none_at_all():
    with pytest.raises(ValueError, match="weights must be one column"):
        validate.weights(3, INDEX, other="ratings")
