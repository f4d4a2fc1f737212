"""Student copies are fresh and run; a class, honest and hostile, is graded from end to end."""

import copy
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from html.parser import HTMLParser

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbgrader.api import Gradebook

from crmlib import DataError, paths
from crmlib.course import grading
from crmlib.course.grading import collect, cycle, mark, pool, walls
from crmlib.course.places import Refusal

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


# A class. Each hand-in is right but for what its name says; 12 points are marked by the checks.


def right():
    """Every answer of the instructor, and some text."""
    nb, key = notebook("student", SET), notebook("instructor", SET)
    for c in nb.cells:
        if c.metadata.get("nbgrader", {}).get("solution") and c.cell_type == "code":
            c.source = cell(key, c.metadata.nbgrader.grade_id).source
    cell(nb, "advice_answer").source = "Do not delete them: they still buy."
    return nb


def honest():
    """One check deleted by mistake; a path that holds in every folder; figures and warnings."""
    nb = right()
    nb.cells.remove(cell(nb, "gone_check"))
    cell(nb, "warm_up_answer").source += (
        "\nimport os, sys, warnings, matplotlib.pyplot as plt"
        '\nassert os.path.isabs(os.environ["CRMLIB_DATA"])  # given as a relative path'
        '\nplt.plot([1, 2])\nwarnings.warn("a log line")\nprint("another", file=sys.stderr)'
    )
    return nb


def half():
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


def copied():
    """Cells copied and split as an editor does it: identity and all."""
    nb = right()
    fit = cell(nb, "fit_answer")
    nb.cells.insert(nb.cells.index(fit), copy.deepcopy(fit))  # an older try above
    nb.cells[nb.cells.index(fit)].source = "model = None  # an older try"
    forecast = cell(nb, "forecast_answer")  # split in two: the second half needs the first
    second = copy.deepcopy(forecast)
    forecast.source, second.source = "added = prediction.purchases.sum()", "forecast = added"
    nb.cells.insert(nb.cells.index(forecast) + 1, second)
    nb.cells.insert(0, copy.deepcopy(cell(nb, "warm_up_check")))
    return nb


def nothing_to_read():
    """Tries to have full marks without work, in every way that once worked."""
    nb = notebook("student", SET)
    cell(nb, "warm_up_answer").source = "came_back = check.warm_up.right"
    cell(
        nb, "fit_answer"
    ).source = "class Sly(float):\n    __eq__ = lambda *_: True\nmodel = Sly(1)"
    cell(nb, "gone_answer").source = (
        "import crmlib.course.checks as c\n"
        "c.hand_over = lambda value: c.answers.Parcel(0)\n"  # it may lie about its own answers only
        "gone = 1"
    )
    cell(
        nb, "forecast_answer"
    ).source = (
        "from crmlib.course.checks import tasks\nforecast = tasks.load('2_4_buy_till_you_die')"
    )
    for c in nb.cells:
        c.metadata["tags"] = ["skip-execution"]
        if c.metadata.get("nbgrader", {}).get("grade"):
            c.metadata.nbgrader.update(points=100)
            c.source = "pass"
    nb.metadata["kernelspec"] = {"name": "bash", "display_name": "x", "language": "bash"}
    return nb


def loops():
    """An endless loop, an error, a kernel ended in a cell, and one ended by an answer when asked."""
    nb = right()
    cell(nb, "warm_up_answer").source = "while True:\n    print('on and on')"
    cell(nb, "gone_answer").source = "gone = 1\nimport os\nos._exit(0)"
    cell(nb, "forecast_answer").source = (
        "class Bomb:\n    @property\n    def params_(self): __import__('os')._exit(1)\n"
        "forecast = Bomb()"
    )
    return nb


SCRIPT = "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>"


def loud():
    """Script in every place that a page shows, and results forged on the kernel's own channel."""
    nb = right()
    cell(nb, "warm_up_answer").source = (
        "from IPython.display import HTML, SVG, Javascript, Markdown, display\n"
        "# \u202e turns the rest of a line round, \x1b[2J clears a screen\n"
        f"page = {SCRIPT!r}\n"
        "display(HTML(page), Markdown(page), Javascript('alert(1)'))\n"
        "display({'image/svg+xml': '<svg onload=alert(1)>', 'text/plain': page}, raw=True)\n"
        "display({'image/png': 'PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'}, raw=True)\n"
        "print(page, '\\x1b]8;;http://evil.example\\x07here')\n"
        "came_back = page\nraise type(page, (Exception,), {})(page)"
    )
    cell(nb, "advice_answer").source = (
        f"{SCRIPT}\n\n[here](javascript:alert(1)) ![x](http://evil.example/pixel.png)\n\n"
        "$\\href{javascript:alert(1)}{x}$"
    )
    nb.cells.insert(1, nbformat.v4.new_markdown_cell(SCRIPT))
    return nb


def write(nb, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nb), encoding="utf-8")  # nbformat would mend what is meant


