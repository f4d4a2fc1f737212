"""Records linked as worked example 4.1 does it, by Splink; in the course's own environment."""

import numpy as np
import pandas as pd
import splink.comparison_library as cl
from measure import main
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

BLOCKS = [block_on("phone"), block_on("surname", "born"), block_on("given_name", "born")]


def link(arrays):
    """Estimate the weights and score all pairs that share a block."""
    person = arrays["person"]
    fields = {name: values for name, values in arrays.items() if name != "person"}
    table = pd.DataFrame({"record": np.arange(len(person))} | fields)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
        comparisons=[
            cl.JaroWinklerAtThresholds("surname", [0.9]),
            cl.JaroWinklerAtThresholds("given_name", [0.9]),
            cl.ExactMatch("born"),
            cl.ExactMatch("phone"),
            cl.ExactMatch("city"),
        ],
        blocking_rules_to_generate_predictions=BLOCKS,
        retain_matching_columns=False,
    )

    def work():
        engine = DuckDBAPI()
        linker = Linker(engine.register(table), settings)
        train = linker.training
        train.estimate_probability_two_random_records_match(BLOCKS, recall=0.9)
        train.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        train.estimate_parameters_using_expectation_maximisation(block_on("phone"))
        train.estimate_parameters_using_expectation_maximisation(block_on("born", "surname"))
        pairs = linker.inference.predict(threshold_match_probability=0.9)
        return pairs.as_pandas_dataframe()[["record_l", "record_r"]].to_numpy()

    def report(pairs):
        right = int((person[pairs[:, 0]] == person[pairs[:, 1]]).sum())
        size = np.bincount(person)
        true = int((size * (size - 1) // 2).sum())
        return {"measures": {"precision": right / len(pairs), "recall": right / true}}

    return work, report


TASKS = {"link": link}

if __name__ == "__main__":
    main(TASKS)
