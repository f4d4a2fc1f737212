"""One look for every figure of the course."""

from __future__ import annotations

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.font_manager import fontManager

# Okabe & Ito (2008), Color Universal Design; their yellow is too faint on white and left out.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#666666",
)  # fmt: skip
COLOURS = [BLUE, RED, GREEN, PURPLE, ORANGE, SKY]
DASHES = ["-", (0, (5, 2)), (0, (5, 2, 1, 2)), (0, (1, 1.5)), (0, (9, 2)), (0, (3, 2, 1, 2, 1, 2))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
_CHINESE = [
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Noto Sans CJK SC", "Noto Sans SC",
    "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Droid Sans Fallback",
]  # fmt: skip


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
            "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=DASHES),
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
