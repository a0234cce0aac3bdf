"""The embedded server: a real PostgreSQL in the user's own folder, started when it is needed.

embedded.py   who starts, joins and stops it
home.py       its folder: whose it is, its files, its users and its socket
keeper.py     the small process that stops it after the last user, and restarts it after a crash
binaries.py   where PostgreSQL's programs are, and which system user runs them
tuning.py     settings sized to the machine
locks.py      kernel locks: the only proof of life that is believed
"""

from recsql.server.embedded import Embedded, Lease

__all__ = ["Embedded", "Lease"]
