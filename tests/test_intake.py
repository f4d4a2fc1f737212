"""Other people's files: every usual shape read, refunds and strangers set aside, doubts said."""

import argparse
import gzip

import numpy as np
import pandas as pd
import pytest

from crmlib.course import advice, cli, doubts, intake, options, places, tables, written
from crmlib.course.reports.words import plain
from crmlib.errors import DataError

ROWS = [("a", "2024-01-01", 1234.5), ("b", "2024-02-01", 6.25)]
TABLE = pd.DataFrame(ROWS, columns=["cust", "day", "amt"])


def read(path, **told):
    """What a run would use of a file: the log, what was set aside, what was said."""
    args = {"customer": "cust", "date": "day", "amount": "amt", "date_format": None}
    return intake.checked(argparse.Namespace(data=str(path), **(args | told)))


def saved(folder, content, name="my.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# shapes


@pytest.mark.parametrize(
    "content",
    [
        "cust,day,amt\na,2024-01-01,1234.5\nb,2024-02-01,6.25\n",
        "cust;day;amt\na;2024-01-01;1234,5\nb;2024-02-01;6,25\n",
        "cust|day|amt\na|2024-01-01|1.234,50\nb|2024-02-01|6,25\n",
        "cust\tday\tamt\na\t2024-01-01\t1234,5\nb\t2024-02-01\t6,25\n",
        'cust,day,amt\na,2024-01-01,"1,234.50"\nb,2024-02-01,6.25\n',
        "sep=;\ncust;day;amt\na;2024-01-01;1234.5\nb;2024-02-01;6.25\n",
        '"sep=|"\r\ncust|day|amt\r\na|2024-01-01|1234.5\r\nb|2024-02-01|6.25\r\n',
        "\ufeffcust,day,amt\r\na,2024-01-01,1234.5\r\nb,2024-02-01,6.25",
    ],
)
def test_text_of_every_usual_shape_is_the_same_log(tmp_path, content):
    log, aside, _ = read(saved(tmp_path, content))
    assert log[["customer_id", "amount"]].to_numpy().tolist() == [["a", 1234.5], ["b", 6.25]]
    assert aside.empty


def test_rows_are_counted_as_the_file_has_them(tmp_path):
    path = saved(tmp_path, "sep=;\ncust;day;amt\na;2024-01-01;5\nb;oops;6\n")
    with pytest.raises(DataError) as refused:
        read(path)
    assert refused.value.problems["row"].tolist() == [4]


@pytest.mark.parametrize(
    ("amounts", "decimal", "read_as"),
    [
        (["5,50", "7"], None, [5.5, 7]),
        (["1,234", "5.5"], None, None),
        (["1,234", "5.5"], "point", [1234, 5.5]),
        (["1,234", "5,678"], None, None),
        (["1,234", "5,678"], "comma", [1.234, 5.678]),
        (["1,234", "5,678"], "point", [1234, 5678]),
        (["1.234.567,89", "5"], None, [1234567.89, 5]),
        (["-1,5", "2,5"], None, [-1.5, 2.5]),
        (["1 234,50", "2,5"], None, [1234.5, 2.5]),
        (["12,34,5", "2,5"], None, None),
    ],
)
def test_a_comma_is_read_where_it_can_mean_one_thing(amounts, decimal, read_as):
    column = pd.Series(amounts, name="amt")
    if read_as is None:
        with pytest.raises(DataError):
            written.amounts(column, decimal)
    else:
        numbers, said = written.amounts(column, decimal)
        assert numbers.tolist() == read_as and said


@pytest.mark.parametrize("amounts", [["5", "CNY 7"], ["5.5", "7.25"], ["a", "b"]])
def test_other_amounts_are_left_to_the_check_of_the_log(amounts):
    assert written.amounts(pd.Series(amounts), None)[0].tolist() == amounts


def test_a_workbook_is_read_with_ids_as_they_were_typed(tmp_path):
    book = pd.DataFrame(
        {"cust": [17850, "007"], "day": pd.to_datetime(TABLE["day"]), "amt": [5, 6.5]}
    )
    with pd.ExcelWriter(tmp_path / "my.xlsx") as writer:
        book.to_excel(writer, sheet_name="sales", index=False)
        TABLE.to_excel(writer, sheet_name="old", index=False)
    log, _, said = read(tmp_path / "my.xlsx")
    assert log["customer_id"].tolist() == ["17850", "007"] and log["amount"].tolist() == [5, 6.5]
    assert "sheet 'sales'" in log.attrs["read_as"] and any("old" in doubt for doubt in said)
    assert read(tmp_path / "my.xlsx", table="old")[0]["customer_id"].tolist() == ["a", "b"]
    with pytest.raises(DataError, match="no such sheet"):
        read(tmp_path / "my.xlsx", table="sale")


def test_a_folder_of_parquet_is_one_log(tmp_path):
    for i in (0, 1):
        TABLE.iloc[[i]].to_parquet(tmp_path / f"part{i}.parquet")
    log, _, _ = read(tmp_path)
    assert log["customer_id"].tolist() == ["a", "b"] and "2 files" in log.attrs["read_as"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"holds no \.parquet file"):
        read(tmp_path / "empty")


def test_a_database_is_read_by_table(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as base:
        base.register("frame", TABLE)
        base.execute("CREATE TABLE sales AS SELECT cust, day::DATE AS day, amt FROM frame")
    assert read(tmp_path / "shop.duckdb")[0]["amount"].tolist() == [1234.5, 6.25]
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as base:
        base.execute("CREATE TABLE other AS SELECT 1 AS x")
    with pytest.raises(DataError, match="has 2 tables"):
        read(tmp_path / "shop.duckdb")
    assert len(read(tmp_path / "shop.duckdb", table="sales")[0]) == 2
    saved(tmp_path, "no database", "text.duckdb")
    with pytest.raises(DataError, match="is no DuckDB database"):
        read(tmp_path / "text.duckdb")


def test_any_other_file_is_named(tmp_path):
    with pytest.raises(DataError, match="not a kind of file"):
        read(saved(tmp_path, "x", "my.pdf"))
    with pytest.raises(FileNotFoundError, match="There is no file"):
        tables.read_table(tmp_path / "none.csv", ["cust"])


# what is set aside


REFUNDS = """cust,day,amt
a,2024-01-01,10
a,2024-01-05,20
a,2024-01-06,-25
a,2024-02-01,7
b,2024-01-01,5
b,2024-01-02,-9
c,2024-03-01,-2
c,2024-03-02,4
"""


def test_refunds_are_netted_against_the_latest_purchases_before_them(tmp_path):
    log, aside, said = read(saved(tmp_path, REFUNDS), refunds="net")
    # 25 takes back a's purchase of 20 and half of the one of 10; b's 9 undoes 5 and has 4 over;
    # c's came before any purchase
    assert log[["customer_id", "amount"]].to_numpy().tolist() == [
        ["a", 5.0],
        ["a", 7.0],
        ["c", 4.0],
    ]
    assert sorted(aside.index) == [3, 4, 6, 7, 8]
    assert aside["reason"].value_counts().to_dict() == {
        "a purchase that refunds undid": 2,
        "a refund, netted": 1,
        "a refund, all or part of it of no purchase here": 2,
    }
    assert any(
        "3 refunds were netted: 2 purchases undone, 1 made smaller; 2 refunds" in s for s in said
    )


def test_money_is_kept_when_refunds_are_netted(tmp_path):
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "cust": rng.integers(0, 40, 600).astype(str),
            "day": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 300, 600), unit="D"),
            "amt": rng.integers(1, 5000, 600) / 100,
        }
    )
    table.loc[rng.random(600) < 0.2, "amt"] *= -1
    path = tmp_path / "x.csv"
    table.to_csv(path, index=False)
    log, aside, _ = read(path, refunds="net")
    assert (log["amount"] > 0).all()
    paired = aside["reason"] == "a refund, netted"
    undone = aside["reason"] == "a purchase that refunds undid"
    bought, given = table.loc[table["amt"] > 0, "amt"].sum(), -aside.loc[paired, "amt"].sum()
    partly = ~paired & ~undone
    taken = bought - log["amount"].sum()
    assert given - 1e-6 <= taken <= given - aside.loc[partly, "amt"].sum() + 1e-6
    assert len(log) + undone.sum() == (table["amt"] > 0).sum()


