"""One style, one way to show a figure, and one plot for each concept.

Every plot draws on an `ax` (a new one unless given) and returns it; :func:`show` puts the figure
into the notebook together with a sentence that says what it shows.
"""

from __future__ import annotations

import hashlib
import io
import sys
import warnings
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import ErrorbarContainer
from matplotlib.contour import ContourSet
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, DateConverter
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle, Wedge
from matplotlib.ticker import FixedFormatter, FixedLocator
from PIL import Image
from PIL.PngImagePlugin import PngInfo

# Okabe & Ito (2008), Color Universal Design; their yellow is too faint on white and left out.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#666666",
)  # fmt: skip
_COLOURS = [BLUE, RED, GREEN, PURPLE, ORANGE, SKY]
_DASHES = ["-", (0, (5, 2)), (0, (5, 2, 1, 2)), (0, (1, 1.5)), (0, (9, 2)), (0, (3, 2, 1, 2, 1, 2))]
_MARKERS = ["o", "s", "^", "D", "v", "P"]
_CHINESE = [
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Noto Sans CJK SC", "Noto Sans SC",
    "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei", "Droid Sans Fallback",
]  # fmt: skip
_DPI = 128
_SHOWN_DPI = 96  # a browser's inch: the picture is sharper than the space it takes


def use_style() -> None:
    """Give every figure of the course one look.

    A colour-blind-safe palette in which lines differ by dash as well as by colour; a figure as
    wide as a laptop's notebook; a light grid. Chinese text uses whichever common font is there.

    Examples
    --------
    >>> use_style()
    >>> plt.rcParams["axes.spines.top"]
    False
    """
    installed = {font.name for font in fontManager.ttflist}
    plt.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.labelsize": 11,
            "axes.prop_cycle": cycler(color=_COLOURS) + cycler(linestyle=_DASHES),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "figure.constrained_layout.use": True,
            "figure.figsize": (8, 4.5),
            "font.family": ["DejaVu Sans", *(name for name in _CHINESE if name in installed)],
            "font.size": 10.5,
            "grid.alpha": 0.6,
            "grid.color": "#DDDDDD",
            "image.cmap": "cividis",
            "legend.frameon": False,
            "legend.handlelength": 3,
            "lines.linewidth": 2,
            "lines.markersize": 6,
            "patch.edgecolor": "white",
        }
    )


def show(fig: Figure, alt: str) -> None:
    """Display a figure once, with a sentence for readers who cannot see it.

    The figure's plain text is ``[Figure: alt · n points · digest]``. The digest stands for the
    plotted numbers (four digits) and words, not for colours or pixels: when a test runs the
    notebook again and the data behind a figure have changed, that text has changed too.

    Parameters
    ----------
    fig : Figure
        The figure; it is closed afterwards.
    alt : str
        What the figure shows, as a sentence: its message, not "a line chart".

    Raises
    ------
    ValueError
        If `alt` is too short to say anything.
    TypeError
        If `fig` is not a figure.

    Examples
    --------
    >>> fig, ax = plt.subplots()
    >>> _ = ax.bar(["shop", "web"], [120, 80])
    >>> show(fig, alt="The shop sells half as much again as the web site.")
    [Figure: The shop sells half as much again as the web site. · 2 points · be3ffbe4]
    """
    if not isinstance(fig, Figure):
        raise TypeError(
            f"show takes a figure, not {type(fig).__name__}; an axes has its in ax.figure"
        )
    alt = " ".join(str(alt).split())
    if len(alt) < 20:
        raise ValueError(
            f"alt={alt!r} does not tell what the figure shows. Write its message as a sentence of "
            "at least 20 characters, for a reader who cannot see it."
        )
    text = f"[Figure: {alt} · {_count(fig):,} points · {_digest(fig)}]"
    if _in_notebook():
        from IPython.display import display

        png, size = _png(fig, text)
        metadata = {"image/png": {"alt": alt, **size}}
        display({"image/png": png, "text/plain": text}, metadata=metadata, raw=True)
    else:
        print(text)
    plt.close(fig)


