"""The satisfaction report and its intake: intervals against referees, sentences in every branch."""

import argparse
import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import crmlib as crm
from crmlib.course import cli, doctor, places, survey_intake
from crmlib.course.reports import satisfaction as S

RNG = np.random.default_rng(11)
N = 400


def survey(n=N, shift=0.0):
    q = RNG.normal(6, 1.5, (n, 3)) + RNG.normal(0, 1, (n, 1))
    table = pd.DataFrame(q, columns=["a", "b", "c"])
    table["overall"] = 0.8 * table["a"] + 0.1 * table["b"] + RNG.normal(0, 1, n) + shift
    return table.assign(group=np.where(np.arange(n) % 3, "x", "y"))


# computing


def test_a_weighted_mean_is_that_of_a_robust_regression():
    x, w = pd.Series(RNG.normal(5, 2, 60)), pd.Series(RNG.uniform(0.2, 3, 60))
    e = S.mean(x, w)
    fit = sm.WLS(x, np.ones(60), weights=w).fit(cov_type="HC1")
    assert e.value == pytest.approx(fit.params.iloc[0]) and e.se == pytest.approx(fit.bse.iloc[0])
    holes = x.where(np.arange(60) != 3)
    assert S.mean(holes, w).n == 59


def test_a_change_of_other_people_is_welch_s():
    one, two = (
        pd.DataFrame({"x": RNG.normal(5, 1, 300)}),
        pd.DataFrame({"x": RNG.normal(6, 2, 200)}),
    )
    it = S.change(one, two, "x")
    welch = np.sqrt(one["x"].var() / 300 + two["x"].var() / 200)
    assert it.value == pytest.approx(two["x"].mean() - one["x"].mean())
    assert it.se == pytest.approx(welch, rel=0.01) and it.both == 0


def test_a_change_of_the_same_people_is_paired():
    before = RNG.normal(5, 2, 300)
    one = pd.DataFrame({"x": before, "respondent": np.arange(300).astype(str)})
    two = one.assign(x=before + RNG.normal(0.3, 0.5, 300)).sample(frac=1, random_state=1)
    it = S.change(one, two.reset_index(drop=True), "x")
    paired = (two.sort_index()["x"] - one["x"]).sem()
    assert it.se == pytest.approx(paired, rel=0.01) and it.both == 300
    assert (
        it.se
        < 0.3 * S.change(one.drop(columns="respondent"), two.drop(columns="respondent"), "x").se
    )


def test_people_without_an_id_are_not_one_person():
    one = pd.DataFrame({"x": RNG.normal(5, 1, 50), "respondent": [None] * 50})
    assert S.change(one, one, "x").both == 0 and S.change(one, one, "x").se > 0


def test_groups_by_holm_and_small_ones_left_out():
    table = survey().assign(wave="1")
    table.loc[table["group"] == "y", "overall"] += 2
    table.loc[:9, "group"] = "tiny"
    found = S.groups(table, "overall")
    assert found.index.tolist() == ["x", "y"] and (found["p (Holm)"] < 1e-6).all()
    said = S.said_groups(found, 1)
    assert "**y** lies" in said and "above the others" in said and "below the others" in said
    assert "Left out, for fewer than 30 answers: 1" in said


def test_on_noise_few_groups_are_called_different():
    called = 0
    for _ in range(60):
        table = pd.DataFrame({"overall": RNG.normal(0, 1, 300), "group": np.arange(300) % 5})
        called += (S.groups(table, "overall")["p (Holm)"] < 0.05).any()
    assert called <= 9


def test_the_driver_that_moves_the_rating_is_first():
    table, why = S.drivers(survey(), ["a", "b", "c"], draws=40)
    assert why == "" and table.index[0] == "a" and table.attrs["first"] == 1
    said = S.said_drivers(table, why)
    assert "**a**" in said and "came first in 100%" in said and "need not move it" in said


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: s.drop(columns="overall"), "--overall"),
        (lambda s: s[:25], "too few"),
        (lambda s: s.assign(a=5.0), "every answer is 5"),
    ],
)
def test_no_drivers_are_named_where_none_can_be(change, why):
    table, said = S.drivers(change(survey()), ["a", "b", "c"], draws=20)
    assert table is None and why in said and said in S.said_drivers(table, said)


