"""A reader's own table from disk, and a checked log on its way into a notebook."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from crmlib.errors import find, refuse, whole

LOG_COLUMNS = ["customer_id", "date", "amount"]
_TEXT_FILES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB 18030", "utf-16": "UTF-16"}


def read_table(path: str | Path, columns: Iterable[str], *, text: Iterable[str] = ()):
    r"""Read the named columns of a CSV, TSV or Parquet file, and no others.

    UTF-8, GB 18030 (what Excel writes in China) and UTF-16 are told apart by trying, comma,
    semicolon and tab by the header. ``attrs["read_as"]`` of the result says what was found.

    Parameters
    ----------
    path : str or Path
        A file that ends in .csv, .tsv or .txt (or one of these and .gz), or in .parquet.
    columns : iterable of str
        The columns to read, in this order.
    text : iterable of str
        Those of them to keep as text, such as ids, so that ``007`` does not become 7.

    Returns
    -------
    DataFrame
        Its index counts as a spreadsheet does: the header of a text file is row 1.

    Raises
    ------
    DataError
        If the file is of another kind, empty, torn or in an unknown encoding, or lacks a column.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = path.write_text("Card;Total;Shop\n007;12.5;A\n008;3;B\n", encoding="utf-8")
    >>> read_table(path, ["Card", "Total"], text=["Card"])
      Card  Total
    2  007   12.5
    3  008    3.0
    """
    path, columns = Path(path), list(dict.fromkeys(columns))
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. Check its name and folder.")
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path, columns)
    if not path.name.lower().endswith(_TEXT_FILES):
        advice = "Save it as CSV (in Excel: Save As, CSV UTF-8), or as Parquet."
        refuse([whole(None, f"{path.name} is not a kind of file that can be read")], advice)
    return _read_text(path, columns, list(text))


def write_log(log: pd.DataFrame, path: str | Path) -> None:
    """Write a canonical log (``customer_id, date, amount``) as CSV for :func:`read_log`."""
    log[LOG_COLUMNS].to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


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
        return _read_parquet(path, LOG_COLUMNS)
    _require(LOG_COLUMNS, pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns)
    # A customer may well be called "NA" or "null": after check_log nothing is missing.
    log = pd.read_csv(
        path,
        encoding="utf-8-sig",
        usecols=LOG_COLUMNS,
        dtype={"customer_id": str},
        keep_default_na=False,
        low_memory=False,
    )[LOG_COLUMNS]
    return log.assign(date=pd.to_datetime(log["date"], format="ISO8601"))


def _read_parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        from pyarrow.parquet import read_schema
    except ImportError:
        advice = "Install it (`uv pip install pyarrow`), or save the table as CSV."
        refuse([whole(None, "reading Parquet needs the package pyarrow")], advice)
    _require(columns, read_schema(path).names)
    table = pd.read_parquet(path, columns=columns)
    table.attrs["read_as"] = "Parquet"
    return table


def _read_text(path: Path, columns: list[str], text: list[str]) -> pd.DataFrame:
    encoding = _encoding(path)
    with io.TextIOWrapper(_open(path), encoding=encoding, newline="") as file:
        header, separator = _header(path, file.readline())
        _require(columns, header)
        at, beyond = {c: str(header.index(c)) for c in columns}, str(len(header))
        names = separator.join(map(str, range(len(header) + 1)))
        try:
            table = pd.read_csv(
                _Renamed(names, file),
                sep=separator,
                usecols=[*at.values(), beyond],
                dtype={at[c]: str for c in text},
                low_memory=False,
            )
        except pd.errors.ParserError as error:
            advice = "Look at that line in a text editor: a stray separator or quotation mark."
            refuse([whole(None, f"{path.name} cannot be split into columns: {error}")], advice)
    table.index += 2
    _refuse_long_rows(table[beyond].rename(None))
    table = table[list(at.values())].set_axis(columns, axis=1)
    table.attrs["read_as"] = f"{_ENCODINGS[encoding]}, {_SEPARATORS[separator]}-separated"
    return table


class _Renamed:
    """A text file past its header, under a header of our own.

    With one name more than the file has columns, pandas puts what a row has too much there.
    Left to itself it cuts the row: 12,50 unquoted becomes an amount of 12.
    """

    def __init__(self, header: str, file: io.TextIOBase):
        self._header, self._file = header + "\n", file

    def __iter__(self):
        yield self._header
        yield from self._file

    def read(self, size: int = -1) -> str:
        header, self._header = self._header, ""
        return header or self._file.read(size)


def _refuse_long_rows(beyond: pd.Series) -> None:
    problem = "this row has more fields than the header has names"
    advice = "Quote text and numbers that hold the separator, or export with another separator."
    refuse([find(beyond, beyond.notna(), problem)], advice)


def _encoding(path: Path) -> str:
    with _open(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    problem = f"the text of {path.name} is neither UTF-8 nor GB 18030"
    refuse([whole(None, problem)], "Save it again as UTF-8 (in Excel: Save As, CSV UTF-8).")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with _open(path) as file:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _header(path: Path, line: str) -> tuple[list[str], str]:
    separator = max(_SEPARATORS, key=line.count)
    header = next(csv.reader([line], delimiter=separator), [])
    if not header:
        problem = f"the first line of {path.name} is empty, where the column names should be"
        refuse([whole(None, problem)], "Export the table again, with its header.")
    return header, separator


def _open(path: Path):
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _require(columns: Iterable[str], header: Iterable[str]) -> None:
    header = list(header)
    missing = [whole(c, _no_column(c, header)) for c in columns if c not in header]
    refuse(missing, f"Use the names as the file has them: {', '.join(map(repr, header))}.")


def _no_column(column: str, header: list[str]) -> str:
    by_lower = {name.strip().lower(): name for name in header}
    near = get_close_matches(column.strip().lower(), by_lower, n=1)
    hint = f"; did you mean {by_lower[near[0]]!r}?" if near else ""
    return f"there is no such column{hint}"
