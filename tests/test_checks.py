"""Every check answers the right answer, the stub, and the usual mistakes, each in its own words."""

import decimal
import fractions
import math
import textwrap

import numpy as np
import pandas as pd
import pytest
from odd_answers import ODD

from crmlib import Estimate, checks, paths
from crmlib.course.checks import (
    Choice,
    Function,
    Ids,
    Integer,
    Model,
    Number,
    Table,
    Task,
    Values,
)

SETS = sorted(path.stem for path in (paths.EXERCISES / "checks").glob("[!_]*.py"))


class Fitted:
    """A stand-in for a model: a class and its params_."""

    def __init__(self, *params):
        if params:
            self.params_ = pd.Series(params, dtype=float)


def make(kind, right):
    def answer():
        return right

    return Task(answer, kind, means="Fine.", hints=("Think.",))


def feedback(kind, right, answer):
    return make(kind, right).judge(answer)[1]


CUSTOMERS = pd.Series([1.5, 2.25, np.nan], index=pd.Index([4, 9, 18], name="customer_id"))
KINDS = {
    "number": (Number(), 0.24302),
    "integer": (Integer(), 93),
    "choice": (Choice("first", "second"), "second"),
    "values": (Values("customers"), CUSTOMERS),
    "table": (Table("customers"), CUSTOMERS.rename("x").to_frame()),
    "ids": (Ids("customers"), {4, 9}),
    "function": (Function((1,), (2.0,)), math.sqrt),
    "model": (Model(), Fitted(0.2, 4.4)),
}


def test_there_are_sets_of_checks_and_an_unknown_one_is_refused():
    assert SETS
    with pytest.raises(ValueError, match=f"no checks called 'nonsense'.*{SETS[0]}"):
        checks.of("nonsense")


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_survives_odd_answers(name):
    kind, right = KINDS[name]
    assert feedback(kind, right, right) == "Right. Fine."
    assert feedback(kind, right, ...).startswith("Not tried yet")
    for odd in ODD:
        assert feedback(kind, right, odd).startswith("Not yet"), repr(odd)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (0.243, 0.24302),
        (0.24, 0.2403),  # typed as 0.240
        (0.2437, 0.24378),  # cut rather than rounded
        (0.051, 0.0512),
        (12.3, 12.345),
        (1935, 1935.4),
        (np.float32(0.24302), 0.24302),
        (decimal.Decimal("0.243"), 0.24302),
        (fractions.Fraction(1, 4), 0.25),
        (Estimate.normal(0.25, 0.1, 30), 0.25),
        (0, 0.0),
        (-4.21, -4.2149),
    ],
)
def test_sensible_rounding_is_right(answer, right):
    assert feedback(Number(), right, answer) == "Right. Fine."


def test_nothing_but_zeros_is_not_called_rounded():
    assert "rounded" not in feedback(Values(), pd.Series([0.2, 0.4]), pd.Series([0.0, 0.0]))
    assert "rounded too far" in feedback(Values(), pd.Series([0.24, 0.42]), pd.Series([0.2, 0.4]))


def test_zeros_that_are_not_shown_are_no_cut():
    assert "rounded too far" in feedback(Number(), 0.20084, 0.2)
    assert feedback(Number(), 0.20084, 0.2008) == "Right. Fine."


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (24.302, "percentage"),
        (24.3, "percentage"),
        (0.24302 / (1 - 0.24302), "odds"),
        (1.7, "between 0 and 1"),
        (0.24, "three digits"),
        (0.2, "three digits"),
        (0.244, "too high"),
        (0.2, "three digits"),
        (0.1, "too low"),
        ("24.3 %", "a text"),
        (None, "None (did a cell print"),
        (np.array([0.243]), ".item()"),
        (pd.Series([0.243]), "a Series with one value"),
        (float("nan"), "missing value"),
    ],
)
def test_a_share_that_is_not_right_is_told_why(answer, words):
    assert words in feedback(Number(share=True), 0.24302, answer)


