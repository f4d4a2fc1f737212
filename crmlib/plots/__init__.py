"""One style, and one plot for each concept.

Every plot draws on an `ax` (a new one unless given) and returns it; :func:`crmlib.show` puts the
figure into the notebook together with a sentence that says what it shows.
"""

from crmlib.plots.intervals import interval_bars
from crmlib.plots.lifetime import alive_map, calibration, histories, tracking
from crmlib.plots.loyalty import double_jeopardy, flow, funnel, grid, uplift
from crmlib.plots.satisfaction import (
    control_chart,
    importance_performance,
    journey,
    kano_map,
    likert,
)
from crmlib.plots.segmentation import cards, perception_map, profiles
from crmlib.plots.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, use_style

__all__ = [
    "BLUE", "GREEN", "GREY", "ORANGE", "PURPLE", "RED", "SKY", "alive_map", "calibration", "cards",
    "control_chart", "double_jeopardy", "flow", "funnel", "grid", "histories",
    "importance_performance", "interval_bars", "journey", "kano_map", "likert", "perception_map",
    "profiles", "tracking", "uplift", "use_style",
]  # fmt: skip