def test_refunds_can_be_set_aside_whole(tmp_path):
    log, aside, said = read(saved(tmp_path, REFUNDS), refunds="drop")
    assert log["amount"].tolist() == [10, 20, 7, 5, 4] and len(aside) == 3
    assert set(aside["reason"]) == {"a refund"} and any(
        "3 refunds were set aside" in s for s in said
    )


def test_a_list_of_refunds_is_refused(tmp_path):
    path = saved(tmp_path, "cust,day,amt\na,2024-01-01,5\na,2024-01-02,-5\n")
    with pytest.raises(DataError, match="undo every purchase"):
        read(path, refunds="net")


def test_purchases_of_nobody_can_be_set_aside(tmp_path):
    path = saved(tmp_path, "cust,day,amt\n,2024-01-01,5\n ,2024-01-01,5\na,2024-01-01,5\n")
    log, aside, said = read(path, missing_ids="drop")
    assert log["customer_id"].tolist() == ["a"] and aside.index.tolist() == [2, 3]
    assert any("2 rows without a customer id were set aside" in s for s in said)
    nobody = saved(tmp_path, "cust,day,amt\n,2024-01-01,5\n", "n.csv")
    with pytest.raises(DataError, match="No row is left"):
        read(nobody, missing_ids="drop")


# what is in doubt


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "a,2024-01-01,5\na,2024-01-01,5\n",
            "1 row repeats another in every column read (first in row 3)",
        ),
        ("a,2024-01-01,0\nb,2024-01-01,5\n", "1 purchase has the amount 0"),
        (
            "Ann,2024-01-01,1\nann,2024-01-01,5\n",
            "2 ids look alike, such as 'Ann' and 'ann'",
        ),
    ],
)
def test_a_doubt_is_said(tmp_path, rows, said):
    _, _, doubts = read(saved(tmp_path, "cust,day,amt\n" + rows))
    assert any(said in doubt for doubt in doubts), doubts


