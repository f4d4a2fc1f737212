"""Instant feedback on an exercise: not tried yet, not yet (and why), right.

A set of exercises has one file of checks, ``exercises/checks/<set>.py``. Each task in it is a
function that *computes* the right answer from the data, so that a class set with another seed needs
no new answers. The usual mistakes are functions too: each computes the wrong answer it leads to.

Examples
--------
>>> @task(Number(share=True), means=lambda share: f"{share:.1%} came back.", hint="Use isin.")
... def came_back():
...     return 120 / 1414
>>> @came_back.mistake("You divided by all customers, not by those called lost.")
... def of_everyone():
...     return 120 / 2357
>>> came_back(...)
Not tried yet. Put your answer where the ... stands, and run both cells again.
>>> came_back(0.0509)
Not yet: right type, wrong value. You divided by all customers, not by those called lost.
>>> came_back(8.49)
Not yet: right type, wrong value. This looks like a percentage; give a share between 0 and 1.
Hint: Use isin.
>>> came_back(0.085)
Right. 8.5% came back.
"""

from __future__ import annotations

import importlib.util
import inspect
import numbers
import warnings
from collections.abc import Callable, Collection, Hashable
from decimal import Decimal
from functools import cache, cached_property
from types import SimpleNamespace

import numpy as np
import pandas as pd
from pandas.api import types

from crmlib import paths
from crmlib.estimate import Estimate

_NEAR = 1e-3  # relative: two optimisers agree to this, two different answers hardly ever do
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
        One :class:`Task` per task of the set; ``check.warm_up(answer)`` prints its feedback.

    Raises
    ------
    ValueError
        There is no such set; the message lists those that exist.
    """
    folder = paths.EXERCISES / "checks"
    path = folder / f"{name}.py"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in folder.glob("[!_]*.py"))) or "none"
        raise ValueError(f"There are no checks called {name!r}. There are: {there}.")
    spec = importlib.util.spec_from_file_location(f"checks_of_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return SimpleNamespace(**{k: v for k, v in vars(module).items() if isinstance(v, Task)})


def task(kind, *, means: str | Callable, hint: str) -> Callable[[Callable], Task]:
    """Make a :class:`Task` of the function beneath, which computes the right answer.

    Parameters
    ----------
    kind : Number, Integer, Choice, Values, Table, Ids, Function or Model
        How an answer is compared with the right one.
    means : str or callable
        One line on what the right answer means; a callable gets the right answer.
    hint : str
        Shown from the second miss on.
    """
    return lambda right: Task(right, kind, means=means, hint=hint)


class Task:
    """One task: its right answer, its usual mistakes, and what to say about each.

    Call it with an answer to print feedback. Made by :func:`task`.
    """

    def __init__(self, right: Callable, kind, *, means: str | Callable, hint: str):
        self.name, self.__doc__ = right.__name__, right.__doc__
        self.kind, self.means, self.hint = kind, means, hint
        self._compute, self._mistakes, self._misses = right, {}, 0

    def __repr__(self) -> str:
        return f"Task({self.name})"

    @cached_property
    def right(self):
        """The right answer, computed from the data at the first check."""
        return self._compute()

    @property
    def messages(self) -> dict[str, str]:
        """What each usual mistake is told, by the mistake's name."""
        return {name: message for name, (_, message) in self._mistakes.items()}

    def mistake(self, message: str) -> Callable[[Callable], Callable]:
        """Declare a usual mistake: the function beneath computes the wrong answer it leads to."""

        def declare(wrong: Callable) -> Callable:
            self._mistakes[wrong.__name__] = (cache(wrong), message)
            return wrong

        return declare

    def examples(self) -> dict:
        """Compute the right answer and every usual wrong one, by name, to test the checks."""
        with _quietly():
            wrong = {name: compute() for name, (compute, _) in self._mistakes.items()}
            return {"right": self.right, **wrong}

    def __call__(self, answer) -> None:
        """Print the feedback on `answer`; the hint comes with the second miss."""
        outcome, text = self._judge(answer)
        self._misses += outcome == "not yet"
        if outcome == "not yet" and self._misses > 1:
            text += f"\nHint: {self.hint}"
        print(text)

    def grade(self, answer) -> None:
        """Raise AssertionError with the feedback unless `answer` is right."""
        outcome, text = self._judge(answer)
        if outcome != "right":
            raise AssertionError(text)

    def _judge(self, answer) -> tuple[str, str]:
        with _quietly():
            try:
                self.kind.compare(answer, self.right)
            except _NotTried:
                return "not tried", _NOT_TRIED
            except _Miss as miss:
                how = self.kind.passed[miss.aspect]
                return "not yet", f"Not yet: {how}. {self._usual(answer) or miss}"
            means = self.means(self.right) if callable(self.means) else self.means
            return "right", f"Right. {means}"

    def _usual(self, answer) -> str | None:
        for wrong, message in self._mistakes.values():
            try:
                self.kind.compare(answer, wrong())
            except _Miss:
                continue
            return message
        return None


