"""A reader's own table from disk, and a checked log on its way into a notebook."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from crmlib.errors import DataError, find, refuse, whole

LOG_COLUMNS = ["customer_id", "date", "amount"]
_TEXT_FILES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB 18030", "utf-16": "UTF-16"}
_OTHERS = ("gb18030", "big5", "shift_jis", "cp1252")  # what tills and spreadsheets write as well
# In an id they mean that there is none; "NA" may be a customer, and is one.
_NOTHING = ["", "#N/A", "#NA", "<NA>", "N/A", "n/a", "NULL", "null", "None", "NaN", "nan", "-nan"]
_FORMULA = r"(?='*[=+\-@\t\r])"  # what a spreadsheet takes for one, made inert or not


def read_table(
    path: str | Path,
    columns: Iterable[str],
    *,
    text: Iterable[str] = (),
    encoding: str | None = None,
):
    r"""Read the named columns of a CSV, TSV or Parquet file, and no others.

    UTF-8, GB 18030 (what Excel writes in China) and UTF-16 are told apart by trying, comma,
    semicolon and tab by the header. ``attrs["read_as"]`` of the result says what was found, and
    ``attrs["doubts"]`` lists what is not sure about it. Nearly any text can be read as GB 18030,
    so it is only when nearly all of its signs are everyday Chinese; other text is refused, with
    what it would say in several encodings.

    Parameters
    ----------
    path : str or Path
        A file that ends in .csv, .tsv or .txt (or one of these and .gz), or in .parquet.
    columns : iterable of str
        The columns to read, in this order.
    text : iterable of str
        Those of them to keep as text, such as ids, so that ``007`` does not become 7, and ``NA``
        remains a name.
    encoding : str, optional
        How a text file is written, such as ``"big5"`` or ``"latin-1"``, if it is known.

    Returns
    -------
    DataFrame
        Its index counts as a spreadsheet does: the header of a text file is row 1, and an empty
        row, which is left out, counts too.

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
    path, columns = Path(path), list(dict.fromkeys(columns))
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. Check its name and folder.")
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path, columns)
    if not path.name.lower().endswith(_TEXT_FILES):
        advice = "Save it as CSV (in Excel: Save As, CSV UTF-8), or as Parquet."
        raise DataError(whole(None, f"{path.name} is not a kind of file that can be read"), advice)
    return _read_text(path, columns, list(text), _known(path, encoding) or _encoding(path))


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
    if index and table.index.name is not None:
        table, index = table.reset_index(), False
    inert = {name: _inert(values) for name, values in table.items() if _holds_text(values)}
    inert_table = table.assign(**inert)
    inert_table.to_csv(path, index=index, encoding="utf-8-sig", lineterminator="\n")