def say(text: str) -> None:
    """Display a sentence whose numbers were computed, set like the prose around it.

    A notebook that runs on any log cannot have its results written into the prose; it says them.

    Parameters
    ----------
    text : str
        Markdown.

    Examples
    --------
    >>> say(f"**{1 / 3:.0%}** of the customers came back.")
    **33%** of the customers came back.
    """
    if _in_notebook():
        from IPython.display import display

        display({"text/markdown": text, "text/plain": text}, raw=True)
    else:
        print(text)


def _in_notebook() -> bool:
    """Tell whether IPython runs this code; without importing it where it does not."""
    return "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None


def _png(fig: Figure, text: str) -> tuple[bytes, dict[str, int]]:
    """Draw the figure, `text` inside the file, in 256 colours, which keeps a notebook small."""
    raw, small = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        # A machine without a Chinese font draws boxes; `crmlib doctor` says so, once.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        fig.savefig(raw, format="png", dpi=_DPI, bbox_inches="tight", facecolor="white")
    image = Image.open(raw).convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=0)
    words = PngInfo()
    words.add_itxt("Description", text)
    image.save(small, format="png", optimize=True, pnginfo=words)
    width, height = (round(pixels * _SHOWN_DPI / _DPI) for pixels in image.size)
    return small.getvalue(), {"width": width, "height": height}


# --- one plot for each concept ------------------------------------------------------------------


def tracking(actual, expected, *, split=None, cumulative=False, unit="week", ax=None):
    """Follow repeat purchases over time: what happened, and what each model expected.

    Parameters
    ----------
    actual : Series
        Repeat purchases in each period, indexed by the period's end (numbers or dates).
    expected : DataFrame
        One column for each model, same index.
    split : number or date, optional
        End of the data that the models were fitted to.
    cumulative : bool
        Draw running totals instead of purchases by period.
    unit : str
        Length of a period, for the labels.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> weeks = pd.RangeIndex(1, 5)
    >>> ax = tracking(pd.Series([9, 8, 8, 6], weeks), pd.DataFrame({"BG/NBD": 8.0}, weeks), split=2)
    >>> ax.get_ylabel()
    'Repeat purchases a week'
    """
    ax = _axes(ax)
    if cumulative:
        actual, expected = actual.cumsum(), expected.cumsum()
    ends = []
    for name, values, style in _styles(actual, expected):
        ax.plot(values.index, values, **style | {"marker": ""}, label=name)
        ends.append((name, values.index[-1], values.iloc[-1], style["color"]))
    ax.set_ylim(0, max(actual.max(), expected.max().max()) * 1.15)
    if isinstance(actual.index, pd.DatetimeIndex):
        _short_dates(ax)
    else:
        ax.set_xlabel(unit.capitalize())
    ax.set_ylabel("Repeat purchases so far" if cumulative else f"Repeat purchases a {unit}")
    if split is not None:
        _mark_split(ax, split)
    _label_ends(ax, ends)
    return ax


def calibration(frequency, actual, expected, *, top=7, ax=None):
    """Compare mean holdout purchases with each model's, by how often customers bought before.

    Parameters
    ----------
    frequency : Series
        Repeat purchases in the past, one for each customer.
    actual : Series
        Purchases in the holdout period, same customers.
    expected : DataFrame
        Predicted purchases in the holdout period, one column for each model, same customers.
    top : int
        Customers with this many repeat purchases or more are taken together.
    ax : Axes, optional

    Returns
    -------
    Axes
        Bars at the actual means are plus and minus two standard errors.

    References
    ----------
    The plot is figure 4 of Fader, Hardie & Lee (2005), "Counting your customers" the easy way,
    Marketing Science 24(2).

    Examples
    --------
    >>> x = pd.Series([0, 0, 1, 9])
    >>> ax = calibration(x, pd.Series([0, 1, 1, 7]), pd.DataFrame({"BG/NBD": [0.2, 0.2, 1.0, 6.5]}))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['0', '1', '7+']
    """
    ax = _axes(ax)
    groups = frequency.clip(upper=top)
    means, se = actual.groupby(groups).mean(), actual.groupby(groups).sem().fillna(0)
    predicted = expected.groupby(groups).mean()
    places = np.arange(len(means))  # groups stand side by side, also where one has nobody
    for name, values, style in _styles(means, predicted):
        ax.plot(places, values, **style, label=name)
    ax.errorbar(
        places, means, yerr=2 * se, fmt="none", ecolor="black", elinewidth=1, capsize=4,
        label="± 2 standard errors",
    )  # fmt: skip
    ax.set_xticks(places, _pooled_names(means.index, top))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Repeat purchases in the past")
    ax.set_ylabel("Mean purchases in the holdout")
    ax.legend(loc="upper left")
    return ax


