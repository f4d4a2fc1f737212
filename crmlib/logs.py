"""Transaction logs: checked, then reduced to one row per customer.

A *log* has one row per purchase, with the columns ``customer_id, date, amount``; :func:`check_log`
makes one from a table with other names and text in its cells. It may be a pandas frame or any frame
that narwhals reads (Polars, DuckDB relation, PySpark, Ibis...): such a log is reduced in its own
engine, however large, and only the result comes back, as pandas.

Throughout, the purchases of one customer on one day count as one purchase, and a date that knows
its time zone counts as the calendar day in that zone.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

import narwhals as nw
import numpy as np
import pandas as pd

from crmlib.errors import DataError, find, refuse, whole

_DAYS_IN = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
_NAMES = {"customer_id": "customer_id", "date": "date", "amount": "amount"}
_PERIODS = {
    "month": (12, "M"),
    "quarter": (4, "Q-DEC"),
    "year": (1, "Y-DEC"),
}  # a year, pandas' code


def rfm(log, *, end=None, unit: str = "week") -> pd.DataFrame:
    """Summarise what each customer did until `end`, in the terms of the BTYD models.

    Parameters
    ----------
    log : DataFrame, or a frame of another engine
        ``customer_id, date, amount``, one row per purchase, in any order.
    end : str or date, optional
        Last day of observation, such as ``"1997-09-30"``. By default the last day in the log.
    unit : {"week", "day", "month", "year"}
        Unit of the times: 7, 1, 365.25 / 12 or 365.25 days.

    Returns
    -------
    DataFrame
        One row per customer, sorted by ``customer_id``, the index:

        - ``frequency``: repeat purchase days, that is, without the first one;
        - ``t_x``: time from the first to the last purchase;
        - ``T``: time from the first purchase to `end`;
        - ``recency``: time from the last purchase to `end`, ``T - t_x``;
        - ``monetary``: mean amount of a repeat purchase day, NaN without any.

    Raises
    ------
    DataError
        The log cannot be used as it is, or it has rows after `end`: :func:`holdout` splits a log
        into past and future.

    Notes
    -----
    ``frequency, t_x, T`` are the x, t_x, T of Fader, Hardie & Lee (2005), Marketing Science 24(2).
    They and the packages after them call t_x "recency"; in marketing recency is the time *since*
    the last purchase, and so it is here.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bo", "ann", "ann"],
    ...         "date": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-15"]),
    ...         "amount": [5.0, 8.0, 20.0, 4.0],
    ...     }
    ... )
    >>> rfm(log, end="2024-01-29")
                 frequency  t_x    T  recency  monetary
    customer_id
    ann                  1  2.0  4.0      2.0      24.0
    bo                   0  0.0  3.0      3.0       NaN
    """
    days_in_unit = _one_of("unit", unit, _DAYS_IN)
    frame, _, end = _checked(log, end)
    return _summary(_customers(frame), end, days_in_unit)


def holdout(log, *, split, end=None, unit: str = "week") -> pd.DataFrame:
    """Summarise a log as it was known on the day `split`, beside what happened afterwards.

    Parameters
    ----------
    log : DataFrame, or a frame of another engine
        ``customer_id, date, amount``, one row per purchase, in any order.
    split : str or date
        Last day of the past (calibration).
    end : str or date, optional
        Last day of the future (holdout). By default the last day in the log.
    unit : {"week", "day", "month", "year"}
        Unit of the times, as for :func:`rfm`.

    Returns
    -------
    DataFrame
        :func:`rfm` at `split`, with two more columns: ``holdout_frequency``, the purchase days after
        `split` and until `end`, and ``holdout_amount``, what was spent on them. Customers whose
        first purchase came after `split` are not in it: on that day nobody knew them.

    Raises
    ------
    DataError
        The log cannot be used as it is, has rows after `end`, or has none before or after `split`.

    Examples
    --------
    The data on which the BG/NBD model was published (Fader, Hardie & Lee 2005, Marketing Science
    24(2)): 2,357 customers, 946 of whom come back within 39 weeks.

    >>> from crmlib.data import load
    >>> summary = holdout(load("cdnow_sample"), split="1997-09-30", end="1998-06-30")
    >>> len(summary), (summary["frequency"] > 0).sum().item()
    (2357, 946)
    >>> summary["frequency"].sum().item(), summary["holdout_frequency"].sum().item()
    (2457, 1882)
    """
    days_in_unit = _one_of("unit", unit, _DAYS_IN)
    frame, first, end = _checked(log, end)
    split = _day(split, "split")
    if not first <= split < end:
        problem = f"the split must lie within the log, {first:%Y-%m-%d} to {end:%Y-%m-%d}"
        advice = "Choose a day with purchases before and after it."
        raise DataError(whole("split", problem, f"{split:%Y-%m-%d}"), advice)
    past = _customers(frame.filter(nw.col("date") <= _literal(frame, split)))
    future = _customers(frame.filter(nw.col("date") > _literal(frame, split))).reindex(past.index)
    return _summary(past, split, days_in_unit).assign(
        holdout_frequency=future["visits"].fillna(0).astype("int64"),
        holdout_amount=future["spent"].fillna(0.0),
    )


def gaps(log) -> pd.DataFrame:
    """List the times between one purchase day of a customer and the next.

    Parameters
    ----------
    log : DataFrame, or a frame of another engine
        ``customer_id, date, amount``, one row per purchase, in any order.

    Returns
    -------
    DataFrame
        One row per repeat purchase day, in order: ``customer_id``, ``date``, and ``gap``, the days
        since that customer's previous purchase day. The gaps still open on the last day of the log
        are not in it, so that long gaps are under-represented.

    Raises
    ------
    DataError
        The log cannot be used as it is.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bo", "ann", "ann"],
    ...         "date": ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-18"],
    ...         "amount": [5.0, 8.0, 20.0, 4.0],
    ...     }
    ... )
    >>> gaps(log)
      customer_id       date  gap
    0         ann 2024-01-15   14
    1         ann 2024-01-18    3
    """
    frame, _, _ = _checked(log)
    visits = _fetch(frame.select("customer_id", "date").unique())
    visits["date"] = visits["date"].astype("datetime64[s]")
    visits = visits.sort_values(["customer_id", "date"], ignore_index=True)
    repeat = visits["customer_id"].duplicated()
    gap = visits["date"].diff().dt.days[repeat].astype("int64")
    return visits[repeat].assign(gap=gap).reset_index(drop=True)


def cohorts(log, *, period: str = "month") -> pd.DataFrame:
    """Count how many of those who first bought in a period came back in each later one.

    Parameters
    ----------
    log : DataFrame, or a frame of another engine
        ``customer_id, date, amount``, one row per purchase, in any order.
    period : {"month", "quarter", "year"}
        Calendar periods.

    Returns
    -------
    DataFrame
        One row per ``cohort``, the period of the first purchase; one column per ``age``, 0, 1, 2...
        periods later. Each value is the number of the cohort's customers who bought in that period;
        at age 0 that is all of them. Periods after the end of the log are missing (``<NA>``), which
        is not the same as 0; the last period may be observed in part only.

    Raises
    ------
    DataError
        The log cannot be used as it is.

    Examples
    --------
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bo", "ann", "cy"],
    ...         "date": ["2024-01-01", "2024-01-08", "2024-03-15", "2024-03-18"],
    ...         "amount": [5.0, 8.0, 20.0, 4.0],
    ...     }
    ... )
    >>> cohorts(log)
    age      0     1     2
    cohort
    2024-01  2     0     1
    2024-03  1  <NA>  <NA>
    """
    in_a_year, code = _one_of("period", period, _PERIODS)
    frame, _, end = _checked(log)
    year, month = nw.col("date").dt.year().cast(nw.Int64), nw.col("date").dt.month().cast(nw.Int64)
    number = (year - 1970) * in_a_year + (month - 1) // (12 // in_a_year)  # as pandas counts them
    active = frame.select("customer_id", number.alias("period")).unique()
    joined = active.group_by("customer_id").agg(nw.col("period").min().alias("cohort"))
    buyers = active.join(joined, on="customer_id").group_by("cohort", "period").agg(nw.len())
    table = _fetch(buyers).astype("int64").assign(age=lambda t: t["period"] - t["cohort"])
    table = table.pivot(index="cohort", columns="age", values="len")
    observed = end.to_period(code).ordinal - table.index.to_numpy()  # the oldest age of each cohort
    ages = pd.RangeIndex(observed.max() + 1, name="age")
    table = table.reindex(columns=ages).fillna(0).astype("Int64")
    table = table.mask(ages.to_numpy() > observed[:, None])
    table.index = pd.PeriodIndex.from_ordinals(table.index, freq=code, name="cohort")
    return table


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
    frame, _ = _read(log, names, date_format)
    return frame.to_native()


def _summary(customers: pd.DataFrame, end: pd.Timestamp, days_in_unit: float) -> pd.DataFrame:
    """Turn visits and days into the columns of :func:`rfm`."""
    first, last, frequency = customers["first"], customers["last"], customers["visits"] - 1
    return pd.DataFrame(
        {
            "frequency": frequency,
            "t_x": (last - first).dt.days / days_in_unit,
            "T": (end - first).dt.days / days_in_unit,
            "recency": (end - last).dt.days / days_in_unit,
            "monetary": customers["spent_later"] / frequency.where(frequency > 0),
        }
    )


def _customers(frame) -> pd.DataFrame:
    """Reduce a log to one row per customer, sorted by the index ``customer_id``.

    Columns: ``visits`` (purchase days), ``first`` and ``last`` day, ``spent`` in all, and
    ``spent_later`` (after the first day).
    """
    pandas = frame.implementation.is_pandas()
    table = _customers_pandas(frame.to_native()) if pandas else _customers_engine(frame)
    if isinstance(table.index, pd.CategoricalIndex):
        table.index = table.index.astype(table.index.categories.dtype)
    return table.sort_index()


def _customers_engine(frame) -> pd.DataFrame:
    daily = frame.group_by("customer_id", "date").agg(nw.col("amount").sum())
    totals = daily.group_by("customer_id").agg(
        nw.len().alias("visits"),
        nw.col("date").min().alias("first"),
        nw.col("date").max().alias("last"),
        nw.col("amount").sum().alias("spent"),
    )
    # Plain aggregates and a join, because not every engine has more, and it costs no more.
    on_first = daily.rename({"date": "first", "amount": "spent_first"})
    table = _fetch(totals.join(on_first, on=["customer_id", "first"])).set_index("customer_id")
    table["spent_later"] = table["spent"] - table.pop("spent_first")
    return table.astype({"visits": "int64", "first": "datetime64[s]", "last": "datetime64[s]"})


def _customers_pandas(log: pd.DataFrame) -> pd.DataFrame:
    """Sort plain integers, which is faster than any group-by."""
    codes, ids = pd.factorize(log["customer_id"])
    day = log["date"].to_numpy().astype("datetime64[D]").view("int64")
    amount = log["amount"].to_numpy()
    start = day.min()
    bits = int(np.ptp(day)).bit_length()  # shifting and masking cost less than dividing
    visits = np.sort((codes << bits) + (day - start))  # customer and day in one number
    visits = visits[np.append(True, visits[1:] != visits[:-1])]
    customer = visits >> bits
    first_visit = np.flatnonzero(np.append(True, customer[1:] != customer[:-1]))
    last_visit = np.append(first_visit[1:], len(visits)) - 1
    mask = (1 << bits) - 1
    first, last = (visits[first_visit] & mask) + start, (visits[last_visit] & mask) + start
    return pd.DataFrame(
        {
            "visits": last_visit - first_visit + 1,
            "first": first.view("datetime64[D]").astype("datetime64[s]"),
            "last": last.view("datetime64[D]").astype("datetime64[s]"),
            "spent": np.bincount(codes, amount),
            "spent_later": np.bincount(codes, np.where(day > first[codes], amount, 0.0)),
        },
        index=pd.Index(ids, name="customer_id"),
    )


def _fetch(frame) -> pd.DataFrame:
    return frame.lazy().collect(backend="pandas").to_native()


# ---- Reading and checking, one way for every function above --------------------------------------


def _checked(log, end=None):
    """Read a log; return it with its first day and the end, which no row may exceed."""
    end = None if end is None else _day(end, "end")
    frame, facts = _read(log, _NAMES)
    first, last = pd.Timestamp(facts["first"]), pd.Timestamp(facts["last"])
    if end is None:
        return frame, first, last
    day = f"{end:%Y-%m-%d}"
    if first > end:
        problem = f"the end lies before the first purchase in the log, {first:%Y-%m-%d}"
        raise DataError(whole("end", problem, day), "Choose a later end.")
    if last > end:
        late = nw.col("date") > _literal(frame, end)
        advice = (
            f"To split the log into past and future, use holdout(log, split={day!r}); "
            f"to set the later rows aside, keep those with date <= {day!r}."
        )
        refuse([_rows(frame, "date", late, f"after the end, {day}")], advice)
    return frame, first, end


def _read(log, names: dict, date_format: str | None = None):
    """Make a narwhals frame with the three typed columns, and its facts; refuse anything else."""
    log = nw.to_native(log, pass_through=True)
    if isinstance(log, pd.DataFrame):
        _need(list(log.columns), names)
        frame, unreadable = _read_pandas(log, names, date_format)
    else:
        frame, unreadable = _read_engine(_frame(log), names)
    rules = _rules(frame)
    facts = _facts(frame, rules)
    broken = [
        (_rows(frame, column, bad, problem).assign(column=names[column]), advice)
        for i, (column, bad, problem, advice) in enumerate(rules)
        if facts[f"rule{i}"]
    ]
    _refuse([*unreadable, *broken])
    return frame, facts


def _frame(log):
    try:
        return nw.from_native(log)
    except TypeError:
        problem = f"a log is a table with a row per purchase, not a {type(log).__name__}"
        raise DataError(whole(None, problem), "Pass a DataFrame.") from None


def _need(columns: list, names: dict) -> None:
    """Refuse a table without the columns, and suggest the nearest ones."""
    there = {str(column).lower().replace(" ", "_"): column for column in columns}
    missing = []
    for name in names.values():
        if name not in columns:
            near = get_close_matches(str(name).lower(), there, n=1, cutoff=0.6)
            hint = f"; the nearest is {there[near[0]]!r}" if near else ""
            missing.append(whole(name, f"there is no such column{hint}"))
        elif columns.count(name) > 1:
            missing.append(whole(name, "several columns have this name"))
    advice = f"The columns are {', '.join(map(repr, columns))}."
    if names is _NAMES:
        advice += " Say which is which: crm.check_log(log, customer=..., date=..., amount=...)."
    refuse(missing, advice)


def _facts(frame, rules: list[tuple]) -> pd.Series:
    """Ask in one query how long the log is, when it starts and ends, and which rules it breaks."""
    facts = _fetch(
        frame.select(
            nw.len().alias("rows"),
            nw.col("date").min().alias("first"),
            nw.col("date").max().alias("last"),
            *[bad.any().alias(f"rule{i}") for i, (_, bad, _, _) in enumerate(rules)],
        )
    ).iloc[0]
    if facts["rows"] == 0:
        raise DataError(whole(None, "the log is empty"), "Check the file, or the filter before.")
    return facts


def _rules(frame) -> list[tuple]:
    """List what no row may be: column, condition, problem, advice."""
    customer, date, amount = (nw.col(column) for column in _NAMES)
    nobody = customer.is_null()
    if frame.collect_schema()["customer_id"] == nw.String:
        nobody = nobody | (customer.str.strip_chars() == "")
    missing, infinite = amount.is_null() | amount.is_nan(), amount.abs() == float("inf")
    refund = (amount < 0) & ~infinite
    return [
        ("customer_id", nobody, "no customer id", "Set purchases of unknown customers aside."),
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
    count = int(_fetch(rows.select(nw.len())).iloc[0, 0])
    examples = _fetch(rows.select(column).head(3))[column]
    problem += f" ({count:,} such row{'s' if count > 1 else ''})"
    return pd.concat([whole(column, problem, value) for value in examples], ignore_index=True)


def _refuse(checks: list[tuple[pd.DataFrame, str]]) -> None:
    """Refuse all problems at once, with the advice for each kind."""
    found = [(table, advice) for table, advice in checks if len(table)]
    advice = " ".join(dict.fromkeys(advice for _, advice in found))
    refuse([table for table, _ in found], advice)


def _read_engine(frame, names: dict):
    """Name and cast the columns of an engine's log; they must have the right types already."""
    _need(frame.columns, names)
    types, checks = frame.collect_schema(), []
    date, amount = names["date"], names["amount"]
    if types[date] not in (nw.Date, nw.Datetime):
        advice = f"Cast {date} in its engine: CAST({date} AS DATE) in SQL."
        checks.append((whole(date, f"not a date but {types[date]}"), advice))
    if not types[amount].is_numeric():
        advice = f"Cast {amount} in its engine: CAST({amount} AS DOUBLE) in SQL."
        checks.append((whole(amount, f"not a number but {types[amount]}"), advice))
    _refuse(checks)
    day = nw.col(date) if types[date] == nw.Date else nw.col(date).dt.date()
    columns = {
        "customer_id": nw.col(names["customer_id"]),
        "date": day,
        "amount": nw.col(amount).cast(nw.Float64),
    }
    return frame.select(**columns), []