def test_a_log_that_begins_in_the_middle_is_told_from_one_that_grows(tmp_path):
    rng = np.random.default_rng(1)
    joined = rng.integers(0, 1000, 300)  # days; the log is cut at day 400
    rows = [
        (f"c{i}", pd.Timestamp("2020-01-01") + pd.Timedelta(int(d), "D"), 5.0)
        for i, start in enumerate(joined)
        for d in np.arange(start, 1000, 20)
    ]
    everything = pd.DataFrame(rows, columns=["cust", "day", "amt"])
    for name, part, cut in (
        ("all", everything, False),
        ("cut", everything[everything["day"] >= "2021-02-04"], True),
    ):
        part.to_csv(tmp_path / f"{name}.csv", index=False)
        _, _, doubts = read(tmp_path / f"{name}.csv")
        assert any("were customers before it begins" in doubt for doubt in doubts) == cut, name


# options


def run(*argv):
    return cli.main(["run", *map(str, argv)])


def test_check_says_what_would_be_used_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = saved(tmp_path, REFUNDS)
    columns = ["--customer", "cust", "--date", "day", "--amount", "amt"]
    assert run("2.5", "--data", path, *columns, "--check") == 1
    said = capsys.readouterr().err
    assert "--refunds net" in said and said.count("a negative amount, a refund") >= 3
    assert run("2.5", "--data", path, *columns, "--check", "--refunds", "drop") == 0
    said = capsys.readouterr().out
    assert "Read 5 rows of 3 customers" in said and "Nothing was run" in said
    assert [p.name for p in tmp_path.iterdir()] == ["my.csv"]


