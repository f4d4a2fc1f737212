"""Loyalty: who buys what else, what a brand's size explains, whom to contact, and at which stage."""

from crmlib.loyalty.brands import brand_metrics, duplication
from crmlib.loyalty.dirichlet import Dirichlet
from crmlib.loyalty.lift import lift_table
from crmlib.loyalty.stage_rules import stages
from crmlib.loyalty.uplift import qini, uplift_curve
from crmlib.loyalty.wallet import wallet_share

__all__ = [
    "Dirichlet",
    "brand_metrics",
    "duplication",
    "lift_table",
    "qini",
    "stages",
    "uplift_curve",
    "wallet_share",
]
