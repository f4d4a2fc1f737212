"""What the guide asks of a worked example beyond what every stored notebook must be.

``problems(nb, kind)`` lists where a notebook is not so.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

import notebook_budget as budget
from notebook_budget import is_folded

from crmlib.course import facts, navigation, seal

MAX_FOLDED = 40
MIN_WORDS = 20  # of a section
CLOSING = ["On Monday", "Traps", "Summary", "Notation", "Check yourself", "Exercises", "References"]
GUESS = "**Guess first.**"
TURN = "**Your turn"
COLLAPSED = "jp-MarkdownHeadingCollapsed"
GUARD = re.compile(r"^\s*(?:crm\.)?expect\(", re.M)


def problems(nb, kind: str) -> Iterator[str]:
    """List everything in which the notebook's shape is not the guide's."""
    yield from (f"over the budget: {line}" for line in budget.over(nb))
    yield from _folded(nb)
    yield from _guards(nb)
    yield from _figures(nb)
    yield from _going_further(nb)
    yield from _navigation(nb, kind)
    yield from _minutes(nb)
    yield from _thin(nb)
    yield from facts.problems(nb)
    if kind == "worked example":
        yield from _guesses(nb)
        yield from _parameters(nb)


def _code(nb) -> list:
    return list(enumerate(cell for cell in nb.cells if cell.cell_type == "code"))


def sections(cells) -> list[tuple[str, list]]:
    """Split cells at the headings of level two; what comes before the first has no title."""
    found: list[tuple[str, list]] = [("", [])]
    for cell in cells:
        heads = re.findall(r"^## (.+)$", cell.source, re.M) if cell.cell_type == "markdown" else []
        if heads:
            found += [(head.strip(), []) for head in heads]
        found[-1][1].append(cell)
    return found


def _folded(nb) -> Iterator[str]:
    for i, cell in _code(nb):
        hidden = bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
        tagged = "hide-input" in cell.metadata.get("tags", [])
        if hidden != tagged:
            yield f"code cell {i}: folded by one mark only; set source_hidden and tag hide-input"
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if hidden and not (lines and lines[0].startswith("# ")):
            yield f"code cell {i}: a folded cell begins with a comment that says what it does"
        if hidden and len(lines) > MAX_FOLDED:
            yield f"code cell {i}: {len(lines)} folded lines; at most {MAX_FOLDED}"
    if _code(nb) and not is_folded(_code(nb)[0][1]):
        yield "code cell 0: the import cell is folded"


def _guards(nb) -> Iterator[str]:
    for i, cell in _code(nb):
        if re.search(r"^\s*assert\b|\btesting\.assert_", cell.source, re.M):
            yield f"code cell {i}: an assert shouts at a reader; use crm.expect in a folded cell"
        if GUARD.search(cell.source) and not is_folded(cell):
            yield f"code cell {i}: crm.expect stands in a folded cell"
    for title, cells in sections(budget.core(nb)):
        if _computes(cells) and not any(GUARD.search(c.source) for c in cells):
            yield f"section {title!r} computes a result and holds no crm.expect"
    promised, there = nb.metadata.get(seal.KEY, {}).get("guards"), seal.guards(nb)
    if promised is None or promised != there:
        yield f"{there} guards, {promised} when it was sealed: python -m crmlib.course.seal adds only"


def _computes(cells) -> bool:
    """Tell whether a section shows a result: a figure, a computed sentence, or several tables."""
    shown = [cell.outputs for cell in cells if cell.cell_type == "code" and cell.outputs]
    data = [output.get("data", {}) for outputs in shown for output in outputs]
    return len(shown) > 1 or any({"image/png", "text/markdown"} & set(kinds) for kinds in data)


def _guesses(nb) -> Iterator[str]:
    for title, cells in sections(budget.core(nb)):
        if not title or title in CLOSING or not _computes(cells):
            continue
        results = [i for i, c in enumerate(cells) if c.cell_type == "code" and c.outputs]
        before = [c for c in cells[: results[-1]] if c.cell_type == "markdown"]
        asked = [c.source.partition(GUESS)[2].partition("\n\n")[0] for c in before]
        if not any("?" in question or "？" in question for question in asked):
            yield f"section {title!r} computes a result; ask before it: {GUESS} ...?"
    turns = sum(c.source.count(TURN) for c in budget.core(nb) if c.cell_type == "markdown")
    if turns not in (1, 2):
        yield f"{turns} times {TURN}.**; once or twice"


def _figures(nb) -> Iterator[str]:
    for i, about, _ in seal.pictures(nb):
        if "digest" not in about:
            yield f"code cell {i}: a picture without its digest: python -m crmlib.course.seal"
    for i, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        pictures = any("image/png" in output.get("data", {}) for output in cell.outputs)
        if pictures and not (_says(cell) or (i + 1 < len(nb.cells) and _reads(nb.cells[i + 1]))):
            yield f"cell {i}: a figure is followed by its reading"
        for call in ast.walk(ast.parse(re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.M))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "show":
                alts = [word.value for word in call.keywords if word.arg == "alt"] + call.args[1:2]
                if any(_types_a_number(alt) for alt in alts):
                    yield f"cell {i}: a number is typed into an alt text; compute it: f'... {{x}}'"


def _types_a_number(alt: ast.AST) -> bool:
    if isinstance(alt, ast.Constant):
        return isinstance(alt.value, str) and re.search(r"\d", alt.value) is not None
    parts = alt.values if isinstance(alt, ast.JoinedStr) else ast.iter_child_nodes(alt)
    return any(
        _types_a_number(part) for part in parts if isinstance(part, ast.Constant | ast.JoinedStr)
    )


def _says(cell) -> bool:
    return re.search(r"^\s*(crm\.)?say\(", cell.source, re.M) is not None


def _reads(cell) -> bool:
    return (cell.cell_type == "markdown" and not cell.source.startswith("#")) or _says(cell)


def _going_further(nb) -> Iterator[str]:
    extra = nb.cells[len(budget.core(nb)) :]
    if not extra:
        return
    yield from _order_of_going_further(nb)
    starts = [i for i, c in enumerate(extra) if c.metadata.get(COLLAPSED)]
    for cell in nb.cells[: len(nb.cells) - len(extra)]:
        if cell.metadata.get(COLLAPSED):
            yield f"collapsed before Going further: {cell.source[:40]!r}"
    if not starts or starts[0] != 1 or extra[0].metadata.get(COLLAPSED):
        yield "'## Going further' stands in an open cell, and its first section follows at once"
    ranges = list(pairwise([*starts, len(extra)]))
    for i, (start, end) in enumerate(ranges):
        heading = extra[start].source
        head = re.fullmatch(r"### .+ · (\d+) minutes", heading.strip())
        if head is None:
            yield f"section {i} of Going further: alone in its cell, '### Title · 10 minutes'"
        elif int(head[1]) != (wanted := budget.measure(extra[start:end])["minutes"]):
            yield f"{heading!r}: by words, lines and figures {wanted} minutes"
        for cell in extra[start + 1 : end]:
            if cell.cell_type == "markdown" and re.search(r"^#{1,3} ", cell.source, re.M):
                yield f"{heading!r} holds another heading of its level, which is not collapsed"
    yield from _apart([extra[start:end] for start, end in ranges])


def _order_of_going_further(nb) -> Iterator[str]:
    first = len(budget.core(nb))
    prose = [cell.source for cell in nb.cells[first:] if cell.cell_type == "markdown"]
    if any(re.search(rf"^## ({'|'.join(CLOSING)})\s*$", text, re.M) for text in prose):
        yield "Going further comes last, after Summary and References"


def _apart(parts: list[list]) -> Iterator[str]:
    """No section of Going further needs another."""
    sets = [
        set().union(*(facts.bound(c.source) for c in part if c.cell_type == "code"))
        for part in parts
    ]
    for i, part in enumerate(parts):
        others = set().union(*sets[:i]) - sets[i]
        code = "\n".join(c.source for c in part if c.cell_type == "code")
        names = {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
        if needed := sorted(names & others):
            yield f"{part[0].source!r} needs {', '.join(needed)} of another section"


def _navigation(nb, kind: str) -> Iterator[str]:
    lines = [cell.source.strip().splitlines() or [""] for cell in budget.core(nb)]
    if not navigation.LINE.fullmatch(lines[0][0]):
        yield "the first line is the navigation line: python -m crmlib.course.navigation"
    if kind == "worked example" and not navigation.LINE.fullmatch(lines[-1][-1]):
        yield "the core path ends with the navigation line: python -m crmlib.course.navigation"


def _minutes(nb) -> Iterator[str]:
    wanted = budget.measure(budget.core(nb))["minutes"]
    said = re.search(r"^(?:> )?\*\*(\d+) minutes\*\*", nb.cells[0].source, re.M)
    if said is None or int(said[1]) != wanted:
        yield f"promised in cell 0: {said[1] if said else 'no'} minutes; by the budget {wanted}"


def _thin(nb) -> Iterator[str]:
    prose = "\n\n".join(_words(cell) for cell in budget.core(nb))
    for section in re.split(r"^## ", prose, flags=re.M)[1:]:
        title, _, text = section.partition("\n")
        if title.strip() not in ("Exercises", "Notation") and len(text.split()) < MIN_WORDS:
            yield f"section {title.strip()!r} has fewer than {MIN_WORDS} words"


def _words(cell) -> str:
    if cell.cell_type == "markdown":
        return cell.source
    return "\n".join(output.get("data", {}).get("text/markdown", "") for output in cell.outputs)


def _parameters(nb) -> Iterator[str]:
    for i, cell in _code(nb):
        if "parameters" in cell.metadata.get("tags", []):
            for line in filter(str.strip, cell.source.splitlines()):
                if not re.fullmatch(r"\s*#.*|[A-Za-z_]\w* = .+  # .{5,}", line):
                    yield f"code cell {i}: one parameter a line, with unit and meaning: {line!r}"
