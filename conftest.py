"""What every test run shares: one thread, no stray settings, no window on the screen.

It stands at the root because doctests and notebooks need it as much as ``tests/``. Thread counts
change the last digits of k-means, SVD and OLS, and the kernels that run the notebooks inherit this
process's environment: so it is settled here, before numpy is loaded.
"""

import os

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"
os.environ["PYTHONHASHSEED"] = "0"
for _name in (
    "PYTHONDONTWRITEBYTECODE",  # each kernel would compile its imports anew: 8 s instead of 2.5
    "PYTHONWARNINGS",  # whether a notebook shows a warning must not depend on who runs it
    "MPLBACKEND",  # kernels draw inline
    "CRMLIB_DATA",  # the shipped tables, not a class set
):
    os.environ.pop(_name, None)

import matplotlib  # noqa: E402
import pytest  # noqa: E402

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_left():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
