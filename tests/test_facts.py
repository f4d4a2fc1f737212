"""Numbers in text are found, tied, and no change of one passes."""

import json
import random
import re
from pathlib import Path

import pytest
from notebook_policy import problems
from sample_notebook import LESSON, PARAMETERS, sample

from crmlib.course import facts


def found(text, cited=""):
    return [number.value for number in facts.numbers(text, cited)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Of 1,946 customers 20.5 came", [1946, 20.5]),
        ("$r$ = 0.243 and $\\alpha_1 = 4.41$", [0.243, 4.41]),
        ("a formula $\\frac{1}{2} x_{12}^2$", [1, 2, 2]),
        ("minus: −0.5, -193, | -3 | and 20–37", [-0.5, -193, -3, 20, 37]),
        ("1.2 million, 3 thousand", [1.2e6, 3000]),
        ("It came in 2. Four tables join nothing.", [2, 4]),
        ("three waves, twenty-five long years, two hundred people", [3, 25, 200]),
        ("a hundred customers, one in five, two thirds of them", [100, 5, 2 / 3]),
        ("five per cent, ten %", [5, 10]),
        ("seven times as long", [7]),
        ("> 90 days", [90]),
        ("`52 / 100`, ``a `1` b``\n\n```python\nx = 3\n```\n", []),
        ("[2.4 Who](2_4.ipynb#part-3), ![5](6.png), https://a.org/7", []),
        ("1. one\n2. two\n\n> 3. three", []),
        ("notebook 2.4, Notebooks 2.4 and 2.5, chapter 3, section 2, Answer 1", []),
        ("of those who answer 60 had left", [60]),
        ("**50 minutes** · builds on 2.1, 2.2 · data: CDNOW, 2,357 rows", [2357]),
        ("### Weekly tracking · 10 minutes", []),
        ("<td colspan=2>x</td> <!-- 3 -->", []),
        ("two of them, one line, of two minds", [2]),
        ("M1, t_2, CO2 and x1", []),
    ],
)
def test_numbers_of_a_text(text, values):
    assert found(text) == pytest.approx(values)


def test_a_year_counts_unless_the_work_is_under_references():
    text = "Fader and Lee (2005), CDNOW 1997"
    assert found(text) == [2005, 1997]
    assert found(text, "- Fader, P. S. and Lee, K. (2005). Title.") == [1997]


@pytest.mark.parametrize(
    ("printed", "value", "holds"),
    [
        ("52 %", 0.5151, True),
        ("52 %", 0.5149, False),
        ("52 %", 52.0, False),
        ("20 to 37 %", (0.20, 0.369), True),
        ("0.243", 0.2434, True),
        ("0.243", 0.2436, False),
        ("−0.5", -0.46, True),
        ("−0.5", 0.46, False),
        ("1,946", 1946, True),
        ("1,946", 1947, False),
        ("1.2 million", 1_243_000, True),
        ("1.2 million", 1_251_000, False),
        ("three waves", 3, True),
        ("three waves", 4, False),
        ("two thirds", 0.68, True),
    ],
)
def test_a_number_is_compared_at_half_its_last_printed_digit(printed, value, holds):
    tied, wrong = facts.tie(f"It is {printed} here", {printed: "value"})
    assert wrong == [] and len(tied) == 1
    assert (facts.misses([("", tied[0])], {"value": value}) == []) is holds


def test_values_that_are_no_numbers_are_named():
    tied, _ = facts.tie("of 12 and 13", {"12 and 13": "x"})
    said = [facts.misses([("cell 3", tied[0])], {"x": x}) for x in (True, "12", None, 12)]
    said.append(facts.misses([("cell 3", tied[0])], {"x": float("nan")}))
    said.append(facts.misses([("cell 3", tied[0])], {}))
    assert all(len(lines) == 1 and lines[0].startswith("cell 3: ") for lines in said)
    assert "NameError" in said[-1][0]


