"""The grading cycle on top of nbgrader: student copies out, submissions in, marks and feedback out."""

from __future__ import annotations

import logging
import os
import shutil
import sysconfig
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pandas as pd
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log, is_grade
from traitlets.config import Config, PyFileConfigLoader

from crmlib import paths
from crmlib.course import stored
from crmlib.course.grading.repeated import settle
from crmlib.errors import DataError, whole

_CONFIG = "nbgrader_config.py"
_COLUMNS = ["student", "assignment", "score", "max_score", "needs_manual_grade", "problem"]


def release(to: str | Path | None = None) -> list[Path]:
    """Make the student copy of every exercise set: no solutions, hidden tests or outputs.

    Parameters
    ----------
    to : path, optional
        Folder for the copies; ``exercises/student`` of this course by default.

    Returns
    -------
    list of Path
        The notebooks written, ``<to>/<set>/<set>.ipynb``.
    """
    to = paths.EXERCISES / "student" if to is None else Path(to)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name in exercise_sets():
            _stage_source(name, root)
            _generate(name, root, _config())
        return [_student_copy(root / "release" / name, to / name) for name in exercise_sets()]


def grade(submissions: str | Path, out: str | Path, *, timeout: int = 60) -> pd.DataFrame:
    """Grade a folder of submissions, and say what is left to mark by hand.

    Each submission runs in a kernel of its own, on this computer and with its rights: grade what
    comes from people you know. A second run grades again only what changed, and keeps the marks
    given by hand in Formgrader.

    Parameters
    ----------
    submissions : path
        Holds ``<student>/<set>/<set>.ipynb`` (nbgrader's layout), ``<student>/<set>.ipynb`` or
        ``<set>_<student>.ipynb``.
    out : path
        Where ``grades.csv``, ``feedback/<student>/<set>/<set>.html`` and the gradebook go.
    timeout : int
        Seconds that one cell may run.

    Returns
    -------
    DataFrame
        As written to ``grades.csv``, one row for each submission: `student`, `assignment`, `score`
        (points; answers not marked yet count 0), `max_score`, `needs_manual_grade` (bool) and
        `problem` (what went wrong when it ran, or empty).

    Raises
    ------
    DataError
        No submission was found, or one student handed in the same set twice.
    """
    root = Path(out).resolve()
    found, strange = _collect(Path(submissions).resolve(), root)
    root.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(paths.EXERCISES / _CONFIG, root / _CONFIG)
    config = _config(timeout)
    again = {name: _stage_source(name, root) for _, name in found}
    for name in [name for name in again if again[name]]:
        _generate(name, root, config)
    rows = []
    for (student, name), path in sorted(found.items()):
        problem = _autograde(student, name, path, root, config, again[name])
        rows.append([student, name, *_marks(student, name, root), problem])
        print(f"{student} · {name}: {rows[-1][2]:g} of {rows[-1][3]:g}", flush=True)
    grades = pd.DataFrame(rows, columns=_COLUMNS)
    # With its byte order mark Excel reads the names of students right.
    grades.to_csv(root / "grades.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    print(_in_words(grades, strange, root))
    return grades


def exercise_sets() -> list[str]:
    """List the names of the exercise sets.

    >>> "ex_2_4_buy_till_you_die" in exercise_sets()
    True
    """
    return sorted(path.stem for path in (paths.EXERCISES / "instructor").glob("[!.]*/*.ipynb"))


# nbgrader


def _config(timeout: int | None = None) -> Config:
    config = PyFileConfigLoader(_CONFIG, path=str(paths.EXERCISES)).load_config()
    if timeout:
        config.Execute.timeout = timeout
    return config


def _run(step, root: Path, config: Config, **which) -> str | None:
    """Run one step of nbgrader; give what went wrong, None when nothing did."""
    quiet = logging.getLogger("crmlib.course.grading")
    quiet.propagate = False
    course = CourseDirectory(root=str(root), config=config, log=quiet, **which)
    with _environment():
        result = capture_log(step(coursedir=course, config=config, force=True, log=quiet))
    if result["success"]:
        return None
    return result.get("log") or result["error"]


@contextmanager
def _environment():
    """Set what nbgrader and the kernels look for, and be quiet about its database.

    nbgrader calls alembic by name, which must be found also where the environment is not activated;
    a kernel runs in another folder, so that the path of a class set must be absolute.
    """
    before = dict(os.environ)
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before.get("PATH", "")])
    if before.get("CRMLIB_DATA"):
        os.environ["CRMLIB_DATA"] = str(Path(before["CRMLIB_DATA"]).resolve())
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _generate(name: str, root: Path, config: Config) -> None:
    """Make the student copy, which also enters the checks and points into the gradebook."""
    failure = _run(GenerateAssignment, root, config, assignment_id=name)
    if failure:
        raise RuntimeError(f"The instructor's copy of {name} cannot be handed out.\n{failure}")


def _stage_source(name: str, root: Path) -> bool:
    """Copy the instructor's notebook to nbgrader's layout; True when nbgrader must read it anew."""
    file = Path(name) / f"{name}.ipynb"
    changed = _copy(paths.EXERCISES / "instructor" / file, root / "source" / file)
    return changed or not (root / "release" / file).exists()


