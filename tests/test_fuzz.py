"""Inputs nobody thought of: a right answer or a refusal in words, never a raw error, never a hang.

`FUNCTIONS` has a line for each function: what to call, and a strategy for its arguments. A new
function is added by a line. The inputs are the same in every run.
"""

import linecache
import signal
import warnings
from collections import Counter
from datetime import timedelta

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, KMeans
from sklearn.mixture import GaussianMixture

import crmlib as crm
from crmlib import plots
from crmlib.estimate import Estimate

SECONDS = 20  # after which a call counts as a hang
EXAMPLES = settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=timedelta(seconds=SECONDS),
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# what may come

ODD = st.sampled_from([
    None, True, "5", "", "five %", b"5", np.nan, np.inf, -1, 0, 1, 12, 0.5, 1e-300, 1e300, 10**9,
    10**30, 1j, pd.NA, [1], (0, 1), {}, np.array([1, 2]), np.float32(0.3), np.int64(3), object(),
    pd.Series([0.1, 0.2]), pd.Timestamp("2024-01-01"),
])  # fmt: skip
SPOILS = {  # what can be wrong with a column of good numbers, or only look so
    "hole": lambda s: s.astype(float).mask(s.index == s.index[0]),
    "infinite": lambda s: s.astype(float).where(s.index != s.index[0], np.inf),
    "text": lambda s: s.astype(str),
    "one text": lambda s: s.astype(object).where(s.index != s.index[0], "n/a"),
    "yes and no": lambda s: s > s.median(),
    "dates": lambda s: pd.Series(pd.Timestamp("2024-01-01"), s.index),
    "complex": lambda s: s.astype(complex),
    "far": lambda s: s * 1e200,
    "between": lambda s: s + 0.25,
    "below zero": lambda s: -s - 1,
    "all alike": lambda s: s * 0 + s.iloc[0],
    "category": lambda s: s.astype("category"),
    "nullable": lambda s: s.astype("Int64"),
    "objects": lambda s: s.astype(object),
    "twice": lambda s: s.set_axis([0] * len(s)),
    "two levels": lambda s: s.set_axis(pd.MultiIndex.from_arrays([[1] * len(s), range(len(s))])),
    "turned": lambda s: s[::-1],
    "others": lambda s: s.set_axis([f"C{i}" for i in range(len(s))]),
    "list": list,
    "array": np.asarray,
    "table": lambda s: s.to_frame("a"),
    "none": lambda s: s.iloc[:0],
}


def mostly(good):
    """Take a good value three times out of four, else anything."""
    return st.one_of(good, good, good, ODD)


def spoilt(good: pd.Series):
    """Spoil a good column in one way, in two, or not at all."""
    ways = st.lists(st.sampled_from(list(SPOILS)), max_size=2)
    return st.one_of(st.just(good), ways.map(lambda names: _spoil(good, names)))


def _spoil(values, names):
    for name in names:
        try:
            values = SPOILS[name](values)
        except (TypeError, ValueError, AttributeError, IndexError, KeyError):
            return values  # the two do not go together
    return values


SIZES, ROWS = st.integers(1, 9), st.integers(3, 12)


def column(low=1, high=5, size=SIZES):
    """Make answers or counts, mostly whole numbers from low to high."""
    rows = size.flatmap(lambda n: st.lists(st.integers(low, high), min_size=n, max_size=n))
    return mostly(rows.map(lambda v: pd.Series(v, name="v")).flatmap(spoilt))


@st.composite
def table(draw, low=1, high=10, names="abcd", rows=ROWS):
    """Make a table of such columns, some spoilt, with or without one too few or too many."""
    n = draw(rows)
    good = {c: draw(st.lists(st.integers(low, high), min_size=n, max_size=n)) for c in names}
    frame = pd.DataFrame(good)
    change = draw(st.sampled_from(["", "", "", "spoil", "lack", "twin", "copy", "rows", "array"]))
    if change == "spoil":
        spoil = _spoil(frame[names[0]], [draw(st.sampled_from(list(SPOILS)))])
        try:
            frame[names[0]] = spoil
        except (TypeError, ValueError):
            return frame.iloc[:0]
    changes = {
        "lack": lambda f: f.iloc[:, 1:],
        "twin": lambda f: f.set_axis([names[0]] * f.shape[1], axis=1),
        "copy": lambda f: f.assign(**{names[0]: f[names[-1]]}),
        "rows": lambda f: f.set_axis([0] * len(f)),
        "array": lambda f: f.to_numpy(),
    }
    return changes.get(change, lambda f: f)(frame)


