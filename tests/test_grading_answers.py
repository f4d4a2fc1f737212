"""Answers on their way to the judge: what arrives is what was sent, and nothing else does."""

import base64
import inspect
import json
import time
from contextlib import suppress
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.course.checks import Function, Ids, Number, Table, Values
from crmlib.course.checks.kinds import Miss, fits
from crmlib.course.grading import answers, inert, judge
from crmlib.course.grading.answers import Parcel, TooLarge, Unreadable, pack, unpack


def sent(value):
    """What the judge makes of a value; functions are called here, as the kernel would do it."""
    return unpack(Parcel(value)._text, lambda number, given: Parcel.of_call(number, given)._text)


DAYS = pd.date_range("2025-01-01", periods=3)
SCALARS = [
    *(None, True, False, 0, -7, 2**70, 0.1, -0.0, 1e308, float("inf"), "word", "石斛", ""),
    *(np.float64(0.1), np.int8(-3), np.bool_(True), np.uint64(2**64 - 1), Decimal("0.10")),
    *(pd.Timestamp("2025-06-30"), pd.Timedelta("3 days"), (1, "a"), [1.5, None], {"a", "b"}),
    frozenset({1}),
]


@pytest.mark.parametrize("value", SCALARS, ids=repr)
def test_a_value_arrives_as_it_was_sent(value):
    came = sent(value)
    assert came == value and type(came) is type(value)


def test_the_stub_arrives_as_the_stub_and_missing_as_missing():
    assert sent(...) is ...
    assert np.isnan(sent(float("nan"))) and sent(pd.NA) is pd.NA and sent(pd.NaT) is pd.NA