def frequency_bars(actual, expected, *, top=7, ax=None):
    """Compare how many customers bought 0, 1, 2 ... times again with what each model expects.

    Parameters
    ----------
    actual : Series
        Number of customers, indexed by repeat purchases, as ``frequency.value_counts()`` gives.
    expected : DataFrame
        Expected number of customers, one column for each model, indexed by repeat purchases.
    top : int
        This many repeat purchases or more are taken together.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> actual = pd.Series({0: 60, 1: 25, 9: 15})
    >>> ax = frequency_bars(actual, pd.DataFrame({"NBD": {0: 58.0, 1: 27.0, 9: 15.0}}))
    >>> [int(bar.get_height()) for bar in ax.patches]
    [60, 25, 0, 0, 0, 0, 0, 15]
    """
    ax = _axes(ax)
    places = np.arange(top + 1)
    table = pd.concat([actual.rename("actual"), expected], axis=1)
    table = table.groupby(table.index.to_numpy().clip(max=top)).sum().reindex(places, fill_value=0)
    marks = [ax.bar(places, table["actual"], color="#BBBBBB", width=0.7, label="actual")]
    for name, values, style in _styles(None, table[expected.columns]):
        marks += ax.plot(places, values, **style | {"linestyle": ""}, label=name)
    ax.set_xticks(places, _pooled_names(places, top))
    ax.grid(axis="x", visible=False)
    ax.set_xlabel("Repeat purchases")
    ax.set_ylabel("Customers")
    ax.legend(handles=marks, loc="upper right")
    return ax


def histories(log, customers, *, end, split=None, ax=None):
    """Draw customers' purchases on a time line each; dashed from the last one on.

    Parameters
    ----------
    log : DataFrame
        With columns ``customer_id`` and ``date``.
    customers : sequence
        Whom to draw; those silent for longest come first, at the bottom.
    end : date
        Until when the customers were watched.
    split : date, optional
        A date to mark: end of the calibration period.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> days = pd.to_datetime(["2026-01-05", "2026-03-01", "2026-02-01"])
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": days})
    >>> ax = histories(log, ["a", "b"], end="2026-06-30")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['b', 'a']
    """
    ax = _axes(ax)
    end = pd.Timestamp(end)
    dates = log[log["customer_id"].isin(list(customers))].groupby("customer_id")["date"]
    order = dates.max().sort_values(kind="stable").index
    rows = np.arange(len(order))
    first, last = dates.min()[order], dates.max()[order]
    ax.hlines(rows, first, last, color=BLUE, linewidth=1.5)
    ax.hlines(rows, last, end, color=GREY, linewidth=1.2, linestyle=(0, (2, 3)))
    for row, customer in zip(rows, order, strict=True):
        days = dates.get_group(customer).drop_duplicates()
        ax.plot(days, np.full(len(days), row), linestyle="", marker="o", color=BLUE)
    ax.set_yticks(rows, order.astype(str))
    ax.set_ylim(-0.7, len(rows) + (0.1 if split is not None else -0.3))
    ax.grid(axis="y", visible=False)
    ax.set_ylabel("Customer")
    _short_dates(ax)
    if split is not None:
        _mark_split(ax, pd.Timestamp(split))
    return ax


