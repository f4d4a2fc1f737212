"""The datasets: every file described, every description true, and nothing loaded that was changed."""

import hashlib
import importlib.util
import json
import re
import shutil
import tarfile
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

import crmlib as crm
from crmlib import data, paths
from crmlib.course import doctor
from crmlib.course.usage import usage

DATASETS = paths.DATASETS
PACKAGES = sorted(DATASETS.rglob("datapackage.json"))
RESOURCES = [
    pytest.param(package.parent, resource, id=f"{package.parent.name}/{resource['name']}")
    for package in PACKAGES
    for resource in json.loads(package.read_text(encoding="utf-8"))["resources"]
]


def script(name):
    spec = importlib.util.spec_from_file_location(name, DATASETS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def extract():
    return script("extract")


@pytest.fixture
def class_set(tmp_path, monkeypatch):
    """A folder of an instructor's own tables, with one small table in it."""
    (tmp_path / "orders.csv").write_bytes(
        b"customer_id,paid,member,n,day\n007,1.5,true,2,2024-02-29\n"
    )
    fields = {"customer_id": "string", "paid": "number", "member": "boolean", "n": "integer"}
    fields["day"] = "date"
    content = (tmp_path / "orders.csv").read_bytes()
    resource = {
        "name": "orders",
        "path": "orders.csv",
        "title": "Orders",
        "rows": 1,
        "licenses": [{"name": "CC-BY-4.0"}],
        "sources": [{"title": "generated"}],
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [{"name": k, "type": v, "description": "."} for k, v in fields.items()]
        },
    }
    package = json.dumps({"name": "class", "resources": [resource]})
    (tmp_path / "datapackage.json").write_text(package, encoding="utf-8")
    monkeypatch.setenv("CRMLIB_DATA", str(tmp_path))
    return tmp_path


# ---- The dictionary and the files, both ways -----------------------------------------------------


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.parent.name)
def test_every_table_has_an_entry_and_every_entry_a_table(package):
    entries = json.loads(package.read_text(encoding="utf-8"))
    assert entries["name"] and entries["title"] and entries["licenses"]
    paths = [resource["path"] for resource in entries["resources"]]
    assert sorted(paths) == sorted(path.name for path in package.parent.glob("*.csv"))
    names = [resource["name"] for resource in entries["resources"]]
    assert len(set(names)) == len(names)


def test_there_is_something_to_check():
    assert DATASETS / "datapackage.json" in PACKAGES
    assert len(RESOURCES) >= 2


@pytest.mark.parametrize(("folder", "resource"), RESOURCES)
def test_the_entry_says_where_the_table_comes_from(folder, resource):
    for key in ("name", "path", "title", "period", "licenses", "sources"):
        assert resource[key], key
    assert all(licence["name"] for licence in resource["licenses"])
    assert all(source["title"] for source in resource["sources"])


def test_real_data_tell_their_licence_reference_and_flaws():
    for folder, resource in [param.values for param in RESOURCES]:
        if folder == DATASETS:
            for key in ("description", "references", "flaws"):
                assert resource[key], (resource["name"], key)
            assert all(licence["title"] for licence in resource["licenses"])
            first = resource["sources"][0]["title"]
            assert re.match(r"Python package \w+ [\d.]+, ", first), first


def test_real_data_stay_small():
    assert sum(path.stat().st_size for path in DATASETS.glob("*.csv")) < 6e6


@pytest.mark.parametrize(("folder", "resource"), RESOURCES)
def test_size_and_checksum_are_those_of_the_file(folder, resource):
    content = (folder / resource["path"]).read_bytes()
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert b"\r" not in content, "line ends are LF on every system"
    content.decode("utf-8")