class _NotTried(Exception):
    """The answer is still the stub."""


class _Miss(Exception):
    """An answer that is not right: the aspect that failed (type, shape or value), and why."""

    def __init__(self, aspect: str, why: str):
        self.aspect = aspect
        super().__init__(why)


_SCALAR = {"type": "wrong type", "value": "right type, wrong value"}
_SHAPED = {
    "type": "wrong type",
    "shape": "right type, wrong shape",
    "value": "right type and shape, wrong value",
}


class Number:
    """One number, right when it agrees to a thousandth or to the three or more digits it shows.

    Parameters
    ----------
    share : bool
        Whether it is a share between 0 and 1, so that a percentage is named as such.
    """

    passed = _SCALAR

    def __init__(self, *, share: bool = False):
        self.share = share

    def compare(self, answer, right) -> None:
        """Raise unless `answer` is the number `right`."""
        value = _as_number(answer)
        if not _agree(value, right):
            raise _Miss("value", self._why(value, right))

    def _why(self, value: float, right: float) -> str:
        if self.share and _agree(value, 100 * right):
            return "This looks like a percentage; give a share between 0 and 1."
        if self.share and not 0 <= value <= 1:
            return "A share lies between 0 and 1."
        if _agree(value, -right):
            return "The size is right, the sign is turned round."
        if abs(value - right) <= 10.0 ** _shown(value)[1] / 2:
            return "It looks rounded too far; give at least three digits."
        return f"The number is too {'high' if value > right else 'low'}."


class Integer:
    """A count, right when exact."""

    passed = _SCALAR

    def compare(self, answer, right) -> None:
        """Raise unless `answer` is the whole number `right`."""
        value = _as_number(answer)
        if value != round(value):
            raise _Miss("type", f"A whole number is wanted, and this is {value:g}.")
        if abs(value - right) == 1:
            raise _Miss("value", "You are off by one: does the border itself belong (< or <=)?")
        if value != right:
            raise _Miss("value", f"The count is too {'high' if value > right else 'low'}.")


class Choice:
    """One of a few words; capitals and blanks around it do not matter."""

    passed = _SCALAR

    def __init__(self, *options: str):
        self.options = options

    def compare(self, answer, right) -> None:
        """Raise unless `answer` is the option `right`."""
        _tried(answer)
        listed = ", ".join(repr(option) for option in self.options)
        if not isinstance(answer, str):
            raise _Miss("type", f"Give one of {listed}, in quotes; this is {_a(answer)}.")
        said = answer.strip().casefold()
        if said not in [option.casefold() for option in self.options]:
            raise _Miss("value", f"{answer!r} is not among the options: {listed}.")
        if said != right.casefold():
            raise _Miss("value", "Look at the numbers above again.")


class Values:
    """A Series of numbers, one per row of the right answer's index; the order does not matter.

    Parameters
    ----------
    rows : str
        What a row stands for, in the plural, for the messages.
    """

    passed = _SHAPED

    def __init__(self, rows: str = "rows"):
        self.rows = rows

    def compare(self, answer, right) -> None:
        """Raise unless `answer` holds the numbers of `right` for the same index."""
        _tried(answer)
        if isinstance(answer, pd.DataFrame):
            raise _Miss("type", "A Series is wanted, and this is a DataFrame: pick its column.")
        if not isinstance(answer, pd.Series):
            raise _Miss("type", f"A Series is wanted, and this is {_a(answer)}.")
        if not types.is_numeric_dtype(answer) or types.is_bool_dtype(answer):
            raise _Miss("type", f"The Series should hold numbers; its dtype is {answer.dtype}.")
        _same_index(answer.index, right.index, self.rows)
        _same_numbers(answer.reindex(right.index), right, self.rows)


