"""Numbers in text, tied to what they stand for, so that none can go stale unnoticed.

Every number in a markdown cell is declared in the cell's metadata, keyed by the phrase as it stands::

    "facts": {
        "the 1,946": "lost.sum()",
        "20 % came back": "came_back",
        "last 15": "given: weeks of silence in the example",
        "0.243 in the paper": "cited: Fader, Hardie and Lee (2005), table 2"
    }

An expression is evaluated by the tests in the notebook's own kernel, after its last cell, and
compared at half the last printed digit. A share is between 0 and 1 as everywhere in crmlib: before a
per cent sign it counts a hundredfold. A phrase with several numbers takes an expression with as many.

``python -m crmlib.course.facts notebook.ipynb`` lists the numbers that are not declared yet, runs
the notebook and shows what each expression gives.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

_SMALL = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_ONES = {word: i for i, word in enumerate(_SMALL.split(), 2)}
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * i for i, word in enumerate(_ROUND.split(), 2)}
_BIG = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_PARTS = {"thirds": 3, "quarters": 4, "fifths": 5, "sixths": 6, "eighths": 8, "tenths": 10}

_DIGITS = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+")
_WORD = re.compile(
    rf"\b(?:(?:(?P<ones>a|one|{'|'.join(_ONES)})\s+)?(?P<big>{'|'.join(_BIG)})"
    rf"|(?P<tens>{'|'.join(_TENS)})(?:-(?P<unit>one|{'|'.join(_ONES)}))?"
    rf"|(?P<small>{'|'.join(_ONES)}))\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"\s+(?:[*_(]*[a-z][a-z-]*[*_)]*\s+){0,2}?[*_]*(?P<noun>[a-z-]+s|people|men|women|children)\b",
    re.IGNORECASE,
)
_NO_NOUNS = (
    "is was has does as its this thus less us his hers always perhaps sometimes besides across ones "
    "plus minus"
)
_STOPS = (
    "of in to and or the a an is are was were be been that which who with for on at by from than but "
    "it they we you not so if then per"
)
_PERCENT = re.compile(r"(?:\s*(?:to|and|or|–|-)\s*[−-]?[\d.,]*\d)?\s*(?:\\?%|per cent\b|percent\b)")
_SCALE = re.compile(r"\s+(thousand|million|billion)\b")

_HEAD = r"(?:[Nn]otebooks?|[Cc]hapters?|[Ss]ections?|[Ee]xercises?|[Tt]asks?|Answers?|Questions?)"
_EXEMPT = [
    re.compile(r"^(`{3,}|~{3,}).*?^\1", re.M | re.S),  # code
    re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.S),
    re.compile(r"<!--.*?-->", re.S),
    re.compile(r"</?[A-Za-z][^>]*>"),
    re.compile(r"!?\[[^\]]*\]\([^)\s]*\)"),  # links: their texts and their targets
    re.compile(r"https?://\S+|\bdoi:\S+"),
    re.compile(r"^[ \t]*(?:>[ \t]*)*\d+[.)](?=\s)", re.M),  # list markers
    re.compile(rf"\b{_HEAD}\s+\d+(?:\.\d+)?(?:(?:,\s*|\s+and\s+|\s+to\s+|\s*–\s*)\d+(?:\.\d+)?)*"),
    re.compile(r"^(?:> )?\*\*\d+ minutes\*\*(?: · builds on [^·]*)?", re.M),
    re.compile(r"^#+ .*?· \d+ minutes\s*$", re.M),  # a heading of Going further
    re.compile(r"^## References\n.*", re.M | re.S),  # is what `cited` refers to
]
_IN_FORMULAS = re.compile(
    r"\\(?:[hv]space)\*?\{[^}]*\}|\\\\\[[^\]]*\]|\\[A-Za-z]+|_(?:\{[^}]*\}|\w)"
)
_FORMULA = re.compile(r"\$\$.+?\$\$|\$(?!\s)[^$\n]+?(?<!\s)\$", re.S)
_CITATION = re.compile(
    r"(?P<name>[A-Z][\w’'-]+)(?: et al\.)?,?\s*\(?(?P<year>(?:19|20)\d\d)(?=[a-z]?\b)"
)


@dataclass(frozen=True)
class Number:
    """A number as printed: where it stands, its value, and half a unit of its last digit."""

    start: int
    end: int
    value: float
    half: float
    percent: bool = False

    def says(self, value: float) -> bool:
        """Tell whether `value`, rounded as printed, is this number."""
        value = 100 * value if self.percent else value
        return abs(value - self.value) <= self.half * (1 + 1e-9) + 1e-12


def numbers(text: str, references: str = "") -> list[Number]:
    """List the numbers of a markdown text that say something.

    Not counted: code, TeX commands and subscripts, links, list markers, references to notebooks and
    sections, the line of minutes, and years of works that stand in `references`.

    >>> [number.value for number in numbers("Of 1,946 in 2 of three waves, `x = 3`: −0.5 %")]
    [1946.0, 2.0, 3.0, -0.5]
    """
    masked = _masked(text, references)
    return sorted([*_in_digits(masked), *_in_words(masked)], key=lambda number: number.start)


def _masked(text: str, references: str) -> str:
    """Blank what is exempt, character by character, so that places stay."""
    for pattern in _EXEMPT:
        text = pattern.sub(_blank, text)
    text = _FORMULA.sub(lambda found: _IN_FORMULAS.sub(_blank, found[0]), text)
    entries = re.split(r"\n\s*(?:[-*]|\d+\.)\s|\n\n", references)
    for found in list(_CITATION.finditer(text)):
        if any(found["name"] in entry and found["year"] in entry for entry in entries):
            text = text[: found.start("year")] + "\0\0\0\0" + text[found.end("year") :]
    return text


def _blank(found: re.Match) -> str:
    return re.sub(r"[^\n]", "\0", found[0])


def _in_digits(text: str) -> Iterator[Number]:
    for found in _DIGITS.finditer(text):
        printed = found[0].replace(",", "")
        before = text[max(0, found.start() - 2) : found.start()]
        negative = re.search(r"(?:^|[\s(|$=*,\[{~])[−-]$", "\n" * (found.start() < 2) + before)
        scale = _SCALE.match(text, found.end())
        unit = _BIG[scale[1]] if scale else 1
        decimals = len(printed.partition(".")[2])
        yield Number(
            start=found.start(),
            end=found.end(),
            value=(-1 if negative else 1) * float(printed) * unit,
            half=0.5 * 10**-decimals * unit,
            percent=_PERCENT.match(text, found.end()) is not None,
        )


def _in_words(text: str) -> Iterator[Number]:
    for found in _WORD.finditer(text):
        if re.search(r"\d\s+$", text[: found.start()]):
            continue  # "1.2 million"
        part = re.match(rf"\s+({'|'.join(_PARTS)})\b", text[found.end() :])
        if part:
            value = _value(found) / _PARTS[part[1]]
            yield Number(found.start(), found.end() + part.end(), value, 0.05)
        elif _counts(text, found):
            percent = _PERCENT.match(text, found.end()) is not None
            yield Number(found.start(), found.end(), float(_value(found)), 0.5, percent)


def _counts(text: str, found: re.Match) -> bool:
    """Tell whether a number word counts something: a plural follows, or "one in" stands before."""
    if re.search(r"\bone in\s+$", text[: found.start()], re.I) or _PERCENT.match(text, found.end()):
        return True
    noun = _PLURAL.match(text, found.end())
    if (
        not noun
        or noun["noun"].lower() in _NO_NOUNS.split()
        or noun["noun"].lower().endswith(("ss", "ous"))
    ):
        return False
    between = re.findall(r"[a-z-]+", noun[0].lower())[:-1]
    return not set(_STOPS.split()) & set(between)


def _value(found: re.Match) -> int:
    if found["big"]:
        return _ONES.get((found["ones"] or "").lower(), 1) * _BIG[found["big"].lower()]
    if found["tens"]:
        unit = (found["unit"] or "").lower()
        return _TENS[found["tens"].lower()] + (1 if unit == "one" else _ONES.get(unit, 0))
    return _ONES[found["small"].lower()]


@dataclass(frozen=True)
class Tied:
    """A phrase where it stands in a cell, what it is declared as, and its numbers."""

    phrase: str
    means: str
    numbers: tuple[Number, ...]

    @property
    def expression(self) -> str | None:
        """Give the Python to evaluate; None for what is given or cited."""
        return None if re.match(r"(given|cited)\b(:|$)", self.means) else self.means


def tie(text: str, facts: dict[str, str], references: str = "") -> tuple[list[Tied], list[str]]:
    """Bring a text and its facts together.

    Returns
    -------
    list of Tied
        One for each place where a phrase stands.
    list of str
        What is wrong: numbers that no phrase declares, phrases that do not stand in the text.
    """
    left, tied, wrong = numbers(text, references), [], []
    for phrase in sorted(facts, key=len, reverse=True):
        places = []
        for found in _pattern(phrase).finditer(text):
            inside = [n for n in left if found.start() <= n.start and n.end <= found.end()]
            if inside:
                places.append(Tied(phrase, facts[phrase], tuple(inside)))
                left = [number for number in left if number not in inside]
        wrong += _wrong(phrase, facts[phrase], places, references)
        tied += places
    for number in left:
        wrong.append(f"not declared: {_around(text, number)!r}")
    return tied, wrong


def _pattern(phrase: str) -> re.Pattern:
    words = r"\s+(?:>\s+)?".join(re.escape(word) for word in phrase.split())
    return re.compile(rf"(?<!\w)(?<!\d[.,]){words}(?!\w)(?![.,]\d)")


def _wrong(phrase: str, means: str, places: list[Tied], references: str) -> Iterator[str]:
    if not places:
        yield f"{phrase!r} is declared, but holds no number of this cell"
    if len(places) > 1 and not re.search(r"[^\W\d_]", phrase):
        yield f"{phrase!r} stands here {len(places)} times: declare it with a word beside it"
    if means.startswith("cited"):
        work = re.match(r"cited: (\w[\w’'-]*)", means)
        if not work or (references and work[1] not in references):
            yield f"{phrase!r} is cited, but not from a work under References: {means!r}"
    elif not means.startswith("given"):
        try:
            ast.parse(means, mode="eval")
        except SyntaxError:
            yield f"{phrase!r}: not an expression: {means!r}"


def _around(text: str, number: Number) -> str:
    start = text.rfind("\n", 0, number.start) + 1
    end = text.find("\n", number.end)
    line = text[
        max(start, number.start - 30) : min(end if end >= 0 else len(text), number.end + 25)
    ]
    return line.strip()


def references(nb) -> str:
    """Give the text of the notebook's section of references."""
    text = "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    return text.partition("\n## References\n")[2].partition("\n## ")[0]


