"""Importance of drivers as a user of pingouin computes it; in the course's own environment."""

import pandas as pd
import pingouin
from measure import main
from simulate import DRIVEN, DRIVERS


def importance(arrays):
    """Divide R² among the drivers by their order of entry (LMG)."""
    table = pd.DataFrame(arrays)

    def work():
        return pingouin.linear_regression(table[DRIVERS], table[DRIVEN], relimp=True)

    return work, lambda fit: {"numbers": fit.set_index("names").loc[DRIVERS, "relimp"].tolist()}


if __name__ == "__main__":
    main({"importance": importance})
