"""`recsql demo`: from nothing to a site in the browser, with one command."""

from __future__ import annotations

import click

from recsql import db, schema
from recsql.cli.data import Progress
from recsql.cli.serve import run_site
from recsql.ingest import load


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; the next free one if it is taken, 0 for any.",
)
def demo(host: str, port: int) -> None:
    """Start everything and serve the demo site: server, schema, films, ratings."""
    threads = 8
    engine = db.engine(pool_size=threads)
    schema.upgrade(engine)
    with db.begin(engine, read_only=True) as conn:
        held = db.row(conn, "about")
    assert held is not None
    if held["movies"] == 0:
        click.echo("Loading the demo catalogue …", err=True)
        progress = Progress()
        try:
            load.load_demo(engine, progress=progress.say)
        finally:
            progress.clear()
    elif not held["generated_ratings"]:
        click.echo(
            f"Serving the {held['movies']:,} movies that this database holds already.", err=True
        )
    run_site(engine, host, port, threads)


commands = [demo]
