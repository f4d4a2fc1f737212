"""Customer lifetime value: who is still a customer, how often will they buy, what are they worth."""

from crmlib.lifetime.bgbb import BGBB as BGBB
from crmlib.lifetime.bgnbd import BGNBD as BGNBD
from crmlib.lifetime.bgnbd import MBGNBD as MBGNBD
from crmlib.lifetime.concentration import gini as gini
from crmlib.lifetime.concentration import lorenz as lorenz
from crmlib.lifetime.gamma_gamma import GammaGamma as GammaGamma
from crmlib.lifetime.multiple import margin_multiple as margin_multiple
from crmlib.lifetime.pareto_nbd import ParetoNBD as ParetoNBD
from crmlib.lifetime.sbg import SBG as SBG
from crmlib.lifetime.states import migration_value as migration_value
from crmlib.lifetime.states import transition_matrix as transition_matrix
from crmlib.lifetime.value import clv as clv
