"""Stage the sources, have Sphinx build them, finish the pages."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

from crmlib.course.book import WORKSHOP, Addresses, gallery, glossary, polish, stage


def pages(course: Path, out: Path) -> int:
    """Build the pages into `out`; show what Sphinx warns of, and count it."""
    print("Building the book; the first time takes about a minute.", flush=True)
    warnings = _sphinx("html", course, out)
    polish.finish(out)
    return warnings


def catalogues(course: Path, out: Path) -> int:
    """Write every text of the book into gettext catalogues, from which a translation can start."""
    warnings = _sphinx("gettext", course, out)
    print(f"{len(list(out.rglob('*.pot')))} catalogues in {out}")
    return 1 if warnings else 0


def _sphinx(builder: str, course: Path, out: Path) -> int:
    from sphinx.application import Sphinx
    from sphinx.util import console as color
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    workshop = course / WORKSHOP
    source, conf = workshop / "source", course / "docs/book"
    source.mkdir(parents=True, exist_ok=True)
    staged = stage.Stage(course, Addresses.configured(course))
    stage.lay_out(staged.make(), source)
    said = io.StringIO()
    color.nocolor()
    with patch_docutils(str(conf)), docutils_namespace():
        app = Sphinx(
            srcdir=source,
            confdir=conf,
            outdir=out,
            doctreedir=workshop / f"doctrees-{builder}",
            buildername=builder,
            confoverrides={
                "html_context.finish": polish.version(),  # a new touch is for all pages
                "html_extra_path": [str(source / gallery.EXTRA)],
                "html_search_options.dict": str(source / "words.txt"),
                "taught": glossary.taught(staged.rows, staged.pages),
            },
            status=None,
            warning=said,
            parallel=min(4, os.cpu_count() or 1),
        )
        app.build()
    print(said.getvalue(), end="", file=sys.stderr)
    return len(re.findall(r"\b(?:WARNING|ERROR|CRITICAL):", said.getvalue()))
