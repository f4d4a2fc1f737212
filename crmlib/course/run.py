"""``crmlib run``: a worked example executed, on the reader's own log if there is one."""

from __future__ import annotations

import argparse
import ast
import filecmp
import html
import json
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmlib.course import places

SHIPPED = "shipped"  # tag of the cells that speak of the course's own log, and of no other
TABLES = ("log.csv", "customers.csv", "problems.csv")  # what a run may leave, beside its pages
EARLIER = "earlier"  # the folder for results of another log

# The library advises those who write Python; whoever reads this writes options.
IN_OPTIONS = [
    (r"crm\.check_log\(\.\.\., date_format='?(.*?)'?\)", r'--date-format "\1"'),
    (r"date_format='([^']*)'", r'--date-format "\1"'),
    (r"pd\.to_datetime\(column.*?\) makes", "the format of a date, set in the spreadsheet, makes"),
    (r"pd\.to_datetime\(log.*\.\.\.\)", "write them all in one where the file is made"),
    (r": pd\.read_csv\(\.\.\., decimal=.*?\)", ". Write a point where the file is made"),
    (r"Read them as text: pd\.read_csv\(.*?\)", "Store them as text in the file"),
    (r"on another day: SPLIT\.", "on another day: --param SPLIT=2024-06-30, say."),
]

# Jupyter's own page, with each picture's words for readers who cannot see it, without scripts that
# only programmers need, and without waiting for the web to typeset formulas: it may not be there.
REPORT = """
{%- extends "lab/index.html.j2" -%}
{%- block html_head_js_requirejs -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}
{{ super() | replace("<script src=", "<script defer src=") }}
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
    parameters, known = _parameters(args), _known_parameters(notebook)
    _check_parameters(notebook, known, parameters, ["LOG"] if args.data else [])
    out = Path(args.out).resolve()
    _spare_own_file(args.data, out)
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _work(args, notebook, known, parameters, work)
    except places.Refusal as refusal:
        left = _hand_over(work, out, failed=True)
        raise places.Refusal("\n".join([str(refusal), *left])) from refusal
    else:
        print("\n".join(["Done.", *_hand_over(work, out)]))
        return 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _work(args, notebook: Path, known: dict, parameters: dict, work: Path) -> None:
    """Leave in `work` what the run makes."""
    import nbformat

    facts = ["Data: those of the course."]
    given = {"OUT": "."} if "OUT" in known else {}
    if args.data:
        log, facts = _read_log(args, work)
        given["LOG"] = log.name
    print(f"Running {notebook.name} ...", flush=True)
    target = work / notebook.name
    book = nbformat.read(notebook, as_version=4)
    if args.data:
        book.cells = [c for c in book.cells if SHIPPED not in c.metadata.get("tags", [])]
    nbformat.write(book, target)
    _execute(target, parameters | given)
    _finish(target, _head(facts, known, parameters))
    _write_report(target)


def find_notebook(name: str) -> Path:
    """Find a worked example by number (``2.5`` or ``2_5``), by name or by path."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    return places.notebook(path.name, places.course() / "notebooks")


def _parameters(args: argparse.Namespace) -> dict:
    given = {"--customer": args.customer, "--date": args.date, "--amount": args.amount}
    missing = [option for option, value in given.items() if value is None]
    if args.data and missing:
        args.usage(f"with --data, say which columns to read: {', '.join(missing)} missing")
    parameters = dict(_literal(text, args.usage) for text in args.param)
    return parameters | ({"UNIT": args.unit} if args.unit else {})


def _literal(text: str, usage) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not (equals and name.isidentifier()):
        usage(f"--param {text}: write it as NAME=VALUE, such as RATE=0.12")
    if value in ("None", "True", "False"):
        return name, {"None": None, "True": True, "False": False}[value]
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # plain text, such as a date


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


