"""How answers of each kind are compared with the right one, and the slips that come with the kind."""

from __future__ import annotations

import inspect
import numbers
import warnings
from collections.abc import Callable, Collection
from decimal import Decimal
from functools import wraps

import numpy as np
import pandas as pd
from pandas.api import types

from crmlib.estimate import Estimate
from crmlib.units import DAYS


class NotTried(Exception):
    """The answer is still the stub."""


class Miss(Exception):
    """An answer that is not right: the aspect that failed (type, shape or value), and why."""

    def __init__(self, aspect: str, why: str):
        self.aspect = aspect
        super().__init__(why)


def fits(kind, answer, other, digits: int = 3) -> bool:
    """Say whether `answer` is `other` to so many digits, by the kind's own comparison.

    >>> fits(Number(), 0.24, 0.2403), fits(Number(), 0.24, 0.2403, digits=9)
    (True, False)
    """
    try:
        kind.compare(answer, other, digits)
    except (Miss, NotTried):
        return False
    except Exception:  # a wrong way may lead to something that the kind cannot compare at all
        return False
    return True


_SCALAR = {"type": "wrong type", "value": "right type, wrong value"}
_SHAPED = {
    "type": "wrong type",
    "shape": "right type, wrong shape",
    "value": "right type and shape, wrong value",
}


class _Kind:
    """What kinds share: no slips, unless they say so, and two mistakes at once are looked for."""

    pairs, digits = True, 3

    def slips(self, right) -> dict:
        """Compute the wrong answers of generic slips, each by what it is told."""
        return {message: wrong for message, wrong in self._slips(right) if not _empty(wrong)}

    def _slips(self, right):
        return ()

    def rounded(self, answer, right) -> bool:
        """Say whether `answer` is `right`, rounded further than the task allows."""
        return False


class _Numbers(_Kind):
    """What kinds made of numbers share.

    Parameters
    ----------
    share : bool
        Whether the numbers are shares between 0 and 1: then percentages and rests are slips.
    per : "day", "week", "month" or "year", optional
        The unit of time of a rate: then the same rate per another unit is a slip.
    """

    def __init__(self, *, share: bool = False, per: str | None = None):
        if per is not None and per not in DAYS:
            raise ValueError(f"per={per!r}: choose one of {', '.join(DAYS)}.")
        self.share, self.per = share, per

    def rounded(self, answer, right) -> bool:
        """Say whether `answer` is `right`, rounded further than the task allows."""
        given = answer.reindex_like(right)
        own = not np.any(given)  # nothing but zeros is an answer of its own
        return not own and any(given.equals(right.round(decimals)) for decimals in range(4))

    def _slips(self, right):
        if self.share:
            yield "This looks like a percentage; give a share between 0 and 1.", 100 * right
            yield "This is the rest, one minus the share: turn it round.", 1 - right
            with np.errstate(divide="ignore"):
                odds = np.true_divide(right, 1 - right)
            yield "You divided by the rest, which gives odds; a share divides by all.", odds
        for unit, days in DAYS.items():
            if self.per and unit != self.per:
                why = f"This is per {unit}; the task asks for a rate per {self.per}."
                yield why, right * (days / DAYS[self.per])
        yield "The size is right, the sign is turned round.", -right
        with np.errstate(divide="ignore"):
            yield (
                "This is the reciprocal: the fraction stands upside down.",
                np.true_divide(1, right),
            )


