"""`recsql refresh | verify`: what is derived, brought up to date and proven."""

from __future__ import annotations

import re

import click

from recsql import db
from recsql.cli.data import Progress
from recsql.cli.shared import Columns, json_option, ready_engine, show
from recsql.cli.shared import as_json as json_text
from recsql.errors import RecsqlError
from recsql.refresh import ENGINES, Outcome
from recsql.refresh import refresh as run
from recsql.refresh import watch as watch_for_ever

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class _Memory(click.ParamType):
    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+)\s*([KMG]?)i?B?", str(value), re.IGNORECASE)
        if match is None:
            self.fail(f"{value!r} is no size; write 4G or 512M", param, ctx)
        return int(match[1]) * _UNITS[match[2].upper()]


@click.command()
@click.option("--all", "everything", is_flag=True, help="Every list, not only stale ones.")
@click.option("--stale", is_flag=True, help="Only missing and stale lists (the default).")
@click.option(
    "--engine",
    "by",
    type=click.Choice(ENGINES),
    default="sparse",
    show_default=True,
    help="sparse: one matrix product; sql: the server alone. The rows are the same.",
)
@click.option(
    "--memory", type=_Memory(), default="4G", show_default=True, help="Of the sparse engine."
)
@click.option("--watch", is_flag=True, help="Stay, and refresh when ratings or features change.")
@click.option(
    "--every",
    type=click.FloatRange(1),
    default=60,
    show_default=True,
    help="Seconds between two refreshes of --watch, at least.",
)
@json_option
def refresh(
    everything: bool, stale: bool, by: str, memory: int, watch: bool, every: float, as_json: bool
) -> None:
    """Bring the stored lists up to date: also-liked and similar movies.

    Movies with many fans or raters have their lists stored; all others are reckoned live. A list
    is stale when more than 1% of what it rests on has changed. Fit for cron: readers never wait,
    and a run that was cut off is taken up where it stopped.
    """
    if everything and (stale or watch):
        raise click.UsageError("--all goes neither with --stale nor with --watch")
    engine = ready_engine()
    progress = Progress()

    def said(outcome: Outcome) -> None:
        progress.clear()
        if as_json:
            click.echo(json_text([vars(outcome)]))
        else:
            click.echo(
                f"Refreshed {outcome.refreshed:,} of {outcome.due:,} lists that were due"
                f" in {outcome.seconds:.1f} s ({outcome.engine})."
            )

    if watch:
        watch_for_ever(engine, every, said, by=by, memory=memory, progress=progress.say)
    else:
        said(run(engine, everything=everything, by=by, memory=memory, progress=progress.say))


@click.command()
@json_option
def verify(as_json: bool) -> None:
    """Prove that all kept counts equal a recomputation; exit 1 where one does not."""
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        rows = db.rows(conn, "verify")
    columns: Columns = [
        ("kept", lambda row: row["kept"]),
        ("rows", lambda row: f"{row['rows_kept']:,}"),
        ("wrong", lambda row: f"{row['rows_wrong']:,}"),
    ]
    show(rows, columns, json_wanted=as_json, empty="Nothing is kept.")
    if any(row["rows_wrong"] for row in rows):
        raise RecsqlError(
            "some kept counts are wrong: somebody wrote behind the triggers",
            hint="recsql psql -- -c 'CALL api.refresh_movie_stats()'"
            " -c 'CALL api.refresh_feature_stats()' -c 'CALL api.refresh_listed_movies()',"
            " then: recsql refresh --all",
        )


commands = [refresh, verify]