def _check_parameters(notebook: Path, known: dict, parameters: dict, needed: list[str]) -> None:
    if unknown := sorted({*parameters, *needed} - set(known)):
        raise places.Refusal(
            f"{notebook.name} has no parameter {', '.join(unknown)}. It has: {', '.join(known)}."
        )
    for name, value in parameters.items():
        usual = known[name]["value"]
        if _is_number(usual) and not _is_number(value):
            raise places.Refusal(f"{name} is a number, such as {usual}, not {value!r}.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _spare_own_file(data: str | None, out: Path) -> None:
    if data and Path(data).resolve() in [out / name for name in TABLES]:
        raise places.Refusal(
            f"The results hold a file {Path(data).name} of their own, which would replace yours. "
            "Name another folder with --out."
        )


def _prepare_log(args: argparse.Namespace, folder: Path) -> Path:
    """Check the reader's log and leave it in `folder`, or refuse, with all problems there."""
    return _read_log(args, folder)[0]


def _read_log(args: argparse.Namespace, folder: Path) -> tuple[Path, list[str]]:
    """Check the reader's log, leave it in `folder`; return where, and what to know about it."""
    from crmlib.errors import DataError
    from crmlib.logs.files import write_log, write_table

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            log, doubts = _checked(args)
    except DataError as error:
        write_table(error.problems, folder / "problems.csv", index=False)
        rows = "" if args.data.endswith(".parquet") else " (the header of your file is row 1)"
        all_found = f"Everything found is listed in problems.csv{rows}."
        raise places.Refusal(f"{_in_options(str(error))}\n{all_found}") from error
    doubts += [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    facts = [
        _described(log, Path(args.data).name),
        *(f"Note: {_in_options(d).rstrip('.')}." for d in doubts),
    ]
    print(*facts, sep="\n")
    write_log(log, folder / "log.csv")
    return folder / "log.csv", facts


def _checked(args: argparse.Namespace):
    from crmlib.course.tables import read_table
    from crmlib.logs import check_log

    roles = (args.customer, args.date, args.amount)
    table = read_table(
        args.data,
        roles,
        text=[args.customer, args.date],
        encoding=getattr(args, "encoding", None),
    )
    if table[args.date].dtype == "str":
        table[args.date] = table[args.date].replace("NA", None)
    doubts = table.attrs["doubts"]
    ids, note = _plain_ids(table[args.customer])
    log = check_log(
        table.assign(**{args.customer: ids}),
        customer=args.customer,
        date=args.date,
        amount=args.amount,
        date_format=args.date_format,
    )
    log.attrs["read_as"] = table.attrs["read_as"]
    return log, [*doubts, *note]


def _plain_ids(ids):
    """Take the ".0" off ids that a program wrote as numbers: 17850.0 is customer 17850."""
    if ids.dtype != "str":
        return ids, []
    floats = ids.str.fullmatch(r"\s*\d+\.0\s*").eq(True)
    numbers = floats | ids.isna() | ids.str.fullmatch(r"\s*\d+\s*").eq(True)
    if not (floats.any() and numbers.all()):
        return ids, []
    example = ids[floats].iloc[0].strip()
    note = f"{floats.sum():,} ids are written like {example}, and read as {example[:-2]}"
    return ids.str.replace(r"\.0(?=\s*$)", "", regex=True), [note]


def _described(log, name: str) -> str:
    customers = log["customer_id"].nunique()
    return (
        f"Read {len(log):,} purchases of {customers:,} customers ({log.attrs['read_as']}). "
        f"{name} goes from {log['date'].min():%Y-%m-%d} to {log['date'].max():%Y-%m-%d}."
    )


def _in_options(text: str) -> str:
    for pattern, words in IN_OPTIONS:
        text = re.sub(pattern, words, text)
    return text


def _execute(notebook: Path, parameters: dict) -> None:
    import papermill

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
            f"{_in_options(stopped)}\nThe notebook shows how far it came."
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
    lines = ["**This run**", "", *(f"- {_marked(fact)}" for fact in facts), ""]
    lines += ["| parameter | value | meaning |", "|---|---|---|"]
    for name, usual in known.items():
        if name.isupper() and name not in ("LOG", "OUT"):
            value = parameters.get(name, usual["value"])
            lines.append(f"| `{name}` | {_marked(value)} | {_marked(usual['help'])} |")
    return "\n".join(lines)


def _marked(text: object) -> str:
    """Show text of the reader's own in Markdown as it is."""
    return re.sub(r"([\\`*_|\[\]$~])", r"\\\1", html.escape(str(text), quote=False))


def _hand_over(work: Path, out: Path, *, failed: bool = False) -> list[str]:
    """Move what a run made to its results; list it. Results of another log do not stay beside it."""
    made = sorted(work.iterdir())
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
    return one.exists() == other.exists()


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
    notebook.with_suffix(".html").write_text(page, encoding="utf-8")
