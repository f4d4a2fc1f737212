"""One page for each notebook, made from its headings, figures and spoken sentences."""

from __future__ import annotations

import re
from html import escape
from typing import NamedTuple

from crmlib.course.examples import cells
from crmlib.course.pack.lessons import Lesson

_STYLE = """
@page { size: A4 landscape; margin: 10mm }
body { font: 14px/1.3 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif }
body { margin: 1.5rem; color: #222 }
h1 { margin: 0 0 .3rem; font-size: 1.7rem }
.question { font-size: 1.05rem; max-width: 70em }
main { columns: 3; column-gap: 1.2rem }
section { break-inside: avoid; border-top: 3px solid #1f5c7a; padding: .3rem 0 .6rem }
h2 { margin: 0 0 .3rem; font-size: 1.05rem }
img { max-width: 100%; max-height: 11rem }
p { margin: .3rem 0 }
.guess { color: #1f5c7a; font-style: italic }
footer { margin-top: .6rem; font-size: .8rem; color: #555 }
"""


class Section(NamedTuple):
    """A heading of the core path, what is guessed, the first figure (PNG, alt text), the last word."""

    title: str
    guess: str = ""
    figure: tuple[str, str] | None = None
    said: str = ""


def page(lesson: Lesson) -> str:
    """Write the page of one notebook; it stands alone, figures inside, nothing loaded."""
    head = cells(lesson.path)[0]["source"]
    shown = [section for section in sections(lesson) if section.figure or section.said]
    inside = "\n".join(map(_section, shown))
    name = lesson.title if lesson.number == "00" else f"{lesson.number} {lesson.title}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(name)}</title><style>{_STYLE}</style></head>
<body><h1>{escape(name)}</h1><p class="question">{_inline(_opening(head))}</p>
<main>
{inside}
</main>
<footer>{lesson.minutes} minutes{_needs(lesson)}</footer></body></html>
"""


def sections(lesson: Lesson) -> list[Section]:
    """Give the sections of the core path; *Going further* is left to readers."""
    found = []
    for cell in cells(lesson.path)[1:]:
        for heading, text in _parts(cell):
            if heading.startswith("Going further"):
                return found
            if heading:
                found.append(Section(heading))
            if found and (guess := _guess(text)):
                found[-1] = found[-1]._replace(guess=guess)
        for output in cell.get("outputs", []) if found else []:
            now = found[-1]
            now = now._replace(figure=now.figure or _figure(output))
            found[-1] = now._replace(said=_said(output) or now.said)
    return found


def _parts(cell: dict) -> list[tuple[str, str]]:
    """Cut a cell's text at its headings: each heading (the first may be empty) with what follows."""
    if cell["cell_type"] != "markdown":
        return []
    before, *rest = re.split(r"^## (.+?)\s*$", cell["source"], flags=re.M)
    return [("", before), *zip(rest[::2], rest[1::2], strict=True)]


def _guess(text: str) -> str:
    r"""Give what the reader is asked to guess, without the call to do so.

    >>> _guess("A.\n\n**Guess first.** How many\nwill buy? Write it down.\n\nB.")
    'How many will buy? Write it down.'
    """
    found = re.search(r"\*\*Guess first\.\*\*\s+(.+?)(\n\n|$)", text, re.S)
    return " ".join(found[1].split()) if found else ""


def _figure(output: dict) -> tuple[str, str] | None:
    png = output.get("data", {}).get("image/png")
    if not png:
        return None
    return "".join(png).replace("\n", ""), output["metadata"]["image/png"]["alt"]


def _said(output: dict) -> str:
    text = "".join(output.get("data", {}).get("text/markdown", ""))
    return "" if "|--" in text else " ".join(re.split(r"(?<=[.?!])\s+", text.strip())[:2])


def _opening(head: str) -> str:
    r"""Give the paragraph after the title: the question, told.

    >>> _opening("[links]\n\n# T\n\nWho comes\nback?\n\n*You will*")
    'Who comes back?'
    """
    after = re.split(r"^# .+$", head, maxsplit=1, flags=re.M)[1].strip()
    return " ".join(after.split("\n\n")[0].split())


def _inline(text: str) -> str:
    """Turn a line of Markdown into HTML: bold, italics, code, and links as their words.

    >>> _inline("**20%** of [them](x.md) & `a`")
    '<b>20%</b> of them &amp; <code>a</code>'
    """
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", escape(text, quote=False))
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*([^*]+)\*", r"<i>\1</i>", text)


def _section(section: Section) -> str:
    lines = [f"<h2>{_inline(section.title)}</h2>"]
    if section.guess:
        lines.append(f'<p class="guess">{_inline(section.guess)}</p>')
    if section.figure:
        png, alt = section.figure
        lines.append(f'<img src="data:image/png;base64,{png}" alt="{escape(alt)}">')
        if alt not in section.said:
            lines.append(f"<p><i>{escape(alt)}</i></p>")
    if section.said:
        lines.append(f"<p>{_inline(section.said)}</p>")
    return f"<section>{''.join(lines)}</section>"


def _needs(lesson: Lesson) -> str:
    return f" · builds on {', '.join(lesson.builds_on)}" if lesson.builds_on else ""
