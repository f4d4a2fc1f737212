"""What every stored notebook of the course must be: ``problems(path)`` lists where it is not.

nbval runs the notebooks and compares outputs; this looks at what nbval passes over: a notebook
whose outputs were stripped, a picture, a warning that was stored, a section that is missing.
``docs/notebook_guide.md`` tells authors how a notebook is made; ``notebook_anatomy`` holds a
worked example to it, ``notebook_budget`` counts.

``python tests/notebook_policy.py notebooks/...ipynb`` prints the problems and the budget.

The rules of this file
----------------------
First cell            the navigation line, then ``# A manager's question?``
Then, at line starts  ``*You will be able to* ...`` and ``**50 minutes** · builds on ... · ...``
Sections, in order    ``## On Monday``, ``## Traps``, ``## Summary`` (which begins "In this notebook
                      you"), ``## Notation``, ``## Check yourself`` (three questions, each answer in
                      a ``<details>``), ``## Exercises``, ``## References``
Prose                 markdown between any two unfolded code cells, before the first and after the
                      last; a cell that calls ``crm.say`` is prose too, with computed numbers in it;
                      at least one key idea with its Chinese term
Code                  no ``plt.show``; in exercises at most 15 lines a cell
Tags                  ``parameters`` on the cell where a reader puts another log (2.4, 2.5);
                      it may stand right after the import cell
Opening notebooks     (name begins with 0) need the title, the minutes and ``## On Monday`` only
Reports               (``report_...``) need a title that asks, the cell of parameters, folded cells
                      only, and no number in their markdown: all of it is computed
Exercises             (``exercises/instructor``) need a title; nbgrader's cells may stand together
"""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import notebook_anatomy
import notebook_budget
from PIL import Image, UnidentifiedImageError

from crmlib.course import seal

ROOT = Path(__file__).parents[1]
MAX_LINES = 15
QUESTIONS = 3
MAX_BYTES = 600_000
TAKES_DATA = ("2_4", "2_5")

MINUTES = ("a line '**50 minutes** · ...'", r"^(> )?\*\*\d+ minutes\*\* · ")
ON_MONDAY = ("a section '## On Monday'", r"^## On Monday")
WORKED_EXAMPLE = [
    ("a title '# ...?' in the first cell", r"\A(\[.*\n\n)?# [^\n]+[?？]\s*$"),
    ("a line '*You will be able to* ...'", r"^(> )?\*You will be able to\*"),
    ("a line '**50 minutes** · builds on ...'", r"^(> )?\*\*\d+ minutes\*\* · builds on "),
    ON_MONDAY,
    ("a section '## Traps'", r"^## Traps"),
    ("'## Summary', beginning 'In this notebook you'", r"^## Summary\s+In this notebook you"),
    ("a section '## Notation'", r"^## Notation"),
    ("a section '## Check yourself'", r"^## Check yourself"),
    ("a section '## Exercises'", r"^## Exercises"),
    ("a section '## References'", r"^## References"),
]
OPENING = [("a title '# ...' in the first cell", r"\A(\[.*\n\n)?# \S"), MINUTES, ON_MONDAY]
EXERCISE = OPENING[:1]
REPORT = WORKED_EXAMPLE[:1]

FIGURE = re.compile(r"\[Figure: (.{20,}) · [\d,]+ points · [0-9a-f]{8}\]")
PRIVATE = {
    "a path of the machine it ran on": r"(?<![\w./])/(home|Users|root|tmp|var|opt|usr|work|mnt)/|"
    r"\b[A-Za-z]:\\|site-packages|ipykernel_\d",
    "a memory address": r"\b0x[0-9a-fA-F]{6,}",
    "an id that changes with every run": r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-|\bid=.?T_[0-9a-f]+",
    "a time of day or a duration": r"\d\d:\d\d:\d\d\.\d|Wall time|CPU times",
}
CHANGES_THE_TEST = r"^\s*#\s*(NBVAL_|PYTEST_VALIDATE)"


def notebooks() -> list[Path]:
    """List the notebooks that are stored executed."""
    return seal.stored(ROOT)


def worked_examples() -> dict[str, nbformat.NotebookNode]:
    """Give every worked example by name, as it is stored."""
    paths = [path for path in notebooks() if _kind(path) in ("worked example", "opening")]
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}


def problems(path: Path) -> list[str]:
    """List everything in which the notebook breaks the rules; cells count from 0, as in nbval."""
    raw = path.read_bytes()
    nb = nbformat.v4.reads(raw.decode("utf-8"))  # as it stands: nbformat.read() mends some faults
    kind = _kind(path)
    shape = notebook_anatomy.problems(nb, kind) if kind in ("worked example", "opening") else []
    return [*stored_problems(path, raw, nb), *shape]


