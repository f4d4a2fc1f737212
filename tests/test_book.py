"""The book: what is staged, what Sphinx makes of it, and how it reads in a browser without a network."""

import json
import re
import shutil
from dataclasses import fields
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from crmlib import paths
from crmlib.course import book, browser, cli, places, stored
from crmlib.course.book import Addresses, build, gallery, pdf, polish, prose, stage
from crmlib.paths import COURSE

AXE = COURSE / "build/axe/node_modules/axe-core/axe.min.js"
needs_builder = pytest.mark.skipif(
    find_spec("sphinx_book_theme") is None, reason="needs the builder: uv sync --extra book"
)
needs_browser = pytest.mark.skipif(browser.PROGRAM is None, reason="needs Chromium or Chrome")
needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="needs axe-core: npm install --prefix build/axe axe-core"
)
# Sphinx tells its extensions of changes to come; whoever builds the book hears nothing of it.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"
)
REPOSITORY = "https://example.org/owner/course"
EVERYWHERE = Addresses(REPOSITORY, "https://hub.example.org/v2/x", "http://localhost:8888")

# staging


@pytest.fixture(scope="module")
def staged():
    return stage.Stage(COURSE, Addresses()).make()


@pytest.fixture(scope="module")
def staged_with_addresses():
    return stage.Stage(COURSE, EVERYWHERE).make()


def texts(files):
    """Give the markdown of every page, cell by cell."""
    for name, content in files.items():
        if name.endswith(".md"):
            yield name, content.decode()
        elif name.endswith(".ipynb"):
            for cell in json.loads(content)["cells"]:
                if cell["cell_type"] == "markdown":
                    yield name, cell["source"]


def links(text):
    found = []
    prose.relink(text, lambda target: found.append(target) or target)
    return found


def test_every_link_of_a_page_leads_to_a_page_or_to_the_web(staged):
    dead = []
    for name, text in texts(staged):
        for target in links(text):
            file = (Path("/") / name).parent / target.partition("#")[0]
            place = file.resolve().relative_to("/").as_posix()
            if not re.match(r"https?:|#", target) and place not in staged:
                dead.append(f"{name}: {target}")
    assert not dead


def test_files_that_are_no_pages_are_plain_text_or_in_the_repository(staged, staged_with_addresses):
    plain, linked = (files["index.md"].decode() for files in (staged, staged_with_addresses))
    assert "Code: MIT." in plain and "`environment.yml`" not in plain
    assert f"[MIT]({REPOSITORY}/blob/HEAD/LICENSE)" in linked
    assert f"[tests/]({REPOSITORY}/blob/HEAD/tests)" in linked


def test_ways_to_get_and_run_a_notebook_need_an_address(staged, staged_with_addresses):
    name = "notebooks/2_lifetime_value/2_4_buy_till_you_die.ipynb"
    first, second = (
        json.loads(files[name])["cells"][0]["source"] for files in (staged, staged_with_addresses)
    )
    assert first.startswith("# 2.4 Who is still my customer?\n\n[← 2.3") and "Binder" not in first
    assert f"[Download]({REPOSITORY}/raw/HEAD/{name})" in second
    assert f"[Binder](https://hub.example.org/v2/x?urlpath=lab/tree/work/{name})" in second
    assert f"[Open in Lab](http://localhost:8888/lab/tree/{name})" in second


def shown(notebook):
    """Give the code of a notebook and what it shows, but for where links lead."""
    for cell in json.loads(notebook)["cells"]:
        if cell["cell_type"] == "code":
            texts = [cell["source"]]
            for output in cell["outputs"]:
                texts += [output.get("text", ""), *output.get("data", {}).values()]
            yield [re.sub(r"\]\([^)]*\)", "]", "".join(text)) for text in texts]


