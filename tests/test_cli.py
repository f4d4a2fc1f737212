"""The command line and what it reads: each command as a reader would start it."""

import gzip
import html
import inspect
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from crmlib import paths
from crmlib.course import cli, doctor, options, run, tables
from crmlib.errors import DataError
from crmlib.logs import files

COLUMNS = ["--customer", "CUSTOMER_ID", "--date", "TRANSACTION_DT", "--amount", "SALES_PRICE"]
US_DATES = ["--date-format", "%m/%d/%Y"]
STUB = """
from pathlib import Path
from crmlib.logs.files import read_log
log = read_log(LOG)
customers = log.groupby("customer_id", as_index=False).amount.sum()
customers.to_csv(Path(OUT) / "customers.csv", index=False)
print(f"{len(customers)} customers at {RATE} {SPLIT}")
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course folder with one notebook, in a place whose name is awkward."""
    course = tmp_path / "a {course} 课程"
    monkeypatch.setattr(paths, "COURSE", course)
    monkeypatch.chdir(tmp_path)
    write_notebook(course / "notebooks/9_test/9_9_stub.ipynb", STUB)
    return course


def write_notebook(path, *cells, parameters="LOG = None\nOUT = None\nRATE = 0.12\nSPLIT = None"):
    book = new_notebook(cells=[new_markdown_cell("# What is each customer worth?")])
    if parameters is not None:
        book.cells.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    book.cells += [new_code_cell(cell) for cell in cells]
    book.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)


def write_log(path, customers=3):
    """Write a small messy export; customer 007 buys twice."""
    ids = [f"{i:03d}" for i in range(7, 7 + customers)]
    rows = [f'{i},"Shop, east",01/{d:02d}/2025,{d}.50' for d, i in enumerate([*ids, "007"], 1)]
    path.write_text("\n".join(["CUSTOMER_ID,SHOP,TRANSACTION_DT,SALES_PRICE", *rows, ""]))
    return path


# the command line


def test_help_is_instant():
    code = "import crmlib.course.cli, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "crmlib.course.cli" in loaded.split()
    assert not {"numpy", "pandas", "papermill", "jupyterlab", "matplotlib"} & set(loaded.split())


