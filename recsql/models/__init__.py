"""Models: trained on ratings out of PostgreSQL, stored as rows that api.recommend answers from."""

from recsql.models.run import MODELS, SEED, Trained, train
from recsql.models.store import forget

__all__ = ["MODELS", "SEED", "Trained", "forget", "train"]
