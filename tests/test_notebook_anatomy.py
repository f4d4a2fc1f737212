import json

import notebook_budget
import pytest
from notebook_anatomy import COLLAPSED
from notebook_policy import problems
from sample_notebook import ALT, FOLDED, LINE, code, rewrites, sample

NAME = "9_1_sample.ipynb"


def found(nb, folder):
    path = folder / NAME
    path.write_text(json.dumps(nb, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return problems(path)


def test_the_sample_keeps_the_guide(tmp_path):
    assert found(sample(), tmp_path) == []


def text(nb, i):
    return [cell for cell in nb.cells if cell.cell_type == "markdown"][i]


def adds(line, cell):
    return lambda nb: code(nb, cell).update(source=code(nb, cell).source + "\n" + line)


def metadata(cell, **entries):
    return lambda nb: code(nb, cell).update(metadata=entries)


def move_going_further(nb):
    nb.cells = nb.cells[:8] + nb.cells[9:] + [nb.cells[8]]


def empty_section(nb):
    source = text(nb, 3).source
    start, end = source.index("## Traps"), source.index("## Summary")
    text(nb, 3).source = f"{source[:start]}## Traps\n\nNone.\n\n{source[end:]}"


def second_needs_first(nb):
    nb.cells += [nb.cells[-4].copy(), nb.cells[-2].copy()]
    nb.cells[-1].source = "print(weeks)"


BROKEN = [
    (adds("x = 1\n" * 7, 2), "over the budget: longest: 11, at most 10"),
    (adds(f"x = '{'y' * 90}'", 2), "over the budget: width: 96, at most 88"),
    (adds("x = 1", 2), "over the budget: median"),
    (rewrites("Nothing here", "word " * 2300), "over the budget: words"),
    (lambda nb: [nb.cells.insert(8, nb.cells[7]) for _ in range(60)], "over the budget: cells"),
    (lambda nb: code(nb, 3).metadata.update(tags=[]), "code cell 3: folded by one mark only"),
    (lambda nb: code(nb, 3).metadata.pop("jupyter"), "code cell 3: folded by one mark only"),
    (rewrites("# folded: the sentence and its guard\n", ""), "begins with a comment"),
    (adds("x = 1\n" * 40, 3), "43 folded lines; at most 40"),
    (metadata(0), "code cell 0: the import cell is folded"),
    (adds("assert once > 0.4", 3), "code cell 3: an assert shouts at a reader"),
    (adds("np.testing.assert_allclose(once, 0.5)", 3), "an assert shouts at a reader"),
    (adds("crm.expect(once > 0.4, 'many bought once')", 2), "crm.expect stands in a folded cell"),
    (rewrites("crm.expect(", "print("), "computes a result and holds no crm.expect"),
    (rewrites("crm.expect(", "print("), "0 guards, 1 when it was sealed"),
    (lambda nb: nb.metadata.pop("crmlib"), "1 guards, None when it was sealed"),
    (rewrites("**Guess first.**", "Guess:"), "'The rule from the textbook' computes a result; ask"),
    (rewrites("bought once only? W", "bought once only. W"), "computes a result; ask before it"),
    (rewrites("**Your turn.**", "Try:"), "0 times **Your turn.**"),
    (rewrites("**Your turn.**", "**Your turn.** " * 3), "3 times **Your turn.**"),
    (lambda nb: nb.cells.pop(7), "cell 6: a figure is followed by its reading"),
    (rewrites(f'alt="{ALT}"', 'alt="52 % never come back, says the figure."'), "typed into an alt"),
    (rewrites(f'alt="{ALT}"', 'alt=f"{once:.0%} of 2,357 never come back."'), "typed into an alt"),
    (
        lambda nb: code(nb, 4).outputs[0].metadata["image/png"].pop("digest"),
        "code cell 4: a picture without its digest",
    ),
    (move_going_further, "Going further comes last"),
    (lambda nb: nb.cells[10].metadata.pop(COLLAPSED), "its first section follows at once"),
    (lambda nb: nb.cells[9].metadata.update({COLLAPSED: True}), "stands in an open cell"),
    (lambda nb: nb.cells[3].metadata.update({COLLAPSED: True}), "collapsed before Going further"),
    (rewrites("· 5 minutes", "· 15 minutes"), "by words, lines and figures 5 minutes"),
    (rewrites("· 5 minutes", "· 5 minutes\n\nText."), "alone in its cell"),
    (rewrites("That is all.", "### Another"), "holds another heading of its level"),
    (second_needs_first, "needs weeks of another section"),
    (rewrites(LINE, "[Chapter](README.md) and more"), "the first line is the navigation line"),
    (rewrites(f"\n\n{LINE}", ""), "the core path ends with the navigation line"),
    (
        rewrites("**5 minutes**", "**50 minutes**"),
        "promised in cell 0: 50 minutes; by the budget 5",
    ),
    (empty_section, "section 'Traps' has fewer than 20 words"),
    (rewrites("  # a log with customer_id, date, amount", ""), "one parameter a line"),
    (rewrites('NAME = "cdnow_sample"', 'NAME, N = "cdnow", 1'), "one parameter a line"),
    (rewrites("Nothing here", "Nothing of 17 here"), "not declared: '1. Nothing of 17 here"),
    (adds("once = 3", 3), "facts use 'once', which cells [4, 5] set"),
]


@pytest.mark.parametrize(("break_it", "problem"), BROKEN, ids=[problem for _, problem in BROKEN])
def test_each_broken_rule_is_named(tmp_path, break_it, problem):
    nb = sample()
    break_it(nb)
    assert any(problem in line for line in found(nb, tmp_path)), found(nb, tmp_path)


def test_a_folded_cell_is_not_counted():
    nb = sample()
    before = notebook_budget.measure(notebook_budget.core(nb))
    code(nb, 2).metadata = FOLDED
    after = notebook_budget.measure(notebook_budget.core(nb))
    assert before["unfolded"] == 4 and after["unfolded"] == 0
