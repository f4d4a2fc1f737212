"""The last touch to built pages, for readers who listen or use a keyboard.

Sphinx and its theme leave header cells without a word, buttons whose name differs from what is
written on them, and Chinese words that a screen reader would read as English.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_DONE = "<!-- finished -->"
_CHINESE = re.compile(r"[⺀-鿿豈-﫿＀-￯]+(?:[\s·—–,.:;()0-9]*[⺀-鿿豈-﫿＀-￯]+)*")
_PIECE = re.compile(
    r"<!--.*?-->|<(?P<raw>script|style|title|textarea|svg)\b.*?</(?P=raw)>"
    r"|<(?P<math>span|div) class=\"math[^>]*>.*?</(?P=math)>|<[^>]*>|[^<]+",
    re.S,
)


# What the theme says beside what is written: a name that a speaker would not hit, and none at all.
_WRONG_NAMES = re.compile(
    r'(<button class="[^"]*search-button-field[^>]*?) title="Search" aria-label="Search"'
    r'|(<summary) aria-label="Toggle hidden content"'
)
_TITLE = '<div class="sidebar-primary-item">'  # the first one has the book's name; in no landmark
_NO_NAME = re.compile(r"(<a [^>]*>(?P<page>[^<]*)</a><details[^>]*><summary)(?=>)")


def version() -> str:
    """Tell one version of this touch from another."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def finish(folder: Path) -> None:
    """Finish every page below a folder that is not yet."""
    for path in folder.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        if not html.endswith(_DONE) and "_static" not in path.parts:  # there: the theme's own
            chinese = path.relative_to(folder).as_posix().startswith("docs/zh/")
            path.write_text(page(html, chinese=chinese) + _DONE, encoding="utf-8", newline="\n")


def page(html: str, *, chinese: bool = False) -> str:
    """Finish one page; `chinese` tells that its text is, and not only words in it."""
    html = re.sub(r"<th(\s[^>]*)?>(?:\s|<p></p>)*</th>", r"<td\1></td>", html)
    html = _WRONG_NAMES.sub(lambda found: found[1] or found[2], html)
    html = _NO_NAME.sub(r'\1 aria-label="Pages below \g<page>"', html)
    html = re.sub(r"(</em>\)|</strong>) -- ", r"\1 – ", html)  # before what a parameter means
    html = html.replace(_TITLE, _TITLE.replace(">", ' role="navigation" aria-label="Home">'), 1)
    if chinese:
        html = html.replace("<article", '<article lang="zh"', 1)
    return mark_chinese(html)


def mark_chinese(html: str) -> str:
    """Say of Chinese words what language they are in.

    >>> mark_chinese('<p title="客户">churn (客户 流失)</p><script>"客户"</script>')
    '<p title="客户">churn (<span lang="zh">客户 流失</span>)</p><script>"客户"</script>'
    """
    inside = 0  # how deep below the article of a Chinese page
    parts = []
    for piece in _PIECE.finditer(html):
        text = piece[0]
        if text.startswith("<article"):
            inside = 'lang="zh"' in text
        elif text == "</article>":
            inside = 0
        if not text.startswith("<") and not inside:
            text = _CHINESE.sub(r'<span lang="zh">\g<0></span>', text)
        parts.append(text)
    return "".join(parts)