def alive_map(model, *, T, frequencies=range(1, 13), unit="week", ax=None):
    """Map P(alive) over how often a customer bought again and how long ago the last time was.

    Parameters
    ----------
    model : BGNBD, MBGNBD or ParetoNBD
        Fitted; anything whose ``predict(summary, t)`` has a column ``p_alive``.
    T : float
        How long the customers have been watched, in `unit`.
    frequencies : sequence of int
        Repeat purchases to show, from 1 on: without any, there is no last repeat purchase.
    unit : str
        Of `T` and of the model's times.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> class Forgetful:
    ...     def predict(self, summary, t):
    ...         return pd.DataFrame({"p_alive": summary["t_x"] / summary["T"]})
    >>> alive_map(Forgetful(), T=39).get_xlabel()
    'Weeks since the last purchase'
    """
    ax = _axes(ax)
    silence = np.linspace(0, T, 80)[:-1]  # the last repeat purchase came after the first one
    x, gap = np.meshgrid(np.asarray(frequencies), silence, indexing="ij")
    cells = pd.DataFrame({"frequency": x.ravel(), "t_x": T - gap.ravel(), "T": float(T)})
    p = np.asarray(model.predict(cells, 1)["p_alive"]).reshape(x.shape)
    mesh = ax.pcolormesh(silence, frequencies, p, vmin=0, vmax=1, shading="nearest")
    ax.contour(silence, frequencies, p, levels=[0.5], colors="white", linestyles="--")
    ax.grid(visible=False)
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel(f"{unit.capitalize()}s since the last purchase")
    ax.set_ylabel("Repeat purchases")
    bar = ax.figure.colorbar(mesh, ax=ax, label="P(alive); dashed: 0.5")
    bar.ax.axhline(0.5, color="white", linestyle="--")
    return ax


def interval_bars(table, value, low, high, *, label=None, ax=None):
    """Rank things with their intervals: a dot for the value, a bar from `low` to `high`.

    Parameters
    ----------
    table : DataFrame
        One row for each thing, named by the index; the first row is drawn on top.
    value, low, high : str
        Columns of `table`.
    label : str, optional
        Label of the axis, with the unit; the column's name if not given.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> top = pd.DataFrame({"clv": [90, 70], "low": [60, 55], "high": [130, 88]}, ["c07", "c31"])
    >>> ax = interval_bars(top, "clv", "low", "high", label="Customer lifetime value ($)")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['c07', 'c31']
    """
    ax = _axes(ax)
    rows = np.arange(len(table))
    ax.hlines(rows, table[low], table[high], color=SKY, linewidth=5)
    ax.plot(table[value], rows, linestyle="", marker="o", color=BLUE)
    ax.set_yticks(rows, table.index.astype(str))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(label or value)
    if table.index.name:
        ax.set_ylabel(str(table.index.name).replace("_", " ").capitalize())
    return ax


def _axes(ax):
    return plt.subplots()[1] if ax is None else ax


def _styles(actual, expected) -> Iterator[tuple[str, pd.Series, dict]]:
    """Give each series its look: the actual in black, models by colour, dash and marker."""
    if actual is not None:
        yield "actual", actual, {"color": "black", "linestyle": "-", "marker": "o"}
    looks = zip(_COLOURS, _DASHES[1:], _MARKERS[1:], strict=False)
    for (name, values), (colour, dash, marker) in zip(expected.items(), looks, strict=False):
        yield str(name), values, {"color": colour, "linestyle": dash, "marker": marker}


def _pooled_names(frequencies, top: int) -> list[str]:
    return [f"{x}+" if x == top else f"{x}" for x in frequencies]


def _short_dates(ax) -> None:
    locator = AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _mark_split(ax, split) -> None:
    """Draw the line between the data a model has seen and those it has not."""
    ax.axvline(split, color=GREY, linewidth=1, linestyle="--")
    for text, side in (("calibration ", "right"), (" holdout", "left")):
        where = ax.get_xaxis_transform()
        ax.text(split, 0.99, text, transform=where, ha=side, va="top", color=GREY)


