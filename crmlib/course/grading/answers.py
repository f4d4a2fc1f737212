"""Answers on their way from a student's kernel to the judge: values in JSON, by allow-list.

Both sides have this file. Beside the student :class:`Parcel` writes a value; beside the judge
:func:`unpack` makes it anew, of types that it knows, and trusts nothing that it reads: whoever
wrote it may be a student's code. There is no pickle and no Arrow. A number in JSON would be read in
as many ways as there are readers, so floats travel in hexadecimal, and so do whole numbers.
"""

from __future__ import annotations

import base64
import inspect
import json
import math
import numbers
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from pandas.api import types

from crmlib.estimate import Estimate

MIME = "application/vnd.crmlib.answer"
MOST_TEXT, MOST_BYTES, MOST_ROWS = 2_000, 4_000_000, 50_000  # of one text, of a value, of a table
_MOST_COLUMNS, _DEEPEST, _MOST_BITS = 200, 4, 4096
_NUMBERS = {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)}
_NUMBERS |= {"float16", "float32", "float64", "bool"}
_MASKED = {
    *(f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64)),
    *("Float32", "Float64", "boolean"),
}
_TIMES = {
    f"{kind}64[{unit}]" for kind in ("datetime", "timedelta") for unit in ["s", "ms", "us", "ns"]
}


class TooLarge(Exception):
    """An answer that is too large to be one."""


class Unreadable(Exception):
    """What came is no value that the other side writes."""


# beside the student


class Parcel:
    """A value, wrapped for the journey: IPython asks for its representations, and finds one."""

    kept: list[Callable] = []  # noqa: RUF012  (functions that were handed over, to be called later)

    def __init__(self, value):
        self._text = _text(value)

    @classmethod
    def of_call(cls, number: int, given: str) -> Parcel:
        """Call a function that was handed over; an error it raises is a value as well."""
        try:
            return cls(cls.kept[number](*unpack(given, None)))
        except Exception as error:
            parcel = cls(None)
            parcel._text = raised(type(error).__name__, str(error))
            return parcel

    def __repr__(self):
        return ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: self._text}


def _text(value) -> str:
    try:
        text = json.dumps(pack(value))
    except TooLarge as error:
        text = json.dumps({"k": "large", "n": type(value).__name__, "v": str(error)})
    if len(text) > MOST_BYTES:
        text = json.dumps({"k": "large", "n": type(value).__name__, "v": f"{len(text):,} bytes"})
    return text


def pack(value, deep: int = 0) -> dict:
    """Write a value as what JSON can hold.

    >>> pack(255), pack("word"), pack(...)
    ({'k': 'int', 'v': '0xff'}, {'k': 'text', 'v': 'word'}, {'k': 'stub'})
    >>> unpack(json.dumps(pack(pd.Series([1, 2], index=["a", "b"]))), None)
    a    1
    b    2
    dtype: int64
    """
    for kinds, write in _WRITERS:
        if type(value) in kinds:
            return write(value, deep)
    if isinstance(value, np.generic):
        return _numpy(value)
    if isinstance(value, pd.MultiIndex | pd.Index | pd.Series | pd.DataFrame | np.ndarray):
        return _shaped(value)
    if callable(value):
        return _function(value)
    if isinstance(value, numbers.Real):
        return {"k": "float", "v": float(value).hex()}
    if isinstance(getattr(value, "params_", None), pd.Series):
        return {"k": "model", "n": type(value).__name__, "p": _shaped(value.params_)}
    return {"k": "blank", "n": type(value).__name__}


def _whole(value: int, deep: int) -> dict:
    if value.bit_length() > _MOST_BITS:
        raise TooLarge(f"a number of {value.bit_length():,} bits")
    return {"k": "int", "v": hex(value)}


def _list(value, deep: int) -> dict:
    if deep >= _DEEPEST:
        return {"k": "blank", "n": "list"}
    if len(value) > MOST_ROWS:
        raise TooLarge(f"{len(value):,} entries")
    kind = type(value).__name__
    kind = kind if kind in ("tuple", "set", "frozenset") else "list"
    return {"k": "list", "n": kind, "v": [pack(one, deep + 1) for one in value]}


