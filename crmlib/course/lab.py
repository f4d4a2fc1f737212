"""``crmlib lab``: the reader's copies in JupyterLab, opened at the first, without a network."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from crmlib.course import copies, places

START = "notebooks/00_start_here.ipynb"


def lab(args: argparse.Namespace) -> int:
    """Serve the reader's copies in JupyterLab, or the course itself to who writes it."""
    course = places.course()
    data = args.data or os.environ.get("CRMLIB_DATA")
    if data:
        os.environ["CRMLIB_DATA"] = str(places.folder(data))  # the kernels inherit it, elsewhere
    _warn_of_damaged_data(course)
    if not args.course:
        _calm_jupyter()
    served = course if args.course else _copies(course)
    os.chdir(served)  # nbgrader's extension complains of a folder that Jupyter does not serve
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(_lab_options(served, args))
    return 0


def _copies(course: Path) -> Path:
    """Bring the reader's copies up to date; say what was done, and give their folder."""
    with copies.Copies(course) as own:
        for line in own.bring_up_to_date():
            print(line)
    print(f"Your copies are in {own.work}. Stop with Ctrl+C.", flush=True)
    return own.work


def _calm_jupyter() -> None:
    """Keep JupyterLab from asking about news, and from showing tools that no student needs."""
    there = os.environ.get("JUPYTER_CONFIG_PATH")
    ours = str(Path(__file__).parent / "jupyter")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([ours, *([there] if there else [])])


def _lab_options(served: Path, args: argparse.Namespace) -> list[str]:
    options = [
        f"--ServerApp.root_dir={served}",
        f"--LabApp.default_url=/lab/tree/{START}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if args.no_browser:
        options.append("--no-browser")
    if args.port is not None:
        options.append(f"--port={args.port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container there is nobody else
        options.append("--allow-root")
    return options + args.extra


def _warn_of_damaged_data(course: Path) -> None:
    from crmlib.course.doctor import data, guarded

    for finding in guarded(data, course):
        if finding.level != "ok":
            print(finding, file=sys.stderr)