def _label_ends(ax, ends) -> None:
    """Write each line's name at its end, pushed apart where they would overlap."""
    points = ax.figure.get_figheight() * 72 * 0.8  # height of the plot, near enough
    bottom, top = ax.get_ylim()
    height = -np.inf
    for name, x, y, colour in sorted(ends, key=lambda end: end[2]):
        at = (y - bottom) / (top - bottom) * points
        height = max(at, height + 14)
        ax.annotate(
            name, (x, y), xytext=(6, height - at), textcoords="offset points",
            color=colour, va="center", annotation_clip=False,
        )  # fmt: skip


# --- the digest ---------------------------------------------------------------------------------


def _digest(fig: Figure) -> str:
    """Hash what the figure says: its numbers to four digits, and its words."""
    parts = [_figure_words(fig)]
    for ax in fig.axes:
        if not _is_colorbar(ax):
            parts.extend(_numbers(ax))
        parts.append(_words(ax))
    text = "\n".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


def _is_colorbar(ax) -> bool:
    return ax.get_label() == "<colorbar>"


def _words(ax) -> list[str]:
    """List titles, axis labels, named ticks, texts in the plot and legend entries."""
    words = [ax.get_title(where) for where in ("left", "center", "right")]
    words += [ax.get_xlabel(), ax.get_ylabel()]
    words += [*_named_ticks(ax.xaxis), *_named_ticks(ax.yaxis)]
    words += [text.get_text() for text in ax.texts if text.get_visible()]
    if ax.get_legend() is not None:
        legend = ax.get_legend()
        words += [legend.get_title().get_text(), *(text.get_text() for text in legend.texts)]
    return [word for word in words if word]


def _named_ticks(axis) -> list[str]:
    """List tick labels that somebody chose; those a formatter made depend on the figure's size."""
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    named = isinstance(formatter, StrCategoryFormatter | FixedFormatter)
    if named or isinstance(locator, FixedLocator):
        return list(formatter.format_ticks(locator()))
    return []


def _figure_words(fig: Figure) -> list[str]:
    words = [fig.get_suptitle(), fig.get_supxlabel(), fig.get_supylabel()]
    words += [text.get_text() for text in fig.texts]
    words += [text.get_text() for legend in fig.legends for text in legend.texts]
    return [word for word in words if word]


def _numbers(ax) -> Iterator[list]:
    """Yield one list of rounded numbers for each visible mark, in the order of drawing."""
    rounded = _rounder(ax)
    for line in filter(_visible, ax.lines):
        yield ["line", *rounded(line.get_xydata())]
    for marks in filter(_visible, ax.collections):
        yield [type(marks).__name__, *rounded(_positions(marks)), *_values(marks)]
    for patch in filter(_visible, ax.patches):
        yield [type(patch).__name__, *rounded(_corners(patch))]
    for image in filter(_visible, ax.images):
        extent = np.reshape(image.get_extent(), (2, 2)).T
        yield ["image", *rounded(extent), *_round(image.get_array())]


def _visible(artist) -> bool:
    return artist.get_visible()


def _positions(marks) -> np.ndarray:
    """Give where a collection's marks stand: points of a scatter, else the corners of its paths."""
    if isinstance(marks, QuadMesh):
        return np.asarray(marks.get_coordinates()).reshape(-1, 2)
    if isinstance(marks, PathCollection) or len(marks.get_offsets()) > 1:
        return np.ma.filled(np.ma.asarray(marks.get_offsets(), dtype=float), np.nan)
    if isinstance(marks, ContourSet):
        return np.array([measure for path in marks.get_paths() for measure in _course(path)])
    corners = [path.vertices for path in marks.get_paths()]
    return np.concatenate(corners) if corners else np.empty((0, 2))


