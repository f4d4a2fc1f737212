"""Does the suite notice? A stored notebook is spoilt in each way, and must fail.

What the policy cannot see without running the notebook, nbval must: all those copies run in one
pytest of their own, cut off after the spoilt cell.
"""

import base64
import copy
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict

import nbformat
import pytest
from nbformat.v4 import new_output
from notebook_policy import ROOT, problems
from PIL import Image
from PIL.PngImagePlugin import PngInfo

pytestmark = pytest.mark.slow

STORED = ROOT / "notebooks" / "00_start_here.ipynb"

SHRINK_DATA = """
_load = crm.load
crm.load = lambda name: _load(name).iloc[::10]
"""
REDRAW = """
import matplotlib.pyplot
_axes = matplotlib.pyplot.gcf().axes[0]
for _line in _axes.lines:
    _line.set_ydata([1.01 * _y for _y in _line.get_ydata(orig=False)])
for _patch in _axes.patches:
    _patch.set_height(1.01 * _patch.get_height())
"""


def _with_output(nb, wanted) -> tuple[int, nbformat.NotebookNode]:
    """Find the first output for which `wanted` is true, and its cell's place."""
    for i, cell in enumerate(nb.cells):
        for output in cell.get("outputs", []):
            if wanted(output):
                return i, output
    raise LookupError("the notebook has nothing of this kind to spoil")


def _is_figure(output) -> bool:
    return "image/png" in output.get("data", {})


def _show_line(cell) -> int:
    lines = cell.source.splitlines()
    return next(i for i, line in enumerate(lines) if re.match(r"(crm\.)?(plots\.)?show\(", line))


def changed_number(nb):
    def number(output):
        return not _is_figure(output) and re.search(r"\d", _text(output))

    i, output = _with_output(nb, number)
    holder, key = _holder(output)
    holder[key] = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), holder[key], count=1)
    return i


def _holder(output):
    return (output, "text") if "text" in output else (output.data, "text/plain")


def _text(output) -> str:
    holder, key = _holder(output) if {"text", "data"} & set(output) else ({}, "")
    return holder.get(key, "")


def removed_output(nb):
    i, output = _with_output(nb, lambda output: not _is_figure(output))
    nb.cells[i].outputs.remove(output)
    return i


def removed_figure(nb):
    i, output = _with_output(nb, _is_figure)
    nb.cells[i].outputs.remove(output)
    return i


def emptied_outputs(nb):
    """Strip all outputs but keep the counts, as an editor does that only empties them."""
    i, _ = _with_output(nb, bool)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return i


def changed_figure(nb):
    i, _ = _with_output(nb, _is_figure)
    lines = nb.cells[i].source.splitlines()
    place = _show_line(nb.cells[i])
    nb.cells[i].source = "\n".join([*lines[:place], REDRAW, *lines[place:]])
    return i


def new_warning(nb):
    i, _ = _with_output(nb, bool)
    nb.cells[i].source = f"import warnings\nwarnings.warn('soon')\n{nb.cells[i].source}"
    return i


def empty_alt_in_the_code(nb):
    i, _ = _with_output(nb, _is_figure)
    lines = nb.cells[i].source.splitlines()
    fig = re.search(r"show\(\s*([\w.]+)", nb.cells[i].source)[1]
    nb.cells[i].source = "\n".join([*lines[: _show_line(nb.cells[i])], f"crm.show({fig}, alt='')"])
    return i


def stale_assert(nb):
    """Change the data, so that a number which the prose stands on is no longer true."""
    first = next(cell for cell in nb.cells if cell.cell_type == "code")
    imported = "import crmlib as crm\n"
    assert imported in first.source
    first.source = first.source.replace(imported, imported + SHRINK_DATA)
    return len(nb.cells) - 1


def false_fact(nb):
    """Tie a number of the text to something else; the item after the last cell must see it."""
    nb.cells[0].source = "Here are 2,358 customers."
    nb.cells[0].metadata.facts = {"2,358 customers": "log['customer_id'].nunique()"}
    return len(nb.cells) - 1


def missed_guard(nb):
    i, _ = _with_output(nb, bool)
    nb.cells[i].source += "\ncrm.expect(len(log) < 9, 'a handful of purchases')"
    return i


RUN = {
    false_fact: "'2,358 customers', but .* is 2357",
    missed_guard: "AssertionError.*: expected: a handful of purchases",
    changed_number: "reference_output == test_output failed",
    removed_output: "Unexpected output fields|dissimilar number of outputs",
    removed_figure: "Unexpected output fields|dissimilar number of outputs",
    emptied_outputs: "Unexpected output fields",
    changed_figure: r"reference_output == test_output failed(.|\n)* points · ",
    new_warning: "Unexpected output fields from running code: {'stderr'}|soon",
    empty_alt_in_the_code: "does not tell what the figure shows",
    stale_assert: "AssertionError",
}


