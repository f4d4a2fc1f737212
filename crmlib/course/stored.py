"""Notebooks as JupyterLab itself saves them: to open and save one leaves its file as it was.

``python -m crmlib.course.stored`` brings the course's notebooks to that form; run it after an
author's editor or a fresh run wrote them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

from crmlib import paths

FOLDERS = ("notebooks", "exercises/instructor", "exercises/student")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    # The oldest that the course runs on. A kernel writes its own here, and that is all it changes.
    "version": "3.11.0",
}


def notebooks() -> list[Path]:
    """List the notebooks that the course stores."""
    return paths.notebooks(*(paths.COURSE / name for name in FOLDERS))


def as_saved(notebook: nbformat.NotebookNode) -> str:
    r"""Write a notebook as JupyterLab saves it, for the kernel of the course.

    Parameters
    ----------
    notebook : NotebookNode
        In version 4 of the format; it is not changed.

    Returns
    -------
    str
        The text of the file. To read and write it again gives the same text.

    >>> saved = as_saved(nbformat.v4.new_notebook())
    >>> saved.startswith('{\n "cells": [],\n "metadata": {\n  "kernelspec": {\n'), saved[-2:]
    (True, '}\n')
    """
    saved = nbformat.from_dict(notebook)
    saved.metadata.update(kernelspec=dict(KERNEL), language_info=dict(LANGUAGE))
    for cell in saved.cells:
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return nbformat.writes(saved).rstrip("\n") + "\n"


def _joined(outputs: list) -> list:
    r"""Join printed text that a kernel sent in pieces.

    >>> pieces = [nbformat.v4.new_output("stream", text=text) for text in ("one\n", "two\n")]
    >>> [output.text for output in _joined(pieces)]
    ['one\ntwo\n']
    """
    joined = []
    for output in outputs:
        if (
            joined
            and output.output_type == "stream"
            and output.get("name") == joined[-1].get("name")
        ):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def write(notebook: nbformat.NotebookNode, path: Path) -> bool:
    """Store a notebook as JupyterLab would; tell whether the file changed."""
    content = as_saved(notebook).encode("utf-8")
    if path.exists() and path.read_bytes() == content:
        return False
    path.write_bytes(content)
    return True


def main(names: list[str]) -> int:
    """Rewrite the notebooks named, or all of the course's, and name those that changed."""
    for path in map(Path, names) if names else notebooks():
        if write(nbformat.read(path, as_version=4), path):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
