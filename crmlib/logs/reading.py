"""One way to read a log, whatever the engine, and to refuse what is wrong with it."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.dtypes import NumericType

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole
from crmlib.logs.dates import as_day, as_text, read_dates
from crmlib.logs.ids import SHORT, SHORTENED, SUSPECT, export_again, odd, say_stripped, typed
from crmlib.units import DAYS

# Years without a purchase beyond which a date is far off: with few rows there, with hardly any.
_WIDE_GAP, _RARE_GAP = 25, 10
_STRIPPED = nw.col("customer_id").str.strip_chars()
_BLANKS = nw.col("customer_id") != _STRIPPED
_TYPES = {  # of an engine's columns: what they are, in SQL too, and which types will do
    "date": ("date", "DATE", (nw.Date, nw.Datetime)),
    "amount": ("number", "DOUBLE", NumericType),
    "kind": ("text", "VARCHAR", (nw.String, nw.Categorical, nw.Enum)),
}
_CAST = {"amount": nw.Float64, "kind": nw.String}
NAMES = {"customer_id": "customer_id", "date": "date", "amount": "amount"}


def check_log(log, *, customer: str, date: str, amount: str, date_format: str | None = None):
    """Turn a table of purchases into a log, or refuse it with the reasons.

    Nothing is repaired by guessing and no row is dropped.

    Parameters
    ----------
    log : DataFrame, or a frame of another engine
        One row per purchase.
    customer, date, amount : str
        The columns with the customer's id, the day and the amount. Other columns are left behind.
    date_format : str, optional
        How text dates are written, such as ``"%d/%m/%Y"``. Without it only ISO dates are read:
        ``2024-02-13``, ``2024/02/13`` or ``20240213``, with or without a time of day. Logs of other
        engines than pandas must have typed columns.

    Returns
    -------
    DataFrame, or a frame of the engine that `log` came from
        ``customer_id, date, amount``, with the row labels of `log`. Ids remain whole numbers or
        text (``"00042"``), the time of day is cut off, amounts are floats.

    Raises
    ------
    DataError
        Missing columns, no rows, dates that are missing, unreadable or could mean two days, missing
        ids or amounts, amounts with currency or thousands marks, infinite or negative ones. All
        problems are named at once.

    Examples
    --------
    >>> raw = pd.DataFrame(
    ...     {"Card": ["0042", "0007"], "Day": ["13/02/2024", "03/04/2024"], "Paid": ["9.50", "8"]}
    ... )
    >>> check_log(raw, customer="Card", date="Day", amount="Paid", date_format="%d/%m/%Y")
      customer_id       date  amount
    0        0042 2024-02-13     9.5
    1        0007 2024-04-03     8.0
    """
    names = {"customer_id": customer, "date": date, "amount": amount}
    frame, _ = read(log, names, date_format)
    return frame.to_native()


def read_until(log, end=None):
    """Read a log; return it with its first day and the end, which no row may exceed."""
    end = None if end is None else as_day(end, "end")
    frame, facts = read(log, NAMES)
    first, last = pd.Timestamp(facts["first"]), pd.Timestamp(facts["last"])
    if end is None:
        return frame, first, last
    day = f"{end:%Y-%m-%d}"
    if first > end:
        raise validate.wrong("end", day, f"a day from {first:%Y-%m-%d}, the first purchase, on")
    if last > end:
        late = nw.col("date") > literal(frame, end)
        advice = (
            f"To split the log into past and future, use holdout(log, split={day!r}); "
            f"to set the later rows aside, keep those with date <= {day!r}."
        )
        refuse([_rows(frame, "date", late, f"after the end, {day}")], advice)
    return frame, first, end


def read(log, names: dict, date_format: str | None = None):
    """Make a narwhals frame with the three typed columns, and its facts; refuse anything else."""
    log = nw.to_native(log, pass_through=True)
    which = "Say which is which: crm.check_log(log, customer=..., date=..., amount=...)."
    advice = which if names is NAMES else ""
    if isinstance(log, pd.DataFrame):
        validate.columns(log.columns, names.values(), advice=advice)
        frame, unreadable, text = _read_pandas(log, names, date_format)
    else:
        frame, unreadable = from_engine(log, names, "log", advice), []
        text = frame.collect_schema()["customer_id"] == nw.String
        if text:
            text = len(fetch(frame.filter(nw.col("customer_id").str.contains(SUSPECT)).head(1)))
    blanks = {"blanks": nw.when(_BLANKS).then(1).otherwise(0).sum()} if text else {}
    facts, broken = examine(frame, "log", _rules(names["customer_id"], text), blanks)
    broken = [(table.assign(column=table["column"].map(names)), advice) for table, advice in broken]
    refuse_all([*unreadable, *broken])
    refuse_all([far_off(frame, facts)])
    blanks = int(facts.get("blanks", 0))
    return (_stripped(frame, blanks) if blanks else frame), facts


def from_engine(table, names: dict, what: str, advice: str = ""):
    """Name and cast the columns of an engine's table; they must have the right types already."""
    try:
        frame = nw.from_native(table)
    except TypeError:
        problem = f"must be a table with a row for each, not a {type(table).__name__}"
        raise DataError(whole(what, problem), "Pass a DataFrame.") from None
    validate.columns(frame.columns, names.values(), advice=advice)
    kinds, checks = frame.collect_schema(), []
    columns = {name: nw.col(column) for name, column in names.items()}
    for name in [name for name in names if name in _TYPES]:
        column, (kind, sql, fits) = names[name], _TYPES[name]
        if not isinstance(kinds[column], fits):
            cure = f"Cast {column} in its engine: CAST({column} AS {sql}) in SQL."
            checks.append((whole(column, f"not a {kind} but {kinds[column]}"), cure))
        elif name in _CAST:
            columns[name] = columns[name].cast(_CAST[name])
        elif kinds[column] != nw.Date:
            columns[name] = columns[name].dt.date()
    refuse_all(checks)
    return frame.select(**columns)