def test_code_and_outputs_are_those_that_the_course_stores(staged):
    for path in stored.notebooks():
        name = path.relative_to(COURSE).as_posix()
        if "instructor" in name:
            assert name not in staged
            continue
        assert list(shown(staged[name])) == list(shown(path.read_bytes()))


def test_no_solution_is_in_the_book(staged):
    told = b"".join(staged.values())
    assert b"BEGIN SOLUTION" not in told.replace(b"`### BEGIN SOLUTION`", b"")
    assert b"**Rubric**" not in told.replace(staged["CONTRIBUTING.md"], b"") or not [
        name for name in staged if b"**Rubric**" in staged[name] and "exercises/" in name
    ]


def test_every_figure_has_its_words_and_stands_in_the_gallery(staged):
    page = staged[gallery.PAGE].decode()
    figures = 0
    for name, content in staged.items():
        if name.endswith(".ipynb"):
            for cell in json.loads(content)["cells"]:
                if found := gallery.figure(cell):
                    figures += 1
                    assert cell["metadata"]["mystnb"]["image"]["alt"] == found["alt"]
                    assert f'{name[:-6]}.html#{gallery.mark_of(cell)}"' in page
    assert figures == page.count("<img ") > 100


def test_a_folded_cell_is_told_by_its_first_line(staged):
    cells = json.loads(staged["notebooks/00_start_here.ipynb"])["cells"]
    folded = [c["metadata"] for c in cells if "hide-input" in c["metadata"].get("tags", [])]
    assert folded[0]["mystnb"]["code_prompt_show"] == "Code: what the notebook needs"


def test_a_term_is_linked_once_a_page_and_only_in_prose(staged):
    linked, pages = 0, {}
    for name, text in texts(staged):
        pages[name] = f"{pages.get(name, '')}\n\n{text}"
    for name, page in pages.items():
        if name == "docs/glossary.md":
            continue
        terms = re.findall(r"\{term\}`(?:[^`<]*<([^>`]*)>|([^`<]*))`", page)
        found = [a or b for a, b in terms]
        assert len(found) == len(set(found)), name
        linked += len(found)
        assert not re.search(r"^#.*\{term\}", page, re.M)
    assert linked > 200


def test_the_drawing_of_the_firm_is_told_in_words(staged):
    page = staged["datasets/shihu/README.md"].decode()
    assert "mermaid" not in page
    assert "| wait at the counter | journey | gentle to 20 min, steep after |" in page.replace(
        "touchpoints of a journey", "journey"
    )


def test_what_is_the_same_is_left_alone_and_what_is_no_more_goes(tmp_path):
    stage.lay_out({"a/b.md": b"1", "c.md": b"2"}, tmp_path)
    before = (tmp_path / "a/b.md").stat().st_mtime_ns
    stage.lay_out({"a/b.md": b"1"}, tmp_path)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["b.md"]
    assert (tmp_path / "a/b.md").stat().st_mtime_ns == before


# the command


def test_addresses_come_from_the_project_or_the_environment(tmp_path, monkeypatch):
    project = '[tool.crmlib.book]\nrepository = "https://a.example/"\nlab = "http://b.example"\n'
    (tmp_path / "pyproject.toml").write_text(project)
    monkeypatch.setenv("CRMLIB_BOOK_LAB", "http://c.example")
    assert Addresses.configured(tmp_path) == Addresses("https://a.example", "", "http://c.example")
    (tmp_path / "pyproject.toml").write_text('[tool.crmlib.book]\nrepo = "x"\n')
    with pytest.raises(places.Refusal, match="has repo; it may have repository, binder"):
        Addresses.configured(tmp_path)


def test_the_course_comes_without_addresses():
    assert Addresses.configured(COURSE) == Addresses()


