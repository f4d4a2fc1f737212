"""The palette of the figures, as people see it who tell fewer colours apart."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from crmlib.plots import style

# Machado, Oliveira and Fernandes (2009), severity 1.0: what is left of linear RGB.
SEEN = {
    "all colours": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# CIE 1931, D65: from linear RGB to XYZ.
XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
WHITE = [0.9505, 1.0, 1.089]


def lab(colour, seen):
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    relative = np.array(XYZ) @ np.clip(np.array(seen) @ linear, 0, 1) / WHITE
    f = np.where(relative > (6 / 29) ** 3, np.cbrt(relative), relative * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(first, second, seen):
    """Euclidean distance in CIELAB: 2.3 is just noticed."""
    return np.linalg.norm(lab(first, seen) - lab(second, seen))


def test_distance_is_the_textbook_s():
    assert lab("white", SEEN["all colours"]) == pytest.approx([100, 0, 0], abs=0.05)
    assert lab("red", SEEN["all colours"]) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)


def test_an_unsafe_pair_would_be_noticed():
    red, green = "#D62728", "#2CA02C"  # matplotlib's own
    assert distance(red, green, SEEN["all colours"]) > 100
    assert distance(red, green, SEEN["deuteranopia"]) < 10


@pytest.mark.parametrize("seen", SEEN)
def test_colours_of_one_figure_are_told_apart(seen):
    apart = {pair: distance(*pair, SEEN[seen]) for pair in combinations(style.COLOURS, 2)}
    assert min(apart.values()) > 15, min(apart.items(), key=lambda item: item[1])
