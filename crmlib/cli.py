"""The course from the command line: ``crmlib doctor | lab | run | release | grade``.

Heavy imports stand inside the commands, so that ``crmlib --help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
START = "notebooks/00_start_here.ipynb"
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


class Refusal(Exception):
    """Something that the reader can put right; the text says how."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 could not be done, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console without Chinese shows ?, and goes on
            stream.reconfigure(errors="replace")
    args = _parse(argv)
    try:
        return args.command(args)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except Exception as error:
        if os.environ.get("CRMLIB_DEBUG") == "1":
            raise
        print(_in_words(error), file=sys.stderr)
        return 1


def _in_words(error: Exception) -> str:
    from crmlib.errors import DataError

    if isinstance(error, Refusal | DataError | FileNotFoundError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename}" if error.filename else str(error)
    return (
        f"This should not have happened: {type(error).__name__}: {error}\n"
        "Run `crmlib doctor`. With the environment variable CRMLIB_DEBUG=1 you see where it was."
    )


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="crmlib",
        description="A course in customer relationship analytics.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_doctor, _add_lab, _add_run, _add_release, _add_grade):
        add(commands)
    args, extra = parser.parse_known_args(argv)
    if extra and args.command is not lab:
        parser.error(f"unknown arguments: {' '.join(extra)}")
    args.extra = extra
    return args


def _add(commands, function, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        function.__name__, help=summary, description=summary, allow_abbrev=False
    )
    parser.set_defaults(command=function, usage=parser.error)
    return parser


def _add_doctor(commands) -> None:
    _add(commands, doctor, "Check that this computer is ready for the course.")


def _add_lab(commands) -> None:
    parser = _add(commands, lab, "Open the course in JupyterLab. More options go on to Jupyter.")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=int, help="instead of 8888 or the next free one")
    parser.add_argument("--data", metavar="DIR", help="another class set of the running case")


def _add_run(commands) -> None:
    parser = _add(commands, run, "Run a worked example, on your own data if you like.")
    parser.add_argument("notebook", help="such as 2.5, its name, or a path")
    parser.add_argument(
        "--data", metavar="FILE", help="transaction log: .csv, .tsv (.gz), .parquet"
    )
    parser.add_argument("--customer", metavar="COLUMN", help="the column with the customer's id")
    parser.add_argument("--date", metavar="COLUMN", help="the column with the date of purchase")
    parser.add_argument("--amount", metavar="COLUMN", help="the column with the amount paid")
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="such as %%m/%%d/%%Y or %%d.%%m.%%y"
    )
    parser.add_argument("--unit", choices=["day", "week", "month", "year"], help="of time")
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="set a parameter"
    )
    parser.add_argument("--out", metavar="DIR", default="results", help="where results go")


def _add_release(commands) -> None:
    _add(commands, release, "Make the student copies of the exercises from the instructor's.")


def _add_grade(commands) -> None:
    parser = _add(commands, grade, "Grade a folder of submissions.")
    parser.add_argument("submissions", metavar="SUBMISSIONS", help="one folder for each student")
    parser.add_argument("--out", metavar="DIR", required=True, help="where marks and feedback go")
    parser.add_argument("--timeout", type=int, default=60, metavar="S", help="seconds for a cell")


# doctor and lab


def doctor(args: argparse.Namespace) -> int:
    """Print one line for each check; 0 when the course can be used."""
    from crmlib.doctor import examine

    problems = 0
    for finding in examine(_course()):
        print(finding)
        problems += finding.level == "problem"
    print(f"{problems} to put right." if problems else "Ready: uv run crmlib lab")
    return 1 if problems else 0


def lab(args: argparse.Namespace) -> int:
    """Serve the course folder in JupyterLab, opened at its first notebook, without a network."""
    course = _course()
    data = args.data or os.environ.get("CRMLIB_DATA")
    if data:
        os.environ["CRMLIB_DATA"] = str(_folder(data))  # the kernels inherit it, elsewhere
    _calm_jupyter()
    _warn_of_damaged_data(course)
    os.chdir(course)  # nbgrader's extension expects its course where Jupyter starts
    from jupyterlab.labapp import LabApp

    print(f"The course is in {course}. Stop with Ctrl+C.", flush=True)
    LabApp.launch_instance(_lab_options(course, args))
    return 0


