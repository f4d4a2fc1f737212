"""Time one import statement in a fresh process: ``python import_time.py "import pandas"``."""

import json
import sys
from time import perf_counter

start = perf_counter()
exec(sys.argv[1])
elapsed = perf_counter() - start

try:
    with open("/proc/self/status", encoding="utf-8") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
except OSError:
    peak = None
print(json.dumps({"time": elapsed, "peak": peak}))
