"""Our stylesheets, scripts and icon, under addresses that name their content."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from flask import Flask, Response, abort, request

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def _light(path: Path) -> bytes:
    """Return a file without what only its writers need: a quarter of what is sent."""
    lines = path.read_text("utf-8")
    if path.suffix == ".css":
        lines = re.sub(r"/\*.*?\*/", "", lines, flags=re.S)
        lines = re.sub(r"\s*([{};,])\s*", r"\1", lines).replace(": ", ":").replace(";}", "}")
    kept = (line.strip() for line in lines.splitlines())
    return "\n".join(line for line in kept if line and not line.startswith("//")).encode()


def register(app: Flask) -> None:
    """Add the route of the static files, and asset() for the templates."""
    files = {path.name: _light(path) for path in _FOLDER.iterdir() if path.suffix in _TYPES}
    stamps: dict[str, str] = {}

    def stamped(found: re.Match[bytes]) -> bytes:
        name = found[1].decode()
        return f'from "../{stamps[name]}/{name}"'.encode()

    # Those that import another one last: they name its content, too.
    for name in sorted(files, key=lambda name: b'from "./' in files[name]):
        files[name] = re.sub(rb'from "\./([\w.]+)"', stamped, files[name])
        stamps[name] = hashlib.sha256(files[name]).hexdigest()[:12]

    def asset(name: str) -> str:
        return f"{request.script_root}/static/{stamps[name]}/{name}"

    app.jinja_env.globals["asset"] = asset

    @app.get("/static/<stamp>/<name>")
    def static_file(stamp: str, name: str) -> Response:
        if name not in files:
            abort(404)
        response = Response(files[name], content_type=f"{_TYPES[Path(name).suffix]}; charset=utf-8")
        response.set_etag(stamps[name], weak=True)
        # Under an old address there is new content: not to be kept under that name.
        fresh = stamp == stamps[name]
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if fresh else "no-cache"
        )
        return response.make_conditional(request)

    @app.get("/favicon.ico")
    def favicon() -> Response:
        return static_file("", "icon.svg")
