"""The instructor's pack: syllabus, map, mistakes, questions, slides, and answers for a class set."""

from __future__ import annotations

from pathlib import Path

from crmlib.course.pack import misconceptions, prerequisites, questions, rubrics, slides, syllabus
from crmlib.course.pack.lessons import lessons


def make(out: Path, data: Path | None = None) -> list[str]:
    """Write the pack to a folder; with a class set's folder also its answers, set by set.

    Returns
    -------
    list of str
        What was written, a line for each part; for a class set how each instructor's copy ran.
    """
    out.mkdir(parents=True, exist_ok=True)
    pages = {
        "syllabus.md": syllabus.page(),
        "misconceptions.md": misconceptions.page(),
        "questions.md": questions.page(),
        "questions.gift": questions.gift(),
    }
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    prerequisites.draw(out / "prerequisites.svg")
    (out / "slides").mkdir(exist_ok=True)
    for lesson in lessons().values():
        page = out / "slides" / f"{lesson.path.stem}.html"
        page.write_text(slides.page(lesson), encoding="utf-8", newline="\n")
    lines = [*pages, "prerequisites.svg", f"slides/: {len(lessons())} pages"]
    if data:
        sets = [lesson for lesson in lessons().values() if lesson.exercise]
        lines += [rubrics.write(lesson, data, out / "answers") for lesson in sets]
    return lines
