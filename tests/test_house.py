"""The rules of the house: what the files promise about themselves, held against the database."""

from __future__ import annotations

import ast
import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from recsql import db, paths, schema, sqlfiles
from tests.support import CHECKOUT, catalog, psql, psql_rows

SQL = CHECKOUT / "sql"
API = sorted(path for path in (SQL / "api").rglob("*.sql") if path.name != "all.sql")
QUERIES = sorted((SQL / "queries").glob("*.sql"))
LOAD = sorted((SQL / "load").glob("*.sql"))
EVALUATE = sorted((SQL / "evaluate").glob("*.sql"))
RECORDED = Path(__file__).parent / "api.sig"
REWRITE = "RECSQL_UPDATE_SIGNATURES"
OURS = "('core', 'derived', 'api')"


def _names(found: list[Path]) -> list[str]:
    return [path.relative_to(SQL).as_posix() for path in found]


def header(path: Path) -> dict[str, str]:
    """Return the header of a .sql file: a line a promise, continued by indented lines."""
    found: dict[str, str] = {}
    last = ""
    for line in path.read_text("utf-8").splitlines():
        match = re.fullmatch(r"-- (?:([A-Z][a-z]+): *|  +)(.*)", line)
        if match is None:
            break
        last = match[1] or last
        found[last] = f"{found[last]}\n{match[2]}" if last in found else match[2]
    return found


# Files ----------------------------------------------------------------------------------------


