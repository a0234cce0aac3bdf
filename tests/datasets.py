"""What the tests of loading share: small data sets on disk, and looks at what a load left."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from recsql import db, schema
from recsql.ingest.load import METADATA_COLUMNS
from tests.conftest import Databases

RATINGS_HEADER = ["userId", "movieId", "rating", "timestamp"]
LINKS_HEADER = ["movieId", "imdbId", "tmdbId"]
MOVIES_HEADER = ["movieId", "title", "genres"]
KEYWORDS_HEADER = ["id", "keywords"]
CREDITS_HEADER = ["cast", "crew", "id"]

Rows = Iterable[Sequence[object]]


@contextmanager
def database(databases: Databases, template: str | None = None) -> Iterator[Engine]:
    """Make a database for tests that commit: of a template, or empty with the schema."""
    url = databases.make(template or databases.template("empty", schema.upgrade))
    engine = db.engine_on(url)
    yield engine
    engine.dispose()
    databases.drop(url)


def csv_text(header: Sequence[str], rows: Rows) -> str:
    """Return a CSV file as the published ones are written."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def film(tmdb_id: object, name: str, **cells: object) -> list[object]:
    """Return a record of movies_metadata.csv."""
    known = {
        "adult": "False", "genres": "[{'id': 18, 'name': 'Drama'}]", "id": tmdb_id,
        "original_language": "en", "original_title": name, "overview": f"About {name}.",
        "release_date": "1999-03-30", "title": name, "vote_count": "10",
    }  # fmt: skip
    known.update(cells)
    return [known.get(column, "") for column in METADATA_COLUMNS]


def kaggle(
    folder: Path,
    films: Rows,
    *,
    links: Rows = (),
    ratings: Rows = (),
    keywords: Rows = (),
    credits: Rows = (),
) -> Path:
    """Write a folder in the layout of The Movies Dataset; a file without rows is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header, rows in (
        ("movies_metadata.csv", METADATA_COLUMNS, films),
        ("links.csv", LINKS_HEADER, links),
        ("ratings.csv", RATINGS_HEADER, ratings),
        ("keywords.csv", KEYWORDS_HEADER, keywords),
        ("credits.csv", CREDITS_HEADER, credits),
    ):
        if rows := list(rows):
            (folder / name).write_text(csv_text(header, rows), "utf-8", newline="")
    return folder


def movielens(folder: Path, movies: Rows, *, ratings: Rows, links: Rows = ()) -> Path:
    """Write a folder in the layout of MovieLens 25M and latest-small."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header, rows in (
        ("movies.csv", MOVIES_HEADER, movies),
        ("ratings.csv", RATINGS_HEADER, ratings),
        ("links.csv", LINKS_HEADER, links),
    ):
        if rows := list(rows):
            (folder / name).write_text(csv_text(header, rows), "utf-8", newline="")
    return folder


