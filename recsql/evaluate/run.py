"""One evaluation: a split, lists of each method, their metrics; rows that land whole or not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, text

from recsql import db, sqlfiles
from recsql.errors import BadInput, RecsqlError
from recsql.evaluate import specs
from recsql.evaluate.specs import Spec

if TYPE_CHECKING:
    from recsql.models import Trained

SPLITS = ("user-holdout", "time", "user-disjoint", "collection")
SEED = 7
K = (10, 20)
SHARE = 0.2
FOLDS = 5
# Fans that a movie needs in the other folds to be asked for: with none there is no list at all.
MIN_FANS = 1
# Movies that a user is asked for by; None: by all that they love.
ANCHORS = 1
# Beyond this many lists the intervals are narrow enough, and the fans of so many movies take room.
DISJOINT_USERS = 2_000
EVERYBODY = 2**31 - 1
LONGEST = 1_000

Progress = Callable[[str, int], None]


@dataclass
class Outcome:
    """What an evaluation found."""

    run_id: int
    split: str
    seed: int
    data: str
    protocol: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


def evaluate(
    engine: Engine,
    *,
    split: str = SPLITS[0],
    models: Iterable[str] = (),
    k: Iterable[int] = K,
    seed: int = SEED,
    share: float = SHARE,
    folds: int = FOLDS,
    min_fans: int = MIN_FANS,
    anchors: int | None = ANCHORS,
    users: int | None = None,
    progress: Progress = lambda _what, _rows: None,
) -> Outcome:
    """Evaluate methods, and keep the figures as rows of derived.evaluation.

    All work happens in one transaction that is rolled back: it leaves nothing, interrupted or
    not. Models are trained on the split and stored beside the current ones, as runs that serve
    nobody, and forgotten again. Raises BadInput where there is too little to measure on.
    """
    began = time.monotonic()
    cuts = sorted(set(k))
    if split not in SPLITS:
        raise BadInput(f"unknown split: {split[:80]}", hint="use one of: " + ", ".join(SPLITS))
    if not cuts or cuts[0] < 1 or cuts[-1] > LONGEST:
        raise BadInput(f"k has to be whole numbers from 1 to {LONGEST:,}")
    if not 0 < share < 1:
        raise BadInput("the share held back has to lie between 0 and 1")
    if folds < 2:
        raise BadInput("users are dealt into 2 folds at least")
    if anchors is not None and anchors < 1:
        raise BadInput("users are asked for by 1 movie at least, or by all that they love")
    trained = _trained()
    chosen = [
        specs.parse(one, split, trained) for one in list(models) or specs.known(split, trained)
    ]
    doubled = [one.text for one in chosen]
    if len(set(doubled)) < len(doubled):
        raise BadInput("a model is named twice")
    if users is None:
        users = DISJOINT_USERS if split == "user-disjoint" else EVERYBODY
    settings = {
        "seed": seed, "share": share, "folds": folds, "users": users, "split": split,
        "min_fans": min_fans, "anchors": anchors or EVERYBODY, "depth": cuts[-1],
        "k": db.array(cuts),
    }  # fmt: skip
    with db.translated(), engine.connect() as conn:
        work = conn.begin()
        try:
            if not conn.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('recsql.eval'))")):
                raise RecsqlError("another evaluation is running", hint="wait for it to end")
            conn.exec_driver_sql("SET LOCAL work_mem = '128MB'")
            db.set_local(conn, **settings)
            progress(f"split {split}", 0)
            _forget_leftovers(engine)
            outcome = Outcome(0, split, seed, *_split(conn, split, share, folds, min_fans, anchors))
            for number, spec in enumerate(chosen, 1):
                progress(spec.text, number)
                outcome.rows += _measured(engine, conn, spec, outcome)
        finally:
            work.rollback()
    _store(engine, outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _trained() -> tuple[str, ...]:
    from recsql.models import MODELS

    return tuple(MODELS)


def _forget_leftovers(engine: Engine) -> None:
    """Delete what a killed evaluation left; nobody else is at one while this one has the lock."""
    with db.begin(engine) as conn:
        conn.execute(text("DELETE FROM derived.model_run WHERE state = 'evaluation'"))


def _step(conn: Connection, name: str) -> None:
    db.run_script(conn, sqlfiles.step(name, "evaluate"))


def _split(
    conn: Connection,
    split: str,
    share: float,
    folds: int,
    min_fans: int,
    anchors: int | None = ANCHORS,
) -> tuple[str, dict[str, Any]]:
    """Split what there is; return its fingerprint and the protocol in numbers."""
    _step(conn, "begin")
    if split != "collection" and not conn.scalar(text("SELECT EXISTS(TABLE evaluating.rating)")):
        raise BadInput(
            "there are no ratings by people to measure on",
            hint="load some: recsql load movielens | kaggle",
        )
    _step(conn, "fingerprint")
    _step(conn, "split_" + split.replace("-", "_"))
    protocol: dict[str, Any] = {}
    if split in ("user-holdout", "time"):
        _step(conn, "split_users")
        _step(conn, "profiles")
        protocol = {"share": share, **_one(conn, _HELD)}
    elif split == "user-disjoint":
        protocol = {"folds": folds, "min_fans": min_fans}
        if anchors != ANCHORS:
            protocol |= {"anchors": anchors or "all", **_one(conn, _ASKING)}
    if split == "time":
        protocol.update(_one(conn, "SELECT min(cutoff)::text AS cutoff FROM evaluating.drawn"))
    protocol.update(_one(conn, _COUNTED))
    if not protocol["lists"]:
        raise BadInput(_TOO_LITTLE[split])
    data = conn.scalar(text("SELECT fingerprint FROM evaluating.data"))
    return str(data), protocol


_HELD = (
    "SELECT (SELECT count(*) FROM evaluating.train) AS train,"
    " (SELECT count(*) FROM evaluating.held) AS held"
)
_ASKING = "SELECT count(DISTINCT asker_id) AS users FROM evaluating.asked"
_COUNTED = (
    "SELECT (SELECT count(*) FROM evaluating.asked) AS lists,"
    " (SELECT count(DISTINCT movie_id) FROM evaluating.candidate) AS candidates"
)
_TOO_LITTLE = {
    "user-holdout": "there are too few ratings: nobody has a rating of 4.0 or more that could be"
    " held back beside others",
    "time": "there are too few ratings with a date: nobody who rated before the cutoff gave 4.0"
    " or more after it",
    "user-disjoint": "there are too few ratings: nobody gave a movie 5.0 and another one 4.0 or"
    " more",
    "collection": "no two films of the catalogue belong to one series",
}


def _one(conn: Connection, statement: str) -> dict[str, Any]:
    return dict(conn.execute(text(statement)).mappings().one())


def _measured(
    engine: Engine, conn: Connection, spec: Spec, outcome: Outcome
) -> list[dict[str, Any]]:
    """Make the lists of one method, judge them, and let them go."""
    savepoint = conn.begin_nested()
    trained = None
    parameters: dict[str, Any] = {}
    try:
        if spec.is_trained:
            trained = _train(engine, conn, spec, outcome.seed)
            parameters = trained.parameters
        began = time.monotonic()
        if trained is not None:
            predicts = _model_lists(conn, trained.run_id)
        else:
            predicts = _lists(conn, spec, parameters, outcome.split)
        listed = time.monotonic()
        if predicts and trained is not None:
            _step(conn, "predicted_model")
        _step(conn, "measure_lists")
        if predicts:
            _step(conn, "measure_stars")
        rows = conn.execute(text(_FIGURES)).mappings().all()
    finally:
        savepoint.rollback()
        if trained is not None:
            _forget_leftovers(engine)
    return [
        {
            "model": spec.text,
            **row,
            "parameters": parameters,
            "train_seconds": trained.seconds if trained is not None else 0.0,
            "list_seconds": round(listed - began, 3),
        }
        for row in rows
    ]


def _train(engine: Engine, conn: Connection, spec: Spec, seed: int) -> Trained:
    """Train on what was not held back, which only this transaction can see."""
    from recsql.models import train
    from recsql.models.ratings import read_on

    return train(
        engine,
        spec.family,
        spec.options,
        ratings=read_on(conn, "evaluating.train"),
        seed=seed,
        state="evaluation",
    )


def _model_lists(conn: Connection, run_id: int) -> bool:
    db.set_local(conn, run_id=run_id)
    _step(conn, "lists_model")
    return True


_FIGURES = """
SELECT
    metric, k, value, GREATEST(0, value - 1.96 * error) AS low, value + 1.96 * error AS high, n