STRANGE = "=HYPERLINK(1) <b>"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    handed_in = root / "handed in"
    write(honest(), handed_in / "李雷" / SET / f"{SET}.ipynb")
    write(half(), handed_in / "2_4_buy_till_you_die_half.ipynb")
    write(loops(), handed_in / "mo broken" / f"{SET} (1).ipynb")
    write(nothing_to_read(), handed_in / STRANGE / f"{SET}.ipynb")
    write(loud(), handed_in / f"Han Mei_12345_assignsubmission_file_{SET}.ipynb")
    with zipfile.ZipFile(handed_in / "class.zip", "w") as archive:
        archive.writestr("copied/Untitled.ipynb", json.dumps(copied()))
    (handed_in / "torn").mkdir()
    (handed_in / "torn" / f"{SET}.ipynb").write_text('{"cells": [', encoding="utf-8")
    (handed_in / "linked").mkdir()
    key = EXERCISES / "instructor" / SET / f"{SET}.ipynb"
    (handed_in / "linked" / f"{SET}.ipynb").symlink_to(key)
    write(nbformat.v4.new_notebook(), handed_in / "scribbles.ipynb")
    generate = [sys.executable, EXERCISES.parent / "datasets/generate.py", "--seed", "7"]
    small = ["--customers", "700", "--out", root / "class_set"]
    subprocess.run([*generate, *small], check=True, stdout=subprocess.DEVNULL)
    before = {path: path.read_bytes() for path in handed_in.rglob("*") if path.is_file()}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("CRMLIB_DATA", "class_set")  # other answers to the same tasks
        patch.setattr(pool, "_JUDGING", 300.0)
        grading.grade(handed_in, root / "out", timeout=25, trust=True)
    assert before == {path: path.read_bytes() for path in before}
    return root


def table(course):
    grades = pd.read_csv(course / "out" / "grades.csv", keep_default_na=False)
    assert grades.columns.tolist() == grading.COLUMNS
    return grades.set_index("student")


def test_everyone_has_the_own_marks_and_nothing_else(course):
    grades = table(course)
    assert set(grades.assignment) == {SET} and (grades.max_score == 18).all()
    sly = collect.safe_name(STRANGE)
    assert grades.score.to_dict() == {
        "李雷": "12.0",
        "half": "2.0",
        "mo broken": "6.0",
        sly: "0.0",
        "Han Mei": "10.0",
        "copied": "12.0",
        "torn": "",
    }
    by_hand = grades.index[grades.needs_manual_grade.astype(str) == "True"]
    assert sorted(by_hand) == [sly, "Han Mei", "copied", "mo broken", "李雷"]


def test_the_table_says_what_was_wrong_and_behind_which_wall(course):
    grades = table(course)
    assert grades.problem["李雷"] == "cell gone_check is missing"
    assert grades.problem["torn"] == "cannot be read as a notebook (JSONDecodeError)"
    assert "cell forecast_answer stands there 2 times" in grades.problem["copied"]
    broken = grades.problem["mo broken"]
    assert "cell warm_up_answer ran too long" in broken
    assert "cell gone_answer ended the kernel" in broken
    assert "cell forecast_check ended the kernel" in broken
    assert "warm_up_check was changed" in grades.problem[collect.safe_name(STRANGE)]
    walls_ = set(grades.wall) - {""}
    assert len(walls_) == 1 and not walls_ & {"none"} if sys.platform == "linux" else walls_
    assert not grades.stack().astype(str).str.match(r"[=+\-@\t]").any()


class Page(HTMLParser):
    """What in a page could act or load."""

    def __init__(self):
        super().__init__()
        self.alive, self.policy = [], ""

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "meta" and named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named["content"]
        handlers = [name for name in named if name.startswith("on")]
        leads = [
            v
            for n, v in attributes
            if n in ("src", "href") and not (v or "").startswith(("#", "data:image/png"))
        ]
        course_own = all((v or "").endswith(".ipynb") for v in leads)
        if (
            tag in ("script", "iframe", "object", "embed", "svg", "link")
            or handlers
            or not course_own
        ):
            self.alive.append((tag, attributes))


def test_nothing_in_a_page_of_feedback_acts_or_loads(course):
    pages = {path.parts[-3]: path for path in (course / "out" / "feedback").rglob("*.html")}
    assert sorted(pages) == sorted(set(table(course).index) - {"torn"})
    for path in pages.values():
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        assert page.alive == []
        assert page.policy.startswith("default-src 'none'")
        assert not set("\x1b\u202e") & set(path.read_text(encoding="utf-8"))


def test_formgrader_gets_nothing_that_acts(course):
    for path in (course / "out" / "autograded").rglob("*.ipynb"):
        nb = nbformat.read(path, as_version=4)
        for c in nb.cells:
            if c.cell_type == "markdown" and c.id not in {
                o.id for o in notebook("student", SET).cells
            }:
                assert "<" not in c.source
            for output in c.get("outputs", []):
                assert set(output.get("data", {})) <= {"text/plain", "image/png"}
                assert output.output_type != "execute_result"
        assert "<script" not in cell(nb, "advice_answer").source


