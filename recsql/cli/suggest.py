"""`recsql suggest`: suggestions stored for users, by cron."""

from __future__ import annotations

import click

from recsql.cli.data import Progress
from recsql.cli.shared import as_json as json_text
from recsql.cli.shared import json_option, ready_engine
from recsql.suggest import suggest as run

_MOST = 2_000_000_000


@click.command()
@click.option(
    "--offset",
    default=50,
    show_default=True,
    type=click.IntRange(1, _MOST),
    help="Movies per batch: so many are scored at a time.",
)
@click.option(
    "--max",
    "max_movies",
    default=250,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Movies covered, the most popular first.",
)
@click.option(
    "--start",
    default=0,
    show_default=True,
    type=click.IntRange(0, 1_000_000_000),
    help="Most popular movies to pass over.",
)
@click.option(
    "--reuse-suggestions-up-to-days",
    "reuse_days",
    default=7,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Users with suggestions no older than this keep them.",
)
@click.option(
    "--active-days",
    default=7,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Only users who rated something in the last so many days; 0 for all.",
)
@click.option(
    "--users",
    default=1000,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Users per batch; a batch lands whole or not at all.",
)
@click.option(
    "--jobs",
    default=2,
    show_default=True,
    type=click.IntRange(1, 4),
    help="Batches at a time; 1 leaves the server more room.",
)
@click.option("--model", help="A trained model, or popular; the best trained one if not given.")
@json_option
def suggest(
    offset: int,
    max_movies: int,
    start: int,
    reuse_days: int,
    active_days: int,
    users: int,
    jobs: int,
    model: str | None,
    as_json: bool,
) -> None:
    """Store suggestions for users, so that pages need not reckon them.

    Looks at the most popular movies, leaves out what a user has rated, and ranks the rest by the
    model; users whose ratings say nothing to it get what is popular. Fit for cron: readers never
    wait, and a run that was cut off is taken up where it stopped.
    """
    engine = ready_engine()
    progress = Progress()
    try:
        outcome = run(
            engine,
            model=model,
            start=start,
            max_movies=max_movies,
            offset=offset,
            users=users,
            active_days=active_days,
            reuse_days=reuse_days,
            jobs=jobs,
            progress=progress.say,
        )
    finally:
        progress.clear()
    if as_json:
        click.echo(json_text([vars(outcome)]))
        return
    click.echo(
        f"Stored {outcome.suggestions:,} suggestions by {outcome.model} for {outcome.users:,} of"
        f" {outcome.due:,} users who were due, in {outcome.seconds:.1f} s."
    )
    if not outcome.due:
        who = "nobody" if active_days == 0 else f"nobody who rated in the last {active_days} days"
        click.echo(
            f"Due was {who}; users with suggestions up to {reuse_days} days old keep them."
            "\nHint: recsql suggest --active-days 0 takes all users",
            err=True,
        )


commands = [suggest]
