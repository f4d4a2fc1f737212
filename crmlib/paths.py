"""Where the course stands on this computer: found here, and nowhere else."""

from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]
DATASETS = COURSE / "datasets"
EXERCISES = COURSE / "exercises"
