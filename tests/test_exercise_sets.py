"""Every exercise set, on the shipped tables and on class sets: its checks know right from wrong.

What a set computes is kept for all its tests: the wrong ways of thirty sets take minutes.
"""

import contextlib
import io
import itertools
import re
import shutil
from types import SimpleNamespace

import nbformat
import pytest
from odd_answers import ODD

import crmlib as crm
from crmlib import paths
from crmlib.course.checks import Recipe, proof, recipes, tasks
from crmlib.course.grading import exam, public

FILES = {path.stem: path for path in (paths.EXERCISES / "checks").glob("[!_]*.py")}
SETS = sorted(FILES)


def instructor_copy(name):
    path = paths.EXERCISES / "instructor" / f"ex_{name}" / f"ex_{name}.ipynb"
    return path, nbformat.read(path, as_version=4)


def uses_the_running_case(name):
    path, _ = instructor_copy(name)
    return any("shihu/" in file.read_text("utf-8") for file in (path, FILES[name]))


@pytest.fixture(scope="module", params=SETS)
def exercise(request):
    return tasks.load(request.param)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(recipes, "_SECONDS", 0.0)  # no answer here is two mistakes at once


def faults(exercise):
    assert all(isinstance(task, Recipe) for task in exercise.values())
    return {key: found for key, task in exercise.items() if (found := proof.faults(task))}


def test_there_are_sets_and_some_use_the_running_case():
    assert "2_4_buy_till_you_die" in CLASS_SETS and len(CLASS_SETS) < len(SETS)


def test_every_mistake_is_told_from_the_right_answer(exercise):
    assert not faults(exercise)


@pytest.mark.slow
def test_every_check_knows_right_stub_and_mistakes(exercise, capsys):
    assert len(exercise) >= 3
    for name, check in exercise.items():
        answers = check.examples()
        right = answers.pop("right")
        assert len(answers) >= 3, name
        assert check.judge(right)[0] == "right", name
        assert check.grade(right) is None
        check(...)
        assert capsys.readouterr().out.startswith("Not tried yet"), name
        with pytest.raises(AssertionError, match="Not tried yet"):
            check.grade(...)
        assert len(set(check.messages.values())) == len(answers), name
        for mistake, answer in answers.items():
            check(answer)
            assert check.messages[mistake] in capsys.readouterr().out, f"{name}: {mistake}"
            with pytest.raises(AssertionError, match="Not yet"):
                check.grade(answer)


@pytest.mark.slow
def test_every_check_survives_odd_answers(exercise):
    for name, check in exercise.items():
        for odd in ODD:
            assert check.judge(odd)[0] == "not yet", f"{name}: {odd!r}"


def test_two_messages_exchanged_are_noticed(exercise):
    for task in exercise.values():
        for one, two in itertools.combinations(task.options, 2):
            swapped = {
                one: task.options[one]._replace(message=task.messages[two]),
                two: task.options[two]._replace(message=task.messages[one]),
            }
            words = list(proof._words(SimpleNamespace(options=swapped)))
            assert any("does not contain the words" in fault for fault in words), (one, two)


@pytest.mark.parametrize("name", SETS)
def test_no_hint_is_the_line_itself(name):
    cells = instructor_copy(name)[1].cells
    solutions = "\n".join(c.source for c in cells if "BEGIN SOLUTION" in c.source)
    lines = {re.sub(r"\s", "", line.split(" = ", 1)[-1]) for line in solutions.splitlines()}
    for task in tasks.load(name).values():
        assert len(task.hints) == len(set(task.hints)) == 3
        for hint in task.hints:
            assert not re.search(r"[._]\w+\(| = ", hint), f"{task.name}: code in {hint!r}"
            assert not any(len(line) > 8 and line in re.sub(r"\s", "", hint) for line in lines)


# Class sets: the running case made from other seeds

CLASS_SETS = [name for name in SETS if uses_the_running_case(name)]


BOTH = list(itertools.product(CLASS_SETS, ["seed_7", "seed_42"]))
FIRST = [case for case in BOTH if case[1] == "seed_7"]


@pytest.fixture(scope="module")
def class_set(request):
    name, seed = request.param
    return name, tasks.load(name), request.getfixturevalue(seed)


@pytest.fixture
def on_a_class_set(class_set, monkeypatch):
    name, exercise, tables = class_set
    monkeypatch.setenv("CRMLIB_DATA", str(tables))
    return name, exercise


@pytest.mark.slow
@pytest.mark.parametrize("class_set", BOTH, ids="-".join, indirect=True)
def test_every_mistake_is_told_from_the_right_answer_of_a_class_set(on_a_class_set):
    _, exercise = on_a_class_set
    assert not faults(exercise)


@pytest.mark.slow
@pytest.mark.parametrize("class_set", FIRST, ids="-".join, indirect=True)
def test_the_instructor_s_answers_are_right_on_a_class_set(on_a_class_set, monkeypatch):
    name, exercise = on_a_class_set
    path, nb = instructor_copy(name)
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(crm.checks, "of", lambda _: SimpleNamespace(**exercise))
    names, said, stored = {"__name__": "__main__"}, [], []
    for cell in nb.cells:
        if cell.cell_type == "code":
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(cell.source, names)
            if cell.source.startswith("check."):
                said.append(printed.getvalue())
                stored.append("".join(output.text for output in cell.outputs))
                assert said[-1].startswith("Right."), cell.source
    assert len(said) == len(exercise)
    assert said != stored  # the numbers are those of the class


# An exam: the firm from another seed, and a part of each public table

GIVEN = {  # tasks whose numbers stand in the text: they have one answer everywhere
    "2_2_five_points_of_retention": {"warm_up", "value", "dear"},
    "2_3_how_long_do_subscribers_stay": {"fitted", "twelve_years", "residual"},
    "2_6_what_is_a_move_worth": {"warm_up"},
    "2_7_put_it_to_work": {"warm_up"},
    "3_3_which_message_converts": {"per_page"},
    "4_4_needs_and_positions": {"large_kind", "tea_first"},
}
BY_CHANCE = {  # whole minutes; and three digits of one in some hundred tasks are the same
    "1_5_expectations_and_value": {"promises"},
    "2_3_how_long_do_subscribers_stay": {"adjusted_ratio"},
}


@pytest.fixture(scope="module")
def exam_tables(seed_7, tmp_path_factory):
    folder = shutil.copytree(seed_7, tmp_path_factory.mktemp("exam") / "class_set")
    public.draw(2**63 + 7, folder)
    return folder


@pytest.mark.slow
def test_shipped_answers_are_wrong_in_an_exam(exercise, exam_tables, monkeypatch, request):
    name = request.node.callspec.params["exercise"]
    known = {key: exam._right(task) for key, task in exercise.items()}
    monkeypatch.setenv("CRMLIB_DATA", str(exam_tables))
    same = {
        key
        for key, task in tasks.load(name).items()
        if exam._fits(task.kind, known[key], exam._right(task))
    }
    assert same == GIVEN.get(name, set()) | BY_CHANCE.get(name, set())
