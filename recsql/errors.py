"""What can go wrong, said so that the reader knows what to do next."""

from __future__ import annotations


class RecsqlError(Exception):
    """Something a user can meet: one line of what happened, and a hint of what to do."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(RecsqlError):
    """A file, a parameter or a name that cannot be used as it is."""


class NotFound(RecsqlError):
    """Nothing has that id or name."""


class DatabaseUnavailable(RecsqlError):
    """No server answers, or it refuses us; trying again may help."""


class SchemaMismatch(RecsqlError):
    """The database is not at the schema that this program needs."""