def _estimate(value: Estimate, deep: int) -> dict:
    five = (value.value, value.se, value.low, value.high, value.n)
    return {"k": "estimate", "v": [float(one).hex() for one in five]}


def _interval(value: pd.Interval) -> dict:
    return {"k": "interval", "v": [pack(value.left), pack(value.right)], "n": value.closed}


def _constant(kind: str):
    return lambda value, deep: {"k": kind}


def _as_text(kind: str, write=str):
    return lambda value, deep: {"k": kind, "v": write(value)[:MOST_TEXT]}


_WRITERS = (
    ((type(...),), _constant("stub")),
    ((type(None),), _constant("none")),
    ((type(pd.NA), type(pd.NaT)), _constant("missing")),
    ((bool,), lambda value, deep: {"k": "bool", "v": value}),
    ((int,), _whole),
    ((float,), lambda value, deep: {"k": "float", "v": value.hex()}),
    ((str,), _as_text("text")),
    ((Decimal,), _as_text("decimal")),
    ((Estimate,), _estimate),
    (
        (pd.Timestamp, date, datetime),
        _as_text("time", lambda value: str(pd.Timestamp(value))),
    ),
    ((pd.Timedelta, timedelta), lambda v, deep: {"k": "span", "v": hex(pd.Timedelta(v).value)}),
    ((pd.Interval,), lambda v, deep: _interval(v)),
    ((pd.Period,), lambda v, deep: {"k": "period", "v": str(v.start_time), "n": v.freqstr}),
    ((list, tuple, set, frozenset, range, type({}.keys()), type({}.values())), _list),
)


def _numpy(value: np.generic) -> dict:
    if value.dtype.name in _NUMBERS:
        return {"k": "numpy", "n": value.dtype.name, "v": _coded(np.asarray(value))}
    return pack(value.item()) if type(value.item()) is not type(value) else {"k": "blank", "n": "?"}


def _coded(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def _shaped(value) -> dict:
    if len(value := np.atleast_1d(value) if getattr(value, "ndim", 1) == 0 else value) > MOST_ROWS:
        raise TooLarge(f"{len(value):,} rows")
    if isinstance(value, pd.DataFrame):
        if value.shape[1] > _MOST_COLUMNS:
            raise TooLarge(f"{value.shape[1]:,} columns")
        columns = [_column(value.iloc[:, place]) for place in range(value.shape[1])]
        return {"k": "frame", "i": _index(value.index), "c": _index(value.columns), "v": columns}
    if isinstance(value, pd.Series):
        return {"k": "series", "i": _index(value.index), "v": _column(value)}
    if isinstance(value, pd.Index):
        return {"k": "index", "v": _index(value)}
    return _array(np.asarray(value))


def _array(values: np.ndarray) -> dict:
    if values.size > 4 * MOST_ROWS or values.ndim > 2:
        raise TooLarge(f"{values.size:,} entries, {values.ndim} dimensions")
    if values.dtype.name in _NUMBERS:
        return {
            "k": "array",
            "n": values.dtype.name,
            "s": list(values.shape),
            "v": _coded(values),
        }
    if values.ndim > 1:
        return {"k": "blank", "n": "ndarray"}
    return {"k": "entries", "v": _column(pd.Series(values))}


def _index(index: pd.Index) -> dict:
    if isinstance(index, pd.MultiIndex):
        if index.nlevels > 8:
            raise TooLarge(f"{index.nlevels} levels")
        return {"levels": [_column(index.get_level_values(n)) for n in range(index.nlevels)]}
    return _column(index)


def _column(values) -> dict:
    dtype = values.dtype
    if isinstance(dtype, pd.SparseDtype):
        values = pd.Series(np.asarray(values))
        dtype = values.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        values = pd.DatetimeIndex(values).tz_convert("UTC").tz_localize(None)
        return {**_column(values), "utc": True}
    if dtype.name in _NUMBERS:
        return {"d": dtype.name, "b": _coded(np.asarray(values))}
    if dtype.name in _TIMES:
        return {"d": dtype.name, "b": _coded(np.asarray(values).view("int64"))}
    if not isinstance(dtype, np.dtype) and types.is_numeric_dtype(dtype):
        name = dtype.name if dtype.name in _MASKED else _masked(dtype)
    else:
        name = {"str": "str", "string": "str", "category": "category"}.get(dtype.name, "object")
        name = "own" if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype) else name
    return {"d": name, "v": [pack(one, 1) for one in values]}


