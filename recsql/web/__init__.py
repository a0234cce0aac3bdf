"""The site: thin pages over the same functions that psql and the commands call."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import Flask, Response, g
from sqlalchemy import Engine

from recsql import db, paths
from recsql.web import (
    accounts,
    assets,
    cards,
    compress,
    elsewhere,
    errors,
    evaluation,
    finding,
    kept,
    mine,
    pages,
    people,
    quiz,
    tonight,
    wording,
)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self' https://image.tmdb.org",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(engine: Engine) -> Flask:
    """Return the site on this engine."""
    app = Flask(
        "recsql.web",
        root_path=str(Path(__file__).parent),
        template_folder=str(paths.TEMPLATES),
        static_folder=None,
    )
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        # TMDB's pictures, where the data has a path; our own are there in any case.
        POSTERS=os.environ.get("RECSQL_POSTERS", "on").strip().lower() != "off",
    )
    app.extensions["recsql.engine"] = engine
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    assets.register(app)
    wording.register(app)
    cards.register(app)
    people.register(app)
    kept.register(app)
    pages.register(app)
    finding.register(app)
    accounts.register(app)
    mine.register(app)
    elsewhere.register(app)
    quiz.register(app)
    tonight.register(app)
    evaluation.register(app)
    errors.register(app)

    # Before the handlers below: those registered last run first, on a body that is final.
    compress.register(app)

    @app.before_request
    def start() -> None:
        g.asked = []

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return app


def wsgi() -> Flask:
    """Return the site for a server such as gunicorn: `gunicorn 'recsql.web:wsgi()'`."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    return create_app(db.engine())