class Number(_Numbers):
    """One number, right when it agrees to a thousandth or to the three or more digits it shows.

    Parameters
    ----------
    digits : int
        Digits that must agree, where three do not tell a wrong method from the right one.
    share : bool
        Whether it is a share between 0 and 1: then a percentage and the rest are slips.
    per : "day", "week", "month" or "year", optional
        The unit of time of a rate: then the same rate per another unit is a slip.
    """

    passed = _SCALAR

    def __init__(self, *, digits: int = 3, share: bool = False, per: str | None = None):
        super().__init__(share=share, per=per)
        self.digits = digits

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` is the number `right`."""
        value, digits = _as_number(answer), max(digits, self.digits)
        if not _agree(value, float(right), digits):
            raise Miss("value", self._why(value, float(right)))

    def _why(self, value: float, right: float) -> str:
        if self.share and not 0 <= value <= 1:
            return "A share lies between 0 and 1."
        return f"The number is too {'high' if value > right else 'low'}."

    def rounded(self, answer, right) -> bool:
        """Say whether `answer` is `right`, rounded further than the task allows."""
        value = float(answer)
        # A plain 0 or 1 is an answer of its own, not a rounded one.
        own = abs(value) in (0, 1) or not np.isfinite(value)
        return not own and abs(value - right) <= 10.0 ** _shown(value)[1] / 2


class Integer(_Kind):
    """A count, right when exact."""

    passed = _SCALAR

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` is the whole number `right`."""
        if right != round(right):  # where a mistake leads, a share for a count
            return Number().compare(answer, right, digits)
        value = _as_number(answer)
        if value != round(value):
            raise Miss("type", f"A whole number is wanted, and this is {value:g}.")
        if abs(value - right) == 1:
            raise Miss("value", "You are off by one: does the border itself belong (< or <=)?")
        if value != right:
            raise Miss("value", f"The count is too {'high' if value > right else 'low'}.")


class Choice(_Kind):
    """One of a few words; capitals and blanks around it do not matter."""

    passed = _SCALAR
    pairs = False  # of so few options each is led to by some two mistakes

    def __init__(self, *options: str):
        self.options = options

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` is the option `right`."""
        _tried(answer)
        listed = ", ".join(repr(option) for option in self.options)
        if not isinstance(answer, str):
            raise Miss("type", f"Give one of {listed}, in quotes; this is {_a(answer)}.")
        said = answer.strip().casefold()
        if said not in [option.casefold() for option in self.options]:
            raise Miss("value", f"{answer!r} is not among the options: {listed}.")
        if said != right.casefold():
            raise Miss("value", "Look at the numbers above again.")


class Values(_Numbers):
    """A Series of numbers, one per row of the right answer's index; the order does not matter.

    Parameters
    ----------
    rows : str
        What a row stands for, in the plural, for the messages.
    share, per
        As for :class:`Number`.
    """

    passed = _SHAPED

    def __init__(self, rows: str = "rows", *, share: bool = False, per: str | None = None):
        super().__init__(share=share, per=per)
        self.rows = rows

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` holds the numbers of `right` for the same index."""
        _tried(answer)
        if isinstance(answer, pd.DataFrame):
            raise Miss("type", "A Series is wanted, and this is a DataFrame: pick its column.")
        if not isinstance(answer, pd.Series):
            raise Miss("type", f"A Series is wanted, and this is {_a(answer)}.")
        if not types.is_numeric_dtype(answer) or types.is_bool_dtype(answer):
            raise Miss("type", f"The Series should hold numbers; its dtype is {answer.dtype}.")
        _same_index(answer.index, right.index, self.rows)
        _same_numbers(answer.reindex(right.index), right, self.rows, digits=digits)


class Table(_Numbers):
    """A DataFrame of numbers, compared column by column; the order of either does not matter.

    Takes what :class:`Values` takes.
    """

    passed = _SHAPED

    def __init__(self, rows: str = "rows", *, share: bool = False, per: str | None = None):
        super().__init__(share=share, per=per)
        self.rows = rows

    def _slips(self, right):
        yield from super()._slips(right)
        yield "Rows and columns are exchanged: turn the table by .T.", right.T

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` holds the columns and rows of `right`."""
        _tried(answer)
        if not isinstance(answer, pd.DataFrame):
            raise Miss("type", f"A DataFrame is wanted, and this is {_a(answer)}.")
        if list(answer.columns) != list(right.columns):
            _same_columns(answer.columns, right.columns)
        for name in right:
            if not types.is_numeric_dtype(answer[name]):
                raise Miss("type", f"Column {name!r} should hold numbers.")
        _same_index(answer.index, right.index, self.rows)
        for name in right:
            _same_numbers(answer[name].reindex(right.index), right[name], self.rows, name, digits)


class Ids(_Kind):
    """A set of ids, in any order, as an Index, Series, array, list or set.

    Parameters
    ----------
    rows : str
        What an id stands for, in the plural, for the messages.
    """

    passed = _SHAPED

    def __init__(self, rows: str = "ids"):
        self.rows = rows

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` lists the ids of `right`."""
        given = self._listed(answer)
        ids, wanted = set(given), set(self._listed(right))
        if isinstance(answer, pd.Series) and set(answer.index) == wanted != ids:
            raise Miss("type", f"These are values; the {self.rows} stand in the index: .index.")
        if len(ids) < len(given):
            raise Miss("shape", f"Some {self.rows} are listed twice.")
        if len(given) != len(right):
            many = "many" if len(given) > len(right) else "few"
            raise Miss("shape", f"You list {len(given):,} {self.rows}; that is too {many}.")
        if wrong := len(ids - wanted):
            raise Miss("value", f"The number is right, but {wrong:,} {self.rows} do not belong.")

    def _listed(self, answer) -> list:
        _tried(answer)
        other = isinstance(answer, (str, bytes, dict)) or getattr(answer, "ndim", 1) > 1
        if other or not isinstance(answer, Collection):
            raise Miss("type", f"Give a list or an Index of {self.rows}; this is {_a(answer)}.")
        given = answer.tolist() if isinstance(answer, (pd.Series, pd.Index)) else list(answer)
        try:
            set(given)
        except TypeError:
            raise Miss("type", f"Give a plain list of {self.rows}.") from None
        if given and all(isinstance(one, (bool, np.bool_)) for one in given):
            why = f"This says True or False for each; give the {self.rows} where it is True."
            raise Miss("type", why)
        return given


