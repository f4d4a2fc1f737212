"""The segments report: groups only where there are some, and sentences in every branch."""

import argparse

import numpy as np
import pandas as pd
import pytest

from crmlib.course import intake, places
from crmlib.course.reports import segments as S
from crmlib.errors import DataError

RNG = np.random.default_rng(4)


def table(kind):
    """Make features of 600 customers: three clumps, or one cloud without any."""
    if kind == "clumps":
        centres = np.array([[0, 0, 0], [6, 0, 6], [0, 6, 3]])
        X = centres[np.arange(600) % 3] + RNG.normal(0, 0.5, (600, 3))
    else:
        X = RNG.normal(0, 1, (600, 3))
    index = pd.Index([f"c{i}" for i in range(600)], name="customer_id")
    return pd.DataFrame(X, index, ["silent", "often", "amount"])


def test_three_clumps_are_three_groups():
    described = table("clumps")
    trial = S.tried(described)
    assert S.chosen(trial) == 3 and trial.loc[3, "explained"] > 0.9
    group = S.grouped(described, 3)
    assert pd.crosstab(group, np.arange(600) % 3).gt(0).sum().sum() == 3  # each clump is one group


def test_a_cloud_has_no_groups():
    trial = S.tried(table("cloud"))
    assert S.chosen(trial) is None
    said = S.said_groups(trial, None)
    assert "**No groups.**" in said and "shuffled columns" in said


def test_correlation_alone_stable_or_not_needs_more_than_shuffling():
    trial = pd.DataFrame({"least stable": [0.9, 0.8], "explained": [0.5, 0.62],
                          "explained if shuffled": [0.49, 0.5]}, index=[2, 3])  # fmt: skip
    assert S.chosen(trial) == 3 and S.chosen(trial.loc[[2]]) is None
    assert S.chosen(trial.assign(**{"least stable": 0.7})) is None


def test_groups_are_said_with_both_numbers():
    trial = pd.DataFrame(
        {"least stable": [0.81], "explained": [0.62], "explained if shuffled": [0.5]}, [3]
    )
    said = S.said_groups(trial, 3)
    assert all(words in said for words in ("**3 groups**", "0.81", "62%", "50%"))


def log(amounts, days=400):
    rows = [
        (f"c{i}", pd.Timestamp("2024-01-01") + pd.Timedelta(int(d), "D"), a)
        for i, a in enumerate(amounts)
        for d in RNG.integers(0, days, 4)
    ]
    return pd.DataFrame(rows, columns=["customer_id", "date", "amount"])


def test_bands_are_fifths_by_money():
    fifths = S.bands(log([*[1.0] * 80, *[100.0] * 20]))
    assert fifths["band"].value_counts().to_dict() == {f"fifth {i}": 20 for i in range(1, 6)}
    assert "**96%**" in S.said_bands(fifths)
    assert "nearly even" in S.said_bands(S.bands(log([5.0] * 100)))


def test_customers_are_grouped_once_more_as_half_a_year_ago():
    sales = log(RNG.lognormal(3, 1, 300), days=700)
    now = S.grouped(S.features(sales), 2)
    assert -1 <= S.kept(sales, 2, now) <= 1
    assert S.kept(sales[sales["date"] > "2025-06-01"], 2, now) is None
    assert "too short" in S.said_kept(None)
    assert "no address" in S.said_kept(0.3) and "once in a while" in S.said_kept(0.8)


def test_features_know_nothing_later():
    sales, end = log(RNG.lognormal(3, 1, 50)), pd.Timestamp("2024-08-01")
    before = sales[sales["date"] <= end]
    pd.testing.assert_frame_equal(S.features(sales, end), S.features(before, end))


def test_what_does_not_vary_counts_for_nothing():
    same = table("clumps").assign(amount=2.0)
    assert (S.scaled(same, same)["amount"] == 0).all()


def test_traits_beyond_chance_only():
    group = pd.Series(
        np.where(np.arange(400) < 200, "group 1", "group 2"), [f"c{i}" for i in range(400)]
    )
    known = pd.DataFrame({
        "city": np.where(np.arange(400) < 150, "Hefei", "Wuhu"),
        "coin": RNG.integers(0, 2, 400).astype(str),
    }, index=group.index)  # fmt: skip
    found = S.traits(known, group)
    assert set(found["attribute"]) == {"city"}
    row = found[found["value"] == "Hefei"].iloc[0]
    assert row["group"] == "group 1" and row["share"] == 0.75 and row["others"] == 0
    assert "city = " in S.said_traits(found)
    assert "No attribute" in S.said_traits(found[:0]) and "--attributes" in S.said_traits(None)


def test_holes_in_attributes_are_nobody_s_trait():
    group = pd.Series(["group 1"] * 50 + ["group 2"] * 50, range(100))
    known = pd.DataFrame({"city": [None] * 50 + ["Hefei"] * 50}, index=range(100))
    assert S.traits(known, group).empty


def test_the_table_explains_each_of_its_columns():
    sales = log(RNG.lognormal(3, 1, 120))
    group = S.grouped(S.features(sales), 2)
    made = S.customers(sales, group)
    assert [made.index.name, *made.columns] == list(S.COLUMNS) and made[
        "spent"
    ].is_monotonic_decreasing
    assert S.customers(sales, None)["group"].isna().all()
    cards = S.cards(sales, group)
    assert cards["customers"].sum() == 120 and cards["share of sales"].sum() == pytest.approx(1)


# what else is known of customers


PEOPLE = "cust,city,note\na,Hefei,x\nb,Wuhu,y\n"


def told(folder, text, traits="city"):
    (folder / "people.csv").write_text(text, encoding="utf-8")
    return argparse.Namespace(
        attributes=str(folder / "people.csv"), traits=traits, customer="cust", encoding=None
    )


def test_attributes_are_read_by_id(tmp_path):
    known = intake.attributes(told(tmp_path, PEOPLE))
    assert known.index.tolist() == ["a", "b"] and known.columns.tolist() == ["city"]


@pytest.mark.parametrize(
    ("text", "traits", "words"),
    [
        (PEOPLE, "", "--traits"),
        (PEOPLE, "town", "people.csv.*town"),
        (PEOPLE + "a,Wuhu,z\n", "city", "stands there twice"),
        ("cust,city\n" + "".join(f"c{i},t{i}\n" for i in range(40)), "city", "30 at most"),
    ],
)
def test_attributes_are_refused_in_words(tmp_path, text, traits, words):
    with pytest.raises(places.Refusal, match=f"(?s){words}"):
        intake.attributes(told(tmp_path, text, traits))


def test_few_customers_are_not_grouped():
    trial = S.tried(table("clumps")[:30])
    assert S.chosen(trial) is None and "takes 50 customers" in S.said_groups(trial, None)
    with pytest.raises(DataError, match="fewer than five"):
        S.features(log([5.0] * 4))
    assert "Nobody paid" in S.said_bands(S.bands(log([0.0] * 20)))


def test_lines_of_a_receipt_are_one_purchase():
    whole = log([float(a) for a in RNG.integers(20, 90, 60)])
    half = whole.assign(amount=whole["amount"] / 2)
    lines = pd.concat([half, half], ignore_index=True)
    pd.testing.assert_frame_equal(S.features(lines), S.features(whole))
    group = pd.Series("group 1", S.features(whole).index)
    pd.testing.assert_frame_equal(S.cards(lines, group), S.cards(whole, group))
