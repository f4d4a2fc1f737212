"""One hand-in, run and judged: the student's code in a kernel behind a wall, the checks in here."""

from __future__ import annotations

import ast
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_grade

from crmlib.course.checks import tasks
from crmlib.course.checks.kinds import fits
from crmlib.course.grading import answers, inert, talk
from crmlib.course.grading.launch import NoKernel
from crmlib.course.grading.walls import Wall

CALL_SECONDS = 10.0  # for one question about an answer
_JUDGING = 100.0  # seconds that the answers of one notebook may take to be compared
_LEAST = 5.0  # of these for each, when they are used up
_RESTARTS = 3  # of a kernel that died, before the rest is given up
_MOST_OUTPUT = 4_000_000  # characters of a notebook's outputs
_GONE = "The kernel had ended: {why}."


@dataclass
class Verdict:
    """What the judge says of one check."""

    right: bool
    text: str


@dataclass
class Result:
    """What there is to know of one hand-in: outputs and verdicts by cell, and what went wrong."""

    outputs: dict[str, list] = field(default_factory=dict)
    verdicts: dict[str, dict] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    wall: str = ""


class Check:
    """A check cell as the instructor wrote it: the set, the task, and the answer's expression.

    >>> one = Check.of('check.top(best[0])', "1_1_some_set")
    >>> one.task, one.answer
    ('top', 'best[0]')
    """

    def __init__(self, set_: str, task: str, answer: str):
        self.set, self.task, self.answer = set_, task, answer

    @classmethod
    def of(cls, source: str, set_: str) -> Check:
        """Read it from the first line of a check cell: ``check.<task>(<answer>)``."""
        call = ast.parse(source).body[0].value
        named = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if not named or len(call.args) != 1 or call.keywords:
            raise ValueError(f"A check cell is check.<task>(<answer>), and this is {source!r}.")
        return cls(set_, call.func.attr, ast.unparse(call.args[0]))

    def judge(self, text: str, ask, seconds: float = _JUDGING) -> Verdict:
        """Judge an answer by what the kernel sent, in so many seconds."""
        try:
            answer = answers.unpack(text, ask)
        except answers.TooLarge as error:
            return Verdict(False, f"Not yet: the answer is too large ({error}).")
        except answers.Unreadable:
            return Verdict(False, "Not yet: the answer could not be read.")
        except answers.Raised as error:
            return Verdict(False, f"Not yet: {error}.")
        task = _tasks(self.set)[self.task]
        try:
            with _within(seconds):
                outcome, said = task.judge(answer)
        except _TooSlow:
            return _shortly(task, answer)
        except Exception as error:  # what nobody thought of is not right, and ends no class
            return Verdict(False, f"Not yet: it cannot be compared ({type(error).__name__}).")
        return Verdict(outcome == "right", said)


def _shortly(task, answer) -> Verdict:
    """Judge without saying why: to look through all mistakes took too long."""
    try:
        with _within(_LEAST):
            right = fits(task.kind, answer, task.right)
    except _TooSlow:
        right = False
    return Verdict(right, "Right." if right else "Not yet: to compare it takes too long.")


class _TooSlow(BaseException):
    """A comparison that was made to take for ever; no check may catch it."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Stop what takes longer, on systems that can."""
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number, frame):
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_loaded: dict[str, dict] = {}


def _tasks(set_: str) -> dict:
    """Load the tasks of a set once: their right answers are computed once as well."""
    if set_ not in _loaded:
        _loaded[set_] = tasks.load(set_)
    return _loaded[set_]


