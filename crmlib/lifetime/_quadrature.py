"""Nodes to integrate with."""

from __future__ import annotations

from functools import cache

import numpy as np

NEGLIGIBLE = 40.0  # e-folds after which nothing is left to integrate: e^-40 is 4e-18


@cache
def gauss_legendre(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes and weights of Gauss and Legendre on (0, 1).

    >>> nodes, weights = gauss_legendre(8)
    >>> round(weights @ nodes**15 * 16, 12)  # exact for polynomials up to degree 2 n - 1
    np.float64(1.0)
    """
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1) / 2, weights / 2
