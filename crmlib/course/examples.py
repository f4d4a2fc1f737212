"""The worked examples as files: which there are, how they are numbered, and what their cells say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from crmlib import paths


def worked_examples(course: Path) -> list[Path]:
    """List the worked examples in the order of the course; reports are none."""
    found = [p for p in paths.notebooks(course / "notebooks") if not p.stem.startswith("report_")]
    return sorted(found, key=lambda path: path.name)


def number(stem: str) -> str | None:
    """Give the number in the name of a worked example or of its set; *Start here* has none.

    >>> number("2_4_buy_till_you_die"), number("ex_2_4_buy_till_you_die"), number("00_start_here")
    ('2.4', '2.4', None)
    """
    found = re.match(r"(?:ex_)?(\d+)_(\d+)_", stem)
    return f"{found[1]}.{found[2]}" if found else None


def cells(path: Path) -> list[dict]:
    """Give the cells of a notebook, each with its source as one text."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def words(cell: dict) -> str:
    """Give what a cell says: its text, or its outputs without their tags.

    >>> words({"cell_type": "markdown", "source": "Of 20"})
    'Of 20'
    """
    said = [cell["source"]] if cell["cell_type"] == "markdown" else []
    for output in cell.get("outputs", []):
        said += output.get("text", [])
        for kind, text in output.get("data", {}).items():
            if kind.startswith("text/"):
                text = "".join(text)
                said.append(re.sub(r"<[^>]*>", " ", text) if kind == "text/html" else text)
    return " ".join(said)
