"""The Chinese digests: each of their numbers tied to the cell of the notebook that says it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from crmlib.course import examples, places

NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w)")
_NO_NUMBER = re.compile(r"`[^`]*`|^#.*$|\d{4} 年|\d{4}–\d\d 年", re.M)
_TIES = "ties.json"


def folder() -> Path:
    """Give the folder of the digests."""
    return places.course() / "docs" / "zh" / "digests"


def tie(text: str, cells: dict[str, set[str]]) -> list[list[str]]:
    """Name for every number of a digest, in order, the cell that says it.

    A number may stand in many cells: we take the one that says most of the sentence.

    >>> tie("来了 20 人，占 5%。", {"a": {"20"}, "b": {"20", "5"}})
    [['20', 'b'], ['5', 'b']]
    """
    ties = []
    for sentence in re.split("[。；：]", _NO_NUMBER.sub(" ", text)):
        numbers = NUMBER.findall(sentence)
        for number in numbers:
            holding = [name for name, said in cells.items() if number in said]
            if not holding:
                raise ValueError(f"No cell of the notebook says {number}: {sentence.strip()}")
            ties.append([number, max(holding, key=lambda c: len(cells[c] & set(numbers)))])
    return ties


def said(notebook: Path) -> dict[str, set[str]]:
    """Give the numbers that each cell says, in its text or its outputs, by the cell's id."""
    cells = examples.cells(notebook)
    return {cell["id"]: set(NUMBER.findall(examples.words(cell))) for cell in cells}


def broken(name: str) -> list[str]:
    """List what no longer holds: a number of the digest that was changed, or its cell's."""
    stored = json.loads((folder() / _TIES).read_text(encoding="utf-8")).get(name, [])
    text = (folder() / f"{name}.md").read_text(encoding="utf-8")
    numbers = NUMBER.findall(_NO_NUMBER.sub(" ", text))
    if numbers != [number for number, _ in stored]:
        return ["numbers were changed: python -m crmlib.course.digests"]
    cells = said(_notebook(name))
    return [f"{n} is not in cell {cell}" for n, cell in stored if n not in cells.get(cell, ())]


def main() -> int:
    """Tie all digests anew."""
    names = sorted(path.stem for path in folder().glob("*.md"))
    texts = {name: (folder() / f"{name}.md").read_text(encoding="utf-8") for name in names}
    ties = {name: tie(texts[name], said(_notebook(name))) for name in names}
    lines = [
        f"{json.dumps(name)}: {json.dumps(ties[name], separators=(',', ':'))}" for name in names
    ]
    written = "{\n" + ",\n".join(lines) + "\n}\n"
    (folder() / _TIES).write_text(written, encoding="utf-8", newline="\n")
    return 0


def _notebook(name: str) -> Path:
    found = examples.worked_examples(places.course())
    return next(path for path in found if path.stem == name)


if __name__ == "__main__":
    sys.exit(main())