@pytest.mark.parametrize(("folder", "resource"), RESOURCES)
def test_every_column_is_described_and_has_its_type(folder, resource):
    prefix = "" if folder == DATASETS else f"{folder.name}/"
    table = crm.load(prefix + resource["name"])
    fields = resource["schema"]["fields"]
    assert list(table.columns) == [field["name"] for field in fields]
    assert len(table) == resource["rows"]
    of_type = {
        "string": pd.api.types.is_string_dtype,
        "date": pd.api.types.is_datetime64_any_dtype,
        "datetime": pd.api.types.is_datetime64_any_dtype,
        "integer": pd.api.types.is_integer_dtype,
        "number": pd.api.types.is_float_dtype,
        "boolean": pd.api.types.is_bool_dtype,
    }
    for field in fields:
        assert field["description"].strip(), field["name"]
        assert of_type[field["type"]](table[field["name"]].dtype), field["name"]
        if field["type"] in ("number", "date", "datetime"):  # a whole number may be a mere label
            assert "unit" in field, field["name"]


# ---- CDNOW, as it is described and published -----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows", "customers", "zero", "same_day", "identical"),
    [("cdnow", 69_659, 23_570, 80, 2_068, 255), ("cdnow_sample", 6_919, 2_357, 8, 223, 21)],
)
def test_cdnow_has_the_published_size_and_the_described_flaws(
    name, rows, customers, zero, same_day, identical
):
    log = crm.load(name)
    assert list(log.columns) == ["customer_id", "date", "quantity", "amount"]
    assert (len(log), log["customer_id"].nunique()) == (rows, customers)
    flaws = [
        (log["amount"] == 0).sum(),
        log.duplicated(["customer_id", "date"]).sum(),
        log.duplicated().sum(),
    ]
    assert flaws == [zero, same_day, identical]
    _, resource = data._find(name)
    for count in flaws:
        assert f"{count:,} row" in " ".join(resource["flaws"])
    assert f"{log['date'].min():%Y-%m-%d} to {log['date'].max():%Y-%m-%d}" == resource["period"]
    assert log["customer_id"].str.fullmatch(r"\d{5}").all()


def test_the_sample_is_part_of_the_whole():
    whole, sample = crm.load("cdnow"), crm.load("cdnow_sample")
    part = whole[whole["customer_id"].isin(sample["customer_id"])]
    order = ["customer_id", "date", "quantity", "amount"]
    pd.testing.assert_frame_equal(
        part.sort_values(order, ignore_index=True), sample.sort_values(order, ignore_index=True)
    )


def test_the_donors_are_those_of_the_paper():
    donors = crm.load("donations")
    assert donors.columns.tolist() == ["frequency", "t_x", "n", "donors"]
    assert (len(donors), donors["donors"].sum()) == (22, 11_104)
    assert (donors["n"] == 6).all()
    # Every history that six years can make is there, once.
    made = {(0, 0)} | {(x, t_x) for t_x in range(1, 7) for x in range(1, t_x + 1)}
    assert set(zip(donors["frequency"], donors["t_x"], strict=True)) == made


# ---- The other real tables, as published ---------------------------------------------------------


def test_tuna_has_the_brand_measures_of_the_reference():
    tuna = crm.load("tuna")
    assert (len(tuna), tuna["household"].nunique()) == (13_705, 3_093)
    by = tuna.groupby(["household", "brand"]).size().unstack(fill_value=0)
    bought, all_brands = by > 0, by.sum(axis=1)
    figures = pd.DataFrame(
        {
            "penetration": bought.mean(),
            "frequency": by.sum() / bought.sum(),
            "share": by.sum() / len(tuna),
            "scr": [by[b].sum() / all_brands[bought[b]].sum() for b in by],
            "sole": [(bought.sum(axis=1)[bought[b]] == 1).mean() for b in by],
        }
    )
    np.testing.assert_allclose(
        figures.loc["skw"], [0.6857, 2.8548, 0.4418, 0.5246, 0.3206], atol=6e-5
    )
    np.testing.assert_allclose(
        figures.loc["pw"], [0.1435, 2.3649, 0.0766, 0.3546, 0.1667], atol=6e-5
    )
    some = figures.loc[["cosw", "sko", "coso"], ["penetration", "frequency", "scr"]]
    expected = [[0.3634, 1.9911, 0.2982], [0.3527, 2.2356, 0.3535], [0.3476, 1.7888, 0.2687]]
    np.testing.assert_allclose(some, expected, atol=6e-5)
    assert (tuna.groupby("household").cumcount() + 1 == tuna["purchase"]).all()


