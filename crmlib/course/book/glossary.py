"""The glossary: a page of its own, the terms that pages link, the Chinese words that search knows."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from crmlib.course.book.prose import Terms

FILE = "docs/glossary.csv"
PAGE = "docs/glossary.md"
_OPENING = """\
# Glossary

Each term with its Chinese name (中文), how that is spoken, its symbol, and where it is taught. Pages
link a term where they first use it.
"""


@dataclass(frozen=True)
class Glossary:
    """The rows of ``docs/glossary.csv``: term, zh, pinyin, symbol, sentence, where."""

    rows: list[dict[str, str]]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def terms(self, *, chinese: bool) -> Terms:
        """Give what pages in English, or in Chinese, call the terms."""
        pairs = [
            (spelling, row["term"])
            for row in self.rows
            for spelling in (_chinese(row) if chinese else _english(row))
        ]
        return Terms(dict(reversed(pairs)))  # of two terms with one spelling the first counts

    def page(self, pages: dict[str, str]) -> str:
        """Write the page, from A to Z."""
        notebooks = {Path(name).stem: name for name in pages if name.startswith("notebooks/")}
        rows = sorted(self.rows, key=lambda row: row["term"].lower())
        entries = [_entry(row, notebooks) for row in rows]
        return "\n".join([_OPENING, "```{glossary}", "\n\n".join(entries), "```", ""])

    def words(self) -> str:
        """List the Chinese terms as jieba reads them: a word, how often, its kind."""
        words = sorted({word for row in self.rows for word in _chinese(row)})
        return "".join(f"{word} 100000 n\n" for word in words)


def read(course: Path) -> Glossary:
    """Read the course's glossary; one that has none yet has no terms."""
    path = course / FILE
    if not path.exists():
        return Glossary([])
    with path.open(encoding="utf-8", newline="") as file:
        return Glossary(list(csv.DictReader(file)))


def _english(row: dict[str, str]) -> list[str]:
    """Give the spellings of a term: also its short form in brackets.

    >>> _english({"term": "net promoter score (NPS)"})
    ['net promoter score (NPS)', 'net promoter score', 'NPS']
    """
    return _spellings(row["term"])


def _chinese(row: dict[str, str]) -> list[str]:
    return [word for part in re.split(r"[;,；，、/]", row["zh"]) for word in _spellings(part)]


def _spellings(term: str) -> list[str]:
    term = term.strip()
    short = re.fullmatch(r"(.+?)\s*[(（](.+)[)）]", term)
    return [term, short[1], short[2]] if short else [term] if term else []


def _entry(row: dict[str, str], notebooks: dict[str, str]) -> str:
    taught = [_taught(stem, notebooks) for stem in row["where"].split()]
    names = [row["zh"], row["pinyin"] and f"*{row['pinyin']}*", row["symbol"]]
    lines = [" · ".join(filter(None, names)), row["sentence"]]
    if taught:
        lines.append(f"Taught in {', '.join(taught)}.")
    return "\n".join([row["term"], *(f"    {line}\n" for line in lines)]).rstrip()


def _taught(stem: str, notebooks: dict[str, str]) -> str:
    number = re.match(r"(\d)_(\d)_", stem)
    shown = ".".join(number.groups()) if number else "Start here"
    return f"[{shown}](../{notebooks[stem]})" if stem in notebooks else shown
