"""A task and its feedback; what a student holds of it, and what its author does."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

from crmlib import paths
from crmlib.course.checks.kinds import Miss, NotTried, fits, once, quietly

_NOT_TRIED = "Not tried yet. Put your answer where the ... stands, and run both cells again."


def of(name: str) -> SimpleNamespace:
    """Load the checks of one exercise set, wherever the notebook runs.

    Parameters
    ----------
    name : str
        Name of the set, such as ``"2_4_buy_till_you_die"``.

    Returns
    -------
    SimpleNamespace
        One check per task of the set; ``check.warm_up(answer)`` prints its feedback, and
        ``check.warm_up.grade(answer)`` raises it unless the answer is right.

    Raises
    ------
    ValueError
        There is no such set; the message lists those that exist.
    """
    closed = _recording if is_exam() else _closed
    return SimpleNamespace(**{key: closed(task) for key, task in load(name).items()})


def is_exam() -> bool:
    """Say whether the tables of today belong to an exam: ``exam.json`` lies beside them."""
    folder = os.environ.get("CRMLIB_DATA")
    return bool(folder) and any(
        (place / "exam.json").exists() for place in (Path(folder), paths.COURSE / folder)
    )


def load(name: str) -> dict[str, Task]:
    """Load the tasks of one set as their author wrote them, answers and all, to test them."""
    folder = paths.EXERCISES / "checks"
    path = folder / f"{name}.py"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in folder.glob("[!_]*.py"))) or "none"
        raise ValueError(f"There are no checks called {name!r}. There are: {there}.")
    spec = importlib.util.spec_from_file_location(f"checks_of_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {key: value for key, value in vars(module).items() if isinstance(value, Task)}


def _closed(task: Task):
    """Give what a student holds of a task: it judges an answer, and has no attribute to read.

    The task is out of sight, not out of reach: who digs in closures finds it, as does who opens
    the file of checks.
    """

    class Check:
        __slots__ = ()
        __doc__ = task.__doc__

        def __repr__(self) -> str:
            return f"<check {task.name}: call it with your answer>"

        def __call__(self, answer) -> None:
            task(answer)

        def grade(self, answer) -> None:
            """Raise AssertionError with the feedback unless `answer` is right."""
            task.grade(answer)

    return Check()


def _recording(task: Task):
    """Give what a student holds of a task in an exam: it takes an answer, and tells no verdict."""

    class Check:
        __slots__ = ()
        __doc__ = task.__doc__

        def __call__(self, answer) -> None:
            print(task.recorded(answer))

        def grade(self, answer) -> None:
            """Say as little as the check itself."""

    return Check()


class Task:
    """One task: its right answer, its usual mistakes, and what to say about each.

    Call it with an answer to print feedback. A set's tasks are recipes, which know their usual
    mistakes: :func:`crmlib.course.checks.recipe`.
    """

    def __init__(self, right: Callable, kind, *, means: str | Callable, hints: tuple[str, ...]):
        self.name, self.__doc__ = right.__name__, right.__doc__
        self.kind, self.means, self.hints = kind, means, hints
        self._compute, self._misses = right, 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    @cached_property
    def right(self):
        """The right answer, computed from the data at the first check."""
        return self._compute()

    @property
    def messages(self) -> dict[str, str]:
        """What each usual mistake is told, by the mistake's name."""
        return {}

    def examples(self) -> dict:
        """Compute the right answer and every usual wrong one, by name, to test the checks."""
        with quietly():
            return {"right": self.right, **{name: self.wrong(name) for name in self.messages}}

    def __call__(self, answer) -> None:
        """Print the feedback on `answer`; a hint comes with the second miss, and further ones."""
        outcome, text = self.judge(answer)
        self._misses += outcome == "not yet"
        if outcome == "not yet" and self._misses > 1:
            text += f"\n{self._hint(min(self._misses - 1, len(self.hints)))}"
        print(text)

    def _hint(self, number: int) -> str:
        of_how_many = f" {number} of {len(self.hints)}" if len(self.hints) > 1 else ""
        return f"Hint{of_how_many}: {self.hints[number - 1]}"

    def grade(self, answer) -> None:
        """Raise AssertionError with the feedback unless `answer` is right."""
        outcome, text = self.judge(answer)
        if outcome != "right":
            raise AssertionError(text)

    def judge(self, answer) -> tuple[str, str]:
        """Say how `answer` stands (not tried, not yet, right), and the feedback on it."""
        if answer is ...:  # before the right answer is computed: nobody waits for an untouched copy
            return "not tried", _NOT_TRIED
        answer = once(answer)
        with quietly():
            try:
                self.kind.compare(answer, self.right)
            except NotTried:
                return "not tried", _NOT_TRIED
            except Miss as miss:
                how = self.kind.passed[miss.aspect]
                return "not yet", f"Not yet: {how}. {self._why(answer, miss)}"
            if mistake := self._nearer(answer):
                return "not yet", f"Not yet: {self.kind.passed['value']}. {mistake}"
            means = self.means(self.right) if callable(self.means) else self.means
            return "right", f"Right. {means}"

    def recorded(self, answer) -> str:
        """Say of an answer only whether it was tried, and is of the right kind."""
        if answer is ...:  # as in `judge`
            return _NOT_TRIED
        try:
            with quietly():
                self.kind.compare(answer, self.right)
        except NotTried:
            return _NOT_TRIED
        except Miss as miss:
            if miss.aspect == "type":
                return f"Wrong kind. {miss}"
        except Exception:  # whatever else is wrong is told with the marks
            pass
        return "Recorded. What it is worth is told with the marks."

    def _why(self, answer, miss: Miss) -> str | Miss:
        """Say why an answer is not right: one mistake, too few digits, two mistakes, or the miss."""
        if told := self.named(answer):
            return told
        if miss.aspect == "value" and self.kind.rounded(answer, self.right):
            many = {3: "three", 4: "four"}.get(self.kind.digits, self.kind.digits)
            return f"It looks rounded too far; give at least {many} digits."
        return self._two(answer) or miss

    def _two(self, answer) -> str | None:
        """Name two mistakes at once; only recipes can."""
        return None

    def named(self, answer) -> str | None:
        """Name the mistakes that lead to `answer`: this task's own, then those of its kind."""
        return self._own(answer) or self._slip(answer)

    def _own(self, answer, digits: int = 3) -> str | None:
        found = [m for name, m in self.messages.items() if self._fits(answer, name, digits)]
        return listed("One of these would give this", list(dict.fromkeys(found)))

    def _fits(self, answer, name: str, digits: int) -> bool:
        try:
            wrong = self.wrong(name)
        except Exception:  # on somebody's own data a wrong way may end in an error of any kind
            return False
        return fits(self.kind, answer, wrong, digits)

    def _slip(self, answer) -> str | None:
        slips = self.kind.slips(self.right)
        return next((m for m, wrong in slips.items() if fits(self.kind, answer, wrong)), None)

    def _nearer(self, answer) -> str | None:
        """Name the mistake that fits exactly where the right answer does so only by rounding."""
        if fits(self.kind, answer, self.right, digits=9):
            return None
        return self._own(answer, digits=9)


def listed(opening: str, messages: list[str]) -> str | None:
    """Write one message, or several with numbers.

    >>> listed("Two things", ["You took A.", "You took B."])
    'Two things: (1) You took A. (2) You took B.'
    """
    if len(messages) < 2:
        return messages[0] if messages else None
    numbered = (f"({number}) {message}" for number, message in enumerate(messages, start=1))
    return f"{opening}: {' '.join(numbered)}"
