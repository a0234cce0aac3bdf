"""Accounts: passwords and tokens, which never reach the database, and what SQL does with them."""

from recsql.accounts.exports import export_csv, export_json
from recsql.accounts.imports import Export, read_export
from recsql.accounts.people import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Attempt,
    Person,
    TooOften,
    call,
    check_password,
    close_session,
    forget,
    import_ratings,
    knows_password,
    may_try,
    open_session,
    register,
    renew_session,
    session,
    set_password,
    succeeded,
)

__all__ = [
    "LONGEST_PASSWORD",
    "SHORTEST_PASSWORD",
    "Attempt",
    "Export",
    "Person",
    "TooOften",
    "call",
    "check_password",
    "close_session",
    "export_csv",
    "export_json",
    "forget",
    "import_ratings",
    "knows_password",
    "may_try",
    "open_session",
    "read_export",
    "register",
    "renew_session",
    "session",
    "set_password",
    "succeeded",
]
