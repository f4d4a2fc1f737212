"""A reader's own table from disk, whoever wrote it: for ``crmlib run``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from crmlib import validate
from crmlib.course import encodings
from crmlib.course.encodings import open_bytes
from crmlib.errors import DataError, find, refuse, whole
from crmlib.logs.files import read_parquet

_TEXT_FILES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_BOOKS = (".xlsx", ".xlsm")
_DATABASES = (".duckdb", ".ddb", ".db")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# In an id they mean that there is none; "NA" may be a customer, and is one.
_NOTHING = ["", "#N/A", "#NA", "<NA>", "N/A", "n/a", "NULL", "null", "None", "NaN", "nan", "-nan"]


def read_table(
    path: str | Path,
    columns: Iterable[str],
    *,
    text: Iterable[str] = (),
    encoding: str | None = None,
    part: str | None = None,
):
    r"""Read the named columns of a table of any usual kind, and no others.

    Text is UTF-8 or UTF-16, or whatever its signs are everyday signs of: GB 18030, Big5, Shift-JIS
    or Latin-1 (:mod:`crmlib.course.encodings`). Comma, semicolon, tab and bar are told apart by the
    header, or by a first line ``sep=;``. ``attrs["read_as"]`` of the result says what was found,
    and ``attrs["doubts"]`` lists what is not sure about it.

    Parameters
    ----------
    path : str or Path
        A file that ends in .csv, .tsv or .txt (or one of these and .gz), in .parquet, .xlsx or
        .duckdb, or a folder of Parquet files.
    columns : iterable of str
        The columns to read, in this order.
    text : iterable of str
        Those of them to keep as text, such as ids, so that ``007`` does not become 7, and ``NA``
        remains a name.
    encoding : str, optional
        How a text file is written, such as ``"big5"`` or ``"latin-1"``, if it is known.
    part : str, optional
        The sheet of a workbook or the table of a database; the first sheet, the only table.

    Returns
    -------
    DataFrame
        Its index counts as a spreadsheet does: the header of a text file or sheet is row 1, and an
        empty row, which is left out, counts too.

    Raises
    ------
    DataError
        If the file is of another kind, empty, torn or in an unknown encoding, lacks a column or
        has two of its name.
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
    path, columns, text = Path(path), list(dict.fromkeys(columns)), list(text)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Check its name and folder.")
    name = path.name.lower()
    if path.is_dir() or name.endswith(".parquet"):
        return _read_parquet(path, columns)
    if name.endswith(_BOOKS):
        return _read_sheet(path, columns, text, part)
    if name.endswith(_DATABASES):
        return _read_database(path, columns, part)
    if not name.endswith(_TEXT_FILES):
        advice = "Save it as CSV (in Excel: Save As, CSV UTF-8), or as Parquet."
        raise DataError(whole(None, f"{path.name} is not a kind of file that can be read"), advice)
    return _read_text(path, columns, text, encoding)


def parquet_files(path: Path) -> list[Path]:
    """List the Parquet files of a folder and the folders in it, or name the one file."""
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files:
        problem = f"the folder {path.name} holds no .parquet file"
        raise DataError(whole(None, problem), "Name a file, or a folder of Parquet files.")
    return files


def _read_parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    files = parquet_files(path)
    table = pd.concat([read_parquet(file, columns) for file in files], ignore_index=True)
    many = f", {len(files)} files" if path.is_dir() else ""
    table.attrs |= {"read_as": f"Parquet{many}", "doubts": []}
    return table


def _read_sheet(path: Path, columns: list[str], text: list[str], sheet: str | None):
    with _workbook(path) as book:
        if sheet is not None:
            validate.columns(book.sheet_names, [sheet], what="sheet")
        name = sheet or book.sheet_names[0]
        everything = pd.read_excel(book, name, dtype=object, keep_default_na=False, na_values=[""])
        others = [other for other in book.sheet_names if other != name]
    validate.columns(everything.columns, columns)
    everything.index += 2
    table = everything.loc[everything.notna().any(axis=1), columns]
    for column in text:
        table[column] = table[column].map(_as_typed, na_action="ignore")
        table[column] = table[column].mask(table[column].isin(_NOTHING))
    doubts = [f"the sheet {name!r} was read; --table names another: {', '.join(others)}"]
    table = table.infer_objects()
    table.attrs |= {"read_as": f"Excel, sheet {name!r}", "doubts": doubts if others else []}
    return table


def _workbook(path: Path) -> pd.ExcelFile:
    try:
        return pd.ExcelFile(path, engine="openpyxl")
    except (BadZipFile, KeyError, ValueError) as error:
        advice = "Open it in Excel, and save it as .xlsx without a password, or as CSV UTF-8."
        raise DataError(whole(None, f"{path.name} is no Excel workbook"), advice) from error