def set_of(notebook: NotebookNode) -> str:
    """Tell which checks a notebook loads: ``crm.checks.of("<set>")``."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    found = re.search(r"checks\.of\(\s*['\"](\w+)['\"]\s*\)", text)
    if not found:
        raise ValueError("The notebook loads no checks: crm.checks.of(...) is missing.")
    return found[1]


def judged(
    book: NotebookNode, released: NotebookNode, wall: Wall, shared: Path, timeout: float
) -> Result:
    """Run a rebuilt notebook and judge its answers.

    Parameters
    ----------
    book, released : NotebookNode
        From :mod:`rebuild`, and as it was handed out.
    wall, shared
        As for :class:`crmlib.course.grading.launch.Process`.
    timeout : float
        Seconds for a cell; three times as much, at least three minutes, for the notebook.

    Raises
    ------
    NoKernel
        The first kernel did not start: nothing is known of the hand-in.
    """
    run = _Run(book, set_of(released), wall, shared, timeout)
    try:
        run.through()
    finally:
        run.end()
    return run.result


class _Run:
    """The way of one notebook through one kernel, or several if it kills them."""

    def __init__(self, book, set_: str, wall: Wall, shared: Path, timeout: float):
        self.result = Result(wall=str(wall))
        self._cells = [cell for cell in book.cells if cell.cell_type == "code"]
        self._set, self._wall, self._shared, self._timeout = set_, wall, shared, timeout
        self._until = time.monotonic() + max(3 * timeout, 180)
        self._culprits, self._why, self._starts = set(), "", 0
        self._room, self._judging = _MOST_OUTPUT, _JUDGING
        self._kernel = self._started()

    def _started(self) -> talk.Kernel | None:
        """Start a kernel; a second try is for a busy machine."""
        self._starts += 1
        try:
            return talk.Kernel(self._wall, self._shared)
        except NoKernel:
            return talk.Kernel(self._wall, self._shared)

    def end(self) -> None:
        if self._kernel:
            self._kernel.end()

    def through(self) -> None:
        """Run or judge every cell in turn; what a kernel's end cost is that cell, not the rest."""
        for number, cell in enumerate(self._cells):
            if is_grade(cell):
                self._check(number, cell)
            else:
                self._code(number, cell)

    def _left(self) -> float:
        return self._until - time.monotonic()

    def _why_not(self) -> str:
        if self._left() <= 0:
            return "the whole notebook ran too long"
        return "" if self._kernel else self._why

    # cells

    def _code(self, number: int, cell) -> None:
        if self._why_not():
            self._problem(cell, number, "was not run", self._why_not())
            return
        ran = self._kernel.run(cell.source, min(self._timeout, self._left()))
        self._keep(cell, ran)
        if ran.end == "timeout":
            self._culprits.add(number)  # it need not run too long twice
            self.result.outputs[cell.id].append(inert.error("CellTimeoutError", "It ran too long."))
            self._problem(cell, number, "ran too long")
        elif ran.end == "error" and (name := _error_name(ran)):
            self._problem(cell, number, f"ended in {name}")
        if not self._kernel.alive:
            self._died(number, cell, ran.end != "timeout")

    def _keep(self, cell, ran) -> None:
        kept = inert.outputs(ran.outputs)
        size = len(str(kept))
        if ran.cut or size > self._room:
            kept = kept if size <= self._room else []
            kept.append(inert.text("[Here the output was cut: it was too long.]"))
        self._room -= min(size, self._room)
        self.result.outputs[cell.id] = kept

    def _check(self, number: int, cell) -> None:
        verdict = self._verdict(cell)
        if verdict is None:
            verdict = Verdict(False, _GONE.format(why=self._why_not() or self._why))
        if self._kernel and not self._kernel.alive:
            self._died(number, cell, True)
        self.result.verdicts[cell.metadata.nbgrader.grade_id] = asdict(verdict)

    def _verdict(self, cell) -> Verdict | None:
        """Ask for the answer and judge it; None where the kernel is gone."""
        if self._why_not():
            return None
        check = Check.of(cell.source, self._set)
        try:
            text = self._kernel.value(check.answer, self._seconds())
            start = time.monotonic()
            verdict = check.judge(text, self._ask, max(self._judging, _LEAST))
            self._judging -= time.monotonic() - start
            return verdict
        except talk.Failed as error:
            return Verdict(
                False, f"Not yet: {check.answer} has no value. {inert.plain(str(error))}"
            )
        except talk.Slow:
            return Verdict(
                False, f"Not yet: to give its value took longer than {CALL_SECONDS:.0f} s."
            )
        except talk.Gone:
            self._why = self._kernel.over or "it ended when it was asked for an answer"
            return None

    def _ask(self, number: int, given: str) -> str:
        """Call a student's function; whatever it does is a result, and none is asked for twice."""
        try:
            return self._kernel.call(number, given, self._seconds())
        except talk.Slow:
            return answers.raised("TimeoutError", f"it runs longer than {CALL_SECONDS:.0f} s")
        except talk.Gone:
            return answers.raised("SystemExit", "it ends the kernel")
        except talk.Failed as error:
            return answers.raised("Error", str(error))

    def _seconds(self) -> float:
        return max(min(CALL_SECONDS, self._left()), 0.1)

    # a kernel that died

    def _died(self, number: int, cell, said: bool) -> None:
        """Start another kernel, run what came before without the culprits, and go on behind it."""
        self._why = self._kernel.over or self._why or "it ended in the middle of a cell"
        if said:
            self._problem(cell, number, "ended the kernel", self._kernel.over or "")
        self._culprits.add(number)
        self._kernel.end()
        self._kernel = None
        while self._starts <= _RESTARTS and self._left() > 0 and not self._kernel:
            try:
                self._kernel = self._started()
            except NoKernel:
                return
            self._again(number)

    def _again(self, number: int) -> None:
        for earlier, cell in enumerate(self._cells[:number]):
            if earlier in self._culprits or is_grade(cell):
                continue
            self._kernel.run(cell.source, min(self._timeout, max(self._left(), 0.1)))
            if not self._kernel.alive:
                self._culprits.add(earlier)
                self._kernel.end()
                self._kernel = None
                return

    def _problem(self, cell, number: int, what: str, why: str = "") -> None:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", f"number {number + 1}")
        self.result.problems.append(f"cell {name} {what}" + (f" ({why})" if why else ""))


def _error_name(ran) -> str:
    names = [one.get("ename", "") for one in ran.outputs if one.output_type == "error"]
    return inert.name(names[-1]) if names else "an error"
