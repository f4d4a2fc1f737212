"""The Chinese pages say no number that the notebook they speak of does not hold, and no other name."""

import re

import pytest
from test_chapter_pages import pieces, said
from test_glossary import NOT_OURS

from crmlib.course import digests
from crmlib.course.digests import NUMBER
from crmlib.course.examples import worked_examples
from crmlib.paths import COURSE

SHARE = re.compile(NUMBER.pattern + "%?")
ZH = COURSE / "docs" / "zh"
DIGESTS = sorted((ZH / "digests").glob("*.md"))
PAGES = sorted(ZH.glob("*.md"))
BOOKS = {path.stem: path for path in worked_examples(COURSE)}


def numbers(text):
    """Numbers of a text, shares with their sign; those of notebooks, years and headings left out."""
    away = r"`[^`]*`|\]\([^)]*\)|^#.*$|\b\d\.\d\b(?=[），、。 ])|\d{4} 年|\d{4}–\d\d 年"
    return SHARE.findall(re.sub(away, " ", text, flags=re.M))


def known(*stems):
    return set().union(*(said(BOOKS[stem]) | shares(BOOKS[stem]) for stem in stems))


def shares(notebook):
    written = re.findall(rf"{NUMBER.pattern} ?%", " ".join(pieces(notebook)))
    return {text.replace(" ", "") for text in written}


def test_every_notebook_has_a_digest():
    assert {path.stem for path in DIGESTS} == set(BOOKS) - {"00_start_here"}


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)
def test_a_digest_has_its_parts_and_only_numbers_of_its_notebook(path):
    text = path.read_text(encoding="utf-8")
    for part in ("问题", "方法", "结果", "决策", "陷阱"):
        assert f"**{part}**" in text
    assert 250 <= len(re.findall("[\u4e00-\u9fff]", text)) <= 800
    holds = known(path.stem)
    assert not [n for n in numbers(text) if n not in holds]
    assert digests.broken(path.stem) == []


def test_a_number_changed_on_either_side_is_noticed(monkeypatch, tmp_path):
    name = "2_4_buy_till_you_die"
    for path in (ZH / "digests").glob("*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(digests, "folder", lambda: tmp_path)
    assert digests.broken(name) == []
    cells = digests.said(BOOKS[name])
    digest = tmp_path / f"{name}.md"
    text = digest.read_text(encoding="utf-8")
    for number, cell in digests.tie(text, cells):
        fewer = {**cells, cell: cells[cell] - {number}}
        monkeypatch.setattr(digests, "said", lambda path, fewer=fewer: fewer)
        assert f"{number} is not in cell {cell}" in digests.broken(name)
    digest.write_text(text.replace("1,946", "1,947"), encoding="utf-8")
    assert "numbers were changed" in digests.broken(name)[0]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_number_of_a_table_stands_in_the_notebook_it_names(path):
    by_number = {".".join(stem.split("_")[:2]): stem for stem in BOOKS}
    for line in path.read_text(encoding="utf-8").splitlines():
        *told, where = line.strip().strip("|").split("|")
        named = re.findall(r"\b\d\.\d\b", where)
        if told and named:
            holds = known(*(by_number[name] for name in named))
            assert not [n for n in numbers(" ".join(told)) if n not in holds], line


def test_the_first_page_says_what_start_here_says():
    taste = (ZH / "start.md").read_text(encoding="utf-8").partition("## 先尝一口")[2]
    holds = known("00_start_here") | {"30", "2.4"}
    assert not [n for n in numbers(taste) if n not in holds]


@pytest.mark.parametrize("path", [*PAGES, *DIGESTS], ids=lambda path: path.stem)
def test_links_lead_somewhere_and_one_idea_has_one_name(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (path.parent / target).exists(), target
    assert not [wrong for wrong in NOT_OURS if wrong in text]
