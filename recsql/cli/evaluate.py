"""`recsql evaluate | compare`: how well each method does, and how two of them differ."""

from __future__ import annotations

from typing import Any

import click

from recsql import db
from recsql import evaluate as evaluation
from recsql.cli.data import Progress
from recsql.cli.shared import Columns, json_option, movie_id, ready_engine, show
from recsql.cli.shared import as_json as json_text


class _Whole(click.ParamType):
    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        if isinstance(value, list):
            return value
        try:
            return [int(part) for part in str(value).split(",")]
        except ValueError:
            self.fail(f"{value!r} are no whole numbers; write 10,20", param, ctx)


class _Some(click.ParamType):
    name = "number or all"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        if value == "all" or value is None:
            return None
        try:
            return click.IntRange(1).convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no number from 1 on, and not all", param, ctx)


@click.command()
@click.option(
    "--models",
    default="",
    metavar="NAME,…",
    help="What to evaluate (default: all that the split can judge). Options follow a name:"
    " also_liked:damped:damping=10.",
)
@click.option(
    "--split",
    type=click.Choice(evaluation.SPLITS),
    default=evaluation.SPLITS[0],
    show_default=True,
    help="user-holdout: a random share of each user's ratings is held back; time: what came"
    " after one moment; user-disjoint: also-liked lists for a movie loved by users who were left"
    " out; collection: similar movies that are of one series.",
)
@click.option(
    "--k", type=_Whole(), default="10,20", show_default=True, help="Look at so many of each list."
)
@click.option(
    "--seed",
    default=7,
    show_default=True,
    type=click.IntRange(0, 2**63 - 1),
    help="The same seed splits the same way.",
)
@click.option(
    "--share", default=0.2, show_default=True, type=float, help="Of the ratings to hold back."
)
@click.option(
    "--min-fans",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Of user-disjoint: ask for movies that so many others love.",
)
@click.option(
    "--anchors",
    type=_Some(),
    default="1",
    show_default=True,
    metavar="N|all",
    help="Of user-disjoint: ask by so many movies that a user loves, in a list each. Figures are"
    " means over users; coverage is of all lists.",
)
@click.option(
    "--users",
    type=click.IntRange(1),
    help="Judge the lists of so many users at most, drawn by the seed.",
)
@json_option
def evaluate(
    models: str,
    split: str,
    k: list[int],
    seed: int,
    share: float,
    min_fans: int,
    anchors: int | None,
    users: int | None,
    as_json: bool,
) -> None:
    """Measure how well methods do, and keep the figures.

    The same seed gives the same split. Figures are rows of api.evaluation, shown at /evaluation.
    Critics and generated users take no part. Nothing is left of a run that is interrupted.
    """
    engine = ready_engine()
    progress = Progress()
    outcome = evaluation.evaluate(
        engine,
        split=split,
        models=[name for name in models.split(",") if name.strip()],
        k=k,
        seed=seed,
        share=share,
        min_fans=min_fans,
        anchors=anchors,
        users=users,
        progress=progress.say,
    )
    progress.clear()
    if as_json:
        click.echo(json_text([
            {"run_id": outcome.run_id, "split": split, "seed": seed, "data": outcome.data,
             "protocol": outcome.protocol, **row}
            for row in outcome.rows
        ]))  # fmt: skip
        return
    with db.begin(engine, read_only=True) as conn:
        for cut in sorted(set(k)):
            rows = db.rows(conn, "evaluated_models", p_run_id=outcome.run_id, p_k=cut)
            mine = [row for row in rows if row["run_id"] == outcome.run_id]
            show(mine, _columns(mine, cut), json_wanted=False, empty="Nothing was measured.")
            click.echo()
    said = ", ".join(f"{name} {value}" for name, value in outcome.protocol.items())
    click.echo(
        f"Run {outcome.run_id}: {split}, seed {seed}, {said}; data {outcome.data};"
        f" {outcome.seconds:.0f} s.",
        err=True,
    )


def _columns(rows: list[dict[str, Any]], cut: int) -> Columns:
    def figure(name: str, digits: int = 3) -> Any:
        return lambda row: "–" if row[name] is None else f"{row[name]:.{digits}f}"

    columns: Columns = [
        ("model", lambda row: row["model"]),
        (
            f"nDCG@{cut}",
            lambda row: (
                f"{row['ndcg']:.4f}"
                + (
                    f" ±{(row['ndcg_high'] - row['ndcg']):.4f}"
                    if row["ndcg_high"] is not None
                    else ""
                )
            ),
        ),
        ("recall", figure("recall")),
        ("precision", figure("precision")),
        ("hit rate", figure("hit_rate")),
        ("MRR", figure("mrr")),
        ("coverage", figure("coverage", 0)),
        ("Gini", figure("gini")),
        ("novelty", figure("novelty", 2)),
    ]
    if any(row["rmse"] is not None for row in rows):
        columns += [("RMSE", figure("rmse", 4)), ("MAE", figure("mae", 4))]
    return [*columns, ("seconds", figure("seconds", 1))]


@click.command()
@click.argument("movie")
@click.argument("left")
@click.argument("right")
@click.option(
    "--limit", default=10, show_default=True, type=click.IntRange(0, 1_000), help="Of each list."
)
@json_option
def compare(movie: str, left: str, right: str, limit: int, as_json: bool) -> None:
    """Lay two methods' lists for MOVIE side by side.

    LEFT and RIGHT are methods such as also_liked:damped, also_liked:average or similar:rarity.
    """
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        rows = db.rows(
            conn,
            "compare_lists",
            p_movie_id=movie_id(conn, movie),
            p_left=left,
            p_right=right,
            p_limit=limit,
        )

    def place(name: str) -> Any:
        return lambda row: "–" if row[name] is None else str(row[name])

    columns: Columns = [
        (left, place("left_rank")),
        (right, place("right_rank")),
        ("id", lambda row: str(row["movie_id"])),
        ("movie", lambda row: f"{row['title']} ({row['year']})" if row["year"] else row["title"]),
    ]
    show(rows, columns, json_wanted=as_json, empty="Neither has anything for it.")


commands = [evaluate, compare]
