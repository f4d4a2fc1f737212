"""A reader's own table from disk, whoever wrote it: for ``crmlib run``."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole
from crmlib.logs.files import read_parquet

_TEXT_FILES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB 18030", "utf-16": "UTF-16"}
_OTHERS = ("gb18030", "big5", "shift_jis", "cp1252")  # what tills and spreadsheets write as well
# In an id they mean that there is none; "NA" may be a customer, and is one.
_NOTHING = ["", "#N/A", "#NA", "<NA>", "N/A", "n/a", "NULL", "null", "None", "NaN", "nan", "-nan"]


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
        table = read_parquet(path, columns)
        table.attrs |= {"read_as": "Parquet", "doubts": []}
        return table
    if not path.name.lower().endswith(_TEXT_FILES):
        advice = "Save it as CSV (in Excel: Save As, CSV UTF-8), or as Parquet."
        raise DataError(whole(None, f"{path.name} is not a kind of file that can be read"), advice)
    return _read_text(path, columns, list(text), _known(path, encoding) or _encoding(path))


def _read_text(path: Path, columns: list[str], text: list[str], encoding: str) -> pd.DataFrame:
    with io.TextIOWrapper(_open(path), encoding=encoding, newline="") as file:
        header, separator = _header(path, file.readline())
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
            "encoding, such as --encoding big5"
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
        raise DataError(whole(None, problem), "Leave --encoding out to see what the file may be.")
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
    ways = f"; choose what it says with --encoding: {', '.join(readings)}" if readings else ""
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
