"""Satisfaction: whom to ask, how satisfied they are, what drives it, and when it has changed."""

from crmlib.satisfaction.control import control_limits as control_limits
from crmlib.satisfaction.drivers import bootstrap as bootstrap
from crmlib.satisfaction.drivers import importance as importance
from crmlib.satisfaction.kano_model import kano as kano
from crmlib.satisfaction.path_model import PathModel as PathModel
from crmlib.satisfaction.sampling import sample_size as sample_size
from crmlib.satisfaction.scores import csat as csat
from crmlib.satisfaction.scores import nps as nps
from crmlib.satisfaction.scores import weighted_index as weighted_index
from crmlib.satisfaction.screening import screen as screen
from crmlib.satisfaction.servqual import servqual_gap as servqual_gap
