"""Customer lifetime value: who is still a customer, how often will they buy, what are they worth."""

from crmlib.lifetime.bgnbd import BGNBD, MBGNBD
from crmlib.lifetime.gamma_gamma import GammaGamma
from crmlib.lifetime.pareto_nbd import ParetoNBD
from crmlib.lifetime.value import clv

__all__ = ["BGNBD", "MBGNBD", "GammaGamma", "ParetoNBD", "clv"]
