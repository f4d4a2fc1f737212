"""What customers did, one row for each: summaries of a log in any engine."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd

from crmlib import units, validate
from crmlib.logs.dates import as_day
from crmlib.logs.ids import plain
from crmlib.logs.reading import fetch, literal, read_until

# How many a year, and pandas' code.
_PERIODS = {"month": (12, "M"), "quarter": (4, "Q-DEC"), "year": (1, "Y-DEC")}


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
    ValueError
        An unknown unit, an `end` that is no day or lies before the log.
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
    days_in_unit = units.DAYS[validate.choice(unit, units.DAYS, "unit")]
    frame, _, end = read_until(log, end)
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
    ValueError
        An unknown unit, a `split` outside the log.
    DataError
        The log cannot be used as it is, or has rows after `end`.

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
    days_in_unit = units.DAYS[validate.choice(unit, units.DAYS, "unit")]
    frame, first, end = read_until(log, end)
    split = as_day(split, "split")
    if not first <= split < end:
        within = f"a day within the log, {first:%Y-%m-%d} to {end:%Y-%m-%d}"
        hint = "Choose one with purchases before and after it."
        raise validate.wrong("split", f"{split:%Y-%m-%d}", within, hint)
    past = _customers(frame.filter(nw.col("date") <= literal(frame, split)))
    future = _customers(frame.filter(nw.col("date") > literal(frame, split))).reindex(past.index)
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
    frame, _, _ = read_until(log)
    visits = fetch(frame.select("customer_id", "date").unique())
    visits["date"] = visits["date"].astype("datetime64[s]")
    if isinstance(visits["customer_id"].dtype, pd.CategoricalDtype):  # sort names once, then codes
        names = visits["customer_id"].cat
        visits["customer_id"] = names.reorder_categories(names.categories.sort_values())
    visits = visits.sort_values(["customer_id", "date"], ignore_index=True)
    visits["customer_id"] = plain(visits["customer_id"])
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
    in_a_year, code = _PERIODS[validate.choice(period, _PERIODS, "period")]
    frame, _, end = read_until(log)
    year, month = nw.col("date").dt.year().cast(nw.Int64), nw.col("date").dt.month().cast(nw.Int64)
    number = (year - 1970) * in_a_year + (month - 1) // (12 // in_a_year)  # as pandas counts them
    active = frame.select("customer_id", number.alias("period")).unique()
    joined = active.group_by("customer_id").agg(nw.col("period").min().alias("cohort"))
    buyers = active.join(joined, on="customer_id").group_by("cohort", "period").agg(nw.len())
    table = fetch(buyers).astype("int64").assign(age=lambda t: t["period"] - t["cohort"])
    table = table.pivot(index="cohort", columns="age", values="len")
    observed = end.to_period(code).ordinal - table.index.to_numpy()  # the oldest age of each cohort
    ages = pd.RangeIndex(observed.max() + 1, name="age")
    table = table.reindex(columns=ages).fillna(0).astype("Int64")
    table = table.mask(ages.to_numpy() > observed[:, None])
    table.index = pd.PeriodIndex.from_ordinals(table.index, freq=code, name="cohort")
    return table


def _summary(customers: pd.DataFrame, end: pd.Timestamp, days_in_unit: float) -> pd.DataFrame:
    """Turn visits and days into the columns of :func:`rfm`."""
    first, last, frequency = customers["first"], customers["last"], customers["visits"] - 1
    times = {"t_x": last - first, "T": end - first, "recency": end - last}
    table = {"frequency": frequency}
    table |= {name: time.dt.days / days_in_unit for name, time in times.items()}
    table["monetary"] = customers["spent_later"] / frequency.where(frequency > 0)
    return pd.DataFrame(table)


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
    table = fetch(per_customer(daily).sort("customer_id")).set_index("customer_id")
    return table.astype({"visits": "int64", "first": "datetime64[s]", "last": "datetime64[s]"})


def per_customer(daily, **more):
    """Reduce purchase days, in their engine, to one row per customer: what :func:`_customers` lists.

    `more` are further sums over the days of a customer, by name.
    """
    date, amount = nw.col("date"), nw.col("amount")
    sums = dict(visits=nw.len(), first=date.min(), last=date.max(), spent=amount.sum(), **more)
    if ordered := daily.implementation.is_duckdb() or daily.implementation.is_polars():
        sums["spent_first"] = amount.first(order_by="date")
    table = daily.group_by("customer_id").agg(**sums)
    if not ordered:  # Spark has no such sum
        on_first = daily.select("customer_id", first="date", spent_first="amount")
        table = table.join(on_first, on=["customer_id", "first"])
    later = nw.col("spent") - nw.col("spent_first")
    later = nw.when(later > 1e-12 * nw.col("spent")).then(later).otherwise(0.0)  # no dust of floats
    return table.with_columns(spent_later=later).drop("spent_first")


def _customers_pandas(log: pd.DataFrame) -> pd.DataFrame:
    """Sort plain integers, which is faster than any group-by."""
    codes, ids = _codes(log["customer_id"])
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
    there = customer[first_visit]
    first_day = np.zeros(len(ids), dtype="int64")
    first_day[there] = first
    later = np.where(day > first_day[codes], amount, 0.0)
    return pd.DataFrame(
        {
            "visits": last_visit - first_visit + 1,
            "first": first.view("datetime64[D]").astype("datetime64[s]"),
            "last": last.view("datetime64[D]").astype("datetime64[s]"),
            "spent": np.bincount(codes, amount)[there],
            "spent_later": np.bincount(codes, later)[there],
        },
        index=pd.Index(ids[there], name="customer_id"),
    )


def _codes(ids: pd.Series):
    """Number the customers from 0; return the number of each row, and the id of each number.

    Whole numbers that lie close together number the customers themselves, gaps and all; so do
    categories.
    """
    if isinstance(ids.dtype, pd.CategoricalDtype):
        return ids.cat.codes.to_numpy("int64"), ids.cat.categories
    if isinstance(ids.dtype, np.dtype) and ids.dtype.kind in "iu":
        low, high = int(ids.min()), int(ids.max())
        if high - low < 4 * len(ids) + 1000:
            codes = (ids.to_numpy() - ids.dtype.type(low)).astype("int64", copy=False)
            return codes, np.arange(low, high + 1, dtype=ids.dtype)
    return pd.factorize(ids)
