"""The glossary: English and Chinese terms, and the notebooks where each one stands."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

from crmlib.course import examples, places

_HAN = "\u4e00-\u9fff"


def read() -> list[dict[str, str]]:
    """Read ``docs/glossary.csv``: `term`, `zh`, `pinyin`, `symbol`, `sentence`, `where`."""
    with _file().open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def chinese(row: dict[str, str]) -> list[str]:
    """Give the Chinese names of a term; the first is the course's, others are in use elsewhere.

    >>> chinese({"zh": "客户终生价值, 客户终身价值"})
    ['客户终生价值', '客户终身价值']
    """
    return row["zh"].split(", ")


def texts() -> dict[str, str]:
    """Give the text of each worked example, by the notebook's name; code is none."""
    return {path.stem: _text(path) for path in examples.worked_examples(places.course())}


def where(row: dict[str, str], pages: dict[str, str]) -> list[str]:
    """List the notebooks whose text holds a term in Chinese, not as a part of a longer word.

    >>> where({"zh": "键"}, {"a": "the key (键)", "b": "关键"})
    ['a']
    """
    alone = re.compile(rf"(?<![{_HAN}])({'|'.join(map(re.escape, chinese(row)))})(?![{_HAN}])")
    return [name for name, text in pages.items() if alone.search(text)]


def main(argv: list[str] | None = None) -> int:
    """Write the notebooks of every term anew; with ``--check`` only say whether that is needed."""
    rows, pages = read(), texts()
    fresh = [{**row, "where": " ".join(where(row, pages))} for row in rows]
    if "--check" in (sys.argv[1:] if argv is None else argv):
        return int(fresh != rows)
    with _file().open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(fresh)
    return 0


def _file() -> Path:
    return places.course() / "docs" / "glossary.csv"


def _text(path: Path) -> str:
    found = examples.cells(path)
    return "\n".join(cell["source"] for cell in found if cell["cell_type"] == "markdown")


if __name__ == "__main__":
    sys.exit(main())
