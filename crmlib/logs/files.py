"""Tables for spreadsheets, and a checked log on its way into a notebook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, whole

LOG_COLUMNS = ["customer_id", "date", "amount"]
_FORMULA = r"(?='*[=+\-@\t\r])"  # what a spreadsheet takes for one, made inert or not


def write_table(table: pd.DataFrame, path: str | Path, *, index: bool = True) -> None:
    """Write a table as CSV for spreadsheets and other systems.

    It begins with a byte order mark, by which Excel knows UTF-8. Text that a spreadsheet would run
    as a formula (it begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end) gets an apostrophe
    in front, which shows that it is text.

    Parameters
    ----------
    table : DataFrame
        Its index is written too, unless `index` is False.
    path : str or Path
        Where to.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "customers.csv"
    >>> write_table(pd.DataFrame({"customer_id": ["=1+1", "A7"], "clv": [-3.5, 2.0]}), path)
    >>> print(path.read_text(encoding="utf-8-sig"))
    ,customer_id,clv
    0,'=1+1,-3.5
    1,A7,2.0
    <BLANKLINE>
    """
    validate.table(table, "table", [], rows=False)
    if index and table.index.name is not None:
        table, index = table.reset_index(), False
    inert = {name: _inert(values) for name, values in table.items() if _holds_text(values)}
    table.assign(**inert).to_csv(path, index=index, encoding="utf-8-sig", lineterminator="\n")


def _holds_text(values: pd.Series) -> bool:
    kind = values.dtype
    return not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_dtype(kind))


def _inert(values: pd.Series) -> pd.Series:
    """Put an apostrophe before what a spreadsheet would run; leave anything but text alone."""
    runs = values.astype("str").str.match(_FORMULA) & values.map(lambda v: isinstance(v, str))
    return values.mask(runs, "'" + values.astype("str")) if runs.any() else values


def write_log(log: pd.DataFrame, path: str | Path) -> None:
    """Write a canonical log (``customer_id, date, amount``) as CSV for :func:`read_log`.

    As :func:`write_table` does; :func:`read_log` takes the apostrophes off again.
    """
    write_table(log[LOG_COLUMNS], path, index=False)


def read_log(path: str | Path) -> pd.DataFrame:
    """Read a canonical log, as :func:`write_log` or ``crmlib run`` left it, typed again.

    Parameters
    ----------
    path : str or Path
        A CSV or Parquet file with the columns ``customer_id, date, amount``, dates as
        year-month-day.

    Returns
    -------
    DataFrame
        Columns ``customer_id`` (text), ``date`` (datetime) and ``amount``.

    Raises
    ------
    DataError
        If a column is missing: the file has not been through ``check_log``.

    Examples
    --------
    >>> import tempfile
    >>> log = pd.DataFrame(
    ...     {"customer_id": ["007"], "date": pd.to_datetime(["1997-01-01"]), "amount": [11.77]}
    ... )
    >>> path = Path(tempfile.mkdtemp()) / "log.csv"
    >>> write_log(log, path)
    >>> read_log(path)
      customer_id       date  amount
    0         007 1997-01-01   11.77
    """
    path = Path(path)
    if path.suffix.lower() == ".parquet":
        return read_parquet(path, LOG_COLUMNS)
    there = pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns
    validate.columns(there, LOG_COLUMNS)
    # A customer may well be called "NA" or "null": after check_log nothing is missing.
    log = pd.read_csv(
        path,
        encoding="utf-8-sig",
        usecols=LOG_COLUMNS,
        dtype={"customer_id": str},
        keep_default_na=False,
        low_memory=False,
    )[LOG_COLUMNS]
    ids = log["customer_id"].str.replace(f"^'{_FORMULA}", "", regex=True)
    return log.assign(customer_id=ids, date=pd.to_datetime(log["date"], format="ISO8601"))


def read_parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read the named columns of a Parquet file, and no others."""
    try:
        from pyarrow.parquet import read_schema
    except ImportError:
        advice = "Install it (`uv pip install pyarrow`), or save the table as CSV."
        raise DataError(whole(None, "reading Parquet needs the package pyarrow"), advice) from None
    validate.columns(read_schema(path).names, columns)
    return pd.read_parquet(path, columns=columns)