def test_a_toml_file_holds_the_options_and_the_command_line_wins(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    saved(tmp_path / "in", REFUNDS)
    toml = 'data = "my.csv"\ncustomer = "cust"\ndate = "day"\namount = "amt"\nrefunds = "net"\n'
    saved(tmp_path / "in", toml, "shop.toml")
    assert run("2.5", "--config", "in/shop.toml", "--check") == 0
    assert "Read 3 rows" in capsys.readouterr().out
    assert run("2.5", "--config", "in/shop.toml", "--check", "--refunds", "drop") == 0
    assert "Read 5 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("refund = 'net'", "Did you mean refunds?"),
        ("data = ", "is not TOML"),
        ("refunds = 'all'", "refunds must be 'refuse', 'net' or 'drop', not 'all'"),
        ("rate = 'high'", "RATE is a number"),
    ],
)
def test_a_toml_file_is_refused_in_words(tmp_path, toml, words, capsys):
    path = saved(tmp_path, toml, "x.toml")
    assert run("2.5", "--config", path, "--check") == 1
    assert words in capsys.readouterr().err


def test_a_column_of_margins_is_for_the_report_that_takes_one(tmp_path, capsys):
    path = saved(tmp_path, "cust,day,amt,m\na,2024-01-01,5,0.3\n")
    columns = ["--customer", "cust", "--date", "day", "--amount", "amt"]
    assert run("2.5", "--data", path, *columns, "--margin", "m", "--check") == 1
    assert "takes one margin for all" in capsys.readouterr().err


@pytest.mark.parametrize("margins", [["0.3", "high"], ["0.3", "1.2"], ["0.3", ""]])
def test_margins_are_shares(tmp_path, margins):
    rows = [f"a,2024-01-0{i + 1},5,{m}" for i, m in enumerate(margins)]
    path = saved(tmp_path, "cust,day,amt,m\n" + "\n".join(rows))
    with pytest.raises(DataError, match="share of the amount"):
        read(path, margin="m")


def test_refusals_stay_refusals_with_every_problem_listed(tmp_path):
    path = saved(tmp_path, "cust,day,amt\na,oops,5\nb,2024-01-01,x\n")
    args = argparse.Namespace(
        data=str(path), customer="cust", date="day", amount="amt", date_format=None
    )
    with pytest.raises(places.Refusal, match=r"problems\.csv"):
        intake.prepare(args, tmp_path)
    found = pd.read_csv(tmp_path / "problems.csv", encoding="utf-8-sig")
    assert found["row"].tolist() == [2, 3]


# files nobody here has seen


@pytest.mark.parametrize(
    ("top", "row"),
    [
        ("Sales of 2024\n\n", 3),
        ("Sales,of,2024\nprinted,,\n", 3),
        ('"a title\nof two lines"\n', 2),
    ],
)
def test_a_title_above_the_header_is_passed_over_and_said(tmp_path, top, row):
    log, _, _ = read(saved(tmp_path, top + "cust,day,amt\na,2024-01-01,5\nb,2024-01-02,6\n"))
    assert log["amount"].tolist() == [5, 6] and f"header in row {row}" in log.attrs["read_as"]
    with pytest.raises(DataError) as told:
        read(saved(tmp_path, top + "cust,day,amt\na,2024-01-01,5\nb,2024-13-02,6\n"))
    assert told.value.problems["row"].tolist() == [row + 2]


def test_a_header_is_split_as_its_rows_are(tmp_path):
    content = '"a, b, c, d";cust;"day\n(UTC)";amt\nx;k;2024-01-01;3\n'
    log, _, _ = read(saved(tmp_path, content), date="day\n(UTC)")
    assert log["customer_id"].tolist() == ["k"] and log["amount"].tolist() == [3]


