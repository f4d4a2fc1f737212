"""``crmlib run``: a worked example executed, on the reader's own log if there is one."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmlib.course import places

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
    """Execute a worked example, on the reader's own log if one is given; leave a report."""
    notebook = find_notebook(args.notebook)
    parameters = _parameters(args)
    _check_parameters(notebook, {*parameters, "OUT", *(["LOG"] if args.data else [])})
    out = Path(args.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    started = time.time()
    if args.data:
        parameters["LOG"] = str(_prepare_log(args, out))
    parameters["OUT"] = str(out)
    print(f"Running {notebook.name} ...", flush=True)
    _execute(notebook, out / notebook.name, parameters)
    _write_report(out / notebook.name)
    print(f"Done. In {out}:")
    for path in sorted(out.iterdir()):
        if path.stat().st_mtime >= started - 2:  # some file systems round to two seconds
            print(f"  {path.name}")
    return 0


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


def _check_parameters(notebook: Path, wanted: set[str]) -> None:
    import papermill

    known = papermill.inspect_notebook(_verbatim(notebook))
    if not known:
        raise places.Refusal(
            f"{notebook.name} takes no parameters, so it cannot run on other data: it has no cell "
            "tagged `parameters`. Open it with `crmlib lab` instead."
        )
    if unknown := sorted(wanted - set(known)):
        raise places.Refusal(
            f"{notebook.name} has no parameter {', '.join(unknown)}. It has: {', '.join(known)}."
        )


def _prepare_log(args: argparse.Namespace, out: Path) -> Path:
    from crmlib.errors import DataError
    from crmlib.logs import check_log
    from crmlib.logs.files import read_table, write_log

    problems, roles = out / "problems.csv", (args.customer, args.date, args.amount)
    problems.unlink(missing_ok=True)  # of an earlier run
    try:
        table = read_table(args.data, roles, text=[args.customer, args.date])
        log = check_log(
            table,
            customer=args.customer,
            date=args.date,
            amount=args.amount,
            date_format=args.date_format,
        )
    except DataError as error:
        error.problems.to_csv(problems, index=False, encoding="utf-8-sig")  # the mark is for Excel
        rows = "" if args.data.endswith(".parquet") else "; the header of your file is row 1"
        raise places.Refusal(f"{error}\nEverything found is listed in {problems}{rows}.") from error
    customers = log["customer_id"].nunique()
    print(f"Read {len(log):,} purchases of {customers:,} customers ({table.attrs['read_as']}).")
    write_log(log, out / "log.csv")
    return out / "log.csv"


def _execute(notebook: Path, target: Path, parameters: dict) -> None:
    import papermill

    try:
        with _guards_silent(parameters):
            papermill.execute_notebook(
                _verbatim(notebook),
                _verbatim(target),
                parameters,
                kernel_name="python3",
                progress_bar=sys.stderr.isatty(),
                cwd=notebook.parent,
                extra_arguments=["--log-level=ERROR"],  # else it warns of its loopback traffic
            )
    except papermill.PapermillExecutionError as error:
        raise places.Refusal(
            f"{notebook.name} stopped at its cell [{error.exec_count}].\n"
            f"{error.ename}: {error.evalue}\nThe notebook up to there: {target}"
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
