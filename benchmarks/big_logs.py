"""Write logs of any length as Parquet: the benchmark's shop, in parts of ten million rows.

``python big_logs.py 100_000_000 FOLDER``: customers number from 1, rows stand in the order of time, as a
shop would have written them. A part is simulated by numpy; DuckDB brings the parts into one order.
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
    parts = [folder / f"part_{seed}.parquet" for seed in range((rows - 1) // PART + 1)]
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder)}) as base:
        before = 0
        for seed, part in enumerate(parts):
            size = min(PART, rows - seed * PART)
            log = pd.DataFrame(simulate.log(size, seed))
            log["customer_id"] += before
            before = int(log["customer_id"].max())
            base.register("log", log)
            base.execute(f"COPY log TO '{part}'")
            base.unregister("log")
            del log
        who = "'C' || lpad(customer_id::VARCHAR, 9, '0') AS customer_id" if text else "customer_id"
        files = [str(part) for part in parts]
        query = f"SELECT {who}, date::DATE AS date, amount FROM read_parquet({files}) ORDER BY date"
        base.execute(f"COPY ({query}) TO '{path}'")
    for part in parts:
        part.unlink()
    return path


if __name__ == "__main__":
    print(write(int(sys.argv[1]), Path(sys.argv[2])))
