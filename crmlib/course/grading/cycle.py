"""From the instructor's notebooks to student copies, and from a folder of hand-ins to marks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd

from crmlib import paths
from crmlib.course import places, stored
from crmlib.course.grading import collect, launch, mark, pool, rebuild, walls
from crmlib.errors import DataError, whole
from crmlib.logs.files import write_table

COLUMNS = [
    *("student", "assignment", "score", "max_score", "needs_manual_grade", "problem", "wall"),
]
_WORKERS, _MANY = 2, 5  # judges at a time; files that are named one by one
_NO_WALL = """This computer can put no wall around the students' code: it would run with your rights,
read and change your files, and reach the network. Grade on a computer with Linux (bubblewrap, or a
kernel with Landlock), or, if you trust everyone who handed in, say so: --trust."""


def release(to: str | Path | None = None, sets: Sequence[str] | None = None) -> list[Path]:
    """Make the student copy of every exercise set: no solutions, hidden tests or outputs.

    Parameters
    ----------
    to : path, optional
        Folder for the copies; ``exercises/student`` of this course by default.
    sets : sequence of str, optional
        Which sets; all of them if not said.

    Returns
    -------
    list of Path
        The notebooks written, ``<to>/<set>/<set>.ipynb``.
    """
    to = paths.EXERCISES / "student" if to is None else Path(to)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        names = exercise_sets() if sets is None else sets
        for name in names:
            _stage_source(name, root)
            mark.generate(name, root)
        return [_student_copy(root / "release" / name, to / name) for name in names]


def grade(
    submissions: str | Path,
    out: str | Path,
    *,
    timeout: float = 60,
    trust: bool = False,
    class_set: str | Path | None = None,
    seen: str | Path | None = None,
) -> pd.DataFrame:
    """Grade a folder of hand-ins, and say what is left to mark by hand.

    Each runs in a kernel of its own, behind the best wall that this computer can build. A second run
    goes on where the first was stopped, grades again only what changed (a hand-in, a check, the
    course, the time), and keeps the marks given by hand in Formgrader.

    Parameters
    ----------
    submissions : path
        Hand-ins as they were collected: folders of students, downloads of Moodle or Canvas, ZIPs.
    out : path
        Where ``grades.csv``, ``feedback/<student>/<set>/<set>.html`` and the gradebook go.
    timeout : float
        Seconds that one cell may run; a notebook has three times as many, at least 180.
    trust : bool
        Run also where no wall can be built: the code then has your rights.
    class_set : path, optional
        The tables that the class worked on, in place of those that ``CRMLIB_DATA`` names.
    seen : path, optional
        The tables as students have them, where those of the class hold more: an exam's truth.

    Returns
    -------
    DataFrame
        As written to ``grades.csv``, one row for each hand-in: `student`, `assignment`, `score`
        (points; answers not marked yet count 0, and it is empty for what could not be graded),
        `max_score`, `needs_manual_grade` (bool), `problem` (what went wrong, or empty) and `wall`.

    Raises
    ------
    DataError
        No hand-in was found.
    Refusal
        This computer can build no wall, and `trust` was not given.
    """
    submissions, root = Path(submissions).resolve(), Path(out).resolve()
    with tempfile.TemporaryDirectory(prefix="crmlib") as temporary, _data(class_set) as tables:
        temporary = Path(temporary).resolve()
        temporary.chmod(0o755)
        found = collect.collect(submissions, root, temporary / "unpacked", _known())
        if not found.hand_ins:
            raise DataError(
                whole(None, f"no submission in {submissions}"),
                "Put a folder for each student there, with the notebooks under their own names.",
            )
        (temporary / "shared").mkdir()
        shared = launch.prepare(temporary / "shared", Path(seen) if seen else tables)
        terms = pool.Terms(_wall(shared, trust), shared, timeout)
        grades = _Class(found, root, terms).graded()
    words = _in_words(grades, found, root, terms.wall)
    _write(root / "report.txt", f"{words.strip()}\n")
    print(words)
    return grades


def exercise_sets() -> list[str]:
    """List the names of the exercise sets.

    >>> "ex_2_4_buy_till_you_die" in exercise_sets()
    True
    """
    return sorted(path.stem for path in (paths.EXERCISES / "instructor").glob("[!.]*/*.ipynb"))


class _Class:
    """A class's hand-ins on their way to marks."""

    def __init__(self, found: collect.Collected, root: Path, terms: pool.Terms):
        self._found, self._root, self._terms = found, root, terms
        self._problems: dict[tuple[str, str], list[str]] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._course_digest = cache(_course_digest)  # for this run: a later one reads all anew

    def graded(self) -> pd.DataFrame:
        """Grade what is new or changed, write the pages and the table."""
        self._root.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(paths.EXERCISES / mark.CONFIG, self._root / mark.CONFIG)
        for name in sorted({name for _, name in self._found.hand_ins}):
            if _stage_source(name, self._root):
                mark.generate(name, self._root)
        jobs = [job for key in sorted(self._found.hand_ins) if (job := self._job(key))]
        done, of = len(self._found.hand_ins) - len(jobs), len(self._found.hand_ins)
        with _stoppable() as stopped:
            for job, result, problem in pool.judge_all(jobs, self._terms, _WORKERS):
                if stopped.is_set():
                    print(f"\n{done} of {of} are graded. The same command goes on from here.")
                    raise KeyboardInterrupt
                if job:
                    done += 1
                    self._take(job, result, problem)
                    mark.progress(done, of, " · ".join(job.key))
        grades = pd.DataFrame(map(self._row, sorted(self._found.hand_ins)), columns=COLUMNS)
        write_table(grades, self._root / "grades.csv", index=False)
        return grades

    def _job(self, key: tuple[str, str]) -> pool.Job | None:
        """Rebuild a hand-in; None where it cannot be, or where its result is there."""
        (student, name), path = key, self._found.hand_ins[key].path
        released = self._root / "release" / name / f"{name}.ipynb"
        try:
            cells = rebuild.read(path)
        except rebuild.Unusable as error:
            self._problems[key] = [str(error)]
            return None
        built = rebuild.rebuild(nbformat.read(released, as_version=4), cells)
        self._problems[key] = [note for note in [self._found.notes[key], *built.notes] if note]
        text = nbformat.writes(built.notebook)
        self._keys[key] = _key(text, self._course_digest(name), self._terms)
        if self._is_entered(key):
            return None
        book = self._root / "submitted" / student / name / f"{name}.ipynb"
        _write(book, text)
        return pool.Job(key, book, released)

    def _is_entered(self, key: tuple[str, str]) -> bool:
        mark_ = self._entered(key)
        same = mark_.exists() and mark_.read_text(encoding="utf-8") == self._keys[key]
        return same and mark.marks(key[1], key[0], self._root)[0] is not None

    def _entered(self, key: tuple[str, str]) -> Path:
        """Say where it stands that a result is in the gradebook."""
        return mark.result_path(self._root, key[1], key[0]).with_suffix(".entered")

    def _take(self, job: pool.Job, result: dict | None, problem: str) -> None:
        """Store a result whole or not at all, and enter it; without one nothing is entered."""
        student, name = job.key
        if result is None:
            self._problems[job.key].append(f"not graded: {problem}; grade again")
            return
        _write(mark.result_path(self._root, name, student), json.dumps(result))
        failure = mark.enter(name, student, self._root)
        if failure:
            last = failure.strip().splitlines()[-1]
            self._problems[job.key].append(f"not graded: {last}; grade again")
            return
        _write(self._entered(job.key), self._keys[job.key])

    def _row(self, key: tuple[str, str]) -> list:
        student, name = key
        problems, wall = self._problems[key], ""
        score, most, by_hand = mark.marks(name, student, self._root)
        if key in self._keys and self._is_entered(key):
            path = mark.result_path(self._root, name, student)
            result = json.loads(path.read_text(encoding="utf-8"))
            problems, wall = [*problems, *result["problems"]], result["wall"]
            if not mark.give_feedback(name, student, self._root):
                problems.append("no page of feedback could be made of it")
        else:
            score, by_hand = None, False
        return [student, name, score, most, by_hand, "; ".join(problems), wall]


