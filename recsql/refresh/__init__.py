"""Stored lists, reckoned anew: one definition (SQL), two engines that give the very same rows."""

from recsql.refresh.run import ENGINES, LISTS, SLOW_FANS, Outcome, lists_due, refresh, watch

__all__ = ["ENGINES", "LISTS", "SLOW_FANS", "Outcome", "lists_due", "refresh", "watch"]
