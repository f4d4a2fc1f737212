"""A reader's own survey on its way into a run: read, checked, forms that do not count set aside."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pandas as pd

from crmlib import validate
from crmlib.course import places
from crmlib.course.advice import refusal
from crmlib.course.doctor import undrawn
from crmlib.course.intake import asked_of, of_another_kind, set_aside
from crmlib.course.options import names
from crmlib.course.reports.satisfaction import FEWEST, judged
from crmlib.course.reports.words import times
from crmlib.course.tables import read_table
from crmlib.errors import DataError, find, refuse, whole
from crmlib.logs.files import write_table

ROLES = (
    "overall",
    "weights",
    "group",
    "wave",
    "respondent",
)  # what a column may be, beside an item
_MOST_WORDS = 12  # on a scale
SCALE = re.compile(r"(-?\d+)\s*(?:-|to|\.\.)\s*(-?\d+)")


def scale(told: str | list[str]) -> tuple[float, float]:
    """Read the ends of a scale; answers in words have the places 1, 2, 3, ...

    >>> scale("1-10"), scale("0 to 10"), scale("bad, fair, good")
    ((1.0, 10.0), (0.0, 10.0), (1.0, 3.0))
    """
    if words := in_words(told):
        return 1.0, float(len(words))
    ends = SCALE.fullmatch(told.strip())
    if not ends or float(ends[1]) >= float(ends[2]):
        raise places.Refusal(
            f"--scale {told}: write its ends, the lower first, such as 1-10; or every answer in words, "
            "from the lowest to the highest, such as bad,fair,good."
        )
    return float(ends[1]), float(ends[2])


def in_words(told: str | list[str]) -> dict[str, int]:
    """Give the place of each answer in words on its scale; of a scale in numbers, none.

    >>> in_words("Bad, fair, good"), in_words("1-10")
    ({'bad': 1, 'fair': 2, 'good': 3}, {})
    """
    words = [word.casefold() for word in names(told)]
    if len(words) < 2:
        return {}
    if twice := [word for word in words if words.count(word) > 1]:
        raise places.Refusal(f"--scale names {twice[0]!r} twice.")
    return {word: place for place, word in enumerate(words, 1)}


def answers(table: pd.DataFrame, told: str | list[str]) -> pd.DataFrame:
    """Read answers on one scale as numbers: by their places, where it is in words."""
    words = in_words(told)
    columns = {name: _read(column, words) for name, column in table.items()}
    odd = {
        name: column.notna() & columns[name].isna() & (column.astype("str").str.strip() != "")
        for name, column in table.items()
    }
    said = pd.concat([table[name][bad].astype("str").str.strip() for name, bad in odd.items()])
    problems = [find(table[name], bad, _off(words)) for name, bad in odd.items()]
    refuse(problems, _advice(said, words))
    return pd.DataFrame(columns, table.index)


def _read(column: pd.Series, words: dict[str, int]) -> pd.Series:
    if not words and pd.api.types.is_numeric_dtype(column.dtype):
        return validate.numbers(column, str(column.name))
    text = column.astype("str").str.strip()
    read = text.str.casefold().map(words) if words else pd.to_numeric(text, errors="coerce")
    return read.where(column.notna()).astype("float64")


def _off(words: dict[str, int]) -> str:
    return "none of the answers that --scale names" if words else "text, not a number"


def _advice(text: pd.Series, words: dict[str, int]) -> str:
    """Say how answers in words are named."""
    kinds = list({word.casefold(): word for word in text.value_counts().index}.values())
    if words or len(kinds) > _MOST_WORDS:
        return "Leave empty what is no answer; correct the others."
    ways = '--scale "LOWEST,...,HIGHEST"'
    if any("," in word for word in kinds):
        ways = 'in a --config file, as some hold a comma: scale = ["LOWEST", "...", "HIGHEST"]'
    return (
        f"The answers are in words: {' | '.join(kinds)}. Name them from the lowest to the highest, "
        f"{ways}. What is no answer (not applicable, do not know) stays empty."
    )


def _whole(args: argparse.Namespace) -> str | list[str]:
    """Give the scale of the overall rating: that of the items, if no other was named."""
    return getattr(args, "overall_scale", None) or args.scale


def _without_questions(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out the rows in which Qualtrics repeats its questions below the header."""
    told = table.head(3).apply(
        lambda row: row.astype("str").str.contains('{"ImportId"', regex=False)
    )
    if not told.any(axis=None):
        return table, []
    rows = int(told.any(axis=1).to_numpy().nonzero()[0][0]) + 1
    said = f"{times(rows, 'row', 'rows')} below the header are Qualtrics' questions, and left out"
    return table.iloc[rows:], [said]