@pytest.mark.parametrize(
    ("kind", "right", "answer", "words"),
    [
        (Number(), 2.5, -2.5, "sign"),
        (Integer(), 93, 92, "off by one"),
        (Integer(), 93, 92.7, "whole number"),
        (Integer(), 93, 9, "too low"),
        (Choice("a", "b"), "a", "c", "'c' is not among the options: 'a', 'b'"),
        (Choice("a", "b"), "a", 1, "in quotes"),
        (Values("customers"), CUSTOMERS, CUSTOMERS.to_frame(), "DataFrame"),
        (Values("customers"), CUSTOMERS, [1.5, 2.25], "a list"),
        (Values("customers"), CUSTOMERS, CUSTOMERS.astype(str), "dtype is str"),
        (Values("customers"), CUSTOMERS, CUSTOMERS.iloc[:2], "1 are missing, and 0 do not belong"),
        (Values("customers"), CUSTOMERS, CUSTOMERS.iloc[[0, 0, 1]], "twice, first 4"),
        (Values("customers"), CUSTOMERS, CUSTOMERS.reset_index(drop=True), "0, 1, 2 and so on"),
        (Values("customers"), CUSTOMERS, CUSTOMERS.rename(index=str), "type of the index"),
        (Values("customers"), CUSTOMERS, CUSTOMERS.rename({9: 10}), "1 do not belong: 10."),
        (Values("customers"), CUSTOMERS, CUSTOMERS * np.nan, "2 of 3 customers are NaN"),
        (
            Values("customers"),
            CUSTOMERS,
            CUSTOMERS.replace(2.25, 3.25),
            "the first is 9, with 3.25",
        ),
        (Table(), CUSTOMERS.to_frame("x"), CUSTOMERS.to_frame("y"), "missing: x"),
        (Table(), CUSTOMERS.to_frame("x"), CUSTOMERS.to_frame("x") + 1, "in column 'x'"),
        (Ids("customers"), [4, 9], [4, 4], "twice"),
        (Ids("customers"), [4, 9], [4, 9, 18], "too many"),
        (Ids("customers"), [4, 9], pd.Series([0.2, 0.1], index=[9, 4]), "in the index"),
        (Ids("customers"), [4, 9], {4, 18}, "1 customers do not belong"),
        (Ids("customers"), [4, 9], np.array([True, False]), "where it is True"),
        (Function((1,)), abs, lambda: 1, "should take 1 arguments"),
        (Function((0,)), abs, lambda x: 1 / x, "raises ZeroDivisionError"),
        (Function((-2,)), abs, lambda x: None, "returns None"),
        (Function((-2,)), abs, lambda x: x + 1, "For (-2) it returns -1"),
        (Function((-2,)), abs, lambda x: x, "the sign is turned round"),
        (Model(), Fitted(1, 2), Fitted, "a class (make an object of it: Fitted())"),
        (Model(), Fitted(1, 2), Fitted(), "not fitted yet"),
        (Model(), Fitted(1, 2), Fitted(1, 3), "other customers, dates or units"),
        (Model(), Fitted(1, 2), "BGNBD", "A fitted Fitted is wanted, and this is a text"),
    ],
)
def test_an_answer_that_is_not_right_is_told_why(kind, right, answer, words):
    assert words in feedback(kind, right, answer)


@pytest.mark.parametrize(
    ("kind", "right", "answer"),
    [
        (Integer(), 93, np.int64(93)),
        (Integer(), 93, 93.0),
        (Choice("First", "second"), "First", " first "),
        (Values(), CUSTOMERS, CUSTOMERS.sort_index(ascending=False).round(2)),
        (Values(), CUSTOMERS, CUSTOMERS * 1.0005),
        (
            Table(),
            CUSTOMERS.to_frame("x").assign(y=1),
            CUSTOMERS.to_frame("x").assign(y=1)[["y", "x"]],
        ),
        (Ids(), [4, 9], pd.Index([9, 4])),
        (Ids(), [4, 9], pd.Series([9, 4])),
        (Function((4,)), np.sqrt, lambda x: round(x**0.5, 3)),
        (Model(), Fitted(1, 2), Fitted(1.001, 2.001)),
    ],
)
def test_the_same_answer_in_another_dress_is_right(kind, right, answer):
    assert feedback(kind, right, answer) == "Right. Fine."


def test_a_stub_inside_a_function_is_not_tried():
    assert feedback(Function((1,)), abs, lambda x: ...).startswith("Not tried yet")


def test_the_hint_comes_with_the_second_miss_and_a_stub_is_no_miss(capsys):
    check = make(Number(), 2.5)
    for answer in (..., 1, ..., 2, 2.5):
        check(answer)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(".")[0].split(":")[0] for line in lines] == [
        "Not tried yet",
        "Not yet",
        "Not tried yet",
        "Not yet",
        "Hint",
        "Right",
    ]


def test_a_warning_inside_a_check_stays_inside(capsys):
    def loud():
        np.log(np.array([-1.0]))
        return 2.5

    Task(loud, Number(), means=lambda value: f"{value:.1f}", hints=("None.",))(2.5)
    seen = capsys.readouterr()
    assert (seen.out, seen.err) == ("Right. 2.5\n", "")


def test_the_right_answer_follows_the_data(tmp_path, monkeypatch):
    source = """
    from pathlib import Path
    from crmlib.course.checks import Number, choose, recipe

    @recipe(Number(), means="Fine.", hints=("A.", "B.", "C."))
    def total(*, times=choose(1, {2: "You took it 2 times."})):
        return times * float(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"))
    """
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "one.py").write_text(textwrap.dedent(source), encoding="utf-8")
    monkeypatch.setattr(paths, "EXERCISES", tmp_path)
    for seed in (3.0, 7.0):
        (folder / "one.txt").write_text(str(seed), encoding="utf-8")
        checks.of("one").total.grade(seed)
    with pytest.raises(AssertionError, match="too low"):
        checks.of("one").total.grade(3.0)