SHAPED = [
    pd.Series([1.5, np.nan, -0.0], index=["a", "b", "c"]),
    pd.Series([1, 2, 3], index=DAYS),
    pd.Series([1, None, 3], dtype="Int64"),
    pd.Series([True, None], dtype="boolean"),
    pd.Series(["a", "b", "a"], dtype="category"),
    pd.Series([0.5], index=pd.MultiIndex.from_tuples([("a", 1)])),
    pd.Series(DAYS, index=[3, 1, 2]),
    pd.Series([], dtype=float),
    pd.Series([1, 2], index=pd.period_range("2025-01", periods=2, freq="M")),
    pd.Series([1, 2], index=pd.CategoricalIndex(["x", "y"])),
    pd.Series([1, 2], index=pd.interval_range(0, 2)),
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=["p", "q"]),
    pd.DataFrame([[1, 2], [3, 4]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
    pd.DataFrame([[1, 2]], columns=["same", "same"]),
    pd.DataFrame(index=["a"]),
]


@pytest.mark.parametrize("value", SHAPED, ids=range(len(SHAPED)))
def test_a_table_arrives_with_its_index_its_types_and_its_values(value):
    came = sent(value)
    loosely = {"check_names": False, "check_freq": False, "check_index_type": False}
    if value.ndim == 1:
        pd.testing.assert_series_equal(came, value, **loosely, check_dtype=False)
        assert pd.api.types.is_numeric_dtype(came) == pd.api.types.is_numeric_dtype(value)
    else:
        pd.testing.assert_frame_equal(came, value, **loosely, check_column_type=False)


@pytest.mark.parametrize(
    "value", [np.arange(6).reshape(2, 3), np.array(["a", "b"]), np.array([]), np.array(1.5)]
)
def test_an_array_arrives(value):
    np.testing.assert_array_equal(sent(value), np.atleast_1d(value))


def test_an_index_a_range_and_views_arrive_as_what_they_list():
    assert sent(pd.RangeIndex(3)).tolist() == [0, 1, 2] == sent(range(3))
    assert sent({"a": 1, "b": 2}.keys()) == ["a", "b"]
    assert sent({"a": 1}) == {}  # a dict is no answer of any kind: its type is all that counts


def test_an_estimate_and_a_fitted_model_arrive():
    estimate = crm.Estimate(0.5, 0.1, 0.3, 0.7, 100)
    assert sent(estimate) == estimate
    model = crm.BGNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    came = sent(model)
    assert type(came).__name__ == "BGNBD" and came.params_.equals(model.params_.rename(None))
    assert not hasattr(sent(crm.BGNBD()), "params_")


def test_numbers_of_a_students_own_class_are_not_believed():
    class Sly(float):
        def __eq__(self, other):
            return True

        __hash__ = None

    class Other:
        def __eq__(self, other):
            return True

        __hash__ = None

    assert type(sent(Sly(0.5))) is float
    assert not fits(Number(), sent(Sly(0.5)), 0.7) and not fits(Number(), sent(Other()), 0.7)


def test_a_function_is_called_where_it_lives_and_never_twice_for_one_input():
    asked = []

    def double(x, more=1):
        asked.append(x)
        return pd.Series([2.0 * x])

    came = sent(double)
    assert list(inspect.signature(came).parameters) == ["x", "more"]
    assert came(2).item() == came(2).item() == 4.0 and asked == [2]
    kind = Function((1,), (2,), result=Values())
    kind.compare(came, lambda x: pd.Series([2.0 * x]))
    with pytest.raises(Miss, match="arguments"):
        Function((1, 2, 3)).compare(came, lambda *x: 1.0)


def test_an_error_in_a_function_is_told_by_its_name():
    with pytest.raises(Miss, match="raises ZeroDivisionError: division by zero"):
        Function((0,)).compare(sent(lambda x: 1 / x), lambda x: 1.0)
    Function((2,)).compare(sent(float), lambda x: 2.0)  # a class is called as well
    assert isinstance(sent(float), type)


def test_what_is_too_large_is_said_to_be():
    for value in (range(10**6), np.zeros((300, 300, 3)), pd.Series(range(60_000)), 1 << 5000):
        with pytest.raises(TooLarge):
            sent(value)
    assert len(sent("x" * 10**6)) == answers.MOST_TEXT


def test_many_numbers_of_one_hash_are_not_made():
    alike = [n * (2**61 - 1) for n in range(50, 20_000)]  # a set of them takes a minute
    assert len(set(sent(alike))) == len(alike)
    assert {type(one) for one in sent([*alike, *map(Decimal, alike)])} == {float}
    assert sent([2**63, 7]) == [2**63, 7]


def test_a_comparison_has_an_end_and_a_right_answer_stays_right(monkeypatch):
    class Endless:
        kind, right = Number(), 0.5

        def judge(self, answer):
            while True:
                with suppress(Exception):  # as checks do
                    time.sleep(0.01)

    monkeypatch.setattr(judge, "_tasks", lambda name: {"slow": Endless()})
    check = judge.Check("any", "slow", "x")
    assert check.judge(Parcel(0.5)._text, None, 0.05) == judge.Verdict(True, "Right.")
    wrong = check.judge(Parcel(0.7)._text, None, 0.05)
    assert wrong == judge.Verdict(False, "Not yet: to compare it takes too long.")


NUMBERS = base64.b64encode(np.zeros(2).tobytes()).decode()
FORGED = [
    "",
    "null",
    "[]",
    '{"k": "float"}',
    '{"k": "no such kind"}',
    '{"k": ["list"]}',
    "[" * 100_000,
    '{"k": "list", "n": "list", "v": ' * 500 + "[]" + "}" * 500,
    '{"k": "int", "v": "' + "9" * 100_000 + '"}',
    '{"k": "float", "v": NaN}',
    json.dumps({"k": "array", "n": "float64", "s": [10**9, 10**9], "v": NUMBERS}),
    json.dumps({"k": "array", "n": "object", "s": [2], "v": NUMBERS}),
    json.dumps({"k": "series", "i": {"d": "O8", "b": NUMBERS}, "v": {"d": "float64", "b": NUMBERS}}),
    json.dumps({"k": "frame", "i": {"d": "int64", "b": NUMBERS}, "c": {"d": "object", "v": []},
                "v": [{"d": "float64", "b": NUMBERS}]}),
    json.dumps({"k": "model", "n": "BGNBD", "p": {"i": 1, "v": 2}}),
    json.dumps({"k": "decimal", "v": "no number"}),
    json.dumps({"k": "estimate", "v": ["0x1p0"] * 4}),
    json.dumps({"k": "function", "n": "f", "p": [["x", 99, False]], "i": 0, "class": False}),
]  # fmt: skip


@pytest.mark.parametrize("text", FORGED, ids=range(len(FORGED)))
def test_forged_text_is_refused_in_one_way(text):
    with pytest.raises(Unreadable):
        unpack(text, None)


def test_a_forged_name_makes_no_class_of_that_name():
    came = unpack(json.dumps({"k": "blank", "n": "<script>"}), None)
    assert type(came).__name__ == "object"
    assert type(unpack(json.dumps({"k": "blank", "n": "Foo"}), None)).__name__ == "Foo"


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (Values(), pd.Series([0.5, 1.5], index=["a", "b"]), pd.Series([0.5], index=["a"])),
        (Table(), pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]})),
        (Ids(), pd.Index(["00004", "00018"]), [4, 18]),
        (Ids(), {"a", "b"}, [["a"], ["b"]]),
        (Number(), 0.12345, np.array([0.12345])),
    ],
)
def test_a_kind_says_the_same_of_what_arrived(kind, right, wrong):
    kind.compare(sent(right), right)
    messages = []
    for answer in (wrong, sent(wrong)):
        with pytest.raises(Miss) as miss:
            kind.compare(answer, right)
        messages.append(str(miss.value))
    assert messages[0] == messages[1]