# sentences


def test_overall():
    e, top = crm.Estimate(7.25, 0.1, 7.05, 7.45, 400), crm.Estimate(0.4, 0.02, 0.36, 0.44, 400)
    said = S.said_overall(e, top, (1, 10))
    assert "**7.25** on 1 to 10 (7.05 to 7.45, 400 answers)" in said and "40% (36% to 44%)" in said


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.5, "it rose"), (-0.5, "it fell"), (0.1, "no more than chance can do")],
)
def test_change_is_said_by_its_interval(value, words):
    said = S.said_change(S.Change(value, 0.1, 7), "2024", "2025")
    assert words in said and "7 people answered both" in said and f"{value:+.2f}" in said
    assert "answered both" not in S.said_change(S.Change(value, 0.1), "a", "b")


def test_the_weakest_is_named_only_if_it_can_be_told():
    table = S.ranked(survey(), ["a", "b", "c"])
    assert "cannot tell" in S.said_weakest(table, S.Change(0.01, 0.1))
    assert "stands 0.50 above it" in S.said_weakest(table, S.Change(0.5, 0.1))


def test_groups_that_do_not_differ_are_not_named():
    table = S.groups(survey(), "overall")
    assert "None of 2 groups" in S.said_groups(table.assign(**{"p (Holm)": 0.6}), 0)
    assert "No group has the 30 answers" in S.said_groups(table[:0], 2)


def test_a_driver_that_another_may_pass_is_said_to_be_so():
    table, _ = S.drivers(survey(), ["a", "b", "c"], draws=20)
    table.attrs["first"] = 0.6
    assert "only 60%" in S.said_drivers(table, "") and "may be as large" in S.said_drivers(
        table, ""
    )


# the intake


CSV = (
    "id;q1;q2;q3;all;when;w\n1;5;6;7;3;a;1\n2;5;5;5;4;a;2\n2;1;1;2;4;a;1\n3;;;;4;a;1\n4;8;;9;5;b;1\n"
    "5;8;8;9;5;;1\n"
)


def told(path, **more):
    args = {"items": "q1, q2,q3", "scale": "1-10", "overall": "all", "overall_scale": "1-5",
            "respondent": "id", "wave": "when", "weights": "w", "group": None, "encoding": None,
            "check": False}  # fmt: skip
    return argparse.Namespace(data=str(path), **(args | more))


