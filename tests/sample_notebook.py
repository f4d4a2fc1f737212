"""A small worked example that keeps every rule of the guide, for tests that spoil it."""

import base64
import io

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from crmlib.page.figures import fingerprint

ALT = "Every second customer never comes back."
LINE = "[← 2.3 Before](2_3_b.ipynb) · [Chapter 2](README.md) · [2.5 After →](2_5_a.ipynb)"
GIVEN = "given: a rule of the trade"

HEAD = f"""{LINE}

# Who is still here?

Of 2,357 customers, who bought over 77 weeks in all, the shop writes off many too many. It mails
every one at 40 cents a letter, because it cannot tell.

*You will be able to* count them, and two more things.

**5 minutes** · builds on [2.1 Who pays](2_1_w.ipynb) · data: CDNOW, 1997–98

Key idea: customer churn (客户流失)."""
COUNT = """## The rule from the textbook

"No purchase for 90 days: lost." Notebook 2.1 told where it comes from.

**Guess first.** Of a hundred customers, how many bought once only? Write a number down."""
READING = """Of these 2,357 customers 52 % bought on one day only: a share of 0.52 (the 1,218). In a
formula $r_1 = 0.517$, or `52 / 100`, it is one in two. Fader, Hardie and Lee (2005) report
the log-likelihood −9,582.4 in their table 2, and twenty-five rows.

| days | customers |
|---|---|
| 1 | 1,218 |
| 2 | 403 |

1. Nothing here says that the 90 days are wrong.

**Your turn.** Change the 90 days to 60 and see what moves: fewer than you think."""
CLOSING = f"""## On Monday

Mail the 1,139 who bought on two days or more, before anybody else, and count how many answer: it
costs little, and the next notebook says how sure you may be of it.

## Traps

**Counting rows.** A customer with three lines on one day has bought once. Count days, as above, and
say so wherever the table goes, or the next reader counts the lines again.

## Summary

In this notebook you counted the customers who bought on one day only, and saw that a rule of silence
would have written off most of them before anybody had asked.

## Notation

| symbol | meaning |
|---|---|
| r | share who bought once |

## Check yourself

Why do rows not count? What does the rule not see? Who is written off by it, and should they be?

<details>Days.</details> <details>The future.</details> <details>Those who bought once.</details>

## Exercises

The set has four tasks.

## References

- Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way: an
  alternative to the Pareto/NBD model. *Marketing Science* 24(2), 275–284.

{LINE}"""
FACTS = [
    {
        "2,357 customers": "len(days)",
        "77 weeks": "(log['date'].max() - log['date'].min()).days // 7",
        "40 cents": "given: the price of a letter",
        "two more things": "given: how many verbs the list has",
        "1997–98": "log['date'].min().year, log['date'].max().year % 100",
    },
    {"90 days": GIVEN, "a hundred customers": "given: a way to ask for a share"},
    {
        "2,357 customers": "len(days)",
        "52 % bought": "once",
        "share of 0.52": "once",
        "the 1,218": "(days == 1).sum()",
        "$r_1 = 0.517$": "once",
        "one in two": "1 / once",
        "log-likelihood −9,582.4 in their table 2": "cited: Fader, Hardie and Lee (2005), table 2",
        "twenty-five rows": "cited: Fader, Hardie and Lee (2005), table 1",
        "| 1 | 1,218 |": "1, (days == 1).sum()",
        "| 2 | 403 |": "2, (days == 2).sum()",
        "the 90 days": GIVEN,
        "to 60 and": "given: another rule",
    },
    {
        "the 1,139": "(days > 1).sum()",
        "two days or more": "given: what buying again means",
        "three lines": "given: an example",
        "four tasks": "given: warm-up, standard, transfer, open",
    },
    {"six weeks": "given: an example"},
]

FOLDED = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
IMPORTS = "# folded: imports\nimport matplotlib.pyplot as plt\n\nimport crmlib as crm"
PARAMETERS = 'NAME = "cdnow_sample"  # a log with customer_id, date, amount'
LESSON = """log = crm.load(NAME)
days = log.groupby("customer_id")["date"].nunique()
once = (days == 1).mean()
days.value_counts().head(2)"""
SENTENCE = """# folded: the sentence and its guard
crm.say(f"**{once:.0%}** bought on one day only.")
crm.expect(0.4 < once < 0.6, "about half bought once")"""
FIGURE = f"""# folded: the figure
fig, ax = plt.subplots()
ax.bar(["once", "again"], [once, 1 - once])
ax.set(ylabel="Share of customers")
crm.show(fig, alt="{ALT}")"""
FURTHER = """weeks = log["date"].nunique() / 7
print(round(weeks))"""


def sample():
    """Make the notebook, with made-up outputs."""
    cells = [
        new_markdown_cell(HEAD),
        new_code_cell(IMPORTS, metadata=FOLDED),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_markdown_cell(COUNT),
        new_code_cell(LESSON),
        new_code_cell(SENTENCE, metadata=FOLDED),
        new_code_cell(FIGURE, metadata=FOLDED),
        new_markdown_cell(READING),
        new_markdown_cell(CLOSING),
        new_markdown_cell("## Going further"),
        new_markdown_cell(
            "### Weeks with a purchase · 5 minutes", metadata={"jp-MarkdownHeadingCollapsed": True}
        ),
        new_markdown_cell("In six weeks more there is more."),
        new_code_cell(FURTHER),
        new_markdown_cell("That is all."),
    ]
    texts = [cell for cell in cells if cell.cell_type == "markdown"]
    for cell, facts in zip([*texts[:4], texts[6]], FACTS, strict=True):
        cell.metadata["facts"] = dict(facts)
    code = [cell for cell in cells if cell.cell_type == "code"]
    for i, cell in enumerate(code, 1):
        cell.execution_count = i
    code[2].outputs = [new_output("execute_result", {"text/plain": "1  1218"}, execution_count=3)]
    said = "**52%** bought on one day only."
    code[3].outputs = [new_output("display_data", {"text/markdown": said, "text/plain": said})]
    code[4].outputs = [figure(f"[Figure: {ALT} · 2 points · 0123abcd]")]
    code[5].outputs = [new_output("stream", name="stdout", text="77\n")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "crmlib": {"guards": 1}})


def figure(text: str):
    """Make the output of show: a picture that holds the text it belongs to."""
    file, words = io.BytesIO(), PngInfo()
    words.add_itxt("Description", text)
    Image.new("RGB", (2, 2)).save(file, "png", pnginfo=words)
    data = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": text}
    about = {"image/png": {"alt": ALT, "digest": fingerprint(file.getvalue())}}
    return new_output("display_data", data, metadata=about)


def code(nb, i):
    """Give the code cell of this number."""
    return [cell for cell in nb.cells if cell.cell_type == "code"][i]


def rewrites(old, new):
    """Make a way to break a notebook: other words in every cell."""

    def break_it(nb):
        assert any(old in cell.source for cell in nb.cells)
        for cell in nb.cells:
            cell.source = cell.source.replace(old, new)

    return break_it
