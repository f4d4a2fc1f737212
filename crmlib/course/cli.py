"""The course from the command line: ``crmlib doctor | lab | book | reset | run | release | grade``.

Heavy imports stand inside the commands, so that ``crmlib --help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name

from crmlib.course import places


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 could not be done, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console without Chinese shows ?, and goes on
            stream.reconfigure(errors="replace")
    args = _parse(argv)
    try:
        return resolve_name(f"crmlib.course.{args.command}")(args)
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

    if isinstance(error, places.Refusal | DataError | FileNotFoundError):
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
    for add in (
        *(_add_doctor, _add_lab, _add_book, _add_reset, _add_run),
        *(_add_release, _add_grade, _add_pack),
    ):
        add(commands)
    args, extra = parser.parse_known_args(argv)
    if extra and not args.passes_on:
        parser.error(f"unknown arguments: {' '.join(extra)}")
    args.extra = extra
    return args


def _add(commands, command: str, summary: str) -> argparse.ArgumentParser:
    """Add a command; `command` names its function within this package: ``"lab:lab"``."""
    name = command.partition(":")[2]
    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    parser.set_defaults(command=command, usage=parser.error, passes_on=False)
    return parser


def _add_doctor(commands) -> None:
    _add(commands, "cli:doctor", "Check that this computer is ready for the course.")


def _add_lab(commands) -> None:
    parser = _add(
        commands, "lab:lab", "Open the course in JupyterLab. More options go on to Jupyter."
    )
    parser.set_defaults(passes_on=True)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=int, help="instead of 8888 or the next free one")
    parser.add_argument("--data", metavar="DIR", help="another class set of the running case")
    parser.add_argument(
        "--course",
        action="store_true",
        help="for authors and teachers: the course itself, not copies",
    )


def _add_book(commands) -> None:
    parser = _add(commands, "book:book", "Build the course as a book, and open it.")
    parser.add_argument(
        "--out", metavar="FOLDER", help="where it goes; build/book/html, if not said"
    )
    parser.add_argument("--no-browser", action="store_true", help="only say where it is")
    parser.add_argument(
        "--pdf", action="store_true", help="also a PDF of each chapter (by Chromium)"
    )
    parser.add_argument(
        "--gettext", action="store_true", help="only list its texts, for a translation"
    )


def _add_reset(commands) -> None:
    parser = _add(commands, "copies:reset", "Bring a notebook back as it came; yours is kept.")
    parser.add_argument("notebook", help="such as 2.4, or its name")
    parser.add_argument("--exercise", action="store_true", help="the exercises of that number")


def _add_run(commands) -> None:
    from crmlib.course.options import CHOICES, number_or_column

    parser = _add(
        commands, "run:run", "Run a report or a worked example, on your own data if you like."
    )
    parser.add_argument(
        "notebook", help="a report (value, loyalty, segments, satisfaction), or such as 2.5"
    )
    for option, metavar, meaning in (
        (
            "--data",
            "FILE",
            "transaction log: .csv, .tsv (.gz), .xlsx, .parquet (or a folder), .duckdb",
        ),
        ("--table", "NAME", "the sheet of a workbook, the table of a database"),
        ("--customer", "COLUMN", "the column with the customer's id"),
        ("--date", "COLUMN", "the column with the date of purchase"),
        ("--amount", "COLUMN", "the column with the amount paid, or such as Price*Quantity"),
        (
            "--date-format",
            "FORMAT",
            "such as %%m/%%d/%%Y or %%d.%%m.%%y; excel for day numbers, unix for seconds since 1970",
        ),
        ("--only", "COLUMN=A,B,...", "the rows that count, such as Status=Paid"),
        ("--encoding", "NAME", "of a text file, such as gb18030, big5 or latin-1"),
        ("--config", "FILE", "a TOML file with these options"),
        (
            "--attributes",
            "FILE",
            "for segments: a table with what is known of customers, by their id",
        ),
        ("--traits", "A,B,...", "its columns to use, such as city,source"),
        ("--items", "A,B,...", "of a survey: the columns with the answers, parted by commas"),
        ("--scale", "LOW-HIGH", "of a survey: its ends, such as 1-10, or bad,fair,good"),
        ("--overall", "COLUMN", "of a survey: the rating of the whole"),
        ("--overall-scale", "LOW-HIGH", "of that rating, where it is not that of the items"),
        ("--weights", "COLUMN", "of a survey: how many customers a form stands for"),
        ("--group", "COLUMN", "of a survey: what groups to compare"),
        ("--wave", "COLUMN", "of a survey: when it was asked; waves are compared in their order"),
        ("--respondent", "COLUMN", "of a survey: who answered"),
    ):
        parser.add_argument(option, metavar=metavar, help=meaning)
    for option, meaning in (
        ("decimal", "what marks the decimals of amounts, where it is in doubt"),
        ("refunds", "negative amounts: stop, take them off purchases before, or set aside"),
        ("missing_ids", "rows without a customer: stop, or set aside"),
        ("engine", "for value: what reads Parquet that memory does not hold"),
        ("unit", "of time"),
    ):
        parser.add_argument(f"--{option.replace('_', '-')}", choices=CHOICES[option], help=meaning)
    margin = "share of the amount that is earned: a number, or a column"
    parser.add_argument("--margin", type=number_or_column, metavar="M", help=margin)
    for option, meaning in (
        ("--rate", "interest, a share a year"),
        ("--horizon", "how far to look ahead, in units of time"),
        ("--cost", "what the notebook calls COST: of an offer, or of winning a customer"),
    ):
        parser.add_argument(option, type=float, metavar="X", help=meaning)
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="such as RATE=0.12"
    )
    parser.add_argument("--check", action="store_true", help="say what would be used, and stop")
    parser.add_argument("--out", metavar="DIR", help="where results go; results, if not said")


def _add_release(commands) -> None:
    parser = _add(
        commands, "cli:release", "Make the student copies of the exercises from the instructor's."
    )
    parser.add_argument(
        "--exam", metavar="DIR", help="a folder to hand out for an exam, and one for the instructor"
    )
    parser.add_argument(
        "--sets", metavar="A,B,...", help="of an exam: which sets, such as 2.4,3.1; all if not said"
    )


def _add_pack(commands) -> None:
    says = "Write the instructor's pack: syllabus, map, usual mistakes, questions, slides."
    parser = _add(commands, "cli:pack", says)
    parser.add_argument("--out", metavar="DIR", required=True, help="where the pack goes")
    parser.add_argument(
        "--data", metavar="DIR", help="a class set: the rubrics' numbers for it, too"
    )


def _add_grade(commands) -> None:
    parser = _add(commands, "cli:grade", "Grade a folder of submissions.")
    parser.add_argument("submissions", metavar="SUBMISSIONS", help="one folder for each student")
    parser.add_argument("--out", metavar="DIR", required=True, help="where marks and feedback go")
    parser.add_argument("--timeout", type=int, default=60, metavar="S", help="seconds for a cell")
    parser.add_argument("--exam", metavar="DIR", help="the folder that `release --exam` made")
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run the students' code also where this computer can put no wall around it",
    )


def doctor(args: argparse.Namespace) -> int:
    """Print one line for each check; 0 when the course can be used."""
    from crmlib.course.doctor import examine

    problems = 0
    for finding in examine(places.course()):
        print(finding)
        problems += finding.level == "problem"
    print(f"{problems} to put right." if problems else "Ready: uv run crmlib lab")
    return 1 if problems else 0


def release(args: argparse.Namespace) -> int:
    """Make the student copies of every exercise, or an exam."""
    from crmlib.course import grading

    if args.exam:
        print(grading.exam.prepare(Path(args.exam).resolve(), sets=args.sets))
        return 0
    if args.sets:
        args.usage("--sets goes with --exam")
    for path in grading.release():
        print(path)
    return 0


def pack(args: argparse.Namespace) -> int:
    """Write what an instructor teaches with; say what was written."""
    from crmlib.course import pack

    data = places.folder(args.data) if args.data else None
    print("\n".join(pack.make(Path(args.out).resolve(), data)))
    return 0


def grade(args: argparse.Namespace) -> int:
    """Grade submissions; leave marks, feedback and what is to be marked by hand."""
    from crmlib.course import grading

    submissions, out = places.folder(args.submissions), Path(args.out).resolve()
    options = {"timeout": args.timeout, "trust": args.trust}
    if args.exam:
        grading.exam.grade(places.folder(args.exam), submissions, out, **options)
    else:
        grading.grade(submissions, out, **options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