@pytest.mark.parametrize(
    "argv", [[], ["run"], ["sing"], ["doctor", "--loud"], ["run", "2.5", "--x"]]
)
def test_wrong_usage_is_2(argv, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(argv)
    assert stop.value.code == 2
    assert "usage: crmlib" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--data", "x.csv", "--date", "D"], "--customer, --amount missing"),
        (["--param", "RATE"], "NAME=VALUE"),
    ],
)
def test_half_an_order_is_wrong_usage(course, argv, words, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["run", "9.9", *argv])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_unforeseen_error_is_told_in_words_unless_debugging(course, monkeypatch, capsys):
    monkeypatch.setattr(run, "find_notebook", lambda name: 1 / 0)
    assert cli.main(["run", "9.9"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    monkeypatch.setenv("CRMLIB_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["run", "9.9"])


def test_installed_without_the_course(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(paths, "COURSE", tmp_path)
    assert cli.main(["doctor"]) == 1
    assert "the whole folder" in capsys.readouterr().err


# doctor


def test_doctor_finds_this_computer_ready(capsys):
    assert cli.main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Ready: uv run crmlib lab"
    assert {line.split()[0] for line in lines[:-1]} <= {"ok", "note"}


def test_doctor_names_a_wrong_package_and_what_to_do(monkeypatch, capsys):
    version = doctor.metadata.version

    def old_pandas(name):
        return "2.2.3" if name == "pandas" else version(name)

    monkeypatch.setattr(doctor.metadata, "version", old_pandas)
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "problem  pandas 2.2.3 is installed; the course needs <4,>=3.0. Run: uv sync" in out
    assert out.endswith("1 to put right.\n")


def test_doctor_finds_a_damaged_table(monkeypatch):
    tables = [("cdnow", True, "as shipped"), ("tuna", False, "it changed.\nPut it back")]
    monkeypatch.setattr("crmlib.course.doctor.verify", lambda: tables)
    [finding] = doctor.data(paths.COURSE)
    assert str(finding) == "problem  table tuna: it changed. Put it back"
    monkeypatch.setattr("crmlib.course.doctor.verify", lambda: [])
    [finding] = doctor.data(paths.COURSE)
    assert finding.level == "problem"


def test_doctor_survives_a_check_that_breaks():
    def check(course):
        raise RuntimeError("boom")
        yield

    [finding] = doctor.guarded(check, paths.COURSE)
    assert finding.level == "problem" and "RuntimeError: boom" in finding.text


def test_doctor_finds_an_old_python(monkeypatch):
    monkeypatch.setattr(doctor.platform, "python_version", lambda: "3.10.4")
    [finding] = doctor.python(paths.COURSE)
    assert finding.level == "problem" and "3.10.4" in finding.text


def test_doctor_finds_the_next_free_port(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        monkeypatch.setattr(doctor, "FIRST_PORT", number)
        monkeypatch.setattr(doctor, "PORTS", 1)
        [finding] = doctor.port(paths.COURSE)
        assert finding.level == "problem"
        monkeypatch.setattr(doctor, "PORTS", 50)
        [finding] = doctor.port(paths.COURSE)
        assert finding.level == "ok" and f"port {number} " not in finding.text


def test_doctor_finds_a_folder_that_is_not_there_or_synchronised(tmp_path):
    synced = tmp_path / "OneDrive - School" / "course"
    [broken, note] = doctor.folder(synced)
    assert broken.level == "problem" and note.level == "note"
    synced.mkdir(parents=True)
    assert [finding.level for finding in doctor.folder(synced)] == ["ok", "note"]


def test_doctor_finds_a_kernel_of_another_python(monkeypatch, tmp_path):
    [own] = doctor.kernel(paths.COURSE)
    assert own.level == "ok"
    spec = tmp_path / "kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True)
    other = str(tmp_path / "other" / "python")
    spec.write_text(json.dumps({"argv": [other], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    [finding] = doctor.kernel(paths.COURSE)
    assert finding.level == "problem" and other in finding.text


# lab


def test_lab_passes_options_on_and_data_to_the_kernels(course, monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr("jupyterlab.labapp.LabApp.launch_instance", started.append)
    monkeypatch.setenv("CRMLIB_DATA", "")  # so that it is put back afterwards
    (tmp_path / "class_set").mkdir()
    assert cli.main(["lab", "--data", "class_set", "--port", "9001", "--debug"]) == 0
    assert {"--port=9001", "--debug", f"--ServerApp.root_dir={course / 'work'}"} <= set(started[0])
    assert "--no-browser" not in started[0]
    assert os.environ["CRMLIB_DATA"] == str((tmp_path / "class_set").resolve())
    assert Path.cwd() == course / "work"


def test_lab_serves_the_course_itself_to_its_authors(course, monkeypatch):
    started = []
    monkeypatch.setattr("jupyterlab.labapp.LabApp.launch_instance", started.append)
    assert cli.main(["lab", "--course"]) == 0
    assert f"--ServerApp.root_dir={course}" in started[0]
    assert not (course / "work").exists()


def test_lab_without_its_data_folder_is_refused(capsys):
    assert cli.main(["lab", "--data", "no such folder"]) == 1
    assert "There is no folder" in capsys.readouterr().err


# run


def test_run_leaves_notebook_report_and_tables(course, tmp_path, capsys):
    write_log(tmp_path / "my.csv")
    options = ["--data", "my.csv", *COLUMNS, *US_DATES, "--out", "out {x}"]
    options += ["--param", "RATE=0.2", "--param", "SPLIT=2025-01-03"]
    assert cli.main(["run", "9.9", *options]) == 0
    out = tmp_path / "out {x}"
    book = nbformat.read(out / "9_9_stub.ipynb", as_version=4)
    assert book.cells[-1].outputs[0].text == "3 customers at 0.2 2025-01-03\n"
    report = (out / "9_9_stub.html").read_text(encoding="utf-8")
    assert "3 customers at 0.2" in report and "read_log" not in report
    made = pd.read_csv(out / "customers.csv", dtype={"customer_id": str})
    assert made.to_dict("list") == {"customer_id": ["007", "008", "009"], "amount": [6, 2.5, 3.5]}
    said = capsys.readouterr().out
    assert "Read 4 rows of 3 customers (UTF-8, comma-separated)." in said
    assert all(name in said for name in ["9_9_stub.html", "9_9_stub.ipynb", "customers.csv"])


def test_report_reads_without_code_without_sight_and_without_network(tmp_path):
    png = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo="}}
    png["metadata"] = {"image/png": {"alt": 'Sales of "tea" rise.'}}
    book = new_notebook(cells=[new_code_cell("plot(secret)", outputs=[nbformat.from_dict(png)])])
    nbformat.write(book, tmp_path / "book.ipynb")
    run._write_report(tmp_path / "book.ipynb")
    page = (tmp_path / "book.html").read_text(encoding="utf-8")
    assert "secret" not in page
    picture = re.search(r"<img [^>]*>", page)[0]
    assert html.unescape(re.search(r"""alt=("|')(.*?)\1""", picture)[2]) == 'Sales of "tea" rise.'
    scripts = re.findall(r"<script[^>]*src=[^>]*>", page)
    assert all("defer" in script for script in scripts)


def test_run_without_data_runs_on_the_course_s_own(course, tmp_path):
    write_notebook(course / "notebooks/9_8_own.ipynb", "assert LOG is None\nprint(UNIT)",
                   parameters="LOG = None\nOUT = None\nUNIT = 'week'")  # fmt: skip
    assert cli.main(["run", "9_8_own", "--unit", "month"]) == 0
    book = nbformat.read(tmp_path / "results/9_8_own.ipynb", as_version=4)
    assert book.cells[-1].outputs[0].text == "month\n"


def test_bad_data_are_refused_before_anything_runs(course, tmp_path, capsys):
    path = write_log(tmp_path / "my.csv", customers=30)
    path.write_text(path.read_text().replace(",5.50", ",").replace(",6.50", ",$6.50"))
    assert cli.main(["run", "9.9", "--data", "my.csv", *COLUMNS, *US_DATES, "--out", "out"]) == 1
    err = capsys.readouterr().err
    assert "What to do" in err and "Traceback" not in err
    problems = pd.read_csv(tmp_path / "out/problems.csv")
    assert {6, 7} <= set(problems["row"])  # as a spreadsheet counts
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["problems.csv"]
    write_log(path)
    assert cli.main(["run", "9.9", "--data", "my.csv", *COLUMNS, *US_DATES, "--out", "out"]) == 0
    assert not (tmp_path / "out/problems.csv").exists()


def test_ambiguous_dates_are_refused(course, tmp_path, capsys):
    write_log(tmp_path / "my.csv")
    assert cli.main(["run", "9.9", "--data", "my.csv", *COLUMNS]) == 1
    assert "date" in capsys.readouterr().err


def test_run_names_the_missing_file_and_the_nearest_column(course, tmp_path, capsys):
    assert cli.main(["run", "9.9", "--data", "none.csv", *COLUMNS]) == 1
    assert "There is no file none.csv" in capsys.readouterr().err
    write_log(tmp_path / "my.csv")
    wrong = ["--customer", "customer_id", *COLUMNS[2:]]
    assert cli.main(["run", "9.9", "--data", "my.csv", *wrong]) == 1
    assert "the nearest is 'CUSTOMER_ID'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "argv", "words"),
    [
        ("9.7", [], "is not a notebook of the course"),
        ("9.6", [], "no cell tagged `parameters`"),
        ("9.9", ["--param", "RATES=1"], "has no parameter RATES. It has: LOG, OUT, RATE, SPLIT"),
        ("9.9", ["--unit", "week"], "has no parameter UNIT"),
        ("9.5", [], "ValueError: no such customer"),
        ("9.4", [], "is more than one notebook"),
    ],
)
def test_run_refuses_in_words(course, name, argv, words, capsys):
    write_notebook(course / "notebooks/9_6_fixed.ipynb", "1", parameters=None)
    write_notebook(course / "notebooks/9_5_stops.ipynb", "raise ValueError('no such customer')")
    write_notebook(course / "notebooks/9_4_one.ipynb")
    write_notebook(course / "notebooks/9_4_two.ipynb")
    assert cli.main(["run", name, *argv]) == 1
    err = capsys.readouterr().err
    assert words in err and "Traceback" not in err


@pytest.mark.parametrize("name", ["9.9", "9_9", "9_9_stub", "9_9_stub.ipynb"])
def test_notebook_is_found_by_number_or_name(course, name):
    (course / "notebooks/.ipynb_checkpoints").mkdir()
    (course / "notebooks/.ipynb_checkpoints/9_9_stub.ipynb").write_text("{}")
    found = course / "notebooks/9_test/9_9_stub.ipynb"
    assert run.find_notebook(name) == found
    assert run.find_notebook(str(found)) == found.resolve()


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.2", 0.2), ("7", 7), ("None", None), ("True", True), ("[1, 2]", [1, 2]),
     ("1997-10-30", "1997-10-30"), ("a=b", "a=b"), ('"7"', "7")],
)  # fmt: skip
def test_parameter_is_typed_by_how_it_is_written(text, value):
    assert options._literal(f"X={text}", pytest.fail) == ("X", value)


def write_export(path, customers=800):
    """Write what a till exports: a year of a shop whose customers come and stay by their nature."""
    rng, rows = np.random.default_rng(5), []
    for customer in range(customers):
        day = rng.uniform(0, 180)
        rate, leave, spend = rng.gamma(0.8, 1 / 20), rng.gamma(0.6, 1 / 60), 20 / rng.gamma(3)
        last = min(day + rng.exponential(1 / leave), 365)
        while day < last:
            rows.append((f"{customer:05d}", day, spend * rng.gamma(6) + 0.01))
            day += rng.exponential(1 / rate)
    table = pd.DataFrame(rows, columns=["CUSTOMER_ID", "day", "SALES_PRICE"]).round(2)
    days = pd.Timestamp("2024-03-01") + pd.to_timedelta(table.pop("day").astype(int), unit="D")
    table.insert(0, "TRANSACTION_DT", days.dt.strftime("%m/%d/%Y"))
    table.to_csv(path, index=False)
    return table


@pytest.mark.slow
def test_lifetime_value_on_a_reader_s_own_log(tmp_path, monkeypatch):
    """The course's main job: a messy export in, a valued customer list out."""
    monkeypatch.chdir(tmp_path)
    log = write_export(tmp_path / "my.csv")
    options = ["--data", "my.csv", *COLUMNS, *US_DATES, "--out", "results/"]
    assert cli.main(["run", "2.5", *options]) == 0
    out = tmp_path / "results"
    assert (out / "2_5_money_and_lifetime_value.ipynb").exists()
    report = (out / "2_5_money_and_lifetime_value.html").read_text(encoding="utf-8")
    assert "<img " in report and 'alt=""' not in report
    assert "import crmlib" not in report
    customers = pd.read_csv(out / "customers.csv", dtype={"customer_id": str})
    assert set(customers["customer_id"]) == set(log["CUSTOMER_ID"])
    assert customers["customer_id"].is_unique
    assert not customers.isna().all().any()


# tables


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(("separator", "word"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
@pytest.mark.parametrize("suffix", [".csv", ".tsv.gz"])
def test_table_is_read_whatever_wrote_it(tmp_path, encoding, separator, word, suffix):
    path = tmp_path / f"export{suffix}"
    text = separator.join(["客户", "备注", "金额"]) + "\r\n"
    text += separator.join(["007", f'"石斛{separator} 两盆"', "12.50"]) + "\r\n"
    content = text.encode(encoding)
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    table = tables.read_table(path, ["金额", "客户"], text=["客户"])
    assert table.to_dict("split") == {
        "index": [2],
        "columns": ["金额", "客户"],
        "data": [[12.5, "007"]],
    }
    assert table.attrs["read_as"].endswith(f"{word}-separated")
    assert (encoding == "gb18030") == table.attrs["read_as"].startswith("GB 18030")


def test_decimal_comma_that_splits_a_field_is_refused_not_cut(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("id,date,amount\n1,2025-01-01,12\n2,2025-01-01,12,50\n")
    with pytest.raises(DataError, match="more fields") as refused:
        tables.read_table(path, ["id", "amount"])
    assert refused.value.problems["row"].tolist() == [3]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", b"", "column names should be"),
        ("x.xls", b"PK", "not a kind of file"),
        ("x.xlsx", b"PK", "is no Excel workbook"),
        ("x.csv", b"id,amount\n\xff\x81\x9d,1\n", "in no encoding that can be told"),
        ("x.csv", b'id,amount\n"1,2\n3,4\n', "cannot be split"),
        ("x.csv", b"ID ,amount\n1,2\n", "the nearest is 'ID '"),
    ],
)
def test_unreadable_file_is_refused_in_words(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=words):
        tables.read_table(tmp_path / name, ["id", "amount"])


def test_log_survives_the_way_to_the_notebook(tmp_path):
    log = pd.DataFrame(
        {
            "customer_id": pd.Series(["NA", "007", "null", "石斛"], dtype="str"),
            "date": pd.to_datetime(["2025-01-01", "2024-02-29", "1997-12-31", "2025-01-01"]),
            "amount": [0.1 + 0.2, 1e-9, 12345678.91, 0.0],
        }
    )
    files.write_log(log, tmp_path / "log.csv")
    pd.testing.assert_frame_equal(files.read_log(tmp_path / "log.csv"), log, check_dtype=False)
    assert pd.api.types.is_datetime64_any_dtype(files.read_log(tmp_path / "log.csv")["date"])


def test_log_that_was_not_checked_is_refused(tmp_path):
    (tmp_path / "log.csv").write_text("id,date,amount\n1,2025-01-01,3\n")
    with pytest.raises(DataError, match="customer_id"):
        files.read_log(tmp_path / "log.csv")


def test_parquet_is_read_by_column(tmp_path):
    table = pd.DataFrame({"who": ["007"], "other": [1], "paid": [2.5]})
    table.to_parquet(tmp_path / "x.parquet")
    read = tables.read_table(tmp_path / "x.parquet", ["who", "paid"])
    pd.testing.assert_frame_equal(read, table[["who", "paid"]], check_dtype=False)
    with pytest.raises(DataError, match="the nearest is 'paid'"):
        tables.read_table(tmp_path / "x.parquet", ["who", "Paid"])


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "x.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DataError, match="uv pip install pyarrow"):
        tables.read_table(tmp_path / "x.parquet", ["who"])


# for instructors


def test_grading_takes_what_the_command_line_gives():
    from crmlib.course import grading

    inspect.signature(grading.release).bind()
    more = {"trust": False, "class_set": None}
    inspect.signature(grading.grade).bind(Path("in"), Path("out"), timeout=60, **more)