def _holds_text(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_datetime64_dtype(
        values
    )


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
    ids = log["customer_id"].str.replace(f"^'{_FORMULA}", "", regex=True)
    return log.assign(customer_id=ids, date=pd.to_datetime(log["date"], format="ISO8601"))


def _read_parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        from pyarrow.parquet import read_schema
    except ImportError:
        advice = "Install it (`uv pip install pyarrow`), or save the table as CSV."
        raise DataError(whole(None, "reading Parquet needs the package pyarrow"), advice) from None
    _require(columns, read_schema(path).names)
    table = pd.read_parquet(path, columns=columns)
    table.attrs |= {"read_as": "Parquet", "doubts": []}
    return table


def _read_text(path: Path, columns: list[str], text: list[str], encoding: str) -> pd.DataFrame:
    with io.TextIOWrapper(_open(path), encoding=encoding, newline="") as file:
        header, separator = _header(path, file.readline())
    _require(columns, header)
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
    read_as = f"{_ENCODINGS.get(encoding, encoding)}, {_SEPARATORS[separator]}-separated"
    if (lacking := table.isna().all(axis=1)).any():
        everything = _parse(path, encoding, separator, None, dtype=str, na_values=[""])
        empty = lacking & everything.isna().all(axis=1)
        table = table[~empty].infer_objects()
        read_as += f", {empty.sum():,} empty row{'s' if empty.sum() > 1 else ''} left out"
    table.attrs |= {"read_as": read_as, "doubts": _doubts(path, encoding, table[text])}
    return table


def _parse(path: Path, encoding: str, separator: str, columns: list[str] | None, **options):
    """Read columns by number; there is one more than the header has, for rows that are too long."""
    with io.TextIOWrapper(_open(path), encoding=encoding, newline="") as file:
        header, _ = _header(path, file.readline())
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
    table.index += 2
    return table


def _doubts(path: Path, encoding: str, text: pd.DataFrame) -> list[str]:
    """Say what was read in one of several possible ways."""
    doubts = []
    if encoding == "gb18030" and (seen := _words(path, encoding)):
        doubts.append(
            f"the file is not UTF-8; read as GB 18030 it says {seen!r}. If that is wrong, name its "
            "encoding, such as big5"
        )
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


def _known(path: Path, encoding: str | None) -> str | None:
    """Give Python's name of the encoding that the reader names, if it fits the file."""
    if encoding is None:
        return None
    try:
        "".encode(encoding)
    except LookupError:
        ways = f"say utf-8, {', '.join(_OTHERS)}, or another that Python knows"
        raise ValueError(f"there is no encoding {encoding!r}: {ways}") from None
    name = codecs.lookup(encoding).name
    name = "utf-8-sig" if name == "utf-8" else name
    if not _decodes(path, name):
        problem = f"the text of {path.name} cannot be read as {encoding}"
        raise DataError(whole(None, problem), "Leave the encoding out to see what the file may be.")
    return name


def _encoding(path: Path) -> str:
    with _open(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    if _decodes(path, "gb18030") and _everyday(path):
        return "gb18030"
    readings = [f"{name} ({_words(path, name)!r})" for name in _OTHERS if _decodes(path, name)]
    problem = f"the text of {path.name} is neither UTF-8 nor GB 18030 beyond doubt"
    ways = f"; say which of these it is: {', '.join(readings)}" if readings else ""
    raise DataError(whole(None, problem), f"Save it as UTF-8 (in Excel: Save As, CSV UTF-8){ways}.")


def _everyday(path: Path) -> bool:
    """Tell whether nearly all signs stand in GB 2312, which holds what Chinese is written with.

    Big5 or Latin-1 read as GB 18030 gives kana, rare signs and places that no sign has.
    """
    signs = "".join(re.findall(r"[^\x00-\x7f]", " ".join(_foreign(path, "gb18030", 2000))))
    codes = [sign.encode("gb2312", "ignore") for sign in signs]
    usual = sum(code >= b"\xb0" or b"\xa1" <= code < b"\xa4" for code in codes)
    return usual >= 0.9 * len(codes)


def _words(path: Path, encoding: str) -> str:
    return " ".join(_foreign(path, encoding, 3))


def _foreign(path: Path, encoding: str, most: int) -> list[str]:
    """Give the first words of a file that hold more than ASCII, as they read in an encoding."""
    found: list[str] = []
    with io.TextIOWrapper(_open(path), encoding=encoding, newline="") as file:
        while len(found) < most and (chunk := file.read(1 << 16)):
            found += re.findall(r"[^\s,;\"]{0,20}[^\x00-\x7f][^\s,;\"]{0,20}", chunk)
    return found[:most]


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
        raise DataError(whole(None, problem), "Export the table again, with its header.")
    return header, separator


def _open(path: Path):
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _require(columns: Iterable[str], header: Iterable[str]) -> None:
    count = Counter(header)
    missing = [whole(c, _no_column(c, list(count))) for c in columns if c not in count]
    refuse(missing, f"Use the names as the file has them: {', '.join(map(repr, count))}.")
    twice = [whole(c, "several columns have this name") for c in columns if count[c] > 1]
    refuse(twice, "Give them different names in the file, so that it is clear which one is meant.")


def _no_column(column: str, header: list[str]) -> str:
    by_lower = {name.strip().lower(): name for name in header}
    near = get_close_matches(column.strip().lower(), by_lower, n=1)
    hint = f"; did you mean {by_lower[near[0]]!r}?" if near else ""
    return f"there is no such column{hint}"
