"""What the library says to those who write Python, said to those who write options."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from crmlib.course import places
from crmlib.errors import DataError
from crmlib.logs.files import write_table

SQL = {"DATE": "date", "DOUBLE": "number", "VARCHAR": "text"}  # in words

IN_OPTIONS = [
    (r" \(see the exception's \.problems\)", ""),
    (
        r"Convert the column with pandas\.to_numeric, and see what it cannot read\.",
        "Write numbers, with a point before decimals; give each answer in words its place on the scale.",
    ),
    (r"crm\.check_log\(\.\.\., date_format='?(.*?)'?\)", r'--date-format "\1"'),
    (r"date_format='([^']*)'", r'--date-format "\1"'),
    (r"pd\.to_datetime\(column.*?\) makes dates of them", "--date-format excel reads them"),
    (r"pd\.to_datetime\(log.*\.\.\.\)", "write them all in one where the file is made"),
    (r": pd\.read_csv\(\.\.\., decimal=.*?\)", ": say so with --decimal comma"),
    (r"Read them as text: pd\.read_csv\(.*?\)", "Store them as text in the file"),
    (
        r"Cast (.*?) in its engine: CAST\(.*? AS (\w+)\) in SQL\.",
        lambda found: (
            f"With --engine the file must know types: write that column as {SQL[found[2]]}."
        ),
    ),
    (r"on another day: SPLIT\.", "on another day: --param SPLIT=2024-06-30, say."),
    (
        r"Take currency signs and thousands marks out of the amounts, and read them as numbers\.",
        "Write all amounts in one way, with one sign of money or none.",
    ),
    (r"Complete the dates, or set those rows aside\.", "Complete the dates, or delete those rows."),
    (
        r"Complete the amounts \(0 is allowed\)\.",
        "Complete the amounts (0 is allowed), or keep only the rows that are purchases, where a column "
        "tells: --only Status=Paid, say.",
    ),
    (
        r"Set purchases of unknown customers aside\.",
        "Set purchases of unknown customers aside: --missing-ids drop.",
    ),
    (
        r"Net each refund against the purchase it undoes, or set the refunds aside\.",
        "Net each refund against the purchase it undoes, --refunds net, or set the refunds aside, "
        "--refunds drop.",
    ),
]


def in_options(text: str) -> str:
    """Say in options what the library says in Python."""
    for pattern, words in IN_OPTIONS:
        text = re.sub(pattern, words, text)
    return text


def note(doubt: str) -> str:
    """Write down what is in doubt."""
    text = in_options(doubt).rstrip(".")
    return f"Note: {text}{'' if text.endswith('?') else '.'}"


def refusal(error: DataError, args: argparse.Namespace, folder: Path) -> places.Refusal:
    """Make the refusal of a file, to be raised; leave every problem in ``problems.csv``."""
    write_table(error.problems, folder / "problems.csv", index=False)
    numbered = str(args.data).lower().endswith((".parquet", ".duckdb", ".db"))
    rows = "" if numbered else " (the header of your file is row 1)"
    all_found = f"Everything found is listed in problems.csv{rows}."
    said = in_options(str(error))
    if getattr(args, "date_format", None):
        said = re.sub(
            r"No one way of .*? reads 13/02/2024\.", "Correct or delete those rows.", said
        )
    if getattr(args, "engine", None):  # which cannot net refunds
        said = re.sub(r"Net each refund .* or set the refunds", "Set the refunds", said)
    if getattr(args, "check", False):
        table = error.problems.to_string(index=False, max_rows=200)
        return places.Refusal(f"All that was found{rows}:\n{table}\n\n{said}")
    return places.Refusal(f"{said}\n{all_found}")