def test_a_workbook_may_have_a_title_but_no_name_twice(tmp_path):
    path = tmp_path / "x.xlsx"
    rows = [["Sales", None, None, None], ["cust", "day", "amt", 2024], ["a", "2024-01-01", 5, 1]]
    pd.DataFrame(rows).to_excel(path, header=False, index=False)
    log, _, _ = read(path)
    assert log["amount"].tolist() == [5] and "header in row 2" in log.attrs["read_as"]
    assert read(path, amount="2024")[0]["amount"].tolist() == [1]
    rows[1][3] = "amt"
    pd.DataFrame(rows).to_excel(path, header=False, index=False)
    with pytest.raises(DataError, match="two columns have this name"):
        read(path)


def test_a_folder_may_name_the_day_and_hold_what_is_of_its_program(tmp_path):
    for day in ("2024-01-01", "2024-01-02"):
        (tmp_path / f"day={day}").mkdir()
        pd.DataFrame({"cust": ["a"], "amt": [5.0]}).to_parquet(tmp_path / f"day={day}/p.parquet")
    (tmp_path / "_delta_log").mkdir()
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "_delta_log/p.parquet")
    log, _, _ = read(tmp_path)
    assert log["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-01-02"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv.gz", gzip.compress(b"cust,day,amt\n" * 99, mtime=0)[:-9], "its end is missing"),
        ("a.csv.gz", b"cust,day,amt\n", "no gzipped file"),
        ("a.parquet", b"PAR1xxxx", "no Parquet file"),
        ("a.csv", "cust,day,amt\n".encode("utf-16-le"), "utf-16-le"),
        ("a.csv", b"cust^day^amt\na^2024-01-01^5\n", "sep=\\^"),
        ("a.csv", "고객,날짜,금액\n".encode("euc-kr"), "name its encoding"),
        ("a.csv", b"cust,day,amt\na,2024-01-01,-5\n", "is negative in every row"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path, name, content, words):
    with pytest.raises(DataError, match=words):
        read(saved(tmp_path, content, name), refunds="net")


def test_points_may_mark_thousands(tmp_path):
    path = saved(tmp_path, "cust;day;amt\na;2024-01-01;1.250\nb;2024-01-02;980\n")
    log, _, said = read(path)
    assert log["amount"].tolist() == [1.25, 980] and any("say --decimal comma" in s for s in said)
    log, _, said = read(path, decimal="comma")
    assert log["amount"].tolist() == [1250, 980] and any("read as 1250" in s for s in said)
    fine = saved(tmp_path, "cust,day,amt\na,2024-01-01,1.25\nb,2024-01-02,0.375\n")
    assert not any("thousands" in s for s in read(fine)[2])


def test_what_is_set_aside_is_listed_as_the_file_has_it(tmp_path):
    content = REFUNDS.replace("cust,", "reason,") + ",2024-03-05,8\n"
    log, aside, said = read(
        saved(tmp_path, content), customer="reason", refunds="net", missing_ids="drop"
    )
    assert aside.columns.tolist() == ["reason", "day", "amt", "reason set aside"]
    rows = content.count("\n") - 1
    assert len(log) + len(aside) == rows and aside.index.is_unique
    assert aside.loc[10, "reason set aside"] == "no customer id"
    assert any("1 row without a customer id was set aside" in s for s in said)
    assert any("2 refunds have, in whole or in part, no purchase before" in s for s in said)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("１２", "12"),
        ("a\u200b", "a"),
        ("\ufeffa", "a"),
        ("007", "7"),
        ("Ame\u0301lie", "Am\u00e9lie"),
    ],
)
def test_ids_that_look_alike_are_named(tmp_path, one, other):
    path = saved(tmp_path, f"cust,day,amt\n{one},2024-01-01,5\n{other},2024-01-02,6\n")
    log, _, said = read(path)
    assert log["customer_id"].tolist() == [one, other]
    assert any("2 ids look alike" in s and repr(one) in s for s in said)


