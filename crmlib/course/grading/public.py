"""Public tables for an exam: a part of each, drawn by its seed, so that no published answer fits."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd

from crmlib import paths

_STAY = 0.8  # enough left for every method, and three digits differ
_UNITS = {  # what stays or goes as a whole; in other tables a row
    "cdnow": "customer_id",
    "cdnow_sample": "customer_id",  # the same customers as in cdnow
    "tuna": "household",
    "insteval": "student",
    "bank_calls": "start",  # by day
    "gehan": "pair",
    "febrl1": "person",
    "amazon_reviews": "review",
}
_COUNTS = {"donations": "donors", "housing": "freq"}  # a row stands for so many units


def draw(seed: int, to: Path) -> None:
    """Put four fifths of every public table, drawn by the seed, among the tables of a class set.

    There :func:`crmlib.load` finds them in the place of the shipped ones.
    """
    file = to / "datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    public = json.loads((paths.DATASETS / file.name).read_text(encoding="utf-8"))
    package["resources"] += [_drawn(one, seed, to) for one in public["resources"]]
    file.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _drawn(resource: dict, seed: int, to: Path) -> dict:
    table = pd.read_csv(paths.DATASETS / resource["path"], dtype="str", keep_default_na=False)
    table = _part(resource["name"], table, seed)
    content = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    (to / resource["path"]).write_bytes(content)
    return resource | {
        "prefix": "",  # its name is not one of the firm's tables
        "title": f"Four fifths, drawn for an exam, of: {resource['title']}",
        "rows": len(table),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def _part(name: str, table: pd.DataFrame, seed: int) -> pd.DataFrame:
    if name in _COUNTS:
        counts = table[_COUNTS[name]].astype(int)
        left = [
            sum(_stays(seed, name, f"{row} {one}") for one in range(n)) for row, n in counts.items()
        ]
        return table.assign(**{_COUNTS[name]: left})
    column = _UNITS.get(name)
    units = table[column].str[:10] if column else pd.Series(table.index, dtype="str")
    stay = {unit: _stays(seed, column or name, unit) for unit in units.unique()}
    return table[units.map(stay)]


def _stays(seed: int, of: str, unit: str) -> bool:
    """Say whether a unit stays: by a hash, so that it has one fate in every table."""
    digest = hashlib.blake2b(f"{seed} {of} {unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) < _STAY * 2**64
