"""Every figure with its message, on one page, each linked to the cell that draws it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from html import escape
from pathlib import PurePosixPath

PAGE = "gallery.md"
EXTRA = "extra"  # what of the sources goes into the book as it is
_WIDTH = 420  # pixels of a small picture; the page shows it at up to this width
_OPENING = """\
# Figures at a glance

Every figure of the worked examples and what it says. A click leads to the cell that draws it.
"""


def figure(cell: dict) -> dict | None:
    """Give the picture that a cell shows, and its words; the course has one figure a cell."""
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}):
            png = base64.b64decode("".join(output["data"]["image/png"]))
            return {"png": png, "alt": output["metadata"]["image/png"]["alt"]}
    return None


def place_of_figure(cell: dict) -> list[dict]:
    """Make the cell that marks where a figure is drawn, so that links can lead there."""
    if not figure(cell):
        return []
    mark = f'<span id="{mark_of(cell)}"></span>'
    return [{"cell_type": "markdown", "id": f"at-{cell['id']}", "metadata": {}, "source": mark}]


def mark_of(cell: dict) -> str:
    """Name the place of a cell's figure on its page."""
    return f"figure-{cell['id']}"


def files(notebooks: dict[str, dict]) -> dict[str, bytes]:
    """Make the page, and a small picture of every figure."""
    made, parts = {}, [_OPENING]
    for name, nb in sorted(notebooks.items(), key=lambda item: PurePosixPath(item[0]).name):
        shown = []
        for cell, found in _figures(nb):
            picture = f"gallery/{PurePosixPath(name).stem}-{cell['id']}.png"
            made[f"{EXTRA}/{picture}"] = _small(found["png"])
            page = f"{name.removesuffix('.ipynb')}.html#{mark_of(cell)}"
            shown.append(_entry(picture, page, found["alt"]))
        if shown:
            title = re.search(r"^# (.+)$", nb["cells"][0]["source"], re.M)[1]
            parts += [f"## {title}", _grid(shown)]
    return {**made, PAGE: "\n\n".join(parts).encode("utf-8")}


def _figures(nb: dict) -> Iterator[tuple[dict, dict]]:
    for cell in nb["cells"]:
        if found := figure(cell):
            yield cell, found


def _small(png: bytes) -> bytes:
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    height = round(picture.height * _WIDTH / picture.width)
    picture = picture.resize((_WIDTH, height), Image.Resampling.BICUBIC, reducing_gap=2)
    small = io.BytesIO()
    picture.quantize(64, Image.Quantize.FASTOCTREE, dither=0).save(small, format="png")
    return small.getvalue()


def _entry(picture: str, page: str, message: str) -> str:
    image = f'<img src="{picture}" alt="" width="{_WIDTH}" loading="lazy">'  # its words are below
    return f'<li><a href="{page}">{image}<span>{escape(message)}</span></a></li>'


def _grid(entries: list[str]) -> str:
    return "\n".join(['<ul class="gallery">', *entries, "</ul>"])