def _masked(dtype) -> str:
    if types.is_bool_dtype(dtype):
        return "boolean"
    return "Int64" if types.is_integer_dtype(dtype) else "Float64"


def _function(value) -> dict:
    Parcel.kept.append(value)
    try:
        parameters = [
            [p.name, int(p.kind), p.default is not p.empty]
            for p in inspect.signature(value).parameters.values()
        ][:20]
    except (ValueError, TypeError):
        parameters = None
    name = str(getattr(value, "__name__", type(value).__name__))[:60]
    number, a_class = len(Parcel.kept) - 1, isinstance(value, type)
    return {"k": "function", "n": name, "p": parameters, "i": number, "class": a_class}


def raised(name: str, text: str) -> str:
    """Write an error as the result of a call.

    >>> unpack(raised("ValueError", "not so"), None)
    Traceback (most recent call last):
    crmlib.course.grading.answers.ValueError: not so
    """
    return json.dumps({"k": "raised", "n": name[:60], "v": text[:MOST_TEXT]})


# beside the judge


def unpack(text: str, ask: Callable[[int, str], str] | None):
    """Make the value anew that :class:`Parcel` wrote.

    Parameters
    ----------
    text : str
        What came.
    ask : callable
        Calls a function where it lives: gets its number and the arguments (as this module writes
        them), gives the text of what it returned.

    Raises
    ------
    TooLarge
        The answer was too large to be sent.
    Unreadable
        The text is none that a :class:`Parcel` writes.
    """
    if len(text) > MOST_BYTES:
        raise TooLarge(f"{len(text):,} bytes")
    try:
        return _Reader(ask).read(json.loads(text))
    except (TooLarge, Raised):
        raise
    except Exception as error:  # forged text fails in as many ways as there are forgers
        raise Unreadable(type(error).__name__) from None


class Raised(Exception):
    """An error that a student's function raised, by its name and text."""


