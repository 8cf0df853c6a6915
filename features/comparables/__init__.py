"""Comparables: which listings a thing is compared with, how alike they are and why, and that nobody counts twice."""

from features.comparables.collapse import Found, collapse
from features.comparables.index import TitleIndex

__all__ = ["Found", "TitleIndex", "collapse"]
