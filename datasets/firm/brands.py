"""How customers see Shihu Garden beside three (fictional) rivals."""

import numpy as np
import pandas as pd

from .chance import likert, stream
from .parameters import Parameters
from .seasons import END

ATTRIBUTES = ("natural", "effective", "good_value", "service", "suits_presents", "modern")
# mean rating (1-7) on the attributes, and the share of customers who know the brand
BRANDS = {
    "Shihu Garden": ((5.7, 5.0, 4.4, 4.9, 4.8, 3.9), 1.00),
    "Yunling Herbal": ((4.9, 5.6, 3.6, 4.3, 5.5, 3.6), 0.72),
    "Green Stem": ((4.4, 4.1, 5.6, 3.8, 3.2, 4.6), 0.58),
    "Orchid Lab": ((3.9, 4.9, 3.9, 5.0, 4.7, 5.9), 0.41),
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
    for brand, (levels, known) in BRANDS.items():
        block = pd.DataFrame({"customer_id": asked, "brand": brand})
        for attribute, level in zip(ATTRIBUTES, levels, strict=True):
            block[attribute] = likert(
                level + kind + p.brands.noise * rng.standard_normal(len(asked)), 1, 7
            )
        blocks.append(block[rng.random(len(asked)) < known])
    return pd.concat(blocks, ignore_index=True)
