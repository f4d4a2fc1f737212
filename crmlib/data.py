"""The course's datasets: checked against their checksums, typed by their dictionary.

Two folders hold tables, each with a ``datapackage.json`` (Frictionless Data Package) that says what
every column means: ``datasets/`` the real data, ``datasets/shihu/`` the running case. The
environment variable ``CRMLIB_DATA`` names a folder that takes the place of the second one, so that
a class can work on tables of its own; a relative path may also be one within the course's folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path

import pandas as pd

from crmlib import paths
from crmlib.errors import DataError, whole

_DTYPES = {
    "string": "str",
    "date": "str",  # read as text first, so that pandas has nothing to guess
    "datetime": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
}


def load(name: str) -> pd.DataFrame:
    """Load one of the course's tables.

    Parameters
    ----------
    name : str
        A name that :func:`describe` lists, such as ``"cdnow"`` or ``"shihu/orders"``.

    Returns
    -------
    DataFrame
        Columns as the dictionary types them: text stays text (leading zeros too), dates become
        datetimes. Whole numbers and true/false take pandas' nullable types only where some are
        missing.

    Raises
    ------
    DataError
        No table has that name, or its file is missing or was changed since it was shipped.

    Examples
    --------
    >>> log = load("cdnow_sample")
    >>> len(log), log["customer_id"].nunique()
    (6919, 2357)
    >>> log.head(2)
      customer_id       date  quantity  amount
    0       00004 1997-01-01         2   29.33
    1       00004 1997-01-18         2   29.73
    """
    folder, resource = _find(name)
    kinds = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    table = pd.read_csv(
        BytesIO(content(folder, resource)),
        dtype={column: _DTYPES[kind] for column, kind in kinds.items()},
        keep_default_na=False,  # only an empty cell is missing: "NA" may be somebody's name
        na_values=[""],
        encoding="utf-8",
    )
    return table.assign(**{column: _typed(table[column], kinds[column]) for column in table})


def describe(name: str | None = None) -> pd.DataFrame:
    """Say what tables there are, or what the columns of one table mean.

    Parameters
    ----------
    name : str, optional
        A table. Without it, the catalogue of all tables.

    Returns
    -------
    DataFrame
        The catalogue (``name, rows, columns, what, period, licence, source, used_in, flaws``), or
        the table's dictionary (``column, type, unit, meaning``). ``used_in`` lists the notebooks
        that load the table, by number.

    Raises
    ------
    DataError
        No table has that name.

    Examples
    --------
    >>> describe("cdnow")[["column", "type", "unit"]]
            column     type  unit
    0  customer_id   string
    1         date     date   day
    2     quantity  integer   CDs
    3       amount   number   USD
    """
    if name is None:
        path = paths.DATASETS / "used_in.json"
        use = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        catalogue = [_entry(name, resource, use) for name, (_, resource) in tables().items()]
        return pd.DataFrame(catalogue)
    _, resource = _find(name)
    return pd.DataFrame(
        {
            "column": field["name"],
            "type": field["type"],
            "unit": field.get("unit", ""),
            "meaning": field["description"],
        }
        for field in resource["schema"]["fields"]
    )


def truth() -> dict:
    """Read how the running case was made: what is hidden from the firm, and from every method.

    Returns
    -------
    dict
        ``parameters`` and ``settings`` of the simulation, and ``facts`` that follow from them in
        this run. With ``CRMLIB_DATA`` set, those of the class set.

    Raises
    ------
    DataError
        The file is not there.

    Examples
    --------
    >>> truth()["parameters"]["waiting"]["knee"]
    20.0
    """
    path = _folders()["shihu/"] / "truth.json"
    if not path.exists():
        problem, advice = no_class_set() or (
            f"{path.name} is missing",
            "Run Python from a full copy of the course.",
        )
        raise DataError(whole(None, problem), advice)
    return json.loads(path.read_text(encoding="utf-8"))


def _folders() -> dict[str, Path]:
    """Map the prefix of a table's name to the folder that holds it."""
    named = os.environ.get("CRMLIB_DATA")
    if not named:
        return {"": paths.DATASETS, "shihu/": paths.DATASETS / "shihu"}
    # A notebook runs in its own folder, where a relative path leads nowhere: try the course's.
    here = Path(named)
    return {"": paths.DATASETS, "shihu/": here if here.exists() else paths.COURSE / named}