class _Reader:
    def __init__(self, ask):
        self._ask = ask

    def read(self, it: dict):
        kind = it["k"]
        if kind not in self._KINDS:
            raise Unreadable(str(kind)[:40])
        return self._KINDS[kind](self, it)

    def _number(self, it):
        return np.frombuffer(base64.b64decode(it["v"]), dtype=_known(it["n"], _NUMBERS))[0]

    def _estimate(self, it):
        value, se, low, high, n = (float.fromhex(one) for one in it["v"])
        return Estimate(value, se, low, high, int(n) if math.isfinite(n) else 0)

    def _list(self, it):
        kinds = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
        return kinds[it["n"]](self._entry(one) for one in _few(it["v"]))

    def _entry(self, it):
        """Read one of many; numbers of which many could be made with one hash become floats."""
        value = self.read(it)
        large = isinstance(value, int) and value.bit_length() > 64
        return float(value) if large or isinstance(value, Decimal) else value

    def _interval(self, it):
        return pd.Interval(self.read(it["v"][0]), self.read(it["v"][1]), closed=it["n"])

    def _array(self, it):
        shape = tuple(int(n) for n in it["s"])
        values = np.frombuffer(base64.b64decode(it["v"]), dtype=_known(it["n"], _NUMBERS))
        return values.reshape(shape).copy()

    def _entries(self, it):
        return self._column(it["v"]).to_numpy()

    def _index(self, it):
        if "levels" in it:
            levels = [pd.Index(self._column(one)) for one in it["levels"][:8]]
            return pd.MultiIndex.from_arrays(levels)
        return pd.Index(self._column(it))

    def _series(self, it):
        return pd.Series(self._column(it["v"]).array, index=self._index(it["i"]))

    def _frame(self, it):
        index, columns = self._index(it["i"]), self._index(it["c"])
        data = [self._column(one).array for one in it["v"][:_MOST_COLUMNS]]
        if any(len(one) != len(index) for one in data) or len(data) != len(columns):
            raise Unreadable("shape")
        frame = pd.DataFrame(dict(enumerate(data)), index=index)
        frame.columns = columns
        return frame

    def _column(self, it) -> pd.Series:
        name = it["d"]
        if "b" in it:
            numbers_ = name in _NUMBERS
            store = _known(name, _NUMBERS) if numbers_ else np.dtype("int64")
            values = np.frombuffer(base64.b64decode(it["b"]), dtype=store).copy()
            values = values if numbers_ else values.view(_known(name, _TIMES))
            column = pd.Series(values)
            return column.dt.tz_localize("UTC") if it.get("utc") else column
        values = [self._entry(one) for one in _few(it["v"])]
        if name == "own":  # periods and intervals know their type by themselves
            return pd.Series(values)
        allowed = {*_MASKED, "object", "str", "category"}
        return pd.Series(values, dtype=name if name in allowed else "object")

    def _model(self, it):
        model = self._blank(it)
        model.params_ = self._series(it["p"])
        return model

    def _blank(self, it):
        name = it["n"]
        if name == "dict":
            return {}
        if name == "list":
            return []
        return type(_name(name), (), {"__module__": "answer"})()

    def _function(self, it):
        number, name, ask = int(it["i"]), _name(it["n"]), self._ask
        remembered = {}

        def call(*given):
            text = json.dumps(pack(given))
            if text not in remembered:
                remembered[text] = ask(number, text)
            return unpack(remembered[text], ask)

        if it["class"]:
            return type(name, (), {"__new__": lambda cls, *given: call(*given)})
        call.__name__ = call.__qualname__ = name
        if it["p"] is not None:
            call.__signature__ = inspect.Signature([_parameter(*one) for one in it["p"][:20]])
        return call

    def _raised(self, it):
        error = type(_name(it["n"]), (Raised,), {})
        raise error(str(it["v"])[:MOST_TEXT])

    def _large(self, it):
        raise TooLarge(str(it["v"])[:60])

    _KINDS = {  # noqa: RUF012
        "stub": lambda self, it: ...,
        "none": lambda self, it: None,
        "missing": lambda self, it: pd.NA,
        "bool": lambda self, it: it["v"] is True,
        "int": lambda self, it: _whole_number(it["v"]),
        "float": lambda self, it: float.fromhex(it["v"]),
        "text": lambda self, it: str(it["v"])[:MOST_TEXT],
        "decimal": lambda self, it: Decimal(it["v"][:100]),
        "time": lambda self, it: pd.Timestamp(it["v"][:60]),
        "span": lambda self, it: pd.Timedelta(int(it["v"][:30], 16)),
        "period": lambda self, it: pd.Period(it["v"][:60], freq=it["n"][:10]),
        "numpy": _number,
        "estimate": _estimate,
        "interval": _interval,
        "list": _list,
        "array": _array,
        "entries": _entries,
        "index": lambda self, it: self._index(it["v"]),
        "series": _series,
        "frame": _frame,
        "model": _model,
        "blank": _blank,
        "function": _function,
        "raised": _raised,
        "large": _large,
    }


def _whole_number(text: str) -> int:
    if len(text) > _MOST_BITS // 4 + 3:
        raise Unreadable("digits")
    return int(text, 16)


def _known(name: str, names: set[str]) -> np.dtype:
    if name not in names:
        raise Unreadable(str(name)[:40])
    return np.dtype(name)


def _few(values: list) -> list:
    if len(values) > MOST_ROWS:
        raise TooLarge(f"{len(values):,} entries")
    return values


def _name(text: str) -> str:
    return text if isinstance(text, str) and text.isidentifier() and len(text) <= 60 else "object"


def _parameter(name: str, kind: int, has_default: bool) -> inspect.Parameter:
    default = None if has_default else inspect.Parameter.empty
    return inspect.Parameter(_name(name), inspect._ParameterKind(kind), default=default)
