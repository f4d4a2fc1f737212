"""Customer lifetime value: who is still a customer, how often will they buy, what are they worth."""

from crmlib.lifetime.bgbb import BGBB
from crmlib.lifetime.bgnbd import BGNBD, MBGNBD
from crmlib.lifetime.concentration import gini, lorenz
from crmlib.lifetime.gamma_gamma import GammaGamma
from crmlib.lifetime.multiple import margin_multiple
from crmlib.lifetime.pareto_nbd import ParetoNBD
from crmlib.lifetime.sbg import SBG
from crmlib.lifetime.states import migration_value, transition_matrix
from crmlib.lifetime.value import clv

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "SBG",
    "GammaGamma",
    "ParetoNBD",
    "clv",
    "gini",
    "lorenz",
    "margin_multiple",
    "migration_value",
    "transition_matrix",
]
