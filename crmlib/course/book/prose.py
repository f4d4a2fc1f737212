"""Markdown as the book needs it: where links lead, terms of the glossary; code stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

_CODE = (
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[ \t]*$|(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)"
)
_LINK = (
    r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]"
    r"\((?P<target>[^)\s]+)(?P<title>\s+\"[^\"]*\")?\)"
)
_LINKS = re.compile(rf"{_CODE}|<!--.*?-->|{_LINK}", re.M | re.S)
# Where no term of the glossary is linked: besides code and links, formulas, headings, sources.
_NO_PROSE = re.compile(
    rf"{_CODE}|<!--.*?-->|{_LINK}|\$\$.+?\$\$|\$(?!\s)[^$\n]+?(?<!\s)\$|<[^>\n]+>|https?://\S+"
    r"|^## References\n.*?(?=^## |\Z)|^\#{1,6} [^\n]*$|^\([\w-]+\)=$",
    re.M | re.S,
)
_TITLE = re.compile(r"^# (.+)$", re.M)


def relink(text: str, lead: Callable[[str], str | None]) -> str:
    """Change where links lead: `lead` gives the new target, or None to leave only the words.

    >>> relink("[a](b.md) `[a](b.md)` [c](LICENSE)", {"b.md": "x/b.md"}.get)
    '[a](x/b.md) `[a](b.md)` c'
    """

    def change(found: re.Match) -> str:
        if found["target"] is None:
            return found[0]
        target, title = lead(found["target"]), found["title"] or ""
        if target is None:
            return found["text"]
        return f"{found['image']}[{relink(found['text'], lead)}]({target}{title})"

    return _LINKS.sub(change, text)


class Terms:
    """The terms of the glossary, each linked where a page first uses it.

    Parameters
    ----------
    spellings : dict
        For each term the pattern of its spellings, and the words one of which each spelling holds.

    Examples
    --------
    >>> terms = Terms({"holdout": ("holdouts?", ["holdout"]), "net promoter score": ("NPS", ["nps"])})
    >>> terms.link("A `holdout`, two holdouts and the NPS.", seen := set())
    'A `holdout`, two {term}`holdouts <holdout>` and the {term}`NPS <net promoter score>`.'
    >>> terms.link("The NPS again", seen)
    'The NPS again'
    """

    def __init__(self, spellings: dict[str, tuple[str, list[str]]]):
        longest = sorted(spellings, key=len, reverse=True)  # it goes before one that it contains
        self.words = {term: spellings[term][1] for term in longest}
        self.patterns = {term: re.compile(spellings[term][0], re.IGNORECASE) for term in longest}

    def link(self, text: str, seen: set[str]) -> str:
        """Link the terms of a text that are not in `seen`, and note them there."""
        lower = text.lower()
        for term, words in self.words.items():
            if term in seen or not any(word in lower for word in words):
                continue  # most terms: a pattern is slow
            if found := _first(self.patterns[term], text):
                seen.add(term)
                shown = " ".join(found[0].split())
                role = f"{{term}}`{shown} <{term}>`" if shown != term else f"{{term}}`{term}`"
                text = text[: found.start()] + role + text[found.end() :]
        return text


def _first(pattern: re.Pattern, text: str) -> re.Match | None:
    """Find a pattern where a text is prose."""
    kept = [found.span() for found in _NO_PROSE.finditer(text)]
    for found in pattern.finditer(text):
        if not any(start < found.end() and found.start() < end for start, end in kept):
            return found
    return None


def title_first(text: str, number: str, ways: str = "") -> str:
    r"""Bring a page's title before the line of links, with the number of its notebook.

    >>> title_first("[← a](a.ipynb) · [b →](b.ipynb)\n\n# Who?\n\nNobody.", "2.4")
    '# 2.4 Who?\n\n[← a](a.ipynb) · [b →](b.ipynb)\n\nNobody.'
    """
    title = _TITLE.search(text)
    before, after = text[: title.start()].strip(), text[title.end() :].strip()
    head = f"# {number} {title[1]}" if number else title[0]
    return "\n\n".join(part for part in (head, before, ways, after) if part)


def joined(text: str) -> str:
    r"""Join the lines of Chinese paragraphs: a browser would show a blank where a line ends.

    >>> joined("要有一个\n关于购买的模型。\n\n另一段")
    '要有一个关于购买的模型。\n\n另一段'
    """
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])", "", text)


def drawn_in_words(text: str) -> str:
    r"""Write the arrows of a Mermaid drawing as a table, which needs no script and can be read aloud.

    >>> print(drawn_in_words('```mermaid\nflowchart LR\n  a[wait] -- "steep" --> b --> c\n```'))
    | from | to | how |
    |---|---|---|
    | wait | b | steep |
    | b | c |  |
    """
    return re.sub(
        r"^```mermaid\n(.*?)^```$", lambda found: _arrows(found[1]), text, flags=re.M | re.S
    )


def _arrows(drawing: str) -> str:
    lines = [line.strip() for line in drawing.splitlines()[1:] if line.strip()]
    names = dict(re.findall(r"(\w+)\[([^\]]*)\]", drawing))
    rows = ["| from | to | how |", "|---|---|---|"]
    for line in lines:
        parts = re.split(r"\s*(--\s*\"?[^\">]*\"?\s*-->|-->|-\.-)\s*", line)
        nodes = [names.get(key := re.sub(r"\[.*", "", node), key) for node in parts[::2]]
        for source, arrow, target in zip(nodes, parts[1::2], nodes[1:], strict=False):
            how = "goes with, no cause" if arrow == "-.-" else arrow.strip('-> "')
            rows.append(f"| {source} | {target} | {how} |")
    return "\n".join(rows)
