"""Models: trained on ratings out of PostgreSQL, stored as rows that api.recommend answers from."""

from recsql.models.declared import MODELS, SEED, options_of
from recsql.models.run import Trained, forget, train

__all__ = ["MODELS", "SEED", "Trained", "forget", "options_of", "train"]
