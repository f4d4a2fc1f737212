"""Computed sentences on a notebook's page."""

from __future__ import annotations

import os
import sys

from crmlib.validate import WrongType

_CHANGED = "You changed an input: the text around here speaks of the shipped data."
_told = False


def say(text: str) -> None:
    """Display a sentence whose numbers were computed, set like the prose around it.

    A notebook that runs on any log cannot have its results written into the prose; it says them.

    Parameters
    ----------
    text : str
        Markdown.

    Examples
    --------
    >>> say(f"**{1 / 3:.0%}** of the customers came back.")
    **33%** of the customers came back.
    """
    if not isinstance(text, str):
        raise WrongType(f"text must be a text, not {type(text).__name__}.")
    if in_notebook():
        from IPython.display import display

        display({"text/markdown": text, "text/plain": text}, raw=True)
    else:
        print(text)


def expect(condition: bool, what: str) -> None:
    """Guard a sentence on the page: `condition` is what must hold for it to be true.

    In the tests (``CRMLIB_STRICT=1``) a miss fails the cell. A reader who changed an input reads one
    calm line, once a notebook. On a class set or the reader's own log nothing is said: there the
    page speaks by values.

    Parameters
    ----------
    condition : bool
        One True or False.
    what : str
        What was expected, in words: the test that fails says it.

    Raises
    ------
    ValueError
        If `condition` is not one True or False, or `what` says nothing.
    AssertionError
        In the tests, if `condition` does not hold.

    Examples
    --------
    >>> came_back = 0.20
    >>> expect(0.18 < came_back < 0.23, "about a fifth of those written off come back")
    """
    global _told
    if not isinstance(what, str) or len(what.split()) < 2:
        raise ValueError(f"what={what!r} must say in words what was expected.")
    if type(condition).__name__ not in ("bool", "bool_"):
        kind = type(condition).__name__
        raise ValueError(f"condition must be one True or False, not {kind}; use .all() or .any().")
    if condition or os.environ.get("CRMLIB_DATA") or os.environ.get("CRMLIB_OWN"):
        return
    if os.environ.get("CRMLIB_STRICT") == "1":
        raise AssertionError(f"expected: {what}")
    if not _told:
        _told = True
        print(_CHANGED)


def in_notebook() -> bool:
    """Tell whether IPython runs this code; without importing it where it does not."""
    return "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
