"""What several plots need of their axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from crmlib.validate import wrong

_SIDES = [  # where a name may stand beside its point, the better places first: x, y; the last four
    # lie on the point's error bars
    (1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1),
]  # fmt: skip
_ON_A_BAR = 60
_AWAY = 5  # from the point to its name, in points (1/72 inch)
_HA = {1: "left", 0: "center", -1: "right"}
_VA = {1: "bottom", 0: "center", -1: "top"}


def axes(ax):
    """Give the axes to draw on: a new one, unless there is one."""
    if not isinstance(ax, plt.Axes | None):
        raise wrong("ax", ax, "axes of matplotlib, or None for new ones")
    return plt.subplots()[1] if ax is None else ax


def short_dates(ax) -> None:
    """Write dates along x as briefly as they can be told apart."""
    locator = AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def name_points(ax, x, y, names, *, size: float = 9.5) -> None:
    """Write each point's name on the side where it covers least; to be called last.

    The names' widths are guessed from their letters, so that the outcome does not depend on which
    fonts are installed.
    """
    ax.get_xlim(), ax.get_ylim()  # settles the limits
    to_points = 72 / ax.figure.dpi
    spots = ax.transData.transform(np.column_stack([x, y]).astype(float)) * to_points
    inside = ax.get_window_extent().extents * to_points
    taken = []
    for i, (name, *at) in enumerate(zip(names, x, y, strict=True)):
        boxes = [_box(spots[i], side, len(str(name)), size) for side in _SIDES]
        costs = [_covered(box, taken, np.delete(spots, i, axis=0), inside) for box in boxes]
        costs = np.add(costs, [0] * 4 + [_ON_A_BAR] * 4)
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        right, up = _SIDES[best]
        ax.annotate(
            str(name), at, xytext=(_AWAY * right, _AWAY * up), textcoords="offset points",
            ha=_HA[right], va=_VA[up], fontsize=size,
        )  # fmt: skip


def _box(spot, side, letters: int, size: float) -> np.ndarray:
    """Give left, bottom, right, top of a name beside its point."""
    extent = np.array([0.56 * size * letters, 1.15 * size])
    low = spot + np.multiply(side, _AWAY) + (np.array(side) - 1) / 2 * extent
    return np.concatenate([low, low + extent])


def _covered(box, taken, others, inside) -> float:
    """Measure what a name would cover: other names, points it could be taken for, the plot's edge."""
    cost = sum(_overlap(box, other) for other in taken)
    near = 1.5 * _AWAY
    on = (others > box[:2] - near).all(axis=1) & (others < box[2:] + near).all(axis=1)
    outside = np.maximum(inside[:2] - box[:2], 0).sum() + np.maximum(box[2:] - inside[2:], 0).sum()
    return cost + 40 * on.sum() + 20 * outside


def _overlap(a, b) -> float:
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    return float(np.prod(np.maximum(sides, 0)))
