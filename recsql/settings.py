"""Settings, all of them from the environment."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def database_url() -> str | None:
    """Return the server to use, from RECSQL_DATABASE_URL; None means the embedded one."""
    return os.environ.get("RECSQL_DATABASE_URL") or None


def home() -> Path:
    """Return the folder of the embedded server's data, from RECSQL_HOME.

    The default is the user's data folder. Root's server runs as an unprivileged user, which
    may not enter root's own folders, so root's default is a system folder.
    """
    given = os.environ.get("RECSQL_HOME")
    if given:
        return Path(given).expanduser().absolute()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/recsql")
    return Path(platformdirs.user_data_dir("recsql", appauthor=False))


def pg_bin() -> Path | None:
    """Return the folder of initdb, pg_ctl and postgres to use, from RECSQL_PG_BIN."""
    given = os.environ.get("RECSQL_PG_BIN")
    return Path(given).expanduser().absolute() if given else None


def proxies() -> int:
    """Return how many proxies of ours stand before the site, from RECSQL_PROXIES; usually 0.

    What they say of a visitor's address and of https is believed, and of nobody else.
    """
    given = os.environ.get("RECSQL_PROXIES", "0").strip()
    return int(given) if given.isascii() and given.isdigit() else 0


def service_key(service: str) -> str | None:
    """Return the key of a service on the net, from RECSQL_TMDB_KEY or RECSQL_OMDB_KEY."""
    return os.environ.get(f"RECSQL_{service.upper()}_KEY", "").strip() or None


def service_key_file(service: str) -> tuple[Path, bool]:
    """Return where a key may lie in a file, and whether somebody said so.

    From RECSQL_TMDB_KEY_FILE or RECSQL_OMDB_KEY_FILE; else tmdb.key or omdb.key in RECSQL_HOME.
    """
    given = os.environ.get(f"RECSQL_{service.upper()}_KEY_FILE")
    if given:
        return Path(given).expanduser().absolute(), True
    return home() / f"{service}.key", False


def service_url(service: str) -> str | None:
    """Return another address of a service, from RECSQL_TMDB_URL or RECSQL_OMDB_URL."""
    return os.environ.get(f"RECSQL_{service.upper()}_URL", "").strip() or None
