"""What several plots need of their axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter


def axes(ax):
    """Give the axes to draw on: a new one, unless there is one."""
    return plt.subplots()[1] if ax is None else ax


def short_dates(ax) -> None:
    """Write dates along x as briefly as they can be told apart."""
    locator = AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
