"""Loyalty: who buys what else, what a brand's size explains, whom to contact, and at which stage."""

from crmlib.loyalty.brands import brand_metrics as brand_metrics
from crmlib.loyalty.brands import duplication as duplication
from crmlib.loyalty.dirichlet import Dirichlet as Dirichlet
from crmlib.loyalty.lift import lift_table as lift_table
from crmlib.loyalty.stage_rules import stages as stages
from crmlib.loyalty.uplift import qini as qini
from crmlib.loyalty.uplift import uplift_curve as uplift_curve
from crmlib.loyalty.wallet import wallet_share as wallet_share
