"""What the open questions' rubrics speak of, computed for one class set."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from crmlib.course.pack.lessons import Lesson


def write(lesson: Lesson, data: Path, to: Path) -> str:
    """Run a set's instructor copy on a class set and keep it as a page; say how it went.

    Where a cell of numbers stops, the pattern that the rubric speaks of is not in these tables: the
    page then ends there, and the rubric needs another look or the class another seed.
    """
    path = lesson.path.parents[2] / "exercises" / "instructor" / f"ex_{lesson.path.stem}"
    notebook = nbformat.read(path / f"{path.name}.ipynb", as_version=4)
    problem = _run(notebook, data, path)
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    to.mkdir(parents=True, exist_ok=True)
    title = f"Exercises {lesson.number} with answers, for {data.name}"
    (to / f"{path.name}.html").write_text(_page(title, body), encoding="utf-8")
    return f"{lesson.number}: {problem or 'all cells ran'}"


def _run(notebook, data: Path, folder: Path) -> str:
    client = NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(folder)}})
    try:
        client.execute(env=os.environ | {"CRMLIB_DATA": str(data)})
    except CellExecutionError as error:
        last = re.sub(r"\x1b\[[\d;]*m", "", str(error)).strip().splitlines()[-1]
        return f"stopped: {last}"
    return ""


def _page(title: str, body: str) -> str:
    style = "body{max-width:60em;margin:2em auto;font-family:sans-serif}img{max-width:100%}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style></head><body><h1>{title}</h1>{body}</body></html>"
    )
