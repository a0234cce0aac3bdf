"""B8: plan budgets of what pages ask, on the real Kaggle files."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from tests.test_plans import explained, nodes

BIG_TABLES = {"rating", "rater"}

# statement → most 8 KB pages touched. Measured, then doubled.
BUDGETS = {
    "SELECT * FROM api.about": 40,
    "SELECT * FROM api.home_header(7)": 600,
    "SELECT * FROM api.home_shelves(7)": 5000,
    "SELECT * FROM api.home_rows(1, 7)": 8800,
    "SELECT * FROM api.next_movie(1, 7)": 1300,
    "SELECT * FROM api.movie_page WHERE movie_id = 603": 250,
    "SELECT * FROM api.search_movies('t')": 9000,
    "SELECT * FROM api.search_movies('re')": 9000,
    "SELECT * FROM api.search_movies('zu')": 2500,
    "SELECT * FROM api.search_movies('matrix')": 600,
    "SELECT * FROM api._also_liked_ranked(false, 603, 10, 0, 'lift', 1, 25, 0)": 29000,
}


@pytest.mark.parametrize("statement", BUDGETS)
def test_neither_ratings_nor_raters_are_read_whole(kaggle: Connection, statement: str) -> None:
    """B8: no page counts anybody."""
    plan = explained(kaggle, statement)
    scanned = {
        node["Relation Name"]
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"] > 0
    }
    assert scanned & BIG_TABLES == set()
    touched = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert 0 < touched <= BUDGETS[statement], touched


def test_a_short_word_is_searched_from_the_top(kaggle: Connection) -> None:
    """B8: the first letter typed is answered out of the most rated movies; none but those that
    are looked at from the top is looked up one by one."""
    plan = explained(kaggle, "SELECT * FROM api.search_movies('t')")
    used = {node["Index Name"]: node for node in nodes(plan) if "Index Name" in node}
    assert used["movie_stats_raters_idx"]["Node Type"] == "Index Only Scan"
    looked_up = max(
        node["Actual Rows"] * node["Actual Loops"]
        for node in nodes(plan)
        if node["Node Type"] == "Index Scan" and node.get("Index Name") == "movie_pkey"
    )
    assert looked_up <= 1500


def test_a_stored_list_is_one_row_and_its_movies(kaggle: Connection) -> None:
    """B8: a page out of a stored list touches the list and the movies shown."""
    kaggle.execute(text("CALL api.refresh_also_liked('{603}')"))
    plan = explained(
        kaggle, "SELECT * FROM api._also_liked_ranked(true, 603, 10, 0, 'damped', 1, 25, 0)"
    )
    read = {
        node["Relation Name"]
        for node in nodes(plan)
        if "Relation Name" in node and node["Actual Loops"] > 0
    }
    assert read == {"also_liked", "movie"}
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= 200
