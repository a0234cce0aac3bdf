"""Where the project's own files are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_BUNDLE = PACKAGE / "_bundle"
_ROOT = _BUNDLE if _BUNDLE.is_dir() else PACKAGE.parent

SQL = _ROOT / "sql"
MIGRATIONS = _ROOT / "migrations"
TEMPLATES = _ROOT / "templates"
DEMO = PACKAGE / "demo"
