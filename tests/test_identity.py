"""Match weights, phones and pseudonyms: published figures, independent programs, properties."""

import hashlib
import hmac
import math
import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from hypothesis import given, settings
from hypothesis import strategies as st
from splink import DuckDBAPI, Linker, SettingsCreator

import crmlib as crm
from crmlib import DataError
from crmlib.data import load

PROPERTIES = settings(max_examples=60, derandomize=True, database=None, deadline=None)
KEY = b"\x0b" * 20
CHANCE = st.floats(1e-6, 1 - 1e-6)


# --- match_weight -------------------------------------------------------------------------------


def probability(weight):
    return 2**weight / (1 + 2**weight)


@PROPERTIES
@given(CHANCE, CHANCE)
def test_weights_are_the_ratios_of_chances(m, u):
    weight = crm.match_weight(m, u)
    assert list(weight.index) == ["agree", "disagree"]
    assert 2 ** weight["agree"] == pytest.approx(m / u)
    assert 2 ** weight["disagree"] == pytest.approx((1 - m) / (1 - u))
    turned, opposite = crm.match_weight(u, m), crm.match_weight(1 - m, 1 - u)
    assert turned.tolist() == pytest.approx((-weight).tolist(), abs=1e-12)
    assert opposite.tolist() == pytest.approx(weight[::-1].tolist(), abs=1e-6)
    assert (weight["agree"] > 0) == (m > u) and (weight["disagree"] < 0) == (m > u)


def test_a_series_has_a_row_for_each_field():
    m = pd.Series({"name": 0.66, "birth": 0.9})
    found = crm.match_weight(m, pd.Series({"birth": 3e-5, "name": 0.0035}))
    for field, u in (("name", 0.0035), ("birth", 3e-5)):
        assert found.loc[field].tolist() == crm.match_weight(m[field], u).tolist()


def test_the_waterfall_of_splinks_guide():
    """Five fields and a prior of -6.67 (1 in 103); the guide prints 9.48 and .999."""
    printed = [4.74, 6.49, -1.97, -1.12, 8.00]
    chances = [(0.9, 0.9 / 2**w) if w > 0 else (1 - 0.99 * 2**w, 0.01) for w in printed]
    weights = [crm.match_weight(*mu)["agree" if w > 0 else "disagree"]
               for mu, w in zip(chances, printed, strict=True)]  # fmt: skip
    assert weights == pytest.approx(printed)
    total = -6.67 + sum(weights)
    assert total == pytest.approx(9.48, abs=0.011)
    assert probability(total) == pytest.approx(0.999, abs=0.0005)


def test_splink_gives_the_same_weights():
    """One pair for each pattern of agreement of two fields, at chances that are set."""
    chances = {"surname": (0.65, 0.003), "born": (0.9, 3e-5)}
    comparisons = [
        cl.CustomComparison(
            output_column_name=name,
            comparison_levels=[
                cll.ExactMatchLevel(name).configure(m_probability=m, u_probability=u),
                cll.ElseLevel().configure(m_probability=1 - m, u_probability=1 - u),
            ],
        )
        for name, (m, u) in chances.items()
    ]
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="id", comparisons=comparisons,
        blocking_rules_to_generate_predictions=["1 = 1"],
        probability_two_random_records_match=0.001,
    )  # fmt: skip
    people = pd.DataFrame({"id": [1, 2, 3], "surname": ["li", "li", "wu"], "born": ["1", "2", "2"]})
    engine = DuckDBAPI()
    linker = Linker(engine.register(people), settings)
    pairs = linker.inference.predict().as_pandas_dataframe().set_index(["id_l", "id_r"])
    weights = crm.match_weight(
        *(pd.Series(v, list(chances)) for v in zip(*chances.values(), strict=True))
    )
    prior = math.log2(0.001 / 0.999)
    for pair, agree in {
        (1, 2): (True, False),
        (1, 3): (False, False),
        (2, 3): (False, True),
    }.items():
        columns = np.where(agree, "agree", "disagree")
        total = prior + sum(weights.loc[f, c] for f, c in zip(chances, columns, strict=True))
        assert pairs.loc[pair, "match_weight"] == pytest.approx(total)
        assert pairs.loc[pair, "match_probability"] == pytest.approx(probability(total))


