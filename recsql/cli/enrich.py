"""`recsql enrich`: what TMDB and OMDb know about our movies, by cron."""

from __future__ import annotations

import click

from recsql import enrich as enriching
from recsql.cli.data import Progress
from recsql.cli.shared import as_json as json_text
from recsql.cli.shared import json_option, ready_engine


@click.command()
@click.argument("service", type=click.Choice(list(enriching.SERVICES)))
@click.option(
    "--missing",
    type=click.Choice(["posters", "trailers", "overviews", "critics"]),
    help="Only movies without this; OMDb knows critics and overviews, TMDB the others.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Ask about N movies at most.")
@click.option(
    "--older-than",
    type=click.IntRange(0, 100_000),
    metavar="DAYS",
    help="Ask anew where the last answer is older (150; OMDb 90). TMDB's terms allow 180.",
)
@json_option
def enrich(
    service: str, missing: str | None, limit: int | None, older_than: int | None, as_json: bool
) -> None:
    """Ask TMDB for pictures, overviews and trailers, or OMDb for what critics give.

    The most rated movies first. Each answer is kept as it comes: a run that was cut off is taken
    up where it stopped, and one that has nothing to ask does nothing. Keys: RECSQL_TMDB_KEY and
    RECSQL_OMDB_KEY, or files that RECSQL_TMDB_KEY_FILE and RECSQL_OMDB_KEY_FILE name.
    """
    known = enriching.SERVICES[service]
    if missing is not None and missing not in enriching.MISSING[service]:
        raise click.UsageError(
            f"{known.title} knows nothing of {missing}; it knows"
            f" {', '.join(enriching.MISSING[service])}"
        )
    # before a server is started for nothing
    enriching.wanted_key(known)
    outcome = enriching.Outcome(service)
    progress = Progress()
    try:
        enriching.enrich(
            ready_engine(),
            known,
            missing=missing,
            limit=limit,
            older_than=older_than,
            outcome=outcome,
            progress=progress.say,
        )
    except KeyboardInterrupt:
        progress.clear()
        _print(outcome, as_json)
        raise
    finally:
        progress.clear()
    _print(outcome, as_json)
    if outcome.stopped is not None:
        raise outcome.stopped


def _print(outcome: enriching.Outcome, as_json: bool) -> None:
    if as_json:
        click.echo(json_text([outcome.as_dict()]))
        return
    title = enriching.SERVICES[outcome.service].title
    click.echo(
        f"{title} answered about {outcome.fetched:,} movies in {outcome.seconds:.1f} s:"
        f" {outcome.updated:,} updated, {outcome.unchanged:,} unchanged,"
        f" {outcome.not_found:,} not found. {outcome.failed:,} failed."
    )
    for failure in outcome.failures:
        click.echo(f"  {failure}", err=True)
    if outcome.failed > len(outcome.failures):
        click.echo(f"  and {outcome.failed - len(outcome.failures):,} more", err=True)
    if not outcome.fetched and not outcome.failed and outcome.stopped is None:
        click.echo("No movie is due: what is kept is recent enough (see --older-than).", err=True)


commands = [enrich]
