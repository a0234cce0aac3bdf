"""Loads a data set in one transaction: all of it lands, or the old state stays."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection, Engine, exc, text

from recsql import db, paths, sqlfiles
from recsql.errors import BadInput, RecsqlError
from recsql.ingest import records, staging
from recsql.ingest.records import Record, Reject
from recsql.ingest.report import Report
from recsql.ingest.sources import Source
from recsql.ingest.staging import Progress

if TYPE_CHECKING:
    from recsql.ingest.straight import Columns

# Stands beside files that recsql generate has made.
GENERATED = "generated.json"
METADATA_COLUMNS = [
    "adult", "belongs_to_collection", "budget", "genres", "homepage", "id", "imdb_id",
    "original_language", "original_title", "overview", "popularity", "poster_path",
    "production_companies", "production_countries", "release_date", "revenue", "runtime",
    "spoken_languages", "status", "tagline", "title", "video", "vote_average", "vote_count",
]  # fmt: skip
DEMO_COLUMNS = [
    "tmdb_id", "imdb_id", "title", "original_title", "release_date", "runtime", "language",
    "countries", "genres", "companies", "keywords", "directors", "cast_list", "collection",
    "overview",
]  # fmt: skip
# Columns of lists; in the second half of a broken record homepage holds one too. Free text may
# begin like a list and is none: [REC].
_LISTS = {
    "belongs_to_collection", "genres", "homepage", "production_companies",
    "production_countries", "spoken_languages", "keywords", "cast_list", "crew_list",
}  # fmt: skip
_INTEGER = re.compile(r"\d{1,9}$", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(\.\d+)?$", re.ASCII)


def quiet(_file: str, _rows: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Layout:
    """How one of the published MovieLens data sets is laid out."""

    source: str
    key_source: str
    movies: str
    movies_separator: str | None
    ratings: str
    ratings_copy: str
    links: str | None
    encoding: str


_CSV_COPY = "COPY staging.rating (user_key, movie_key, stars, rated_at) FROM STDIN (FORMAT csv{})"
LAYOUTS = {
    # 25M, 32M, 20M, latest, latest-small
    "csv": Layout(
        "movielens", "movielens", "movies.csv", None, "ratings.csv",
        _CSV_COPY.format(", HEADER"), "links.csv", "utf-8",
    ),
    "1m": Layout(
        "movielens-1m", "movielens", "movies.dat", "::", "ratings.dat", "", None, "latin-1",
    ),
    "100k": Layout(
        "movielens-100k", "movielens-100k", "u.item", "|", "u.data",
        _CSV_COPY.format(", DELIMITER E'\\t'"), None, "latin-1",
    ),
}  # fmt: skip
# u.item marks its genres by position.
GENRES_100K = [
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime",
    "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance",
    "Sci-Fi", "Thriller", "War", "Western",
]  # fmt: skip


def load_kaggle(engine: Engine, path: Path, **options: object) -> Report:
    """Load The Movies Dataset from a folder or zip. See `_Load` for the options.

    What `recsql generate` has made lands under a name of its own: nobody gave those ratings.
    """
    with Source(path) as source:
        if not source.has("movies_metadata.csv"):
            raise BadInput(
                f"{path} has no movies_metadata.csv",
                hint="give the folder or zip of Kaggle's The Movies Dataset"
                + (
                    "; this looks like MovieLens: recsql load movielens"
                    if _movielens_layout(source)
                    else ""
                ),
            )
        name = "generated" if source.has(GENERATED) else "kaggle"
        ratings = source.first("ratings.csv", "ratings_small.csv")
        links = source.first("links.csv", "links_small.csv")
        with _Load(engine, name, "movielens", str(path), **options) as load:  # type: ignore[arg-type]
            if links:
                load.links(source, links)
            if ratings and not load.knows_links():
                raise BadInput(
                    f"{path} has {ratings} and no links.csv",
                    hint="MovieLens ids reach a movie only through links.csv: add it",
                )
            load.table(source, "movies_metadata.csv", "metadata", METADATA_COLUMNS)
            load.table(source, "keywords.csv", "keywords", ["id", "keywords"])
            load.table(source, "credits.csv", "credits", ["cast_list", "crew_list", "id"])
            load.step("kaggle")
            load.must_land("movies_metadata.csv")
            load.catalogue()
            load.repair()
            if links:
                load.step("links_noted")
            if ratings:
                load.ratings(source, ratings, LAYOUTS["csv"])
        return load.report


def load_movielens(engine: Engine, path: Path, **options: object) -> Report:
    """Load a MovieLens data set from a folder or zip; its layout is told by its files."""
    with Source(path) as source:
        layout = _movielens_layout(source)
        if layout is None:
            raise BadInput(
                f"{path} holds no MovieLens data set",
                hint="known are movies.csv + ratings.csv (+ links.csv), movies.dat + ratings.dat,"
                " u.item + u.data"
                + (
                    "; this looks like Kaggle's: recsql load kaggle"
                    if source.has("movies_metadata.csv")
                    else ""
                ),
            )
        with _Load(engine, layout.source, layout.key_source, str(path), **options) as load:  # type: ignore[arg-type]
            if layout.links and source.has(layout.links):
                load.links(source, layout.links)
            load.movielens_movies(source, layout)
            load.must_land(layout.movies)
            load.catalogue(source="movielens")
            load.repair()
            if layout.links and source.has(layout.links):
                load.step("links_noted")
            load.ratings(source, layout.ratings, layout)
        return load.report


def load_demo(engine: Engine, **options: object) -> Report:
    """Load the catalogue that recsql brings along, and generated ratings."""
    with (
        Source(paths.DEMO) as source,
        _Load(engine, "demo", "tmdb", "demo", **options) as load,  # type: ignore[arg-type]
    ):
        load.demo_films(source)
        load.step("demo")
        load.catalogue()
        load.repair()
        load.step("demo_ratings")
        load.step("ratings_movies")
        load.settle_ratings("generated ratings")
    return load.report


def repair(engine: Engine, *, dry_run: bool = False) -> Report:
    """Bring ids together again, and give ratings whose movie was unknown another try."""
    with _Load(engine, "repair", "movielens", "", dry_run=dry_run) as load:
        load.repair()
        load.step("retry")
    return load.report


def remove(engine: Engine, source: str) -> int:
    """Remove the raters of a source with their ratings; return how many ratings went."""
    with db.begin(engine) as conn:
        _one_at_a_time(conn)
        found = conn.scalar(
            text(
                "SELECT count(*) FROM core.rating JOIN core.rater USING (user_id)"
                " WHERE rater.source = :source"
            ),
            {"source": source},
        )
        # First: what is not stored has not to be told of every fan that leaves.
        db.run_script(conn, sqlfiles.step("rating_lists_forgotten"))
        gone = conn.execute(text("DELETE FROM core.rater WHERE source = :s"), {"s": source})
        if not gone.rowcount:
            known = conn.scalars(
                text("SELECT DISTINCT source FROM core.rater WHERE kind = 'imported' ORDER BY 1")
            ).all()
            raise BadInput(
                f"no raters come from {source}",
                hint="there are some from: " + (", ".join(known) or "nowhere"),
            )
        conn.execute(text("CALL api.refresh_shelves()"))
    return int(found or 0)


class _Load:
    """One load: staging, steps, report, and the transaction around them.

    dry_run     do everything, report, and roll back
    max_rejects fail, and change nothing, where more records are turned away
    progress    called now and then with a file's name and the records read so far
    by_staging  bring all ratings through staging, also those of a plain file
    """

    # the step that reckons what is derived
    finishing = "finish"

    def __init__(
        self,
        engine: Engine,
        source: str,
        key_source: str,
        path: str,
        *,
        dry_run: bool = False,
        max_rejects: int | None = None,
        progress: Progress = quiet,
        by_staging: bool = False,
    ) -> None:
        self._engine = engine
        self._max_rejects = max_rejects
        self._progress = progress
        self._key_source = key_source
        self._by_staging = by_staging
        self._rated_twice = False
        self._stars_are_counted = False
        self.report = Report(source, path, dry_run)

    def __enter__(self) -> _Load:
        self._transaction = self._transact()
        self._conn = self._transaction.__enter__()
        try:
            self._set(source=self.report.source, key_source=self._key_source)
            self.step("staging")
        except BaseException as failure:
            self._transaction.__exit__(type(failure), failure, failure.__traceback__)
            raise
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._transaction.__exit__(kind, error, trace)  # type: ignore[arg-type]
            return
        try:
            self._finish()
        except BaseException as failure:
            self._transaction.__exit__(type(failure), failure, failure.__traceback__)
            raise
        self._transaction.__exit__(None, None, None)
        if not self.report.dry_run:
            _vacuum(self._engine)

    @contextmanager
    def _transact(self) -> Iterator[Connection]:
        # Not db.begin: a dry run ends in a rollback without an error.
        with db.translated(), self._engine.connect() as conn, conn.begin() as transaction:
            _one_at_a_time(conn)
            if conn.scalar(text("SELECT to_regnamespace('staging')")):
                raise RecsqlError(
                    "this database has a schema called staging, which a load makes for itself",
                    hint="rename that one, or give recsql a database of its own",
                )
            yield conn
            if self.report.dry_run:
                transaction.rollback()

    def step(self, name: str, **settings: str) -> None:
        """Run sql/load/<name>.sql."""
        self._set(**settings)
        self._progress(name.replace("_", " "), 0)
        db.run_script(self._conn, sqlfiles.step(name))
        self._set(source=self.report.source)

    def _set(self, **settings: str) -> None:
        db.set_local(self._conn, **settings)

    def _scalar(self, statement: str, **params: object) -> object:
        return self._conn.scalar(text(statement), params)

    def knows_links(self) -> bool:
        """Tell whether any MovieLens link is known, from this load or one before."""
        return bool(self._scalar("SELECT EXISTS (SELECT FROM core.movielens_link)"))

    def _rows(self, script: str) -> list[int]:
        options = {"no_parameters": True}
        return list(self._conn.exec_driver_sql(script, execution_options=options).scalars())

    def _inserted(self, script: str) -> int:
        return int(
            self._conn.exec_driver_sql(script, execution_options={"no_parameters": True}).rowcount
        )

    def _note(self, table: str, inserted: int) -> None:
        self._conn.execute(
            text("INSERT INTO staging.tally VALUES (DEFAULT, :table, :inserted, 0, 0, 0)"),
            {"table": table, "inserted": inserted},
        )

    @contextmanager
    def _bare(self, table: str) -> Iterator[None]:
        """Take indexes and keys off an empty table, and put them back when it is filled."""
        self.step("bare", bare=table)
        yield
        for definition in self._conn.scalars(
            text("SELECT definition FROM staging.taken_off ORDER BY place")
        ).all():
            self._progress(f"indexes and keys of {table}", 0)
            db.run_script(self._conn, definition)
        self._run("DELETE FROM staging.taken_off")

    def catalogue(self, **settings: str) -> None:
        """Bring staged films to core."""
        self.step("catalogue", **settings)
        if self._scalar("SELECT EXISTS (SELECT FROM core.movie_feature)"):
            self.step("movie_features_merge")
        else:
            # The statistics are reckoned anew at the end: the triggers would do it twice.
            self._run("ALTER TABLE core.movie_feature DISABLE TRIGGER USER")
            with self._bare("core.movie_feature"):
                added = self._inserted(sqlfiles.step("movie_features_bulk"))
            self._run("ALTER TABLE core.movie_feature ENABLE TRIGGER USER")
            self.step("movie_features_noted")
            self._note("core.movie_feature", added)
        self.step("credits")

    # files

    def table(self, source: Source, file: str, table: str, columns: list[str]) -> None:
        """Copy a CSV file into staging.<table>, every cell as text, with line and cell count."""
        definition = ", ".join(f"{column} text" for column in columns)
        self._run(f"CREATE UNLOGGED TABLE staging.{table} (line bigint, cells int, {definition})")
        if not source.has(file):
            return

        def cells(record: Record) -> list[str | None]:
            row: list[str | None] = [str(record.line), str(len(record.cells))]
            for column, cell in zip(columns, record.cells, strict=False):
                if column in _LISTS and (listed := cell.strip()).startswith(("[", "{")):
                    row.append(records.python_to_json(listed))
                else:
                    row.append(cell)
            return row + [None] * (len(columns) + 2 - len(row))

        with source.open(file) as stream:
            found = records.read_csv(stream, width=len(columns))
            header = _header(found, file)
            wanted = [column.removesuffix("_list") for column in columns]
            if header != wanted:
                raise BadInput(
                    f"{file} has not the columns of the data set",
                    hint=f"its first line should be {','.join(wanted)}",
                )
            self._copy(file, f"staging.{table}", ["line", "cells", *columns], found, cells)

    def links(self, source: Source, file: str) -> None:
        """Copy links.csv, and keep it whole."""
        self._set(links_file=file)
        with source.open(file) as stream:
            found = records.read_csv(stream, width=3)
            if _header(found, file) != ["movieId", "imdbId", "tmdbId"]:
                raise BadInput(
                    f"{file} has not the columns of the data set",
                    hint="its first line should be movieId,imdbId,tmdbId",
                )

            def judged() -> Iterator[Record | Reject]:
                for item in found:
                    if isinstance(item, Record) and len(item.cells) != 3:
                        said = ",".join(item.cells)[:200]
                        yield Reject(item.line, f"{len(item.cells)} cells where 3 belong", said)
                    else:
                        yield item

            columns = ["line", "movielens_id", "imdb_id", "tmdb_id"]
            self._copy(
                file, "staging.link", columns, judged(),
                lambda record: [str(record.line), *(cell or None for cell in record.cells)],
            )  # fmt: skip
        self.step("links")

    def movielens_movies(self, source: Source, layout: Layout) -> None:
        """Copy the movies of a MovieLens data set, and make films of them."""
        file = layout.movies
        self._set(movies_file=file, key_source=layout.key_source)
        self._run(
            "CREATE UNLOGGED TABLE staging.movielens_movie (line bigint, cells int,"
            " cells_wanted int, movielens_id text, title text, genres text)"
        )
        width = {None: 3, "::": 3, "|": 5 + len(GENRES_100K)}[layout.movies_separator]

        def cells(record: Record) -> list[str | None]:
            row = record.cells
            number, title = row[0], row[1] if len(row) > 1 else None
            genres = row[2] if len(row) > 2 else None
            if layout.movies_separator == "|" and len(row) == width:
                marks = zip(GENRES_100K, row[5:], strict=True)
                genres = "|".join(genre for genre, mark in marks if mark == "1")
            return [str(record.line), str(len(row)), str(width), number, title, genres]

        with source.open(file) as stream:
            found = _movie_records(stream, layout, file, width)
            columns = ["line", "cells", "cells_wanted", "movielens_id", "title", "genres"]
            self._copy(file, "staging.movielens_movie", columns, found, cells)
        self.step("movielens")

    def demo_films(self, source: Source) -> None:
        """Copy the films that recsql brings along."""
        definition = ", ".join(f"{column} text" for column in DEMO_COLUMNS)
        self._run(
            "CREATE UNLOGGED TABLE staging.demo_film"
            f" (line bigint GENERATED ALWAYS AS IDENTITY, {definition})"
        )
        for file in sorted(path.name for path in paths.DEMO.glob("films_*.csv")):
            with source.open(file) as stream:
                # its header
                stream.readline()
                copied = staging.copy_file(
                    self._conn,
                    f"COPY staging.demo_film ({', '.join(DEMO_COLUMNS)}) FROM STDIN (FORMAT csv)",
                    stream,
                )
            if not copied:
                raise RecsqlError(f"{file} of the demo is damaged", hint="install recsql again")

    def ratings(self, source: Source, file: str, layout: Layout) -> None:
        """Bring a file of ratings to their raters and movies."""
        self._set(ratings_file=file)
        self.step("ratings_movies")
        plain = layout is LAYOUTS["csv"] and not self._by_staging
        if not (plain and self._ratings_straight(source, file)):
            self._ratings_to_staging(source, file, layout)
            self.settle_ratings(file)
        self.must_land(file)

    def _ratings_straight(self, source: Source, file: str) -> bool:
        """Copy a plain file of ratings to core at once; tell whether it is one."""
        # Here, since numpy takes a while.
        from recsql.ingest import straight

        if self._scalar(
            "SELECT EXISTS (SELECT FROM core.rater WHERE source = :source)",
            source=self.report.source,
        ):
            return False
        empty = self._holds_no_ratings()
        try:
            with source.open(file) as stream, self._in_bulk(empty):
                _check_ratings_header(stream, file)
                columns = straight.Columns(stream, self._rated_movies(), first_line=2)
                landed, read, without_time = self._ratings_by_the_piece(columns, file, empty)
        except straight.NotPlain:
            return False
        except exc.IntegrityError as error:
            if not isinstance(error.orig, UniqueViolation):
                raise
            self._rated_twice = True
            return False
        self._count("read", file, "SELECT :rows", rows=read)
        self._landed_in_bulk(empty, landed, counted=True)
        self.step("ratings_straight", read=str(read), without_time=str(without_time))
        rated = "ratings_rated_straight"
        self._settled(
            file, landed, fresh=True, rated=rated, movie_keys=db.array(columns.movies_seen())
        )
        return True

    def _rated_movies(self) -> list[tuple[int, int]]:
        known = self._conn.execute(text("SELECT movie_key, movie_id FROM staging.rated_movie"))
        return [(row.movie_key, row.movie_id) for row in known]

    def _ratings_by_the_piece(
        self, columns: Columns, file: str, empty: bool
    ) -> tuple[int, int, int]:
        landed = read = without_time = 0
        last_key, last_id = 0, 0
        # Frozen rows need no VACUUM afterwards; allowed is that in a table emptied just now.
        copying = (
            "COPY core.rating (rated_at, user_id, movie_id, half_stars) FROM STDIN"
            f" (FORMAT binary{', FREEZE' if empty else ''})"
        )
        others = _CSV_COPY.format("").replace("(", "(line, ", 1)
        raters = sqlfiles.step("ratings_raters")
        # While the server takes one piece, the next is read.
        with ThreadPoolExecutor(1) as ahead:
            pieces = columns.pieces()
            coming = ahead.submit(next, pieces, None)
            while (piece := coming.result()) is not None:
                coming = ahead.submit(next, pieces, None)
                keys = piece.user_keys
                known_before = len(keys) > 0 and int(keys[0]) == last_key
                new = keys[1:] if known_before else keys
                ids = [last_id] if known_before else []
                if len(new):
                    self._set(user_keys=db.array(new.tolist()))
                    ids += self._rows(raters)
                if ids:
                    last_key, last_id = int(keys[-1]), ids[-1]
                if len(piece.rows):
                    rows = piece.copied(ids)
                    landed += staging.copy_bytes(self._conn, copying, rows)
                if piece.others:
                    staging.copy_bytes(self._conn, others, piece.others)
                read += piece.read
                without_time += piece.without_time
                self._progress(file, read)
        if empty:
            # a look at each rating less
            self._run(
                "CREATE UNLOGGED TABLE staging.given (movie_id int, half_stars int, raters int)"
            )
            staging.copy_bytes(self._conn, "COPY staging.given FROM STDIN", columns.given())
        return landed, read, without_time

    def _ratings_to_staging(self, source: Source, file: str, layout: Layout) -> None:
        copied: int | None = None
        if layout.ratings_copy:
            with source.open(file) as stream:
                headed = "HEADER" in layout.ratings_copy
                if headed:
                    _check_ratings_header(stream, file)
                self._set(first_line="2" if headed else "1")
                self._progress(file, 0)
                statement = layout.ratings_copy.replace(", HEADER", "")
                copied = staging.copy_file(
                    self._conn, statement, stream, alphabet=b'0123456789.,"\t\r\n'
                )
        if copied is None:
            self._ratings_with_care(source, file, layout)
        else:
            self._count("read", file, "SELECT :rows", rows=copied)

    def _ratings_with_care(self, source: Source, file: str, layout: Layout) -> None:
        self._run("CREATE VIEW staging.numbered AS SELECT ctid AS at, line FROM staging.rating")
        separator = {"1m": "::", "100k": "\t"}.get(_name(layout))

        def judged(found: Iterable[Record | Reject]) -> Iterator[Record | Reject]:
            for item in found:
                if isinstance(item, Reject):
                    yield item
                    continue
                cells = [cell.strip() for cell in item.cells]
                if fault := _rating_fault(cells):
                    yield Reject(item.line, fault, ",".join(cells)[:200])
                else:
                    yield Record(item.line, cells)

        with source.open(file) as stream:
            if separator is None:
                found: Iterator[Record | Reject] = records.read_csv(stream, width=4)
                _header(found, file)
            else:
                found = records.read_lines(stream, width=4, separator=separator)
            columns = ["line", "user_key", "movie_key", "stars", "rated_at"]
            self._copy(
                file, "staging.rating", columns, judged(found),
                lambda record: [
                    str(record.line), *record.cells[:3], record.cells[3].split(".")[0] or None
                ],
            )  # fmt: skip

    def settle_ratings(self, file: str) -> None:
        """Bring staged ratings to core, in bulk where this source has none there yet."""
        self._set(ratings_file=file)
        self.step("ratings")
        empty = self._holds_no_ratings()
        fresh = empty or not self._scalar(
            "SELECT EXISTS (SELECT FROM core.rating JOIN core.rater USING (user_id)"
            " WHERE rater.source = :source)",
            source=self.report.source,
        )
        if fresh:
            landed = self._ratings_in_bulk(empty)
        else:
            self.step("ratings_superseded")
            self.step("ratings_merge")
            landed = int(self._scalar("SELECT count(*) FROM staging.mapped"))  # type: ignore[call-overload]
        self._settled(file, landed, fresh=fresh, rated="ratings_rated")

    def _settled(self, file: str, landed: int, *, fresh: bool, rated: str, **settings: str) -> None:
        """Tell what became of a file of ratings, and keep what did not land."""
        standing = int(self._scalar("SELECT COALESCE(sum(ratings), 0) FROM staging.rated_by"))  # type: ignore[call-overload]
        if landed < standing:
            self.step("ratings_rejected")
        if landed < standing or not fresh:
            self.step("raters_without_ratings")
        if self._scalar("SELECT EXISTS (SELECT FROM staging.turned_away)"):
            if not self._scalar("SELECT to_regclass('staging.numbered')"):
                self.step("ratings_numbered")
            self.step("ratings_turned_away")
        self._count("landed", file, "SELECT :landed", landed=landed)
        # Two keys may be one movie; that matters only where this data set names movies by them.
        by_key = self._scalar(
            "SELECT EXISTS (SELECT FROM staging.film"
            " WHERE key_source = current_setting('recsql.key_source'))"
        )
        alone = self._stars_are_counted and not by_key
        self.step("ratings_rated_alone" if alone else rated, **settings)
        self.step("ratings_noted")

    def _holds_no_ratings(self) -> bool:
        return not self._scalar("SELECT EXISTS (SELECT FROM core.rating)")

    @contextmanager
    def _in_bulk(self, empty: bool) -> Iterator[None]:
        """Fill core.rating by a savepoint, without triggers; bare where it is empty."""
        with self._conn.begin_nested():
            # The statistics are counted at the end: the triggers would do it twice. They would
            # call stored lists stale as well.
            self._run("ALTER TABLE core.rating DISABLE TRIGGER USER")
            self.step("rating_lists_forgotten")
            with self._bare("core.rating") if empty else nullcontext():
                yield
            self._run("ALTER TABLE core.rating ENABLE TRIGGER USER")

    def _landed_in_bulk(self, empty: bool, landed: int, *, counted: bool = False) -> None:
        if empty:
            self.step("stars_counted" if counted else "stars_recounted")
            self.step("stars_kept")
            self._stars_are_counted = True
        self._note("core.rating", landed)

    def _ratings_in_bulk(self, empty: bool) -> int:
        in_order = self._scalar(
            "SELECT correlation > 0.999 FROM pg_catalog.pg_stats WHERE schemaname = 'staging'"
            " AND tablename = 'rating' AND attname = 'user_key'"
        )
        script = sqlfiles.step("ratings_bulk" if in_order else "ratings_sorted")
        try:
            if self._rated_twice:
                self.step("ratings_superseded")
            landed = self._rating_attempt(script, empty)
        except exc.IntegrityError as error:
            if self._rated_twice or not isinstance(error.orig, UniqueViolation):
                raise
            # Somebody rated a movie twice. To look for that beforehand would cost every file a
            # sort, and hardly any has it.
            self.step("ratings_superseded")
            landed = self._rating_attempt(script, empty)
        self._landed_in_bulk(empty, landed)
        return landed

    def _rating_attempt(self, script: str, empty: bool) -> int:
        self._progress("ratings to their tables", 0)
        with self._in_bulk(empty):
            return self._inserted(script)

    def repair(self) -> None:
        """Bring ids together."""
        self.step("repair")

    def must_land(self, file: str) -> None:
        """Raise BadInput where nothing of a file could be used."""
        self._collect()
        if self.report.landed(file) == 0:
            raise BadInput(
                f"nothing in {file} could be used; nothing was changed", hint=self._first_reject()
            )

    def _run(self, statement: str) -> None:
        self._conn.execute(text(statement))

    def _copy(
        self,
        file: str,
        table: str,
        columns: list[str],
        found: Iterable[Record | Reject],
        cells: Callable[[Record], list[str | None]],
    ) -> None:
        with tempfile.SpooledTemporaryFile(1 << 20) as kept:
            sieve = staging.Sieve(file, self._progress, kept)  # type: ignore[arg-type]
            rows = (cells(record) for record in sieve.records(found))
            staging.copy_rows(self._conn, table, ", ".join(columns), rows)
            # Nobody else will: autovacuum cannot see what this transaction has made.
            self._run(f"ANALYZE {table}")
            kept.seek(0)
            statement = "COPY staging.reject (file, line, reason, record) FROM STDIN"
            if staging.copy_file(self._conn, statement, kept) is None:  # type: ignore[arg-type]
                raise RecsqlError(f"the rejects of {file} could not be kept")
        self._count("read", file, "SELECT :rows", rows=sieve.read)

    def _count(self, outcome: str, file: str, counting: str, **params: object) -> None:
        self._conn.execute(
            text(
                "INSERT INTO staging.outcome (file, outcome, rows)"
                f" SELECT :file, :outcome, ({counting})"
            ),
            {"file": file, "outcome": outcome, **params},
        )

    # the end

    def _collect(self) -> None:
        self.report.files = [
            dict(row)
            for row in self._conn.execute(
                text(
                    """
                    WITH said AS (
                        SELECT file, outcome, reason, rows, place,
                            array_position('{read,landed,rejected,noted}', outcome) AS kind
                        FROM staging.outcome
                        UNION ALL
                        SELECT file, 'rejected', reason, count(*), 0, 3
                        FROM staging.reject GROUP BY file, reason
                    )
                    SELECT file, outcome, reason, rows FROM said
                    ORDER BY min(NULLIF(place, 0)) OVER (PARTITION BY file), kind, place, reason
                    """
                )
            ).mappings()
        ]
        self.report.tables = [
            dict(row)
            for row in self._conn.execute(
                text(
                    "SELECT table_name, inserted, updated, deleted, unchanged"
                    " FROM staging.tally ORDER BY place"
                )
            ).mappings()
        ]

    def _first_reject(self) -> str:
        row = self._conn.execute(
            text("SELECT file, line, reason FROM staging.reject ORDER BY file, line LIMIT 1")
        ).first()
        return f"{row.file}, line {row.line}: {row.reason}" if row else "the file is empty"

    def _finish(self) -> None:
        self._collect()
        rejected = self.report.rejected
        if self._max_rejects is not None and rejected > self._max_rejects:
            raise BadInput(
                f"{rejected:,} records were turned away, more than --max-rejects"
                f" {self._max_rejects:,}; nothing was changed. First: {self._first_reject()}",
                hint="see all reasons with --dry-run, without --max-rejects",
            )
        if self.report.changed or self.report.source != "repair":
            if not self._stars_are_counted:
                self._run("CALL api.refresh_movie_stats()")
            self.step(self.finishing)
        self._keep()
        self._run("DROP SCHEMA staging CASCADE")

    def _keep(self) -> None:
        """Leave the report and the rejects behind, in place of those of the last load."""
        if self.report.source == "repair":
            return
        self._conn.execute(
            text("DELETE FROM core.load_run WHERE source = :source"), {"source": self.report.source}
        )
        report = {**self.report.as_dict(), "key_source": self._key_source}
        self._conn.execute(
            text(
                """
                WITH run AS (
                    INSERT INTO core.load_run (source, report)
                    VALUES (:source, CAST(:report AS jsonb)) RETURNING run_id
                )
                INSERT INTO core.load_reject (run_id, file, line, reason, record)
                SELECT run.run_id, file, line, reason, record FROM run CROSS JOIN staging.reject
                """
            ),
            {"source": self.report.source, "report": json.dumps(report)},
        )


def _one_at_a_time(conn: Connection) -> None:
    if not conn.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('recsql.load'))")):
        raise RecsqlError("another load is running", hint="wait for it, then run this again")


def _vacuum(engine: Engine) -> None:
    """Mark pages all-visible: only then do index-only scans read the index alone."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(
            text(
                "VACUUM core.rating, core.movie_feature, core.movie, derived.shelf,"
                " derived.listed_movie"
            )
        )