def _copy(source: Path, target: Path) -> bool:
    if target.exists() and target.read_bytes() == source.read_bytes():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return True


def _student_copy(released: Path, to: Path) -> Path:
    notebook = nbformat.read(released / f"{released.name}.ipynb", as_version=4)
    to.mkdir(parents=True, exist_ok=True)
    path = to / f"{to.name}.ipynb"
    stored.write(notebook, path)
    return path


# submissions


def _collect(folder: Path, out: Path) -> tuple[dict[tuple[str, str], Path], list[Path]]:
    """Find the submissions by student and set, and the notebooks that are none; skip `out`."""
    found, strange = {}, []
    for path in sorted(folder.rglob("*.ipynb")):
        inside = path.relative_to(folder)
        if ".ipynb_checkpoints" in inside.parts or out in path.parents:
            continue
        name = next((name for name in exercise_sets() if name in inside.as_posix()), None)
        student = inside.parts[0] if len(inside.parts) > 1 else _rest(path.stem, name)
        if not name or not student:
            strange.append(inside)
        elif (student, name) in found:
            both = f"{found[student, name].relative_to(folder)} and {inside}"
            twice = whole(None, f"{student} handed in {name} twice: {both}")
            raise DataError(twice, "Keep the one that counts.")
        else:
            found[student, name] = path
    if not found:
        nothing = whole(None, f"no submission in {folder}")
        advice = "Put a folder for each student there, with the notebooks under their own names."
        raise DataError(nothing, advice)
    return found, strange


def _rest(stem: str, name: str | None) -> str:
    """Tell the student from a file name.

    >>> _rest("2_4_buy_till_you_die_lee", "2_4_buy_till_you_die")
    'lee'
    """
    return stem.replace(name, "").strip("_- .") if name else ""


def _autograde(student, name, path: Path, root: Path, config: Config, again: bool) -> str:
    """Run one submission and write its feedback; give what went wrong, in words."""
    graded = root / "autograded" / student / name / f"{name}.ipynb"
    try:
        changed, repeated = _hand_in(path, root / "submitted" / student / name / f"{name}.ipynb")
    except Exception as error:  # a torn file fails in as many ways as it can be torn
        return f"cannot be read as a notebook ({type(error).__name__})"
    which = {"assignment_id": name, "student_id": student}
    if changed or again or not graded.exists():
        failure = _run(Autograde, root, config, **which)
        if failure:
            return f"could not be run: {failure.strip().splitlines()[-1]}"
    _run(GenerateFeedback, root, config, **which)
    return "; ".join([*repeated, *_errors(graded)])


def _hand_in(path: Path, to: Path) -> tuple[bool, list[str]]:
    """Lay a submission where nbgrader looks: whether it is new or changed, and cells repeated."""
    text = path.read_text(encoding="utf-8")
    with warnings.catch_warnings(action="ignore"):  # of cells with one id; settled below
        nbformat.reads(text, as_version=4)
    notebook = nbformat.v4.reads(text)  # as it is: the line above would give random ids
    repeated = settle(notebook) if "cells" in notebook else []
    if not repeated:
        return _copy(path, to), repeated
    text = nbformat.writes(notebook)
    if to.exists() and to.read_text(encoding="utf-8") == text:
        return False, repeated
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8", newline="\n")
    return True, repeated


def _errors(graded: Path) -> list[str]:
    """Name the cells of a graded notebook, other than the checks, that ended in an error."""
    lines = []
    for number, cell in enumerate(nbformat.read(graded, as_version=4).cells, start=1):
        errors = [out.ename for out in cell.get("outputs", []) if out.output_type == "error"]
        if errors and not is_grade(cell):
            where = cell.metadata.get("nbgrader", {}).get("grade_id", f"number {number}")
            what = "ran too long" if "CellTimeoutError" in errors else f"ended in {errors[-1]}"
            lines.append(f"cell {where} {what}")
    return lines


def _marks(student: str, name: str, root: Path) -> tuple[float, float, bool]:
    with Gradebook(f"sqlite:///{(root / 'gradebook.db').as_posix()}") as book:
        try:
            marks = book.find_submission(name, student)
        except MissingEntry:
            return 0.0, book.find_assignment(name).max_score, False
        return marks.score, marks.max_score, bool(marks.needs_manual_grade)


def _in_words(grades: pd.DataFrame, strange: list[Path], root: Path) -> str:
    failed = grades[grades.problem != ""]
    by_hand = int(grades.needs_manual_grade.sum())
    lines = ["", f"Submissions: {len(grades)}, with a problem when they ran: {len(failed)}."]
    lines += [f"  {row.student} · {row.assignment}: {row.problem}" for row in failed.itertuples()]
    lines += [f"  not graded, no exercise set or student in its name: {path}" for path in strange]
    lines += [f"Submissions with answers to mark by hand: {by_hand}."]
    if by_hand:
        lines += [
            "  Until then these answers count 0 points. Start Jupyter in the folder",
            f"  {root}, mark them in Nbgrader > Formgrader, and grade again.",
        ]
    return "\n".join([*lines, f"Marks: {root / 'grades.csv'}", f"Feedback: {root / 'feedback'}"])
