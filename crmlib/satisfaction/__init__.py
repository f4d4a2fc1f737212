"""Satisfaction: whom to ask, how satisfied they are, what drives it, and when it has changed."""

from crmlib.satisfaction.control import control_limits
from crmlib.satisfaction.drivers import bootstrap, importance
from crmlib.satisfaction.kano_model import kano
from crmlib.satisfaction.path_model import PathModel
from crmlib.satisfaction.sampling import sample_size
from crmlib.satisfaction.scores import csat, nps, weighted_index
from crmlib.satisfaction.servqual import servqual_gap

__all__ = [
    "PathModel",
    "bootstrap",
    "control_limits",
    "csat",
    "importance",
    "kano",
    "nps",
    "sample_size",
    "servqual_gap",
    "weighted_index",
]
