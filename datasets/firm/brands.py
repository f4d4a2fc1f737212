"""How customers see Shihu Garden beside three (fictional) rivals."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .chance import likert, stream
from .parameters import Parameters
from .seasons import END

ATTRIBUTES = ("natural", "effective", "good_value", "service", "suits_presents", "modern")


class Brand(NamedTuple):
    """How customers see a brand."""

    levels: tuple[float, ...]  # mean rating (1-7) on the attributes
    known: float  # share of customers who know it


BRANDS = {
    "Shihu Garden": Brand((5.7, 5.0, 4.4, 4.9, 4.8, 3.9), 1.00),
    "Yunling Herbal": Brand((4.9, 5.6, 3.6, 4.3, 5.5, 3.6), 0.72),
    "Green Stem": Brand((4.4, 4.1, 5.6, 3.8, 3.2, 4.6), 0.58),
    "Orchid Lab": Brand((3.9, 4.9, 3.9, 5.0, 4.7, 5.9), 0.41),
}


def run(survey: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Ask some respondents of the last wave to rate the brands they know."""
    rng = stream(p.seed, "brands")
    asked = np.sort(survey.customer_id[survey.wave == END.year].unique())
    asked = np.sort(rng.permutation(asked)[: p.brands.asked])
    kind = p.brands.kindness_sd * rng.standard_normal(
        len(asked)
    )  # some people rate everything higher
    blocks = []
    for name, brand in BRANDS.items():
        block = pd.DataFrame({"customer_id": asked, "brand": name})
        for attribute, level in zip(ATTRIBUTES, brand.levels, strict=True):
            block[attribute] = likert(
                level + kind + p.brands.noise * rng.standard_normal(len(asked)), 1, 7
            )
        blocks.append(block[rng.random(len(asked)) < brand.known])
    return pd.concat(blocks, ignore_index=True)
