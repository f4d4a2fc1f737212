"""Pages that are lists: the dictionary of every table, and what the library offers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import crmlib
from crmlib.course import interface

_DICTIONARY = """\
# {title}

What every column means, with its type and unit. [The catalogue](README.md) says where the tables
come from.
"""
_API = """\
# The library

`import crmlib as crm`, then `crm.rfm(...)`. Every function says its shapes, units and errors, where its
formula comes from, and shows an example that the tests run.
"""


def dictionary(path: Path) -> str:
    """Write a data package as a page: a table of its columns for each table."""
    package = json.loads(path.read_text(encoding="utf-8"))
    parts = [_DICTIONARY.format(title=f"Dictionary: {package['title']}")]
    for resource in package["resources"]:
        parts += [
            f"## {resource['name']}",
            resource.get("description") or f"{resource['title']}.",
            _columns(resource),
        ]
    return "\n\n".join(parts) + "\n"


def _columns(resource: dict) -> str:
    rows = ["| column | meaning | type, unit |", "|---|---|---|"]  # what a phone has room for
    for field in resource["schema"]["fields"]:
        kind = ", ".join(filter(None, [field["type"], field.get("unit")]))
        about = [field["description"], kind]
        cells = [f"`{field['name']}`", *(text.replace("|", "\\|") for text in about)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def api() -> Iterator[tuple[str, str]]:
    """Give the page of each part of the library, and the one that lists them."""
    parts = {**interface.CHAPTERS, "plots": "Plots"}
    for home, title in parts.items():
        yield f"api/{home}.md", _part(home, title)
    toctree = "\n".join(["```{toctree}", ":maxdepth: 1", "", *parts, "```"])
    yield "api/index.md", f"{_API}\n{toctree}\n"


def _part(home: str, title: str) -> str:
    module, names = crmlib, [name for name, where in crmlib._HOME.items() if where == home]
    if home == "plots":
        module, names = crmlib.plots, [name for name in crmlib.plots.__all__ if name.islower()]
    summary = "\n".join([".. autosummary::", "", *(f"   {name}" for name in names)])
    entries = "\n".join(_documented(name, getattr(module, name)) for name in names)
    rst = f".. currentmodule:: {module.__name__}\n\n{summary}\n\n{entries}"
    return f"# {title}\n\n```{{eval-rst}}\n{rst}\n```\n"


def _documented(name: str, thing: object) -> str:
    if not inspect.isclass(thing):
        return f".. autofunction:: {name}"
    members = ", ".join(interface.methods(thing))
    return f".. autoclass:: {name}\n   :members: {members}" if members else f".. autoclass:: {name}"
