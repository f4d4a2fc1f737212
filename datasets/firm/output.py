"""Write tables and their dictionary: the same bytes on every system."""

import hashlib
import json
from pathlib import Path

import pandas as pd

from .dictionary import LICENCE, SOURCE, TABLES
from .parameters import Parameters
from .seasons import END, START

_FORMATS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S"}


def write(tables: dict, settings: dict, facts: dict, p: Parameters, out: Path) -> None:
    """Write every table, ``truth.json`` and ``datapackage.json`` into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    resources = [_write_table(name, tables[name], out) for name in TABLES]
    package = {
        "name": "shihu",
        "title": "Shihu Garden (石斛园), the simulated firm of the course",
        "profile": "tabular-data-package",
        "licenses": [LICENCE],
        "sources": [SOURCE],
        "resources": resources,
    }
    _write_json(package, out / "datapackage.json")
    truth = {"parameters": p.as_dict(), "settings": settings, "facts": facts}
    _write_json(truth, out / "truth.json")


def _write_table(name: str, table: pd.DataFrame, out: Path) -> dict:
    title, fields = TABLES[name]
    if list(table) != list(fields):
        odd = set(table) ^ set(fields)
        raise ValueError(
            f"{name}: columns and dictionary differ in {sorted(odd)} or in their order"
        )
    content = _csv(table, fields)
    (out / f"{name}.csv").write_bytes(content)
    return {
        "name": name,
        "path": f"{name}.csv",
        "title": title,
        "profile": "tabular-data-resource",
        "format": "csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": len(table),
        "period": f"{START:%Y-%m-%d} to {END:%Y-%m-%d}",
        "licenses": [LICENCE],
        "sources": [SOURCE],
        "schema": {"fields": [_field(column, *entry) for column, entry in fields.items()]},
    }


def _field(column: str, kind: str, unit: str, description: str) -> dict:
    field = {"name": column, "type": kind, "description": description}
    return field | ({"unit": unit} if unit else {})


def _csv(table: pd.DataFrame, fields: dict) -> bytes:
    """Give the table as UTF-8 text with LF line ends, dates as ISO, true and false in words."""
    text = {c: _as_text(table[c], kind) for c, (kind, _, _) in fields.items()}
    frame = pd.DataFrame(text, columns=list(fields))
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _as_text(column: pd.Series, kind: str) -> pd.Series:
    column = column.reset_index(drop=True)
    if kind in _FORMATS:
        return column.dt.strftime(_FORMATS[kind])
    if kind == "integer":
        return column.astype("Int64")
    if kind == "boolean":
        return column.astype("boolean").map({True: "true", False: "false"}, na_action="ignore")
    return column


def _write_json(content: dict, path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    path.write_bytes(text.encode("utf-8"))
