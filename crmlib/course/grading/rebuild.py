"""A hand-in, rebuilt: the instructor's structure with the student's cells in it.

Locked cells, points and the order are the instructor's; what a student did to them costs nothing
and gains nothing. A student's cell finds its place by the name nbgrader gave it, by its id, or by
its text. Cells of the student's own stay behind their neighbours.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

MOST_BYTES = 60_000_000  # of a file, outputs and all
_MOST_CELLS, _MOST_TEXT = 1_000, 1_000_000  # of a notebook: cells, characters in all of them
_MOST_MARKDOWN = 20_000  # characters of one cell: more is no answer, and slow to show
_MOST_PIECES = 1_000_000  # lists and dictionaries in a file: memory holds each as an object
_PICTURE = re.compile(r"data:image/[\w.+-]+;base64,[\w+/=\s]+")
MISSING = "# This cell was not handed in."


class Unusable(Exception):
    """A file that is no notebook; the text says why, in words."""


@dataclass
class Cell:
    """What counts of a student's cell: its kind, its text, and what it may be known by."""

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    cut: bool = False


@dataclass
class Rebuilt:
    """The notebook to run, and what to say of how it was handed in."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)


def read(path: Path) -> list[Cell]:
    """Read a hand-in's cells, whatever else the file holds; its outputs are left where they are.

    Raises
    ------
    Unusable
        It is no file, too large, or no notebook.
    """
    if path.is_symlink() or not path.is_file():
        raise Unusable("is a link and no file" if path.is_symlink() else "is no file")
    if path.stat().st_size > MOST_BYTES:
        raise Unusable(f"is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        cells = _cells(path.read_bytes())
    except Exception as error:  # a torn file fails in as many ways as it can be torn
        raise Unusable(f"cannot be read as a notebook ({type(error).__name__})") from None
    if len(cells) > _MOST_CELLS:
        raise Unusable(f"has {len(cells):,} cells")
    if (size := sum(len(cell.source) for cell in cells)) > _MOST_TEXT:
        raise Unusable(f"has {size:,} characters in its cells: take out what was pasted")
    return cells


def _cells(content: bytes) -> list[Cell]:
    if content.count(b"{") + content.count(b"[") > _MOST_PIECES:
        raise MemoryError
    raw = json.loads(content)
    found = raw["cells"] if "cells" in raw else raw["worksheets"][0]["cells"]
    return [_cell(one) for one in found]


def _cell(raw: dict) -> Cell:
    source = raw.get("source", raw.get("input", ""))
    source = source if isinstance(source, str) else "".join(source)
    source = source.encode("utf-8", "replace").decode()  # halves of characters cannot be saved
    nbgrader = raw.get("metadata", {}).get("nbgrader", {})
    name = nbgrader.get("grade_id", "") if isinstance(nbgrader, dict) else ""
    kind = "code" if raw["cell_type"] == "code" else "markdown"
    cut = False
    if kind == "markdown":
        source = _PICTURE.sub("[a picture]", source)
        cut = len(source) > _MOST_MARKDOWN
        source = f"{source[:_MOST_MARKDOWN]}\n\n[cut here]" if cut else source
    return Cell(kind, source, str(raw.get("id", "")), str(name), cut)


def rebuild(released: NotebookNode, handed_in: list[Cell]) -> Rebuilt:
    """Put a student's cells into the notebook that was handed out.

    Parameters
    ----------
    released : NotebookNode
        The student copy, as nbgrader made it.
    handed_in : list of Cell
        From :func:`read`.
    """
    own, strangers = _placed(released, handed_in)
    _gather(released, own, strangers)
    book = nbformat.from_dict(released)
    book.cells, notes = list(map(_new, strangers[-1])), []
    for place, cell in enumerate(released.cells):
        written, behind = own[place], strangers[place]
        if cell.cell_type == "markdown" and is_solution(cell):
            cells = _repeated(cell, _said(cell, written)) or [nbformat.from_dict(cell)]
        elif is_solution(cell):
            cells = _repeated(cell, written) or [_as(cell, MISSING)]
        elif is_locked(cell) or cell.cell_type == "markdown":
            extra = [one for one in written if one.source.strip() != cell.source.strip()]
            cells = [nbformat.from_dict(cell), *([] if is_grade(cell) else map(_new, extra))]
        else:
            cells = _repeated(cell, written) or [nbformat.from_dict(cell)]
        notes += _noted(cell, written)
        book.cells += [*cells, *map(_new, behind)]
    _name_anew(book, released)
    return Rebuilt(book, notes)


def _placed(released, handed_in) -> tuple[dict, dict]:
    """Sort a student's cells by their place in the released notebook, the others by neighbour."""
    known = {
        "grade_id": {
            c.metadata.get("nbgrader", {}).get("grade_id"): n for n, c in _numbered(released)
        },
        "id": {c.id: n for n, c in _numbered(released)},
        "source": {c.source.strip(): n for n, c in _numbered(released) if c.source.strip()},
    }
    own, strangers, place = defaultdict(list), defaultdict(list), -1
    for cell in handed_in:
        text = {"grade_id": cell.grade_id, "id": cell.id, "source": cell.source.strip()}
        places = [known[by].get(text[by]) for by in known if text[by]]
        found = next((one for one in places if one is not None), None)
        if found is not None:
            place = found
            own[place].append(cell)
        elif cell.source.strip():
            strangers[place].append(cell)
    return own, strangers


