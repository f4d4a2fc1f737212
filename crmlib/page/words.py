"""Computed sentences on a notebook's page."""

from __future__ import annotations

import sys


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
    if in_notebook():
        from IPython.display import display

        display({"text/markdown": text, "text/plain": text}, raw=True)
    else:
        print(text)


def in_notebook() -> bool:
    """Tell whether IPython runs this code; without importing it where it does not."""
    return "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