def test_the_workflow_builds_the_book_and_names_no_host():
    text = (COURSE / ".github/workflows/book.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(text)["jobs"]["book"]["steps"]
    [command] = [step["run"] for step in steps if "crmlib book" in step.get("run", "")]
    assert "--extra book" in command and "://" not in text
    told = {name for step in steps for name in step.get("env", {})}
    assert told <= {f"CRMLIB_BOOK_{field.name.upper()}" for field in fields(Addresses)}


def test_without_its_builder_the_command_says_how_to_add_it(monkeypatch, capsys):
    monkeypatch.setattr(book, "find_spec", lambda name: None)
    assert cli.main(["book"]) == 1
    assert "uv sync --extra book" in capsys.readouterr().err


@needs_builder
def test_a_folder_with_something_else_in_it_is_not_written_into(tmp_path, capsys):
    (tmp_path / "thesis.md").write_text("mine")
    assert cli.main(["book", "--out", str(tmp_path)]) == 1
    assert "holds something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.md"]


# finished pages


@pytest.mark.parametrize(
    ("html", "finished"),
    [
        ("<th>\n</th><th class='head'><p></p></th>", "<td></td><td class='head'></td>"),
        ("<p>churn (客户流失)</p>", '<p>churn (<span lang="zh">客户流失</span>)</p>'),
        ('<span class="math notranslate">\\(客\\)</span>', None),
        ('<p title="客户">x</p>', None),
        ("<script>var a = '客户';</script>", None),
        ("(<em>float</em>) -- How far", "(<em>float</em>) – How far"),
        ("<p>not said (--cost)</p>", None),
        ('<summary aria-label="Toggle hidden content"><p>Code</p>', "<summary><p>Code</p>"),
        (
            '<a class="x" href="y">Chapter</a><details><summary><i>',
            '<a class="x" href="y">Chapter</a><details><summary aria-label="Pages below Chapter"><i>',
        ),
    ],
)
def test_pages_are_finished_for_who_listens(html, finished):
    assert polish.page(html) == (html if finished is None else finished)


def test_a_chinese_page_is_marked_as_a_whole():
    html = '<a>客户</a><article class="x"><p>客户</p></article><a>流失</a>'
    assert polish.page(html, chinese=True) == (
        '<a><span lang="zh">客户</span></a><article lang="zh" class="x"><p>客户</p></article>'
        '<a><span lang="zh">流失</span></a>'
    )


# the built book


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The whole book, built from nothing, so that no warning is hidden by an earlier build."""
    folder = tmp_path_factory.mktemp("book")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "WORKSHOP", folder / "workshop")
        warnings = build.pages(COURSE, folder / "html")
    assert warnings == 0
    return folder / "html"


class Page(HTMLParser):
    """The places of a page, where it leads, and what it loads."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.leads, self.loads = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.ids.add(told.get("id") or told.get("name"))
        if tag == "a" and told.get("href"):
            self.leads.append(told["href"])
        elif tag == "link" and told.get("rel") != "canonical":
            self.loads.append(told.get("href", ""))
        elif "src" in told:
            self.loads.append(told["src"])


@pytest.fixture(scope="module")
def pages(built):
    found = [path for path in built.rglob("*.html") if "_static" not in path.parts]
    return {path: Page(path) for path in found}


@needs_builder
@pytest.mark.slow
def test_every_part_of_the_course_is_in_the_book(built, pages):
    wanted = ["index", "gallery", "docs/glossary", "docs/crm_in_four_layers", "CONTRIBUTING"]
    wanted += ["datasets/dictionary", "datasets/shihu/dictionary", "api/lifetime", "api/plots"]
    for path in [*paths.notebooks(COURSE / "notebooks", COURSE / "exercises/student")]:
        wanted.append(path.relative_to(COURSE).with_suffix("").as_posix())
    assert not [name for name in wanted if built / f"{name}.html" not in pages]
    assert 'id="crmlib.BGNBD.fit"' in (built / "api/lifetime.html").read_text(encoding="utf-8")


