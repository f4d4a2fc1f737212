"""What crmlib offers, written down twice from the code itself.

    python -m crmlib.course.interface

writes ``crmlib/__init__.pyi``, by which editors and type checkers know the names that load on
first use, and ``docs/api.md``, a list of them with one line each. A test keeps both fresh.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import crmlib
from crmlib import paths

_OPENING = """\
# What crmlib offers

*Written by `python -m crmlib.course.interface` from the docstrings; change those, not this page.*

`import crmlib as crm`, then `crm.rfm(...)`. `help(crm.rfm)` tells shapes, units, errors, the source
of the formula, and shows an example.
"""
CHAPTERS = {
    "data": "The course's data",
    "logs": "Transaction logs",
    "estimate": "Numbers with their uncertainty",
    "errors": "Refusals",
    "satisfaction": "Satisfaction",
    "queues": "Waiting lines",
    "lifetime": "Lifetime value",
    "loyalty": "Loyalty",
    "segmentation": "Segmentation",
    "identity": "One customer, one record",
    "page": "On a notebook's page",
}


def stub() -> str:
    """Write the names of the package as imports that a type checker understands.

    >>> "from crmlib.logs import rfm as rfm" in stub()
    True
    """
    lines = [f"from crmlib.{home} import {name} as {name}" for name, home in crmlib._HOME.items()]
    for name, home in crmlib._MODULES.items():
        package, _, module = f"crmlib.{home}".rpartition(".")
        lines.append(f"from {package} import {module} as {name}")
    first = '"""Written by `python -m crmlib.course.interface`; the names load on first use."""'
    return "\n".join([first, "", *sorted(lines), "", "__version__: str", ""])


def page() -> str:
    """Write the list of public names, by chapter, with the first line of each docstring."""
    parts = [_OPENING]
    for home, title in CHAPTERS.items():
        names = [name for name, where in crmlib._HOME.items() if where == home]
        if names:
            parts += [f"## {title}\n", *map(_entry, names), ""]
    plots = [_entry(name, "plots") for name in crmlib.plots.__all__ if name.islower()]
    return "\n".join([*parts, "## Plots\n", *plots, ""])


def _entry(name: str, module: str = "") -> str:
    thing = getattr(crmlib.plots if module else crmlib, name)
    line = inspect.getdoc(thing).partition("\n")[0]
    prefix = f"crm.{module}." if module else "crm."
    entry = f"- `{prefix}{name}{_signature(thing)}`: {line}"
    if inspect.isclass(thing) and (ours := methods(thing)):
        entry += f" Methods: {', '.join(f'`.{method}`' for method in ours)}."
    return entry


def methods(thing: type) -> list[str]:
    """Name the public methods that crmlib wrote; scikit-learn's own are not listed."""
    ours = [base for base in thing.__mro__ if base.__module__.startswith("crmlib")]
    names = {name for base in ours for name in vars(base) if not name.startswith("_")}
    names = [name for name in names if not name.endswith("_request")]  # scikit-learn adds these
    return sorted(name for name in names if inspect.isroutine(getattr(thing, name)))


def _signature(thing) -> str:
    """Give names and defaults of the arguments, without their types."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except ValueError:  # built in
        return ""
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return str(inspect.Signature(plain))


def main() -> None:
    """Write both files."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(paths.COURSE))


def files() -> dict[Path, str]:
    """Give each file with the text that belongs into it."""
    return {
        paths.COURSE / "crmlib/__init__.pyi": stub(),
        paths.COURSE / "docs/api.md": page(),
    }


if __name__ == "__main__":
    main()
