"""The small library beneath the course. ``import crmlib as crm``; names load on first use."""

from importlib import import_module

_HOME = {
    "DataError": "errors",
    "Estimate": "estimate",
    "load": "data",
    "describe": "data",
    "truth": "data",
    "check_log": "logs",
    "rfm": "logs",
    "holdout": "logs",
    "gaps": "logs",
    "cohorts": "logs",
    "order_profit": "logs",
    "BGNBD": "lifetime",
    "MBGNBD": "lifetime",
    "ParetoNBD": "lifetime",
    "BGBB": "lifetime",
    "SBG": "lifetime",
    "GammaGamma": "lifetime",
    "clv": "lifetime",
    "margin_multiple": "lifetime",
    "migration_value": "lifetime",
    "transition_matrix": "lifetime",
    "gini": "lifetime",
    "lorenz": "lifetime",
    "csat": "satisfaction",
    "nps": "satisfaction",
    "weighted_index": "satisfaction",
    "sample_size": "satisfaction",
    "servqual_gap": "satisfaction",
    "screen": "satisfaction",
    "kano": "satisfaction",
    "importance": "satisfaction",
    "bootstrap": "satisfaction",
    "PathModel": "satisfaction",
    "control_limits": "satisfaction",
    "brand_metrics": "loyalty",
    "duplication": "loyalty",
    "Dirichlet": "loyalty",
    "wallet_share": "loyalty",
    "lift_table": "loyalty",
    "uplift_curve": "loyalty",
    "qini": "loyalty",
    "stages": "loyalty",
    "rfm_scores": "segmentation",
    "stability": "segmentation",
    "drift": "segmentation",
    "correspondence": "segmentation",
    "supply_caps": "segmentation",
    "match_weight": "identity",
    "normalise_phone": "identity",
    "pseudonymise": "identity",
    "erlang_c": "queues",
    "mmc": "queues",
    "staff": "queues",
    "read_log": "logs",
    "write_table": "logs",
    "show": "page",
    "say": "page",
    "expect": "page",
}
_MODULES = {
    **{name: name for name in ("data", "errors", "estimate", "lifetime", "logs", "plots")},
    **{name: name for name in ("identity", "loyalty", "queues", "satisfaction", "segmentation")},
    "checks": "course.checks",  # every exercise calls crm.checks
}

__all__ = [*_HOME, *_MODULES]
__version__ = "0.1.0"


def __getattr__(name: str):
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"{__name__}.{_MODULES[name]}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