def test_weights_link_the_persons_of_febrl():
    """methods_3_4: m and u by EM over all 499,500 pairs; 471 links at .5, all right, recall .942."""
    fields = ["given_name", "surname", "date_of_birth", "postcode"]
    m = pd.Series([0.6586, 0.6397, 0.9026, 0.8427], fields)
    u = pd.Series([0.003528, 0.002795, 3.1e-05, 0.00102], fields)
    weights, prior = crm.match_weight(m, u), math.log2(0.000976986 / (1 - 0.000976986))
    records = load("febrl1")
    one, other = np.triu_indices(len(records), 1)
    total = np.full(len(one), prior)
    for field in fields:
        codes = pd.factorize(records[field])[0]
        same = (codes[one] == codes[other]) & (codes[one] >= 0)  # missing counts as disagreement
        total += np.where(same, *weights.loc[field, ["agree", "disagree"]])
    person = records["person"].to_numpy()
    right, links = person[one] == person[other], probability(total) >= 0.5
    assert (len(one), right.sum()) == (499_500, 500)
    assert links.sum() == 471 and right[links].all() and right[links].sum() / 500 == 0.942
    assert probability(total).sum() == pytest.approx(488.0, abs=0.5)


@pytest.mark.parametrize("value", [0, 1, -0.1, 1.2, 95, np.nan, "0.9", None, True, [0.5]])
def test_chances_that_cannot_be(value):
    for call in ({"m": value, "u": 0.1}, {"m": 0.1, "u": value}):
        with pytest.raises(ValueError, match="must be a share between 0 and 1"):
            crm.match_weight(**call)


def test_series_of_chances_that_are_refused():
    good = pd.Series([0.9, 0.5], ["a", "b"])
    for bad in (0, 1, -1):
        with pytest.raises(DataError, match=rf"row b, u = {bad:.1f}: not between 0 and 1"):
            crm.match_weight(good, pd.Series([0.1, bad], ["a", "b"]))
    with pytest.raises(DataError, match="row a, m = nan: missing"):
        crm.match_weight(good.mask(good > 0.6), good)
    with pytest.raises(DataError, match="u = c: is not in the index of m"):
        crm.match_weight(good, good.set_axis(["a", "c"]))
    with pytest.raises(ValueError, match="u must be a Series, as m is one"):
        crm.match_weight(good, 0.1)
    with pytest.raises(ValueError, match="m must be a Series, as u is one"):
        crm.match_weight(0.1, good)


# --- normalise_phone ----------------------------------------------------------------------------


@PROPERTIES
@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "+86", "+86 ", "0086", "0086-", "86", "(+86)", "＋86"]),
    st.sampled_from(["", " ", "-", "."]),
    st.booleans(),
)
def test_one_number_has_one_form(mobile, country, gap, wide):
    written = country + gap.join([mobile[:3], mobile[3:7], mobile[7:]])
    if wide:  # as a Chinese keyboard writes digits
        written = written.translate({ord("0") + i: ord("０") + i for i in range(10)})
    [found] = crm.normalise_phone([written])
    assert found == "+86" + mobile
    assert crm.normalise_phone([found]).tolist() == [found]


