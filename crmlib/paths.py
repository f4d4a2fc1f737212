"""Where the course stands on this computer: found here, and nowhere else."""

from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]
DATASETS = COURSE / "datasets"
EXERCISES = COURSE / "exercises"


def notebooks(*folders: Path) -> list[Path]:
    """List the notebooks within folders; Jupyter's checkpoints are none of them."""
    found = [path for folder in folders for path in folder.rglob("*.ipynb")]
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)
