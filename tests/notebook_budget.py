"""The reading budget of a worked example: what its core path asks of a reader."""

from __future__ import annotations

import statistics

from crmlib.course.navigation import core

LIMITS = {"cells": 60, "words": 2300, "unfolded": 150, "median": 4, "longest": 10, "width": 88}
MAX_MINUTES = 60


def is_folded(cell) -> bool:
    """Tell whether a reader sees only the result of this cell, or need not read it: parameters."""
    tags = set(cell.metadata.get("tags", []))
    hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
    return bool(hidden or tags & {"hide-input", "parameters"})


def measure(cells) -> dict[str, float]:
    """Count what these cells ask of a reader, and how many minutes that is."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    unfolded = [cell.source for cell in code if cell.source.strip() and not is_folded(cell)]
    lines = [len([line for line in text.splitlines() if line.strip()]) for text in unfolded] or [0]
    data = [output.get("data", {}) for cell in code for output in cell.outputs]
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    texts += ["".join(shown.get("text/markdown", "")) for shown in data]
    words = sum(len(text.split()) for text in texts)
    figures = sum("image/png" in shown for shown in data)
    minutes = -(-(words / 150 + 0.25 * sum(lines) + figures) // 5) * 5
    return {
        "cells": len(cells),
        "words": words,
        "unfolded": sum(lines),
        "median": statistics.median(lines),
        "longest": max(lines),
        "width": max((len(line) for text in unfolded for line in text.splitlines()), default=0),
        "minutes": int(minutes),
    }


def over(nb) -> list[str]:
    """List the limits that the notebook's core path exceeds."""
    row = measure(core(nb))
    found = [f"{key}: {row[key]}, at most {limit}" for key, limit in LIMITS.items()]
    found = [text for text, key in zip(found, LIMITS, strict=True) if row[key] > LIMITS[key]]
    if row["minutes"] > MAX_MINUTES:
        found.append(f"minutes: {row['minutes']}, at most {MAX_MINUTES}")
    return found


def table(notebooks: dict) -> str:
    """Write one line for each notebook, with a star at what is over its limit."""
    limits = {**LIMITS, "minutes": MAX_MINUTES}
    lines = [f"{'notebook':36}" + "".join(f"{key:>10}" for key in limits)]
    for name, nb in notebooks.items():
        row = measure(core(nb))
        cells = [f"{row[key]:g}" + "*" * (row[key] > limit) for key, limit in limits.items()]
        lines.append(f"{name:36}" + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)
