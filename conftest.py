"""What every test run shares: one thread, no stray settings, no window on the screen.

It stands at the root because doctests and notebooks need it as much as ``tests/``. Thread counts
change the last digits of k-means, SVD and OLS, and the kernels that run the notebooks inherit this
process's environment: so it is settled here, before numpy is loaded.
"""

import gc
import importlib
import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"
os.environ["PYTHONHASHSEED"] = "0"
os.environ["CRMLIB_STRICT"] = "1"  # a guard that misses fails its cell: crm.expect
for _name in (
    "PYTHONDONTWRITEBYTECODE",  # each kernel would compile its imports anew: 8 s instead of 2.5
    "PYTHONWARNINGS",  # whether a notebook shows a warning must not depend on who runs it
    "MPLBACKEND",  # kernels draw inline
    "CRMLIB_DATA",  # the shipped tables, not a class set
    "CRMLIB_OWN",
):
    os.environ.pop(_name, None)

import sys  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

import matplotlib  # noqa: E402
import pytest  # noqa: E402

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_left():
    yield
    if plt := sys.modules.get("matplotlib.pyplot"):
        plt.close("all")


def pytest_addoption(pluginmanager):
    """Load nbval where notebooks will run, and only there: it takes as long as all the rest."""
    if _asks_for_notebooks(sys.argv[1:]):
        pluginmanager.unblock("nbval")  # pyproject.toml blocks it
        pluginmanager.register(importlib.import_module("nbval.plugin"), "nbval")


def _asks_for_notebooks(arguments: list[str]) -> bool:
    paths = [argument.partition("::")[0] for argument in arguments]
    if any(path.endswith(".ipynb") or os.path.isdir(path) for path in paths):
        return True
    return "not slow" not in arguments and not any(path.endswith(".py") for path in paths)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Run everything on two workers, notebooks in kernels of their own; a file starts at once."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    worker = "PYTEST_XDIST_WORKER" in os.environ  # which must not have workers of its own
    if everything and not worker and config.option.numprocesses is None:
        # The cells of a notebook belong together, and so does what shares a class set.
        config.option.numprocesses, config.option.dist = 2, "loadfile"
    if config.pluginmanager.hasplugin("nbval") and "not slow" not in config.option.markexpr:
        # nbval runs each stored notebook in a kernel of its own and compares every output.
        config.option.nbval = config.option.nbval_current_env = True
        config.option.nbval_cell_timeout = 120
        if not worker and sys.platform == "linux":
            _fork_kernels(config)


def _fork_kernels(config) -> None:
    """Start the kernels of all notebooks from one process that has their packages loaded."""
    sys.path.insert(0, str(config.rootpath / "tests"))
    from warm_kernels import use

    folder = tempfile.TemporaryDirectory()
    server = use(Path(folder.name))

    def end():
        server.communicate()  # closes its input, which ends it
        folder.cleanup()

    config.add_cleanup(end)


def pytest_collection_finish(session):
    """Take what was collected out of the search for garbage, which would walk through it each time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure():
    """Let the end of the process find all of it again."""
    gc.unfreeze()


def pytest_collection_modifyitems(items):
    """Leave notebooks out of the fast lane: ``pytest -m "not slow"``."""
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Give each notebook that nbval runs one more item, after its last cell: the facts in its text."""
    report = yield
    if type(collector).__name__ == "IPyNbFile" and report.passed:
        report.result += _facts_item(collector)
    return report


def _facts_item(notebook) -> list[pytest.Item]:
    from nbformat.v4 import new_code_cell
    from nbval.plugin import IPyNbCell

    from crmlib.course import facts

    if not facts.expressions(notebook.nb):
        return []
    call = f"_facts.hold({str(notebook.path)!r}, globals())"
    cell = new_code_cell(f"from crmlib.course import facts as _facts\n{call}", execution_count=0)
    place, options = (
        len(notebook.nb.cells),
        {"check": True, "check_exception": False, "skip": False},
    )
    item = IPyNbCell.from_parent(notebook, name="Facts", cell_num=place, cell=cell, options=options)
    return [item]