def test_pack_writes_nothing_but_json():
    for value in [*SCALARS, *SHAPED, print, object()]:
        json.dumps(pack(value), allow_nan=False)


# pages


@pytest.mark.parametrize(
    "said",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](http://evil.example/pixel.png)",
        "[x](javascript:alert(1))",
        "<http://evil.example>",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "$\\href{javascript:alert(1)}{x}$",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "> <b onclick=x>quoted</b>",
        "\x1b]8;;http://evil.example\x07click",
    ],
)
def test_a_students_markdown_acts_on_nothing(said):
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    page = markdown2html_mistune(inert.markdown(said))
    assert not [tag for tag in ("<script", "<img", "<a ", "<b ", "\\href") if tag in page], page


def test_emphasis_lists_tables_and_the_stub_stay_as_they_are():
    stub = "*Write your answer here, in place of this line.*"
    assert inert.markdown(stub) == stub
    text = "**Yes**\n\n- one\n- two & three\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert inert.markdown(text) == text.replace("&", "&amp;")


def test_of_outputs_only_text_and_checked_pictures_stay():
    from nbformat.v4 import new_output

    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    good = base64.b64encode(head + (5).to_bytes(4, "big") * 2 + b"rest").decode()
    forged = base64.b64encode(b"<svg onload=alert(1)>" + b" " * 20).decode()
    rich = {"text/html": "<script>", "image/svg+xml": "<svg>", "text/plain": "2.0"}
    found = [
        new_output("execute_result", data=rich, execution_count=1),
        new_output("display_data", data={"image/png": good, "application/javascript": "x"}),
        new_output("display_data", data={"image/png": forged}),
        new_output("error", ename="<b>", evalue="\x1b[31mred", traceback=["\x1b[31mred"]),
        new_output("stream", text="plain \u202ereversed"),
    ]
    kept = inert.outputs(found)
    assert [one.get("data") for one in kept] == [
        {"text/plain": "2.0"},
        {"image/png": good},
        None,
        None,
    ]
    assert {one.output_type for one in kept} == {"display_data", "error", "stream"}
    assert kept[2].ename == "Error" and kept[2].evalue == "red" and kept[3].text == "plain reversed"
