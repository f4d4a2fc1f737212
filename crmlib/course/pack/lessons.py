"""What a teacher plans with: each notebook, its minutes and its set's, and what it builds on."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crmlib.course import examples, places
from crmlib.course.examples import cells


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
    read = [_lesson(course, path) for path in examples.worked_examples(course)]
    return {lesson.number: lesson for lesson in read}


def _lesson(course: Path, path: Path) -> Lesson:
    head = cells(path)[0]["source"]
    title = re.search(r"^# (.+)$", head, re.M)[1]
    line = re.search(r"\*\*(\d+) minutes\*\*(.*)$", head, re.M)
    exercise = course / "exercises" / "instructor" / f"ex_{path.stem}" / f"ex_{path.stem}.ipynb"
    before = re.sub(r"· data:.*|\(https?:[^)]*\)", "", line[2])
    needs = dict.fromkeys(re.findall(r"\b\d\.\d\b", before))
    number = examples.number(path.stem) or path.stem[:2]
    minutes = int(line[1])
    return Lesson(number, title, path, minutes, _exercise_minutes(exercise), tuple(needs))


def _exercise_minutes(path: Path) -> int:
    if not path.exists():
        return 0
    return int(re.search(r"\*\*(\d+) minutes\*\*", cells(path)[0]["source"])[1])
