"""Random streams that do not disturb each other, and the few draws numpy lacks."""

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """Open the random stream called `name`: more draws in one table never shift another."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def pick(rng: np.random.Generator, weights: dict, n: int) -> np.ndarray:
    """Draw n keys of `weights`, each with a chance in proportion to its weight."""
    p = np.array(list(weights.values()), float)
    return np.array(list(weights), object)[rng.choice(len(p), size=n, p=p / p.sum())]


def pick_column(rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """Draw one column for each row of `weights`, in proportion to the row's weights."""
    total = np.cumsum(weights, axis=1)
    return (total < (rng.random(len(weights)) * total[:, -1])[:, None]).sum(axis=1)


def likert(latent: np.ndarray, low: int, high: int) -> np.ndarray:
    """Round a latent value to the answer a person can tick."""
    return np.clip(np.rint(latent), low, high).astype(int)


def logistic(z):
    """Turn log odds into a chance."""
    return 1 / (1 + np.exp(-z))