def _read_pandas(log: pd.DataFrame, names: dict, date_format: str | None):
    """Read the columns of a pandas log.

    Each reader returns the values and a check, that is, a table of problems with the advice. What
    it cannot read stands in the values as some harmless thing, so that no rule counts it again.
    """
    ids, ids_check = _read_ids(log[names["customer_id"]])
    dates, dates_check = _read_dates(log[names["date"]], date_format)
    amounts, amounts_check = _read_amounts(log[names["amount"]])
    table = pd.DataFrame({"customer_id": ids, "date": dates, "amount": amounts}, index=log.index)
    return nw.from_native(table), [ids_check, dates_check, amounts_check]


def _read_ids(ids: pd.Series):
    advice = f"Read the ids as text: pd.read_csv(..., dtype={{{ids.name!r}: str}})."
    kind = pd.api.types.infer_dtype(ids) if ids.dtype == object else "as typed"
    if kind == "string":
        ids = ids.astype("str")
    elif kind in ("integer", "floating", "decimal"):
        ids = pd.to_numeric(ids)
    elif kind not in ("as typed", "empty"):
        problem = "some ids are text and others are not, so that 42 and '42' would be two customers"
        return ids.astype("str"), (whole(ids.name, problem), advice)
    if not pd.api.types.is_float_dtype(ids.dtype):
        return ids, (find(ids, False, ""), "")
    bad = ids.notna() & ((ids % 1 != 0) | (ids.abs() >= 2**53))
    whole_numbers = ids.mask(bad, 0).astype("Int64")
    if not whole_numbers.hasnans:
        whole_numbers = whole_numbers.astype("int64")
    return whole_numbers, (find(ids, bad, "not a whole number, or too long to be exact"), advice)


