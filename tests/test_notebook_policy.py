import base64
import io
import json
import tomllib

import nbformat
import notebook_budget
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_policy import ROOT, notebooks, problems, stored_problems, worked_examples
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sample_notebook import code, rewrites

ALT = "[Figure: Every second customer never comes back. · 12 points · 0123abcd]"
OPENING = "# Who is still here?\n\n*You will be able to* tell.\n\n**5 minutes** · builds on 2.1"
CLOSING = (
    "## On Monday\n\nMail them.\n\n## Traps\n\nTwo.\n\n## Summary\n\nIn this notebook you counted "
    "churn (客户流失).\n\n## Notation\n\nx\n\n## Check yourself\n\n"
    + 3 * "Why?\n<details>So.</details>\n\n"
    + "## Exercises\n\nOne.\n\n## References\n\nOne."
)


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_stored_notebook_keeps_the_rules(path):
    assert problems(path) == []


def test_the_reading_budget(capsys):
    examples = worked_examples()
    with capsys.disabled():
        print("\n" + notebook_budget.table(examples))
    over = {name: notebook_budget.over(nb) for name, nb in examples.items()}
    assert {name: lines for name, lines in over.items() if lines} == {}


def test_the_course_has_its_first_page():
    assert ROOT / "notebooks" / "00_start_here.ipynb" in notebooks()


def picture(text=ALT):
    file, words = io.BytesIO(), PngInfo()
    words.add_itxt("Description", text)
    Image.new("RGB", (2, 2)).save(file, "png", pnginfo=words)
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def nb():
    """Make a notebook that breaks no rule."""
    figure = new_output("display_data", {"image/png": picture(), "text/plain": ALT})
    number = new_output("execute_result", {"text/plain": "0.47"}, execution_count=3)
    cells = [
        new_markdown_cell(OPENING),
        new_code_cell("import crmlib as crm\nfrom crmlib import show", execution_count=1),
        new_code_cell("name = 'cdnow'", execution_count=2, metadata={"tags": ["parameters"]}),
        new_markdown_cell("Count."),
        new_code_cell("share = 0.47\nassert 0.4 < share\nshare", execution_count=3),
        new_markdown_cell("Look."),
        new_code_cell("show(fig, alt='Every second customer never comes back.')"),
        new_markdown_cell(CLOSING),
    ]
    figure.metadata = {"image/png": {"alt": ALT[9:48]}}
    cells[4].outputs, cells[6].outputs, cells[6].execution_count = [number], [figure], 4
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def found(nb, folder, name="2_4_takes_data.ipynb", newline="\n"):
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline=newline) as file:
        file.write(json.dumps(nb, ensure_ascii=False, indent=1) + "\n")
    raw = (folder / name).read_bytes()
    return stored_problems(folder / name, raw, nbformat.v4.reads(raw.decode("utf-8")))


def test_a_good_notebook_has_no_problem(nb, tmp_path):
    assert found(nb, tmp_path) == []


def test_fewer_sections_for_the_opening_and_for_exercises(nb, tmp_path):
    nb.cells[-1].source = "## On Monday\n\nMail them."
    assert found(nb, tmp_path, "00_start_here.ipynb") == []
    nb.cells[-1].source = "Done."
    assert found(nb, tmp_path / "instructor") == []
    assert found(nb, tmp_path, "00_start_here.ipynb") == ["missing: a section '## On Monday'"]


def test_a_cell_that_speaks_is_prose(nb, tmp_path):
    code(nb, 2).source += "\ncrm.say(f'{share:.0%} came back.')"
    drop_prose(nb)
    assert found(nb, tmp_path) == []


def strip(nb):
    for i in range(4):
        code(nb, i).update(outputs=[], execution_count=None)


def clear_outputs_only(nb):
    for i in range(4):
        code(nb, i).outputs = []


def swap(nb):
    nb.cells[4], nb.cells[6] = nb.cells[6], nb.cells[4]


def plain_text(nb, text):
    code(nb, 3).outputs[0].data["text/plain"] = text


def drop_prose(nb):
    del nb.cells[5]


def add_error(nb):
    code(nb, 2).outputs.append(new_output("error", ename="KeyError", evalue="x", traceback=[]))


def add_warning(nb):
    code(nb, 2).outputs.append(new_output("stream", name="stderr", text="FutureWarning: soon"))


def prints(text):
    return lambda nb: code(nb, 2).outputs.append(new_output("stream", text=text))