def saved(folder, text, name="my.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_forms_that_do_not_count_are_set_aside_by_name(tmp_path):
    read, aside, said = survey_intake.checked(told(saved(tmp_path, CSV)))
    assert read["respondent"].tolist() == ["1", "2", "4"] and aside.index.tolist() == [4, 5, 7]
    assert set(aside["reason"]) == {
        "sent a second time by the same respondent", "no item is answered", "no wave"}  # fmt: skip
    assert any("same answer to every item" in s for s in said)
    assert any("1 form lacks an answer to q2" in s for s in said)


@pytest.mark.parametrize(
    ("more", "text", "words"),
    [
        ({"scale": "1-5"}, CSV, "off the scale 1 to 5"),
        ({"overall_scale": "1-4"}, CSV, "off the scale 1 to 4"),
        ({"items": "q1,q9"}, CSV, "q9"),
        ({}, CSV.replace("3;;;;4", "3;x;;;4"), "text, not a number"),
        ({}, CSV.replace("7;3;a;1", "7;3;a;-1"), "negative or missing"),
        ({"scale": "ten"}, CSV, "write its ends"),
        ({"scale": "10-1"}, CSV, "the lower first"),
    ],
)
def test_a_survey_is_refused_in_words(tmp_path, more, text, words):
    with pytest.raises((places.Refusal, crm.DataError), match=words):
        survey_intake.checked(told(saved(tmp_path, text), **more))


@pytest.mark.slow
def test_a_survey_of_one_s_own_becomes_a_report(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = survey(300)
    numbers = table[["a", "b", "c", "overall"]].round().clip(1, 10)
    numbers.assign(region=table["group"]).to_csv("my.csv", index=False)
    argv = ["run", "satisfaction", "--data", "my.csv", "--items", "a,b,c", "--overall", "overall",
            "--scale", "1-10", "--group", "region"]  # fmt: skip
    assert cli.main([*argv, "--check"]) == 0 and not (tmp_path / "results").exists()
    assert cli.main(argv) == 0
    made = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert made == ["columns.csv", "groups.csv", "items.csv", "report_satisfaction.html",
                    "report_satisfaction.ipynb", "survey.csv"]  # fmt: skip
    items = pd.read_csv("results/items.csv", encoding="utf-8-sig", index_col=0)
    assert items.loc["a", "mean"] == pytest.approx(numbers["a"].mean(), abs=1e-4)
    page = (tmp_path / "results/report_satisfaction.html").read_text(encoding="utf-8")
    assert "Read 300 forms" in page
    capsys.readouterr()
    with pytest.raises(SystemExit):
        cli.main(["run", "satisfaction", "--data", "my.csv"])
    assert "--items, --scale missing" in capsys.readouterr().err


def test_without_an_overall_rating_the_mean_of_the_items_is_called_so():
    table = survey().drop(columns="overall").round()
    rated, what = S.answered(table, ["a", "b", "c"])
    assert what == "The mean of the items is"
    assert rated["rating"].tolist() == table[["a", "b", "c"]].mean(axis=1).tolist()
    assert S.answered(survey(), ["a"])[1] == "Overall"


def test_the_share_of_the_best_answers_is_csat_and_only_of_answers():
    ratings = pd.Series([5, 4, 3, np.nan, 1.0])
    w = pd.Series([1, 1, 1, 1, 2.0])
    top = S.top_two(ratings, w, (1, 5))
    assert top.value == crm.csat(ratings.dropna(), weights=w[ratings.notna()]).value == 0.4
    assert S.top_two(ratings + 0.5, w, (1, 5)) is None
    said = S.said_overall(S.mean(ratings, w), None, (1, 5), "The mean of the items is")
    assert said.startswith("The mean of the items is **2.80**") and "best answers" not in said


def test_waves_stand_in_the_order_of_time():
    assert S.in_order(["wave 10", "wave 9"]) == ["wave 9", "wave 10"]
    assert S.in_order(["Q1 2025", "Q4 2024"]) == ["Q4 2024", "Q1 2025"]
    waves = pd.Series(["2025-01"] * 30 + ["2024-12"] * 40 + ["2025-02"] * 29)
    assert S.judged(waves) == ["2024-12", "2025-01"]


def test_names_of_the_reader_s_are_text_in_every_sentence():
    table = pd.DataFrame(
        {"mean": [1.0, 2.0], "low": [0.5, 1.5], "high": [1.5, 2.5]}, ["<b>$a$", "*c_"]
    )
    said = S.said_weakest(table, S.Change(1.0, 0.1))
    assert r"&lt;b&gt;\$a\$" in said and r"\*c\_" in said
    assert r"&lt;VIP&gt;" in S.said_groups(
        pd.DataFrame({"against the others": [1.0], "p (Holm)": [0.001]}, ["<VIP>"]), 0
    )


@pytest.mark.parametrize(
    ("items", "overall", "words"),
    [("a,a", None, "named twice"), ("a,b", "a", "named twice"), ("a,rating", None, "Rename")],
)
def test_an_item_is_one_thing(tmp_path, items, overall, words):
    with pytest.raises(places.Refusal, match=words):
        told = argparse.Namespace(data="x.csv", items=items, scale="1-10", overall=overall)
        survey_intake.checked(told)


def test_forms_without_weight_and_too_few_forms_are_refused(tmp_path):
    path = tmp_path / "s.csv"
    pd.DataFrame({"a": [3, 4] * 20, "b": 4, "w": [0, 1] * 20}).to_csv(path, index=False)
    told = {"data": str(path), "items": "a,b", "scale": "1-5", "encoding": None}
    _, aside, _ = survey_intake.checked(argparse.Namespace(**told, weights="w"))
    assert set(aside["reason"]) == {"its weight is 0"} and len(aside) == 20
    with pytest.raises(places.Refusal, match="20 forms count, 30 are needed"):
        survey_intake.prepare(argparse.Namespace(**told, weights="w"), tmp_path)
    with pytest.raises(places.Refusal, match="--config file"):
        survey_intake.prepare(argparse.Namespace(**(told | {"items": "a,b,c"})), tmp_path)


# surveys as programs export them

QUALTRICS = (
    "ResponseId,Q1_1,Q1_2\nResponse ID,How good? - Price,How good? - Staff\n"
    '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1_1""}","{""ImportId"":""QID1_2""}"\n'
    "R_1,3,4\nR_2,5,\n"
)
MONKEY = "Respondent ID,How good?,,Recommend\n,Price,Staff,Response\n1,Good,Bad,9\n2,good ,Fair,\n"


def of(path, items, scale, **more):
    return survey_intake.checked(
        argparse.Namespace(data=str(path), items=items, scale=scale, encoding=None, **more)
    )


def test_questions_below_the_header_are_left_out(tmp_path):
    read, aside, said = of(saved(tmp_path, QUALTRICS), "Q1_1,Q1_2", "1-5")
    assert read["Q1_1"].tolist() == [3, 5] and aside.empty
    assert any("2 rows below the header" in s for s in said)
    with pytest.raises(crm.DataError) as told:
        of(saved(tmp_path, QUALTRICS.replace("R_2,5", "R_2,x")), "Q1_1,Q1_2", "1-5")
    assert told.value.problems["row"].tolist() == [5]


def test_forms_of_another_kind_are_set_aside_by_a_column(tmp_path):
    text = "done,q1,q2\n1,3,4\n0,x,\n1,5,5\n"
    read, aside, said = of(saved(tmp_path, text), "q1,q2", "1-5", only="done=1")
    assert read["q1"].tolist() == [3, 5] and aside["reason"].to_dict() == {3: "done is 0"}
    assert "1 form was set aside: done is 0" in said


def test_names_may_stand_in_two_rows_and_answers_be_words(tmp_path):
    path = saved(tmp_path, MONKEY)
    told = {"overall": "Recommend", "overall_scale": "0-10"}
    read, _, said = of(path, "Price,Staff", "bad,fair,good", **told)
    assert read["Price"].tolist() == [3, 3] and read["Staff"].tolist() == [1, 2]
    assert read["overall"].iloc[0] == 9
    assert "answers in words are read as 1 bad, 2 fair, 3 good" in said
    assert survey_intake.scale(["bad", "fair", "good, or better"]) == (1, 3)


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        ("1-5", "in words: good | Bad | Fair. Name them from the lowest"),
        ("bad,good", "row 4, Staff = Fair: none of the answers that --scale names"),
        ("bad,good,Bad", "names 'bad' twice"),
    ],
)
def test_words_that_have_no_place_are_refused(tmp_path, scale, words):
    with pytest.raises((places.Refusal, crm.DataError), match=re.escape(words)):
        of(saved(tmp_path, MONKEY), "Price,Staff", scale)


def test_signs_without_a_font_are_said(monkeypatch):
    from crmlib.plots import style

    assert doctor.undrawn(["Price", "Größe"]) == ""
    monkeypatch.setattr(style, "_CHINESE", [])
    assert doctor.undrawn(["Price", "满意度", "满"]) == "满意度"