def _read_amounts(amounts: pd.Series):
    kind = amounts.dtype
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        return amounts.to_numpy("float64", na_value=np.nan), (find(amounts, False, ""), "")
    text = _text(amounts)
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    bad = text.notna() & numbers.isna()
    advice = "Take currency signs and thousands marks out of the amounts, and read them as numbers."
    if text[bad].str.contains(r",\d{1,2}\D*$").any():
        advice = "A comma seems to mark the decimals: pd.read_csv(..., decimal=',', thousands='.')."
    return numbers.mask(bad, 0.0), (find(amounts, bad, "not a plain number"), advice)


def _text(values: pd.Series) -> pd.Series:
    """Write values as text without spaces around, blanks as missing, 20240213.0 as 20240213."""
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("str").str.strip()
    return text.mask(text == "")


# ---- Dates ---------------------------------------------------------------------------------------

_ISO = (
    r"^(\d{4})([-/]?)(\d{2})\2(\d{2})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?$"
)
_FORMATS = [
    day + time
    for day in (
        *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
        *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d"),
        *("%Y/%m/%d", "%Y-%m-%d", "%Y.%m.%d", "%Y年%m月%d日"),
        *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    )
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
]


def _read_dates(dates: pd.Series, date_format: str | None):
    """Read dates as midnight of the calendar day; what cannot be read is listed."""
    if _holds_dates(dates):
        return _read_typed_dates(dates)
    text = _text(dates)
    if date_format is None:
        parts = text.str.extract(_ISO)
        read = pd.to_datetime(parts[0] + parts[2] + parts[3], format="%Y%m%d", errors="coerce")
        problem = "not a day in ISO form, such as 2024-02-13"
    else:
        read = _by(text, date_format)
        problem = f"does not fit date_format={date_format!r}"
    bad = text.notna() & read.isna()
    advice = _date_advice(text) if bad.any() else ""
    return _midnight(read.mask(bad, pd.Timestamp(0))), (find(dates, bad, problem), advice)