@needs_builder
@pytest.mark.slow
def test_all_links_resolve_down_to_the_place_on_the_page(built, pages):
    dead = []
    for path, page in pages.items():
        for target in [*page.leads, *page.loads]:
            if re.match(r"(https?|mailto|data):", target):
                continue
            file, _, place = target.partition("#")
            goal = (path.parent / unquote(file.partition("?")[0])).resolve() if file else path
            known = pages.get(goal)
            if not goal.exists() or (place and known and unquote(place) not in known.ids):
                dead.append(f"{path.relative_to(built)}: {target}")
    assert not dead


@needs_builder
@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(built, pages):
    loaded = {target for page in pages.values() for target in page.loads}
    assert not [target for target in loaded if re.match(r"(https?:)?//", target)]
    styles = "".join(path.read_text(encoding="utf-8") for path in built.rglob("*.css"))
    assert not re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)]*", styles)


@needs_builder
@pytest.mark.slow
def test_every_figure_has_its_alternative_on_its_page(built):
    for path in (built / "notebooks").rglob("*.html"):
        for image in re.findall(r"<img [^>]*>", path.read_text(encoding="utf-8")):
            assert re.search(r'alt="[^"]{20,}"', image), f"{path.name}: {image[:200]}"


# in a browser, from the folder, without a server

KINDS = {
    "start": "index.html",
    "chapter": "notebooks/1_satisfaction/README.html",
    "worked example": "notebooks/2_lifetime_value/2_4_buy_till_you_die.html",
    "exercises": "exercises/student/ex_2_4_buy_till_you_die/ex_2_4_buy_till_you_die.html",
    "data": "datasets/dictionary.html",
    "library": "api/lifetime.html",
    "glossary": "docs/glossary.html",
    "gallery": "gallery.html",
    "Chinese": "docs/zh/chapter_2.html",
    "search": "search.html",
}
WINDOWS = {"desktop": (1400, "light"), "dark": (1400, "dark"), "phone": (390, "dark")}
WINDOWS["enlarged four times"] = (320, "light")


class Reader:
    """A browser that reads the built book."""

    def __init__(self, chromium, folder):
        self.chromium, self.folder, self.run = chromium, folder, chromium.run

    def open(self, page, window="desktop"):
        width, theme = WINDOWS[window]
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.chromium.call("Emulation.setDeviceMetricsOverride", **size)
        light = [{"name": "prefers-color-scheme", "value": theme}]
        self.chromium.call("Emulation.setEmulatedMedia", features=light)
        self.run("document.documentElement.dataset.left = 'yes'")
        page, _, query = page.partition("?")
        self.chromium.open((self.folder / page).as_uri() + (query and f"?{query}"))
        arrived = "document.documentElement && !document.documentElement.dataset.left"
        self.chromium.wait_until(f"{arrived} && document.readyState === 'complete'")
        self.run("window.MathJax?.startup?.promise.then(() => true)")

    def press(self, key, *, modifiers=0):
        codes = {"Tab": 9, "Enter": 13}
        about = {
            "key": key,
            "code": key,
            "windowsVirtualKeyCode": codes.get(key, ord(key[-1].upper())),
        }
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            extra = text if kind == "keyDown" else {}
            self.chromium.call(
                "Input.dispatchKeyEvent", type=kind, modifiers=modifiers, **about, **extra
            )


@pytest.fixture(scope="module")
def reader(built, tmp_path_factory):
    with browser.Browser(tmp_path_factory.mktemp("browser")) as chromium:
        chromium.call("Network.enable")
        yield Reader(chromium, built)


@needs_builder
@needs_browser
@pytest.mark.slow
def test_no_request_leaves_the_machine(reader):
    for page in KINDS.values():
        reader.open(page)
    reader.open(f"{KINDS['search']}?q=retention")
    assert len(reader.chromium.requested) > 50
    strange = [url for url in reader.chromium.requested if not re.match(r"(file|data|blob):", url)]
    assert not strange