def test_the_manifest_lists_every_file_of_api_once():
    """What is not in all.sql is not in the database; grants come last."""
    lines = (SQL / "api" / "all.sql").read_text("utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"\\ir [a-z_/]+\.sql", line)] == []
    listed = Counter(path.resolve() for path in sqlfiles.manifest())
    assert set(listed) == {path.resolve() for path in API}
    assert {path.name for path, times in listed.items() if times > 1} == set()
    assert lines[-1] == "\\ir grants.sql"


def test_no_sql_file_lies_about_elsewhere():
    known = {*API, *QUERIES, *LOAD, *EVALUATE, SQL / "api" / "all.sql"}
    assert {path for path in SQL.rglob("*") if path.is_file()} == known


@pytest.mark.parametrize("path", API, ids=_names(API))
def test_header_of_an_object(path: Path):
    found = header(path)
    assert list(found) == ["Object", "Does", "Grain", "Reads", "Params", "Try"]
    assert all(found.values())
    if path.name == "grants.sql":
        return
    name = "_" * (path.parent.name == "triggers") + path.stem
    assert found["Object"] == f"api.{name}"
    made = re.findall(
        r"^CREATE (FUNCTION|PROCEDURE|VIEW) (\S+?)(?:\(| AS)", path.read_text("utf-8"), re.MULTILINE
    )
    kind = {"views": "VIEW", "procedures": "PROCEDURE"}.get(path.parent.name, "FUNCTION")
    assert made == [(kind, f"api.{name}")], "one object a file, and of its name"


@pytest.mark.parametrize("path", QUERIES, ids=_names(QUERIES))
def test_header_of_a_query(path: Path):
    """Its binds are those that it declares: none is hidden, and no comment makes one up."""
    found = header(path)
    assert list(found) == ["Query", "Does", "Grain", "Reads", "Params"]
    assert all(found.values())
    assert found["Query"] == path.stem
    declared = set(re.findall(r"\bp_\w+", found["Params"]))
    whole = path.read_text("utf-8")
    # a comment may run along with the statement, so it has to be as harmless as the code
    code = re.sub(r"--.*", "", whole)
    for what in (whole, code, sqlfiles.query(path.stem)):
        assert set(text(what)._bindparams) == declared
    assert ";" not in code


@pytest.mark.parametrize("path", LOAD, ids=_names(LOAD))
def test_header_of_a_step_of_a_load(path: Path):
    found = header(path)
    assert list(found) == ["Load", "Does", "Reads"]
    assert all(found.values())
    assert found["Load"] == path.stem


@pytest.mark.parametrize("path", EVALUATE, ids=_names(EVALUATE))
def test_header_of_a_step_of_an_evaluation(path: Path):
    found = header(path)
    assert list(found) == ["Step", "Does", "Reads"]
    assert all(found.values())
    assert found["Step"] == path.stem


READERS = [path for path in API if path.parent.name in ("views", "functions")]


@pytest.mark.parametrize("path", READERS, ids=_names(READERS))
def test_what_an_object_says_it_reads_is_what_it_reads(path: Path):
    """Reads: of a view or function names the tables that stand in its body, and no others."""
    said = set(re.findall(r"\b(?:core|derived|api)\.(?:\w+|\*)", header(path)["Reads"]))
    named = {name for name in said if not name.endswith(".*")}
    whole = {name.split(".")[0] for name in said - named}
    read = _read_by(path)
    assert {name for name in read - named if name.split(".")[0] not in whole} == set(), (
        "and not said"
    )
    assert named - read == set(), "said, and not read"


def _read_by(path: Path) -> set[str]:
    """Return the tables and views that a file reads, itself or through a helper."""
    code = re.sub(r"--.*|'(?:[^']|'')*'", "", path.read_text("utf-8"))
    found = set(re.findall(r"\b(?:FROM|JOIN)\s+((?:core|derived|api)\.\w+)", code))
    for helper in set(re.findall(r"\bapi\.(_\w+)", code)) - {path.stem}:
        found |= _read_by(SQL / "api" / "functions" / f"{helper}.sql")
    return {name for name in found if not name.startswith("api._")}


def tracked() -> list[Path]:
    """Return the files that are in the repository or are about to be."""
    if not (CHECKOUT / ".git").exists():
        skipped = {".venv", "build", "dist", "__pycache__"}
        return [
            path
            for path in CHECKOUT.rglob("*")
            if path.is_file() and not skipped & set(path.relative_to(CHECKOUT).parts)
        ]
    said = subprocess.run(
        ["git", "-c", f"safe.directory={CHECKOUT}", "ls-files", "-coz", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    ).stdout
    found = (CHECKOUT / os.fsdecode(name) for name in said.split(b"\0") if name)
    return [path for path in found if path.is_file()]


def test_no_file_names_a_path_of_somebodys_machine():
    # folders that every system has say nothing
    common = {
        Path("/"),
        *(Path("/", name) for name in ("home", "root", "tmp", "opt", "srv", "usr")),
    }
    here = {CHECKOUT, CHECKOUT.parent, Path.home()} - common
    pattern = re.compile(
        "|".join(
            [*(re.escape(f"{folder}/") for folder in here), r"/home/\w+/", r"/Users/\w+/",
             r"[A-Z]:\\Users\\\w", r"/root/[.\w]"]
        )
    )  # fmt: skip
    found = {}
    for path in tracked():
        try:
            content = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        if hits := pattern.findall(content):
            found[path.relative_to(CHECKOUT).as_posix()] = hits[:3]
    assert found == {}


def test_every_dependency_has_a_range_and_a_reason():
    source = (CHECKOUT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(source)
    extras = project["project"]["optional-dependencies"]
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(one for listed in extras.values() for one in listed),
    ]
    assert len(wanted) > 10
    bare = [one for one in wanted if not re.fullmatch(r"[\w.-]+>=[\d.]+,<[\d.]+", one)]
    assert bare == [], "no lower and upper bound"
    listed = {one for one in wanted if one not in project["build-system"]["requires"]}
    silent = [
        one for one in listed if not re.search(rf'^ +"{re.escape(one)}", +# \w', source, re.M)
    ]
    assert silent == [], "no reason beside it"


def test_the_python_linter_has_nothing_to_say():
    """What it says of SQL takes a minute, and is asked for by `make lint`, which CI runs first."""
    for command in (["check", "--quiet", "."], ["format", "--quiet", "--check", "."]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command], cwd=CHECKOUT, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\nmake lint\n" in (CHECKOUT / ".ci" / "run").read_text("utf-8")


def test_the_sql_linter_does_lint(tmp_path: Path):
    """The settings leave something to find: a file that breaks the house's rules is found."""
    bad = SQL / "queries" / "search.sql"
    copy = tmp_path / "sql" / "queries" / "search.sql"
    copy.parent.mkdir(parents=True)
    shutil.copy(CHECKOUT / ".sqlfluff", tmp_path)
    copy.write_text(bad.read_text("utf-8").replace("SELECT *", "select  *  "), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "sqlfluff", "lint", "--disable-progress-bar", "sql"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert {"CP01", "LT01"} <= set(re.findall(r"\| (\w+) \|", ran.stdout))


# Imports --------------------------------------------------------------------------------------

# Each may import those before it; web and cli the most.
ORDER = [
    "errors", "paths", "settings", "sqlfiles", "server", "db", "schema", "ingest", "refresh",
    "models", "evaluate", "suggest", "export", "accounts", "enrich", "web",
    "cli", "__main__",
]  # fmt: skip
# What a part does without, though the order would allow it.
NARROWER = {
    "errors": set(),
    "paths": set(),
    "settings": set(),
    "sqlfiles": {"paths", "errors"},
    "server": {"errors", "settings"},
    "accounts": {"errors", "db"},
    "enrich": {"errors", "settings", "db"},
    "web": {"errors", "paths", "settings", "sqlfiles", "db", "schema", "accounts", "enrich"},
    "__main__": {"cli"},
}
# Libraries that have one home.
HOMES = {"click": {"cli"}, "flask": {"web"}, "jinja2": {"web"}, "waitress": {"cli"},
         "alembic": {"schema"}, "flask_wtf": {"web"}, "argon2": {"accounts"},
         "httpx": {"enrich"}}  # fmt: skip


def _imported(path: Path) -> Iterator[str]:
    """Yield what a file imports anywhere in it, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import hides which way the arrow points"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _part(path: Path) -> str:
    return path.relative_to(paths.PACKAGE).parts[0].removesuffix(".py")


MODULES = sorted(paths.PACKAGE.rglob("*.py"))


@pytest.mark.parametrize(
    "path", MODULES, ids=[path.relative_to(CHECKOUT).as_posix() for path in MODULES]
)
def test_imports_follow_the_arrows(path: Path):
    part = _part(path)
    named = list(_imported(path))
    ours = {name.split(".")[1] for name in named if name.startswith("recsql.")}
    ours -= {"__version__", part}
    if part == "__init__":
        assert ours == set(), "whoever imports recsql imports nothing else yet"
        return
    assert part in ORDER, f"{part} needs its place in the order"
    allowed = NARROWER.get(part, set(ORDER[: ORDER.index(part)]))
    assert ours <= allowed
    for library, homes in HOMES.items():
        if any(name.split(".")[0] == library for name in named):
            assert part in homes, f"{library} is only for {homes}"


def test_migrations_import_nothing_of_recsql():
    """They are frozen; what they would import is not."""
    for path in (CHECKOUT / "migrations").rglob("*.py"):
        assert [name for name in _imported(path) if name.split(".")[0] == "recsql"] == []
        assert "api." not in re.sub(r"--.*|#.*", "", path.read_text("utf-8")), path.name


# Objects --------------------------------------------------------------------------------------


def test_every_object_has_a_comment(tiny: Connection):
    """SQL users: \\df+ and \\d+ are the manual."""
    bare = tiny.scalars(
        text(
            f"""
            SELECT pg_describe_object(classid, oid, 0) FROM (
                SELECT 'pg_namespace'::regclass AS classid, oid FROM pg_namespace
                WHERE nspname IN {OURS}
                UNION ALL
                SELECT 'pg_class'::regclass, pg_class.oid FROM pg_class
                WHERE relnamespace::regnamespace::text IN {OURS}
                    AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                    -- a sequence of an identity column goes by its column
                    AND NOT EXISTS (
                        SELECT FROM pg_depend
                        WHERE objid = pg_class.oid AND deptype = 'i' AND relkind = 'S'
                    )
                    -- alembic's own
                    AND pg_class.oid <> 'core.schema_version'::regclass
                UNION ALL
                SELECT 'pg_proc'::regclass, oid FROM pg_proc
                WHERE pronamespace::regnamespace::text IN {OURS}
            ) AS object
            WHERE COALESCE(obj_description(oid, classid::text::name), '') = ''
            ORDER BY 1
            """
        )
    ).all()
    assert bare == []


def test_every_parameter_is_named_p_and_documented(tiny: Connection):
    rows = tiny.execute(
        text(
            "SELECT proname, proargnames[1:pronargs] FROM pg_proc"
            " WHERE pronamespace = 'api'::regnamespace AND pronargs > 0"
        )
    ).all()
    assert len(rows) > 10
    promised = {path.stem: header(path)["Params"] for path in API}
    for name, parameters in rows:
        assert [p for p in parameters if not p.startswith("p_")] == [], name
        missing = set(parameters) - set(re.findall(r"\bp_\w+", promised[name]))
        assert missing == set(), f"{name} does not say what these are"


# Functions that write, which a JOIN has no use for: each does what somebody asks for, and says what
# became of it.
WRITERS = {
    "rate": "gives stars",
    "unrate": "takes them back",
    "mark": "watchlist and hidden movies",
    "rate_by_critics": "stores what critics give",
    "enrich_movie": "stores what a service answered about a movie",
    "add_omdb_movie": "adds a film that somebody looked up",
    "note_shown": "notes which suggestions were shown",
    "keep_ratings": "makes the answers of a quiz somebody's own",
    "import_ratings": "takes ratings over, and reports on each line",
    "register": "makes an account",
    "set_password": "and ends its sessions",
    "open_session": "signs in",
    "renew_session": "replaces a token",
    "close_session": "signs out",
    "close_sessions": "signs out everywhere",
    "allow_attempt": "counts a try in the moment of asking whether it may be made",
    "forgive_attempt": "takes a counted try back",
    "forget_user": "deletes a rater",
    "add_fake_users": "makes raters to try things with",
    "add_fake_ratings": "lets them rate",
}


def test_public_names_say_what_they_are(tiny: Connection):
    """B1: what is no helper is STABLE, PARALLEL SAFE and returns rows: usable inside any JOIN."""
    rows = tiny.execute(
        text(
            "SELECT proname, prokind, provolatile, proparallel, proretset FROM pg_proc"
            " WHERE pronamespace = 'api'::regnamespace AND proname NOT LIKE '\\_%'"
        )
    ).all()
    for row in rows:
        # procedures are verbs, and with these functions the only writers
        assert (row.prokind == "p") == bool(re.match(r"(refresh|rekey)_", row.proname))
        assert (row.prokind == "f" and row.provolatile == "v") == (row.proname in WRITERS)
    functions = [row for row in rows if row.prokind == "f" and row.provolatile != "v"]
    assert len(functions) >= 7
    helpers = tiny.execute(
        text(
            "SELECT proname, provolatile, proparallel FROM pg_proc"
            " WHERE pronamespace = 'api'::regnamespace AND proname LIKE '\\_%'"
            " AND prorettype <> 'trigger'::regtype"
        )
    ).all()
    assert len(helpers) > 5
    # those that read tables; all others reckon with what they are given
    reading = {
        path.stem
        for path in READERS
        if path.stem.startswith("_")
        and re.search(r"^LANGUAGE \w+ STABLE", path.read_text("utf-8"), re.M)
    }
    assert {"_weighed_features", "_starred_by_fans", "_also_liked_list"} < reading
    for row in helpers:
        # a volatile one could not be inlined, and would keep its callers from being so
        assert row.provolatile in ("i", "s") and row.proparallel == "s", row.proname
        assert (row.provolatile == "s") == (row.proname in reading), row.proname
    for row in functions:
        assert (row.provolatile, row.proparallel, row.proretset) == ("s", "s", True), row.proname


def _examples() -> list[tuple[str, str]]:
    return [
        (path.stem, line)
        for path in API
        for line in header(path)["Try"].splitlines()
        if not line.startswith("\\")  # psql's own
    ]


@pytest.mark.parametrize(("name", "example"), _examples(), ids=[name for name, _ in _examples()])
def test_every_example_runs(name: str, example: str, tiny: Connection):
    """Try: of each object, on the tiny catalogue and the movies that examples are about."""
    for movie_id in (155, 603, 604):
        tiny.execute(
            text("INSERT INTO core.movie (movie_id, title, source) VALUES (:id, 'A film', 'test')"),
            {"id": movie_id},
        )
    result = tiny.exec_driver_sql(example, execution_options={"no_parameters": True})
    if result.returns_rows:
        assert result.all() is not None
        assert name in example or name.startswith("keep_")


def test_the_help_of_psql_shows_functions_and_comments(tiny_engine: Engine):
    manual = psql(tiny_engine, "-c", "\\df+ api.*")
    assert "p_limit integer DEFAULT 10" in manual
    assert "Errors: RQ002 unknown method" in manual


# Signatures -----------------------------------------------------------------------------------


def signatures(conn: Connection) -> str:
    """Return the public face of api as text: what may only grow within a major version."""
    lines = [
        "-- The public face of schema api. Within a major version columns and parameters are only",
        f"-- added. Recorded by: {REWRITE}=1 python -m pytest tests/test_house.py -k signatures",
    ]
    routines = conn.execute(
        text(
            """
            SELECT
                proname,
                CASE prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
                ARRAY(
                    SELECT concat_ws(
                        ' ', part.name, format_type(part.type, NULL),
                        'DEFAULT ' || pg_get_function_arg_default(pg_proc.oid, part.place::integer)
                    )
                    FROM unnest(proargnames, proargmodes, COALESCE(proallargtypes, proargtypes))
                        WITH ORDINALITY AS part (name, mode, type, place)
                    WHERE part.mode IS DISTINCT FROM 't'
                    ORDER BY part.place
                ) AS parameters,
                CASE
                    WHEN proargmodes @> '{t}' THEN ARRAY(
                        SELECT part.name || ' ' || format_type(part.type, NULL)
                        FROM unnest(proargnames, proargmodes, proallargtypes)
                            WITH ORDINALITY AS part (name, mode, type, place)
                        WHERE part.mode = 't'
                        ORDER BY part.place
                    )
                    WHEN prokind = 'f' THEN ARRAY[pg_get_function_result(oid)]
                END AS result,
                CASE provolatile
                    WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile'
                END AS volatility,
                CASE proparallel
                    WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe'
                END AS parallel
            FROM pg_proc
            WHERE pronamespace = 'api'::regnamespace AND proname NOT LIKE '\\_%'
            ORDER BY prokind, proname COLLATE "C", oid
            """
        )
    ).all()
    for row in routines:
        lines.append(f"\n{row.kind} api.{row.proname}")
        lines += [f"    {parameter}" for parameter in row.parameters]
        if row.result:
            lines.append(f"  {row.volatility}, parallel {row.parallel}, returns")
            lines += [f"    {column}" for column in row.result]
    columns = conn.execute(
        text(
            """
            SELECT pg_class.relname, attname, format_type(atttypid, atttypmod) AS type
            FROM pg_class
            INNER JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
            WHERE relnamespace = 'api'::regnamespace AND relkind = 'v'
            ORDER BY pg_class.relname COLLATE "C", attnum
            """
        )
    ).all()
    for view in dict.fromkeys(row.relname for row in columns):
        lines.append(f"\nview api.{view}")
        lines += [f"    {row.attname} {row.type}" for row in columns if row.relname == view]
    return "\n".join(lines) + "\n"


def test_signatures_are_as_recorded(tiny: Connection):
    found = signatures(tiny)
    if os.environ.get(REWRITE):
        RECORDED.write_text(found, "utf-8")
    assert found == RECORDED.read_text("utf-8"), (
        f"the public face has changed; if that is meant: {REWRITE}=1 python -m pytest -k signatures"
    )


def test_both_recommenders_return_one_shape():
    """One template renders either, and a UNION of both needs no cast."""
    recorded = RECORDED.read_text("utf-8")

    def returned(name: str) -> str:
        found = re.search(rf"function api\.{name}\n(?:    .*\n)*  (.*\n(?:    .*\n)+)", recorded)
        assert found
        return found[1]

    assert returned("similar_movies") == returned("also_liked")
    assert returned("explain_similar_movies") == returned("explain_also_liked")


# Privileges and neighbours --------------------------------------------------------------------


def test_public_has_no_privilege(tiny: Connection):
    """Least privilege: whoever reads was granted it by the operator."""
    open_to_all = tiny.scalars(
        text(
            f"""
            SELECT nspname FROM pg_namespace
            WHERE nspname IN {OURS}
                AND (has_schema_privilege('public', oid, 'USAGE')
                    OR has_schema_privilege('public', oid, 'CREATE'))
            UNION ALL
            SELECT oid::regclass::text FROM pg_class
            WHERE relnamespace::regnamespace::text IN {OURS}
                AND CASE
                    WHEN relkind = 'S' THEN has_sequence_privilege(
                        'public', oid, 'USAGE, SELECT, UPDATE')
                    WHEN relkind IN ('r', 'v', 'm', 'p') THEN
                        has_table_privilege('public', oid,
                            'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                        OR has_any_column_privilege('public', oid,
                            'SELECT, INSERT, UPDATE, REFERENCES')
                    ELSE false
                END
            UNION ALL
            SELECT oid::regprocedure::text FROM pg_proc
            WHERE pronamespace::regnamespace::text IN {OURS}
                AND has_function_privilege('public', oid, 'EXECUTE')
            """
        )
    ).all()
    assert open_to_all == []


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM core.rating", "SELECT * FROM derived.movie_stats", "SELECT * FROM api.about",
     "SELECT * FROM api.also_liked(1)", "CALL api.refresh_shelves()"],
)  # fmt: skip
def test_a_role_without_grants_gets_nothing(statement: str, tiny: Connection):
    role = f"recsql_nobody_{os.getpid()}"
    tiny.execute(text(f"CREATE ROLE {role}"))
    tiny.execute(text(f"SET LOCAL ROLE {role}"))
    with pytest.raises(ProgrammingError, match="permission denied for schema"):
        tiny.execute(text(statement))


def test_nothing_is_ever_put_into_public(demo: Connection):
    """SQL users: public is never touched; neither by an upgrade nor by a load. Staging is gone."""
    strange = demo.scalars(
        text(
            """
            SELECT pg_describe_object(classid, objid, 0)
            FROM pg_depend
            WHERE refclassid = 'pg_namespace'::regclass
                AND refobjid = to_regnamespace('public')::oid
            """
        )
    ).all()
    assert strange == []
    schemas = demo.scalars(
        text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'")
    ).all()
    assert set(schemas) - {"public"} == {"core", "derived", "api"}


# The three doors ------------------------------------------------------------------------------


def test_psql_builds_the_same_api_as_an_upgrade(databases, new_database):
    """One truth: psql reads the very manifest that `recsql db upgrade` replays."""
    engine = new_database(databases.template("empty", schema.upgrade))
    with engine.connect() as conn:
        wanted = catalog(conn, "core", "derived", "api")
    with engine.begin() as conn:
        conn.execute(text("DROP SCHEMA api CASCADE"))
        conn.execute(text("CREATE SCHEMA api"))
    psql(engine, "-1", "-f", SQL / "api" / "all.sql")
    with engine.connect() as conn:
        found = catalog(conn, "core", "derived", "api")
    stamp = "comment schema api"
    assert stamp not in found, "only an upgrade may say that an upgrade has happened"
    assert {**found, stamp: wanted[stamp]} == wanted


# Values for every bind of sql/queries: plain ones, and such as break out of a careless quoting.
PLAIN = {
    "p_movie_id": 1, "p_other_movie_id": 2, "p_limit": 5, "p_offset": 0, "p_seed": 7,
    "p_least": 2, "p_stale_share": 0.01,
    "p_source": None, "p_active_days": 0, "p_reuse_days": 7, "p_start": 0, "p_max": 250,
    "p_shelves": 3, "p_per_shelf": 2, "p_category_id": 2, "p_sort": "title",
    "p_slug": "science-fiction", "p_query": "al", "p_name": "Alien", "p_user_id": 4,
    "p_model": "ease", "p_period": "any", "p_boundary_year": 2010,
    "p_kind": "watch", "p_stars": Decimal("4.5"),
    "p_run_id": 1, "p_k": 10, "p_left": "also_liked:damped", "p_right": "similar:overlap",
    "p_function": "also_liked", "p_ratings": '{"1": 5, "4": 2.5}', "p_answers": 7,
    "p_count": 15, "p_old": 7, "p_pool": 50, "p_pool_of": "each",
    "p_service": "omdb", "p_missing": None, "p_days": 150, "p_not_found_days": 30, "p_except": [2],
    "p_answer": '{"Search": [{"imdbID": "tt0078748", "Title": "O\'Brien", "Type": "movie"}]}',
    "p_person_id": 1, "p_role": "any", "p_collection_id": 1, "p_feature_id": 5,
    "p_genre": "horror", "p_decade": 1970, "p_country": "US", "p_language": "en",
    "p_min_runtime": None, "p_max_runtime": None, "p_min_stars": Decimal("4"),
}  # fmt: skip
# What only one of them needs to find something.
OWN = {
    "users": {"p_kind": "account"},
    # to whom something speaks for a movie that he has not rated
    "explain_recommendation": {"p_user_id": 5},
    "features": {"p_kind": "keyword", "p_query": "sp"},
    "feature_by_name": {"p_kind": "", "p_name": "Space"},
    "search_people": {"p_query": "rid"},
    "did_you_mean": {"p_query": "alein"},
    "explain_quiz_result": {"p_movie_id": 3},
    "browse_movies": {"p_feature_id": None},
    "my_browse_movies": {"p_feature_id": None},
}
AWKWARD = [
    "O'Brien", "''", "'; DROP SCHEMA api CASCADE; --", "back\\slash", "\\", "\\'", "100%",
    "%s %(x)s", ":p_limit", "$1 $$ $a$", "two\nlines", "tab\there", "e\u0301 七人の侍 🎬", "", " ",
    "E'\\\\x41'",
]  # fmt: skip


def _values(name: str, **changed: object) -> dict[str, object]:
    """Return values for the binds of a query."""
    offered = {
        **PLAIN,
        "p_method": "rarity" if name.endswith("similar_movies") else "damped",
        **OWN.get(name, {}),
        **changed,
    }
    return {bind: offered[bind] for bind in text(sqlfiles.query(name))._bindparams}


@pytest.mark.parametrize("name", [path.stem for path in QUERIES])
def test_a_query_file_gives_psql_the_same_rows(name: str, tiny_engine: Engine):
    """B1, N8: psql -v p_movie_id=1 -f sql/queries/movie_page.sql is what the page shows."""
    values = _values(name)
    settings = [
        part for bind, value in values.items() for part in ("-v", f"{bind}={sqlfiles.quote(value)}")
    ]
    printed = psql(
        tiny_engine, "--csv", "-P", "null=\x01", *settings, "-f", SQL / "queries" / f"{name}.sql"
    )
    names, *cells = csv.reader(io.StringIO(printed))
    with tiny_engine.connect() as conn:
        wanted = db.rows(conn, name, **values)
        # The driver itself reads what psql printed, by the column's type.
        cursor = conn.exec_driver_sql(sqlfiles.literal(name, values)).cursor
        types = [column.type_code for column in cursor.description]
        found = [
            {
                column: None if cell == "\x01" else cursor.cast(oid, cell)
                for column, oid, cell in zip(names, types, row, strict=True)
            }
            for row in cells
        ]
    assert wanted, "a query that finds nothing proves nothing"
    assert found == wanted


@pytest.mark.parametrize("name", [path.stem for path in QUERIES])
def test_the_sql_shown_on_a_page_is_the_query_bound(name: str, tiny_engine: Engine):
    """B1: what a page shows can be pasted into psql, and gives the rows of the page."""
    values = _values(name)
    with tiny_engine.connect() as conn:
        inner = sqlfiles.query(name)
        bound = conn.scalar(
            text(f"SELECT COALESCE(json_agg(answer), '[]') FROM (\n{inner}\n) AS answer"), values
        )
    assert bound
    assert psql_rows(tiny_engine, sqlfiles.literal(name, values)) == bound


@pytest.mark.parametrize("value", AWKWARD)
def test_no_text_breaks_out_of_the_sql_shown(value: str, tiny_engine: Engine):
    for name, bind in (("search", "p_query"), ("movie_by_name", "p_name"), ("category", "p_slug")):
        values = _values(name, **{bind: value})
        shown = sqlfiles.literal(name, values)
        with tiny_engine.connect() as conn:
            bound = [{k: str(v) for k, v in row.items()} for row in db.rows(conn, name, **values)]
            conn.rollback()
            pasted = [
                {k: str(v) for k, v in row.items()}
                for row in conn.exec_driver_sql(
                    shown, execution_options={"no_parameters": True}
                ).mappings()
            ]
        assert pasted == bound
        # psql reads a statement in its own way before the server does
        assert len(psql_rows(tiny_engine, shown)) == len(bound)
    echoed = psql_rows(tiny_engine, f"SELECT {sqlfiles.quote(value)} AS value")
    assert echoed == [{"value": value}]


def test_no_query_leaves_the_order_to_chance():
    """Ordering is always total: every list of sql/queries says in which order it comes."""
    several = [p for p in QUERIES if re.match(r"one row a", header(p)["Grain"])]
    assert len(several) > 5
    loose = [
        path.stem
        for path in several
        if "ORDER BY" not in path.read_text("utf-8") and not path.stem.startswith("explain_")
    ]
    assert loose == []