def _holds_dates(dates: pd.Series) -> bool:
    if dates.dtype == object:
        return pd.api.types.infer_dtype(dates) in ("date", "datetime", "datetime64")
    return pd.api.types.is_datetime64_any_dtype(dates.dtype) or str(dates.dtype).startswith("date")


def _read_typed_dates(dates: pd.Series):
    try:
        return _midnight(pd.to_datetime(dates)), (find(dates, False, ""), "")
    except ValueError:  # objects with different offsets share no type
        problem = "the dates are in several time zones, or only some have one"
        advice = f"Choose one: pd.to_datetime(log[{dates.name!r}], utc=True).dt.tz_convert(...)."
        return pd.Timestamp(0), (whole(dates.name, problem), advice)


def _midnight(dates: pd.Series) -> pd.Series:
    """Cut off the time of day, and the time zone: the day is the one people there lived."""
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    days = dates.to_numpy("datetime64[us]").astype("datetime64[D]")
    return pd.Series(days.astype("datetime64[s]"), index=dates.index)


def _date_advice(text: pd.Series) -> str:
    """Say which date_format reads all of these dates, or that several do."""
    text = text.dropna().drop_duplicates().reset_index(drop=True)
    if text.str.fullmatch(r"[1-6]\d{4}(\.\d+)?").all():
        return (
            "These look like Excel's day numbers; "
            "pd.to_datetime(column, unit='D', origin='1899-12-30') makes dates of them."
        )
    readings = _readings(text)
    if not readings:
        return (
            "No one way of writing dates fits them all; if you know it, say so: "
            "crm.check_log(..., date_format='%d/%m/%Y') reads 13/02/2024."
        )
    if len(readings) == 1:
        ((date_format, _),) = readings.items()
        return (
            f"{_why(text, date_format)}crm.check_log(..., date_format={date_format!r}) reads them."
        )
    one, other = list(readings.values())[:2]
    row = (one != other).idxmax()  # 01/01/2020 would show nothing
    ways = [f"{read[row]:%Y-%m-%d} by {way!r}" for way, read in readings.items()]
    return (
        f"They can be read in several ways: {text[row]} is {' or '.join(ways)}. "
        "Find out which is meant, and say so: crm.check_log(..., date_format=...)."
    )


