"""The bank of questions: read, written for Moodle (GIFT), and as a page with answers."""

from __future__ import annotations

import re
import tomllib

from crmlib.course import places
from crmlib.course.pack.lessons import lessons

_SPECIAL = re.compile(r"([\\~=#{}:])")


def read() -> list[dict]:
    """Read the questions: `name`, `where`, `text`, `right`, `why`, and `wrong` with reasons."""
    path = places.course() / "exercises" / "instructor" / "pack" / "questions.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["question"]


def gift() -> str:
    """Write all questions in GIFT, which Moodle and other systems import.

    Every answer carries its feedback; categories are the chapters.
    """
    lines, category = [], None
    for question in sorted(read(), key=lambda q: q["where"]):
        if category != (category := f"$CATEGORY: CRM analytics/chapter {question['where'][0]}"):
            lines += [category, ""]
        lines += [f"// {question['where']}", _gift(question), ""]
    return "\n".join(lines)


def page() -> str:
    """Write all questions as a page with answers, for the teacher."""
    parts = ["# Questions and answers"]
    for question in read():
        lesson = lessons()[question["where"]]
        parts += [f"## {question['name']}", question["text"]]
        wrong = [f"- {text} *{why}*" for text, why in question["wrong"].items()]
        right = f"- **{question['right']}** *{question['why']}* ({lesson.number} {lesson.title})"
        parts.append("\n".join([right, *wrong]))
    return "\n\n".join(parts) + "\n"


def _gift(question: dict) -> str:
    answers = [f"={_safe(question['right'])} #{_safe(question['why'])}"]
    answers += [f"~{_safe(text)} #{_safe(why)}" for text, why in question["wrong"].items()]
    inside = "\n".join(f"\t{answer}" for answer in answers)
    return f"::{_safe(question['name'])}::{_safe(question['text'])}{{\n{inside}\n}}"


def _safe(text: str) -> str:
    r"""Escape what GIFT reads as a mark.

    >>> _safe("r = 1 ~ {a}")
    'r \\= 1 \\~ \\{a\\}'
    """
    return _SPECIAL.sub(r"\\\1", text)
