"""One customer, one record: what agreement is worth, phones in one form, pseudonyms."""

from __future__ import annotations

import hmac
import re

import numpy as np
import pandas as pd
import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from crmlib import validate
from crmlib.errors import find, refuse, warn

_LEAST_KEY = 16  # bytes
_NO_DIGIT = r"[*＊•]|\d\.0+\s*$"  # 138****8000 is masked, 13800138000.0 was read as a number
_NO_MOBILE = r"\+861[3-9](?!\d{9}$)"  # a Chinese one has 11 digits


def match_weight(m, u) -> pd.Series | pd.DataFrame:
    r"""Weigh what it tells about two records that a field agrees, or disagrees.

    .. math:: \log_2 \frac{m}{u} \qquad \log_2 \frac{1-m}{1-u}

    By Fellegi and Sunter the weights of several fields add up, on top of
    :math:`\log_2 \frac{\lambda}{1-\lambda}` for the share :math:`\lambda` of matches among all pairs;
    a total of w is a probability of :math:`2^w / (1 + 2^w)`. That holds as far as the fields err
    independently of each other.

    Parameters
    ----------
    m : float or Series
        Chance that the field agrees if the two records are of one person: less than 1, for people
        mistype.
    u : float or Series
        Chance that it agrees if they are of two: how common a value is. A Series is by field.

    Returns
    -------
    Series
        ``agree`` and ``disagree``, in bits; a DataFrame with these columns by field, if `m` is
        a Series.

    Raises
    ------
    ValueError
        For chances that are not between 0 and 1: as a certainty they would outweigh all else.
    DataError
        For such chances in a Series, or two Series that are not of the same fields.

    References
    ----------
    Fellegi, I. P. and Sunter, A. B. (1969). A theory for record linkage. Journal of the American
    Statistical Association 64(328), 1183-1210.

    Examples
    --------
    >>> match_weight(m=0.95, u=0.01).round(2)
    agree       6.57
    disagree   -4.31
    dtype: float64
    """
    series = [name for name, x in (("m", m), ("u", u)) if isinstance(x, pd.Series)]
    if len(series) == 1:
        other = "u" if series == ["m"] else "m"
        raise validate.wrong(other, u if other == "u" else m, f"a Series, as {series[0]} is one")
    if series:
        m, u = _chances(m, "m"), _chances(u, "u")
        u = validate.aligned(u, m.index, "u", "m")
    else:
        m, u = (validate.share(x, name, ends=False) for x, name in ((m, "m"), (u, "u")))
    weights = {"agree": np.log2(m / u), "disagree": np.log2((1 - m) / (1 - u))}
    return pd.DataFrame(weights) if series else pd.Series(weights)


def normalise_phone(s) -> pd.Series:
    """Write phone numbers in one form, E.164: ``+8613800138000``.

    A number without a country is taken for a Chinese one. Spaces, hyphens, brackets, ``0086``, the
    0 of an area code and full-width digits make no difference; an extension is left off. A fixed line
    without its area code looks like one of another city: add it before.

    Parameters
    ----------
    s : Series or array of shape (n,)
        Text, as customers and staff wrote it.

    Returns
    -------
    Series
        Text. Missing where `s` is, and where no number of a possible length can be read, such as
        a masked ``138****8000``: a warning says how many, and names the first. Whether a number is
        in use is not checked.

    Raises
    ------
    DataError
        For anything but text: a number has lost its zeros, and perhaps its digits.

    References
    ----------
    ITU-T Recommendation E.164 (2010); read by ``phonenumbers``, the port of Google's libphonenumber.

    Examples
    --------
    >>> normalise_phone(["0086 138-0013-8000", "(0571) 8801 2345", None, "+1 650 253 0000"]).tolist()
    ['+8613800138000', '+8657188012345', nan, '+16502530000']
    """
    text = _text(s, "phone")
    forms = {written: _e164(written) for written in text.dropna().unique()}
    phones = text.map(forms).astype("str")
    lost = text[phones.isna() & text.notna()]
    if len(lost):
        first = ", ".join(f"row {row}: {value!r}" for row, value in lost.head(3).items())
        warn(
            f"{text.name}: no phone number can be read in {len(lost):,} of {len(text):,} ({first})"
        )
    return phones


def _e164(written: str) -> str | None:
    try:
        number = phonenumbers.parse("" if re.search(_NO_DIGIT, written) else written, "CN")
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None  # of no length there is, or without the area code it takes
    phone = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return None if re.match(_NO_MOBILE, phone) else phone


def pseudonymise(s, key: str | bytes) -> pd.Series:
    r"""Replace ids, phones or names by keyed pseudonyms: HMAC-SHA-256, in 64 hexadecimal digits.

    Equal values get equal pseudonyms, so that tables can still be joined. A plain hash would not
    do: who hashes all phone numbers, which takes minutes, reads every one. Here that takes the key.
    Keep it apart from the data. Who has it can do the same: pseudonyms are still personal data.

    Parameters
    ----------
    s : Series or array of shape (n,)
        Text, in one form (:func:`normalise_phone`): ``" ann"`` and ``"ann"`` are two persons.
    key : str or bytes
        The secret, at least 16 bytes long, drawn at random: ``secrets.token_hex(32)``.

    Returns
    -------
    Series
        Text. Missing where `s` is.

    Raises
    ------
    DataError
        For anything but text, and for blank text, by which strangers would become one.
    ValueError
        For a key that is too short.

    References
    ----------
    Krawczyk, H., Bellare, M. and Canetti, R. (1997). HMAC: keyed-hashing for message authentication.
    RFC 2104.

    Examples
    --------
    The first test case of RFC 4231:

    >>> pseudonymise(["Hi There"], key=b"\x0b" * 20)[0][:24]
    'b0344c61d8db38535ca8afce'
    """
    secret = key.encode() if isinstance(key, str) else key
    if not isinstance(secret, bytes) or len(secret) < _LEAST_KEY:
        came = f"{len(secret)} bytes" if isinstance(secret, bytes) else type(key).__name__
        hint = "secrets.token_hex(32) makes one."  # the key itself must not stand in a message
        raise ValueError(f"key must be a text of {_LEAST_KEY} bytes or more, not {came}. {hint}")
    text = _text(s, "s")
    blank = find(text, (text.str.strip() == "").fillna(False), "blank")
    refuse([blank], "Make these missing: .replace('', None).")
    digest = {v: hmac.digest(secret, v.encode(), "sha256").hex() for v in text.dropna().unique()}
    return text.map(digest).astype("str")


def _text(values, name: str) -> pd.Series:
    column = validate.one_column(values, name).astype(object)
    odd = column.notna() & ~column.map(lambda v: isinstance(v, str)).astype(bool)
    refuse([find(column, odd, "not text")], "Read the column as text: dtype=str.")
    return column.astype("str")


def _chances(values: pd.Series, name: str) -> pd.Series:
    column = validate.finite(values, name)
    advice = "Count half a pair more on either side where all or none agree."
    refuse(
        [find(column, ~column.between(0, 1, inclusive="neither"), "not between 0 and 1")], advice
    )
    return column
