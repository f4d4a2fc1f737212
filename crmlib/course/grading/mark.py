"""nbgrader's part: the gradebook, Formgrader and the pages of feedback, with one step exchanged.

nbgrader would run a notebook itself, with the instructor's rights. In place of that step stands
:class:`EnterResults`, which writes what :mod:`judge` found into the notebook; it is named in
``exercises/nbgrader_config.py``, so that a click in Formgrader runs no student's code either.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import sysconfig
import warnings
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import capture_log, is_grade, is_solution
from traitlets.config import Config, PyFileConfigLoader

from crmlib import paths
from crmlib.course.grading import inert

CONFIG = "nbgrader_config.py"
RESULTS = "results"
_NOTHING_LOADS = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "img-src data:; style-src 'unsafe-inline'\">"
)


class EnterResults(NbGraderPreprocessor):
    """Write outputs and verdicts into a notebook, in the place of running it.

    A check cell without an output has full points for nbgrader; so each first gets an error, and
    only a verdict takes it away.
    """

    def preprocess(self, nb, resources):
        """Fill in the cells; refuse where there is no result."""
        which = resources["nbgrader"]
        path = result_path(Path.cwd(), which["assignment"], which["student"])
        result = json.loads(path.read_text(encoding="utf-8"))
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = _outputs(cell, result), None
                cell.source = inert.plain(cell.source)  # what is read must be what ran
            elif cell.cell_type == "markdown" and (is_solution(cell) or _own(cell)):
                cell.source = inert.markdown(cell.source)
        return nb, resources


def _own(cell) -> bool:
    return cell.id.startswith("own-")


def _outputs(cell, result: dict) -> list:
    if not is_grade(cell):
        found = result["outputs"].get(cell.id, [])
        return [nbformat.from_dict(one) for one in found]
    verdict = result["verdicts"].get(cell.metadata.nbgrader.grade_id)
    if verdict and verdict["right"] is True:
        return [inert.text(inert.plain(verdict["text"]) + "\n")]
    why = inert.plain(verdict["text"]) if verdict else "Not judged."
    return [inert.error("AssertionError", why)]


def result_path(root: Path, name: str, student: str) -> Path:
    """Say where the result of one hand-in stands."""
    return root / RESULTS / name / f"{student}.json"


# nbgrader's steps


def config() -> Config:
    """Read how nbgrader hands out and grades."""
    return PyFileConfigLoader(CONFIG, path=str(paths.EXERCISES)).load_config()


def generate(name: str, root: Path) -> None:
    """Make the student copy, which also enters the checks and points into the gradebook."""
    failure = _run(GenerateAssignment, root, assignment_id=name)
    if failure:
        raise RuntimeError(f"The instructor's copy of {name} cannot be handed out.\n{failure}")


def enter(name: str, student: str, root: Path) -> str | None:
    """Enter one result into the gradebook; give what went wrong, None when nothing did."""
    return _run(Autograde, root, assignment_id=name, student_id=student)


def give_feedback(name: str, student: str, root: Path) -> bool:
    """Write a student's page: nothing in it runs or loads, and what is open is not called 0.

    Returns whether it could be made.
    """
    failure = _run(GenerateFeedback, root, assignment_id=name, student_id=student)
    for page in (root / "feedback" / student / name).glob("*.html"):
        text = _closed(page.read_text(encoding="utf-8"))
        text = _not_marked_yet(text, _open_answers(name, student, root))
        page.write_text(text, encoding="utf-8", newline="\n")
    return failure is None


def _closed(text: str) -> str:
    """Take nbgrader's own scripts out of a page, and forbid all others.

    >>> _closed("<head><script>x</script></head>").startswith("<head><meta http-equiv=")
    True
    """
    text = re.sub(r"<script\b.*?</script>", "", text, flags=re.S | re.I)
    return text.replace("<head>", f"<head>{_NOTHING_LOADS}", 1)


def _not_marked_yet(text: str, names: list[str]) -> str:
    """Say of answers that wait for a reader that they do, in place of 0 points.

    >>> _not_marked_yet('<a href="#x">Written response</a> (Score: 0.0 / 6.0)', ["x"])
    '<a href="#x">Written response</a> (not marked yet, 6.0 points)'
    """
    for name in names:
        listed = rf'(<a href="#{re.escape(name)}">[^<]*</a> \()Score: [\d.]+ / ([\d.]+)'
        text = re.sub(listed, r"\1not marked yet, \2 points", text)
        heading = rf'(<a name="{re.escape(name)}"></a>.*?)Score: [\d.]+ / ([\d.]+)'
        text = re.sub(heading, r"\1not marked yet, \2 points", text, count=1, flags=re.S)
    if names:
        text = re.sub(r"\(Score: ([\d.]+ / [\d.]+)\)", r"(so far \1)", text, count=1)
    return text


def _open_answers(name: str, student: str, root: Path) -> list[str]:
    with _book(root) as book:
        marks = book.find_submission(name, student)
        grades = [grade for notebook in marks.notebooks for grade in notebook.grades]
        return [grade.name for grade in grades if grade.needs_manual_grade]


def marks(name: str, student: str, root: Path) -> tuple[float | None, float, bool]:
    """Give score (None where there is none), points to be had, and whether answers wait to be read."""
    with _book(root) as book:
        try:
            found = book.find_submission(name, student)
        except MissingEntry:
            return None, book.find_assignment(name).max_score, False
        return found.score, found.max_score, bool(found.needs_manual_grade)


def _book(root: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{(root / 'gradebook.db').as_posix()}")


def _run(step, root: Path, **which) -> str | None:
    quiet = logging.getLogger("crmlib.course.grading")
    quiet.propagate = False
    settings = config()
    course = CourseDirectory(root=str(root), config=settings, log=quiet, **which)
    with _environment():
        result = capture_log(step(coursedir=course, config=settings, force=True, log=quiet))
    if result["success"]:
        return None
    return result.get("log") or result["error"]


@contextmanager
def _environment():
    """Let nbgrader find alembic, which it calls by name, and be quiet about its database."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        os.environ["PATH"] = before


def progress(done: int, of: int, last: str) -> None:
    """Show how far it is, in one line that is written over where there is a screen."""
    width = 24
    bar = "#" * (width * done // max(of, 1))
    line = f"[{bar:<{width}}] {done} of {of} · {last}"
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line[:100]}", end="" if done < of else "\n", flush=True)
    elif last:
        print(last, flush=True)
