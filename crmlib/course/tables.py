"""A reader's own table from disk, whoever wrote it: for ``crmlib run``."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable
from itertools import islice, pairwise, zip_longest
from pathlib import Path
from urllib.parse import unquote
from zipfile import BadZipFile

import pandas as pd

from crmlib import validate
from crmlib.course import encodings
from crmlib.course.encodings import open_bytes
from crmlib.course.reports.words import times
from crmlib.errors import DataError, find, refuse, whole
from crmlib.logs.files import read_parquet

TEXT_FILES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_BOOKS = (".xlsx", ".xlsm")
_DATABASES = (".duckdb", ".ddb", ".db")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE = 1000  # rows
_ONE = (
    "Is it one column? What parts columns is a comma, semicolon, tab or bar; any other sign is named "
    "by a first line such as sep=^."
)
_TOP = 20  # rows, of which one may be the header: some programs write a title above
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
    if not name.endswith(TEXT_FILES):
        advice = "Save it as CSV (in Excel: Save As, CSV UTF-8), or as Parquet."
        raise DataError(whole(None, f"{path.name} is not a kind of file that can be read"), advice)
    try:
        return _read_text(path, columns, text, encoding)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem = f"{path.name} is no gzipped file, or its end is missing"
        raise DataError(whole(None, problem), "Fetch it again, or unpack it first.") from error


def parquet_files(path: Path) -> list[Path]:
    """List the Parquet files of a folder and the folders in it, or name the one file."""
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    # what begins with _ or . is of the program that wrote them, by custom
    files = [
        f for f in files if f == path or not re.search(r"(^|[/\\])[._]", str(f.relative_to(path)))
    ]
    if not files:
        problem = f"the folder {path.name} holds no .parquet file"
        raise DataError(whole(None, problem), "Name a file, or a folder of Parquet files.")
    return files


def _read_parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    files = parquet_files(path)
    table = pd.concat([_read_part(path, file, columns) for file in files], ignore_index=True)
    many = f", {len(files)} files" if path.is_dir() else ""
    table.attrs |= {"read_as": f"Parquet{many}", "doubts": []}
    return table


def _read_part(path: Path, file: Path, columns: list[str]) -> pd.DataFrame:
    """Read one file of a folder, whose folders may hold a column: ``day=2025-01-31``."""
    folders = file.parent.relative_to(path).parts if path.is_dir() else ()
    named = [folder.partition("=") for folder in folders]
    said = {name: unquote(value) for name, equals, value in named if equals and name in columns}
    try:
        part = read_parquet(file, [column for column in columns if column not in said])
    except DataError:
        raise
    except (ValueError, OSError) as error:
        problem = f"{file.name} is no Parquet file, or its end is missing"
        raise DataError(whole(None, problem), "Fetch it again.") from error
    return part.assign(**said)[columns]


def _read_sheet(path: Path, columns: list[str], text: list[str], sheet: str | None):
    with _workbook(path) as book:
        if sheet is not None:
            validate.columns(book.sheet_names, [sheet], what="sheet")
        name = sheet or book.sheet_names[0]
        blank = {"keep_default_na": False, "na_values": [""]}
        everything = pd.read_excel(book, name, header=None, dtype=object, **blank)
        others = [other for other in book.sheet_names if other != name]
    top = everything.head(_TOP).fillna("").astype(str).to_numpy().tolist()
    header, above = _named(top, columns) or (top[0] if top else [], 0)
    validate.columns(header, columns)
    everything.index += 1
    filled = everything.iloc[above + 1 :].dropna(how="all")
    table = filled.set_axis(header, axis=1)[columns].copy()
    for column in text:
        table[column] = table[column].map(_as_typed, na_action="ignore")
        table[column] = table[column].mask(table[column].isin(_NOTHING))
    doubts = [f"the sheet {name!r} was read; --table names another: {', '.join(others)}"]
    table = table.infer_objects()
    read_as = f"Excel, sheet {name!r}{_below(above)}"
    table.attrs |= {"read_as": read_as, "doubts": doubts if others else [], "columns": header}
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
    header, separator, above = _header(path, encoding, columns)
    parts = "" if len(header) > 1 else f"{_ONE} "
    validate.columns(header, columns, advice=f"{parts}{doubt[:1].upper()}{doubt[1:]}")
    at, beyond = {c: str(header.index(c)) for c in columns}, str(len(header))
    nothing = {at[c]: _NOTHING if c in text else [*_NOTHING, "NA"] for c in columns}
    file = (path, encoding, separator, above, len(header))
    table = _parse(
        *file,
        [*at.values(), beyond],
        dtype={at[c]: str for c in text},
        na_values=nothing | {beyond: [""]},
    )
    _refuse_long_rows(table[beyond].rename(None))
    table = table[list(at.values())].set_axis(columns, axis=1).apply(_without_formulas)
    doubts = [*[doubt] * bool(doubt), *_names(table[text])]
    floats = [c for c in columns if table[c].dtype == "float64"]
    if floats:
        sample = _parse(*file, [at[c] for c in floats], dtype=str, nrows=_SAMPLE)
        doubts += _thousands(sample.set_axis(floats, axis=1))
    parted = _SEPARATORS.get(separator, repr(separator))
    read_as = f"{encodings.NAMES.get(encoding, encoding)}, {parted}-separated{_below(above)}"
    if (lacking := table.isna().all(axis=1)).any():
        everything = _parse(*file, None, dtype=str, na_values=[""])
        empty = lacking & everything.isna().all(axis=1)
        table = table[~empty].infer_objects()
        if empty.any():
            read_as += f", {times(int(empty.sum()), 'empty row', 'empty rows')} left out"
    table.attrs |= {"read_as": read_as, "doubts": doubts, "columns": header}
    return table


def _below(above: int) -> str:
    """Say that the header is not where it is expected."""
    return f", header in row {above + 1}" * (above > 0)


def _thousands(sample: pd.DataFrame) -> list[str]:
    """Say where a point may mark thousands: every number with a point goes on with three digits."""
    doubts = []
    for column, numbers in sample.items():
        pointed = numbers[numbers.str.contains(".", regex=False).eq(True)]
        if len(pointed) and pointed.str.fullmatch(r"\s*-?[1-9]\d{0,2}\.\d{3}\s*").all():
            one = pointed.iloc[0].strip()
            doubts.append(
                f"{column}: every number with a point is written like {one}, read as {float(one):g}; "
                "if points mark thousands, say --decimal comma"
            )
    return doubts


def _parse(path, encoding, separator, above: int, width: int, columns, **options):
    """Read columns by number; there is one more than the header has, for rows that are too long."""
    with io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="") as file:
        for _ in islice(csv.reader(file, delimiter=separator), above + 1):
            pass
        names = separator.join(map(str, range(width + 1)))
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


def _without_formulas(column: pd.Series) -> pd.Series:
    """Read ="0138" as 0138: so some shops keep Excel from reading a number."""
    if column.dtype != "str" or not column.str.startswith('="').any():
        return column
    return column.str.replace(r'^="(.*)"$', r"\1", regex=True)


def _names(text: pd.DataFrame) -> list[str]:
    """Say where what looks missing is kept as a name."""
    doubts = []
    for column, values in text.items():
        if count := (values == "NA").sum():
            doubts.append(
                f"{column} is 'NA' in {times(count, 'row', 'rows')}, which is kept as a name"
            )
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


def _header(path: Path, encoding: str, wanted: list[str]) -> tuple[list[str], str, int]:
    """Find the names of the columns, and what parts them; count the rows above.

    The header is the first of the first rows that holds every name `wanted`, alone or with the row
    above it; else the first row.
    """
    with io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="") as file:
        first = file.readline()
    said = re.fullmatch(r"sep=(.)", first.strip('\r\n "').lower().replace("\\t", "\t"))
    tops = {sep: _top(path, encoding, sep) for sep in ([said[1]] if said else _SEPARATORS)}
    for separator, rows in tops.items():
        if found := _named(rows, wanted):
            names, above = found
            return names, separator, above
    above = 1 if said else 0  # a line that Excel writes for itself
    separator = said[1] if said else max(_SEPARATORS, key=first.count)
    names = next(islice(tops[separator], above, None), [])
    if not names:
        problem = f"the first line of {path.name} is empty, where the column names should be"
        raise DataError(whole(None, problem), "Export the table again, with its header.")
    return names, separator, above


def _named(rows: list[list[str]], wanted: list[str]) -> tuple[list[str], int] | None:
    """Find the row with every name wanted, or two: a question above, what it asks of below."""
    for above, names in enumerate(rows):
        if set(wanted) <= set(names):
            return names, above
    for above, (upper, lower) in enumerate(pairwise(rows), 1):
        both = zip_longest(upper, lower, fillvalue="")
        names = [low if low in wanted else up for up, low in both]
        if set(wanted) <= set(names):
            return names, above
    return None


def _top(path: Path, encoding: str, separator: str) -> list[list[str]]:
    """Read the first rows; none if the quotation marks do not fit."""
    with io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="") as file:
        try:
            return list(islice(csv.reader(file, delimiter=separator), _TOP))
        except csv.Error:
            return []
