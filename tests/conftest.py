"""Databases for tests: real ones, each a clone of a template, each test rolled back.

Where they are: RECSQL_TEST_URL if given, else the embedded server, else a container where Docker
answers. --database=embedded|url|container forces one; all workers share it.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL

from recsql import db, schema
from recsql.ingest import load
from recsql.models import train

TESTS = Path(__file__).parent
# What shares one of these runs on one worker: it takes long to make, and is made there once.
LONG_FIXTURES = ("kaggle_engine", "suggesting_engine")
# So does what a module of these shares.
LONG_PREPARED = {
    f"test_{name}"
    for name in (
        "accounts", "benchmarks", "critics", "enrich", "evaluate", "export", "generate", "models",
        "my_ratings", "quiz", "repair", "search_to_rate", "suggest", "wheel",
    )
}  # fmt: skip
# A server that no test kills, and whose data nobody keeps, waits for no disk. Little memory, as all
# of it is looked through for each database that is made or dropped. Nor does the server look after
# tables by itself: what a test finds, and by which plan, is not to depend on who came by.
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "512MB",
    "autovacuum": "off",
}
# Databases are copied by the kernel: since PostgreSQL 18, and not on every file system of macOS.
CLONING = {"file_copy_method": "clone"} if sys.platform == "linux" else {}
# The longest ones come first, and no two that have a browser at the same time.
FIRST = ("kaggle_engine", "access", "test_models", "test_evaluate", "movielens_1m", "browser")
PGVECTOR_IMAGE = "pgvector/pgvector:pg17-trixie"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["embedded", "url", "container"],
        help="which PostgreSQL the tests use (default: RECSQL_TEST_URL, else the embedded one)",
    )


def pytest_configure(config: pytest.Config) -> None:
    # One core a worker: two libraries that each take all of them wait for each other.
    for library in ("OPENBLAS", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    # Nothing of the developer's own reaches a test.
    for name in ("RECSQL_DATABASE_URL", "RECSQL_HOME"):
        os.environ.pop(name, None)
    for service in ("TMDB", "OMDB"):
        for what in ("KEY", "KEY_FILE", "URL"):
            os.environ.pop(f"RECSQL_{service}_{what}", None)
    if "RECSQL_TEST_HOME" not in os.environ and not hasattr(config, "workerinput"):
        # One home for all workers. Root's server runs as another user, who must get in.
        home = Path(tempfile.mkdtemp(prefix="recsql-test-"))
        home.chmod(0o755)
        os.environ["RECSQL_TEST_HOME"] = str(home)
        config.add_cleanup(lambda: _stop(home))
        _choose_server(config)


def _stop(home: Path) -> None:
    from recsql.server import Embedded

    server = Embedded(home / "pg")
    if server.status()["running"]:
        server.down()
    shutil.rmtree(home, ignore_errors=True)
    os.environ.pop("RECSQL_TEST_HOME", None)


@pytest.hookimpl(tryfirst=True)  # before xdist, which looks for the groups that this sets
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # What shares a long fixture runs on one worker, and longest first.
    for item in items:
        for name in LONG_FIXTURES:
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))
        if item.path.stem in LONG_PREPARED and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    name = group.args[0] if group else ""
    return FIRST.index(name) if name in FIRST else len(FIRST)


def pytest_collection_finish() -> None:
    # What was imported stays: no garbage collection has to look through it again.
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """The address of a server on which the tests may make databases."""
    if given := os.environ.get("RECSQL_TEST_URL"):
        yield db.given_url(given)
        return
    from recsql import settings
    from recsql.server import Embedded, binaries, tuning

    home, programs = Path(os.environ["RECSQL_TEST_HOME"]) / "pg", settings.pg_bin()
    wanted = QUICK | (CLONING if binaries.major(binaries.find(programs)) >= 18 else {})
    usual = tuning.text
    with pytest.MonkeyPatch.context() as patch:
        lines = "".join(f"{name} = {value}\n" for name, value in wanted.items())
        patch.setattr(tuning, "text", lambda folder: usual(folder) + lines)
        lease = Embedded(home, programs).lease()
    with lease:
        yield db.given_url(lease.url)


def _choose_server(config: pytest.Config) -> None:
    """Settle which server it is, once for all workers: a given one, ours, or a container."""
    wanted = config.getoption("--database")
    given = os.environ.get("RECSQL_TEST_URL")
    if wanted == "url" and not given:
        raise pytest.UsageError("--database=url needs RECSQL_TEST_URL")
    if wanted == "embedded" or (wanted is None and not given and _has_programs()):
        os.environ.pop("RECSQL_TEST_URL", None)
    elif wanted == "container" or not given:
        from testcontainers.community.postgres import PostgresContainer

        container = PostgresContainer(PGVECTOR_IMAGE, driver="psycopg2")
        container.start()
        config.add_cleanup(container.stop)
        os.environ["RECSQL_TEST_URL"] = container.get_connection_url()


def _has_programs() -> bool:
    """Tell whether there is a PostgreSQL to run by ourselves."""
    from recsql import settings
    from recsql.errors import RecsqlError
    from recsql.server import binaries

    try:
        binaries.find(settings.pg_bin())
    except RecsqlError:
        return False
    return True


class Databases:
    """Makes databases, and templates to make them from."""

    def __init__(self, url: URL, worker: str) -> None:
        self.url = url
        self._worker = worker
        self._count = 0
        self._admin = db.engine_on(url.set(database="postgres"), pool_size=2)

    @contextmanager
    def _autocommit(self) -> Iterator[Connection]:
        with self._admin.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            yield conn

    def template(self, name: str, fill: Callable[[Engine], object], base: str | None = None) -> str:
        """Return a template database, filled once for all workers.

        What it is filled on is another template: the one with the schema alone, if not given.
        """
        if base is None:
            base = "template0" if name == "empty" else self.template("empty", schema.upgrade)
        database = f"recsql_template_{name}"
        with self._autocommit() as conn:
            conn.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": database})
            try:
                if not conn.scalar(
                    text("SELECT datistemplate FROM pg_database WHERE datname = :name"),
                    {"name": database},
                ):
                    # a half-filled one of a run that was killed is no template
                    conn.execute(text(f"DROP DATABASE IF EXISTS {database}"))
                    self._create(conn, database, base)
                    engine = db.engine_on(self.url.set(database=database))
                    fill(engine)
                    engine.dispose()
                    conn.execute(text(f"ALTER DATABASE {database} IS_TEMPLATE true"))
            finally:
                conn.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": database})
        return database

    def _create(self, conn: Connection, database: str, template: str) -> None:
        # Files are copied between two checkpoints, which only a disk makes slow.
        waits = conn.scalar(text("SELECT current_setting('fsync')")) == "on"
        conn.execute(
            text(
                f"CREATE DATABASE {database} TEMPLATE {template} ENCODING 'UTF8'"
                f" STRATEGY {'WAL_LOG' if waits else 'FILE_COPY'}"
            )
        )

    def make(self, template: str = "template0") -> URL:
        """Return the address of a new database."""
        self._count += 1
        database = f"recsql_test_{self._worker}_{os.getpid()}_{self._count}"
        with self._autocommit() as conn:
            conn.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": template})
            try:
                self._create(conn, database, template)
            finally:
                conn.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": template})
        return self.url.set(database=database)

    def drop(self, url: URL) -> None:
        """Drop a database, whoever is still there."""
        with self._autocommit() as conn:
            conn.execute(text(f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)"))

    def drop_templates(self) -> None:
        """Drop what a given server would otherwise keep."""
        with self._autocommit() as conn:
            for name in conn.scalars(
                text("SELECT datname FROM pg_database WHERE datname LIKE 'recsql_template_%'")
            ).all():
                conn.execute(text(f"ALTER DATABASE {name} IS_TEMPLATE false"))
                conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def close(self) -> None:
        """Close the connections of this worker."""
        self._admin.dispose()


@pytest.fixture(scope="session")
def databases(server_url: URL, request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The maker of databases."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = Databases(server_url, worker)
    yield made
    if os.environ.get("RECSQL_TEST_URL") and worker == "main":
        made.drop_templates()
    made.close()


@pytest.fixture
def new_database(databases: Databases) -> Iterator[Callable[..., Engine]]:
    """Make databases that the test may write to and commit; they are dropped after it."""
    engines: list[Engine] = []

    def make(template: str = "template0") -> Engine:
        engines.append(db.engine_on(databases.make(template)))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()
        databases.drop(engine.url)


@pytest.fixture
def empty_engine(databases: Databases, new_database: Callable[..., Engine]) -> Engine:
    """A database with the schema and no rows, for tests that commit."""
    return new_database(databases.template("empty", schema.upgrade))


def fill_tiny(engine: Engine) -> None:
    """Make the catalogue of tiny.sql: the template "tiny"."""
    with engine.begin() as conn:
        db.run_script(conn, (TESTS / "tiny.sql").read_text("utf-8"))


def fill_demo(engine: Engine) -> None:
    """Make the demo catalogue: the template "demo"."""
    load.load_demo(engine)


def database_of_its_own(
    databases: Databases, name: str, fill: Callable[[Engine], object]
) -> Iterator[Engine]:
    """Make a database out of a template, for a fixture that hands it on and drops it at its end."""
    url = databases.make(databases.template(name, fill))
    engine = db.engine_on(url, pool_size=10)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture(scope="session")
def tiny_engine(databases: Databases) -> Iterator[Engine]:
    """The catalogue of tiny.sql, shared: roll back what you write."""
    yield from database_of_its_own(databases, "tiny", fill_tiny)


@pytest.fixture(scope="session")
def demo_engine(databases: Databases) -> Iterator[Engine]:
    """The demo catalogue, shared: roll back what you write."""
    yield from database_of_its_own(databases, "demo", fill_demo)


@pytest.fixture(scope="session")
def suggesting_engine(databases: Databases) -> Iterator[Engine]:
    """The demo catalogue with a model of what some of its raters gave, to be written to."""
    for engine in database_of_its_own(databases, "demo", fill_demo):
        with engine.begin() as conn:
            conn.execute(
                text(
                    "DELETE FROM core.rater WHERE user_id NOT IN"
                    " (SELECT user_id FROM core.rater ORDER BY user_id LIMIT 150)"
                )
            )
        train(engine, "ease")
        yield engine


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files, from RECSQL_DATA."""
    given = os.environ.get("RECSQL_DATA")
    if not given:
        pytest.skip("RECSQL_DATA is not set: the real files are not here (CI sets it)")
    folder = Path(given)
    if not folder.is_dir():
        pytest.fail(f"RECSQL_DATA names {given}, which is no folder", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def kaggle_engine(databases: Databases, data: Path) -> Iterator[Engine]:
    """The Movies Dataset out of the real files, shared: roll back what you write."""

    def fill(engine: Engine) -> None:
        load.load_kaggle(engine, data / "the-movies-dataset")

    yield from database_of_its_own(databases, "kaggle", fill)


def _rolled_back(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as conn:
        conn.begin()
        yield conn
        # the connection's own, since a test may have begun another
        conn.rollback()


@pytest.fixture
def tiny(tiny_engine: Engine) -> Iterator[Connection]:
    """A connection to the tiny catalogue, rolled back after the test."""
    yield from _rolled_back(tiny_engine)


@pytest.fixture
def demo(demo_engine: Engine) -> Iterator[Connection]:
    """A connection to the demo catalogue, rolled back after the test."""
    yield from _rolled_back(demo_engine)


@pytest.fixture
def kaggle(kaggle_engine: Engine) -> Iterator[Connection]:
    """A connection to the Kaggle catalogue, rolled back after the test."""
    yield from _rolled_back(kaggle_engine)