def of_notebook(nb) -> Iterator[tuple[int, list[Tied], list[str]]]:
    """Give, for each markdown cell that holds numbers or facts: its place, its facts, what is wrong."""
    cited = references(nb)
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown":
            tied, wrong = tie(cell.source, cell.metadata.get("facts", {}), cited)
            if tied or wrong:
                yield i, tied, wrong


def problems(nb) -> list[str]:
    """List the numbers that are not declared, and the declarations that do not hold."""
    found = [f"cell {i}: {text}" for i, _, wrong in of_notebook(nb) for text in wrong]
    places: dict[str, list[int]] = {}
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            for name in bound(cell.source):
                places.setdefault(name, []).append(i)
    used = {name for text in expressions(nb) for name in _used(text)}
    for name in sorted(used):
        if len(places.get(name, [])) > 1:
            found.append(f"facts use {name!r}, which cells {places[name]} set: use a name once")
        elif name not in places and not hasattr(builtins, name):
            found.append(f"facts use {name!r}, which no cell sets")
    return found


def expressions(nb) -> list[str]:
    """List the expressions of a notebook's facts."""
    means = [m for cell in nb.cells for m in cell.metadata.get("facts", {}).values()]
    return [text for text in means if Tied("", text, ()).expression and _parses(text)]