def test_a_customer_that_is_all_guests_is_named(tmp_path):
    days = pd.date_range("2024-01-01", periods=200).astype(str)
    guests = pd.DataFrame({"cust": "0", "day": days, "amt": 5.0})
    others = pd.DataFrame({"cust": [f"c{i}" for i in range(200)], "day": days, "amt": 5.0})
    pd.concat([guests, others]).to_csv(tmp_path / "x.csv", index=False)
    assert any("0 has 200 of the 400 rows" in s for s in read(tmp_path / "x.csv")[2])
    others.to_csv(tmp_path / "x.csv", index=False)
    assert not any("of the" in s for s in read(tmp_path / "x.csv")[2])


def test_lines_of_a_receipt_and_days_to_come_are_said(tmp_path):
    path = saved(tmp_path, "cust,day,amt\na,2024-01-01,5\na,2024-01-01,6\nb,2199-01-01,6\n")
    _, _, said = read(saved(tmp_path, path.read_text().replace("2199", "2024")))
    assert any("a day's rows count as one purchase" in s for s in said)
    later = pd.Timestamp.now() + pd.Timedelta(900, "D")
    path = saved(tmp_path, f"cust,day,amt\na,2024-01-01,5\nb,{later:%Y-%m-%d},6\n")
    assert any("1 row lies in the future" in s for s in read(path)[2])