def test_phones_of_the_firm():
    """By digits alone it comes to the same; as a key they give the precision and recall known."""
    contacts = load("shihu/contacts").set_index("record_id")
    found = crm.normalise_phone(contacts["phone"])
    digits = (
        contacts["phone"]
        .dropna()
        .map(lambda s: "+86" + re.sub(r"\D", "", unicodedata.normalize("NFKC", s))[-11:])
    )
    assert found.dropna().to_dict() == digits.to_dict() and found.index.equals(contacts.index)
    truth = load("shihu/truth_contacts").set_index("record_id")["customer_id"]
    known = found.dropna()

    def pairs(keys):
        n = keys.value_counts()
        return (n * (n - 1) // 2).sum()

    both = pairs(known + truth)
    assert both / pairs(known) == pytest.approx(0.946, abs=0.005)
    assert both / pairs(truth) == pytest.approx(0.8628, abs=0.005)


def test_numbers_of_other_kinds():
    written = {
        "0571-8801 2345": "+8657188012345", "(021) 6123 4567": "+862161234567",
        "+852 2345 6789": "+85223456789", "0041 44 668 18 00": "+41446681800",
        "138 0013 8000 ext. 5": "+8613800138000", "手机：13800138000": "+8613800138000",
    }  # fmt: skip
    assert crm.normalise_phone(list(written)).tolist() == list(written.values())


def test_what_is_no_number_is_missing_and_said():
    written = pd.Series(
        ["13800138000", "12345", "none", "", None, "138001380001380013800"], list("abcdef")
    )
    with pytest.warns(UserWarning, match=r"can be read in 4 of 6 \(row b: '12345', row c: 'none',"):
        found = crm.normalise_phone(written.rename("mobile"))
    assert found.isna().tolist() == [False, True, True, True, True, True]
    assert found.index.equals(written.index)


def test_a_phone_that_somebody_changed_is_none():
    """Masked, read as a number, a digit too many or too few: as a key it would join strangers."""
    changed = ["138****8000", "13800138000.0", "138001380001", "1380013800"]
    with pytest.warns(UserWarning, match="no phone number can be read in 4 of 4"):
        assert crm.normalise_phone(changed).isna().all()
    assert crm.normalise_phone(["010 8801 2345"]).tolist() == ["+861088012345"]  # Beijing's code


@pytest.mark.parametrize("kind", ["category", "string", object])
def test_the_type_of_text_makes_no_difference(kind):
    written = pd.Series(["13800138000", None, "138-0013-8000"])
    expected = ["+8613800138000", None, "+8613800138000"]
    assert crm.normalise_phone(written.astype(kind)).replace({np.nan: None}).tolist() == expected
    found = crm.pseudonymise(written.astype(kind), KEY)
    assert found.equals(crm.pseudonymise(written, KEY)) and found.isna().tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("call", [crm.normalise_phone, lambda s: crm.pseudonymise(s, KEY)])
def test_what_is_no_text_is_refused(call):
    for values, message in {
        "numbers": ([13800138000], "row 0, .* = 13800138000: not text"),
        "mixed": (["13800138000", 5.5], "row 1, .* = 5.5: not text"),
        "bytes": ([b"13800138000"], "not text"),
        "yes": ([True], "not text"),
    }.values():
        with pytest.raises(DataError, match=message):
            call(values)
    for value in ("13800138000", None, 5, {}, pd.DataFrame({"a": ["b"]})):
        with pytest.raises(ValueError, match="must be one column"):
            call(value)
    assert call(pd.Series([], dtype="str")).empty and call([None, None]).isna().all()


# --- pseudonymise -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "text", "digest"),
    [
        (
            b"\x0b" * 20,
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"\xaa" * 131,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            b"\xaa" * 131,
            "This is a test using a larger than block-size key and a larger than block-size data. "
            "The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ],
)
def test_the_cases_of_rfc_4231(key, text, digest):
    assert crm.pseudonymise([text], key).tolist() == [digest]


def by_hand(text, key):
    """RFC 2104, from hashes alone."""
    key = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + text.encode()).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).hexdigest()


@PROPERTIES
@given(
    st.lists(st.one_of(st.none(), st.text(min_size=1).filter(str.strip)), min_size=1),
    st.binary(min_size=16, max_size=100),
)
def test_pseudonyms_are_hmacs_and_tell_equal_from_different(values, key):
    values = [v if v is None or v.isprintable() else "x" for v in values]
    values = [v if v is None or v.strip() else "x" for v in values]
    found = crm.pseudonymise(values, key)
    assert found.isna().tolist() == [v is None for v in values]
    there = [v for v in values if v is not None]
    assert found.dropna().tolist() == [by_hand(v, key) for v in there]
    assert found.nunique() == len(set(there))


def test_another_key_gives_other_pseudonyms_that_still_join():
    orders, visits = pd.Series(["ann", "bo", "ann"], [5, 6, 7]), pd.Series(["bo", "cy"])
    one, other = crm.pseudonymise(orders, KEY), crm.pseudonymise(visits, KEY)
    assert one.index.tolist() == [5, 6, 7] and one[5] == one[7] != one[6] == other[0]
    assert not set(one) & set(crm.pseudonymise(orders, KEY[::-1] + b"2"))
    text = "a key of sixteen, or 更多"
    assert crm.pseudonymise(orders, text).equals(crm.pseudonymise(orders, text.encode()))
    assert one[6] == hmac.new(KEY, b"bo", hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "key", ["", "short", b"fifteen bytes..", None, 12345678901234567890, [1] * 20]
)
def test_keys_that_are_refused_are_not_shown(key):
    with pytest.raises(ValueError, match="key must be a text of 16 bytes or more") as refusal:
        crm.pseudonymise(["ann"], key)
    assert not key or str(key) not in str(refusal.value).replace("16 bytes", "")


def test_blank_ids_are_refused():
    with pytest.raises(DataError, match=r"row 1, s = ' ': blank"):
        crm.pseudonymise(["ann", " ", None], KEY)
