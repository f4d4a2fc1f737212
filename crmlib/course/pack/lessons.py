"""What a teacher plans with: each notebook, its minutes and its set's, and what it builds on."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crmlib import paths
from crmlib.course import places


class Lesson(NamedTuple):
    """A worked example as a teacher sees it; `exercise` are the minutes of its set, 0 without one."""

    number: str
    title: str
    path: Path
    minutes: int
    exercise: int
    builds_on: tuple[str, ...]


@cache
def lessons() -> dict[str, Lesson]:
    """Give the lessons by their number, in the order of the course; *Start here* is ``"00"``."""
    course = places.course()
    found = sorted(paths.notebooks(course / "notebooks"), key=lambda path: path.name)
    read = [_lesson(course, path) for path in found if not path.stem.startswith("report_")]
    return {lesson.number: lesson for lesson in read}


def cells(path: Path) -> list[dict]:
    """Give the cells of a notebook, each with its source as one text."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def _lesson(course: Path, path: Path) -> Lesson:
    head = cells(path)[0]["source"]
    title = re.search(r"^# (.+)$", head, re.M)[1]
    line = re.search(r"\*\*(\d+) minutes\*\*(.*)$", head, re.M)
    exercise = course / "exercises" / "instructor" / f"ex_{path.stem}" / f"ex_{path.stem}.ipynb"
    before = re.sub(r"· data:.*|\(https?:[^)]*\)", "", line[2])
    needs = dict.fromkeys(re.findall(r"\b\d\.\d\b", before))
    return Lesson(
        _number(path), title, path, int(line[1]), _exercise_minutes(exercise), tuple(needs)
    )


def _exercise_minutes(path: Path) -> int:
    if not path.exists():
        return 0
    return int(re.search(r"\*\*(\d+) minutes\*\*", cells(path)[0]["source"])[1])


def _number(path: Path) -> str:
    number = re.match(r"(\d)_(\d+)_", path.stem)
    return f"{number[1]}.{number[2]}" if number else path.stem[:2]
