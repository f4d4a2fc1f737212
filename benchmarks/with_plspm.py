# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "plspm==0.5.7",
#     "pandas<3",  # it fails on pandas 3
#     "setuptools",
# ]
# ///
"""The path model as a user of plspm fits it."""

import pandas as pd
from measure import main
from plspm.config import Config, Structure
from plspm.mode import Mode
from plspm.plspm import Plspm
from plspm.scheme import Scheme
from simulate import MEASURES, PATHS


def path_model(arrays):
    """Fit the model to standardised items: plspm itself scales all of them by one number."""
    table = pd.DataFrame(arrays)
    items = (table - table.mean()) / table.std(ddof=0)
    structure = Structure()
    for source, to in PATHS:
        structure.add_path([source], [to])
    path = structure.path()

    def work():
        config = Config(path.copy(), scaled=False)
        for construct in MEASURES:
            config.add_lv_with_columns_named(construct, Mode.A, items, f"{construct}_")
        return Plspm(items, config, Scheme.PATH, tolerance=1e-9).path_coefficients()

    return work, lambda found: {"numbers": [float(found.loc[to, source]) for source, to in PATHS]}


if __name__ == "__main__":
    main({"path model": path_model})
