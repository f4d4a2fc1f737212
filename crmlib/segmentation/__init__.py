"""Segmentation: who is worth most, which groups are real, where brands stand, and who gets how much."""

from crmlib.segmentation.perception import Correspondence as Correspondence
from crmlib.segmentation.perception import correspondence as correspondence
from crmlib.segmentation.psi import drift as drift
from crmlib.segmentation.resampling import stability as stability
from crmlib.segmentation.scores import rfm_scores as rfm_scores
from crmlib.segmentation.supply import supply_caps as supply_caps