def _course(path) -> np.ndarray:
    """Give a contour's extent in x and y, summed along it, and its centre.

    Its corners will not do: where a level meets the grid, noise adds or takes away a corner.
    """
    lines = path.to_polygons(closed_only=False)
    steps = np.concatenate([np.abs(np.diff(line, axis=0)) for line in lines] or [np.zeros((1, 2))])
    middles = np.concatenate([(line[1:] + line[:-1]) / 2 for line in lines] or [np.zeros((1, 2))])
    weights = steps.sum(axis=1)
    centre = weights @ middles / weights.sum() if weights.any() else np.zeros(2)
    return np.array([steps.sum(axis=0), centre])


def _values(marks) -> list[str]:
    """Give what colour and size stand for, where they differ from mark to mark."""
    values = [] if marks.get_array() is None else _round(marks.get_array())
    sizes = marks.get_sizes() if isinstance(marks, PathCollection) else ()
    return values + (_round(sizes) if len(sizes) > 1 else [])


def _corners(patch) -> np.ndarray:
    """Give what a patch stands for: a bar's place and size, a slice's angles, else its outline."""
    if isinstance(patch, Rectangle):
        return np.array([[patch.get_x(), patch.get_y()], [patch.get_width(), patch.get_height()]])
    if isinstance(patch, Wedge):
        return np.array([[patch.theta1, patch.r], [patch.theta2, patch.width or 0]])
    if isinstance(patch, FancyArrowPatch | FancyBboxPatch):
        return np.empty((0, 2))  # their outline depends on the figure's size
    return patch.get_patch_transform().transform(patch.get_path().vertices)


def _rounder(ax):
    """Make the function that rounds an array of (x, y), knowing this plot's dates and scales."""
    axes = [(ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())]

    def rounded(xy) -> list[str]:
        columns = np.asarray(xy, dtype=float).reshape(-1, 2).T
        return [
            text
            for values, (axis, limits) in zip(columns, axes, strict=True)
            for text in _round_on(axis, limits, values)
        ]

    return rounded


def _round_on(axis, limits, values) -> list[str]:
    if isinstance(axis.get_converter(), DateConverter):
        return [f"{day:.2f}" for day in values]  # days since 1970: four digits would be too few
    return _round(values, beside=0.0 if axis.get_scale() == "log" else np.max(np.abs(limits)))


def _round(values, *, beside: float | None = None) -> list[str]:
    """Write numbers with four digits so that noise in the last bits makes no difference.

    Rounding to ten digits first brings a number that is a tie but for noise (0.12345) back to
    the tie, so that it always falls to the same side. A number that cannot be seen `beside` the
    largest one is zero.

    >>> _round([0.12345, 0.12345 - 1e-16, -0.0, 1e-17, np.nan])
    ['1.235e-01', '1.235e-01', '0', '0', 'nan']
    """
    numbers = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    if beside is None:
        beside = np.max(np.abs(numbers), where=np.isfinite(numbers), initial=0.0)
    return [
        "0" if abs(number) <= 1e-9 * beside else f"{float(f'{number:.9e}'):.3e}"
        for number in numbers
    ]


def _count(fig: Figure) -> int:
    """Count the plotted points: of lines and scatters, bars, cells and segments."""
    count = 0
    for ax in (ax for ax in fig.axes if not _is_colorbar(ax)):
        error_bars = {
            mark
            for container in ax.containers
            if isinstance(container, ErrorbarContainer)
            for marks in container.lines[1:]
            for mark in marks
        }
        marks = [mark for mark in (*ax.lines, *ax.collections) if mark not in error_bars]
        count += sum(map(_size, filter(_visible, (*marks, *ax.patches, *ax.images))))
    return count


def _size(mark) -> int:
    if hasattr(mark, "get_xydata"):
        return len(mark.get_xydata())
    if getattr(mark, "get_array", lambda: None)() is not None:
        return int(np.size(mark.get_array()))
    if isinstance(mark, PathCollection):
        return len(mark.get_offsets())
    return len(mark.get_paths()) if hasattr(mark, "get_paths") else 1
