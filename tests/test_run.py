"""``crmlib run`` on other people's data: what is kept, said and refused, and what is left behind."""

import argparse
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib import paths
from crmlib.course import cli, intake, places, run, tables
from crmlib.errors import DataError
from crmlib.logs import files

pytestmark = pytest.mark.slow

HEAD = "cust,day,amt\n"
COLUMNS = ["--customer", "cust", "--date", "day", "--amount", "amt"]
GOOD = HEAD + "a,2024-01-01,5\nb,2024-02-01,6\n"
PARAMETERS = """
LOG = None  # None: the course's log
OUT = None  # a folder
RATE = 0.12  # share a year: interest
"""
TITLE = "# Worth?\n\n**40 minutes** · data: CDNOW, a shop\n(2,357 customers)\n\nKey ideas: none"
STUB = """
import warnings
import crmlib as crm
log = crm.read_log(LOG)
crm.write_table(log, f"{OUT}/customers.csv", index=False)
if RATE > 0.9:
    raise crm.DataError(crm.errors.whole("cust", "too few"), "Take more.")
warnings.warn("mind the gap")
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one notebook, 9.9, which says something of the course's log only."""
    folder = tmp_path / "course"
    monkeypatch.setattr(paths, "COURSE", folder)
    monkeypatch.chdir(tmp_path)
    new = nbformat.v4
    book = new.new_notebook(cells=[new.new_markdown_cell(TITLE)])
    book.cells.append(new.new_markdown_cell("CDNOW", metadata={"tags": ["shipped"]}))
    book.cells.append(new.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}))
    book.cells.append(new.new_code_cell(STUB))
    book.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python"}
    (folder / "notebooks").mkdir(parents=True)
    nbformat.write(book, folder / "notebooks/9_9_stub.ipynb")
    return tmp_path


def start(content, *options, notebook="9.9"):
    data = content if isinstance(content, bytes) else content.encode()
    Path("my.csv").write_bytes(data)
    return cli.main(["run", notebook, "--data", "my.csv", *COLUMNS, "--out", "out", *options])


def prepare(folder, content, **options):
    """Read a log as `crmlib run` does; return it and what was said."""
    path = folder / "log_in.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    args = {"customer": "cust", "date": "day", "amount": "amt", "date_format": None} | options
    return crm.read_log(intake.prepare(argparse.Namespace(data=str(path), **args), folder)[0])


# what is read


@pytest.mark.parametrize(
    ("content", "ids", "said"),
    [
        ("17850.0,2024-01-01,5\n17850,2024-02-01,6\n", ["17850"], "1 id is written like 17850.0"),
        ("1.0,2024-01-01,5\n1.1,2024-02-01,6\n", ["1.0", "1.1"], ""),
        ("NA,2024-01-01,5\nb,2024-02-01,6\n", ["NA", "b"], "cust is 'NA' in 1 row,"),
        ("007,2024-01-01,5\n7,2024-02-01,6\n", ["007", "7"], ""),
        ("=1+1,2024-01-01,5\n'=1+1,2024-02-01,6\n-5,2024-02-01,6\n", ["=1+1", "'=1+1", "-5"], ""),
        ("a,2024-01-01,5\n\n,,\nb,2024-02-01,6\n\n", ["a", "b"], "3 empty rows left out"),
    ],
)
def test_ids_are_what_they_were_meant_to_be(tmp_path, content, ids, said, capsys):
    log = prepare(tmp_path, HEAD + content)
    assert log["customer_id"].unique().tolist() == ids
    assert said in capsys.readouterr().out


def test_blanks_around_an_id_do_not_make_another_customer(tmp_path, capsys):
    log = prepare(tmp_path, HEAD + "A1 ,2024-01-01,5\nA1,2024-02-01,6\n")
    assert log["customer_id"].unique().tolist() == ["A1"]
    assert "1" in capsys.readouterr().out.partition("Note:")[2]


