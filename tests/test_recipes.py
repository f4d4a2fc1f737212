"""Recipes: every mistake is told from the right answer and named, and nothing gives the answer away."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from crmlib import checks, paths
from crmlib.course.checks import (
    Choice,
    Function,
    Ids,
    Integer,
    Model,
    Number,
    Table,
    Values,
    choose,
    proof,
    recipe,
    recipes,
)

HINTS = ("A nudge.", "Where to look.", "A plan.")


def make(kind, way, **more):
    return recipe(kind, means="Fine.", hints=HINTS, **more)(way)


def promoters():
    """Two decisions, each with wrong options: an answer that every test can follow by hand."""
    scores = {"last wave": [10, 9, 9, 8, 8, 8, 3], "all waves": [10, 10, 9, 8, 8, 6, 5, 5, 4, 1, 0]}

    @recipe(Number(share=True), means=lambda share: f"{share:.0%}.", hints=HINTS)
    def promoters(
        *,
        rows=choose("last wave", {"all waves": "You took all waves; the last is asked."}),
        border=choose(9, {8: "You counted 8 as a promoter.", 10: "You left out the 9: only 10."}),
    ):
        """Share of promoters."""
        return np.mean(np.array(scores[rows]) >= border)

    return promoters


# The proof


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"two": (1.0, "You took two.")}, "way=two: its answer is taken for right"),
        ({"two": (1.0004, "You took two.")}, "way=two: its answer is taken for right"),
        ({"two": (0.9996, "You took two.")}, "way=two: its answer is taken for right"),
        (
            {"two": (5.0, "You took two."), "three": (5.0, "You took three.")},
            "way=two and way=three lead to the same answer",
        ),
        ({"two": (5.0, "You took something.")}, "way=two: its message does not contain"),
        (
            {"two": (5.0, "You took two, not three."), "three": (7.0, "Not two but three.")},
            "way=two and way=three: nobody would notice their messages exchanged",
        ),
        ({"nothing": (float("nan"), "You took nothing.")}, "way=nothing: its answer is told"),
    ],
)
def test_the_proof_sees(options, fault):
    messages = {name: message for name, (_, message) in options.items()}

    def answer(*, way=choose("right", messages)):
        return 1.0 if way == "right" else options[way][0]

    assert any(found.startswith(fault) for found in proof.faults(make(Number(), answer)))


def test_the_proof_sees_a_slip_that_changes_nothing():
    def half(*, way=choose(0.5, {0.7: "You took 0.7."})):
        return way

    (fault,) = proof.faults(make(Number(share=True), half))
    assert fault.startswith("a slip is taken for right: This is the rest")


# What a student is told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (3 / 7, "Right. 43%."),
        (0.429, "Right. 43%."),
        (6 / 7, "You counted 8 as a promoter."),
        (3 / 11, "You took all waves; the last is asked."),
        (
            5 / 11,
            "Two things together would give this: (1) You took all waves; the last is asked. "
            "(2) You counted 8 as a promoter.",
        ),
        (300 / 7, "This looks like a percentage"),
        (4 / 7, "This is the rest"),
        (-3 / 7, "the sign is turned round"),
        (7 / 3, "the fraction stands upside down"),
        (
            600 / 7,
            "(1) You counted 8 as a promoter. (2) This looks like a percentage",
        ),
        (0.4, "rounded too far"),
        (1, "too high"),
        (0, "too low"),
        (0.3333, "too low"),
    ],
)
def test_what_fits_is_named(answer, told):
    text = promoters().judge(answer)[1]
    assert told in text
    assert ("Two things" in text) == ("(2)" in told)


def test_pairs_are_computed_only_when_nothing_simpler_fits_and_each_once():
    ways = []

    def answer(*, a=choose(2, {3: "You took 3."}), b=choose(5, {7: "You took 7."})):
        ways.append((a, b))
        return float(a * b)

    task = make(Number(), answer)
    assert not ways
    task.judge(10.0)
    assert ways == [(2, 5)]
    task.judge(15.0)
    task.judge(-10.0)
    assert (3, 7) not in ways
    for _ in range(2):
        assert "Two things" in task.judge(21.0)[1]
    assert sorted(ways) == [(2, 5), (2, 7), (3, 5), (3, 7)]


def test_two_pairs_that_both_fit_are_not_named():
    def answer(
        *, a=choose(2, {3: "You took 3."}), b=choose(6, {4: "You took 4.", 8: "You took 8."})
    ):
        return 10 * a + (b - 6) ** 2

    assert "too high" in make(Integer(), answer).judge(34)[1]  # 3 with 4, and 3 with 8


def test_rounding_is_thought_of_before_two_mistakes():
    def answer(*, a=choose(0.243, {0.3: "You took 0.3."}), b=choose(1, {0.8: "You took 0.8."})):
        return a * b

    assert "rounded too far" in make(Number(), answer).judge(0.24)[1]  # which is 0.3 times 0.8 too


def test_a_series_rounded_too_far_is_told_so():
    def answer(*, a=choose(1, {2: "You took 2."})):
        return pd.Series([0.243, 0.518]) * a

    assert "rounded too far" in make(Values(), answer).judge(pd.Series([0.24, 0.52]))[1]


def test_a_student_does_not_wait_long_for_pairs(monkeypatch):
    monkeypatch.setattr(recipes, "_SECONDS", -1.0)
    assert promoters().judge(5 / 11)[1].endswith("The number is too high.")


def test_pairs_that_do_not_go_together_are_passed_over():
    def answer(*, a=choose(1, {0: "You took 0."}), b=choose(2, {3: "You took 3."})):
        if (a, b) == (0, 3):
            raise ZeroDivisionError
        return float(a + b)

    assert "too high" in make(Number(), answer).judge(77.0)[1]


def test_options_that_lead_to_the_same_answer_by_their_nature_are_both_offered():
    def answer(*, a=choose(2, {4: "You took 4."}), b=choose(3, {6: "You took 6."})):
        return float(a * b)

    assert proof.faults(make(Number(), answer)) == ["a=4 and b=6 lead to the same answer"]
    task = make(Number(), answer, alike=[("a=4", "b=6")])
    assert not proof.faults(task)
    told = "One of these would give this: (1) You took 4. (2) You took 6."
    assert task.judge(12.0)[1].endswith(told)


def test_a_wrong_method_is_not_accepted_through_rounding():
    def share(*, base=choose(1000, {1001.25: "You divided by 1001.25."})):
        return 240.3 / base

    task = make(Number(share=True), share)
    assert "You divided by 1001.25" in task.judge(0.24)[1]  # exactly what that way gives
    assert proof.faults(task)  # and the author is told that rounding hides it
    four = make(Number(share=True, digits=4), share)
    assert four.judge(0.2403)[0] == "right"
    assert not proof.faults(four)


def test_rounding_to_two_decimals_is_too_far_for_small_numbers():
    right = pd.Series([0.243, 0.518])
    kind = Values(share=True)
    assert checks.kinds.fits(kind, right.round(3), right + 0.0004)
    assert not checks.kinds.fits(kind, right.round(2), right)


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0, -1])
def test_a_plain_zero_or_one_is_never_called_rounded(value):
    for right in (0.4, 0.6, 1.3, -0.7):
        assert (
            "rounded" not in make(Number(), lambda *, a=choose(right, {9: "9."}): a).judge(value)[1]
        )


@pytest.mark.parametrize(
    ("per", "factor", "unit"),
    [("year", 1 / 12, "month"), ("month", 12, "year"), ("week", 365.25 / 7, "year")],
)
def test_a_rate_per_another_unit_is_named(per, factor, unit):
    task = make(Number(per=per), lambda *, a=choose(3.7, {9: "9."}): a)
    assert f"per {unit}" in task.judge(3.7 * factor)[1]
    with pytest.raises(ValueError, match="per='fortnight'"):
        Number(per="fortnight")


TABLE = pd.DataFrame({"x": [0.2, 0.5], "y": [0.3, 0.7]}, index=["a", "b"])
KINDS = {
    "number": (Number(), 2.5, 3.5),
    "integer": (Integer(), 93, 97),
    "a share for a count": (Integer(), 93, 0.31),
    "choice": (Choice("first", "second", "third"), "second", "third"),
    "values": (Values(share=True), TABLE.x, TABLE.x / 2),
    "values of other rows": (Values(), TABLE.x, TABLE.x.head(1)),
    "table": (Table(share=True), TABLE, TABLE / 2),
    "ids": (Ids(), {4, 9}, {4, 7}),
    "function": (Function((1.0,), (2.0,)), lambda x: x + 1, lambda x: x + 2),
    "model": (Model(), SimpleNamespace(params_=[1.0, 2.0]), SimpleNamespace(params_=[1.0, 3.0])),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_recipe_works_for_every_kind(name):
    kind, right, wrong = KINDS[name]

    def answer(*, way=choose("right", {"other": "You went the other way."})):
        return right if way == "right" else wrong

    task = make(kind, answer)
    assert not proof.faults(task)
    assert task.judge(...)[0] == "not tried"
    assert "the other way" in task.judge(wrong)[1]
    assert task.judge(object())[0] == "not yet"


def test_slips_of_tables_and_functions_are_named():
    def table(*, way=choose(1, {2: "You took 2."})):
        return TABLE / way

    task = make(Table(share=True), table)
    assert "percentage" in task.judge(100 * TABLE)[1]
    assert "turn the table by .T" in task.judge(TABLE.T)[1]

    def function(*, way=choose(1, {2: "You took 2."})):
        return lambda x: x + way

    task = make(Function((1.0,), (2.0,)), function)
    assert "sign" in task.judge(lambda x: -x - 1)[1]
    assert "(1) You took 2. (2) The size is right" in task.judge(lambda x: -x - 2)[1]


def test_options_may_be_functions():
    def middle(*, by=choose(np.median, {np.mean: "This is the mean.", max: "This is the max."})):
        return float(by([1, 2, 6]))

    task = make(Number(), middle)
    assert list(task.messages) == ["by=mean", "by=max"]
    assert "This is the mean." in task.judge(3.0)[1]
    assert not proof.faults(task)


# What a student can see


@pytest.fixture
def check(tmp_path, monkeypatch):
    source = '''
from crmlib.course.checks import Number, choose, recipe

@recipe(Number(), means="Fine.", hints=("One.", "Two.", "Three."))
def total(*, of=choose(8642.5, {97531.5: "You took 97531.5."})):
    """The total."""
    return of
'''
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "one.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(paths, "EXERCISES", tmp_path)
    return checks.of("one")


def test_nothing_on_a_check_gives_the_answer(check):
    assert sorted(vars(check)) == ["total"]
    check.total(1.0)
    for one in vars(check).values():
        assert not hasattr(one, "__dict__")
        names = [name for name in dir(one) if name not in dir(object)]
        assert [n for n in names if not n.startswith("__")] == ["grade"]
        seen = [repr(one), str(one), *(repr(getattr(one, name)) for name in dir(one))]
        assert not [text for text in seen if re.search("8642|97531", text)]
        for name in ("right", "examples", "judge", "kind", "options", "wrong", "__wrapped__"):
            assert not hasattr(one, name), name
        with pytest.raises(AttributeError):
            one.right = 1.0


def test_a_check_judges_prints_and_grades(check, capsys):
    check.total(97531.5)
    assert "You took 97531.5." in capsys.readouterr().out
    assert check.total.grade(8642.5) is None
    with pytest.raises(AssertionError, match="too low"):
        check.total.grade(77.0)


def test_hints_come_one_by_one_and_the_last_one_stays(check, capsys):
    for answer in (1.0, ..., 2.0, 3.0, 4.0, 5.0, 8642.5):
        check.total(answer)
    hints = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Hint")]
    expected = ["1 of 3: One.", "2 of 3: Two.", "3 of 3: Three.", "3 of 3: Three."]
    assert hints == [f"Hint {text}" for text in expected]


# What an author is told


@pytest.mark.parametrize(
    ("way", "more", "words"),
    [
        (lambda: 1, {}, "has no decision"),
        (lambda *, a=3: a, {}, "a is no decision; write a=choose"),
        (lambda *, a=choose(1, {2: "2."}): a, {"hints": ("One.",)}, "three hints"),
        (lambda *, a=choose(1, {2: "2."}): a, {"alike": [("a=2", "a=5")]}, "a=5 is no option"),
    ],
)
def test_a_recipe_that_is_none_is_refused(way, more, words):
    with pytest.raises(ValueError, match=words):
        recipe(Number(), **{"means": "Fine.", "hints": HINTS, **more})(way)


def test_choices_that_are_none_are_refused():
    with pytest.raises(ValueError, match="at least one wrong option"):
        choose(1, {})
    with pytest.raises(ValueError, match="among the wrong ones"):
        choose(1, {1: "You took 1."})
