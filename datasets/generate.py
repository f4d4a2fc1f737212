"""Make the running case: ``python datasets/generate.py --seed 7 --out class_set``.

The same seed gives the same bytes on every run. Seed 2026 is the one shipped in ``datasets/shihu``;
any other gives a class set of its own, to be used with the environment variable ``CRMLIB_DATA``.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from firm.output import write
from firm.parameters import Parameters
from firm.world import build, settings


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, simulate, write."""
    parser = argparse.ArgumentParser(
        description="Simulate Shihu Garden, the course's running case."
    )
    parser.add_argument("--seed", type=int, required=True, help="a whole number; 2026 is shipped")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--customers", type=int, default=5000, help="how many (default 5000)")
    args = parser.parse_args(argv)
    if args.customers < 200 or args.seed < 0:
        parser.error("give at least 200 customers and a seed of 0 or more")
    p = replace(Parameters(), seed=args.seed, customers=args.customers)
    tables, facts = build(p)
    write(tables, settings(), facts, p, args.out)
    print(f"{len(facts['rows'])} tables of Shihu Garden, seed {args.seed}, are in {args.out}")


if __name__ == "__main__":
    main()
