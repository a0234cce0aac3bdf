"""What belongs to somebody, as files to take along."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = ("list", "movie_id", "imdb_id", "title", "year", "stars", "at")

Rows = Iterable[Mapping[str, Any]]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in COLUMNS},
        "stars": None if row["stars"] is None else float(row["stars"]),
        "at": None if row["at"] is None else row["at"].isoformat(),
    }


def export_json(account: Mapping[str, Any], rows: Rows) -> str:
    """Return one JSON object: the account, and each list of movies."""
    lists: dict[str, list[dict[str, Any]]] = {"rating": [], "watchlist": [], "hidden": []}
    for row in map(_plain, rows):
        lists[row.pop("list")].append(row)
    return json.dumps(
        {
            "name": account["name"],
            "created_at": account["created_at"].isoformat(),
            "password_set_at": account["password_set_at"].isoformat(),
            "ratings": lists["rating"],
            "watchlist": lists["watchlist"],
            "hidden": lists["hidden"],
        },
        ensure_ascii=False,
        indent=2,
    )


def export_csv(rows: Rows) -> str:
    """Return a line a movie; the import reads it again."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_plain, rows))
    return out.getvalue()
