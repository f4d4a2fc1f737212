"""The map of what builds on what, drawn."""

from __future__ import annotations

from pathlib import Path

from crmlib.course.pack.lessons import lessons

_COLUMNS = {
    "0": "basics",
    "1": "satisfaction",
    "2": "value",
    "3": "loyalty",
    "4": "segments",
    "5": "practice",
}


def draw(path: Path) -> None:
    """Draw the notebooks in columns by chapter, each with arrows from what it builds on."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    places = _places()
    for number, (x, y) in places.items():
        axes.text(
            x, y, number, ha="center", va="center", bbox={"boxstyle": "round", "fc": "#e8f1f5"}
        )
        for before in lessons()[number].builds_on:
            style = {
                "arrowstyle": "->",
                "color": "#1f5c7a",
                "alpha": 0.6,
                "shrinkA": 14,
                "shrinkB": 14,
            }
            style["connectionstyle"] = f"arc3,rad={0.3 if places[before][0] == x else 0.05}"
            axes.annotate("", (x, y), places[before], arrowprops=style)
    for column, name in _COLUMNS.items():
        axes.text(int(column), 1, name, ha="center", weight="bold")
    axes.set(xlim=(-0.5, 5.5), ylim=(-8.0, 1.5), title="Each notebook, and those that it builds on")
    axes.axis("off")
    figure.savefig(path, format="svg", metadata={"Date": None})


def _places() -> dict[str, tuple[int, float]]:
    """Give each notebook a place: the chapter's column, from above."""
    places = {}
    for number in lessons():
        column = int(number[0])
        above = sum(int(p[0]) == column for p in places.values())
        places[number] = (column, -above - 0.4 * column % 1)  # shifted, so that arrows pass between
    return places
