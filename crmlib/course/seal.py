"""What a stored notebook promises about itself, so that a change of it does not pass unnoticed.

``python -m crmlib.course.seal`` adds what is missing: to each stored picture the digest of its
bytes, to each worked example the count of its guards. It never changes a digest and never lowers a
count: who removes a guard does so by hand. It stores notebooks as JupyterLab itself would.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

from crmlib import paths
from crmlib.course import places
from crmlib.course.stored import write
from crmlib.page.figures import fingerprint

KEY = "crmlib"
_GUARD = re.compile(r"^\s*(?:crm\.)?expect\(", re.M)


def stored(course: Path) -> list[Path]:
    """List the notebooks that are stored executed: worked examples, exercises with solutions."""
    folders = (course / "notebooks", course / "exercises" / "instructor")
    return paths.notebooks(*folders)


def guards(nb) -> int:
    """Count the calls of `crm.expect`."""
    return sum(len(_GUARD.findall(c.source)) for c in nb.cells if c.cell_type == "code")


def pictures(nb) -> Iterator[tuple[int, dict, str]]:
    """Give of each stored picture its code cell, its metadata, and the digest of its bytes."""
    for i, cell in enumerate(cell for cell in nb.cells if cell.cell_type == "code"):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                about = output.setdefault("metadata", {}).setdefault("image/png", {})
                png = base64.b64decode("".join(output.data["image/png"]))
                yield i, about, fingerprint(png)


def seal(nb) -> None:
    """Add what is missing to a notebook."""
    for _, about, digest in pictures(nb):
        about.setdefault("digest", digest)
    if there := guards(nb):
        own = nb.metadata.setdefault(KEY, {})
        own["guards"] = max(there, own.get("guards", 0))


def main(argv: list[str] | None = None) -> int:
    """Seal the notebooks named, or all that are stored."""
    parser = argparse.ArgumentParser(prog="python -m crmlib.course.seal", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("notebook", nargs="*", type=Path)
    args = parser.parse_args(argv)
    for path in args.notebook or stored(places.course()):
        nb = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        seal(nb)
        if write(nb, path):
            print(f"sealed {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
