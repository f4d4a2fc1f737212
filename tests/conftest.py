"""What several test modules share: class sets, each made once a session."""

import subprocess
import sys

import pytest

from crmlib.paths import COURSE


def _class_set(seed, tmp_path_factory):
    """The class set that the instructor's page tells how to make."""
    folder = tmp_path_factory.mktemp(f"seed_{seed}") / "class_set"
    generate = [sys.executable, COURSE / "datasets" / "generate.py", "--seed", str(seed)]
    subprocess.run([*generate, "--out", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def seed_7(tmp_path_factory):
    return _class_set(7, tmp_path_factory)


@pytest.fixture(scope="session")
def seed_42(tmp_path_factory):
    return _class_set(42, tmp_path_factory)
