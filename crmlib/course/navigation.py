"""The line of links that opens and closes a worked example and leads an exercise back; the map.

``python -m crmlib.course.navigation`` writes the line into every notebook, in the order of the file
names, and the map into *Start here*; ``--check`` only names the notebooks where they are stale.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import nbformat

from crmlib.course import places
from crmlib.course.examples import number, worked_examples
from crmlib.course.stored import as_saved, write

_LINK = r"\[[^\]\n]+\]\([^)\s]+\)"
LINE = re.compile(rf"{_LINK}(?: · {_LINK})*")
_TITLE = re.compile(r"^# (.+)$", re.M)
_MAP = "## The map"


def wanted(course: Path) -> dict[Path, str]:
    """Give for every notebook the line that it should hold: worked examples and exercises."""
    examples = worked_examples(course)
    names = {path: _name(path) for path in examples}
    lines = {}
    for i, path in enumerate(examples):
        before = examples[i - 1] if i else None
        after = examples[i + 1] if i + 1 < len(examples) else None
        lines[path] = _example(course, path, before, after, names)
        exercise = _exercise(course, "instructor", path)
        if exercise.exists():
            lines[exercise] = _link(f"← {names[path]}", path, exercise)
    return lines


def _example(
    course: Path, path: Path, before: Path | None, after: Path | None, names: dict[Path, str]
) -> str:
    links = [_link(f"← {names[before]}", before, path)] if before else []
    chapter = path.parent / "README.md"
    if chapter.exists() and path.parent != course / "notebooks":
        links.append(_link(f"Chapter {path.stem[0]}", chapter, path))
    elif before and before.stem != "00_start_here":
        links.append(_link("Start here", course / "notebooks" / "00_start_here.ipynb", path))
    if after:
        links.append(_link(f"{names[after]} →", after, path))
    exercise = _exercise(course, "student", path)
    if exercise.exists():
        links.append(_link("Exercises", exercise, path))
    return " · ".join(links)


def _exercise(course: Path, role: str, example: Path) -> Path:
    name = f"ex_{example.stem}"
    return course / "exercises" / role / name / f"{name}.ipynb"


def _name(path: Path) -> str:
    title = _TITLE.search(_read(path).cells[0].source)[1].strip()
    numbered = number(path.stem)
    return f"{numbered} {title}" if numbered else title


def _link(text: str, target: Path, source: Path) -> str:
    return f"[{text}]({Path(os.path.relpath(target, source.parent)).as_posix()})"


def _read(path: Path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def the_map(course: Path, start: Path) -> str:
    """List the notebooks by chapter, each by the question that it answers."""
    lines = [_MAP]
    for chapter in sorted(path for path in (course / "notebooks").iterdir() if path.is_dir()):
        links = [_link(_name(path), path, start) for path in sorted(chapter.glob("[0-9]_*.ipynb"))]
        page = chapter / "README.md"
        if links and page.exists():
            title = _TITLE.search(page.read_text(encoding="utf-8"))[1]
            links[0] = f"**{_link(title, page, start)}**: {links[0]}"
        lines += [" · ".join(links)] if links else []
    return "\n\n".join(lines)


def put(nb, line: str, *, exercise: bool = False) -> None:
    """Write the line at the head of a notebook and, in a worked example, at the end of its core."""
    first = nb.cells[0]
    first.source = f"{line}\n\n{_without(first.source)}"
    if exercise:
        return
    texts = [c for c in core(nb) if c.cell_type == "markdown"]
    for cell in texts[1:]:
        cell.source = _without(cell.source)
    if len(texts) > 1:
        texts[-1].source = f"{texts[-1].source}\n\n{line}"


def core(nb) -> list:
    """Give the cells before *Going further*."""
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown" and re.match(r"#+ Going further", cell.source):
            return nb.cells[:i]
    return nb.cells


def _without(text: str) -> str:
    lines = text.split("\n")
    for place in (0, -1):
        if lines and LINE.fullmatch(lines[place]) and re.search(r"[←→]", lines[place]):
            del lines[place]
    return "\n".join(lines).strip("\n")


def main(argv: list[str] | None = None) -> int:
    """Write the lines, or name the notebooks where they are stale."""
    parser = argparse.ArgumentParser(prog="python -m crmlib.course.navigation")
    parser.add_argument("--check", action="store_true", help="only name notebooks that are stale")
    args = parser.parse_args(argv)
    course, stale = places.course(), []
    for path, line in wanted(course).items():
        nb = _read(path)
        if path.parent == course / "notebooks":
            for cell in (c for c in nb.cells if c.source.startswith(_MAP)):
                cell.source = the_map(course, path)
        put(nb, line, exercise=course / "exercises" in path.parents)
        if as_saved(nb) != path.read_text(encoding="utf-8"):
            stale.append(path)
            if not args.check:
                write(nb, path)
    verb = "stale" if args.check else "written"
    print("".join(f"{verb}: {path.relative_to(course)}\n" for path in stale), end="")
    return int(args.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
