"""Ids mean one thing wherever they come: a log, a panel, a list of events."""

import narwhals as nw
import pandas as pd
import pytest

import crmlib as crm

DAYS = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"])


def logged(ids):
    return crm.rfm(pd.DataFrame({"customer_id": ids, "date": DAYS, "amount": 1.0})).index


def staged(ids):
    events = pd.DataFrame({"customer_id": ids, "date": DAYS, "kind": "order"})
    return crm.stages(events, on="2024-02-01", rules={"customer": {"kind": "order"}}).index


def staged_elsewhere(ids):
    duckdb = pytest.importorskip("duckdb")
    events = pd.DataFrame({"customer_id": ids, "date": DAYS, "kind": "order"})
    relation = nw.from_native(duckdb.from_df(events)).to_native()
    return crm.stages(relation, on="2024-02-01", rules={"customer": {"kind": "order"}}).index


def bought(ids):
    panel = pd.DataFrame({"customer_id": ["ann", "ann", "bo"], "brand": ids})
    return crm.brand_metrics(panel, buyer="customer_id", brand="brand").index.sort_values()


everywhere = pytest.mark.parametrize("read", [logged, staged, staged_elsewhere, bought])


@everywhere
def test_an_article_is_no_shortened_number(read):
    assert read(["1E5", "12E5", "3e7"]).tolist() == ["12E5", "1E5", "3e7"]


@everywhere
@pytest.mark.parametrize("short", ["1.2E+05", "1,23457E+11", "1e+11"])
def test_a_shortened_number_is_refused(read, short):
    with pytest.raises(crm.DataError, match="a number that a spreadsheet has shortened, so that"):
        read(["ann", short, "bo"])


@everywhere
def test_blanks_are_stripped_and_counted(read):
    words = r"(customer_id|brand): blanks around 1 value were stripped, such as 'ann ', so that"
    with pytest.warns(UserWarning, match=words):
        assert read(["ann ", "ann", "bo"]).tolist() == ["ann", "bo"]


@everywhere
def test_blank_ids_are_none(read):
    with pytest.raises(crm.DataError, match=r"no customer id|no brand"):
        read(["ann", " ", "bo"])


@pytest.mark.parametrize("read", [logged, staged, bought])
@pytest.mark.parametrize("kind", ["object", "category"])
def test_text_beside_numbers_is_refused(read, kind):
    with pytest.raises(
        crm.DataError, match="some are text and others are not, so that 42 and '42'"
    ):
        read(pd.Series([42, "42", "bo"], dtype=kind))
