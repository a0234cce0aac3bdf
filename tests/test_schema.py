"""`recsql db upgrade`: whole or not at all, drop-first, and careful with what is not ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from recsql import db, paths, schema, sqlfiles
from recsql.errors import RecsqlError, SchemaMismatch
from tests.support import catalog, environment, libpq_url, recsql

SCHEMAS = ("core", "derived", "api")
MIGRATION = '''
"""A change of the next version."""

from alembic import op

revision = "9001"
down_revision = {head!r}


def upgrade() -> None:
    op.execute({statement!r})
'''


class NextVersion:
    """A copy of sql/ and migrations/ that a test may change: the program's next version."""

    def __init__(self, root: Path) -> None:
        self.sql = root / "sql"
        self.migrations = root / "migrations"

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of sql/api."""
        path = self.sql / "api" / name
        before = path.read_text("utf-8")
        assert old in before
        path.write_text(before.replace(old, new), "utf-8")
        _forget()

    def migrate(self, statement: str) -> None:
        """Add a migration of one statement."""
        head = schema._head()
        (self.migrations / "versions" / "9001_next.py").write_text(
            MIGRATION.format(head=head, statement=statement), "utf-8"
        )


def _forget() -> None:
    for cached in (sqlfiles.fingerprint, sqlfiles.query, sqlfiles.step):
        cached.cache_clear()


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NextVersion]:
    """The next version, in a folder whose name holds a space and what alembic interpolates."""
    root = tmp_path / "next version 100%(here)s"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(paths.SQL, root / "sql", ignore=ignore)
    shutil.copytree(paths.MIGRATIONS, root / "migrations", ignore=ignore)
    monkeypatch.setattr(paths, "SQL", root / "sql")
    monkeypatch.setattr(paths, "MIGRATIONS", root / "migrations")
    _forget()
    yield NextVersion(root)
    monkeypatch.undo()
    _forget()


def look(engine: Engine, *schemas: str) -> dict[str, str]:
    with engine.connect() as conn:
        return catalog(conn, *(schemas or SCHEMAS))


def row_versions(engine: Engine) -> dict[str, list[tuple[str, ...]]]:
    """Return which version of each row the system catalogs hold: any write shows."""
    tables = [
        "pg_namespace", "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index",
        "pg_proc", "pg_trigger", "pg_rewrite", "pg_type", "pg_description", "pg_depend",
        "pg_shdepend", "pg_default_acl", "pg_extension",
    ]  # fmt: skip
    with engine.connect() as conn:
        return {
            table: [tuple(row) for row in conn.execute(text(f"SELECT ctid, xmin FROM {table}"))]
            for table in tables
        }


def ask(engine: Engine, statement: str) -> object:
    with engine.connect() as conn:
        return conn.scalar(text(statement))


def run(engine: Engine, statement: str) -> None:
    with engine.begin() as conn:
        db.run_script(conn, statement)


def status(engine: Engine) -> schema.Status:
    with engine.connect() as conn:
        return schema.status(conn)


# From nothing ---------------------------------------------------------------------------------


def test_n8_upgrade_builds_everything_from_nothing(new_database):
    """N8: one command migrates an empty database to a working one."""
    engine = new_database()
    before = status(engine)
    assert (before.tables_at, before.api_at, before.current) == (None, None, False)

    assert schema.upgrade(engine) is True

    after = status(engine)
    assert after.current
    assert (after.tables_at, after.api_at) == (before.tables_wanted, sqlfiles.fingerprint())
    found = look(engine)
    for name in ("core.movie", "derived.shelf", "api.movie_page"):
        assert f"relation {name}" in found
    assert any(name.startswith("routine api.similar_movies(") for name in found)
    assert ask(engine, "SELECT movies FROM api.about") == 0


def test_a_second_upgrade_changes_no_row_of_the_catalog(new_database):
    engine = new_database()
    schema.upgrade(engine)
    before, defined = row_versions(engine), look(engine)
    assert schema.upgrade(engine) is False
    assert schema.upgrade(engine, force=True) is False
    assert row_versions(engine) == before
    assert look(engine) == defined


def test_the_program_in_a_path_with_a_space_and_a_percent_sign(next_version, new_database):
    engine = new_database()
    assert schema.upgrade(engine) is True
    assert schema.upgrade(engine) is False
    assert status(engine).current


# The next version -----------------------------------------------------------------------------


def test_one_edited_body_is_replayed_and_nothing_else_changes(next_version, empty_engine):
    """The catalog of core and derived is the same before and after: only api is replaced."""
    before, kept = look(empty_engine, "api"), look(empty_engine, "core", "derived")
    next_version.edit("functions/_damped_stars.sql", "DEFAULT 3.5", "DEFAULT 3.25")
    assert not status(empty_engine).current

    assert schema.upgrade(empty_engine) is True

    after = look(empty_engine, "api")
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {
        "routine api._damped_stars(bigint,bigint,numeric,numeric)",
        "comment schema api",  # the stamp
    }
    assert look(empty_engine, "core", "derived") == kept
    assert ask(empty_engine, "SELECT api._damped_stars(0, 0)") == 3.25


def test_a_replay_keeps_every_row_and_the_triggers(next_version, databases, new_database):
    """S11: statistics are kept by triggers, whose functions live in the schema replaced."""

    def rows(engine: Engine) -> list[object]:
        return [
            ask(engine, f"SELECT md5(COALESCE(string_agg(t::text, ',' ORDER BY t::text), ''))"
                f" FROM {table} AS t")
            for table in ("core.movie", "core.rating", "derived.movie_stats", "derived.shelf")
        ]  # fmt: skip

    engine = new_database(databases.template("empty", schema.upgrade))
    movie = "INSERT INTO core.movie (movie_id, title, source) VALUES ({0}, 'Film {0}', 'test')"
    run(engine, movie.format(1))
    run(
        engine,
        "INSERT INTO core.rater VALUES (1, 'imported', 'test', '1');"
        "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (1, 1, 10)",
    )
    before = rows(engine)
    next_version.edit("views/about.sql", "How many movies", "How  many movies")
    schema.upgrade(engine)
    assert rows(engine) == before
    run(engine, movie.format(2))
    run(engine, "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (1, 2, 10)")
    assert ask(engine, "SELECT fans FROM api.movie_page WHERE movie_id = 2") == 1


def test_an_upgraded_database_equals_a_new_one(next_version, new_database, empty_engine):
    """History and the present truth are one: there is no third state."""
    next_version.migrate("ALTER TABLE core.movie ADD COLUMN colour text")
    next_version.edit("views/movie_card.sql", "movie.runtime,", "movie.runtime, movie.colour,")
    schema.upgrade(empty_engine)
    fresh = new_database()
    schema.upgrade(fresh)
    assert look(empty_engine) == look(fresh)
    assert "column api.movie_card.colour" in look(fresh)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE core.movie ADD COLUMN colour text; SELECT 1 / 0",
        # what a view or function of the next api would still read
        "ALTER TABLE core.movie DROP COLUMN overview CASCADE",
        # a table that is not there is a fault of ours, and no reason to say "run db upgrade"
        "ALTER TABLE core.nowhere ADD COLUMN colour text",
    ],
)
def test_a_failing_migration_rolls_everything_back(statement, next_version, tiny_copy):
    next_version.migrate(statement)
    _fails_and_changes_nothing(tiny_copy, ".sql" if "CASCADE" in statement else "a migration")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CREATE VIEW", "CREATE VEIW"),
        ("movie.runtime,", "movie.no_such_column,"),
        ("FROM core.movie AS movie", "FROM core.no_such_table AS movie"),
        ("api._damped_stars(", "api.no_such_function("),
    ],
)
def test_a_broken_file_of_api_rolls_everything_back(old, new, next_version, tiny_copy):
    next_version.migrate("ALTER TABLE core.movie ADD COLUMN colour text")
    next_version.edit("views/movie_card.sql", old, new)
    _fails_and_changes_nothing(tiny_copy, "movie_card.sql")


def test_a_migration_that_calls_api_fails(next_version, tiny_copy):
    """Drop-first: otherwise its outcome would depend on the version it is run from."""
    next_version.migrate("UPDATE core.movie SET tagline = api._fold(title)")
    _fails_and_changes_nothing(tiny_copy, "api")


@pytest.fixture
def tiny_copy(tiny_engine: Engine, databases, new_database: Callable[..., Engine]) -> Engine:
    """The tiny catalogue in a database of its own."""
    return new_database("recsql_template_tiny")


def _fails_and_changes_nothing(engine: Engine, named: str) -> None:
    before = look(engine), row_versions(engine), ask(engine, "SELECT count(*) FROM core.rating")
    version = status(engine).tables_at
    with pytest.raises(RecsqlError) as caught:
        schema.upgrade(engine)
    assert not isinstance(caught.value, SchemaMismatch), "told to run what has just failed"
    assert "nothing was changed" in caught.value.message
    assert named in caught.value.message
    assert "\n" not in caught.value.message
    assert before == (
        look(engine), row_versions(engine), ask(engine, "SELECT count(*) FROM core.rating")
    )  # fmt: skip
    assert status(engine).tables_at == version
    # the old version still answers
    assert ask(engine, "SELECT title FROM api.similar_movies(1, 1)") == "Aliens"


def test_tables_of_a_newer_version_are_left_alone(next_version, empty_engine, monkeypatch):
    """An older program may not touch what a newer one has built, and says so."""
    next_version.migrate("ALTER TABLE core.movie ADD COLUMN colour text")
    schema.upgrade(empty_engine)
    monkeypatch.undo()
    _forget()
    before = look(empty_engine)
    with pytest.raises(RecsqlError, match="9001") as caught:
        schema.upgrade(empty_engine)
    assert "newer" in caught.value.message
    assert look(empty_engine) == before
    with empty_engine.connect() as conn, pytest.raises(SchemaMismatch):
        schema.require_current(conn)


def test_two_upgrades_at_once_end_well(new_database):
    """One waits for the other, and then finds nothing left to do."""
    engine = new_database()
    env = environment(RECSQL_DATABASE_URL=libpq_url(engine.url))
    command = [sys.executable, "-m", "recsql", "db", "upgrade"]
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with engine.connect() as conn:
        # Both are held at the door, so that they certainly meet there.
        conn.execute(text("SELECT pg_advisory_lock(hashtext('recsql.upgrade'))"))
        both = [
            subprocess.Popen(
                command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _ in range(2)
        ]
        end = time.monotonic() + 30
        while conn.scalar(waiting) < 2:
            assert time.monotonic() < end, "they do not wait for each other"
            time.sleep(0.05)
        conn.execute(text("SELECT pg_advisory_unlock_all()"))
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(out.split(" ")[0] for out, _ in said) == ["Up", "Upgraded:"]
    assert status(engine).current


# What is not ours -----------------------------------------------------------------------------

_MINE = {
    "view mine": "CREATE VIEW public.mine AS SELECT title FROM api.movie_card",
    "materialized view kept": "CREATE MATERIALIZED VIEW public.kept AS SELECT * FROM api.category",
    "function best(integer)": """
        CREATE FUNCTION public.best(p_movie_id integer) RETURNS text LANGUAGE sql
        BEGIN ATOMIC
            SELECT title FROM api.also_liked(p_movie_id, 1);
        END""",
    "table noted": "CREATE TABLE public.noted (card api.movie_card)",
    "default value for column word of table folded":
        "CREATE TABLE public.folded (word text DEFAULT api._fold('X'))",
    "index mine_idx": """
        CREATE TABLE public.plain (word text);
        CREATE INDEX mine_idx ON public.plain (api._fold(word))""",
    "trigger watch on table watched": """
        CREATE TABLE public.watched (movie_id integer);
        CREATE TRIGGER watch AFTER INSERT ON public.watched
        FOR EACH STATEMENT EXECUTE FUNCTION api._keep_catalogue()""",
}  # fmt: skip


def test_objects_of_the_users_own_that_lean_on_api_are_named(next_version, empty_engine):
    """`upgrade` refuses to cascade away what a user built on api, until told --force."""
    for statement in _MINE.values():
        run(empty_engine, statement)
    run(empty_engine, "CREATE VIEW public.free AS SELECT title FROM core.movie")
    run(
        empty_engine,
        "CREATE FUNCTION public.loose() RETURNS bigint LANGUAGE sql"
        " AS 'SELECT movies FROM api.about'",
    )
    assert schema.upgrade(empty_engine) is False, "nothing to do, so nothing in the way"

    next_version.edit("functions/_damped_stars.sql", "DEFAULT 3.5", "DEFAULT 3.25")
    before = look(empty_engine, *SCHEMAS, "public")
    with pytest.raises(RecsqlError) as caught:
        schema.upgrade(empty_engine)
    for name in _MINE:
        assert name in caught.value.message.replace("public.", "")
    for name in ("free", "loose", "_movie", "keep_movie_stats", "rule "):
        assert name not in caught.value.message
    assert "--force" in caught.value.hint
    assert look(empty_engine, *SCHEMAS, "public") == before

    assert schema.upgrade(empty_engine, force=True) is True
    left = look(empty_engine, "public")
    gone = {"relation mine", "relation kept", "routine best(integer)", "column noted.card",
            "relation mine_idx", "trigger watched.watch"}  # fmt: skip
    assert {name for name in left if name.replace("public.", "") in gone} == set()
    kept = {name.replace("public.", "") for name in left}
    assert {"relation free", "routine loose()", "relation noted", "relation plain"} <= kept
    assert ask(empty_engine, "SELECT public.loose()") == 0


def test_the_command_says_what_leans_on_api_and_obeys_force(empty_engine):
    """The same through the command line: exit 1 with the names, then --force."""
    url = libpq_url(empty_engine.url)
    run(empty_engine, "CREATE VIEW public.mine AS SELECT title FROM api.movie_card")
    run(empty_engine, "COMMENT ON SCHEMA api IS 'recsql api 0000000000000000: older'")
    refused = recsql("db", "upgrade", RECSQL_DATABASE_URL=url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "public.mine" in refused.stderr or "view mine" in refused.stderr
    assert "Hint: " in refused.stderr and "--force" in refused.stderr
    forced = recsql("db", "upgrade", "--force", RECSQL_DATABASE_URL=url)
    assert forced.returncode == 0, forced.stderr
    assert ask(empty_engine, "SELECT to_regclass('public.mine')") is None


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_database_of_another_application_is_refused(name, new_database):
    engine = new_database()
    run(engine, f"CREATE SCHEMA {name}; CREATE TABLE {name}.orders (id integer PRIMARY KEY);"
        f"INSERT INTO {name}.orders VALUES (1)")  # fmt: skip
    before = look(engine, *SCHEMAS, "public")
    for force in (False, True):
        with pytest.raises(RecsqlError, match=f"another application.* {name}") as caught:
            schema.upgrade(engine, force=force)
        assert "CREATE DATABASE" in caught.value.hint
    assert look(engine, *SCHEMAS, "public") == before
    assert ask(engine, f"SELECT count(*) FROM {name}.orders") == 1


def test_other_schemas_of_the_same_database_are_no_obstacle(new_database):
    engine = new_database()
    run(engine, "CREATE SCHEMA shop; CREATE TABLE shop.orders (id integer PRIMARY KEY);"
        "CREATE TABLE public.alembic_version (version_num text);"
        "INSERT INTO public.alembic_version VALUES ('theirs')")  # fmt: skip
    before = look(engine, "shop", "public")
    assert schema.upgrade(engine) is True
    assert look(engine, "shop", "public") == before
    assert ask(engine, "SELECT version_num FROM public.alembic_version") == "theirs"


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_is_not_utf8_is_refused(encoding, databases):
    name = f"recsql_{encoding.lower()}_{os.getpid()}"
    url = databases.url.set(database=name)
    with databases._autocommit() as conn:
        conn.execute(
            text(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'"
                " LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
            )
        )
    engine = db.engine_on(url)
    try:
        with pytest.raises(RecsqlError, match=f"encoding is {encoding}.*UTF8"):
            schema.upgrade(engine)
        assert look(engine) == {}
    finally:
        engine.dispose()
        databases.drop(url)


def test_a_server_that_is_too_old_is_refused(new_database, monkeypatch):
    """PostgreSQL 15 to 18 are what we promise; an older one is told apart at once."""
    monkeypatch.setattr(schema, "OLDEST_SERVER", 1000)
    engine = new_database()
    with pytest.raises(RecsqlError, match="recsql needs 1000 or newer"):
        schema.upgrade(engine)
    assert look(engine) == {}


# Those who only read --------------------------------------------------------------------------


def _require(engine: Engine) -> None:
    with engine.connect() as conn:
        schema.require_current(conn)


def test_readers_are_told_to_upgrade_a_database_without_a_schema(new_database):
    with pytest.raises(SchemaMismatch, match="no recsql schema yet") as caught:
        _require(new_database())
    assert caught.value.hint == "run: recsql db upgrade"


@pytest.mark.parametrize(
    "change",
    [
        "COMMENT ON SCHEMA api IS 'recsql api 0123456789abcdef: no rows, only logic'",
        "COMMENT ON SCHEMA api IS NULL",
        "COMMENT ON SCHEMA api IS 'mine'",
        "DROP SCHEMA api CASCADE",
        "UPDATE core.schema_version SET version_num = '0001'",
    ],
)
def test_readers_are_told_to_upgrade_an_older_database(change, empty_engine):
    _require(empty_engine)
    run(empty_engine, change)
    with pytest.raises(SchemaMismatch, match="another version") as caught:
        _require(empty_engine)
    assert caught.value.hint == "run: recsql db upgrade"


@pytest.mark.parametrize(
    "change",
    ["COMMENT ON SCHEMA api IS 'recsql api 0123456789abcdef: x'", "DROP SCHEMA api CASCADE"],
)
def test_an_upgrade_mends_what_readers_refuse(change, empty_engine):
    before = look(empty_engine)
    run(empty_engine, change)
    assert schema.upgrade(empty_engine) is True
    _require(empty_engine)
    assert look(empty_engine) == before


@pytest.fixture
def stranger(databases) -> Iterator[str]:
    """A role that may connect, and nothing else."""
    name = f"recsql_stranger_{os.getpid()}"
    with databases._autocommit() as conn:
        conn.execute(text(f"DROP ROLE IF EXISTS {name}"))
        conn.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'opensesame'"))
    yield name
    with databases._autocommit() as conn:
        conn.execute(text(f"DROP ROLE {name}"))


def _as(engine: Engine, role: str) -> Engine:
    query = {k: v for k, v in engine.url.query.items() if k != "passfile"}
    return db.engine_on(engine.url.set(username=role, password="opensesame", query=query))


def test_a_role_that_may_not_create_is_told_so(stranger, new_database):
    engine = _as(new_database(), stranger)
    with pytest.raises(RecsqlError, match="permission denied for database") as caught:
        schema.upgrade(engine)
    engine.dispose()
    assert "role" in caught.value.hint
    assert "opensesame" not in str(caught.value) + str(caught.value.hint)


def test_a_role_that_owns_nothing_cannot_replace_the_api(stranger, empty_engine, next_version):
    next_version.edit("functions/_damped_stars.sql", "DEFAULT 3.5", "DEFAULT 3.25")
    before = look(empty_engine)
    engine = _as(empty_engine, stranger)
    with pytest.raises(RecsqlError, match=r"permission denied|must be owner"):
        schema.upgrade(engine)
    engine.dispose()
    assert look(empty_engine) == before


def test_the_catalog_is_compared_in_full(empty_engine: Engine):
    """The witness itself: what is planted in core, derived or api is seen."""
    planted = {
        "ALTER TABLE core.movie ADD COLUMN planted text": "column core.movie.planted",
        "CREATE INDEX planted_idx ON core.movie (year)": "index core.planted_idx",
        "COMMENT ON COLUMN core.movie.title IS 'x'": "comment column title of table core.movie",
        "CREATE VIEW derived.planted AS SELECT 1 AS one": "view derived.planted",
        "GRANT SELECT ON core.movie TO PUBLIC": "relation core.movie",
    }
    conn: Connection
    with empty_engine.connect() as conn:
        conn.execute(text("SET search_path = pg_catalog"))
        for statement, name in planted.items():
            before = catalog(conn, *SCHEMAS)
            conn.execute(text(statement))
            after = catalog(conn, *SCHEMAS)
            assert name in after and before.get(name) != after[name]


def test_the_last_migration_is_told_as_alembic_tells_it() -> None:
    """Commands read the files' first lines: to import Alembic takes as long as they do."""
    scripts = ScriptDirectory(str(paths.MIGRATIONS))
    assert schema._head() == scripts.get_current_head()
    assert set(schema._revisions()) == {script.revision for script in scripts.walk_revisions()}
