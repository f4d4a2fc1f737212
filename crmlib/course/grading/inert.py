"""What students wrote and their code put out, made harmless: text that stays text on every page.

nbgrader's pages show Markdown and HTML as they come. So nothing comes that could act: of outputs
their plain text and PNG pictures, of answers a Markdown without HTML, links, pictures and macros.
"""

from __future__ import annotations

import base64
import html
import re
import struct
import unicodedata

import nbformat
from nbformat import NotebookNode

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_PIXELS = 4_000  # on one side


def outputs(found: list[NotebookNode]) -> list[NotebookNode]:
    """Keep of a cell's outputs their text, their errors and their pictures."""
    return [one for output in found if (one := _output(output))]


def _output(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "stream":
        stream = "stderr" if output.get("name") == "stderr" else "stdout"
        return text(plain(str(output.text)), stream)
    if output.output_type == "error":
        traceback = [plain(str(line)) for line in output.get("traceback", [])]
        return error(name(output.get("ename", "")), plain(str(output.get("evalue", ""))), traceback)
    data = output.get("data", {})
    kept = {}
    if isinstance(said := data.get("text/plain"), str):
        kept["text/plain"] = plain(said)
    if picture := png(data.get("image/png")):
        kept["image/png"] = picture
    # Never an execute_result: nbgrader takes the number in one for points.
    return nbformat.v4.new_output("display_data", data=kept) if kept else None


def text(said: str, name: str = "stdout") -> NotebookNode:
    """Make an output of text."""
    return nbformat.v4.new_output("stream", name=name, text=said)


def error(name: str, said: str, traceback: list[str] | None = None) -> NotebookNode:
    """Make an output of an error."""
    lines = traceback or [f"{name}: {said}"]
    return nbformat.v4.new_output("error", ename=name, evalue=said, traceback=lines)


def plain(said: str) -> str:
    r"""Take out what moves a cursor, colours or turns text round.

    >>> plain("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link \u202eabc")
    'red link abc'
    """
    said = re.sub(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)", "", said)
    return "".join(
        one for one in said if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs")
    )


def name(said) -> str:
    """Give the name of an error, or a word in its place.

    >>> name("ValueError"), name("<b>")
    ('ValueError', 'Error')
    """
    good = isinstance(said, str) and said.isidentifier() and len(said) <= 60
    return said if good else "Error"


def png(coded) -> str | None:
    """Give a picture as it came if it is a PNG of a reasonable size, else nothing."""
    try:
        picture = base64.b64decode("".join(coded.split()), validate=True)
        width, height = struct.unpack(">II", picture[16:24])
    except (AttributeError, ValueError, struct.error):
        return None
    good = picture[:8] == _PNG and picture[12:16] == b"IHDR" and max(width, height) <= _MOST_PIXELS
    return base64.b64encode(picture).decode() if good else None


def markdown(said: str) -> str:
    r"""Write a student's Markdown so that it can neither act nor load anything.

    Emphasis, lists, tables and code stay; HTML, links, pictures and the macros of formulas are shown
    as they were typed.

    >>> print(markdown("**so** <script>alert(1)</script> [here](javascript:x) $\\href{x}{y}$"))
    **so** &lt;script&gt;alert(1)&lt;/script&gt; &#91;here&#93;(javascript&#58;x) $＼href{x}{y}$
    """
    said = plain(said)
    said = re.sub(r"\\(?=[A-Za-z])", "＼", said)
    said = html.escape(said, quote=False)
    said = re.sub(r"(?m)^(\s{0,3}|[-*+\d. ]*)&gt;", r"\1>", said)  # a quotation is no HTML
    said = said.replace("[", "&#91;").replace("]", "&#93;")
    return re.sub(r"(?i)\b(https?|ftp|mailto|javascript|data|file):(?=\S)", r"\1&#58;", said)
