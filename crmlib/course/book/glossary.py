"""The glossary in the book: a page of its own, and what pages link where they first use a term."""

from __future__ import annotations

import re
from pathlib import Path

from crmlib.course import examples, glossary
from crmlib.course.book.prose import Terms

PAGE = "docs/glossary.md"
_OPENING = """\
# Glossary

Each term with its Chinese name (中文), how that is spoken, its symbol, and where it is taught. Pages
link a term where they first use it.
"""
_SHORT = 3  # characters of a Chinese word that is sure to be the term: 分组 may be any grouping


def english(rows: list[dict[str, str]]) -> Terms:
    """Give what English pages call the terms.

    A word of everyday language, such as *key* or *points*, is a term only where its Chinese name stands
    behind it; names of several words, or with capitals, always are.

    >>> english([{"term": "key", "zh": "键"}]).link("Key ideas: a key (键)", set())
    'Key ideas: a {term}`key` (键)'
    """
    spellings = {}
    for row in rows:
        words = r"\s+".join(map(re.escape, row["term"].split())) + "(?:e?s)?"
        names = "|".join(map(re.escape, glossary.chinese(row)))
        everyday = re.fullmatch("[a-z]+", row["term"])
        behind = rf"(?=\s*\((?:{names}))" if everyday else ""
        pattern = rf"(?<![\w/-]){words}(?![\w/-]){behind}"
        spellings[row["term"]] = pattern, [row["term"].lower().split()[0]]
    return Terms(spellings)


def chinese(rows: list[dict[str, str]]) -> Terms:
    """Give what Chinese pages call the terms."""
    names = {row["term"]: [n for n in glossary.chinese(row) if len(n) >= _SHORT] for row in rows}
    return Terms({term: ("|".join(map(re.escape, n)), n) for term, n in names.items() if n})


def page(rows: list[dict[str, str]], pages: dict[str, str]) -> str:
    """Write the page; `pages` says where in the book each file of the course is."""
    notebooks = {Path(name).stem: name for name in pages if name.startswith("notebooks/")}
    entries = "\n\n".join(_entry(row, notebooks) for row in rows)
    return "\n".join([_OPENING, "```{glossary}", entries, "```", ""])


def taught(rows: list[dict[str, str]], pages: dict[str, str]) -> dict[str, list[str]]:
    """List what each notebook's page teaches: its short name, terms, Chinese names, abbreviations.

    >>> row = {"term": "net promoter score", "zh": "净推荐值", "symbol": "NPS", "where": "1_3_x_y"}
    >>> taught([row], {"notebooks/1_3_x_y.ipynb": "notebooks/1_3_x_y.ipynb"})
    {'notebooks/1_3_x_y': ['x y', 'net promoter score', '净推荐值', 'NPS']}
    """
    found = {}
    for name in (name for name in pages if re.match(r"notebooks/.*\.ipynb", name)):
        stem = Path(name).stem
        words = [re.sub("^[0-9_]+", "", stem).replace("_", " ")]
        for row in (row for row in rows if stem in row["where"].split()):
            short = re.findall("^[A-Z]{2,}$", row["symbol"])
            words += [row["term"], *filter(None, glossary.chinese(row)), *short]
        found[pages[name].rpartition(".")[0]] = words
    return found


def words(rows: list[dict[str, str]]) -> str:
    """List the Chinese terms as jieba reads them: a word, how often, its kind."""
    names = sorted({name for row in rows for name in glossary.chinese(row)} - {""})
    return "".join(f"{name.replace(' ', '')} 100000 n\n" for name in names)


def _entry(row: dict[str, str], notebooks: dict[str, str]) -> str:
    names = [row["zh"], row["pinyin"] and f'<i lang="zh-Latn">{row["pinyin"]}</i>', row["symbol"]]
    taught = ", ".join(_taught(stem, notebooks) for stem in row["where"].split())
    parts = [" · ".join(filter(None, names)), row["sentence"], taught and f"Taught in {taught}."]
    return "\n".join([row["term"], "\n\n".join(f"    {part}" for part in parts if part)])


def _taught(stem: str, notebooks: dict[str, str]) -> str:
    shown = examples.number(stem) or "Start here"
    return f"[{shown}](../{notebooks[stem]})" if stem in notebooks else shown
