"""Stage load: data are made, copied as they are, and loaded by the ordinary loader."""

from __future__ import annotations

import shutil

from benchmarks.figures import Figures
from benchmarks.workshop import Workshop

# What anybody would do who only wants the ratings in a table: with the very indexes that ours has.
BARE = """
CREATE TABLE rating (user_id integer, movie_id integer, stars real, rated_at bigint)
"""
BARE_INDEXES = """
ALTER TABLE rating ADD PRIMARY KEY (user_id, movie_id) INCLUDE (stars);
CREATE INDEX ON rating (movie_id, user_id) WHERE stars = 5
"""

SIZES = """
SELECT
    pg_database_size(current_database()),
    pg_table_size('core.rating'),
    pg_indexes_size('core.rating')
"""


def run(shop: Workshop) -> Figures:
    """Generate, copy barely, load."""
    found = Figures()
    values = found.values
    size = shop.size
    shop.remove()
    shop.say(f"generate {size.ratings:,} ratings, {size.users:,} users, {size.movies:,} movies")
    shop.folder.mkdir(parents=True, exist_ok=True)
    made = shop.recsql(
        "generate",
        "--users", size.users, "--movies", size.movies, "--ratings", size.ratings,
        "--seed", shop.settings.seed, "--out", shop.files, "--json",
    )  # fmt: skip
    values["generate.seconds"] = made.seconds
    values["generate.memory"] = made.peak.get("client", 0.0)

    shop.start()
    shop.recsql("db", "upgrade")
    shop.say("bare \\copy")
    values["bare.seconds"] = _bare(shop)

    shop.say(f"load (bare took {values['bare.seconds']:.1f} s)")
    _settle(shop)
    loaded = shop.recsql("load", "kaggle", shop.files, "--json")
    values["load.seconds"] = loaded.seconds
    values["load.ratio"] = loaded.seconds / values["bare.seconds"]
    about = shop.rows("SELECT ratings FROM api.about")[0][0]
    if about != size.ratings:
        raise AssertionError(f"{about:,} of {size.ratings:,} ratings were loaded")
    values["load.rate"] = size.ratings / loaded.seconds
    for name, key in (("client", "client_memory"), ("server", "server_memory"),
                      ("server.whole", "server_memory_whole")):  # fmt: skip
        if name in loaded.peak:
            values[f"load.{key}"] = loaded.peak[name]
        else:
            found.missing[f"load.{key}"] = "this system does not tell"
    whole, table, indexes = shop.rows(SIZES)[0]
    values["load.database_bytes"] = whole
    values["load.rating_table_bytes"] = table
    values["load.rating_index_bytes"] = indexes
    values["load.other_bytes"] = whole - table - indexes
    # the files have done their work
    shutil.rmtree(shop.files)
    return found


def _bare(shop: Workshop) -> float:
    """Return the seconds of a bare copy and its indexes, in a database of its own."""
    shop.rows("DROP DATABASE IF EXISTS bare")
    shop.rows("CREATE DATABASE bare")
    _settle(shop)
    ratings = str(shop.files / "ratings.csv").replace("'", "''")
    ran = shop.psql(
        "-d", "bare",
        "-c", BARE,
        "-c", f"\\copy rating FROM '{ratings}' WITH (FORMAT csv, HEADER)",
        "-c", BARE_INDEXES,
    )  # fmt: skip
    shop.rows("DROP DATABASE bare")
    return ran.seconds


def _settle(shop: Workshop) -> None:
    """Let nobody pay for what another has left to be written."""
    shop.rows("CHECKPOINT")
