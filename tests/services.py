"""A server that plays TMDB and OMDb over real sockets, and a clock on which nobody waits."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from recsql.enrich.client import Time

KEY = "sesame0open1sesame2open3sesame4o"
Prank = Callable[[BaseHTTPRequestHandler], None]


class Clock:
    """A clock that goes on only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds

    def system(self) -> Time:
        """As a client takes it; dice that always fall on 1."""
        return Time(
            clock=lambda: self.now,
            date=lambda: 784_111_777.0 + self.now,  # from 6 November 1994 on
            sleep=self.sleep,
            dice=lambda: 1.0,
        )


class Services:
    """What the server answers, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.tmdb = f"http://127.0.0.1:{port}/3"
        self.omdb = f"http://127.0.0.1:{port}/omdb"
        self.over = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget all."""
        self.films: dict[str, Any] = {}
        self.pranks: list[Prank] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []

    def paths(self) -> list[str]:
        """Return what was asked for, without keys."""
        return [path for path, _ in self.asked]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request: as a prank where one is left, else as the service would."""
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        given = query.pop("apikey", query.pop("api_key", None))
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        name = parts.path.removeprefix("/3/").removeprefix("/omdb/")
        if parts.path.startswith("/omdb"):
            name = query.get("i") or " ".join(filter(None, (query.get("s"), query.get("y"))))
        self.asked.append((name, query))
        self.headers.append(dict(request.headers))
        if self.pranks:
            self.pranks.pop(0)(request)
        elif KEY not in (given, bearer.split(".")[0]):
            send(request, {"Error": "Invalid API key!"}, 401)
        elif name in self.films:
            send(request, self.films[name])
        elif parts.path.startswith("/omdb"):
            send(request, {"Response": "False", "Error": "Movie not found!"})
        elif name.startswith("find/"):
            send(request, {"movie_results": [], "tv_results": []})
        else:
            send(request, {"status_code": 34, "status_message": "not found"}, 404)


def send(request: BaseHTTPRequestHandler, body: object, status: int = 200, **headers: str) -> None:
    """Send JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def sending(body: object, status: int = 200, **headers: str) -> Prank:
    """Return a prank that sends this."""
    return lambda request: send(request, body, status, **headers)


def hanging(services: Services) -> Prank:
    """Return a prank that answers nothing for as long as the test goes."""
    return lambda request: services.over.wait(20) and None


def breaking_off(request: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"id": ')
    request.wfile.flush()
    request.connection.close()


@contextmanager
def running() -> Iterator[Services]:
    """Run the server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            services.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # clients hang up here by purpose

    server = Server(("127.0.0.1", 0), Handler)
    services = Services(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield services
    finally:
        services.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


# What they answer -----------------------------------------------------------------------------


def tmdb_film(number: int, imdb_id: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a movie as TMDB describes it."""
    return {
        "id": number, "imdb_id": imdb_id, "title": "…", "overview": "From TMDB.",
        "poster_path": f"/p{number}.jpg", "backdrop_path": f"/b{number}.jpg", "adult": False,
        "videos": {"results": [
            video("teaser00000", type="Teaser"), video("late0000000", published_at="2020-01-01"),
            video("trailer0000"), video("fan00000000", official=False),
            video("vimeo000000", site="Vimeo"),
        ]}, **more,
    }  # fmt: skip


def video(key: str, **more: Any) -> dict[str, Any]:
    """Return a video as TMDB lists it."""
    return {
        "key": key, "site": "YouTube", "type": "Trailer", "official": True, "name": "A trailer",
        "iso_639_1": "en", "published_at": "2010-01-01T00:00:00.000Z", **more,
    }  # fmt: skip


def omdb_film(imdb_id: str, title: str = "Heat", **more: Any) -> dict[str, Any]:
    """Return a film as OMDb describes it."""
    return {
        "Title": title, "Year": "1995", "Rated": "R", "Released": "15 Dec 1995",
        "Runtime": "170 min", "Genre": "Action, Crime, Sci-Fi", "Director": "Michael Mann",
        "Writer": "Michael Mann", "Actors": "Al Pacino, Robert De Niro",
        "Plot": "A detective & a thief.", "Language": "English, Spanish",
        "Country": "United States", "Awards": "N/A", "imdbRating": "8.3", "Metascore": "76",
        "Poster": "https://m.media-amazon.com/images/x.jpg", "imdbVotes": "700,000",
        "Ratings": [{"Source": "Rotten Tomatoes", "Value": "83%"}], "imdbID": imdb_id,
        "Type": "movie", "Response": "True", **more,
    }  # fmt: skip


def omdb_list(*films: tuple[str, str, str], total: int | None = None, kind: str = "movie") -> Any:
    """Return what OMDb answers to a search: (imdb_id, title, year) each."""
    return {
        "Search": [
            {"imdbID": imdb_id, "Title": title, "Year": year, "Type": kind, "Poster": "N/A"}
            for imdb_id, title, year in films
        ],
        "totalResults": str(len(films) if total is None else total),
        "Response": "True",
    }