# what marks depend on


def _key(text: str, course: str, terms: pool.Terms) -> str:
    """Make a name of all that a result depends on: if one of it changes, it is graded again."""
    digest = hashlib.sha256(text.encode())
    digest.update(course.encode())
    digest.update(f"{terms.timeout} {terms.wall.name}".encode())
    return digest.hexdigest()


def _course_digest(name: str) -> str:
    digest = hashlib.sha256()
    files = [
        *sorted((paths.COURSE / "crmlib").rglob("*.py")),
        *sorted((paths.EXERCISES / "checks").glob("*.py")),
        paths.EXERCISES / "instructor" / name / f"{name}.ipynb",
        paths.DATASETS / "datapackage.json",
        Path(os.environ.get("CRMLIB_DATA") or paths.DATASETS / "shihu") / "datapackage.json",
    ]
    for path in files:
        if path.exists():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _known() -> dict[str, set[str]]:
    """List the sets, with the names and ids of their cells, by which a notebook is known."""
    known = {}
    for name in exercise_sets():
        path = paths.EXERCISES / "instructor" / name / f"{name}.ipynb"
        known[name] = collect.names_in(rebuild.read(path))
    return known


def _wall(shared: Path, trust: bool) -> walls.Wall:
    wall = walls.best(shared)
    if not wall.holds and not trust:
        raise places.Refusal(_NO_WALL)
    print(f"Wall: {wall}.")
    return wall


