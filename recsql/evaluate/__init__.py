"""How well each method does: splits, lists and metrics in the database, figures kept as rows."""

from recsql.evaluate.run import SPLITS, Outcome, evaluate
from recsql.evaluate.specs import known

__all__ = ["SPLITS", "Outcome", "evaluate", "known"]