def _readings(text: pd.Series) -> dict[str, pd.Series]:
    """Map each format that fits all of `text` to what it reads, every reading once."""
    readings = {}
    for date_format in _FORMATS:
        if pd.isna(_by(text.iloc[:1], date_format).iloc[0]):
            continue
        read = _by(text, date_format)
        if read.notna().all() and not any(read.equals(other) for other in readings.values()):
            readings[date_format] = read
    return readings


def _why(text: pd.Series, date_format: str) -> str:
    """Point at a date that can only be read this way round."""
    swapped = date_format.translate(str.maketrans("dm", "md"))
    proof = text[_by(text, swapped).isna()]
    if proof.empty or date_format[:2] not in ("%d", "%m") or "%m" not in date_format:
        return ""
    first = "day" if date_format.startswith("%d") else "month"
    return f"{proof.iloc[0]} shows the {first} first: "


def _by(text: pd.Series, date_format: str) -> pd.Series:
    """Read dates by a format; those that do not fit become NaT."""
    try:
        return pd.to_datetime(text, format=date_format, errors="coerce")
    except ValueError as error:  # an unknown % sign, or offsets that differ from row to row
        advice = "Use Python's signs, such as '%d/%m/%Y', and no time zone."
        raise DataError(whole("date_format", f"{error}", date_format), advice) from None


def _day(value, name: str) -> pd.Timestamp:
    """Read an argument that means a day; text must be ISO, for 03/04/2024 could be two days."""
    iso = not isinstance(value, str) or re.match(r"\d{4}-\d{2}-\d{2}", value)
    try:
        if not iso or isinstance(value, (int, float)):
            raise ValueError
        day = pd.Timestamp(value)
    except (ValueError, TypeError):
        day = pd.NaT
    if pd.isna(day) or day.tz is not None:
        problem = "not a day" if pd.isna(day) else "has a time zone, where a day has none"
        raise DataError(whole(name, problem, value), f"Write {name}='1997-09-30', year first.")
    return day.normalize()


def _literal(frame, day: pd.Timestamp):
    """Give a day the type that the frame's dates have."""
    return day if frame.implementation.is_pandas() else day.date()


def _one_of(name: str, value: str, choices: dict):
    if value not in choices:
        advice = f"Choose one of {', '.join(map(repr, choices))}."
        raise DataError(whole(name, "unknown", value), advice)
    return choices[value]
