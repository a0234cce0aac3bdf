"""Stored also-liked lists: the same answers as live ones, by either engine, and known freshness."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from recsql import db
from recsql.errors import BadInput, RecsqlError
from recsql.refresh import Outcome, sparse
from recsql.refresh import refresh as refresh_lists
from recsql.refresh import similar as similar_engine
from recsql.refresh import watch as watch_lists
from tests.conftest import fill_demo

METHODS = "'{average,damped,support,likes,lift}'::text[]"
SIMILAR = (
    "SELECT movie_id, depth, features, rarities, others, bar_shared, bar_rarity, bar_rarity_alone"
)
STALE = "SELECT movie_id FROM api.freshness WHERE share > 0.01 AND list = 'also_liked'"
STORED = "SELECT movie_id, fans, evidence, depth, others, raters, half_stars, likes"


@pytest.fixture
def site(databases: Any, new_database: Callable[..., Engine]) -> Engine:
    """The demo catalogue in a database that the test may change for good."""
    return new_database(databases.template("demo", fill_demo))


@pytest.fixture
def fans_stored(databases: Any, new_database: Callable[..., Engine]) -> Engine:
    """The same with the also-liked list of every movie stored."""
    demo = databases.template("demo", fill_demo)
    return new_database(databases.template("fans_stored", store_fans, demo))


@pytest.fixture
def alike_stored(databases: Any, new_database: Callable[..., Engine]) -> Engine:
    """The same with the similar list of every movie stored."""
    demo = databases.template("demo", fill_demo)
    return new_database(databases.template("alike_stored", refresh_similar, demo))


def store_fans(engine: Engine) -> None:
    refresh(engine, everything=True, min_fans=1)


def refresh(engine: Engine, **options: Any) -> Outcome:
    """Refresh the also-liked lists alone."""
    return refresh_lists(engine, lists=("also_liked",), **options)


def rows(engine: Engine, statement: str, **params: object) -> list[Any]:
    with engine.connect() as conn:
        return list(conn.execute(text(statement), params).all())


def run(engine: Engine, statement: str, **params: object) -> None:
    with engine.begin() as conn:
        conn.execute(text(statement), params)


def listed(engine: Engine, depth: int = 100) -> list[Any]:
    return rows(
        engine,
        f"SELECT movie.movie_id, method, listed.* FROM core.movie"
        f" CROSS JOIN unnest({METHODS}) AS method"
        f" CROSS JOIN LATERAL api.also_liked(movie.movie_id, {depth}, 0, method) AS listed"
        " ORDER BY movie.movie_id, method, listed.rank",
    )


def test_both_engines_store_the_very_same_rows(site: Engine) -> None:
    """Every stored row is equal: the sums are integers, and the rankings agree to the last tie."""
    refresh(site, everything=True, by="sql", min_fans=1)
    by_sql = rows(site, f"{STORED} FROM derived.also_liked ORDER BY movie_id")
    run(site, "DELETE FROM derived.also_liked")
    refresh(site, everything=True, by="sparse", min_fans=1)
    by_sparse = rows(site, f"{STORED} FROM derived.also_liked ORDER BY movie_id")
    assert len(by_sql) > 400
    assert by_sparse == by_sql


def test_a_stored_list_answers_as_a_live_one(site: Engine) -> None:
    """Callers cannot tell: every column of every row, by every method."""
    live = listed(site, depth=12)
    refresh(site, everything=True, min_fans=1)
    assert listed(site, depth=12) == live
    assert len(live) > 20_000


@pytest.mark.parametrize(
    "asked", ["p_damping => 5", "p_prior_stars => 3", "p_min_raters => 4", "101", "10, 95"]
)
def test_what_the_stored_list_was_not_made_for_is_live(site: Engine, asked: str) -> None:
    call = f"SELECT * FROM api.also_liked(603, {asked})"
    live = rows(site, call)
    refresh(site, everything=True, min_fans=1)
    # stored lists that lie: nobody may see them
    run(site, "UPDATE derived.also_liked SET half_stars = likes, raters = likes")
    assert rows(site, call) == live


def test_movies_with_few_fans_are_not_stored(site: Engine) -> None:
    refresh(site, everything=True, min_fans=20)
    stored = {row.movie_id for row in rows(site, "SELECT movie_id FROM derived.also_liked")}
    dear = {
        row.movie_id
        for row in rows(site, "SELECT movie_id FROM derived.movie_stats WHERE stars_50 >= 20")
    }
    assert stored == dear
    assert 0 < len(dear) < 500


def test_a_stored_list_is_found_by_one_row(fans_stored: Engine) -> None:
    """B8: a stored list touches no rating."""
    with fans_stored.connect() as conn:
        # what api.also_liked asks, once it has found that there is a list
        (plan,) = conn.execute(
            text(
                "EXPLAIN (ANALYZE, FORMAT json) SELECT * FROM"
                " api._also_liked_ranked(true, 603, 10, 0, 'damped', 1, 25, 0)"
            )
        ).one()

    def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for child in node.get("Plans", []):
            yield from nodes(child)

    read = {
        node.get("Relation Name"): node["Actual Loops"]
        for node in nodes(plan[0]["Plan"])
        if node["Actual Loops"] > 0 and node["Actual Rows"] >= 0
    }
    assert "also_liked" in read
    assert "rating" not in read


class TestFreshness:
    """A change marks the lists that it touches; refresh takes the stale ones."""

    def fan_of(self, engine: Engine, movie_id: int) -> int:
        return rows(
            engine,
            "SELECT min(user_id) FROM core.rating WHERE movie_id = :m AND half_stars = 10",
            m=movie_id,
        )[0][0]

    def changed(self, engine: Engine) -> dict[int, int]:
        return {
            row.movie_id: row.changed
            for row in rows(
                engine,
                "SELECT movie_id, changed FROM api.freshness WHERE changed > 0"
                " AND list = 'also_liked'",
            )
        }

    def test_nothing_is_noted_while_nothing_is_stored(self, site: Engine) -> None:
        run(site, "UPDATE core.rating SET half_stars = 9 WHERE half_stars = 8")
        assert rows(site, "SELECT count(*) FROM derived.also_liked_change")[0][0] == 0

    def test_a_rating_touches_the_lists_of_what_the_rater_loves(self, fans_stored: Engine) -> None:
        user = self.fan_of(fans_stored, 603)
        loved = {
            row.movie_id
            for row in rows(
                fans_stored,
                "SELECT movie_id FROM core.rating WHERE user_id = :u AND half_stars = 10",
                u=user,
            )
        }
        other = rows(
            fans_stored,
            "SELECT min(movie_id) FROM core.rating WHERE user_id = :u AND half_stars = 6",
            u=user,
        )[0][0]
        run(
            fans_stored,
            "UPDATE core.rating SET half_stars = 7 WHERE user_id = :u AND movie_id = :m",
            u=user,
            m=other,
        )
        # the old rating and the new one, in each list
        assert self.changed(fans_stored) == dict.fromkeys(loved, 2)

    def test_a_fan_won_brings_all_that_he_rated(self, fans_stored: Engine) -> None:
        user = rows(
            fans_stored,
            "SELECT user_id FROM core.rater WHERE user_id > 0 AND NOT EXISTS (SELECT FROM"
            " core.rating WHERE rating.user_id = rater.user_id AND movie_id = 603) LIMIT 1",
        )[0][0]
        run(
            fans_stored,
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (:u, 603, 10)",
            u=user,
        )
        theirs = rows(fans_stored, "SELECT count(*) FROM core.rating WHERE user_id = :u", u=user)[
            0
        ][0]
        assert self.changed(fans_stored)[603] == theirs

    def test_critics_and_generated_users_touch_nothing(self, fans_stored: Engine) -> None:
        run(fans_stored, "INSERT INTO core.rater VALUES (-1, 'critic', 'x', 'x')")
        run(
            fans_stored,
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (-1, 603, 10)",
        )
        assert self.changed(fans_stored) == {}

    @pytest.mark.parametrize("by", ["sparse", "sql"])
    def test_refresh_takes_what_is_stale_and_only_that(self, site: Engine, by: str) -> None:
        refresh(site, everything=True, min_fans=1, by=by)
        before = dict(rows(site, "SELECT movie_id, refreshed_at FROM derived.also_liked"))
        run(
            site,
            "DELETE FROM core.rating WHERE movie_id = 603 AND half_stars = 10 AND user_id % 3 = 0",
        )
        stale = {
            row.movie_id
            for row in rows(
                site,
                "SELECT movie_id FROM api.freshness WHERE share > 0.01 AND list = 'also_liked'",
            )
        }
        assert 603 in stale
        outcome = refresh(site, min_fans=1, by=by)
        after = dict(rows(site, "SELECT movie_id, refreshed_at FROM derived.also_liked"))
        assert {movie for movie in after if after[movie] != before[movie]} == stale
        assert outcome.refreshed == len(stale)
        assert not {
            row.movie_id
            for row in rows(
                site,
                "SELECT movie_id FROM api.freshness WHERE share > 0.01 AND list = 'also_liked'",
            )
        }
        # and the answer is the live one again
        stored = rows(site, "SELECT * FROM api.also_liked(603)")
        run(site, "DELETE FROM derived.also_liked")
        assert stored == rows(site, "SELECT * FROM api.also_liked(603)")

    def test_a_change_behind_the_snapshot_is_not_lost(
        self, fans_stored: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = sparse.read

        def read_then_rate(engine: Engine) -> Any:
            ratings = read(engine)
            run(fans_stored, "DELETE FROM core.rating WHERE movie_id = 603 AND half_stars = 10")
            return ratings

        monkeypatch.setattr(sparse, "read", read_then_rate)
        refresh(fans_stored, everything=True, min_fans=1)
        # what was deleted after the ratings were read still waits for the next refresh
        assert self.changed(fans_stored)
        monkeypatch.setattr(sparse, "read", read)
        refresh(fans_stored, min_fans=1)
        assert not self.changed(fans_stored) or max(self.changed(fans_stored).values()) > 0

    def test_a_list_that_became_cheap_is_let_go(self, fans_stored: Engine) -> None:
        run(fans_stored, "DELETE FROM core.rating WHERE movie_id = 603 AND half_stars = 10")
        assert refresh(fans_stored, min_fans=1).dropped == 1
        assert rows(fans_stored, "SELECT * FROM api.also_liked(603)") == []


class TestRuns:
    """A refresh can be cut off, refused and watched."""

    def test_a_run_that_was_cut_off_is_taken_up(self, fans_stored: Engine) -> None:
        # as if it had stopped after half of the lists
        run(
            fans_stored,
            "UPDATE derived.refresh_run SET finished_at = NULL,"
            " started_at = (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY refreshed_at)"
            " FROM derived.also_liked)",
        )
        left = refresh(fans_stored, everything=True, min_fans=1)
        whole = rows(fans_stored, "SELECT count(*) FROM derived.also_liked")[0][0]
        assert 0 < left.due < whole
        # a finished one begins anew
        assert refresh(fans_stored, everything=True, min_fans=1).due == whole

    def test_kill_9_in_the_middle_leaves_whole_lists(self, fans_stored: Engine) -> None:
        """Old or new result, never mixed; a rerun completes."""
        wanted = rows(fans_stored, f"{STORED} FROM derived.also_liked ORDER BY movie_id")
        url = fans_stored.url.render_as_string(hide_password=False)
        for wait in (0.9, 1.1, 1.3):
            run(fans_stored, "UPDATE derived.refresh_run SET finished_at = now()")
            child = subprocess.Popen(
                [
                    sys.executable, "-c",
                    "import sys; from recsql import db; from recsql.refresh import refresh;"
                    "refresh(db.engine_on(db.given_url(sys.argv[1])), everything=True,"
                    " min_fans=1, by='sql')",
                    url,
                ],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            )  # fmt: skip
            time.sleep(wait)
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            assert (
                rows(fans_stored, f"{STORED} FROM derived.also_liked ORDER BY movie_id") == wanted
            )
        # the server lets go of the lock once it notices that its client is gone
        for _ in range(100):
            try:
                refresh(fans_stored, everything=True, min_fans=1)
                break
            except RecsqlError:
                time.sleep(0.1)
        assert rows(fans_stored, f"{STORED} FROM derived.also_liked ORDER BY movie_id") == wanted

    def test_two_refreshes_do_not_run_at_once(self, site: Engine) -> None:
        with site.connect() as conn:
            conn.execute(text("SELECT pg_advisory_lock(hashtext('recsql.refresh'))"))
            with pytest.raises(RecsqlError, match="another refresh is running"):
                refresh(site)

    def test_an_unknown_engine_is_an_error(self, site: Engine) -> None:
        with pytest.raises(BadInput, match="unknown engine: gpu"):
            refresh(site, by="gpu")

    def test_an_empty_database_has_nothing_to_refresh(self, empty_engine: Engine) -> None:
        assert refresh(empty_engine, everything=True).refreshed == 0

    def test_watch_refreshes_when_told(self, fans_stored: Engine) -> None:
        seen: list[int] = []
        first, second = threading.Event(), threading.Event()

        class Enough(Exception):
            pass

        def each(outcome: Any) -> None:
            seen.append(outcome.refreshed)
            if len(seen) == 1:
                first.set()
            else:
                second.set()
                raise Enough

        def work() -> None:
            with pytest.raises(Enough):
                watch_lists(fans_stored, 0.1, each, min_fans=1, by="sql", lists=("also_liked",))

        thread = threading.Thread(target=work)
        thread.start()
        assert first.wait(20)
        run(fans_stored, "DELETE FROM core.rating WHERE movie_id = 603 AND user_id % 3 = 0")
        assert second.wait(20)
        thread.join(20)
        assert seen[0] == 0
        assert seen[1] > 0

    def test_little_memory_gives_the_same_lists(self, fans_stored: Engine) -> None:
        wanted = rows(fans_stored, f"{STORED} FROM derived.also_liked ORDER BY movie_id")
        refresh(fans_stored, everything=True, min_fans=1, memory=1)
        assert rows(fans_stored, f"{STORED} FROM derived.also_liked ORDER BY movie_id") == wanted


def test_readers_are_not_blocked(fans_stored: Engine) -> None:
    """A page opens while its list is being replaced."""
    with db.begin(fans_stored) as conn:
        conn.execute(text("CALL api.refresh_also_liked('{603}')"))
        with fans_stored.connect() as reader:
            reader.execute(text("SET lock_timeout = '200ms'"))
            assert list(reader.execute(text("SELECT * FROM api.also_liked(603)")))


def test_a_movie_without_fans_is_left_out(tiny: Connection) -> None:
    tiny.execute(text("CALL api.refresh_also_liked('{1,6,7,999}')"))
    stored = tiny.execute(
        text("SELECT movie_id, others, raters, half_stars, likes, evidence FROM derived.also_liked")
    ).all()
    # three fans: Aliens 3 times, Blade once, Casablanca twice
    assert stored == [(1, [2, 3, 4], [3, 1, 2], [27, 10, 14], [3, 1, 1], 6)]


def similar(
    site: Engine | Connection, *, live: bool = False, shown: int = 12, every: int = 1
) -> list[Any]:
    """Every similar list (or one in so many) by both methods; live takes no stored one."""
    statement = text(
        "SELECT movie.movie_id AS asked, method, similar_movies.* FROM core.movie"
        " CROSS JOIN unnest('{overlap,rarity}'::text[]) AS method"
        " CROSS JOIN LATERAL api.similar_movies("
        f"movie.movie_id, {shown}, 0, method{', p_common_share => 2' if live else ''}"
        ") AS similar_movies"
        f" WHERE movie.movie_id % {every} = 0 OR movie.movie_id IN (604, 999999999)"
        " ORDER BY movie.movie_id, method, rank"
    )
    if isinstance(site, Connection):
        return list(site.execute(statement).all())
    with site.connect() as conn:
        return list(conn.execute(statement).all())


def refresh_similar(engine: Engine, **options: Any) -> Outcome:
    return refresh_lists(
        engine, lists=("similar_movies",), **{"everything": True, "min_raters": 1, **options}
    )


class TestSimilarLists:
    """Stored candidates: where to look, and the proof that nothing else is to be found."""

    def proven(self, conn: Connection) -> int:
        """How many stored lists are looked at with good reason: above the bar are ten."""
        return conn.execute(
            text(
                "SELECT count(*) FROM derived.similar_movies AS stored"
                " WHERE bar_shared = 0 OR cardinality(others) >= 10"
            )
        ).scalar_one()

    def test_both_engines_store_the_very_same_rows(self, site: Engine) -> None:
        refresh_similar(site, by="sql")
        by_sql = rows(site, f"{SIMILAR} FROM derived.similar_movies ORDER BY movie_id")
        run(site, "DELETE FROM derived.similar_movies")
        refresh_similar(site, by="sparse")
        by_sparse = rows(site, f"{SIMILAR} FROM derived.similar_movies ORDER BY movie_id")
        assert len(by_sql) > 400
        assert by_sparse == by_sql

    def test_a_stored_list_answers_as_a_live_one(self, site: Engine) -> None:
        """Callers cannot tell: every column of every row, by both methods."""
        live = similar(site, live=True)
        refresh_similar(site)
        assert rows(site, "SELECT count(*) FROM derived.similar_change")[0][0] == 0
        assert similar(site) == live
        assert len(live) > 10_000

    @pytest.mark.parametrize(
        "change",
        [
            # some lose a feature that many have, one loses all
            "DELETE FROM core.movie_feature WHERE movie_id % 40 = 0 AND feature_id % 3 = 0",
            "DELETE FROM core.movie_feature WHERE movie_id = 603",
            # some win all features of another movie
            "INSERT INTO core.movie_feature SELECT movie.movie_id, theirs.feature_id"
            " FROM core.movie CROSS JOIN core.movie_feature AS theirs"
            " WHERE theirs.movie_id = 603 AND movie.movie_id % 40 = 1 ON CONFLICT DO NOTHING",
            # a new movie, the twin of another
            "WITH new AS (INSERT INTO core.movie (movie_id, title, source)"
            " VALUES (999999999, 'Twin', 'demo') RETURNING movie_id) SELECT FROM new;"
            "INSERT INTO core.movie_feature SELECT 999999999, feature_id"
            " FROM core.movie_feature WHERE movie_id = 603",
            # movies go, with their features
            "DELETE FROM core.rating WHERE movie_id % 40 = 2;"
            "DELETE FROM derived.movie_stats WHERE movie_id % 40 = 2;"
            "DELETE FROM core.movie WHERE movie_id % 40 = 2",
            # a feature is handed over
            "UPDATE core.movie_feature SET movie_id = 604 WHERE movie_id = 603 AND feature_id IN"
            " (SELECT feature_id FROM core.movie_feature WHERE movie_id = 603"
            " EXCEPT SELECT feature_id FROM core.movie_feature WHERE movie_id = 604)",
            # movies without features change what all features are worth
            "INSERT INTO core.movie (movie_id, title, source)"
            " SELECT 900000000 + n, 'Empty ' || n, 'demo' FROM generate_series(1, 400) AS n",
            # stars break ties
            "UPDATE core.rating SET half_stars = 11 - half_stars WHERE movie_id % 3 = 0",
        ],
    )
    def test_a_change_counts_in_the_same_transaction(
        self, alike_stored: Engine, change: str
    ) -> None:
        """B4: read your writes. No list is refreshed, and all answers are those of the moment."""
        with alike_stored.connect() as conn:
            before = similar(conn, every=5)
            for statement in change.split(";"):
                conn.execute(text(statement))
            after = similar(conn, every=5)
            assert after != before
            assert after == similar(conn, live=True, every=5)
            assert self.proven(conn) > 100

    def test_evidence_adds_up_after_a_change(self, alike_stored: Engine) -> None:
        """B2, from a stored list."""
        run(
            alike_stored,
            "DELETE FROM core.movie_feature WHERE movie_id % 40 = 0 AND feature_id % 3 = 0",
        )
        assert not rows(
            alike_stored,
            "SELECT movie.movie_id FROM core.movie"
            " CROSS JOIN unnest('{overlap,rarity}'::text[]) AS method"
            " CROSS JOIN LATERAL api.similar_movies(movie.movie_id, 5, 0, method) AS other"
            " WHERE movie.movie_id % 10 = 0 AND other.score <> (SELECT sum(points) FROM"
            " api.explain_similar_movies(movie.movie_id, other.movie_id, method))",
        )

    @pytest.mark.parametrize("asked", ["p_kinds => '{genre,keyword}'", "300", "10, 95"])
    def test_what_the_stored_list_was_not_made_for_is_live(self, site: Engine, asked: str) -> None:
        call = f"SELECT * FROM api.similar_movies(603, {asked})"
        live = rows(site, call)
        refresh_similar(site)
        # stored lists that lie: nobody may see them
        run(site, "UPDATE derived.similar_movies SET others = '{604}' WHERE bar_shared > 0")
        assert rows(site, call) == live

    def test_a_list_made_in_parts_is_the_whole_list(self, alike_stored: Engine) -> None:
        """Paging through a stored list and beyond its end."""
        whole = rows(alike_stored, "SELECT * FROM api.similar_movies(603, 60)")
        parts = [
            row
            for offset in range(0, 60, 4)
            for row in rows(alike_stored, f"SELECT * FROM api.similar_movies(603, 4, {offset})")
        ]
        assert parts == whole

    def test_only_what_people_look_at_is_stored(self, site: Engine) -> None:
        refresh_similar(site, min_raters=50)
        stored = {row[0] for row in rows(site, "SELECT movie_id FROM derived.similar_movies")}
        looked_at = rows(site, "SELECT movie_id FROM derived.movie_stats WHERE raters >= 50")
        assert stored == {row[0] for row in looked_at}
        assert 0 < len(stored) < 531

    def test_freshness_counts_the_changed_movies(self, alike_stored: Engine) -> None:
        fresh = "SELECT movie_id, share FROM api.freshness WHERE list = 'similar_movies'"
        assert {row.share for row in rows(alike_stored, fresh)} == {0}
        run(alike_stored, "DELETE FROM core.movie_feature WHERE movie_id = 603")
        shares = dict(rows(alike_stored, fresh))
        # its own list is void; in all others it is one changed movie of 531
        assert shares.pop(603) == 1
        assert {round(float(share) * 531) for share in shares.values()} == {1}

    @pytest.mark.parametrize("by", ["sparse", "sql"])
    def test_refresh_takes_the_lists_of_changed_movies(self, alike_stored: Engine, by: str) -> None:
        run(
            alike_stored,
            "DELETE FROM core.movie_feature WHERE movie_id = 603 AND feature_id ="
            " (SELECT min(feature_id) FROM core.movie_feature WHERE movie_id = 603)",
        )
        outcome = refresh_similar(alike_stored, everything=False, by=by)
        assert outcome.refreshed == 1
        assert similar(alike_stored, every=5) == similar(alike_stored, live=True, every=5)
        # the others have not seen it: it stays a candidate of theirs
        assert rows(alike_stored, "SELECT movie_id FROM derived.similar_change") == [(603,)]

    def test_many_changes_make_all_lists_due(self, alike_stored: Engine) -> None:
        run(alike_stored, "DELETE FROM core.movie_feature WHERE movie_id % 40 = 0")
        outcome = refresh_similar(alike_stored, everything=False)
        assert outcome.refreshed > 400
        assert rows(alike_stored, "SELECT count(*) FROM derived.similar_change")[0][0] == 0
        assert similar(alike_stored, every=5) == similar(alike_stored, live=True, every=5)

    def test_a_change_behind_the_snapshot_is_not_lost(
        self, alike_stored: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = similar_engine.read

        def read_then_change(engine: Engine) -> Any:
            found = read(engine)
            run(alike_stored, "DELETE FROM core.movie_feature WHERE movie_id % 40 = 0")
            return found

        monkeypatch.setattr(similar_engine, "read", read_then_change)
        refresh_similar(alike_stored)
        assert rows(alike_stored, "SELECT count(*) FROM derived.similar_change")[0][0] > 5
        assert similar(alike_stored, every=5) == similar(alike_stored, live=True, every=5)

    def test_a_run_that_was_cut_off_is_taken_up(self, site: Engine) -> None:
        """What changed between the two halves is not forgotten."""
        refresh_similar(site, by="sql")
        run(
            site,
            "UPDATE derived.refresh_run SET finished_at = NULL,"
            " started_at = (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY refreshed_at)"
            " FROM derived.similar_movies)",
        )
        run(site, "DELETE FROM core.movie_feature WHERE movie_id % 40 = 0")
        left = refresh_similar(site, by="sql")
        assert 0 < left.due < 531
        assert rows(site, "SELECT count(*) FROM derived.similar_change")[0][0] > 5
        assert similar(site, every=5) == similar(site, live=True, every=5)

    def test_a_write_behind_the_triggers_is_found(self, alike_stored: Engine) -> None:
        """B5: recsql verify tells."""
        wrong = "SELECT rows_wrong FROM api.kept_counts() WHERE kept = 'derived.similar_movies'"
        assert rows(alike_stored, wrong) == [(0,)]
        run(alike_stored, "DELETE FROM core.movie_feature WHERE movie_id = 603")
        assert rows(alike_stored, wrong) == [(0,)]
        run(alike_stored, "DELETE FROM derived.similar_change")
        assert rows(alike_stored, wrong) == [(1,)]

    def test_a_stored_list_reads_no_postings(self, alike_stored: Engine) -> None:
        """B8: the way from a feature to its movies is not taken."""
        with alike_stored.connect() as conn:
            plan = conn.execute(
                text("EXPLAIN (ANALYZE, FORMAT text) SELECT * FROM api.similar_movies(603)")
            ).scalars()
            said = "\n".join(plan)
        assert "similar_movies_pkey" in said
        assert re.search(r"_sharing_movies .*\(never executed\)", said)

    def test_little_memory_gives_the_same_lists(self, alike_stored: Engine) -> None:
        wanted = rows(alike_stored, f"{SIMILAR} FROM derived.similar_movies ORDER BY movie_id")
        refresh_similar(alike_stored, memory=1)
        assert (
            rows(alike_stored, f"{SIMILAR} FROM derived.similar_movies ORDER BY movie_id") == wanted
        )
