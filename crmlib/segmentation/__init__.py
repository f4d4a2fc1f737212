"""Segmentation: who is worth most, which groups are real, where brands stand, and who gets how much."""

from crmlib.segmentation.perception import Correspondence, correspondence
from crmlib.segmentation.psi import drift
from crmlib.segmentation.resampling import stability
from crmlib.segmentation.scores import rfm_scores
from crmlib.segmentation.supply import supply_caps

__all__ = [
    "Correspondence",
    "correspondence",
    "drift",
    "rfm_scores",
    "stability",
    "supply_caps",
]
