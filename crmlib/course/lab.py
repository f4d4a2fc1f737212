"""``crmlib lab``: the course in JupyterLab, opened at its first notebook, without a network."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from crmlib.course import places

START = "notebooks/00_start_here.ipynb"


def lab(args: argparse.Namespace) -> int:
    """Serve the course folder in JupyterLab, opened at its first notebook, without a network."""
    course = places.course()
    data = args.data or os.environ.get("CRMLIB_DATA")
    if data:
        os.environ["CRMLIB_DATA"] = str(places.folder(data))  # the kernels inherit it, elsewhere
    _calm_jupyter()
    _warn_of_damaged_data(course)
    os.chdir(course)  # nbgrader's extension expects its course where Jupyter starts
    from jupyterlab.labapp import LabApp

    print(f"The course is in {course}. Stop with Ctrl+C.", flush=True)
    LabApp.launch_instance(_lab_options(course, args))
    return 0


def _calm_jupyter() -> None:
    """Keep JupyterLab from asking about news, and from showing tools that no student needs."""
    there = os.environ.get("JUPYTER_CONFIG_PATH")
    ours = str(Path(__file__).parent / "jupyter")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([ours, *([there] if there else [])])


def _lab_options(course: Path, args: argparse.Namespace) -> list[str]:
    options = [
        f"--ServerApp.root_dir={course}",
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