def stored_problems(path: Path, raw: bytes, nb) -> list[str]:
    """List where a notebook, as its file has it, breaks the rules of this file."""
    kind = _kind(path)
    found = [*_file(raw), *_format(nb), *_executed(nb), *_outputs(nb), *_figures(nb), *_code(nb)]
    found += _sections(nb, kind)
    if kind == "exercise":
        return [*found, *_short(nb)]
    if kind == "report":
        return [*found, *_report(nb), *_parameters(nb)]
    found += _prose(nb)
    if path.stem.startswith(TAKES_DATA):
        found += _parameters(nb)
    return found


def _kind(path: Path) -> str:
    if "instructor" in path.parts:
        return "exercise"
    begins = {"0": "opening", "r": "report"}
    return begins.get(path.stem[0], "worked example")


def _file(raw: bytes) -> Iterator[str]:
    if len(raw) > MAX_BYTES:
        yield f"the file has {len(raw):,} bytes; at most {MAX_BYTES:,}"
    if b"\r" in raw:
        yield "lines end as on Windows (CRLF); store them with LF"


def _format(nb) -> Iterator[str]:
    ids = [cell.get("id") for cell in nb.cells]
    if None in ids or len(set(ids)) < len(ids):
        yield "every cell needs an id of its own (nbformat 4.5)"
    else:  # validate() would mend the ids, and go on
        try:
            nbformat.validate(nb)
        except nbformat.ValidationError as error:
            yield f"not a valid notebook: {str(error).splitlines()[0]}"
    if nb.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernel must be python3"
    for extra in ("papermill", "widgets"):
        if extra in nb.metadata:
            yield f"metadata hold {extra!r}, which changes with every run"
    for i, cell in enumerate(nb.cells):
        for extra in {"execution", "papermill", "ExecuteTime"} & set(cell.metadata):
            yield f"cell {i}: metadata hold {extra!r}, which changes with every run"


