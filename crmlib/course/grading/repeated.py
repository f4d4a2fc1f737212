"""Cells that an editor copied or split, identity and all: one of each counts, the others still run."""

from __future__ import annotations

from collections import Counter, defaultdict

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_solution


def settle(notebook: NotebookNode) -> list[str]:
    """Leave each cell's nbgrader identity to one of its copies, and name the cells that had several.

    Copying or splitting a cell copies its ``grade_id`` as well, and nbgrader then gives up on the
    whole notebook. All copies run where they stand; the last one counts, and of open answers the
    last one that the student wrote in.
    """
    copies = defaultdict(list)
    for cell in notebook.cells:
        if name := cell.metadata.get("nbgrader", {}).get("grade_id"):
            copies[name].append(cell)
    several = {name: cells for name, cells in copies.items() if len(cells) > 1}
    for cells in several.values():
        counts = _that_counts(cells)
        for cell in cells:
            if cell is not counts:
                _forget(cell)
    _own_ids(notebook)
    return [f"cell {name} stands there {len(cells)} times" for name, cells in several.items()]


def _that_counts(cells: list[NotebookNode]) -> NotebookNode:
    written = [cell for cell in cells if is_solution(cell) and _is_written(cell)]
    return (written or cells)[-1]


def _is_written(cell: NotebookNode) -> bool:
    return compute_checksum(cell) != cell.metadata.nbgrader.get("checksum")


def _forget(cell: NotebookNode) -> None:
    """Take from a copy what nbgrader knows it by, and the lock that goes with it."""
    for key in ("nbgrader", "deletable", "editable"):
        cell.metadata.pop(key, None)


def _own_ids(notebook: NotebookNode) -> None:
    """Give every cell an id of its own: the notebook format wants it."""
    seen = Counter()
    for cell in notebook.cells:
        if name := cell.get("id"):
            seen[name] += 1
            if seen[name] > 1:
                cell["id"] = f"{name[:56]}-{seen[name]}"
