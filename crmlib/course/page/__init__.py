"""What a notebook puts on its page besides tables: figures with their words, computed sentences."""

from crmlib.course.page.figures import show
from crmlib.course.page.words import expect, say

__all__ = ["expect", "say", "show"]