SCALE = st.sampled_from([(1, 5), (0, 10), (1, 10), (5, 1), (1, 5.5), 5, "15", (1,), (np.nan, 2)])
WEIGHTS = st.one_of(st.none(), column(0, 9))
MISSING = st.sampled_from(["refuse", "drop", "omit", None])
SHARE, RATE = mostly(st.floats(0.001, 0.999)), mostly(st.floats(0.01, 200))
SEED, DRAWS = mostly(st.integers(0, 5)), mostly(st.just(20))
MODEL = {"q": ["a", "b"], "s": ["c", "d"]}
MEASURES = st.sampled_from([MODEL] * 9 + [MODEL | {"s": ["a", "b"]}, {"q": "ab"}, {}, None])
PATHS = st.sampled_from([[("q", "s")]] * 9 + [[("q", "q")], [("q", "t")], [], "qs", [1]])
ANSWERS = pd.DataFrame(np.random.default_rng(0).integers(1, 11, (20, 4)), columns=list("abcd"))
WITH_ENDS = st.one_of(table(names=["value", "low", "high"]), column())


def path_model(measures, paths, scheme, data, n, seed):
    model = crm.PathModel(measures, paths, scheme=scheme).fit(data)
    repr(model), model.scores(data), model.predict(data)
    return model.bootstrap(data, n=n, seed=seed)


def arithmetic(value, se, low, high, k):
    e = Estimate(value, se, low, high, 5)
    return [str(e), f"{e:.1f}", e + e * k, e - e]