def test_bank_calls_keep_every_call_and_say_where_a_period_is_short():
    calls = crm.load("bank_calls")
    day = calls["start"].dt.normalize()
    assert (calls["calls"].sum(), day.nunique()) == (5_323_661, 164)
    assert (calls.groupby(day)["minutes"].sum() == 169 * 5).all()
    assert (calls["start"].dt.hour[calls["minutes"] == 5] == 21).all()
    missing = pd.bdate_range(day.min(), day.max()).difference(day)
    assert missing.strftime("%m-%d").tolist() == [
        "04-04",
        "04-07",
        "05-26",
        "07-04",
        "09-01",
        "10-14",
    ]


def test_housing_has_the_published_counts():
    housing = crm.load("housing")
    assert len(housing) == 72 == len(housing.drop(columns="freq").drop_duplicates())
    counts = housing.groupby("satisfaction")["freq"].sum()
    assert counts.to_dict() == {"Low": 567, "Medium": 446, "High": 668}


def test_attitude_has_the_published_alpha():
    items = crm.load("attitude")
    k = items.shape[1]
    alpha = k / (k - 1) * (1 - items.var().sum() / items.sum(axis=1).var())
    assert alpha == pytest.approx(0.843143, abs=1e-6)


def test_gehan_has_the_published_survival_curve_and_log_rank():
    gehan = crm.load("gehan")

    def group(name):
        rows = gehan[gehan["treatment"] == name]
        return stats.CensoredData.right_censored(rows["weeks"], ~rows["relapsed"])

    survival = stats.ecdf(group("6-MP")).sf.evaluate([6, 7, 10, 13, 16, 22, 23])
    published = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    np.testing.assert_allclose(survival, published, atol=6e-5)
    assert stats.logrank(group("6-MP"), group("control")).statistic ** 2 == pytest.approx(
        16.793, abs=5e-4
    )


def test_ruspini_falls_into_four_groups():
    points = crm.load("ruspini")
    assert points.shape == (75, 2)
    four = KMeans(4, n_init=10, random_state=0).fit_predict(points)
    assert sorted(np.bincount(four), reverse=True) == [23, 20, 17, 15]
    assert silhouette_score(points, four) == pytest.approx(0.737657, abs=1e-6)