@pytest.mark.parametrize(
    ("content", "words", "rows"),
    [
        (HEAD + "a,2024-01-01,5\n1.23457E+11,2024-02-01,6\n", "spreadsheet has", [3]),
        ("cust,day,amt,amt\na,2024-01-01,5,500\n", "two columns have this name", [None]),
        (HEAD + "a,2024-01-01,5\n\n\nb,oops,6\n", "oops", [5]),
        (HEAD + "NULL,2024-01-01,5\n", "no customer id", [2]),
        (HEAD + "a,NA,5\n", "no date", [2]),
        (HEAD + "a,13/02/2024,5\n", '--date-format "%d/%m/%Y" reads them', [2]),
        (HEAD + "a,03/04/2024,5\n", "--date-format", [2]),
        (HEAD + "a,45336,5\n", "--date-format excel reads them", [2]),
        (HEAD + 'a,2024-01-01,"5,500"\n', "--decimal comma", [2]),
        (HEAD + 'a,2024-01-01,"5,50"\nb,2024-01-01,5.5.0\n', "write these like them", [3]),
        (HEAD + "a,2024-01-01,-5\n", "--refunds net", [2]),
        (HEAD + ",2024-01-01,5\n", "--missing-ids drop", [2]),
        (HEAD + "a,2024-01-01,$5\nb,2024-01-01,7\n", "one sign of money or none", [2]),
        (HEAD, "empty", [None]),
    ],
)
def test_a_refusal_names_the_row_and_speaks_of_options(tmp_path, content, words, rows):
    with pytest.raises(places.Refusal, match=re.escape(words)) as refused:
        prepare(tmp_path, content)
    text = str(refused.value)
    assert not re.search(r"\bpd\.|\bcrm\.|dtype|date_format=|[a-z_]\(\.\.\.", text), text
    assert refused.value.__cause__.problems["row"].tolist() == rows
    assert (tmp_path / "problems.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("王小明,2024-01-01,5\n李丽,2024-02-01,6\n", "gb18030", "GB 18030"),
        ("王小明,2024-01-01,5\n陳美麗,2024-02-01,6\n", "big5", "Big5"),
        ("田中さくら,2024-01-01,5\n佐藤 太郎,2024-02-01,6\n", "cp932", "Shift-JIS"),
        ("MÜLLER,2024-01-01,5\nSÃO PAULO,2024-02-01,6\nGröße,2024-02-01,6\n", "latin-1", "Latin-1"),
    ],
)
def test_an_encoding_is_guessed_and_its_doubt_said(tmp_path, text, encoding, name, capsys):
    content = (HEAD + text).encode(encoding)
    who = [line.partition(",")[0] for line in text.splitlines()]
    assert prepare(tmp_path, content)["customer_id"].tolist() == who
    said = capsys.readouterr().out
    assert f"read as {name}" in said and who[0] in said and "--encoding" in said
    assert prepare(tmp_path, content, encoding=encoding)["customer_id"].tolist() == who
    assert "--encoding" not in capsys.readouterr().out
    with pytest.raises(places.Refusal, match=r"cannot be read as utf-8\n.*Leave --encoding out"):
        prepare(tmp_path, content, encoding="utf-8")


def test_text_in_no_encoding_is_refused_with_what_it_would_say(tmp_path):
    content = HEAD.encode() + b"\xd2\x80\x85\x9d\xfe\xa2,2024-01-01,5\n"
    with pytest.raises(places.Refusal, match="in no encoding that can be told"):
        prepare(tmp_path, content)


def test_an_unknown_encoding_is_named(tmp_path):
    (tmp_path / "x.csv").write_text(GOOD)
    for name in ("klingon", "base64"):
        with pytest.raises(ValueError, match=f"there is no encoding '{name}'"):
            tables.read_table(tmp_path / "x.csv", ["cust"], encoding=name)


def test_parquet_keeps_ids_of_any_type(tmp_path):
    table = pd.DataFrame({"cust": [17850.0, 12.0], "day": pd.to_datetime(["2024-01-01"] * 2)})
    table.assign(amt=[1.0, 2.0]).to_parquet(tmp_path / "x.parquet")
    args = argparse.Namespace(
        data=str(tmp_path / "x.parquet"),
        customer="cust",
        date="day",
        amount="amt",
        date_format=None,
    )
    log = crm.read_log(intake.prepare(args, tmp_path)[0])
    assert log["customer_id"].tolist() == ["17850", "12"]


# what is written


def test_no_spreadsheet_runs_what_a_table_says(tmp_path):
    ids = ["=1+1", "+1", "-1", "@x", "\tx", "'=x", "'x", "a=b", None, 7]
    table = pd.DataFrame({"text": ids, "number": -1.5}).assign(day=pd.Timestamp("2024-01-01"))
    files.write_table(table.set_index("text"), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(tmp_path / "x.csv", encoding="utf-8-sig", dtype={"text": str})
    made = ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "''=x", "'x", "a=b", np.nan, "7"]
    assert back["text"].tolist()[:8] == made[:8] and back["text"].tolist()[9] == "7"
    assert back.columns.tolist() == ["text", "number", "day"]
    assert (back["number"] == -1.5).all() and table["text"].iloc[0] == "=1+1"


def test_the_log_of_such_ids_comes_back_as_it_was(tmp_path):
    ids = ["=1+1", "'=1+1", "''-x", "'x", "+", "石斛"]
    log = pd.DataFrame({"customer_id": ids, "date": pd.Timestamp("2024-01-01"), "amount": 1.0})
    files.write_log(log, tmp_path / "log.csv")
    assert files.read_log(tmp_path / "log.csv")["customer_id"].tolist() == ids