def _as_typed(value: object) -> object:
    """Give an id as it was typed: a sheet holds 17850 as a number."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


def _read_database(path: Path, columns: list[str], name: str | None) -> pd.DataFrame:
    try:
        import duckdb
    except ImportError:
        advice = "Install it (`uv pip install duckdb`), or save the table as Parquet or CSV."
        raise DataError(
            whole(None, "reading a database needs the package duckdb"), advice
        ) from None
    try:
        base = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        problem = f"{path.name} is no DuckDB database, or is in use by another program"
        raise DataError(whole(None, problem), "Close it there, or export the table.") from error
    with base:
        tables = [row[0] for row in base.execute("SHOW TABLES").fetchall()]
        if name is None and len(tables) != 1:
            problem = f"{path.name} has {len(tables)} tables: {', '.join(tables)}"
            raise DataError(whole(None, problem), "Say which with --table.")
        name = tables[0] if name is None else name
        validate.columns(tables, [name], what="table")
        there = base.execute(f"DESCRIBE {_quoted(name)}").df()["column_name"]
        validate.columns(there, columns)
        chosen = ", ".join(map(_quoted, columns))
        table = base.execute(f"SELECT {chosen} FROM {_quoted(name)}").df()
    table.attrs |= {"read_as": f"DuckDB, table {name!r}", "doubts": []}
    return table


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read_text(path: Path, columns: list[str], text: list[str], given: str | None) -> pd.DataFrame:
    encoding, doubt = (encodings.known(path, given), "") if given else encodings.guessed(path)
    with io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="") as file:
        header, separator, _ = _header(path, file)
    validate.columns(header, columns)
    at, beyond = {c: str(header.index(c)) for c in columns}, str(len(header))
    nothing = {at[c]: _NOTHING if c in text else [*_NOTHING, "NA"] for c in columns}
    table = _parse(
        path,
        encoding,
        separator,
        [*at.values(), beyond],
        dtype={at[c]: str for c in text},
        na_values=nothing | {beyond: [""]},
    )
    _refuse_long_rows(table[beyond].rename(None))
    table = table[list(at.values())].set_axis(columns, axis=1)
    parted = _SEPARATORS.get(separator, repr(separator))
    read_as = f"{encodings.NAMES.get(encoding, encoding)}, {parted}-separated"
    if (lacking := table.isna().all(axis=1)).any():
        everything = _parse(path, encoding, separator, None, dtype=str, na_values=[""])
        empty = lacking & everything.isna().all(axis=1)
        table = table[~empty].infer_objects()
        read_as += f", {empty.sum():,} empty row{'s' if empty.sum() > 1 else ''} left out"
    table.attrs |= {"read_as": read_as, "doubts": [*[doubt] * bool(doubt), *_names(table[text])]}
    return table


def _parse(path: Path, encoding: str, separator: str, columns: list[str] | None, **options):
    """Read columns by number; there is one more than the header has, for rows that are too long."""
    with io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="") as file:
        header, _, above = _header(path, file)
        names = separator.join(map(str, range(len(header) + 1)))
        try:
            table = pd.read_csv(
                _Renamed(names, file),
                sep=separator,
                usecols=columns,
                keep_default_na=False,
                skip_blank_lines=False,  # they count as rows
                low_memory=False,
                **options,
            )
        except pd.errors.ParserError as error:
            advice = "Look at that line in a text editor: a stray separator or quotation mark."
            problem = f"{path.name} cannot be split into columns: {error}"
            raise DataError(whole(None, problem), advice) from error
    table.index += 2 + above
    return table


def _names(text: pd.DataFrame) -> list[str]:
    """Say where what looks missing is kept as a name."""
    doubts = []
    for column, values in text.items():
        if count := (values == "NA").sum():
            doubts.append(f"{column} is 'NA' in {count:,} rows, which is kept as a name")
    return doubts


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


def _header(path: Path, file: io.TextIOBase) -> tuple[list[str], str, int]:
    """Read the names of the columns, and what parts them; count the lines above them."""
    line, above = file.readline(), 0
    said = re.fullmatch(r"sep=(.)", line.strip('\r\n "').lower().replace("\\t", "\t"))
    if said:  # a line that Excel writes for itself
        line, above = file.readline(), 1
    separator = said[1] if said else max(_SEPARATORS, key=line.count)
    header = next(csv.reader([line], delimiter=separator), [])
    if not header:
        problem = f"the first line of {path.name} is empty, where the column names should be"
        raise DataError(whole(None, problem), "Export the table again, with its header.")
    return header, separator, above