def test_febrl1_is_500_pairs_of_which_blocking_finds_what_is_published():
    febrl = crm.load("febrl1")
    assert len(febrl) == 1_000
    assert (febrl.groupby("person")["rec_id"].size() == 2).all()
    same_name = febrl["given_name"].value_counts()  # the guide blocks on it: 2,082 pairs
    assert (same_name * (same_name - 1) // 2).sum() == 2_082
    born = pd.to_datetime(febrl["date_of_birth"], format="%Y%m%d", errors="coerce")
    assert born.isna().sum() > febrl["date_of_birth"].isna().sum()
    assert febrl["postcode"].str.fullmatch(r"\d{4}").all()


def test_insteval_has_the_published_size():
    ratings = crm.load("insteval")
    sizes = ratings[["student", "lecturer", "department"]].nunique().tolist()
    assert (len(ratings), sizes) == (73_421, [2_972, 1_128, 14])
    assert not ratings.duplicated(["student", "lecturer"]).any()
    assert set(ratings["department"]) == set(range(1, 16)) - {13}
    assert set(ratings["rating"]) == {1, 2, 3, 4, 5}


def test_charity_and_telco_churn_are_as_their_dictionary_says():
    charity = crm.load("charity")
    assert (charity["respond"] == (charity["gift"] > 0)).all()
    assert charity["giftlast"].nlargest(2).tolist() == [10_000, 750]
    assert charity["giftlast"].quantile(0.75) == 25
    telco = crm.load("telco_churn")
    assert (len(telco), telco["churn"].sum()) == (7_043, 1_869)
    assert (telco["total_charges"].isna() == (telco["tenure"] == 0)).all()
    assert (telco["tenure"] == 0).sum() == 11
    offline = telco[telco["internet_service"] == "none"]
    assert len(offline) == 1_526
    assert not offline.loc[:, "online_security":"streaming_movies"].any(axis=None)


def test_the_two_experiments_are_as_their_dictionary_says():
    tips = crm.load("tip_joke").groupby("card")["tip"].agg(["size", "sum"])
    assert tips.loc[["ad", "joke", "none"]].to_numpy().tolist() == [[74, 14], [72, 30], [65, 16]]
    farmers = crm.load("social_insure")
    assert farmers.isna().sum().sum() == 43
    drawn = farmers.groupby("hamlet")[["default_buy", "earlier_takeup"]].nunique()
    assert (drawn == 1).all(axis=None)
    chance = farmers["disaster_chance"]
    assert chance[chance.between(0, 1, inclusive="neither")].tolist() == [0.6]
    assert (farmers["rice_area"].max(), farmers["rice_area"].quantile(0.75)) == (650, 16)


def test_deliveries_and_reviews_are_as_their_dictionary_says():
    deliveries = crm.load("deliveries")
    assert len(deliveries) == 10_012
    assert deliveries["minutes"].mean() == pytest.approx(26.137, abs=1e-3)
    assert deliveries["items"].between(1, 12).all()
    assert set(deliveries["day"]) == {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
    reviews = crm.load("amazon_reviews")
    assert (len(reviews), reviews["review"].nunique()) == (1_251, 99)
    assert reviews["rating"].between(-4, 4).all() and (reviews["rating_sd"] >= 0).all()
    assert (reviews["review"] % 3 == 0).all() and reviews["text"].notna().all()
    assert (reviews["text"] == reviews["text"].str.lower()).all()


# ---- load, describe, verify ----------------------------------------------------------------------


def test_the_catalogue_lists_what_load_loads():
    catalogue = crm.describe()
    columns = ["name", "rows", "columns", "what", "period", "licence", "source"]
    assert list(catalogue.columns) == [*columns, "used_in", "flaws"]
    assert list(catalogue["name"]) == [name for name, _, _ in doctor.verify()]
    row = catalogue.set_index("name").loc["cdnow"]
    assert (row["rows"], row["columns"], row["licence"]) == (69_659, 4, "MIT")
    assert "lifetimes 0.11.3" in row["source"]
    assert "exercises 2.5" in row["used_in"].split(", ")
    assert "80 rows have an amount of 0.00" in row["flaws"]


def test_usage_is_read_from_code_and_nothing_else(tmp_path, monkeypatch):
    cells = [
        {"cell_type": "code", "source": ["crm.load('tuna')\n", 'load("shihu/orders")']},
        {"cell_type": "markdown", "source": ['`crm.load("gehan")`']},
        {"cell_type": "code", "source": ['download("housing")\n', 'crm.load(\n    "kano")']},
    ]
    for path in ("notebooks/3_x/3_1_who.ipynb", "notebooks/.ipynb_checkpoints/3_2_x.ipynb"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "notebooks/3_x/3_3_torn.ipynb").write_text('{"cells": [', encoding="utf-8")
    (tmp_path / "notebooks/3_x/Untitled.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "exercises/checks").mkdir(parents=True)
    (tmp_path / "exercises/checks/2_10_x.py").write_text('load("tuna")', encoding="utf-8")
    (tmp_path / "exercises/checks/2_9_x.py").write_text('load("tuna")', encoding="utf-8")
    monkeypatch.setattr(paths, "COURSE", tmp_path)
    tuna = ["3.1", "exercises 2.9", "exercises 2.10"]
    assert usage() == {"kano": ["3.1"], "shihu/orders": ["3.1"], "tuna": tuna}


def test_every_table_that_a_notebook_loads_is_there():
    assert set(usage()) <= set(crm.describe()["name"])


def test_the_catalogue_for_readers_is_fresh():
    written = (DATASETS / "README.md").read_text(encoding="utf-8")
    fresh, advice = script("make_readme"), "run: python datasets/make_readme.py"
    assert fresh.used_in() == (DATASETS / "used_in.json").read_text(encoding="utf-8"), advice
    assert fresh.readme() == written, advice
    for name in crm.describe()["name"]:
        assert f"| `{name}` |" in written


def test_the_dictionary_of_a_table():
    dictionary = crm.describe("cdnow_sample")
    assert list(dictionary.columns) == ["column", "type", "unit", "meaning"]
    assert dictionary["column"].tolist() == ["customer_id", "date", "quantity", "amount"]
    assert dictionary["unit"].tolist() == ["", "day", "CDs", "USD"]


@pytest.mark.parametrize("call", [crm.load, crm.describe])
def test_a_wrong_name_is_answered_with_the_nearest(call):
    with pytest.raises(crm.DataError, match=r"no table named 'cdnow_smaple'(.|\n)*'cdnow_sample'"):
        call("cdnow_smaple")
    with pytest.raises(crm.DataError, match=r"crm\.describe\(\) lists every table"):
        call("zzz")


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the datasets that a test may spoil."""
    for name in ("datapackage.json", "cdnow.csv", "cdnow_sample.csv"):
        shutil.copy(DATASETS / name, tmp_path)
    monkeypatch.setattr(paths, "DATASETS", tmp_path)
    return tmp_path


def test_one_flipped_bit_is_refused_in_plain_words(copy):
    path = copy / "cdnow_sample.csv"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(crm.DataError, match=r"checksum differs(.|\n)*Put the original back"):
        crm.load("cdnow_sample")
    crm.load("cdnow")
    states = {name: ok for name, ok, _ in doctor.verify()}
    assert (states["cdnow"], states["cdnow_sample"]) == (True, False)


def test_a_missing_file_and_a_missing_folder_are_told_apart(copy, monkeypatch):
    (copy / "cdnow.csv").unlink()
    with pytest.raises(crm.DataError, match=r"cdnow\.csv is missing"):
        crm.load("cdnow")
    monkeypatch.setattr(paths, "DATASETS", copy / "nowhere")
    with pytest.raises(crm.DataError, match="full copy of the course"):
        crm.load("cdnow")


def test_verify_finds_every_shipped_table_intact():
    results = doctor.verify()
    assert {"cdnow", "cdnow_sample"} <= {name for name, _, _ in results}
    assert all(ok for _, ok, _ in results), [line for line in results if not line[1]]


def test_a_class_set_takes_the_place_of_the_running_case_only(class_set):
    orders = crm.load("shihu/orders")
    assert orders["customer_id"].tolist() == ["007"]
    assert orders["day"].tolist() == [pd.Timestamp("2024-02-29")]
    assert [str(kind) for kind in orders.dtypes[["paid", "member", "n"]]] == [
        "float64",
        "bool",
        "int64",
    ]
    assert len(crm.load("cdnow_sample")) == 6_919
    assert [n for n in crm.describe()["name"] if n.startswith("shihu/")] == ["shihu/orders"]


def test_missing_cells_stay_missing_and_na_is_a_name(class_set):
    content = b"customer_id,paid,member,n,day\nNA,,,,\n,1.0,false,3,2024-01-01\n"
    (class_set / "orders.csv").write_bytes(content)
    package = class_set / "datapackage.json"
    text = json.loads(package.read_text(encoding="utf-8"))
    text["resources"][0]["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
    package.write_text(json.dumps(text), encoding="utf-8")
    orders = crm.load("shihu/orders")
    assert orders["customer_id"].isna().tolist() == [False, True]
    assert orders["customer_id"].iloc[0] == "NA"
    assert orders[["paid", "member", "n", "day"]].isna().all(axis=1).tolist() == [True, False]
    assert orders["n"].iloc[1] == 3


def test_a_changed_class_set_says_to_generate_it_again(class_set):
    with (class_set / "orders.csv").open("ab") as file:
        file.write(b"008,1,true,1,2024-01-01\n")
    with pytest.raises(crm.DataError, match="Generate the tables in the folder CRMLIB_DATA again"):
        crm.load("shihu/orders")


@pytest.mark.parametrize("damaged", ["no folder", "no dictionary"])
def test_a_class_set_that_is_not_there_is_said_plainly(tmp_path, monkeypatch, damaged):
    named = tmp_path / "nowhere" if damaged == "no folder" else tmp_path
    monkeypatch.setenv("CRMLIB_DATA", str(named))
    with pytest.raises(crm.DataError, match=r"CRMLIB_DATA names(.|\n)*Make one: python"):
        crm.load("shihu/orders")
    assert len(crm.load("cdnow_sample")) == 6_919
    assert doctor.verify()[0][:2] == ("shihu", False)
    assert [finding.level for finding in doctor.data(DATASETS.parent)] == ["problem"]
    with pytest.raises(crm.DataError, match=r"CRMLIB_DATA names(.|\n)*Make one: python"):
        crm.truth()


def test_a_class_set_may_be_named_from_the_course_folder(class_set, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "COURSE", tmp_path)
    monkeypatch.setattr(paths, "DATASETS", tmp_path / "datasets")
    elsewhere = tmp_path / "notebooks"
    elsewhere.mkdir()
    (tmp_path / "set").mkdir()
    for name in ("orders.csv", "datapackage.json"):
        shutil.copy(class_set / name, tmp_path / "set")
    monkeypatch.setenv("CRMLIB_DATA", "set")
    monkeypatch.chdir(elsewhere)
    assert crm.load("shihu/orders")["customer_id"].tolist() == ["007"]


# ---- The script that made the tables -------------------------------------------------------------


@pytest.fixture
def lifetimes(tmp_path):
    """A package as it comes out of the wheel, a few lines long: CRLF, spaces, no heading in one."""
    folder = tmp_path / "packages" / "lifetimes" / "datasets"
    folder.mkdir(parents=True)
    (folder / "CDNOW_master.txt").write_bytes(
        b" customer_id  date number_of_cds  dollar_value\r\n"
        b" 00002 19970112  5   77.00\r\n 00001 19970101 11    0.00\r\n"
    )
    (folder / "CDNOW_sample.txt").write_bytes(
        b" 00004 0001 19970101  2   29.33\r\n 01829 0210 19971212 10   14.90\r\n"
    )
    (folder / "donations.csv").write_bytes(
        b"frequency,recency,periods,weights\n0,0,6,3464\n1,2,6,277\n"
    )
    return folder.parent


def test_the_tables_are_made_from_the_source_lines(extract, lifetimes, tmp_path):
    written = extract.extract(lifetimes.parent, out=tmp_path)
    assert {"cdnow", "cdnow_sample"} <= set(written)
    assert (tmp_path / "cdnow.csv").read_bytes() == (
        b"customer_id,date,quantity,amount\n00002,1997-01-12,5,77.00\n00001,1997-01-01,11,0.00\n"
    )
    assert (tmp_path / "cdnow_sample.csv").read_bytes() == (
        b"customer_id,date,quantity,amount\n00004,1997-01-01,2,29.33\n01829,1997-12-12,10,14.90\n"
    )
    assert (tmp_path / "donations.csv").read_bytes() == (
        b"frequency,t_x,n,donors\n0,0,6,3464\n1,2,6,277\n"
    )


def test_half_hours_are_sums_and_the_last_period_stays_short(extract, tmp_path):
    times = pd.date_range("2003-03-03 20:30", periods=7, freq="5min").strftime("%Y-%m-%dT%H:%M:%SZ")
    calls = {"rownames": range(7), "DateTime": times, "Calls": [1, 2, 3, 4, 5, 6, 7]}
    pd.DataFrame(calls).to_pickle(tmp_path / "calls", compression="xz")
    table = extract.bank_calls(tmp_path / "calls")
    assert table.to_numpy().tolist() == [
        ["2003-03-03T20:30:00", 30, 21],
        ["2003-03-03T21:00:00", 5, 7],
    ]


def test_the_card_called_none_is_no_missing_value(extract, tmp_path):
    tips = {"rownames": [1, 2], "Card": [None, "Joke"], "Tip": [1, 0]}
    pd.DataFrame(tips).to_pickle(tmp_path / "tips", compression="xz")
    assert extract.tip_joke(tmp_path / "tips").to_numpy().tolist() == [["none", 1], ["joke", 0]]


def test_records_keep_their_zeros_and_reviews_stay_whole(extract, tmp_path):
    (tmp_path / "febrl.csv").write_text("rec_id, postcode\nrec-7-org, 0800\nrec-7-dup-0, \n")
    records = extract.febrl1(tmp_path / "febrl.csv").to_numpy().tolist()
    assert records == [["rec-7-org", "0800", "7"], ["rec-7-dup-0", "", "7"]]
    members = {
        "GroundTruth": "2_1\t0.1\tno\r\n3_1\t1.5\tgood.\r\n3_2\t-1\tbad, so bad.\r\n",
        "anonDataRatings": "\ufeff2_1\t0.1\t0\t[0]\n3_1\t1.5\t0.5\t[1, 2]\n3_2\t-1\t0\t[-1]\n",
    }
    with tarfile.open(tmp_path / "vader.tar.gz", "w:gz") as archive:
        for what, text in members.items():
            member = tarfile.TarInfo(f"hutto_ICWSM_2014/amazonReviewSnippets_{what}.txt")
            member.size = len(text.encode())
            archive.addfile(member, BytesIO(text.encode()))
    reviews = extract.amazon_reviews(tmp_path / "vader.tar.gz").to_numpy().tolist()
    assert reviews == [["3", "1", "1.5", "0.5", "good."], ["3", "2", "-1", "0", "bad, so bad."]]


def test_a_package_that_is_not_there_leaves_its_tables_alone(extract, tmp_path, capsys):
    assert extract.extract(tmp_path, out=tmp_path) == []
    assert (
        "cdnow: left as it is, for lifetimes/datasets/CDNOW_master.txt was not found"
        in capsys.readouterr().out
    )
    assert list(tmp_path.glob("*.csv")) == []


def test_sealing_a_dictionary_changes_nothing_but_the_facts_of_its_files(extract, copy):
    shipped = (DATASETS / "datapackage.json").read_bytes()
    stale = json.loads(shipped)
    stale["resources"] = [r for r in stale["resources"] if r["name"] in ("cdnow", "cdnow_sample")]
    expected = (json.dumps(stale, indent=2, ensure_ascii=False) + "\n").encode()
    for resource in stale["resources"]:
        resource |= {"bytes": 0, "hash": "", "rows": 0}
    (copy / "datapackage.json").write_text(json.dumps(stale), encoding="utf-8")
    extract.seal(copy / "datapackage.json")
    assert (copy / "datapackage.json").read_bytes() == expected


def test_the_shipped_tables_come_out_of_the_package_again(extract, tmp_path):
    if importlib.util.find_spec("lifetimes") is None:
        pytest.skip("lifetimes is not installed; the tests above hold its transformation")
    for name in extract.extract(None, out=tmp_path):
        assert (tmp_path / f"{name}.csv").read_bytes() == (DATASETS / f"{name}.csv").read_bytes()