def test_a_log_of_old_customers_only_is_said_in_words():
    said = doubts.flooded(100, 100, pd.Timedelta(400, "D"))
    assert "has all its customers" in said[0] and "inf" not in said[0]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"MARGIN": 30.0}, "30 % is 0.3"),
        ({"RATE": 12.0}, "12 % is 0.12"),
        ({"HORIZON": 0.0}, "above zero"),
        ({"COST": -1.0}, "zero or more"),
        ({"UNIT": "weeks"}, "Did you mean 'week'"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_the_run(told, words):
    known = {"MARGIN": 0.3, "RATE": 0.1, "HORIZON": 52, "COST": 0.0, "UNIT": "week"}
    known = {name: {"value": value, "help": ""} for name, value in known.items()}
    with pytest.raises(places.Refusal, match=words):
        options.check("report_value.ipynb", known, told, [])


def test_a_reader_s_text_is_shown_as_it_is():
    assert plain("a_b _<i> $x$ #1\n|") == r"a_b \_&lt;i&gt; \$x\$ \#1 \|"


# exports of shops, ledgers and forms


@pytest.mark.parametrize(
    ("amounts", "read_as"),
    [
        (["$40.32", "-$1,020.50", "($3.00)"], [40.32, -1020.5, -3]),
        (["￥44.20", "￥0.00"], [44.2, 0]),
        (["USD 15,177.79", "USD 5"], [15177.79, 5]),
        (["1.234,50 €", "-6,25 €"], [1234.5, -6.25]),
        (["6.308,72", "1.561,13-", "446,74"], [6308.72, -1561.13, 446.74]),
        (["+129,32", "-7,5"], [129.32, -7.5]),
        (["1'234.50", "5"], [1234.5, 5]),
        (["88元", "9.5元"], [88, 9.5]),
        (["(5)", "7"], [-5, 7]),
        (["\u22125", "7"], [-5, 7]),
        (["¥5", "￥７"], [5, 7]),
    ],
)
def test_amounts_are_read_as_ledgers_write_them(amounts, read_as):
    column = pd.Series([*amounts, None, amounts[0]], name="amt")
    numbers, said = written.amounts(column, None)
    assert numbers.tolist()[: len(read_as)] == read_as and numbers.iloc[-1] == read_as[0]
    assert np.isnan(numbers.iloc[-2]) and "amounts are written like" in said[0]


@pytest.mark.parametrize(
    "amounts", [["5 kg", "7 kg"], ["$5", "7"], ["--5", "5"], ["(5", "5"], ["5,-", "7"]]
)
def test_what_is_no_money_is_left_to_the_check_of_the_log(amounts):
    assert written.amounts(pd.Series(amounts), None)[0].tolist() == amounts


def test_amounts_in_two_currencies_are_not_added_up():
    with pytest.raises(DataError, match="amounts in \\$ and €") as told:
        written.amounts(pd.Series(["$5", "€7", "$6", "€7"], name="amt"), None)
    assert told.value.problems["row"].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("days", "way"),
    [
        (["45323", "45349.75"], "excel"),
        (["20240201090000", "20240227T2359"], None),
        (["1706778000", "1709020799"], "unix"),
        (["1706778000000", "1709020799999"], "unix"),
        (["2024-02-01 09:00:00 UTC", "2024-02-27 23:59:00 UTC"], None),
        (["2024-02-01 09:00:00+00", "2024-02-27T23:59:59.5+08:00"], None),
        (["2/1/2024 2:05:00 PM", "2/27/2024 12:05:00 AM"], "%m/%d/%Y %I:%M:%S %p"),
    ],
)
def test_days_are_read_as_programs_write_them(tmp_path, days, way):
    path = saved(tmp_path, "cust,day,amt\n" + "".join(f"a,{d},5\n" for d in days))
    log, _, _ = read(path, date_format=way)
    assert log["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-02-01", "2024-02-27"]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (["1706778000", "1709020799"], "--date-format unix reads them"),
        (["45323", "45349.75"], "--date-format excel reads them"),
        (['"Feb 3, 2024, 3:15 PM"', '"Mar 13, 2024, 9:05 AM"'], '"%b %d, %Y, %I:%M %p" reads them'),
        (["2/1/2024 2:05:00 PM", "2/27/2024 12:05:00 AM"], '"%m/%d/%Y %I:%M:%S %p" reads them'),
        (["13.02.24"] * 5 + [f"{d}.03.24" for d in range(10, 28)] + ["Endsaldo"],
         '13.02.24 shows the day first: --date-format "%d.%m.%y" reads nearly all of them; correct'),
    ],
)  # fmt: skip
def test_the_format_of_a_day_is_advised(tmp_path, days, words):
    path = saved(tmp_path, "cust,day,amt\n" + "".join(f"a,{d},5\n" for d in days))
    with pytest.raises(DataError) as told:
        read(path)
    assert words in advice.in_options(str(told.value))


@pytest.mark.parametrize(
    ("day", "way", "words"),
    [
        ("1706778000", "excel", "no number of a day in Excel"),
        ("0", "excel", "no number of a day in Excel"),
        ("45323", "unix", "no count of seconds since 1970"),
        ("2024-02-01", "unix", "no count of seconds since 1970"),
    ],
)
def test_a_count_of_another_kind_is_refused(tmp_path, day, way, words):
    path = saved(tmp_path, f"cust,day,amt\na,{day},5\n")
    with pytest.raises(DataError, match=words) as told:
        read(path, date_format=way)
    assert told.value.problems["row"].tolist() == [2]


def test_days_of_several_time_zones_are_said(tmp_path):
    summer = "a,2024-03-30 10:00:00 -0500,5\na,2024-04-01 10:00:00 -0400,5\n"
    mixed = summer + "a,2024-04-02 10:00:00,5\nb,2024-04-02T23:00:00Z,5\n"
    for rows, several in ((summer, False), (mixed, True)):
        log, _, said = read(saved(tmp_path, "cust,day,amt\n" + rows))
        assert log["date"].iloc[0] == pd.Timestamp("2024-03-30")
        assert any("several time zones" in s for s in said) == several