BROKEN = [
    (strip, "not executed once from top to bottom"),
    (clear_outputs_only, "no code cell has an output"),
    (swap, "not executed once from top to bottom: the cells' counts are [1, 2, 4, 3]"),
    (lambda nb: plain_text(nb, "<Figure size 800x450>"), "a picture without alt text"),
    (lambda nb: plain_text(nb, "[Figure:  · 12 points · 0123abcd]"), "a picture without alt text"),
    (lambda nb: plain_text(nb, ALT.replace("12", "13")), "not the one its text was made for"),
    (lambda nb: code(nb, 3).outputs[0].data.update({"image/png": "AAAA"}), "not the one its text"),
    (
        lambda nb: code(nb, 3).outputs[0].metadata["image/png"].update(alt="Else."),
        "not that of the f",
    ),
    (
        lambda nb: code(nb, 3).outputs[0].metadata["image/png"].update(digest="0"),
        "the stored picture has",
    ),
    (lambda nb: code(nb, 3).outputs[0].data.pop("image/png"), "a figure's text without its pict"),
    (lambda nb: code(nb, 3).update(outputs=[]), "show() is called but no picture is stored"),
    (lambda nb: code(nb, 3).outputs[0].data.update({"image/svg+xml": "<svg/>"}), "not a PNG"),
    (add_error, "an error is stored: KeyError"),
    (add_warning, "a warning is stored: FutureWarning: soon"),
    (prints("saved to /home/ada/x.csv"), "a path of the machine it ran on"),
    (prints(r"saved to C:\Users\ada"), "a path of the machine it ran on"),
    (prints("<object at 0x7f3a5c0d2e10>"), "a memory address"),
    (prints("id 123e4567-e89b-12d3-a456-426614174000"), "an id that changes"),
    (prints("at 12:30:01.5"), "a time of day"),
    (prints("x" * 600_001), "the file has 60"),
    (rewrites("share = 0.47", "plt.show()"), "instead of matplotlib's show"),
    (rewrites("share = 0.47", "# NBVAL_IGNORE_OUTPUT"), "keeps nbval from comparing"),
    (lambda nb: code(nb, 2).metadata.update(tags=["raises-exception"]), "keeps nbval from comp"),
    (drop_prose, "two code cells without a word between them"),
    (lambda nb: nb.cells.pop(), "prose must open and close the notebook"),
    (lambda nb: nb.cells.pop(0), "prose must open and close the notebook"),
    (lambda nb: code(nb, 1).metadata.update(tags=[]), "0 cells are tagged 'parameters'"),
    (lambda nb: code(nb, 1).metadata.update(execution={"at": "noon"}), "metadata hold 'execution'"),
    (lambda nb: nb.metadata.update(papermill={}), "metadata hold 'papermill'"),
    (lambda nb: nb.metadata.kernelspec.update(name="conda"), "the kernel must be python3"),
    (lambda nb: nb.cells[1].update(id=nb.cells[0].id), "an id of its own"),
    (lambda nb: nb.cells[0].update(cell_type="prose"), "not a valid notebook"),
    (rewrites("here?", "here"), "missing: a title '# ...?'"),
    (rewrites("*You will", "*You can"), "missing: a line '*You will be able to*"),
    (rewrites("**5 minutes**", "5 minutes"), "missing: a line '**50 minutes**"),
    (rewrites("## On Monday", "### On Monday"), "missing: a section '## On Monday'"),
    (rewrites("## Traps", "Traps"), "missing: a section '## Traps'"),
    (rewrites("In this notebook you", "You"), "missing: '## Summary'"),
    (rewrites("## Notation", "Notation"), "missing: a section '## Notation'"),
    (rewrites("<details>", ""), "needs 3 answers folded"),
    (rewrites("## Check yourself", "Check"), "missing: a section '## Check yourself'"),
    (rewrites("## Exercises", "Exercises"), "missing: a section '## Exercises'"),
    (rewrites("## References", "References"), "missing: a section '## References'"),
    (rewrites("## Exercises", "## References\n\n## Exercises"), "out of order: a section '## Ref"),
    (rewrites("客户流失", "kehu liushi"), "missing: the Chinese term"),
]


@pytest.mark.parametrize(("break_it", "problem"), BROKEN, ids=[problem for _, problem in BROKEN])
def test_each_broken_rule_is_named(nb, tmp_path, break_it, problem):
    break_it(nb)
    assert any(problem in line for line in found(nb, tmp_path))


def test_a_long_cell_of_an_exercise_is_named(nb, tmp_path):
    nb.cells[4].source = "assert True\n" * 16
    assert "code cell 2: 16 lines of code; at most 15" in found(nb, tmp_path / "instructor")


def test_windows_line_ends_are_found(nb, tmp_path):
    assert any("LF" in line for line in found(nb, tmp_path, newline="\r\n"))


def test_the_handmade_notebook_is_valid(nb):
    nbformat.validate(nb)


def test_every_notebook_is_formatted_at_88():
    settings = tomllib.loads((ROOT / "notebooks" / "ruff.toml").read_text(encoding="utf-8"))
    assert settings["line-length"] == notebook_budget.LIMITS["width"]
    assert "format" not in settings  # which could leave notebooks out
