"""``crmlib run``: a worked example executed, on the reader's own log if there is one."""

from __future__ import annotations

import argparse
import ast
import filecmp
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmlib.course import options, places

SHIPPED = "shipped"  # tag of the cells that speak of the course's own log, and of no other
DATA_OF_COURSE = re.compile(r"data: .*?(?=\n\n|\Z)", re.S)  # in the title cell of an example
TABLES = (
    "attributes.csv",
    "groups.csv",
    "traits.csv",
    "survey.csv",
    "items.csv",
    "log.csv",
    "customers.csv",
    "customers.parquet",
    "top_customers.csv",
    "problems.csv",
    "set_aside.csv",
    "set_aside.parquet",
    "margins.csv",
    "columns.csv",
)  # what a run may leave, beside its pages
SHOWN = 20  # rows set aside that --check prints
REPORTS = ("value", "loyalty", "segments", "satisfaction")
PATHS = ("LOG", "OUT", "SURVEY", "ATTRIBUTES")  # parameters that name files, not what to assume
EARLIER = "earlier"  # the folder for results of another log

# Jupyter's own page, with each picture's words for readers who cannot see it, without scripts that
# only programmers need, and without waiting for the web to typeset formulas: it may not be there.
# Tables are narrow enough for paper: long names of columns break at _.
REPORT = """
{%- extends "lab/index.html.j2" -%}
{%- block html_head_css -%}
{{ super() }}
<style>
.jp-OutputArea-output table.dataframe { max-width: 100% }
.jp-OutputArea-output table.dataframe :is(td, th) { padding: 0.3em 0.4em; font-size: 11px }
.jp-OutputArea-output table.dataframe thead th { white-space: normal }
</style>
{%- endblock -%}
{%- block html_head_js_requirejs -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}
{{ super() | replace("<script src=", "<script defer src=")
           | replace("processEscapes: true", "ignoreClass: 'dataframe', processEscapes: true") }}
{%- endblock -%}
{%- block data_png scoped -%}
{%- set alt = output | get_metadata("alt", "image/png") or "" -%}
{{ super() | replace("<img ", '<img alt="' ~ (alt | escape_html) ~ '" ') }}
{%- endblock -%}
"""


