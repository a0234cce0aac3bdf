"""The services, and the key of each: from the environment or from a file outside the code."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from recsql import settings
from recsql.errors import BadInput

# Where Docker and Compose put secrets: readable for all, in a container that is one program's.
_SECRETS = Path("/run/secrets")
_LONGEST = 2_000
_HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Service:
    """Somebody on the net who knows about movies."""

    name: str
    title: str
    url: str
    key_page: str
    # Far below what they allow: nobody waits for this.
    per_second: float


TMDB = Service(
    "tmdb",
    "TMDB",
    "https://api.themoviedb.org/3",
    "https://www.themoviedb.org/settings/api",
    10,
)
OMDB = Service("omdb", "OMDb", "https://www.omdbapi.com", "https://www.omdbapi.com/apikey.aspx", 5)
SERVICES = {service.name: service for service in (TMDB, OMDB)}


class Key:
    """A key, which no message, log or traceback shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Key(…)"

    def value(self) -> str:
        """Return the key itself."""
        return self._value


def key_of(service: Service) -> Key | None:
    """Return the key of a service, or None where none is set.

    Raises BadInput where one is set that cannot be used; the message never holds it.
    """
    if given := settings.service_key(service.name):
        return _checked(given, f"RECSQL_{service.name.upper()}_KEY")
    path, is_said = settings.service_key_file(service.name)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            held = file.read(_LONGEST + 1)
    except FileNotFoundError:
        if not is_said:
            return None
        raise BadInput(f"the key file {path} is not there") from None
    except OSError as error:
        if not is_said and isinstance(error, PermissionError | NotADirectoryError):
            return None
        raise BadInput(f"the key file {path} cannot be read: {error.strerror}") from None
    if os.name == "posix" and mode & stat.S_IROTH and _SECRETS not in path.parents:
        raise BadInput(
            f"everybody on this machine can read the key file {path}", hint=f"chmod 600 {path}"
        )
    return _checked(held.decode("utf-8", "replace").removeprefix("\ufeff").strip(), str(path))


def _checked(value: str, where: str) -> Key:
    if len(value) > _LONGEST or not re.fullmatch(r"[\x21-\x7e]+", value):
        raise BadInput(f"what {where} holds is no key", hint="a key is one word of letters")
    return Key(value)


def wanted_key(service: Service) -> Key:
    """Return the key of a service, or say where to get one."""
    key = key_of(service)
    if key is None:
        name = f"RECSQL_{service.name.upper()}_KEY"
        path, _ = settings.service_key_file(service.name)
        raise BadInput(
            f"{service.title} answers only to those who have a key, and none is set",
            hint=f"get one at {service.key_page} and set {name}, or write it to a file (mode 600)"
            f" that {name}_FILE names, or to {path}; all else works without",
        )
    return key


def address_of(service: Service) -> str:
    """Return the address of a service, without a slash at its end."""
    given = settings.service_url(service.name)
    if given is None:
        return service.url
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if (
        not host
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
        or (parts.scheme != "https" and not (parts.scheme == "http" and host in _HERE))
    ):
        raise BadInput(
            f"RECSQL_{service.name.upper()}_URL is no address of a service",
            hint="it looks like https://host/path; without TLS only on this machine",
        )
    return given.rstrip("/")