FROM evaluating.measured
ORDER BY metric, k
"""


def _lists(conn: Connection, spec: Spec, parameters: dict[str, Any], split: str) -> bool:
    """Fill evaluating.list; return whether stars were predicted as well."""
    if spec.family == "random":
        _step(conn, "lists_random")
        return False
    if spec.family in specs.BASELINES:
        db.set_local(conn, method=spec.family)
        _step(conn, "lists_ranked")
        if spec.family == "mean" and split in ("user-holdout", "time"):
            _step(conn, "predicted_mean")
            return True
        return False
    if spec.family == "also_liked":
        own = {row["name"]: row["value"] for row in db.rows(
            conn, "method_defaults", p_function="also_liked"
        )}  # fmt: skip
        for name in specs.ALSO_LIKED_OPTIONS:
            parameters[name] = float(spec.options.get(name, own[f"p_{name}"]))
        db.set_local(
            conn,
            method=spec.method,
            damping=parameters["damping"],
            prior_stars=parameters["prior_stars"],
            min_raters=int(parameters["min_raters"]),
        )
        _step(conn, "lists_also_liked")
        return False
    if spec.family == "similar":
        db.set_local(conn, method=spec.method)
        _step(conn, "lists_similar")
        return False
    raise AssertionError(spec)


def _store(engine: Engine, outcome: Outcome) -> None:
    """Keep the figures: all rows of the run at once."""
    with db.begin(engine) as conn:
        outcome.run_id = conn.execute(
            text(_STORE),
            {
                "rows": json.dumps(outcome.rows),
                "split": outcome.split,
                "seed": outcome.seed,
                "data": outcome.data,
                "protocol": json.dumps(outcome.protocol),
            },
        ).scalar_one()


_STORE = """
WITH run AS MATERIALIZED (SELECT nextval('derived.evaluation_run_id')::integer AS run_id),
stored AS (
    INSERT INTO derived.evaluation (
        run_id, model, metric, k, value, low, high, n, split, seed, data, protocol, parameters,
        train_seconds, list_seconds
    )
    SELECT
        run.run_id, given.model, given.metric, given.k, given.value, given.low, given.high,
        given.n, :split, :seed, :data, CAST(:protocol AS jsonb), given.parameters,
        given.train_seconds, given.list_seconds
    FROM run
    CROSS JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
        model text, metric text, k integer, value float8, low float8, high float8, n integer,
        parameters jsonb, train_seconds float8, list_seconds float8
    )
)
SELECT run_id FROM run
"""