class Table:
    """A DataFrame of numbers, compared column by column; the order of either does not matter."""

    passed = _SHAPED

    def __init__(self, rows: str = "rows"):
        self.rows = rows

    def compare(self, answer, right) -> None:
        """Raise unless `answer` holds the columns and rows of `right`."""
        _tried(answer)
        if not isinstance(answer, pd.DataFrame):
            raise _Miss("type", f"A DataFrame is wanted, and this is {_a(answer)}.")
        if list(answer.columns) != list(right.columns):
            _same_columns(answer.columns, right.columns)
        for name in right:
            if not types.is_numeric_dtype(answer[name]):
                raise _Miss("type", f"Column {name!r} should hold numbers.")
        _same_index(answer.index, right.index, self.rows)
        for name in right:
            _same_numbers(answer[name].reindex(right.index), right[name], self.rows, name)


class Ids:
    """A set of ids, in any order, as an Index, Series, array, list or set.

    Parameters
    ----------
    rows : str
        What an id stands for, in the plural, for the messages.
    """

    passed = _SHAPED

    def __init__(self, rows: str = "ids"):
        self.rows = rows

    def compare(self, answer, right) -> None:
        """Raise unless `answer` lists the ids of `right`."""
        given = self._listed(answer)
        if isinstance(answer, pd.Series) and set(answer.index) == set(right) != set(given):
            raise _Miss("type", f"These are values; the {self.rows} stand in the index: .index.")
        if len(set(given)) < len(given):
            raise _Miss("shape", f"Some {self.rows} are listed twice.")
        if len(given) != len(right):
            many = "many" if len(given) > len(right) else "few"
            raise _Miss("shape", f"You list {len(given):,} {self.rows}; that is too {many}.")
        if wrong := len(set(given) - set(right)):
            raise _Miss("value", f"The number is right, but {wrong:,} {self.rows} do not belong.")

    def _listed(self, answer) -> list:
        _tried(answer)
        other = isinstance(answer, (str, bytes, dict)) or getattr(answer, "ndim", 1) > 1
        if other or not isinstance(answer, Collection):
            raise _Miss("type", f"Give a list or an Index of {self.rows}; this is {_a(answer)}.")
        given = list(answer)
        if not all(isinstance(one, Hashable) for one in given):
            raise _Miss("type", f"Give a plain list of {self.rows}.")
        if given and all(isinstance(one, (bool, np.bool_)) for one in given):
            why = f"This says True or False for each; give the {self.rows} where it is True."
            raise _Miss("type", why)
        return given


class Function:
    """A function, called with each of the inputs and compared by its results.

    Parameters
    ----------
    *inputs : tuple
        The arguments of each call.
    result : Number, Values, ...
        How one result is compared; a number by default.
    """

    passed = _SHAPED

    def __init__(self, *inputs: tuple, result=None):
        self.inputs, self.result = inputs, result or Number()

    def compare(self, answer, right) -> None:
        """Raise unless `answer` returns what `right` returns, for every input."""
        _tried(answer)
        if not callable(answer):
            raise _Miss("type", f"A function is wanted, and this is {_a(answer)}.")
        for given in self.inputs:
            call = f"For ({', '.join(map(repr, given))})"
            result = self._call(answer, given, call)
            try:
                self.result.compare(result, right(*given))
            except _Miss as miss:
                raise _Miss("value", f"{call} it returns {_a(result)}. {miss}") from None

    def _call(self, answer, given: tuple, call: str):
        try:
            inspect.signature(answer).bind(*given)
        except TypeError as error:
            raise _Miss("shape", f"It should take {len(given)} arguments: {error}.") from None
        except ValueError:  # built-in functions need not have a signature
            pass
        try:
            return answer(*given)
        except Exception as error:  # whatever a student's function raises is feedback
            raise _Miss("value", f"{call} it raises {type(error).__name__}: {error}.") from None


class Model:
    """A fitted model, right when its parameters agree to one per cent with those wanted."""

    passed = _SHAPED

    def compare(self, answer, right) -> None:
        """Raise unless `answer` is a fitted model of the class of `right` with its parameters."""
        _tried(answer)
        if type(answer).__name__ != type(right).__name__:
            why = f"A fitted {type(right).__name__} is wanted, and this is {_a(answer)}."
            raise _Miss("type", why)
        if not hasattr(answer, "params_"):
            raise _Miss("shape", "The model is not fitted yet: call its .fit(...).")
        if not np.allclose(answer.params_, right.params_, rtol=0.01):
            raise _Miss("value", "It is fitted, but to other customers, dates or units.")


def _quietly():
    """Silence warnings: nbgrader takes any line on stderr for a failed test."""
    return warnings.catch_warnings(action="ignore")


def _tried(answer) -> None:
    if answer is ...:
        raise _NotTried