def no_class_set() -> tuple[str, str] | None:
    """Say what is wrong, and what to do, when ``CRMLIB_DATA`` leads nowhere."""
    folder = _folders()["shihu/"]
    if not os.environ.get("CRMLIB_DATA") or (folder / "datapackage.json").exists():
        return None
    problem = f"CRMLIB_DATA names {folder}, which holds no class set (datapackage.json)"
    return problem, "Make one: python datasets/generate.py --seed 7 --out class_set"


def tables() -> dict[str, tuple[Path, dict]]:
    """Read the dictionaries: each table's name, its folder and its entry."""
    found = {}
    for prefix, folder in _folders().items():
        package = folder / "datapackage.json"
        if package.exists():
            resources = json.loads(package.read_text(encoding="utf-8"))["resources"]
            found |= {prefix + resource["name"]: (folder, resource) for resource in resources}
    return found


def _find(name: str) -> tuple[Path, dict]:
    known = tables()
    if name in known:
        return known[name]
    if str(name).startswith("shihu/") and (wrong := no_class_set()):
        raise DataError(whole(None, wrong[0]), wrong[1])
    searched = " and ".join(str(folder) for folder in _folders().values())
    if not known:
        advice = f"Looked in {searched}. Run Python from a full copy of the course."
        raise DataError(whole(None, "the course's datasets are not there"), advice)
    near = get_close_matches(str(name), known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    advice = f"{hint}crm.describe() lists every table (looked in {searched})."
    raise DataError(whole(None, f"there is no table named {name!r}"), advice)


def content(folder: Path, resource: dict) -> bytes:
    """Read a file and refuse it unless it is the very one that its dictionary describes."""
    path = folder / resource["path"]
    if folder != paths.DATASETS and os.environ.get("CRMLIB_DATA"):
        restore = "Generate the tables in the folder CRMLIB_DATA again"
    else:
        inside = path.relative_to(paths.DATASETS).as_posix()
        restore = f"Put the original back (for instance: git checkout -- datasets/{inside})"
    if not path.exists():
        raise DataError(whole(None, f"the file {path.name} is missing"), f"{restore}.")
    written = path.read_bytes()
    if f"sha256:{hashlib.sha256(written).hexdigest()}" != resource["hash"]:
        problem = (
            f"{path.name} is not the file the course was written with: its checksum differs, "
            "as happens when a spreadsheet opens and saves it"
        )
        advice = f"{restore}, and keep a table of your own under another name."
        raise DataError(whole(None, problem), advice)
    return written


def _typed(column: pd.Series, kind: str) -> pd.Series:
    if kind in ("date", "datetime"):
        return pd.to_datetime(column, format="%Y-%m-%d" if kind == "date" else "ISO8601")
    if kind in ("integer", "boolean") and not column.hasnans:
        return column.astype("int64" if kind == "integer" else "bool")
    return column


def _entry(name: str, resource: dict, use: dict[str, list[str]]) -> dict:
    return {
        "name": name,
        "rows": resource["rows"],
        "columns": len(resource["schema"]["fields"]),
        "what": resource["title"],
        "period": resource.get("period", ""),
        "licence": ", ".join(licence["name"] for licence in resource["licenses"]),
        "source": "; ".join(source["title"] for source in resource["sources"]),
        "used_in": ", ".join(use.get(name, [])),
        "flaws": " ".join(resource.get("flaws", [])),
    }