class Function(_Kind):
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

    def _slips(self, right):
        # The results are computed once: each slip is the same change to every one of them.
        results = [self.result.slips(right(*given)) for given in self.inputs]
        for message in results[0]:
            answers = [one.get(message) for one in results]
            if not any(answer is None for answer in answers):
                yield message, _lookup(self.inputs, answers)

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` returns what `right` returns, for every input."""
        _tried(answer)
        if not callable(answer):
            raise Miss("type", f"A function is wanted, and this is {_a(answer)}.")
        for given in self.inputs:
            call = f"For ({', '.join(map(repr, given))})"
            result = self._call(answer, given, call)
            try:
                self.result.compare(result, right(*given), digits)
            except Miss as miss:
                raise Miss("value", f"{call} it returns {_a(result)}. {miss}") from None

    def _call(self, answer, given: tuple, call: str):
        try:
            inspect.signature(answer).bind(*given)
        except TypeError as error:
            raise Miss("shape", f"It should take {len(given)} arguments: {error}.") from None
        except ValueError:  # built-in functions need not have a signature
            pass
        try:
            return answer(*given)
        except Exception as error:  # whatever a student's function raises is feedback
            raise Miss("value", f"{call} it raises {type(error).__name__}: {error}.") from None


class Model(_Kind):
    """A fitted model, right when its parameters agree to one per cent with those wanted."""

    passed = _SHAPED

    def compare(self, answer, right, digits: int = 3) -> None:
        """Raise unless `answer` is a fitted model of the class of `right` with its parameters."""
        _tried(answer)
        if type(answer).__name__ != type(right).__name__:
            why = f"A fitted {type(right).__name__} is wanted, and this is {_a(answer)}."
            raise Miss("type", why)
        if not hasattr(answer, "params_"):
            raise Miss("shape", "The model is not fitted yet: call its .fit(...).")
        if not np.allclose(answer.params_, right.params_, rtol=10.0 ** (1 - digits)):
            raise Miss("value", "It is fitted, but to other customers, dates or units.")


def once(answer):
    """Give a function that remembers its results, so that a slow answer is not asked again.

    >>> asked = []
    >>> slow = once(lambda x: asked.append(x))
    >>> slow(1), slow(1), asked
    (None, None, [1])
    """
    if not callable(answer) or isinstance(answer, type):
        return answer
    results = {}

    @wraps(answer, updated=())
    def remembered(*given, **named):
        key = repr((given, named))
        if key not in results:
            results[key] = answer(*given, **named)
        return results[key]

    return remembered


def _lookup(inputs: Collection[tuple], answers: list) -> Callable:
    """Make a function of a few known inputs.

    >>> _lookup([(1,), (2,)], ["one", "two"])(2)
    'two'
    """
    known = list(inputs)
    return lambda *given: answers[known.index(given)]


def _empty(wrong) -> bool:
    """Say whether a slip leads nowhere: dividing by zero is nobody's answer.

    >>> _empty(float("inf")), _empty(pd.Series([1.0, np.inf])), _empty(len)
    (True, True, False)
    """
    return not callable(wrong) and bool(np.isinf(np.asarray(wrong, dtype=float)).any())


def quietly():
    """Silence warnings: nbgrader takes any line on stderr for a failed test."""
    return warnings.catch_warnings(action="ignore")


def _tried(answer) -> None:
    if answer is ...:
        raise NotTried


def _as_number(answer) -> float:
    _tried(answer)
    if isinstance(answer, (pd.Series, pd.DataFrame, pd.Index, np.ndarray)) and answer.size == 1:
        raise Miss("type", f"This is {_a(answer)} with one value: take it out with .item().")
    number = isinstance(answer, (numbers.Real, Decimal, Estimate))
    if not number or isinstance(answer, bool):
        raise Miss("type", f"A number is wanted, and this is {_a(answer)}.")
    value = float(answer)
    if not np.isfinite(value):
        raise Miss("value", f"It is {value}: did a missing value or a division by zero creep in?")
    return value


def _agree(answer: float, right: float, digits: int = 3) -> bool:
    """Say whether `answer` is `right`, perhaps rounded or cut to the digits it shows.

    To three digits, two optimisers agree, and two different answers hardly ever do.

    >>> [_agree(a, 0.24302) for a in (0.243, 0.2430, 0.24, 0.244)]
    [True, True, False, False]
    >>> _agree(0.243, float("inf"))  # where a mistake divides by zero, no answer is like it
    False
    """
    if not np.isfinite(right):
        return False
    if abs(answer - right) <= 10.0**-digits * abs(right) + 1e-12:
        return True
    shown, exponent = _shown(answer)
    full = shown >= digits or (digits == 3 and shown == 2 and exponent <= -3)  # 0.051, 3 decimals
    if not full:
        exponent += shown - digits  # 0.24 may have been typed as 0.240
    unit, beyond = 10.0**exponent, abs(right) - abs(answer)
    # Digits that are shown may be cut off rather than rounded; zeros that are not are no cut.
    return answer * right > 0 and -unit / 2 <= beyond < (unit if full else unit / 2)


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
            raise Miss("shape", f"These columns are {side}: {', '.join(map(str, names))}.")


def _same_index(given: pd.Index, wanted: pd.Index, rows: str) -> None:
    if given.equals(wanted):
        return
    if (twice := given.duplicated()).any():
        raise Miss("shape", f"Some {rows} stand in the index twice, first {given[twice][0]}.")
    missing = len(wanted.difference(given, sort=False))
    extra = given.difference(wanted, sort=False)
    if given.equals(pd.RangeIndex(len(given))) and 0 not in wanted:
        why = f"The index is 0, 1, 2 and so on, and should be the {rows}."
        raise Miss("shape", f"{why} Was it lost on the way?")
    same_size = len(given) == len(wanted)
    if missing and same_size and set(given.astype(str)) == set(wanted.astype(str)):
        why = "The labels look right, but some are text and should be numbers, or the reverse."
        raise Miss("shape", f"{why} Look at the type of the index.")
    if missing or len(extra):
        why = f"Of {len(wanted):,} {rows} {missing:,} are missing, and {len(extra):,} do not belong"
        shown = ", ".join(map(repr, extra[:3].tolist())) if 0 < len(extra) <= 3 else ""
        raise Miss("shape", f"{why}{': ' * bool(shown)}{shown}. Look at the index.")


def _same_numbers(
    given: pd.Series, right: pd.Series, rows: str, column: str = "", digits: int = 3
) -> None:
    where = f" in column {column!r}" if column else ""
    given, wanted = given.to_numpy(float, na_value=np.nan), right.to_numpy(float, na_value=np.nan)
    if empty := int((np.isnan(given) & ~np.isnan(wanted)).sum()):
        raise Miss("value", f"{empty:,} of {len(wanted):,} {rows} are NaN{where}.")
    atol = _rounding(given, digits)
    near = np.isclose(given, wanted, rtol=10.0**-digits, atol=atol, equal_nan=True)
    if not near.all():
        first = int(np.argmin(near))
        example = f"the first is {right.index[first]}, with {given[first]:.6g}"
        why = f"{(~near).sum():,} of {len(near):,} {rows} differ{where}; {example}."
        raise Miss("value", why)


def _rounding(values: np.ndarray, digits: int = 3) -> float:
    """Give half a unit of the decimals the values were rounded to, if these show enough digits.

    Enough are `digits` decimals, or fewer where the largest value still shows `digits` digits.

    >>> _rounding(np.array([0.25, 1.13])), _rounding(np.array([1 / 3])), _rounding(np.array([1e-15]))
    (0.005, 0.0, 0.0)
    >>> _rounding(np.array([0.24, 0.52])), _rounding(np.array([0.24, 0.52]), digits=2)
    (0.0005, 0.005)
    """

    def rounded(decimals):  # relative: a p-value of 1e-15 is no rounded 0.00
        return np.allclose(values, values.round(decimals), rtol=1e-9, atol=0, equal_nan=True)

    if not rounded(6):  # most answers: then nor to fewer decimals
        return 0.0
    largest = np.nanmax(np.abs(values), initial=0)
    for decimals in range(2, 7):
        enough = decimals >= digits or largest * 10**decimals >= 10 ** (digits - 1)
        if enough and rounded(decimals):
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