def test_feedback_tells_each_student_what_was_wrong(course):
    pages = {path.parts[-3]: path for path in (course / "out" / "feedback").rglob("*.html")}
    said = {name: path.read_text(encoding="utf-8") for name, path in pages.items()}
    assert "You divided by all customers" in said["half"]
    assert "The kernel had ended" in said["mo broken"]
    assert "image/png;base64" in said["李雷"]
    for name in ("李雷", "copied"):
        assert "(so far 12.0 / 18.0)" in said[name] and "not marked yet, 6.0 points" in said[name]
    assert "not marked yet" not in said["half"] and "0.0 / 6.0" in said["half"]  # untouched


def test_marks_by_hand_are_kept_and_nothing_runs_twice(course, capsys, monkeypatch):
    url = f"sqlite:///{(course / 'out' / 'gradebook.db').as_posix()}"
    with Gradebook(url) as book:
        given = book.find_grade("advice_answer", SET, SET, "李雷")
        given.manual_score, given.needs_manual_grade = 5, False
        book.db.commit()
    monkeypatch.setattr(pool, "_Judge", None)  # nobody is asked
    monkeypatch.setenv("CRMLIB_DATA", str(course / "class_set"))
    grades = grading.grade(course / "handed in", course / "out", timeout=25, trust=True)
    grades = grades.set_index("student")
    assert grades.score["李雷"] == 17
    assert not grades.needs_manual_grade["李雷"]
    words = capsys.readouterr().out
    assert "not graded: scribbles.ipynb belongs to no exercise set" in words
    assert f"not graded: linked/{SET}.ipynb is a link and no file" in words
    assert "Submissions with answers to mark by hand: 4." in words
    assert "Students' code ran behind: " in words
    with pytest.raises(TypeError):  # another time limit: all is graded again
        grading.grade(course / "handed in", course / "out", timeout=26, trust=True)


def test_a_killed_run_leaves_no_mark_and_the_next_one_goes_on(course, tmp_path, monkeypatch):
    handed_in, out = tmp_path / "in", tmp_path / "out"
    write(right(), handed_in / "lee" / f"{SET}.ipynb")
    monkeypatch.setenv("CRMLIB_DATA", str(course / "class_set"))

    def failing(jobs, terms, workers):
        for job in jobs:
            yield job, None, "the kernel did not start"

    with monkeypatch.context() as patch:
        patch.setattr(pool, "judge_all", failing)
        row = grading.grade(handed_in, out, trust=True).iloc[0]
    assert pd.isna(row.score) and "the kernel did not start; grade again" in row.problem
    stored = course / "out" / "results" / SET / "copied.json"

    def as_stored(jobs, terms, workers):
        for job in jobs:
            yield job, json.loads(stored.read_text(encoding="utf-8")), ""

    monkeypatch.setattr(pool, "judge_all", as_stored)
    with monkeypatch.context() as patch:  # killed between the result and its entry
        patch.setattr(mark, "enter", lambda *_: "killed")
        assert pd.isna(grading.grade(handed_in, out, trust=True).score.item())
    assert grading.grade(handed_in, out, trust=True).score.item() == 12
    shutil.rmtree(out / "results")  # without results nothing is full by default
    assert "killed" not in (out / "grades.csv").read_text(encoding="utf-8-sig")


def test_ctrl_c_stops_between_two_and_loses_nothing(course, tmp_path, monkeypatch):
    handed_in = tmp_path / "in"
    for name in ("ann", "lee"):
        write(right(), handed_in / name / f"{SET}.ipynb")
    monkeypatch.setenv("CRMLIB_DATA", str(course / "class_set"))
    stored = json.loads((course / "out" / "results" / SET / "copied.json").read_text("utf-8"))

    def interrupted(jobs, terms, workers):
        for job in jobs:
            yield job, stored, ""
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(pool, "judge_all", interrupted)
        with pytest.raises(KeyboardInterrupt):
            grading.grade(handed_in, tmp_path / "out", trust=True)
    assert len(list((tmp_path / "out" / "results").rglob("*.entered"))) == 1


def test_without_a_wall_grading_is_refused_until_told_to_trust(tmp_path, monkeypatch):
    write(right(), tmp_path / "in" / "lee" / f"{SET}.ipynb")
    monkeypatch.setattr(walls, "_candidates", lambda: iter(()))
    with pytest.raises(Refusal, match="--trust"):
        grading.grade(tmp_path / "in", tmp_path / "out")
    shared = tmp_path / "shared"
    shared.mkdir()
    assert cycle._wall(cycle.launch.prepare(shared), trust=True).name == "none"


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="no submission in"):
        grading.grade(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