def examine(frame, what: str, rules: list[tuple], more: dict) -> tuple[pd.Series, list[tuple]]:
    """Ask in one query for the facts of a table, and which rules it breaks; list the rows that do.

    Parameters
    ----------
    frame : narwhals frame
        With a column ``date``.
    what : str
        What to call it.
    rules : list of tuple
        What no row may be: column, condition, problem, advice.
    more : dict
        Further expressions by the name of the fact.

    Returns
    -------
    Series, list of (DataFrame, str)
        Facts: `rows`, the `first` and `last` date, `more`. Problems, each with its advice.
    """
    date = nw.col("date")
    facts = {"rows": nw.len(), "first": date.min(), "last": date.max(), **more}
    facts |= {f"rule{i}": bad.any() for i, (_, bad, _, _) in enumerate(rules)}
    facts = fetch(frame.select(**facts)).iloc[0]
    if facts["rows"] == 0:
        raise DataError(whole(what, "is empty"), "Check the file, or the filter before.")
    broken = [
        (_rows(frame, column, bad, problem), advice)
        for i, (column, bad, problem, advice) in enumerate(rules)
        if facts[f"rule{i}"]
    ]
    return facts, broken


def _stripped(frame, count: int):
    """Take the blanks around ids off, and say so: 'ann ' and 'ann' are one customer."""
    example = fetch(frame.filter(_BLANKS).select("customer_id").head(1)).iloc[0, 0]
    say_stripped("customer_id", count, example)
    return frame.with_columns(_STRIPPED)


def far_off(frame, facts: pd.Series) -> tuple[pd.DataFrame, str]:
    """Find dates so far from all others that something else was meant, such as 9999-12-31.

    Only a log of more than ten years can have any; others cost nothing.
    """
    first, last = pd.Timestamp(facts["first"]), pd.Timestamp(facts["last"])
    if (last - first).days <= _RARE_GAP * DAYS["year"]:
        return find(pd.Series(dtype=object), [], ""), ""
    by_day = fetch(frame.group_by("date").agg(nw.len().alias("rows"))).sort_values("date")
    days = by_day["date"].to_numpy().astype("datetime64[D]")
    first, last = (pd.Timestamp(day) for day in _ends(days, by_day["rows"].to_numpy()))
    date = nw.col("date")
    far = (date < literal(frame, first)) | (date > literal(frame, last))
    problem = f"far from all other dates, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    advice = (
        "Find out what was meant: some programs write 1900-01-01 or 9999-12-31 where a date is "
        "missing. Correct these dates, or set the rows aside."
    )
    return _rows(frame, "date", far, problem), advice


def _ends(days: np.ndarray, rows: np.ndarray):
    """Return the first and the last day that belong together, of all days in order.

    What lies beyond an empty stretch is far off if the stretch takes more than 25 years and at most
    a third of the rows lie beyond; or if it takes more than 10 years and twice as long as the middle
    99.8 % of the rows, and at most one row in a thousand lies beyond.
    """
    d = days.astype("int64")
    gaps, before, total = np.diff(d), np.cumsum(rows)[:-1], rows.sum()
    start, end = np.searchsorted(np.cumsum(rows), [0.001 * total, 0.999 * total])
    wide = (gaps > _WIDE_GAP * DAYS["year"], total / 3)
    rare = (gaps > max(_RARE_GAP * DAYS["year"], 2 * (d[end] - d[start])), total / 1000)
    low, high = [0], [len(d) - 1]
    for empty, few in (wide, rare):
        low.extend(np.flatnonzero(empty & (before <= few)) + 1)
        high.extend(np.flatnonzero(empty & (total - before <= few)))
    return days[max(low)], days[min(high)]