def zipped(path: Path, folder: Path, *, inside: str = "") -> Path:
    """Pack the files of a folder, as members below `inside`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, inside + file.name)
    return path


def rows(engine: Engine, statement: str, **params: object) -> list[tuple]:
    """Run one statement, and return its rows as tuples."""
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(statement), params)]


def one(engine: Engine, statement: str, **params: object) -> object:
    """Run one statement, and return its only value."""
    ((value,),) = rows(engine, statement, **params)
    return value


def rejects(engine: Engine, source: str) -> list[tuple[str, int, str]]:
    """Return file, line and reason of everything that the last load of a source turned away."""
    return rows(
        engine,
        "SELECT file, line, reason FROM core.load_reject JOIN core.load_run USING (run_id)"
        " WHERE source = :source ORDER BY file, line, reason",
        source=source,
    )


def empty(engine: Engine) -> None:
    """Take every row out of a database again: quicker than a new one."""
    with engine.begin() as conn:
        for table in ("rater", "rating", "load_run", "movielens_link"):
            conn.execute(text(f"DELETE FROM core.{table}"))
        conn.execute(text("DELETE FROM derived.movie_stats"))
        for table in ("movie", "feature", "person", "collection"):
            conn.execute(text(f"DELETE FROM core.{table}"))


def state(engine: Engine, *, runs: bool = True) -> dict[str, tuple]:
    """Return number of rows and checksum of every table; a load that failed leaves them alike."""
    with engine.connect() as conn:
        tables = conn.scalars(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname IN ('core', 'derived') ORDER BY 1"
            )
        ).all()
        found = {}
        for table in tables:
            if not runs and table in {"core.load_run", "core.load_reject"}:
                continue
            found[table] = tuple(
                conn.execute(
                    text(
                        "SELECT count(*), sum(hashtextextended(it::text, 0)::numeric)"
                        f" FROM {table} AS it"
                    )
                ).one()
            )
        return found


def definition(conn: Connection) -> list[tuple]:
    """Return what tables filled in bulk are made of besides rows: indexes, keys, triggers."""
    return [
        tuple(row)
        for row in conn.execute(
            text(
                """
                SELECT 'index', indexname::text, indexdef FROM pg_indexes
                WHERE schemaname = 'core' AND tablename IN ('rating', 'movie_feature')
                UNION ALL
                SELECT 'constraint', conname::text, pg_get_constraintdef(oid) || convalidated::text
                FROM pg_constraint
                WHERE conrelid IN ('core.rating'::regclass, 'core.movie_feature'::regclass)
                UNION ALL
                SELECT 'trigger', tgname::text, tgenabled::text || pg_get_triggerdef(oid)
                FROM pg_trigger
                WHERE tgrelid IN ('core.rating'::regclass, 'core.movie_feature'::regclass)
                    AND NOT tgisinternal
                UNION ALL
                SELECT 'check of a key', tgtype::text, tgenabled::text FROM pg_trigger
                WHERE tgrelid IN ('core.rating'::regclass, 'core.movie_feature'::regclass)
                    AND tgisinternal
                ORDER BY 1, 2, 3
                """
            )
        )
    ]


def stale(conn: Connection) -> dict[str, int]:
    """Reckon every derived table anew, in SQL of the tests' own; return how many rows differ."""
    stars = ", ".join(f"stars_{n * 5:02}" for n in range(1, 11))
    counts = ", ".join(
        f"count(*) FILTER (WHERE half_stars = {n} AND user_id > 0)::int" for n in range(1, 11)
    )
    wanted = {
        "derived.movie_stats": (
            # a row of zeros says what no row says
            f"SELECT movie_id, {stars} FROM derived.movie_stats WHERE raters > 0",
            f"SELECT movie_id, {counts} FROM core.rating GROUP BY movie_id"
            " HAVING count(*) FILTER (WHERE user_id > 0) > 0",
        ),
        "derived.movie_stats sums": (
            "SELECT movie_id, raters, half_stars FROM derived.movie_stats WHERE raters > 0",
            "SELECT movie_id, count(*)::int, sum(half_stars) FROM core.rating WHERE user_id > 0"
            " GROUP BY movie_id",
        ),
        "derived.feature_stats": (
            "SELECT feature_id, movies FROM derived.feature_stats",
            "SELECT feature_id, count(*)::int FROM core.movie_feature GROUP BY feature_id",
        ),
        "derived.catalogue": (
            "SELECT movies FROM derived.catalogue",
            "SELECT count(*)::int FROM core.movie",
        ),
        "derived.shelf": (
            "SELECT category_id, movie_id FROM derived.shelf WHERE category_id > 0",
            "SELECT feature_id, movie_id FROM core.movie_feature JOIN core.movie USING (movie_id)"
            " JOIN core.feature USING (feature_id)"
            " WHERE kind = 'genre' AND NOT adult AND year IS NOT NULL"
            " AND (overview IS NOT NULL"
            " OR movie.movie_id IN (SELECT movie_id FROM core.rating WHERE user_id > 0))",
        ),
        "derived.shelf places": (
            "SELECT category_id, max(place), count(DISTINCT place) FROM derived.shelf GROUP BY 1",
            "SELECT category_id, count(*)::int, count(*) FROM derived.shelf GROUP BY 1",
        ),
        "derived.listed_movie": (
            "SELECT movie_id, raters, half_stars, came_out, runtime, year, title_begin, features"
            " FROM derived.listed_movie",
            "SELECT movie_id, count(user_id)::int, COALESCE(sum(half_stars), 0),"
            " CASE WHEN release_date IS NULL THEN make_date(year, 1, 1) ELSE release_date END,"
            ' runtime, year, left(title_key, 100) COLLATE "C", ARRAY('
            "SELECT feature_id FROM core.movie_feature JOIN core.feature USING (feature_id)"
            " WHERE movie_id = movie.movie_id AND kind IN ('genre', 'country', 'language')"
            " ORDER BY 1) FROM core.movie LEFT JOIN"
            " (SELECT * FROM core.rating WHERE user_id > 0) AS given USING (movie_id)"
            " WHERE NOT adult GROUP BY movie.movie_id",
        ),
        "core.rating without a movie": (
            "SELECT DISTINCT rating.movie_id FROM core.rating"
            " LEFT JOIN core.movie USING (movie_id) WHERE movie.movie_id IS NULL",
            "SELECT 1 WHERE false",
        ),
    }
    differing = {}
    for name, (kept, fresh) in wanted.items():
        number = conn.scalar(
            text(
                "SELECT count(*) FROM ("
                f"(({kept}) EXCEPT ALL ({fresh})) UNION ALL (({fresh}) EXCEPT ALL ({kept}))"
                ") AS it"
            )
        )
        if number:
            differing[name] = number
    return differing
