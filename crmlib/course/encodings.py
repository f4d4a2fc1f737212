"""How a text file is written: told apart by trying; what cannot be known is said."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import unicodedata
from pathlib import Path

from crmlib.course import places
from crmlib.errors import DataError, whole

NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "cp1252": "Latin-1",
}
_ENOUGH = 0.9  # share of the signs that must be everyday ones


class UnknownEncoding(ValueError, places.Refusal):
    """A name that the reader gave and Python does not know."""


def open_bytes(path: Path):
    """Open a file, also a gzipped one."""
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def known(path: Path, encoding: str) -> str:
    """Give Python's name of the encoding that the reader names, if it fits the file."""
    try:
        "".encode(encoding)
    except LookupError:
        ways = f"say utf-8, {', '.join(_USUAL)}, or another that Python knows"
        raise UnknownEncoding(f"there is no encoding {encoding!r}: {ways}") from None
    name = codecs.lookup(encoding).name
    name = "utf-8-sig" if name == "utf-8" else name
    if not _decodes(path, name):
        problem = f"the text of {path.name} cannot be read as {encoding}"
        raise DataError(whole(None, problem), "Leave --encoding out to see what the file may be.")
    return name


def guessed(path: Path) -> tuple[str, str]:
    """Give an encoding that fits, and the doubt that remains; refuse text that fits none."""
    with open_bytes(path) as file:
        head = file.read(4096)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and head[2:4] != b"\0\0":
        return "utf-16", ""
    if b"\0" in head:
        problem = f"{path.name} holds bytes of zero: it is no text, or UTF-16 without its mark"
        ways = "Save it as UTF-8 (in Excel: Save As, CSV UTF-8), or try --encoding utf-16-le."
        raise DataError(whole(None, problem), ways)
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig", ""
    fits = [name for name in _USUAL if _decodes(path, name)]
    for name in fits:
        if _usual(path, name):
            others = [o for o in fits if o != name and _usual(path, o)]
            return name, _doubt(path, name, others)
    readings = [f"{name} ({_words(path, name)!r})" for name in fits]
    problem = f"the text of {path.name} is in no encoding that can be told"
    ways = f"; choose what it says with --encoding: {', '.join(readings)}" if readings else ""
    raise DataError(whole(None, problem), f"Save it as UTF-8 (in Excel: Save As, CSV UTF-8){ways}.")


def _doubt(path: Path, name: str, others: list[str]) -> str:
    instead = [f"--encoding {o} ({_words(path, o)!r})" for o in others]
    instead = instead or [f"--encoding {next(n for n in _USUAL if n != name)}"]
    return (
        f"the file is not UTF-8; read as {NAMES[name]} it says {_words(path, name)!r}. If that is "
        f"wrong, name its encoding, such as {' or '.join(instead)}"
    )


def _usual(path: Path, encoding: str) -> bool:
    """Tell whether nearly all signs beyond ASCII are those that people write in this encoding."""
    text = " ".join(_foreign(path, encoding, 2000))
    signs, everyday = re.findall(r"[^\x00-\x7f]", text), _USUAL[encoding]
    # One sign of Chinese stuck to a Latin letter is a letter with an accent and its neighbour, misread.
    lone = (
        0
        if encoding == "cp1252"
        else len(re.findall(r"[A-Za-z][^\x00-\x7f](?![^\x00-\x7f])", text))
    )
    return sum(map(everyday, signs)) - lone >= _ENOUGH * len(signs)


def _simplified(sign: str) -> bool:
    """GB 2312 holds what Chinese is written with; kana and frames in it are signs of a misreading."""
    code = sign.encode("gb2312", "ignore")
    return code >= b"\xb0" or b"\xa1" <= code < b"\xa4"


def _traditional(sign: str) -> bool:
    """Big5's first level holds the 5,401 signs in use; its second those that are hardly."""
    code = sign.encode("big5", "ignore")
    return b"\xa1\x40" <= code <= b"\xa3\xbf" or b"\xa4\x40" <= code <= b"\xc6\x7e"


def _japanese(sign: str) -> bool:
    """Kana of full width and the signs of the first level; half kana are letters misread."""
    code = sign.encode("cp932", "ignore")
    return len(code) == 2 and b"\x81\x40" <= code <= b"\x98\x72"


def _western(sign: str) -> bool:
    return unicodedata.category(sign) in ("Lu", "Ll") or sign in "€£¢¥§°ªº«»“”‘’–—…ß¿¡·"


# in the order in which they are tried: what is read in China, Taiwan, Japan, Europe
_USUAL = {"gb18030": _simplified, "big5": _traditional, "cp932": _japanese, "cp1252": _western}


def _words(path: Path, encoding: str) -> str:
    return " ".join(_foreign(path, encoding, 3))


def _foreign(path: Path, encoding: str, most: int) -> list[str]:
    """Give the first words of a file that hold more than ASCII, as they read in an encoding."""
    found: list[str] = []
    with io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="") as file:
        while len(found) < most and (chunk := file.read(1 << 16)):
            found += re.findall(r"[^\s,;|\"]{0,20}[^\x00-\x7f][^\s,;|\"]{0,20}", chunk)
    return found[:most]


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open_bytes(path) as file:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