def test_an_amount_may_be_a_price_times_a_quantity(tmp_path):
    rows = "cust,day,Price,Quantity,amt*\na,2024-01-01,2.55,6,1\n"
    rows += "a,2024-01-02,2.55,-6,2\nb,2024-01-02,3,2,3\n"
    path = saved(tmp_path, rows)
    log, aside, _ = read(path, amount="Price * Quantity", refunds="drop")
    assert log["amount"].tolist() == [15.3, 6] and aside["Price * Quantity"].tolist() == [-15.3]
    assert read(path, amount="amt*")[0]["amount"].tolist() == [1, 2, 3]
    _, _, said = read(path, amount="Price")
    assert any('say --amount "Price*Quantity"' in s for s in said)
    with pytest.raises(DataError, match="not a plain number"):
        read(saved(tmp_path, rows.replace("3,2,3", "3,two,3")), amount="Price*Quantity")


STATUS = """cust,day,amt,Status,x
a,2024-01-01,$5,Paid,1
b,oops,?,Failed,2
c,2024-01-03,$7, Paid ,3
d,2024-01-03,,Paid,4
,,,,note
"""


def test_rows_that_are_no_purchases_are_set_aside_by_a_column(tmp_path):
    path = saved(tmp_path, STATUS.replace("d,2024-01-03,,Paid,4\n", ""))
    log, aside, said = read(path, only="Status=Paid")
    assert log["customer_id"].tolist() == ["a", "c"] and log["amount"].tolist() == [5, 7]
    assert aside["reason"].to_dict() == {3: "Status is Failed", 5: "Status is empty"}
    assert any("1 row was set aside: Status is Failed" in s for s in said)
    with pytest.raises(DataError, match=r"is never Payed\n.*It is Paid \(2\), Failed \(1\)"):
        read(path, only="Status=Payed")
    with pytest.raises(places.Refusal, match="COLUMN=VALUE"):
        read(path, only="Paid")
    paid = saved(tmp_path, "cust,day,amt,Status\na,2024-01-01,5,Paid\n", "paid.csv")
    assert any("the file has a column 'Status'" in s for s in read(paid)[2])
    assert not any("has a column" in s for s in read(paid, only="Status=Paid")[2])


def test_numbers_kept_from_excel_by_a_formula_are_read(tmp_path):
    content = 'cust,day,amt\n="0138",="2024-01-01",="5.5"\n="0139",="2024-01-02",="6"\n'
    content += "=1+1,2024-01-02,7\n"
    log, _, _ = read(saved(tmp_path, content))
    assert log["customer_id"].tolist() == ["0138", "0139", "=1+1"]
    assert log["amount"].tolist() == [5.5, 6, 7]


def test_a_line_with_one_of_three_is_no_purchase_and_is_listed(tmp_path):
    rows = "cust,day,amt\na,2024-01-01,5\na,,\n,2024-01-05,\n,,5\n"
    log, aside, said = read(saved(tmp_path, rows))
    assert len(log) == 1 and aside["reason"].tolist() == [
        "nothing but cust", "nothing but day", "nothing but amt"]  # fmt: skip
    assert any("lists the 3 rows" in s for s in said)
    with pytest.raises(DataError, match="no amount"):
        read(saved(tmp_path, rows + "a,2024-01-02,\n"))


def test_check_shows_what_to_do_last_and_few_of_many_rows(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    columns = ["--customer", "cust", "--date", "day", "--amount", "amt", "--check"]
    path = saved(tmp_path, "cust,day,amt\n" + "a,13/02/2024,5\n" * 50)
    assert run("value", "--data", path, *columns) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert (
        said[-1]
        == 'What to do: 13/02/2024 shows the day first: --date-format "%d/%m/%Y" reads them.'
    )
    path = saved(tmp_path, "cust,day,amt\n" + "a,2024-02-13,5\n" + "a,2024-02-13,-5\n" * 50)
    assert run("value", "--data", path, *columns, "--refunds", "drop") == 0
    said = capsys.readouterr().out
    assert said.count("a refund") == 20 and "... and 30 more" in said
