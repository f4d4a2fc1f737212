"""What a figure says, as a number: its data and its words, not its colours or pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import ErrorbarContainer
from matplotlib.contour import ContourSet
from matplotlib.dates import DateConverter
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle, Wedge
from matplotlib.ticker import FixedFormatter, FixedLocator


def digest(fig: Figure) -> str:
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


def count(fig: Figure) -> int:
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