METHOD = {"nps": ["adjusted", "wald", "exact", 3], "importance": ["lmg", "johnson", "x", None]}
SCHEME, KIND = ["path", "centroid", "factorial", "pls"], ["u", "p", "c", None]
BASELINE = st.one_of(st.none(), column(0, 1), ODD, st.builds(slice, st.integers(0, 4), ODD))
FEW = mostly(st.floats(-3, 3))
BINS = mostly(st.integers(2, 3))
CLUSTERER = mostly(st.sampled_from([KMeans(2, n_init=1), GaussianMixture(2), DBSCAN(2)]))
WRITTEN = st.sampled_from(["13800138000", "+86 138-0013-8000", "none", "", " ", None, 5, "０１２"])
TEXTS = mostly(st.lists(WRITTEN, max_size=4))
RETAILERS = st.just(4)
FUNCTIONS = {
    "csat": (crm.csat, dict(
        ratings=column(), top=mostly(st.integers(1, 5)), scale=SCALE, weights=WEIGHTS,
        missing=MISSING)),
    "nps": (crm.nps, dict(
        scores=column(0, 10), scale=SCALE, method=st.sampled_from(METHOD["nps"]), weights=WEIGHTS,
        missing=MISSING)),
    "weighted_index": (crm.weighted_index, dict(
        ratings=st.one_of(table(), column()), weights=st.one_of(WEIGHTS, st.just({"a": 1})),
        respondents=WEIGHTS, missing=MISSING)),
    "sample_size": (crm.sample_size, dict(
        margin=SHARE, population=mostly(st.integers(1, 10**6)), share=SHARE, confidence=SHARE)),
    "servqual_gap": (crm.servqual_gap, dict(
        expected=table(names="ab", rows=st.just(4)), perceived=table(names="ab", rows=st.just(4)),
        weights=WEIGHTS)),
    "screen": (crm.screen, dict(
        answers=table(names="ab", rows=st.just(4)), who=column(size=st.just(4)),
        seconds=column(size=st.just(4)), late=mostly(st.none()))),
    "kano": (crm.kano, dict(
        functional=table(1, 5, "ab", st.just(4)), dysfunctional=table(1, 5, "ab", st.just(4)))),
    "importance": (crm.importance, dict(
        X=table(names="ab", rows=st.just(8)), y=column(size=st.just(8)),
        method=st.sampled_from(METHOD["importance"]), weights=WEIGHTS)),
    "bootstrap": (crm.bootstrap, dict(
        X=table(names="ab", rows=st.just(8)), y=column(size=st.just(8)), n=DRAWS, seed=SEED)),
    "PathModel": (path_model, dict(
        measures=MEASURES, paths=PATHS, scheme=st.sampled_from(SCHEME),
        data=st.one_of(st.just(ANSWERS), table()), n=DRAWS, seed=SEED)),
    "control_limits": (crm.control_limits, dict(
        events=column(0, 9, st.just(5)), exposure=column(9, 99, st.just(5)),
        kind=st.sampled_from(KIND), baseline=BASELINE)),
    "erlang_c": (crm.erlang_c, dict(arrivals=RATE, service=RATE, servers=mostly(st.integers(1, 99)))),
    "mmc": (crm.mmc, dict(arrivals=RATE, service=RATE, servers=mostly(st.integers(1, 99)))),
    "staff": (crm.staff, dict(arrivals=RATE, handling=RATE, target=SHARE, within=RATE)),
    "Estimate": (arithmetic, dict(
        value=st.floats(0, 1), se=st.floats(0, 1), low=st.floats(-1, 0.5), high=st.floats(0.5, 2),
        k=FEW.filter(lambda k: isinstance(k, int | float)))),
    "from_draws": (Estimate.from_draws, dict(draws=column(), level=SHARE)),
    "likert": (plots.likert, dict(answers=table(1, 5), scale=st.sampled_from([(1, 5), (0, 10)]))),
    "importance_performance": (plots.importance_performance, dict(
        importance=WITH_ENDS, performance=WITH_ENDS)),
    "journey": (plots.journey, dict(ratings=WITH_ENDS)),
    "rfm_scores": (crm.rfm_scores, dict(
        summary=table(0, 9, ["recency", "frequency", "monetary"]), bins=BINS)),
    "stability": (crm.stability, dict(
        X=table(names="ab"), estimator=CLUSTERER, n_boot=DRAWS, seed=SEED)),
    "drift": (crm.drift, dict(before=column(), after=column(), bins=BINS)),
    "correspondence": (lambda table: crm.correspondence(table).rows_, dict(table=table(0, 9))),
    "supply_caps": (crm.supply_caps, dict(
        orders=table(0, 2000, "abc", RETAILERS), sales=column(0, 2000, RETAILERS),
        ceiling=st.one_of(RATE, column(1, 9, RETAILERS)),
        promising=mostly(st.lists(st.integers(0, 4), max_size=2)))),
    "match_weight": (crm.match_weight, dict(m=SHARE, u=SHARE)),
    "match_weight of fields": (lambda m, u: crm.match_weight(m / 10, u / 10), dict(
        m=column(size=st.just(3)).filter(lambda c: isinstance(c, pd.Series) and c.dtype.kind in "if"),
        u=column(size=st.just(3)).filter(lambda c: isinstance(c, pd.Series) and c.dtype.kind in "if"))),
    "normalise_phone": (crm.normalise_phone, dict(s=TEXTS)),
    "pseudonymise": (crm.pseudonymise, dict(
        s=TEXTS, key=mostly(st.sampled_from(["a key of 16 bytes", b"x" * 16])))),
    "profiles": (plots.profiles, dict(values=table(-3, 3))),
    "cards": (plots.cards, dict(
        facts=table(rows=st.just(3)), shares=column(0, 1, st.just(3)))),
    "perception_map": (plots.perception_map, dict(
        rows=table(-3, 3), columns=table(-3, 3), inertia=st.one_of(st.none(), column()))),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_answer_or_a_refusal_in_words(name):
    outcomes = tried(*FUNCTIONS[name])
    assert outcomes["right"] and outcomes["refused"], outcomes  # else the inputs are too tame


def tried(function, strategies) -> Counter:
    """Call it with many arguments; count answers and refusals."""
    outcomes = Counter()

    @EXAMPLES
    @given(st.fixed_dictionaries(strategies))
    def attempt(arguments):
        outcomes[answered(function, arguments)] += 1

    attempt()
    return outcomes


def answered(function, arguments) -> str:
    """Call it; say whether it answered or refused, and let anything else come through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)  # numpy's way to say that a number is none
        try:
            result = within_time(function, arguments)
        except (ValueError, TypeError) as error:
            if not refused_by_us(error):
                raise
            return "refused"
        finally:
            plt.close("all")
    assert sound(result), result
    return "right"


def within_time(function, arguments):
    if not hasattr(signal, "SIGALRM"):  # Windows
        return function(**arguments)
    signal.signal(signal.SIGALRM, hang)
    signal.alarm(SECONDS)
    try:
        return function(**arguments)
    finally:
        signal.alarm(0)


def hang(*_):
    raise AssertionError(f"no answer within {SECONDS} seconds")


def refused_by_us(error) -> bool:
    """Tell whether a `raise` of the course said it, with words, or something beneath it broke."""
    at = error.__traceback__
    while at.tb_next is not None:
        at = at.tb_next
    path = at.tb_frame.f_code.co_filename.replace("\\", "/")
    line = linecache.getline(path, at.tb_lineno).strip()
    return "/crmlib/" in path and line.startswith("raise") and len(str(error)) > 15


def sound(result) -> bool:
    """Tell whether all numbers of a result are some; what is missing has been said in a warning."""
    if isinstance(result, Estimate):
        return bool(np.isfinite([result.value, result.low, result.high]).all())
    if isinstance(result, pd.DataFrame | pd.Series | float | int):
        numbers = pd.DataFrame(result if np.ndim(result) else [result]).select_dtypes("number")
        return not np.isinf(numbers.to_numpy(dtype=float)).any()
    return result is not None


def test_a_raw_error_is_told_from_a_refusal():
    for raw in (lambda: crm.nps.no, lambda: pd.Series([1]).loc["a"], lambda: int("x")):
        with pytest.raises((AttributeError, KeyError, ValueError, TypeError)):
            answered(raw, {})
    assert answered(crm.csat, {"ratings": [9]}) == "refused"
    assert not sound(pd.Series([1.0, np.inf])) and sound(pd.Series([1.0, np.nan]))