@needs_builder
@needs_browser
@pytest.mark.slow
def test_formulas_are_set_without_a_network(reader):
    reader.open(KINDS["worked example"])
    written = reader.run("document.querySelectorAll('.math').length")
    assert reader.run("document.querySelectorAll('.math mjx-container svg').length") == written > 0
    assert reader.run("document.querySelectorAll('mjx-merror, [data-mjx-error]').length") == 0


@needs_builder
@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("retention rate", "2_2_five_points_of_retention"),
        ("Pareto/NBD", "api/lifetime.html#crmlib.ParetoNBD"),
        ("bootstrap", "2_1_who_pays_for_whom"),
        ("margin_multiple", "api/lifetime.html#crmlib.margin_multiple"),
        ("churn", "2_3_how_long_do_subscribers_stay"),
        ("NPS", "1_3_how_satisfied_are_they"),
        ("k-means", "4_3_clusters_you_can_trust"),  # one word, though it has a hyphen
        ("buy till you die", "2_4_buy_till_you_die"),
        ("sample size", "1_1_whom_to_ask"),
        ("流失", "2_4_buy_till_you_die"),
        ("存活概率", "2_4_buy_till_you_die"),
        ("客户流失率", "2_4_buy_till_you_die"),  # no page has it in one piece
        ("客户 终生价值", "2_lifetime_value/README"),
        ("净推荐值", "1_3_how_satisfied_are_they"),
    ],
)
def test_search_from_a_file_shows_first_where_a_thing_is_taught(reader, words, page):
    reader.open(f"{KINDS['search']}?q={words}")
    reader.chromium.wait_until(
        "/found|did not match/.test(document.querySelector('#search-results')?.innerText)"
    )
    found = reader.run("[...document.querySelectorAll('#search-results a')].map(a => a.href)")
    assert page in found[0]


@needs_builder
@needs_browser
@needs_axe
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_on_a_page_of_each_kind(reader, kind):
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    told = ["violations"]  # of what passes it then lists one place each, which saves a sixth
    only = json.dumps({"runOnly": {"type": "tag", "values": tags}, "resultTypes": told})
    found = []
    for window in WINDOWS:
        reader.open(KINDS[kind], window)
        reader.run(AXE.read_text(encoding="utf-8") + "; true")
        listed = "r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)"
        found += [
            f"{window}: {text}" for text in reader.run(f"axe.run({only}).then(r => {listed})")
        ]
    assert not found, "\n".join(found)


@needs_builder
@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("window", ["phone", "enlarged four times"])
def test_nothing_is_wider_than_a_phone_or_an_enlarged_window(reader, kind, window):
    reader.open(KINDS[kind], window)
    assert reader.run("document.scrollingElement.scrollWidth") <= WINDOWS[window][0]


@needs_builder
@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize("window", ["desktop", "enlarged four times"])
def test_one_sees_where_the_keyboard_is(reader, window):
    reader.open(KINDS["worked example"], window)
    unseen, stops = set(), 60
    for _ in range(stops):
        reader.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        if reader.run(f"{style}.outlineStyle == 'none' && {style}.boxShadow == 'none'"):
            unseen.add(reader.run("document.activeElement.outerHTML.slice(0, 100)"))
    assert not unseen


@needs_builder
@needs_browser
@pytest.mark.slow
def test_a_keyboard_is_enough(reader):
    reader.open(KINDS["worked example"])
    reader.press("Tab")
    assert reader.run("document.activeElement.innerText") == "Skip to main content"
    reader.press("Enter")
    reader.press("Tab")
    assert reader.run("Boolean(document.activeElement.closest('main, #main-content'))")
    for _ in range(40):  # on to the first folded cell, and open it
        reader.press("Tab")
        if reader.run("document.activeElement.innerText").startswith("Code: "):
            break
    outline = reader.run("getComputedStyle(document.activeElement).outlineStyle")
    shadow = reader.run("getComputedStyle(document.activeElement).boxShadow")
    assert outline != "none" or shadow != "none", "one must see where one is"
    reader.press("Enter")
    assert reader.run("document.activeElement.parentElement.open")
    reader.press("k", modifiers=2)  # Ctrl
    assert reader.run("document.querySelector('#pst-search-dialog').open")