def _parses(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def _used(expression: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(expression, mode="eval")))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    inner = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    inner |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return {n.id for n in names} - inner


def bound(source: str) -> set[str]:
    r"""Name what a cell sets at the top level: variables, functions, classes, imports.

    >>> sorted(bound("import numpy as np\nfor i in x:\n    a, b = i\nc['d'] = [e for e in x]"))
    ['a', 'b', 'i', 'np']
    """
    names: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(re.sub(r"^\s*[%!].*$", "", source, flags=re.M))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
            continue  # what is inside is its own
        if isinstance(
            node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        ):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
        waiting.extend(ast.iter_child_nodes(node))
    return names


def misses(pairs: Iterable[tuple[str, Tied]], namespace: dict) -> list[str]:
    """Evaluate the expressions among `pairs` (where, fact) and say in words which do not hold."""
    return [
        f"{where}: {said}" for where, tied in pairs if (said := _miss(tied, namespace)) is not None
    ]


def _miss(tied: Tied, namespace: dict) -> str | None:
    if tied.expression is None:
        return None
    try:
        values = values_of(tied.expression, namespace)
    except Exception as error:
        return f"{tied.phrase!r}: {tied.expression} failed: {type(error).__name__}: {error}"
    if len(values) != len(tied.numbers):
        return f"{tied.phrase!r} has {len(tied.numbers)} numbers, {tied.expression} {len(values)}"
    if all(number.says(value) for number, value in zip(tied.numbers, values, strict=True)):
        return None
    return f"{tied.phrase!r}, but {tied.expression} is {', '.join(f'{v:.6g}' for v in values)}"