def test_a_phrase_holds_wherever_it_stands_and_a_bare_number_once():
    text = "the 90 days, the\n> 90 days; 90 again, 190 days, 90.5"
    tied, wrong = facts.tie(text, {"the 90 days": "given"})
    assert len(tied) == 2 and [line[:12] for line in wrong] == ["not declared"] * 3
    _, wrong = facts.tie("90 and 90", {"90": "given"})
    assert "stands here 2 times" in wrong[0]
    _, wrong = facts.tie("90 days", {"90 days": "given", "91 days": "given"})
    assert wrong == ["'91 days' is declared, but holds no number of this cell"]


def test_what_is_cited_stands_under_references():
    work = "- Fader, P. S. (2005). Title."
    assert facts.tie("0.2 there", {"0.2": "cited: Fader (2005)"}, work)[1] == []
    assert "not from a work" in facts.tie("0.2 there", {"0.2": "cited: Bass (1969)"}, work)[1][0]
    assert "not from a work" in facts.tie("0.2 there", {"0.2": "cited"}, work)[1][0]
    assert "not an expression" in facts.tie("0.2 there", {"0.2": "x ="}, work)[1][0]


# mutations: a sample whose every number is tied, spoilt at random


def places(nb):
    """List the digits and number words that a careless edit may change; not the exempt ones."""
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown":
            text = re.sub(
                r"\[[^\]]*\]\([^)]*\)|Notebook 2\.1|`[^`]*`|^1\. |r_1", blank, cell.source
            )
            text = re.sub(r"^1\. ", blank, text, flags=re.M)
            text = text.partition("\n## References\n")[0]
            words = r"\d|\b(?:two|three|four|six|twenty-five|a hundred)(?= \w+)"
            yield from ((i, m.start(), m.end()) for m in re.finditer(words, text))


def blank(match):
    return "_" * len(match[0])


def changed(text, choose):
    if text.isdigit():
        return choose.choice([digit for digit in "123456789" if digit != text])
    return choose.choice([word for word in ("two", "three", "five", "nine") if word != text])


@pytest.mark.parametrize("also_the_key", [False, True])
def test_a_hundred_changed_numbers_are_all_noticed(tmp_path, also_the_key):
    namespace: dict = {}
    exec(f"import crmlib as crm\n{PARAMETERS}\n{LESSON}", namespace)
    assert noticed(sample(), tmp_path / "9_1.ipynb", namespace) == []
    choose, missed = random.Random(1), []
    for _ in range(100):
        nb = sample()
        i, start, end = choose.choice(list(places(nb)))
        cell = nb.cells[i]
        before = cell.source
        new = changed(before[start:end], choose)
        cell.source = before[:start] + new + before[end:]
        if also_the_key and not spoil_the_key(cell, before, start, new, end):
            continue
        if noticed(nb, tmp_path / "9_1.ipynb", namespace) == []:
            missed.append((before[max(0, start - 20) : end + 10], new))
    assert missed == []


def spoil_the_key(cell, before, start, new, end):
    """Change the phrase along with the text, if what it stands for is computed."""
    for fact in facts.tie(before, cell.metadata.get("facts", {}), "Fader (2005)")[0]:
        for number in fact.numbers:
            if fact.expression and number.start <= start < number.end:
                printed = before[number.start : number.end]
                where = start - number.start
                spoilt = printed[:where] + new + printed[where + end - start :]
                means = cell.metadata["facts"].pop(fact.phrase, fact.means)
                cell.metadata["facts"][fact.phrase.replace(printed, spoilt, 1)] = means
                return True
    return False


def noticed(nb, path: Path, namespace):
    path.write_text(json.dumps(nb, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    pairs = [("", fact) for _, tied, _ in facts.of_notebook(nb) for fact in tied]
    return problems(path) + facts.misses(pairs, namespace)


def test_the_command_lists_what_is_not_declared(tmp_path, capsys):
    nb = sample()
    del nb.cells[7].metadata["facts"]["52 % bought"]
    path = tmp_path / "9_1.ipynb"
    path.write_text(json.dumps(nb), encoding="utf-8")
    assert facts.main(["--no-run", str(path)]) == 1
    assert "cell 7: not declared: 'Of these 2,357 customers 52 %" in capsys.readouterr().out