def _movielens_layout(source: Source) -> Layout | None:
    for layout in LAYOUTS.values():
        if source.has(layout.movies) and source.has(layout.ratings):
            return layout
    return None


def _name(layout: Layout) -> str:
    return next(name for name, known in LAYOUTS.items() if known is layout)


def _movie_records(
    stream: BinaryIO, layout: Layout, file: str, width: int
) -> Iterator[Record | Reject]:
    if layout.movies_separator is not None:
        return records.read_lines(
            stream, width=width, separator=layout.movies_separator, encoding=layout.encoding
        )
    found = records.read_csv(stream, width=width, encoding=layout.encoding)
    if _header(found, file) != ["movieId", "title", "genres"]:
        raise BadInput(
            f"{file} has not the columns of the data set",
            hint="its first line should be movieId,title,genres",
        )
    return found


def _header(found: Iterator[Record | Reject], file: str) -> list[str]:
    first = next(found, None)
    if first is None:
        raise BadInput(f"{file} is empty", hint="is the download complete?")
    if isinstance(first, Reject):
        raise BadInput(
            f"the first line of {file} cannot be read: {first.reason}",
            hint="it should be UTF-8 text, its lines ended by LF or CR LF",
        )
    return [cell.strip() for cell in first.cells]


def _check_ratings_header(stream: BinaryIO, file: str) -> None:
    first = stream.readline(1000).removeprefix(b"\xef\xbb\xbf").strip()
    cells = [cell.strip() for cell in first.replace(b'"', b"").split(b",")]
    if cells != [b"userId", b"movieId", b"rating", b"timestamp"]:
        raise BadInput(
            f"{file} has not the columns of the data set" if first else f"{file} is empty",
            hint="its first line should be userId,movieId,rating,timestamp, its lines ended by LF"
            " or CR LF",
        )


def _rating_fault(cells: list[str]) -> str | None:
    if len(cells) != 4:
        return f"{len(cells)} cells where 4 belong"
    if not _INTEGER.match(cells[0]):
        return "userId is not a whole number from 1 to 999,999,999"
    if not _INTEGER.match(cells[1]):
        return "movieId is not a whole number from 1 to 999,999,999"
    if not _NUMBER.match(cells[2]):
        return "rating is not 0.5 to 5.0 in half steps"
    if cells[3] and not _NUMBER.match(cells[3]):
        return "timestamp is no number of seconds"
    return None