def run(args: argparse.Namespace) -> int:
    """Execute a worked example, on the reader's own log if one is given; leave a report.

    The work is done in a folder beside the results, and moved there at the end: a run that is
    stopped leaves the results as they were.
    """
    notebook = find_notebook(args.notebook)
    options.fill(args)
    parameters, known = options.parameters(args), _known_parameters(notebook)
    needed = "SURVEY" if "SURVEY" in known else "LOG"
    options.check(notebook.name, known, parameters, [needed] if args.data else [])
    reader = _intake(args, notebook, known)
    if args.check:
        return _look(args, reader)
    out = Path(args.out or "results").resolve()
    _spare_own_file(args.data, out)
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _work(args, notebook, known, parameters, work, reader)
    except places.Refusal as refusal:
        left = _hand_over(work, out, failed=True)
        raise places.Refusal("\n".join([str(refusal), *left])) from refusal
    else:
        print("\n".join(["Done.", *_hand_over(work, out)]))
        return 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _look(args: argparse.Namespace, reader) -> int:
    """Say what would be used, and every problem; leave nothing."""
    if not args.data:
        print("Data: those of the course. Nothing was run.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        reader.prepare(args, Path(folder))
        aside = Path(folder) / "set_aside.csv"
        if aside.exists():
            lines = aside.read_text(encoding="utf-8-sig").splitlines()
            print(*lines[: SHOWN + 1], sep="\n")
            if (left := len(lines) - SHOWN - 1) > 0:
                print(f"... and {left:,} more; a run lists them in set_aside.csv")
    print("This is what a run would use. Nothing was run.")
    return 0


def _work(args, notebook: Path, known: dict, parameters: dict, work: Path, reader) -> None:
    """Leave in `work` what the run makes."""
    import nbformat

    facts = ["Data: those of the course."]
    given = {"OUT": "."} if "OUT" in known else {}
    if args.data:
        file, facts = reader.prepare(args, work)
        given |= reader.given(args, file)
    print(f"Running {notebook.name} ...", flush=True)
    target = work / notebook.name
    book = nbformat.read(notebook, as_version=4)
    if args.data:
        book.cells = [c for c in book.cells if SHIPPED not in c.metadata.get("tags", [])]
        book.cells[0].source = DATA_OF_COURSE.sub("data: yours", book.cells[0].source)
    nbformat.write(book, target)
    _execute(target, parameters | given)
    _finish(target, _head(facts, known, parameters | given))
    _write_report(target)


def find_notebook(name: str) -> Path:
    """Find a report by its name, a worked example by number (``2.5`` or ``2_5``), by name or by path."""
    if name in REPORTS:
        name = f"report_{name}"
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    return places.notebook(path.name, places.course() / "notebooks")


def _intake(args: argparse.Namespace, notebook: Path, known: dict):
    """Choose what reads the reader's file: a log, in memory or not, or a survey; say what is missing."""
    from crmlib.course import intake, survey_intake

    survey = "SURVEY" in known
    needed = ("items", "scale") if survey else ("customer", "date", "amount")
    missing = [f"--{name}" for name in needed if getattr(args, name) is None]
    if args.data and missing:
        args.usage(f"with --data, say which columns to read: {', '.join(missing)} missing")
    if args.engine:
        return _engines(args, notebook)
    return survey_intake if survey else intake


def _engines(args: argparse.Namespace, notebook: Path):
    """Give what reads a log that memory does not hold, for the report that can do without it."""
    if not args.data:
        args.usage("--engine reads a log of yours: name it with --data")
    if notebook.stem != "report_value":
        raise places.Refusal(
            "--engine is for `crmlib run value`; the others need the log in memory."
        )
    from crmlib.course import engines

    return engines


def _known_parameters(notebook: Path) -> dict[str, dict]:
    """Look up a notebook's parameters: by name their `value` and what they mean, `help`."""
    import papermill

    found = papermill.inspect_notebook(_verbatim(notebook))
    if not found:
        raise places.Refusal(
            f"{notebook.name} takes no parameters, so it cannot run on other data: it has no cell "
            "tagged `parameters`. Open it with `crmlib lab` instead."
        )
    return {name: {"value": _value(p["default"]), "help": p["help"]} for name, p in found.items()}


def _value(source: str) -> object:
    try:
        return ast.literal_eval(source)
    except (ValueError, SyntaxError):
        return source  # computed in the notebook


def _spare_own_file(data: str | None, out: Path) -> None:
    if data and Path(data).is_dir() and out.is_relative_to(Path(data).resolve()):
        raise places.Refusal(
            "The results would lie in the folder of the data, and be read as data in the next run. Name "
            "another folder with --out."
        )
    if data and Path(data).resolve() in [out / name for name in TABLES]:
        raise places.Refusal(
            f"The results hold a file {Path(data).name} of their own, which would replace yours. "
            "Name another folder with --out."
        )


def _execute(notebook: Path, parameters: dict) -> None:
    import papermill

    from crmlib.course import advice

    try:
        with _guards_silent(parameters):
            papermill.execute_notebook(
                _verbatim(notebook),
                _verbatim(notebook),
                parameters,
                kernel_name="python3",
                progress_bar=sys.stderr.isatty(),
                cwd=notebook.parent,
                extra_arguments=["--log-level=ERROR"],  # else it warns of its loopback traffic
            )
    except papermill.PapermillExecutionError as error:
        _finish(notebook)
        if error.ename == "DataError":
            stopped = f"{notebook.name} cannot go on with these data.\n{error.evalue}"
        else:
            stopped = f"{notebook.name} stopped at its cell [{error.exec_count}].\n"
            stopped += f"{error.ename}: {error.evalue}"
        raise places.Refusal(
            f"{advice.in_options(stopped)}\nThe notebook shows how far it came."
        ) from error


@contextmanager
def _guards_silent(parameters: dict) -> Iterator[None]:
    """Tell the kernel, which inherits the environment, that the log is the reader's: `crm.expect`."""
    before = os.environ.get("CRMLIB_OWN")
    if "LOG" in parameters:
        os.environ["CRMLIB_OWN"] = "1"
    try:
        yield
    finally:
        os.environ.pop("CRMLIB_OWN", None)
        if before is not None:
            os.environ["CRMLIB_OWN"] = before


def _finish(path: Path, head: str | None = None) -> None:
    """Put the run's facts under the title; leave no path of the folder in which the work was done."""
    import nbformat

    book = nbformat.read(path, as_version=4)
    if head:
        book.cells.insert(1, nbformat.v4.new_markdown_cell(head, metadata={"tags": ["this-run"]}))
    for output in (output for cell in book.cells for output in cell.get("outputs", [])):
        if output.get("name") == "stderr":
            output.text = re.sub(
                r"^\S+:\d+: \w*Warning: (.*)\n  .*$", r"Note: \1", output.text, flags=re.M
            )
    for name in ("input_path", "output_path"):
        book.metadata.papermill[name] = path.name
    nbformat.write(book, path)


def _head(facts: list[str], known: dict, parameters: dict) -> str:
    """Write down what a run was told: its data, and every business parameter."""
    from crmlib.course.reports.words import plain

    lines = ["**This run**", "", *(f"- {plain(fact)}" for fact in facts), ""]
    assumed = [name for name in known if name.isupper() and name not in PATHS]
    if assumed:
        lines += ["| parameter | value | meaning |", "|---|---|---|"]
    for name in assumed:
        value = parameters.get(name, known[name]["value"])
        lines.append(f"| `{name}` | {plain(value)} | {plain(known[name]['help'])} |")
    return "\n".join(lines)


def _hand_over(work: Path, out: Path, *, failed: bool = False) -> list[str]:
    """Move what a run made to its results; list it. Results of another log do not stay beside it."""
    made = sorted(path for path in work.iterdir() if not path.name.startswith("."))
    if not made:
        return []
    out.mkdir(exist_ok=True)
    lines = [f"In {out}:", *(f"  {path.name}" for path in made)]
    if failed or not _same_log(work / "log.csv", out / "log.csv"):
        lines += _set_aside(out)
    (out / "problems.csv").unlink(missing_ok=True)
    for path in made:
        path.replace(out / path.name)
    return lines


def _same_log(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return filecmp.cmp(one, other, shallow=False)
    reduced = [log.with_name("customers.parquet") for log in (one, other)]
    return one.exists() == other.exists() and not any(path.exists() for path in reduced)


def _set_aside(out: Path) -> list[str]:
    """Move the results of an earlier run into a folder of their own; delete what a failed one left."""
    old, earlier = _results(out), out / EARLIER
    if not any(path.suffix == ".html" for path in old):
        for path in old:
            path.unlink()
        return []
    earlier.mkdir(exist_ok=True)
    for path in _results(earlier):
        path.unlink()
    for path in old:
        path.replace(earlier / path.name)
    return [f"The results of the run before are in {earlier}."]


def _results(folder: Path) -> list[Path]:
    """List what runs left in a folder; a reader's other files are none of ours."""
    stems = {path.stem for path in (places.course() / "notebooks").rglob("*.ipynb")}
    pages = [path for path in folder.iterdir() if path.suffix in (".ipynb", ".html")]
    tables = [folder / name for name in TABLES if (folder / name).exists()]
    return [*tables, *(path for path in pages if path.stem in stems)]


def _verbatim(path: Path) -> str:
    """Escape the braces in a path: papermill takes it for a format string."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _write_report(notebook: Path) -> None:
    from jinja2 import DictLoader
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        extra_loaders=[DictLoader({"report": REPORT})],
        template_file="report",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    page, _ = exporter.from_filename(str(notebook))
    page = re.sub(r"<th>[^<]+</th>", lambda name: name[0].replace("_", "_<wbr>"), page)
    notebook.with_suffix(".html").write_text(page, encoding="utf-8")