def values_of(expression: str, namespace: dict) -> list[float]:
    """Evaluate an expression; give its numbers in order."""
    return list(_flat(eval(expression, dict(namespace))))


def _flat(value) -> Iterator[float]:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, bool | str) or value is None:
        raise TypeError(f"gives {value!r}, not a number")
    if isinstance(value, Iterable):
        for item in value:
            yield from _flat(item)
    else:
        yield float(value)


def hold(path: str, namespace: dict) -> None:
    """Raise AssertionError, in a notebook's kernel, where a fact of the notebook does not hold."""
    nb = nbformat.read(path, as_version=4)
    pairs = [(f"cell {i}", fact) for i, tied, _ in of_notebook(nb) for fact in tied]
    if failed := misses(pairs, namespace):
        raise AssertionError("numbers in the text that are not so:\n  " + "\n  ".join(failed))


def main(argv: list[str] | None = None) -> int:
    """List what is not declared in notebooks, and what each expression gives."""
    parser = argparse.ArgumentParser(prog="python -m crmlib.course.facts", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("notebook", nargs="+", type=Path)
    parser.add_argument("--no-run", action="store_true", help="only list what is not declared")
    parser.add_argument("--draft", action="store_true", help="print phrases to declare, by cell")
    args = parser.parse_args(argv)
    failed = False
    for path in args.notebook:
        nb = nbformat.read(path, as_version=4)
        wrong = problems(nb)
        print(f"{path}: {len(wrong)} to declare or to put right")
        print("".join(f"  {line}\n" for line in wrong), end="")
        failed |= bool(wrong)
        if args.draft:
            print(json.dumps(_draft(nb), ensure_ascii=False, indent=1))
        elif not args.no_run and expressions(nb):
            failed |= _show(nb, path)
    return int(failed)


def _draft(nb) -> dict[str, dict[str, str]]:
    """Suggest a phrase for each number that is not declared: it with the words beside it."""
    cited, drafts = references(nb), {}
    for i, cell in enumerate(nb.cells):
        if cell.cell_type != "markdown":
            continue
        tied, _ = tie(cell.source, cell.metadata.get("facts", {}), cited)
        done = {number for fact in tied for number in fact.numbers}
        left = [number for number in numbers(cell.source, cited) if number not in done]
        if left:
            drafts[f"cell {i}"] = {_phrase(cell.source, number): "" for number in left}
    return drafts


def _phrase(text: str, number: Number) -> str:
    before = re.search(r"(?:[^\s|]+[^\S\n]+)?\S*\Z", text[: number.start])[0]
    after = re.match(r"\S*(?:[^\S\n]+[^\s|]+)?", text[number.end :])[0]
    return re.sub(r"[.,;:!?)]+$", "", before.lstrip("(") + text[number.start : number.end] + after)


def _show(nb, path: Path) -> bool:
    """Run the notebook; print each fact beside what it gives. Tell whether one does not hold."""
    from nbclient import NotebookClient

    nb = nbformat.from_dict(nb)
    source = f"from crmlib.course import facts as _f; _f._print({str(path.resolve())!r}, globals())"
    nb.cells.append(nbformat.v4.new_code_cell(source))
    NotebookClient(
        nb, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    said = "".join(output.get("text", "") for output in nb.cells[-1].outputs)
    print(said, end="")
    return "  MISS" in said


def _print(path: str, namespace: dict) -> None:
    nb = nbformat.read(path, as_version=4)
    for i, tied, _ in of_notebook(nb):
        for fact in tied:
            if fact.expression is None:
                continue
            miss = _miss(fact, namespace)
            got = miss or ", ".join(f"{v:.6g}" for v in values_of(fact.expression, namespace))
            print(f"  {'MISS' if miss else 'ok  '} cell {i}: {fact.phrase!r} = {got}")


if __name__ == "__main__":
    sys.exit(main())
