"""Write logs of any length as Parquet, in the order of time, as a shop would have written them.

``python big_logs.py 100_000_000 FOLDER`` simulates up to ten million rows; a longer log is that of as
many shops as it takes, put together in DuckDB: other customers, prices a tenth higher from shop to shop,
and each shop's calendar a day earlier, so that histories and amounts differ.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pandas as pd
import simulate

PART = 10_000_000
MEMORY = "4GB"


def write(rows: int, folder: Path, *, text: bool = False) -> Path:
    """Write `rows` lines to one Parquet file in `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"log_{rows}{'_text' * text}.parquet"
    shops, left = divmod(rows, PART)
    if shops and left:
        raise ValueError(f"rows beyond {PART:,} come in multiples of it, not {rows:,}")
    shop = pd.DataFrame(simulate.log(min(rows, PART), 1))
    customers = int(shop["customer_id"].max())
    who = f"customer_id + {customers} * k"
    who = f"'C' || lpad(({who})::VARCHAR, 9, '0')" if text else who
    query = f"""
        SELECT {who} AS customer_id, date::DATE - k::INTEGER AS date,
            round(amount * (1 + k / 10), 2) AS amount
        FROM shop, range({max(shops, 1)}) AS shops(k)
        ORDER BY date
    """
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder)}) as base:
        base.register("shop", shop)
        base.execute(f"COPY ({query}) TO '{path}'")
    return path


if __name__ == "__main__":
    print(write(int(sys.argv[1].replace("_", "")), Path(sys.argv[2])))