def _numbered(released):
    return list(enumerate(released.cells))


def _repeated(cell: NotebookNode, written: list[Cell]) -> list[NotebookNode]:
    """Make the copies of one cell, in their order; the last that says something bears its name."""
    if not written:
        return []
    changed = [n for n, one in enumerate(written) if one.source.strip() != cell.source.strip()]
    bearer = changed[-1] if changed else len(written) - 1
    return [
        _as(cell, one.source) if n == bearer else _new(Cell(cell.cell_type, one.source))
        for n, one in enumerate(written)
    ]


def _gather(released: NotebookNode, own: dict, strangers: dict) -> None:
    """Take text in cells of the student's own for the open answer near it that is untouched itself."""
    since = 0  # the last graded cell
    for place, cell in enumerate(released.cells):
        if not is_grade(cell):
            continue
        near = range(since, place + 1)
        since = place + 1
        if not is_solution(cell) or cell.cell_type != "markdown" or _said(cell, own[place]):
            continue
        texts = [one for n in near for one in strangers[n] if one.kind == "markdown"]
        if texts:
            own[place] = [Cell("markdown", "\n\n".join(one.source for one in texts))]
            for n in near:
                strangers[n] = [one for one in strangers[n] if one.kind != "markdown"]


def _said(cell: NotebookNode, written: list[Cell]) -> list[Cell]:
    return [one for one in written if one.source.strip() not in ("", cell.source.strip())]


def _as(cell: NotebookNode, source: str) -> NotebookNode:
    made = nbformat.from_dict(cell)
    made.source = source
    return made


def _new(cell: Cell) -> NotebookNode:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    return make[cell.kind](cell.source)


def _noted(cell: NotebookNode, written: list[Cell]) -> list[str]:
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    if not name:
        return []
    if any(one.cut for one in written):
        return [f"cell {name} was cut after {_MOST_MARKDOWN:,} characters"]
    if len(written) > 1:
        return [f"cell {name} stands there {len(written)} times"]
    if not written:
        return [f"cell {name} is missing"]
    if is_locked(cell) and written[0].source.strip() != cell.source.strip():
        return [f"cell {name} was changed"]
    return []


def _name_anew(book: NotebookNode, released: NotebookNode) -> None:
    """Give the student's own cells ids by their number: random ones would differ in each run."""
    taken = {cell.id for cell in released.cells}
    for number, cell in enumerate(book.cells):
        if cell.id not in taken:
            cell.id = f"own-{number}"