@needs_builder
@needs_browser
@pytest.mark.slow
def test_a_chapter_on_paper_is_tagged_and_leads_to_the_web_alone(reader):
    name = KINDS["worked example"]
    paper = {}
    for address in ("", "https://book.example.org"):
        made = pdf.printed(reader.chromium, reader.folder / name, reader.folder, address)
        assert made.startswith(b"%PDF-") and b"/StructTreeRoot" in made and b"/Outlines" in made
        assert b"(file:" not in made
        paper[address] = made.count(b"(https://book.example.org/notebooks/")
    assert paper[""] == 0 < paper["https://book.example.org"]


@needs_builder
@needs_browser
@pytest.mark.slow
def test_on_paper_answers_are_open_and_no_table_is_cut(reader):
    name = "notebooks/5_practice/report_value.html"  # its list of customers has ten columns
    pdf.printed(reader.chromium, reader.folder / name, reader.folder, "")
    size = {"width": pdf.WIDTH, "height": 1200, "deviceScaleFactor": 1, "mobile": False}
    reader.chromium.call("Emulation.setDeviceMetricsOverride", **size)
    reader.chromium.call("Emulation.setEmulatedMedia", media="print")
    tables = "[...document.querySelectorAll('article table')]"
    ends = [
        f"{part}.getBoundingClientRect().right" for part in ("table", "table.closest('article')")
    ]
    assert max(reader.run(f"{tables}.map(table => {' - '.join(ends)})")) <= 1
    assert min(reader.run(f"{tables}.map(table => Number(table.style.zoom || 1))")) < 1
    pdf.printed(reader.chromium, reader.folder / KINDS["worked example"], reader.folder, "")
    assert reader.run("[...document.querySelectorAll('article details')].some(part => part.open)")
    assert reader.run("document.querySelectorAll('details:not([open], .above-input)').length") == 0
    reader.chromium.call("Emulation.setEmulatedMedia", media="")


PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "How it works"
msgstr "怎么用"
"""


@needs_builder
@pytest.mark.slow
def test_catalogues_for_a_translation_hold_the_texts_and_are_read(tmp_path, monkeypatch):
    for name in ("pyproject.toml", "docs/book/conf.py", "notebooks/00_start_here.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(COURSE / name, tmp_path / name)
    (tmp_path / "docs/book/static").mkdir()
    (tmp_path / "README.md").write_text("# A course\n\nOf one notebook.\n")
    assert build.catalogues(tmp_path, tmp_path / "pot") == 0
    assert 'msgid "Of one notebook."' in (tmp_path / "pot/index.pot").read_text(encoding="utf-8")
    text = (tmp_path / "pot/notebooks/00_start_here.pot").read_text(encoding="utf-8")
    assert 'msgid "How it works"' in text
    catalogue = tmp_path / "docs/locale/zh_CN/LC_MESSAGES/notebooks/00_start_here.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(PO, encoding="utf-8")
    monkeypatch.setenv("CRMLIB_BOOK_LANGUAGE", "zh_CN")
    assert build.pages(tmp_path, tmp_path / "html") == 0
    page = (tmp_path / "html/notebooks/00_start_here.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN"' in page and "怎么用" in page and "How it works" not in page
    (tmp_path / "README.md").write_text("# A course\n\nStill one notebook.\n")
    assert build.pages(tmp_path, tmp_path / "html") == 0  # only this page anew
    index = (tmp_path / "html/searchindex.js").read_text(encoding="utf-8")
    assert re.search(r'"start here":\s*\[\[\d+,\s*"",\s*true\]', index)
