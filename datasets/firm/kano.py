"""The Kano survey: pairs of functional and dysfunctional answers with known categories."""

import numpy as np
import pandas as pd

from .chance import pick, stream
from .parameters import SEGMENTS, Parameters
from .seasons import END

# feature: the category it has for most people, and the segments for which it differs
FEATURES = {
    "fresh_on_arrival": ("M", {}),
    "full_weight": ("M", {"gift": "I"}),
    "sent_within_48h": ("O", {}),
    "member_price": ("O", {"gift": "I", "trade": "M"}),
    "care_advice": ("A", {"grower": "O", "trade": "I"}),
    "gift_wrapping": ("I", {"gift": "A"}),
    "repotting_service": ("I", {"grower": "A"}),
    "origin_code": ("A", {"bargain": "I"}),
    "livestream_tour": ("I", {}),
    "paper_catalogue": ("I", {}),
    "app_required": ("R", {"bargain": "I"}),
}

# answer pairs (functional, dysfunctional) that mean each category in the evaluation table
_MIDDLE = (2, 3, 4)
PAIRS = {
    "A": [(1, d) for d in _MIDDLE],
    "O": [(1, 5)],
    "M": [(f, 5) for f in _MIDDLE],
    "I": [(f, d) for f in _MIDDLE for d in _MIDDLE],
    "R": [(f, 1) for f in _MIDDLE] + [(5, d) for d in (1, 2, 3, 4)],
}


def run(survey: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> tuple:
    """Ask 11 features of respondents of the 2025 wave; return the answers and the truth."""
    rng = stream(p.seed, "kano")
    asked = np.sort(survey.customer_id[survey.wave == END.year].unique())
    asked = np.sort(rng.permutation(asked)[: p.kano.asked])
    segment = people.set_index("customer_id").segment.loc[asked].to_numpy()
    blocks = []
    for feature in FEATURES:
        chance = [shares(feature, s, p.kano.main_share) for s in segment]
        category = np.array([pick(rng, c, 1)[0] for c in chance], object)
        pair = np.array([PAIRS[c][rng.integers(len(PAIRS[c]))] for c in category])
        anything = rng.integers(1, 6, pair.shape)
        pair = np.where(rng.random(len(pair))[:, None] < p.kano.noise, anything, pair)
        blocks.append(
            pd.DataFrame(
                {
                    "customer_id": asked,
                    "feature": feature,
                    "functional": pair[:, 0],
                    "dysfunctional": pair[:, 1],
                }
            )
        )
    return pd.concat(blocks, ignore_index=True), truth()


def shares(feature: str, segment: str, main_share: float) -> dict:
    """Give the shares of the five categories for a feature in a segment."""
    main, differs = FEATURES[feature]
    main = differs.get(segment, main)
    rest = (1 - main_share) / (len(PAIRS) - 1)
    return {c: main_share if c == main else rest for c in PAIRS}


def truth() -> pd.DataFrame:
    """Write the true main category of each feature in each segment."""
    rows = [
        dict(feature=f, segment=s, category=differs.get(s, main))
        for f, (main, differs) in FEATURES.items()
        for s in SEGMENTS
    ]
    return pd.DataFrame(rows)
