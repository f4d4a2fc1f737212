"""Guards: strict in the tests, one calm line for a reader, silent on other data."""

import numpy as np
import pandas as pd
import pytest

import crmlib as crm
from crmlib.course import run
from crmlib.page import words


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.delenv("CRMLIB_STRICT")
    monkeypatch.setattr(words, "_told", False)
    return monkeypatch


def test_a_guard_that_holds_says_nothing(capsys):
    crm.expect(np.float64(0.2) < 0.5, "a fifth come back")
    assert capsys.readouterr().out == ""


def test_in_the_tests_a_miss_fails_and_says_what_was_expected():
    with pytest.raises(AssertionError, match="expected: a fifth come back"):
        crm.expect(False, "a fifth come back")


def test_a_reader_is_told_once(reader, capsys):
    for _ in range(3):
        crm.expect(False, "a fifth come back")
    said = capsys.readouterr().out
    assert said == "You changed an input: the text around here speaks of the shipped data.\n"


@pytest.mark.parametrize("strict", ["0", "1"])
@pytest.mark.parametrize("name", ["CRMLIB_DATA", "CRMLIB_OWN"])
def test_silent_on_a_class_set_and_on_the_reader_s_log(reader, capsys, name, strict):
    reader.setenv("CRMLIB_STRICT", strict)
    reader.setenv(name, "1")
    crm.expect(False, "a fifth come back")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("condition", [pd.Series([True, True]), 1, None, pd.NA, "yes"])
def test_a_condition_is_one_true_or_false(condition):
    with pytest.raises(ValueError, match="one True or False"):
        crm.expect(condition, "a fifth come back")


@pytest.mark.parametrize("what", ["", "x", 3])
def test_what_was_expected_is_said_in_words(what):
    with pytest.raises(ValueError, match="say in words"):
        crm.expect(True, what)


@pytest.mark.parametrize(("parameters", "inside"), [({"LOG": "a.csv"}, "1"), ({"RATE": 1}, None)])
def test_run_tells_the_kernel_whose_log_it_is(parameters, inside, monkeypatch):
    import os

    with run._guards_silent(parameters):
        assert os.environ.get("CRMLIB_OWN") == inside
    assert "CRMLIB_OWN" not in os.environ
