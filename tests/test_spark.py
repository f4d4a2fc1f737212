"""Logs that live in Spark: the same answers and refusals as pandas. Runs in an environment of its own.

``UV_PROJECT_ENVIRONMENT=.venv-spark uv run --extra spark pytest -n 0 tests/test_spark.py``
"""

import shutil

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.course import engines
from crmlib.course.reports import kept
from crmlib.course.reports.customers import InMemory

pyspark = pytest.importorskip("pyspark", reason="Spark is not installed: uv sync --extra spark")


@pytest.fixture(scope="module")
def spark():
    """One session on this machine, as small as a test needs."""
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17 or newer, and there is none")
    settings = {"spark.sql.shuffle.partitions": 2, "spark.ui.enabled": "false"}
    builder = pyspark.sql.SparkSession.builder.master("local[2]").config(map=settings)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def log():
    return crm.load("cdnow_sample")[["customer_id", "date", "amount"]]


def put(spark, log):
    return spark.createDataFrame(log.assign(date=log["date"].dt.date))


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (crm.rfm, {}),
        (crm.rfm, {"end": "1998-12-31", "unit": "month"}),
        (crm.holdout, {"split": "1997-09-30"}),
    ],
)
def test_spark_gives_what_pandas_gives(spark, log, call, arguments):
    pd.testing.assert_frame_equal(call(put(spark, log), **arguments), call(log, **arguments))


def test_whole_number_ids_and_repeats_for_nothing(spark):
    random = np.random.default_rng(0)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 90, 400), "D")
    log = pd.DataFrame({"customer_id": random.integers(-30, 30, 400), "date": days})
    log["amount"] = random.choice([0.0, 0.1, 0.2, 0.3], 400)
    pd.testing.assert_frame_equal(crm.rfm(put(spark, log)), crm.rfm(log))


def test_bad_rows_are_refused_and_blanks_said(spark, log):
    few = log.head(4).assign(customer_id=["ann", "bo", "ann ", "cy"])
    with pytest.warns(UserWarning, match="blanks around 1 value were stripped"):
        assert crm.rfm(put(spark, few)).index.tolist() == ["ann", "bo", "cy"]
    with pytest.raises(crm.DataError, match=r"a negative amount, a refund \(4 such rows\)"):
        crm.rfm(put(spark, few.assign(customer_id="a", amount=-1.0)))


def test_a_run_values_what_spark_left(spark, log, tmp_path):
    from test_engine_runs import arguments

    log.to_parquet(tmp_path / "log.parquet")
    file, said = engines.prepare(arguments(tmp_path / "log.parquet", engine="spark"), tmp_path)
    assert (
        f"6,919 rows of 2,357 customers (Parquet, 1 file, by Spark {pyspark.__version__})"
        in said[0]
    )
    disk, memory = kept.Kept(str(file), 0.3, "week"), InMemory(log, 0.3, "week")
    pd.testing.assert_frame_equal(
        disk.everyone, memory.base[[*disk.everyone]].reset_index(drop=True), check_dtype=False
    )
    assert disk.trial().expected == pytest.approx(memory.trial().expected, rel=1e-6)
    worths = []
    for shop in (disk, memory):
        purchases, (spend, _) = crm.BGNBD().fit(shop.base, shop.n), shop.spending()
        ahead = purchases.predict(shop.base, 52)
        worths.append(shop.value(purchases, spend, ahead, horizon=52, rate=0.12).total)
    assert worths[0] == pytest.approx(worths[1], rel=1e-6)
    assert spark.sparkContext._jsc is not None  # a session that was there is left alone
