"""``crmlib book``: the course as a book, from the stored outputs; nothing is run, nothing is fetched.

The book has no sources of its own. What the course holds is staged, Sphinx builds it with
``docs/book/conf.py``, and the pages are finished for readers who cannot see them.
"""

from __future__ import annotations

import argparse
import os
import tomllib
import webbrowser
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path

from crmlib.course import places

WORKSHOP = "build/book"  # of the course: sources as staged, what Sphinx remembers, the pages


@dataclass(frozen=True)
class Addresses:
    """Where the course can be met on the web; a link without its address is left out.

    Attributes
    ----------
    repository : str
        Of the repository, such as ``https://host/owner/course``: for files that are no pages, and
        for downloads.
    binder : str
        Of a hosted launch without its ``?urlpath=``.
    lab : str
        Of a JupyterLab that serves the readers' copies, such as ``http://localhost:8888``.
    book : str
        Of the book itself: where the links in a PDF lead.
    """

    repository: str = ""
    binder: str = ""
    lab: str = ""
    book: str = ""

    @classmethod
    def configured(cls, course: Path) -> Addresses:
        """Read ``[tool.crmlib.book]`` of pyproject.toml; ``CRMLIB_BOOK_...`` variables go first."""
        project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))
        written = project.get("tool", {}).get("crmlib", {}).get("book", {})
        names = [field.name for field in fields(cls)]
        if strange := sorted(set(written) - set(names)):
            raise places.Refusal(
                f"[tool.crmlib.book] in pyproject.toml has {', '.join(strange)}; "
                f"it may have {', '.join(names)}."
            )
        said = {n: os.environ.get(f"CRMLIB_BOOK_{n.upper()}", written.get(n, "")) for n in names}
        return cls(**{name: address.strip().rstrip("/") for name, address in said.items()})


def book(args: argparse.Namespace) -> int:
    """Build the book and open it; with --pdf print its chapters, with --gettext list its texts."""
    course = places.course()
    _refuse_without_builder()
    from crmlib.course.book import build, pdf

    if args.gettext:
        return build.catalogues(course, _out(args, course / WORKSHOP / "gettext"))
    out = _out(args, course / WORKSHOP / "html")
    warnings = build.pages(course, out)
    if args.pdf:
        pdf.chapters(course, out)
    first = out / "index.html"
    print(f"{warnings} warnings" if warnings else f"The book: {first}")
    if not args.no_browser and not warnings:
        webbrowser.open(first.as_uri())
    return 1 if warnings else 0


def _out(args: argparse.Namespace, usual: Path) -> Path:
    """Give the folder for the result; one that holds something else is not written into."""
    out = Path(args.out).resolve() if args.out else usual
    ours = any((out / name).exists() for name in (".buildinfo", ".crmlib"))
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not ours and args.out)):
        raise places.Refusal(f"{out} holds something else. Name a new folder, or an empty one.")
    return out


def _refuse_without_builder() -> None:
    needed = ("sphinx", "myst_nb", "sphinx_book_theme", "mathjax")
    if any(find_spec(name) is None for name in needed):
        raise places.Refusal(
            "The book's builder is not installed; the course does not need it. Add it once, then "
            "run the command again:\n  uv sync --extra book"
        )
