"""Folders that a command needs; a command refuses in words where one is missing."""

from __future__ import annotations

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
