"""The datasets: every file described, every description true, and nothing loaded that was changed."""

import hashlib
import importlib.util
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import crmlib as crm
from crmlib import data

DATASETS = Path(data.__file__).parents[1] / "datasets"
PACKAGES = sorted(DATASETS.rglob("datapackage.json"))
RESOURCES = [
    pytest.param(package.parent, resource, id=f"{package.parent.name}/{resource['name']}")
    for package in PACKAGES
    for resource in json.loads(package.read_text(encoding="utf-8"))["resources"]
]


@pytest.fixture
def extract():
    spec = importlib.util.spec_from_file_location("extract", DATASETS / "extract.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


# ---- load, describe, verify ----------------------------------------------------------------------


def test_the_catalogue_lists_what_load_loads():
    catalogue = crm.describe()
    columns = ["name", "rows", "columns", "what", "period", "licence", "source"]
    assert list(catalogue.columns) == columns
    row = catalogue.set_index("name").loc["cdnow"]
    assert (row["rows"], row["columns"], row["licence"]) == (69_659, 4, "MIT")
    assert "lifetimes 0.11.3" in row["source"]


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
    monkeypatch.setattr(data, "_DATASETS", tmp_path)
    return tmp_path


def test_one_flipped_bit_is_refused_in_plain_words(copy):
    path = copy / "cdnow_sample.csv"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(crm.DataError, match=r"checksum differs(.|\n)*Put the original back"):
        crm.load("cdnow_sample")
    crm.load("cdnow")
    states = {name: ok for name, ok, _ in data.verify()}
    assert (states["cdnow"], states["cdnow_sample"]) == (True, False)


def test_a_missing_file_and_a_missing_folder_are_told_apart(copy, monkeypatch):
    (copy / "cdnow.csv").unlink()
    with pytest.raises(crm.DataError, match=r"cdnow\.csv is missing"):
        crm.load("cdnow")
    monkeypatch.setattr(data, "_DATASETS", copy / "nowhere")
    with pytest.raises(crm.DataError, match="full copy of the course"):
        crm.load("cdnow")


def test_verify_finds_every_shipped_table_intact():
    results = data.verify()
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


def test_a_package_that_is_not_there_leaves_its_tables_alone(extract, tmp_path, capsys):
    assert extract.extract(tmp_path, out=tmp_path) == []
    assert (
        "cdnow: left as it is, for the package lifetimes was not found" in capsys.readouterr().out
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