def _calm_jupyter() -> None:
    """Keep JupyterLab from asking about news, and from showing tools that no student needs."""
    there = os.environ.get("JUPYTER_CONFIG_PATH")
    ours = str(Path(__file__).parent / "jupyter")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([ours, *([there] if there else [])])


def _lab_options(course: Path, args: argparse.Namespace) -> list[str]:
    options = [
        f"--ServerApp.root_dir={course}",
        f"--LabApp.default_url=/lab/tree/{START}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if args.no_browser:
        options.append("--no-browser")
    if args.port is not None:
        options.append(f"--port={args.port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container there is nobody else
        options.append("--allow-root")
    return options + args.extra


def _warn_of_damaged_data(course: Path) -> None:
    from crmlib.doctor import data, guarded

    for finding in guarded(data, course):
        if finding.level != "ok":
            print(finding, file=sys.stderr)


def _course() -> Path:
    if not (COURSE / "notebooks").is_dir():
        raise Refusal(
            "crmlib is installed without the course. Get the whole folder, with notebooks/ and "
            "datasets/, and run `uv run crmlib` inside it."
        )
    return COURSE


def _folder(path: str) -> Path:
    folder = Path(path).resolve()
    if not folder.is_dir():
        raise Refusal(f"There is no folder {folder}.")
    return folder


# run


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
    stem = path.name.removesuffix(".ipynb")
    number = re.fullmatch(r"(\d+)[._](\d+)", stem)
    stem = f"{number[1]}_{number[2]}_*" if number else stem
    everything = sorted((_course() / "notebooks").rglob("*.ipynb"))
    everything = [path for path in everything if ".ipynb_checkpoints" not in path.parts]
    found = [path for path in everything if path.match(f"{stem}.ipynb")]
    if len(found) == 1:
        return found[0]
    names = "\n".join(f"  {path.stem}" for path in found or everything)
    problem = "is more than one notebook" if found else "is not a notebook of the course"
    raise Refusal(f"{name} {problem}. Choose from:\n{names}")


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
        raise Refusal(
            f"{notebook.name} takes no parameters, so it cannot run on other data: it has no cell "
            "tagged `parameters`. Open it with `crmlib lab` instead."
        )
    if unknown := sorted(wanted - set(known)):
        raise Refusal(
            f"{notebook.name} has no parameter {', '.join(unknown)}. It has: {', '.join(known)}."
        )


def _prepare_log(args: argparse.Namespace, out: Path) -> Path:
    from crmlib.errors import DataError
    from crmlib.logs import check_log
    from crmlib.tables import read_table, write_log

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
        raise Refusal(f"{error}\nEverything found is listed in {problems}{rows}.") from error
    customers = log["customer_id"].nunique()
    print(f"Read {len(log):,} purchases of {customers:,} customers ({table.attrs['read_as']}).")
    write_log(log, out / "log.csv")
    return out / "log.csv"


def _execute(notebook: Path, target: Path, parameters: dict) -> None:
    import papermill

    try:
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
        raise Refusal(
            f"{notebook.name} stopped at its cell [{error.exec_count}].\n"
            f"{error.ename}: {error.evalue}\nThe notebook up to there: {target}"
        ) from error


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


# for instructors


def release(args: argparse.Namespace) -> int:
    """Make the student copies of every exercise."""
    from crmlib import grading

    for path in grading.release():
        print(path)
    return 0


def grade(args: argparse.Namespace) -> int:
    """Grade submissions; leave marks, feedback and what is to be marked by hand."""
    from crmlib import grading

    grading.grade(_folder(args.submissions), Path(args.out).resolve(), timeout=args.timeout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
