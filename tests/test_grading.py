"""Student copies are fresh and run; a class of fake students is graded from end to end."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbgrader.api import Gradebook

from crmlib import DataError, paths
from crmlib.course import grading

pytestmark = pytest.mark.slow

SETS = grading.exercise_sets()
SET = "ex_2_4_buy_till_you_die"
EXERCISES = paths.EXERCISES


def notebook(role, name):
    return nbformat.read(EXERCISES / role / name / f"{name}.ipynb", as_version=4)


def cell(nb, grade_id):
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def graded(nb):
    return [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade")]


def test_student_copies_are_fresh(tmp_path):
    fresh = {path.relative_to(tmp_path): path.read_bytes() for path in grading.release(tmp_path)}
    student = EXERCISES / "student"
    committed = {path.relative_to(student): path.read_bytes() for path in student.glob("*/*.ipynb")}
    committed = {n: text for n, text in committed.items() if n.parts[0] != ".ipynb_checkpoints"}
    assert sorted(fresh) == sorted(committed), "run: uv run crmlib release"
    stale = [str(path) for path in fresh if fresh[path] != committed[path]]
    assert not stale, "run: uv run crmlib release"


@pytest.mark.parametrize("name", SETS)
def test_a_student_copy_holds_no_solution(name):
    instructor, student = notebook("instructor", name), notebook("student", name)
    text = "\n".join(c.source for c in student.cells)
    assert not re.search(r"BEGIN|END (SOLUTION|HIDDEN)|\.grade\(|Rubric|model answer", text)
    assert not any(c.get("outputs") or c.get("execution_count") for c in student.cells)
    assert [c.id for c in student.cells] == [c.id for c in instructor.cells]


@pytest.mark.parametrize("name", SETS)
def test_the_points_promised_are_the_points_given(name):
    nb = notebook("instructor", name)
    points = sum(c.metadata.nbgrader.points for c in graded(nb))
    by_hand = sum(c.metadata.nbgrader.points for c in graded(nb) if c.metadata.nbgrader.solution)
    assert f"{points} points, {by_hand} of them marked by hand" in nb.cells[0].source
    assert sum(map(int, re.findall(r"^## .*\((\d+) points\)", text(nb), re.M))) == points


def text(nb):
    return "\n".join(c.source for c in nb.cells)


@pytest.mark.parametrize("name", SETS)
def test_an_untouched_student_copy_runs(name, tmp_path):
    nb = notebook("student", name)
    NotebookClient(nb, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    checks = [c for c in graded(nb) if c.cell_type == "code"]
    assert len(checks) >= 4
    for check in checks:
        assert check.outputs and {output.name for output in check.outputs} == {"stdout"}
        said = "".join(output.text for output in check.outputs)  # a busy machine sends two pieces
        assert all(line.startswith("Not tried yet") for line in said.splitlines())


# A class of four


def all_right():
    """Every answer of the instructor, some text, and one check deleted by mistake."""
    nb, key = notebook("student", SET), notebook("instructor", SET)
    for c in nb.cells:
        if c.metadata.get("nbgrader", {}).get("solution") and c.cell_type == "code":
            c.source = cell(key, c.metadata.nbgrader.grade_id).source
    cell(nb, "advice_answer").source = "Do not delete them: they still buy."
    nb.cells.remove(cell(nb, "gone_check"))
    guard = 'import os\nassert os.path.isabs(os.environ["CRMLIB_DATA"])  # given as a relative path'
    nb.cells.insert(2, nbformat.v4.new_code_cell(guard))
    return nb


def half_right():
    """A right model, a usual mistake, untouched stubs, and a check rewritten to pass."""
    nb = notebook("student", SET)
    cell(nb, "warm_up_answer").source = (
        "last = log[log.date <= today].groupby('customer_id').date.max()\n"
        "lost = last.index[last < today - pd.Timedelta(170, 'D')]\n"
        "came_back = lost.isin(log[log.date > today].customer_id).sum() / len(last)"
    )
    cell(nb, "fit_answer").source = "model = crm.BGNBD().fit(base)"
    cell(nb, "forecast_check").source = "pass"
    return nb


def broken():
    """An endless loop and an error, and some text."""
    nb = notebook("student", SET)
    cell(nb, "warm_up_answer").source = "while True:\n    pass"
    cell(nb, "fit_answer").source = "raise ValueError('I give up')"
    cell(nb, "advice_answer").source = "Delete them."
    return nb


def copied():
    """Right answers, but cells copied or split, as an editor does it: identity and all."""
    nb = all_right()
    fit = cell(nb, "fit_answer")
    nb.cells.insert(nb.cells.index(fit), copy.deepcopy(fit))  # an older try above
    nb.cells[nb.cells.index(fit)].source = "model = None  # an older try"
    forecast = cell(nb, "forecast_answer")  # split in two: the second half needs the first
    second = copy.deepcopy(forecast)
    forecast.source, second.source = "added = prediction.purchases.sum()", "forecast = added"
    nb.cells.insert(nb.cells.index(forecast) + 1, second)
    check = cell(nb, "warm_up_check")
    nb.cells.insert(0, copy.deepcopy(check))  # above everything: it can only fail there
    stub = cell(notebook("student", SET), "advice_answer")
    nb.cells.append(stub)  # the untouched line below what was written
    return nb


def write(nb, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(copy.deepcopy(nb), path)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    handed_in = root / "handed in"
    write(all_right(), handed_in / "李雷" / SET / f"{SET}.ipynb")
    write(half_right(), handed_in / f"{SET}_half.ipynb")
    write(broken(), handed_in / "mo broken" / f"{SET} (1).ipynb")
    (handed_in / "copied").mkdir()
    raw = json.dumps(copied())  # nbformat would give each copy an id of its own
    (handed_in / "copied" / f"{SET}.ipynb").write_text(raw, encoding="utf-8")
    (handed_in / "torn").mkdir()
    (handed_in / "torn" / f"{SET}.ipynb").write_text('{"cells": [', encoding="utf-8")
    write(nbformat.v4.new_notebook(), handed_in / "scribbles.ipynb")
    generate = [sys.executable, EXERCISES.parent / "datasets/generate.py", "--seed", "7"]
    small = ["--customers", "700", "--out", root / "class_set"]
    subprocess.run([*generate, *small], check=True, stdout=subprocess.DEVNULL)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("CRMLIB_DATA", "class_set")  # other answers to the same tasks
        grading.grade(handed_in, root / "out", timeout=15)
    return root


def test_scores_flags_and_problems(course):
    grades = pd.read_csv(course / "out" / "grades.csv", keep_default_na=False)
    assert grades.columns.tolist() == grading._COLUMNS
    grades = grades.set_index("student")
    assert set(grades.assignment) == {SET}
    assert grades.score.to_dict() == {
        "李雷": 12,
        "half": 2,
        "mo broken": 0,
        "torn": 0,
        "copied": 12,
    }
    assert (grades.max_score == 18).all()
    # An untouched answer is worth nothing and needs no one to read it.
    assert grades.index[grades.needs_manual_grade].tolist() == ["copied", "mo broken", "李雷"]
    problems = grades.problem[grades.problem != ""].to_dict()
    assert problems == {
        "copied": "cell warm_up_check stands there 2 times; cell fit_answer stands there 2 times; "
        "cell forecast_answer stands there 2 times; cell advice_answer stands there 2 times; "
        "cell number 1 ended in NameError",
        "mo broken": "cell warm_up_answer ran too long; cell fit_answer ended in ValueError",
        "torn": "cannot be read as a notebook (NotJSONError)",
    }


def test_feedback_tells_each_student_what_was_wrong(course):
    pages = {path.parts[-3]: path for path in (course / "out" / "feedback").rglob("*.html")}
    assert sorted(pages) == ["copied", "half", "mo broken", "李雷"]
    assert "You divided by all customers" in pages["half"].read_text(encoding="utf-8")
    assert "I give up" in pages["mo broken"].read_text(encoding="utf-8")


def test_marks_by_hand_are_kept_and_nothing_runs_twice(course, capsys, monkeypatch):
    url = f"sqlite:///{(course / 'out' / 'gradebook.db').as_posix()}"
    with Gradebook(url) as book:
        mark = book.find_grade("advice_answer", SET, SET, "李雷")
        mark.manual_score, mark.needs_manual_grade = 5, False
        book.db.commit()
    ran = []
    run = grading._run
    monkeypatch.setattr(
        grading, "_run", lambda step, *a, **k: ran.append(step) or run(step, *a, **k)
    )
    grades = grading.grade(course / "handed in", course / "out").set_index("student")
    assert grading.Autograde not in ran
    assert grades.score["李雷"] == 17
    assert grades.index[grades.needs_manual_grade].tolist() == ["copied", "mo broken"]
    words = capsys.readouterr().out
    assert "Submissions: 5, with a problem when they ran: 3." in words
    assert "Submissions with answers to mark by hand: 2." in words
    assert "not graded, no exercise set or student in its name: scribbles.ipynb" in words


def test_two_copies_of_one_submission_are_refused(tmp_path):
    for name in (f"{SET}.ipynb", f"{SET} (1).ipynb"):
        write(nbformat.v4.new_notebook(), tmp_path / "lee" / name)
    with pytest.raises(DataError, match=f"lee handed in {SET} twice"):
        grading.grade(tmp_path, tmp_path / "out")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="no submission in"):
        grading.grade(tmp_path, tmp_path / "out")
    assert not Path(tmp_path / "out").exists()