def _executed(nb) -> Iterator[str]:
    counts = [cell.execution_count for _, cell in _code_cells(nb)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"not executed once from top to bottom: the cells' counts are {counts}"
    if counts and not any(cell.outputs for _, cell in _code_cells(nb)):
        yield "no code cell has an output; run the notebook and store it"


def _outputs(nb) -> Iterator[str]:
    for i, output in _all_outputs(nb):
        if output.output_type == "error":
            yield f"code cell {i}: an error is stored: {output.ename}"
        if output.get("name") == "stderr":
            yield f"code cell {i}: a warning is stored: {output.text.strip()[:80]}"
        for text in _texts(output):
            for what, pattern in PRIVATE.items():
                if match := re.search(pattern, text):
                    yield f"code cell {i}: the output shows {what}: {match.group()!r}"


def _figures(nb) -> Iterator[str]:
    for i, output in _all_outputs(nb):
        data = output.get("data", {})
        text = "".join(data.get("text/plain", ""))
        if any(kind.startswith("image/") and kind != "image/png" for kind in data):
            yield f"code cell {i}: a picture that is not a PNG; use show(fig, alt=...)"
        if "image/png" in data and not FIGURE.fullmatch(text):
            yield f"code cell {i}: a picture without alt text; use show(fig, alt=...)"
        elif "image/png" in data:
            if _description(data["image/png"]) != text:
                yield f"code cell {i}: the picture is not the one its text was made for"
            if output.get("metadata", {}).get("image/png", {}).get("alt") != FIGURE.match(text)[1]:
                yield f"code cell {i}: the alt text in the metadata is not that of the figure"
        if any("[Figure:" in text for text in _texts(output)) and "image/png" not in data:
            yield f"code cell {i}: a figure's text without its picture"
    for i, about, digest in seal.pictures(nb):
        if about.get("digest", digest) != digest:
            yield f"code cell {i}: the stored picture has digest {digest}, not {about['digest']}"
    for i, cell in _code_cells(nb):
        drawn = any("image/png" in output.get("data", {}) for output in cell.outputs)
        if re.search(r"^(crm\.)?(plots\.)?show\(", cell.source, re.M) and not drawn:
            yield f"code cell {i}: show() is called but no picture is stored"


def _description(png: str) -> str | None:
    """Read what show() wrote into the picture: the text it belongs to."""
    try:
        return Image.open(io.BytesIO(base64.b64decode("".join(png)))).info.get("Description")
    except (UnidentifiedImageError, ValueError):
        return None


def _code(nb) -> Iterator[str]:
    for i, cell in _code_cells(nb):
        if re.search(r"\b(plt|fig|figure)\.show\(", cell.source):
            yield f"code cell {i}: use show(fig, alt=...) instead of matplotlib's show"
        tags = " ".join(cell.metadata.get("tags", []))
        if re.search(CHANGES_THE_TEST, cell.source, re.M) or re.search(r"nbval|raises", tags):
            yield f"code cell {i}: a mark that keeps nbval from comparing the output"


def _short(nb) -> Iterator[str]:
    for i, cell in _code_cells(nb):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        lines = [line for line in lines if not line.lstrip().startswith("#")]
        solution = cell.metadata.get("nbgrader", {}).get("solution")  # students never see it
        if len(lines) > MAX_LINES and not solution:
            yield f"code cell {i}: {len(lines)} lines of code; at most {MAX_LINES}"


def _sections(nb, kind: str) -> Iterator[str]:
    wanted = {"worked example": WORKED_EXAMPLE, "opening": OPENING, "exercise": EXERCISE}.get(
        kind, REPORT
    )
    prose = "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    places = []
    for what, pattern in wanted:
        match = re.search(pattern, prose, re.M)
        if match is None:
            yield f"missing: {what}"
        else:
            places.append((match.start(), what))
    for (place, what), (following, after) in pairwise(places):
        if following < place:
            yield f"out of order: {after} comes before {what}"
    if kind == "worked example":
        if not re.search(r"[\u4e00-\u9fff]", prose):
            yield "missing: the Chinese term of a key idea"
        questions = prose.partition("## Check yourself")[2].partition("\n## ")[0]
        if questions.count("<details>") < QUESTIONS:
            yield f"'## Check yourself' needs {QUESTIONS} answers folded in <details>"


def _prose(nb) -> Iterator[str]:
    kinds = [cell.cell_type for cell in nb.cells]
    if "code" in (kinds[0], kinds[-1]):
        yield "prose must open and close the notebook"
    for i in range(1, len(nb.cells)):
        pair = nb.cells[i - 1 : i + 1]
        if kinds[i - 1] == kinds[i] == "code" and not (
            _set_up(*pair) or any(map(_speaks, pair)) or any(map(_folded, pair))
        ):
            start = nb.cells[i].source.partition("\n")[0]
            yield f"two code cells without a word between them; the second begins {start!r}"


def _report(nb) -> Iterator[str]:
    """List what in a report is not computed from the log it is run on."""
    for i, cell in _code_cells(nb):
        if not _folded(cell) and "parameters" not in cell.metadata.get("tags", []):
            yield f"code cell {i}: a report shows no code; fold it"
    for i, cell in enumerate(nb.cells):
        prose = re.sub(r"\bnotebooks? \d\.\d((, | and )\d\.\d)*", "", cell.source)
        if cell.cell_type == "markdown" and re.search(r"\d", prose):
            yield f"cell {i}: a number in the text of a report; compute it: crm.say"


def _set_up(cell, following) -> bool:
    """Tell whether these are the import cell and the one tagged `parameters`."""
    return cell.execution_count == 1 and "parameters" in following.metadata.get("tags", [])


def _folded(cell) -> bool:
    return "hide-input" in cell.metadata.get("tags", [])


def _speaks(cell) -> bool:
    return re.search(r"^(crm\.)?say\(", cell.source, re.M) is not None


def _parameters(nb) -> Iterator[str]:
    tagged = [i for i, cell in _code_cells(nb) if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        yield f"{len(tagged)} cells are tagged 'parameters'; one is needed, for a reader's own log"


def _code_cells(nb) -> list[tuple[int, nbformat.NotebookNode]]:
    """List code cells with nbval's number, which counts code cells only."""
    return list(enumerate(cell for cell in nb.cells if cell.cell_type == "code"))


def _all_outputs(nb) -> Iterator[tuple[int, nbformat.NotebookNode]]:
    for i, cell in _code_cells(nb):
        for output in cell.outputs:
            yield i, output


def _texts(output) -> list[str]:
    data = output.get("data", {})
    texts = [text for kind, text in data.items() if not kind.startswith("image/")]
    return [str(text) for text in (*texts, output.get("text", ""))]


def main(paths: list[str]) -> int:
    """Print what is wrong with the notebooks named, or all, and the budget of each."""
    found = {}
    for path in [Path(name) for name in paths] or notebooks():
        found[path] = problems(path.resolve())
        print(f"{path}: {len(found[path])} problems", *found[path], sep="\n  ")
    nbs = {p.stem: nbformat.read(str(p), as_version=4) for p in found if "exercises" not in p.parts}
    print(notebook_budget.table(nbs))
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