def _as_number(answer) -> float:
    _tried(answer)
    if isinstance(answer, (pd.Series, pd.DataFrame, pd.Index, np.ndarray)) and answer.size == 1:
        raise _Miss("type", f"This is {_a(answer)} with one value: take it out with .item().")
    number = isinstance(answer, (numbers.Real, Decimal, Estimate))
    if not number or isinstance(answer, bool):
        raise _Miss("type", f"A number is wanted, and this is {_a(answer)}.")
    value = float(answer)
    if not np.isfinite(value):
        raise _Miss("value", f"It is {value}: did a missing value or a division by zero creep in?")
    return value


def _agree(answer: float, right: float) -> bool:
    """Say whether `answer` is `right`, perhaps rounded or cut to the digits it shows.

    >>> [_agree(a, 0.24302) for a in (0.243, 0.2430, 0.24, 0.244)]
    [True, True, False, False]
    """
    if abs(answer - right) <= _NEAR * abs(right) + 1e-12:
        return True
    digits, exponent = _shown(answer)
    if not (digits == 2 and exponent <= -3):  # 0.051 has its three decimals
        exponent = min(exponent, exponent + digits - 3)  # 0.24 may have been typed as 0.240
    unit, beyond = 10.0**exponent, abs(right) - abs(answer)
    return answer * right > 0 and -unit / 2 <= beyond < unit


def _shown(value: float) -> tuple[int, int]:
    """Count the digits a number shows, and the power of ten of the last.

    >>> _shown(0.051), _shown(1200.0)
    ((2, -3), (2, 2))
    """
    shown = Decimal(repr(float(value))).normalize().as_tuple()
    return len(shown.digits), shown.exponent


def _same_columns(given: pd.Index, wanted: pd.Index) -> None:
    for side, names in (
        ("missing", [c for c in wanted if c not in given]),
        ("too many", [c for c in given if c not in wanted]),
        ("there twice", list(given[given.duplicated()])),
    ):
        if names:
            raise _Miss("shape", f"These columns are {side}: {', '.join(map(str, names))}.")


def _same_index(given: pd.Index, wanted: pd.Index, rows: str) -> None:
    if (twice := given.duplicated()).any():
        raise _Miss("shape", f"Some {rows} stand in the index twice, first {given[twice][0]}.")
    missing = len(wanted.difference(given, sort=False))
    extra = len(given.difference(wanted, sort=False))
    if missing or extra:
        why = f"Of {len(wanted):,} {rows} {missing:,} are missing, and {extra:,} do not belong."
        raise _Miss("shape", f"{why} Look at the index.")


def _same_numbers(given: pd.Series, right: pd.Series, rows: str, column: str = "") -> None:
    where = f" in column {column!r}" if column else ""
    given, wanted = given.to_numpy(float, na_value=np.nan), right.to_numpy(float, na_value=np.nan)
    if empty := int((np.isnan(given) & ~np.isnan(wanted)).sum()):
        raise _Miss("value", f"{empty:,} of {len(wanted):,} {rows} are NaN{where}.")
    near = np.isclose(given, wanted, rtol=_NEAR, atol=_rounding(given), equal_nan=True)
    if not near.all():
        first = int(np.argmin(near))
        example = f"the first is {right.index[first]}, with {given[first]:.6g}"
        why = f"{(~near).sum():,} of {len(near):,} {rows} differ{where}; {example}."
        raise _Miss("value", why)


def _rounding(values: np.ndarray) -> float:
    """Give half a unit of the decimals the values were rounded to, if two to six.

    >>> _rounding(np.array([0.25, 1.13])), _rounding(np.array([1 / 3])), _rounding(np.array([1e-15]))
    (0.005, 0.0, 0.0)
    """
    for decimals in range(2, 7):
        # Relative: a p-value of 1e-15 is no rounded 0.00.
        if np.allclose(values, values.round(decimals), rtol=1e-9, atol=0, equal_nan=True):
            return 0.5 * 10.0**-decimals
    return 0.0


def _a(answer) -> str:
    """Name an answer's type, or show a number, in a student's words.

    >>> _a(None), _a([1]), _a("x"), _a(0.5)
    ('None (did a cell print the answer instead of keeping it?)', 'a list', 'a text', '0.5')
    """
    if answer is None:
        return "None (did a cell print the answer instead of keeping it?)"
    if isinstance(answer, numbers.Real) and not isinstance(answer, (bool, np.bool_)):
        return f"{float(answer):.6g}"
    if isinstance(answer, type):
        return f"a class (make an object of it: {answer.__name__}())"
    if callable(answer):
        return "a function (call it: name(...))"
    name = {"str": "text", "bool": "True or False", "ndarray": "array"}.get(
        kind := type(answer).__name__, kind
    )
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
