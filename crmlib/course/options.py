"""What a run was told: options of the command line and of a TOML file, as parameters of a notebook."""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

from crmlib.course import places

# options that set a parameter of the notebook, by its name there
SET = {"unit": "UNIT", "margin": "MARGIN", "rate": "RATE", "horizon": "HORIZON", "cost": "COST"}
CHOICES = {
    "decimal": ("comma", "point"),
    "refunds": ("refuse", "net", "drop"),
    "missing_ids": ("refuse", "drop"),
    "engine": ("duckdb", "spark"),
    "unit": ("day", "week", "month", "year"),
}
MARGINS = "margins.csv"  # where the margins of a column lie, a row for each customer


def number_or_column(text: str) -> float | str:
    """Read ``0.3`` as a number, anything else as the name of a column."""
    try:
        return float(text)
    except ValueError:
        return text


def names(told: str | list[str] | None) -> list[str]:
    """Give the names in ``a, b,c``, or in a list of a TOML file.

    >>> names("a, b,c"), names(["a"]), names(None)
    (['a', 'b', 'c'], ['a'], [])
    """
    told = told if isinstance(told, list) else (told or "").split(",")
    return [name.strip() for name in told if name.strip()]


def fill(args: argparse.Namespace) -> None:
    """Take from the TOML file what the command line leaves open; a path in it is of its folder."""
    if args.config is None:
        return
    from crmlib.validate import nearest  # pandas comes with it; `crmlib --help` needs none

    path = Path(args.config)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise places.Refusal(
            f"{path.name} is not TOML: {error}. Write lines such as rate = 0.1."
        ) from None
    parameters = told.pop("param", {})
    dests = {name: name.replace("-", "_") for name in told}
    can = sorted(
        set(vars(args)) - {"command", "usage", "passes_on", "extra", "config", "notebook", "check"}
    )
    for name in [name for name, dest in dests.items() if dest not in can]:
        near = nearest(dests[name], can)
        hint = f" Did you mean {near}?" if near else ""
        raise places.Refusal(
            f"{path.name} sets {name}, which is no option.{hint} Options: {', '.join(can)}."
        )
    for name, value in told.items():
        if dests[name] in CHOICES:
            _one_of(value, CHOICES[dests[name]], name, path)
        if name in ("data", "attributes", "out"):
            value = str(path.parent / value)
        if getattr(args, dests[name]) in (None, []):
            setattr(args, dests[name], value)
    named = {text.partition("=")[0] for text in args.param}
    args.param += [f"{k}={json.dumps(v)}" for k, v in parameters.items() if k not in named]


def _one_of(value: object, allowed: tuple[str, ...], name: str, path: Path) -> None:
    from crmlib.validate import choice

    try:
        choice(value, allowed, name)
    except ValueError as error:
        raise places.Refusal(f"{path.name}: {error}") from None


def parameters(args: argparse.Namespace) -> dict[str, object]:
    """Give what was set, by the notebook's names."""
    told = dict(_literal(text, args.usage) for text in args.param)
    for option, name in SET.items():
        if (value := getattr(args, option)) is not None:
            told[name] = MARGINS if isinstance(value, str) and option == "margin" else value
    return told


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


def check(notebook: str, known: dict, told: dict, needed: list[str]) -> None:
    """Refuse a parameter that the notebook has not, and words where it wants a number."""
    if unknown := sorted({*told, *needed} - set(known)):
        raise places.Refusal(
            f"{notebook} has no parameter {', '.join(unknown)}. It has: {', '.join(known)}."
        )
    for name, value in told.items():
        usual, meaning = known[name]["value"], known[name]["help"]
        if value == MARGINS and name == "MARGIN":
            if "column" not in meaning:
                raise places.Refusal(
                    f"{notebook} takes one margin for all, a number such as {usual}; "
                    "`crmlib run value` takes a column."
                )
        elif _is_number(usual) and not _is_number(value):
            raise places.Refusal(f"{name} is a number, such as {usual}, not {value!r}.")
        _within(name, usual, value)


def _within(name: str, usual: object, value: object) -> None:
    """Refuse a number that cannot be meant: a margin of 30 is 0.3."""
    from crmlib import validate

    limits = {
        "MARGIN": validate.share,
        "RATE": validate.rate,
        "HORIZON": validate.positive,
        "COST": lambda value, name: validate.positive(value, name, zero=True),
        "CALLS": lambda value, name: validate.whole_number(value, name, least=0),
        "UNIT": lambda value, name: validate.choice(value, CHOICES["unit"], name),
    }
    if name in limits and isinstance(usual, int | float | str) and value != MARGINS:
        try:
            limits[name](value, name)
        except ValueError as error:
            raise places.Refusal(str(error)) from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