@contextmanager
def _data(class_set: str | Path | None) -> Iterator[Path | None]:
    """Let judges and kernels read the class set, by a path that holds in every folder."""
    before = os.environ.get("CRMLIB_DATA")
    named = class_set or before
    folder = Path(named).resolve() if named else None
    if folder and not folder.exists():
        folder = paths.COURSE / named
    if folder:
        os.environ["CRMLIB_DATA"] = str(folder)
    try:
        yield folder
    finally:
        os.environ.pop("CRMLIB_DATA", None)
        if before is not None:
            os.environ["CRMLIB_DATA"] = before


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Note Ctrl-C instead of stopping in the middle of an entry; a second one stops at once."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def note(number, frame):
        stopped.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


# files


def _stage_source(name: str, root: Path) -> bool:
    """Copy the instructor's notebook to nbgrader's layout; True when nbgrader must read it anew."""
    file = Path(name) / f"{name}.ipynb"
    source, target = paths.EXERCISES / "instructor" / file, root / "source" / file
    if target.exists() and target.read_bytes() == source.read_bytes():
        return not (root / "release" / file).exists() or not (root / "gradebook.db").exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return True


def _student_copy(released: Path, to: Path) -> Path:
    notebook = nbformat.read(released / f"{released.name}.ipynb", as_version=4)
    to.mkdir(parents=True, exist_ok=True)
    path = to / f"{to.name}.ipynb"
    stored.write(notebook, path)
    return path


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    beside.write_text(text, encoding="utf-8", newline="\n")
    os.replace(beside, path)


# words


def _refused(refused: list[tuple[str, str]]) -> Iterator[str]:
    """Say what was not graded, and of many files of one folder, such as a whole course, how many.

    >>> list(_refused([("lee/a.csv", "is no notebook")] + [("ann/", "holds no notebook")]))
    ['lee/a.csv is no notebook', 'ann/ holds no notebook']
    >>> list(_refused([(f"lee/{n}.csv", "is no notebook") for n in range(9)]))
    ['lee/...: 9 files, each of which is no notebook']
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for name, why in refused:
        alike.setdefault((name.split("/")[0], why), []).append(name)
    for (first, why), names in alike.items():
        if len(names) > _MANY:
            yield f"{first}/...: {len(names)} files, each of which {why}"
        else:
            yield from (f"{name} {why}" for name in names)


def _in_words(grades: pd.DataFrame, found: collect.Collected, root: Path, wall: walls.Wall) -> str:
    told = grades[grades.problem != ""]
    none = int(grades.score.isna().sum())
    by_hand = int(grades.needs_manual_grade.sum())
    lines = ["", f"Submissions: {len(grades)}, with something to say: {len(told)}."]
    lines += [f"  {row.student} · {row.assignment}: {row.problem}" for row in told.itertuples()]
    lines += [f"  not graded: {said}" for said in _refused(found.refused)]
    if none:
        lines += [f"Without a mark: {none}, see above."]
    lines += [f"Submissions with answers to mark by hand: {by_hand}."]
    if by_hand:
        lines += [
            "  Until then these answers count 0 points. Start Jupyter in the folder of the marks,",
            f'    cd "{root}"',
            f'    uv run --project "{paths.COURSE}" jupyter lab',
            "  mark them in Nbgrader > Formgrader > Manual Grading, and grade again.",
        ]
    lines += [f"Students' code ran behind: {wall}."]
    return "\n".join([*lines, f"Marks: {root / 'grades.csv'}", f"Feedback: {root / 'feedback'}"])
