"""Stores what to suggest to whom, batch by batch."""

from recsql.suggest.run import Outcome, suggest

__all__ = ["Outcome", "suggest"]
