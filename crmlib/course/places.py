"""Folders and notebooks that a command needs; it refuses in words where one is missing."""

from __future__ import annotations

import re
from pathlib import Path

from crmlib import paths


class Refusal(Exception):
    """Something that the reader can put right; the text says how."""


def course() -> Path:
    """Give the course's folder, or refuse: a package alone has no notebooks."""
    if not (paths.COURSE / "notebooks").is_dir():
        raise Refusal(
            "crmlib is installed without the course. Get the whole folder, with notebooks/ and "
            "datasets/, and run `uv run crmlib` inside it."
        )
    return paths.COURSE


def folder(path: str) -> Path:
    """Give a folder that the reader named, or refuse."""
    named = Path(path).resolve()
    if not named.is_dir():
        raise Refusal(f"There is no folder {named}.")
    return named


def notebook(name: str, within: Path) -> Path:
    """Find a notebook of a folder by its number (``2.5`` or ``2_5``) or by its name."""
    stem = name.removesuffix(".ipynb")
    number = re.fullmatch(r"(\d+)[._](\d+)", stem)
    pattern = rf"(ex_)?{number[1]}_{number[2]}_.*" if number else re.escape(stem)
    everything = paths.notebooks(within)
    found = [path for path in everything if re.fullmatch(pattern, path.stem)]
    if len(found) == 1:
        return found[0]
    names = "\n".join(f"  {path.stem}" for path in found or everything)
    problem = "is more than one notebook" if found else "is not a notebook of the course"
    raise Refusal(f"{name} {problem}. Choose from:\n{names}")
