"""`recsql train | models | recommend`: models into tables, and what they recommend."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from recsql import db
from recsql.cli.data import Progress
from recsql.cli.shared import (
    EVIDENCE,
    Columns,
    json_option,
    movie_id,
    paging,
    period_options,
    ready_engine,
    show,
    titled,
)
from recsql.cli.shared import as_json as json_text
from recsql.models import MODELS, SEED, options_of
from recsql.models import train as run


@click.group()
def train() -> None:
    """Train a model on the ratings in the database; recommendations follow it at once.

    Ratings are read in a stream, and the model is stored in one transaction: until then, and where
    it is interrupted, the run before it answers. Fit for cron.
    """


def _command(name: str) -> click.Command:
    model = MODELS[name]

    def body(seed: int, as_json: bool, critics: bool = False, **given: Any) -> None:
        engine = ready_engine()
        progress = Progress()
        try:
            trained = run(engine, name, given, seed=seed, critics=critics, progress=progress.say)
        finally:
            progress.clear()
        if as_json:
            click.echo(json_text([vars(trained)]))
            return
        click.echo(
            f"Trained {name} on {trained.ratings:,} ratings of {trained.movies:,} movies by"
            f" {trained.raters:,} raters in {trained.seconds:.1f} s (run {trained.run_id})."
        )
        if "rmse" in trained.metrics:
            click.echo(_measured(trained.metrics))

    options: list[Callable[..., Any]] = [
        click.option(
            f"--{one.name.replace('_', '-')}",
            one.name,
            **(
                {"is_flag": True}
                if isinstance(one.default, bool)
                else {"default": _shown(one.default), "show_default": True, "metavar": "N"}
            ),
            help=one.help,
        )
        for one in options_of(model)
    ]
    if model.TAKES_CRITICS:
        options.append(
            click.option("--critics", is_flag=True, help="Let critics and generated users in.")
        )
    options.append(
        click.option(
            "--seed",
            default=SEED,
            show_default=True,
            type=click.IntRange(0, 2**32 - 1),
            help="The same seed and data give the same model.",
        )
    )
    options.append(click.option("--json", "as_json", is_flag=True, help="Print the run as JSON."))
    for option in reversed(options):
        body = option(body)
    return click.command(name, help=model.__doc__)(body)


def _shown(default: Any) -> Any:
    if isinstance(default, tuple):
        return ",".join(f"{number:g}" for number in default)
    return str(default)


def _measured(metrics: dict[str, Any]) -> str:
    said = (
        f"On {metrics['held_out']:,} ratings that it had not seen: RMSE {metrics['rmse']:.4f},"
        f" MAE {metrics['mae']:.4f} stars (means alone: {metrics['rmse_baseline']:.4f},"
        f" {metrics['mae_baseline']:.4f})."
    )
    if "rmse_as_trained" in metrics:
        said += f" With the vectors of training itself: RMSE {metrics['rmse_as_trained']:.4f}."
    return said


for _name in MODELS:
    train.add_command(_command(_name))


@click.command()
@json_option
def models(as_json: bool) -> None:
    """List the trained models, and how well each predicted what it had not seen."""
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        rows = db.rows(conn, "trained_models")
    columns: Columns = [
        ("model", lambda row: row["model"]),
        ("family", lambda row: row["family"]),
        ("ratings", lambda row: f"{row['ratings']:,}"),
        ("movies", lambda row: f"{row['movies']:,}"),
        ("rmse", lambda row: f"{row['rmse']:.4f}" if row["rmse"] is not None else "–"),
        ("mae", lambda row: f"{row['mae']:.4f}" if row["mae"] is not None else "–"),
        ("seconds", lambda row: f"{row['seconds']:.1f}"),
        ("trained", lambda row: f"{row['trained_at']:%Y-%m-%d %H:%M}"),
        ("parameters", lambda row: json.dumps(row["parameters"])),
    ]
    show(rows, columns, json_wanted=as_json, empty="No model is trained yet: recsql train ease")


@click.command()
@click.argument("user", type=click.IntRange(-(2**31), 2**31 - 1))
@paging(10)
@click.option(
    "--model", help="A trained one (recsql models), popular or quiz; without it the best trained."
)
@period_options("Movies from before the boundary year, or from it on.")
@click.option("--why", metavar="MOVIE", help="Show the evidence for this movie instead.")
@json_option
def recommend(
    user: int,
    limit: int,
    offset: int,
    model: str | None,
    period: str,
    boundary_year: int,
    why: str | None,
    as_json: bool,
) -> None:
    """List what USER (the id of a rater) may like, and why."""
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        if why is not None:
            rows = db.rows(
                conn,
                "explain_recommendation",
                p_user_id=user,
                p_movie_id=movie_id(conn, why),
                p_model=model,
            )
            show(rows, EVIDENCE, json_wanted=as_json, empty="Nothing speaks for it.")
            return
        rows = db.rows(
            conn,
            "recommend",
            p_user_id=user,
            p_limit=limit,
            p_offset=offset,
            p_model=model,
            p_period=period,
            p_boundary_year=boundary_year,
        )
    show(rows, _RECOMMENDED, json_wanted=as_json, empty="Nothing to recommend.")


_RECOMMENDED: Columns = [
    ("#", lambda row: str(row["rank"])),
    ("id", lambda row: str(row["movie_id"])),
    ("movie", titled),
    ("score", lambda row: f"{row['score']:.4g}"),
    ("stars", lambda row: f"{row['predicted_stars']:.2f}"),
    ("because", lambda row: row["reason"]),
]

commands = [train, models, recommend]