def test_the_page_says_what_the_run_was_told(course, capsys):
    assert start(GOOD, "--param", "RATE=0.25") == 0
    book = nbformat.read("out/9_9_stub.ipynb", as_version=4)
    head = book.cells[1].source
    assert "2 rows of 2 customers" in head and "my.csv goes from 2024-01-01 to 2024-02-01" in head
    assert "| `RATE` | 0.25 | share a year: interest |" in head
    text = (course / "out/9_9_stub.ipynb").read_text(encoding="utf-8")
    assert "CDNOW" not in text and str(course) not in text and "ipykernel" not in text
    assert "data: yours" in text and "Key ideas: none" in text
    assert "Note: mind the gap" in text
    page = (course / "out/9_9_stub.html").read_text(encoding="utf-8")
    assert "share a year: interest" in page
    assert sorted(p.name for p in course.glob(".out*")) == []


@pytest.mark.parametrize("wrong", ["RATE=high", "RATE=None", "RATE=[1]"])
def test_a_number_must_be_a_number(course, wrong, capsys):
    assert start(GOOD, "--param", wrong) == 1
    assert "RATE is a number, such as 0.12" in capsys.readouterr().err


# what stays behind


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_old_results_never_stand_beside_a_failed_run(course, capsys):
    out, whole_run = course / "out", ["9_9_stub.html", "9_9_stub.ipynb", "customers.csv", "log.csv"]
    (course / "out").mkdir()
    (out / "mine.html").write_text("a page of the reader's own")
    assert start(GOOD) == 0
    assert names(out) == [*whole_run, "mine.html"]
    assert start(GOOD.replace("6\n", "oops\n")) == 1  # refused
    assert names(out) == ["earlier", "mine.html", "problems.csv"]
    assert names(out / "earlier") == whole_run
    assert "are in" in capsys.readouterr().err
    assert start(GOOD, "--param", "RATE=0.95") == 1  # stopped in the notebook
    said = capsys.readouterr().err
    assert "cannot go on with these data" in said and "too few" in said
    assert "problems.csv" not in names(out) and "9_9_stub.html" not in names(out)
    assert names(out / "earlier") == whole_run
    assert start(GOOD) == 0
    assert names(out) == sorted([*whole_run, "earlier", "mine.html"])


def test_results_of_another_log_are_set_aside(course):
    assert start(GOOD) == 0
    old = (course / "out/customers.csv").read_bytes()
    assert start(GOOD.replace("b,", "c,")) == 0
    assert (course / "out/earlier/customers.csv").read_bytes() == old
    assert b"c,2024" in (course / "out/customers.csv").read_bytes()


def test_a_run_that_is_stopped_leaves_all_as_it_was(course, monkeypatch):
    assert start(GOOD) == 0
    before = {path.name: path.read_bytes() for path in (course / "out").iterdir()}

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_execute", stop)
    assert start(GOOD.replace("b,", "c,")) == 130
    assert {path.name: path.read_bytes() for path in (course / "out").iterdir()} == before
    assert list(course.glob(".out*")) == []


def test_a_file_of_the_reader_s_is_not_replaced(course, capsys):
    (course / "out").mkdir()
    (course / "out/log.csv").write_text(GOOD)
    argv = ["run", "9.9", "--data", "out/log.csv", *COLUMNS, "--out", "out"]
    assert cli.main(argv) == 1
    assert "--out" in capsys.readouterr().err
    assert (course / "out/log.csv").read_text() == GOOD


# the two reports


def export(table):
    return table[["customer_id", "date", "amount"]].set_axis(["cust", "day", "amt"], axis=1)


def pages(folder):
    """All that a reader of the report sees: prose and outputs of the executed notebook."""
    [path] = folder.glob("out/*.ipynb")
    seen = []
    for cell in nbformat.read(path, as_version=4).cells:
        seen += [cell.source] if cell.cell_type == "markdown" else []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            seen.append(output.get("text") or data.get("text/markdown") or data.get("text/plain"))
    return "\n".join(map(str, seen))


def test_every_parameter_of_the_course_can_be_set():
    settable = {}
    for path in (paths.COURSE / "notebooks").rglob("*.ipynb"):
        book = nbformat.read(path, as_version=4)
        for cell in book.cells:
            if "parameters" in cell.metadata.get("tags", []):
                settable[path.stem[:3]] = set(run._known_parameters(path))
                assert not re.search(r"^\w+ *,.*=", cell.source, re.M), f"{path.stem}: one a line"
                for line in re.findall(r"^[A-Z_]+ = .*$", cell.source, re.M):
                    assert "  # " in line, f"{path.stem}: {line} has no unit and meaning"
    assert {"LETTER", "MARGIN", "LIFT", "SPLIT"} <= settable["2_4"]
    assert {"HORIZON", "RATE", "MARGIN", "SHARE", "LIFT", "COST", "UNIT"} <= settable["2_5"]
    assert {"RATE", "YEARS", "CALL"} <= settable["2_7"] and "KIOSK" in settable["1_6"]


