"""What a notebook puts on its page besides tables: figures with their words, computed sentences."""

from crmlib.page.figures import show
from crmlib.page.words import expect, say

__all__ = ["expect", "say", "show"]