def unexecuted(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def cell_out_of_order(nb):
    first, second = [i for i, cell in enumerate(nb.cells) if cell.cell_type == "code"][-2:]
    nb.cells[first], nb.cells[second] = nb.cells[second], nb.cells[first]


def missing_alt(nb):
    _, output = _with_output(nb, _is_figure)
    output.data["text/plain"] = re.sub(r"Figure: .* · (?=\d)", "Figure: · ", _text(output))


def raw_figure(nb):
    _, output = _with_output(nb, _is_figure)
    output.data["text/plain"] = "<Figure size 800x450 with 1 Axes>"


def exchanged_picture(nb):
    _, output = _with_output(nb, _is_figure)
    output.data["text/plain"] = re.sub(r"[0-9a-f]{8}]$", "00000000]", _text(output))


def stored_warning(nb):
    i, _ = _with_output(nb, bool)
    nb.cells[i].outputs.insert(0, new_output("stream", name="stderr", text="FutureWarning: soon"))


def other_pixels(nb):
    """Redraw the picture under the same words, as an image editor does."""
    _, output = _with_output(nb, _is_figure)
    file = io.BytesIO(base64.b64decode(output.data["image/png"]))
    image = Image.open(file)
    words, text = PngInfo(), image.info["Description"]
    words.add_itxt("Description", text)
    image.putpixel((9, 9), 1)
    file = io.BytesIO()
    image.save(file, format="png", pnginfo=words)
    output.data["image/png"] = base64.b64encode(file.getvalue()).decode()


def other_alt_in_the_metadata(nb):
    _, output = _with_output(nb, _is_figure)
    output.metadata["image/png"]["alt"] = "Something else altogether is shown here."


SEEN = {
    other_pixels: "the stored picture has digest",
    other_alt_in_the_metadata: "the alt text in the metadata is not that of the figure",
    unexecuted: "not executed once from top to bottom",
    cell_out_of_order: "not executed once from top to bottom",
    missing_alt: "a picture without alt text",
    raw_figure: "a picture without alt text",
    exchanged_picture: "the picture is not the one its text was made for",
    stored_warning: "a warning is stored",
}


@pytest.fixture(scope="module")
def stored():
    return nbformat.read(STORED, as_version=4)


@pytest.mark.parametrize("spoil", SEEN, ids=lambda spoil: spoil.__name__)
def test_the_policy_sees(stored, tmp_path, spoil):
    nb = copy.deepcopy(stored)
    path = tmp_path / STORED.name
    nbformat.write(nb, path)
    assert problems(path) == []
    spoil(nb)
    nbformat.write(nb, path)
    assert any(SEEN[spoil] in problem for problem in problems(path))


@pytest.fixture(scope="module")
def failures(stored, tmp_path_factory) -> dict[str, str]:
    """Run every spoilt copy, and one untouched; give what nbval said about each."""
    folder = tmp_path_factory.mktemp("spoilt")
    nb = copy.deepcopy(stored)
    nb.cells[0].source = "Here are 2,357 customers."
    nb.cells[0].metadata.facts = {"2,357 customers": "log['customer_id'].nunique()"}
    nbformat.write(nb, folder / "untouched.ipynb")
    for spoil in RUN:
        nb = copy.deepcopy(stored)
        last = spoil(nb)
        nb.cells = nb.cells[: last + 1]
        nbformat.write(nb, folder / f"{spoil.__name__}.ipynb")
    report = folder / "report.xml"
    suite = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--color=no"]
    suite += ["-p", "conftest", "-p", "no:cacheprovider", f"--junitxml={report}"]
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}  # where conftest.py is
    run = subprocess.run(
        [*suite, str(folder)], cwd=folder, env=settings, capture_output=True, text=True
    )
    assert report.exists(), run.stdout + run.stderr
    said = defaultdict(str)
    for case in ET.parse(report).iter("testcase"):
        name = case.get("classname").split(".")[-2:]
        name = next(part for part in name if part != "ipynb")
        said[name] += "".join(
            told.text or "" for kind in ("failure", "error") for told in case.iter(kind)
        )
    return said


def test_nbval_passes_the_untouched_notebook_and_its_facts(failures):
    assert failures["untouched"] == ""
    assert set(failures) == {"untouched", *(spoil.__name__ for spoil in RUN)}


@pytest.mark.parametrize("spoil", RUN, ids=lambda spoil: spoil.__name__)
def test_nbval_sees(failures, spoil):
    assert re.search(RUN[spoil], failures[spoil.__name__])
