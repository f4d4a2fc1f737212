"""A PDF of each worked example and chapter page, as Chromium prints it: tagged, with an outline."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from crmlib.course import places
from crmlib.course.book import Addresses
from crmlib.course.browser import PROGRAM, Browser

# Paper leads nowhere: links to pages lead to the book's address, or are plain text without one.
_LINKS = """
for (const link of document.querySelectorAll('a[href]')) {
  if (link.getAttribute('href').startsWith('#') || /^https?:/.test(link.href)) continue;
  if (BASE) link.href = link.href.replace(ROOT, BASE + '/');
  else link.removeAttribute('href');
}
"""
# What a click opens stands open (but for folded code), and a table is as wide as the paper at most.
_LAY_OPEN = """
document.querySelectorAll('img').forEach(image => { image.loading = 'eager' });
document.querySelectorAll('details:not(.above-input)').forEach(part => { part.open = true });
for (const table of document.querySelectorAll('article table')) {
  const room = table.parentElement.clientWidth / table.scrollWidth;
  if (room < 1) table.style.zoom = room;
}
"""
_FOOTER = (
    '<div style="font-size:8px;width:100%;text-align:center;color:#555">'
    '<span class="title"></span> · <span class="pageNumber"></span></div>'
)
_MILLIMETRES = 25.4  # in an inch
_SCALE = 0.8  # a line of code is as wide as the page
WIDTH = round(
    (210 - 2 * 10.2) / _MILLIMETRES * 96 / _SCALE
)  # of the page within its margins, in pixels


def chapters(course: Path, out: Path) -> None:
    """Print every worked example and every chapter page of the built book into ``out/pdf``."""
    if PROGRAM is None:
        raise places.Refusal("A PDF is printed by Chromium or Chrome; install one of them.")
    pages = sorted((out / "notebooks").rglob("*.html"))
    (out / "pdf").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, Browser(Path(profile)) as browser:
        for page in pages:
            name = page.stem if page.stem != "README" else f"{page.parent.name}_chapter"
            target = out / "pdf" / f"{name}.pdf"
            target.write_bytes(printed(browser, page, out, Addresses.configured(course).book))
            print(target)


def printed(browser: Browser, page: Path, out: Path, address: str) -> bytes:
    """Print one page of the book in `out`; `address` is where the book can be met, or empty."""
    browser.open(page.as_uri())
    arrived = f"location.href === {page.as_uri()!r} && document.readyState === 'complete'"
    browser.wait_until(arrived)
    browser.run("window.MathJax?.startup?.promise.then(() => true)")  # only where formulas are
    root = f"{out.as_uri()}/"
    browser.run(f"(() => {{ const ROOT = {root!r}, BASE = {address!r}; {_LINKS} }})()")
    browser.call("Emulation.setEmulatedMedia", media="print")
    size = {"width": WIDTH, "height": 1200, "deviceScaleFactor": 1, "mobile": False}
    browser.call("Emulation.setDeviceMetricsOverride", **size)
    browser.run(f"(() => {{ {_LAY_OPEN} }})()")
    answer = browser.call(
        "Page.printToPDF",
        printBackground=True,
        scale=_SCALE,
        displayHeaderFooter=True,
        headerTemplate="<span></span>",
        footerTemplate=_FOOTER,
        paperWidth=210 / _MILLIMETRES,
        paperHeight=297 / _MILLIMETRES,
        generateTaggedPDF=True,
        generateDocumentOutline=True,
    )
    browser.call("Emulation.setEmulatedMedia")
    browser.call("Emulation.clearDeviceMetricsOverride")
    return base64.b64decode(answer["data"])