def _rules(customer_id: str, text: bool) -> list[tuple]:
    """List what no row may be: column, condition, problem, advice; of ids that are text, more."""
    customer, date, amount = (nw.col(column) for column in NAMES)
    nobody, shortened = customer.is_null(), []
    if text:
        nobody = nobody | (_STRIPPED == "")
        short, advice = customer.str.contains(SHORT), export_again(customer_id)
        shortened = [("customer_id", short, SHORTENED, advice)]
    missing, infinite = amount.is_null() | amount.is_nan(), amount.abs() == float("inf")
    refund = (amount < 0) & ~infinite
    return [
        ("customer_id", nobody, "no customer id", "Set purchases of unknown customers aside."),
        *shortened,
        ("date", date.is_null(), "no date", "Complete the dates, or set those rows aside."),
        ("amount", missing, "no amount", "Complete the amounts (0 is allowed)."),
        ("amount", infinite, "an infinite amount", "Look for a division by zero."),
        (
            "amount",
            refund,
            "a negative amount, a refund",
            "Net each refund against the purchase it undoes, or set the refunds aside.",
        ),
    ]


def _rows(frame, column: str, bad, problem: str) -> pd.DataFrame:
    """List the rows that break a rule: all of a pandas log, three and their number elsewhere."""
    if frame.implementation.is_pandas():
        mask = frame.select(bad.alias("bad")).to_native()["bad"]
        return find(frame.to_native()[column], mask, problem)
    rows = frame.filter(bad)
    count = int(fetch(rows.select(nw.len())).iloc[0, 0])
    examples = fetch(rows.select(column).head(3))[column]
    problem += f" ({count:,} such row{'s' if count > 1 else ''})"
    return pd.concat([whole(column, problem, value) for value in examples], ignore_index=True)


def refuse_all(checks: list[tuple[pd.DataFrame, str]]) -> None:
    """Refuse all problems at once, with the advice for each kind."""
    found = [(table, advice) for table, advice in checks if len(table)]
    advice = " ".join(dict.fromkeys(advice for _, advice in found))
    refuse([table for table, _ in found], advice)


def _read_pandas(log: pd.DataFrame, names: dict, date_format: str | None):
    """Read the columns of a pandas log.

    Each reader returns the values and a check, that is, a table of problems with the advice. What
    it cannot read stands in the values as some harmless thing, so that no rule counts it again.
    """
    ids, ids_check = typed(log[names["customer_id"]])
    if names is NAMES and pd.api.types.is_string_dtype(ids.dtype):
        ids = _numbered(ids)
    if strange := odd(ids):
        ids = ids.astype("str")
    dates, dates_check = read_dates(log[names["date"]], date_format)
    amounts, amounts_check = _read_amounts(log[names["amount"]])
    table = pd.DataFrame({"customer_id": ids, "date": dates, "amount": amounts}, index=log.index)
    return nw.from_native(table), [ids_check, dates_check, amounts_check], strange


def _numbered(ids: pd.Series) -> pd.Series:
    """Number the customers once, as a summary does anyway: then each id is looked at once."""
    codes, known = pd.factorize(ids)
    return pd.Series(pd.Categorical.from_codes(codes, known, validate=False), ids.index)


def _read_amounts(amounts: pd.Series):
    kind = amounts.dtype
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        return amounts.to_numpy("float64", na_value=np.nan), (find(amounts, False, ""), "")
    text = as_text(amounts)
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    bad = text.notna() & numbers.isna()
    advice = "Take currency signs and thousands marks out of the amounts, and read them as numbers."
    if text[bad].str.contains(r",\d{1,2}\D*$").any():
        advice = "A comma seems to mark the decimals: pd.read_csv(..., decimal=',', thousands='.')."
    return numbers.mask(bad, 0.0), (find(amounts, bad, "not a plain number"), advice)


def fetch(frame) -> pd.DataFrame:
    """Run a frame's work in its engine and bring the result back as pandas."""
    return frame.lazy().collect(backend="pandas").to_native()


def literal(frame, day: pd.Timestamp):
    """Give a day the type that the frame's dates have."""
    return day if frame.implementation.is_pandas() else day.date()