def checked(args: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Read a survey by the options given; return it, what was set aside, and what is in doubt."""
    roles = {role: getattr(args, role) for role in ROLES if getattr(args, role, None)}
    asked = names(args.items)
    _refuse_names(asked, roles)
    kind = asked_of(args)
    columns = [*asked, *roles.values(), *kind]
    as_text = [roles[role] for role in ("group", "wave", "respondent") if role in roles] + kind
    table = read_table(
        args.data, columns, text=as_text, encoding=args.encoding, part=getattr(args, "table", None)
    )
    said, read_as = table.attrs["doubts"], table.attrs["read_as"]
    table, questions = _without_questions(table)
    said += questions
    everything, other = table, of_another_kind(table, getattr(args, "only", None))
    table = table[other == ""]
    rated = [*asked, *([roles["overall"]] if "overall" in roles else [])]
    numbers = answers(table[asked], args.scale)
    if "overall" in roles:
        numbers = numbers.join(answers(table[[roles["overall"]]], _whole(args)))
    ends = dict.fromkeys(rated, scale(args.scale)) | {roles.get("overall"): scale(_whole(args))}
    if in_words(args.scale):
        ladder = [f"{place} {word}" for place, word in enumerate(names(args.scale), 1)]
        said.append(f"answers in words are read as {', '.join(ladder)}")
    off = {c: numbers[c].notna() & ~numbers[c].between(*ends[c]) for c in rated}
    refuse(
        [
            find(table[c], bad, "off the scale {:g} to {:g}".format(*ends[c]))
            for c, bad in off.items()
        ],
        "Correct them, or name the scale that was asked with --scale. 0 or 99 often means *no answer* "
        "or *not applicable*: leave those empty.",
    )
    survey = numbers.rename(columns={roles.get("overall"): "overall"})
    for role in set(roles) - {"overall"}:
        survey[role] = table[roles[role]]
    if "weights" in roles:
        survey["weights"] = _weights(survey["weights"])
    said += _waves(survey["wave"]) if "wave" in survey else []
    reason = _reasons(survey, asked)
    reason = other.mask(other == "", reason.reindex(other.index))
    aside = set_aside(everything, reason)
    said += [
        f"{times(n, 'form was', 'forms were')} set aside: {why}"
        for why, n in reason[reason != ""].value_counts().items()
    ]
    survey = survey[reason[survey.index] == ""]
    if survey.empty:
        raise DataError(find(reason, reason != "", "does not count"), "No form is left.")
    said += _oddities(survey, asked)
    survey = survey.reset_index(drop=True)
    survey.attrs["read_as"] = read_as
    return survey, aside, said


def _oddities(survey: pd.DataFrame, asked: list[str]) -> list[str]:
    """Say what a survey is allowed to be, and what its figures cannot show."""
    said = []
    same = survey[asked].min(axis=1) == survey[asked].max(axis=1)
    alike = same & (survey[asked].count(axis=1) > 2)
    if alike.any():
        said.append(
            f"{times(int(alike.sum()), 'form has', 'forms have')} the same answer to every item; kept "
            "(notebook 1.2)"
        )
    holes = survey[asked].isna().sum()
    said += [
        f"{times(n, 'form lacks', 'forms lack')} an answer to {item}"
        for item, n in holes[holes > 0].items()
    ]
    if signs := undrawn(asked):
        said.append(
            f"figures show boxes for {signs[:8]}, for this computer has no font with such signs; Noto "
            "Sans CJK SC is one, and free"
        )
    return said


def _refuse_names(asked: list[str], roles: dict[str, str]) -> None:
    """Refuse an item that is named twice, or as a report names something else."""
    for name in asked:
        if asked.count(name) > 1 or name == roles.get("overall"):
            raise places.Refusal(f"{name} is named twice in --items and --overall. Take one out.")
        if name in (*ROLES, "rating"):
            raise places.Refusal(
                f"The report has a column {name} of its own. Rename this item: {name}_1, say."
            )


def _waves(waves: pd.Series) -> list[str]:
    """Say in which order the waves are taken."""
    order = judged(waves)
    few = waves.nunique() - len(order)
    said = [f"{times(few, 'wave has', 'waves have')} fewer than {FEWEST} forms; not compared"]
    if len(order) < 2:
        return said * bool(few)
    latest = ", ".join(order[-4:])
    return [
        f"of {len(order)} waves the last are, in this order, {latest}; if they came in another, name "
        "them so that they sort, such as 2025-01",
        *said * bool(few),
    ]


def _weights(weights: pd.Series) -> pd.Series:
    numbers = _read(weights, {})
    refuse([find(weights, ~(numbers >= 0), "negative or missing")], "A weight is zero or more.")
    return numbers


def _reasons(survey: pd.DataFrame, asked: list[str]) -> pd.Series:
    """Give each form the reason why it does not count, or nothing."""
    reason = pd.Series("", survey.index)
    if "weights" in survey:
        reason[survey["weights"] == 0] = "its weight is 0"
    reason[survey[asked].isna().all(axis=1)] = "no item is answered"
    if "respondent" in survey:
        keys = [c for c in ("respondent", "wave") if c in survey]
        twice = survey.duplicated(keys) & survey["respondent"].notna()
        reason[twice & (reason == "")] = "sent a second time by the same respondent"
    if "wave" in survey:
        reason[survey["wave"].isna() & (reason == "")] = "no wave"
    return reason


def prepare(args: argparse.Namespace, folder: Path) -> tuple[Path, list[str]]:
    """Check the reader's survey, leave it in `folder`; return where, and what to know about it."""
    try:
        survey, aside, said = checked(args)
        if len(survey) < FEWEST:
            few = whole(
                None, f"{times(len(survey), 'form counts', 'forms count')}, {FEWEST} are needed"
            )
            raise DataError(few, "Fewer say nothing of those who were not asked. Collect more.")
    except DataError as error:
        if isinstance(args.items, str) and "no such column" in str(error):
            parted = (
                "--items parts names at commas; one that holds a comma goes into a --config file."
            )
            error = DataError(error.problems, f"{error.advice} {parted}")
        raise refusal(error, args, folder) from error
    forms = times(len(survey), "form", "forms")
    read = f"Read {forms} ({survey.attrs['read_as']}) of {Path(args.data).name}."
    facts = [read, *(f"Note: {text}." for text in said)]
    print(*facts, sep="\n")
    if len(aside):
        write_table(aside.rename_axis("row"), folder / "set_aside.csv")
    write_table(survey, folder / "survey.csv", index=False)
    return folder / "survey.csv", facts


def given(args: argparse.Namespace, file: Path) -> dict[str, object]:
    """Give the parameters by which a notebook finds the survey."""
    return {"SURVEY": file.name, "ITEMS": names(args.items), "SCALE": list(scale(_whole(args)))}
