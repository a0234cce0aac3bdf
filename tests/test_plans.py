"""B8: plan budgets. How a recommendation is reckoned, on the real Kaggle files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

MATRIX = 603
# api.also_liked itself keeps its plans for the session, where EXPLAIN does not see them
LIVE = f"SELECT * FROM api._also_liked_ranked(false, {MATRIX}, 10, 0, '{{}}', 1, 25, 0)"
BIG_TABLES = {"rating", "movie_feature", "movie", "movie_key", "credit", "movie_stats"}

# statement → most 8 KB pages touched. Measured, then doubled.
BUDGETS = {
    f"SELECT * FROM api.similar_movies({MATRIX})": 9000,
    f"SELECT * FROM api.similar_movies({MATRIX}, p_method => 'rarity')": 9000,
    f"SELECT * FROM api.similar_movies({MATRIX}, p_method => 'titles')": 5000,
    LIVE.format("damped"): 1500,
    LIVE.format("average"): 1500,
    f"SELECT * FROM api.explain_similar_movies({MATRIX}, 604)": 600,
    f"SELECT * FROM api.explain_also_liked({MATRIX}, 155)": 1500,
    f"SELECT * FROM api.movie_page WHERE movie_id = {MATRIX}": 600,
    f"SELECT * FROM api.movie_card WHERE movie_id = {MATRIX}": 100,
    "SELECT * FROM api.home_header(7)": 600,
    "SELECT * FROM api.home_shelves(7)": 6000,
    "SELECT * FROM api.search_movies('matrix rel')": 600,
}


def explained(conn: Connection, statement: str) -> dict[str, Any]:
    conn.execute(text("SET LOCAL jit = off"))
    (plan,) = conn.execute(text(f"EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json) {statement}"))
    whole = plan[0]
    return (json.loads(whole) if isinstance(whole, str) else whole)[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize("statement", BUDGETS)
def test_no_large_table_is_read_whole(kaggle: Connection, statement: str) -> None:
    """B8: no sequential scan of ratings, movies or features."""
    scanned = {
        node["Relation Name"]
        for node in nodes(explained(kaggle, statement))
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"] > 0
    }
    assert scanned & BIG_TABLES == set()


@pytest.mark.parametrize("statement", BUDGETS)
def test_pages_touched_are_bounded(kaggle: Connection, statement: str) -> None:
    """B8: the work is in proportion to the answer, not to the tables."""
    plan = explained(kaggle, statement)
    touched = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert 0 < touched <= BUDGETS[statement]


def test_fans_are_found_by_the_index_alone(kaggle: Connection) -> None:
    """B8: index-only, both ways, without a look at the table."""
    plan = explained(kaggle, LIVE.format("damped"))
    used = {node["Index Name"]: node["Node Type"] for node in nodes(plan) if "Index Name" in node}
    assert used["rating_fans_idx"] == "Index Only Scan"
    assert used["rating_pkey"] == "Index Only Scan"


@pytest.mark.parametrize(
    "call",
    ["similar_movies(603)", "home_shelves(7)", "search_movies('matrix')"],
)
def test_the_planner_sees_through_the_functions(kaggle: Connection, call: str) -> None:
    """B1: inlined, so a join or a condition around a recommendation stays fast."""
    plan = explained(kaggle, f"SELECT * FROM api.{call}")
    assert "Function Scan" not in {
        node["Node Type"]
        for node in nodes(plan)
        if node.get("Schema", "api") == "api"
        and node.get("Function Name", "").split(".")[-1] == call.split("(")[0]
    }
    assert plan["Node Type"] != "Function Scan"


@pytest.mark.parametrize("method", ["overlap", "rarity", "titles"])
def test_pruning_changes_no_answer(kaggle: Connection, method: str) -> None:
    """The pruned list equals the counted one, for movies of all sorts."""
    different = kaggle.execute(
        text(
            """
            SELECT movie.movie_id
            FROM (
                SELECT movie_id FROM core.movie ORDER BY hashint4extended(movie_id, 5) LIMIT 40
            ) AS movie
            CROSS JOIN LATERAL (
                SELECT array_agg(movie_id ORDER BY rank) AS list
                FROM api.similar_movies(movie.movie_id, 12, p_method => :method)
            ) AS pruned
            CROSS JOIN LATERAL (
                SELECT array_agg(movie_id ORDER BY rank) AS list
                FROM api.similar_movies(
                    movie.movie_id, 12, p_method => :method, p_common_share => 2
                )
            ) AS counted
            WHERE pruned.list IS DISTINCT FROM counted.list
            """
        ),
        {"method": method},
    ).all()
    assert different == []


def test_sequels_of_the_matrix_come_first(kaggle: Connection) -> None:
    """N6 on real files: its two sequels lead the list."""
    first_two = kaggle.execute(
        text("SELECT title FROM api.similar_movies(603, 2) ORDER BY rank")
    ).scalars()
    assert set(first_two) == {"The Matrix Reloaded", "The Matrix Revolutions"}
