"""What TMDB and OMDb know about movies: asked politely, kept in the database."""

from recsql.enrich.client import Client, Trouble, Unusable
from recsql.enrich.keys import OMDB, SERVICES, TMDB, Key, Service, address_of, key_of, wanted_key
from recsql.enrich.lookup import Found, add, ask, look_up, store
from recsql.enrich.run import MISSING, OLDEST, Outcome, enrich

__all__ = [
    "MISSING",
    "OLDEST",
    "OMDB",
    "SERVICES",
    "TMDB",
    "Client",
    "Found",
    "Key",
    "Outcome",
    "Service",
    "Trouble",
    "Unusable",
    "add",
    "address_of",
    "ask",
    "enrich",
    "key_of",
    "look_up",
    "store",
    "wanted_key",
]