def test_eighty_customers_are_valued_and_no_offer_pays_at_such_a_price(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = crm.load("cdnow_sample")
    few = log["customer_id"].drop_duplicates().sample(80, random_state=0)
    content = export(log[log["customer_id"].isin(few)]).to_csv(index=False)
    assert start(content, "--param", "COST=99999", "--unit", "month", notebook="2.5") == 0
    customers = pd.read_csv("out/customers.csv", encoding="utf-8-sig", dtype={"customer_id": str})
    assert len(customers) == 80 and customers["clv"].notna().all()
    seen = pages(tmp_path)
    assert "CDNOW holdout" not in seen
    assert "Make **0 offers**" in seen and "nan" not in re.sub(r"NaN|finance", "", seen)
    assert "| `COST` | 99999 |" in seen and "52 months ahead is longer" in seen


def test_no_letter_pays_at_such_a_price(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", "2.4", "--param", "LETTER=9999", "--out", "out"]) == 0
    seen = pages(tmp_path)
    assert "Write to nobody" in seen and "nan" not in re.sub(r"NaN|finance", "", seen)
    assert not (tmp_path / "out/log.csv").exists()


def test_enormous_amounts_are_refused_in_words(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    log, rng = export(crm.load("cdnow_sample")), np.random.default_rng(1)
    means = {c: np.exp(rng.normal(8, 2.5)) for c in log["cust"].unique()}
    amounts = log["cust"].map(means) * np.exp(rng.normal(0, 1, len(log)))
    content = log.assign(amt=amounts.round(2).clip(lower=0.01)).to_csv(index=False)
    assert start(content, notebook="2.5") == 1
    said = capsys.readouterr().err
    assert "a few enormous purchases rule" in said and "Notebook 2.4" in said


@pytest.mark.parametrize(("spread", "code"), [(0.3, 0), (0, 1)])
def test_frequent_buyers_and_one_price_for_all(tmp_path, monkeypatch, capsys, spread, code):
    """No one with few purchases to judge by; then no two amounts apart, which no model can read."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(2)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(7, 371, 7), unit="D")
    rows = [
        (f"f{i}", day, round(20 * np.exp(spread * rng.normal()), 2))
        for i in range(60)
        for day in days
        if rng.random() < 0.6
    ]
    content = pd.DataFrame(rows, columns=["cust", "day", "amt"]).to_csv(index=False)
    assert start(content, notebook="2.5") == code
    if code:
        said = capsys.readouterr().err
        assert "different means" in said and "stopped at" not in said
    else:
        seen = pages(tmp_path)
        assert "Only 0 customers" in seen and "nan%" not in seen


def test_regular_buyers_get_true_sentences(tmp_path, monkeypatch):
    """Nobody leaves, nobody falls silent: no nan, no claim about nobody, no borrowed verdict."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = [
        (f"y{i}", f"{2015 + j}-0{rng.integers(1, 9)}-1{rng.integers(0, 9)}", rng.gamma(2, 50))
        for i in range(200)
        for j in range(8)
        if rng.random() < 0.7
    ]
    content = pd.DataFrame(rows, columns=["cust", "day", "amt"]).round(2).to_csv(index=False)
    assert start(content, notebook="2.4") == 0
    seen = pages(tmp_path)
    assert "nan%" not in seen and "The small r" not in seen and "of the 0 " not in seen.lower()
    assert "hardly differ in their pace" in seen and "no test of the claim here" in seen
    assert "could hardly differ more" not in seen and "all but given up" not in seen


def test_a_log_too_small_for_a_model_is_refused_in_words(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    log = export(crm.load("cdnow_sample"))
    content = log[log["cust"].isin(log["cust"].unique()[:3])].to_csv(index=False)
    assert start(content, notebook="2.5") == 1
    said = capsys.readouterr().err
    assert "10 are needed" in said and "--param SPLIT" in said and "stopped at" not in said


def test_one_far_off_date_is_named(tmp_path):
    log = export(crm.load("cdnow_sample"))
    days = log["day"].dt.strftime("%Y-%m-%d")
    days.iloc[8] = "2099-12-31"
    with pytest.raises(places.Refusal, match="2099-12-31") as refused:
        prepare(tmp_path, log.assign(day=days).to_csv(index=False))
    assert refused.value.__cause__.problems["row"].tolist() == [10]
    assert isinstance(refused.value.__cause__, DataError)
