"""Settings of the embedded server, sized to the machine's memory, cores and disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MB = 1024 * 1024
GB = 1024 * MB

# What initdb's postgresql.conf gets once, at its end.
INCLUDE = """
# recsql's own settings, sized to this machine and rewritten at each start.
include_if_exists = '../recsql.conf'

# Yours go below this line: they win, and are never touched.
"""


def memory() -> int:
    """Return the bytes of memory this machine, or this container, may use."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("memory.max", "memory/memory.limit_in_bytes"):  # cgroup 2, cgroup 1
        try:
            found = min(found, int(Path("/sys/fs/cgroup", limit).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return found


def cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def settings(ram: int, cpus: int, free_disk: int) -> dict[str, str]:
    """Return PostgreSQL settings for a machine that other programs use too."""

    def share(part: int, low: int, high: int) -> str:
        return f"{min(max(ram // part, low), high) // MB}MB"

    workers = min(max(cpus // 2, 1), 4)
    return {
        # A quarter is the usual advice; the rest of the page cache is the system's.
        "shared_buffers": share(4, 32 * MB, 8 * GB),
        "effective_cache_size": share(2, 64 * MB, 1024 * GB),
        # Each sort and hash of each connection may take this much.
        "work_mem": share(256, 4 * MB, 64 * MB),
        "maintenance_work_mem": share(16, 32 * MB, 1 * GB),
        # Loading writes gigabytes: few checkpoints, but never a disk filled with WAL.
        "max_wal_size": f"{min(max(free_disk // 8, 512 * MB), 4 * GB) // MB}MB",
        # Its pglz takes longer than the disk: VACUUM after a load logs every page once, for the
        # checksums, and took twelve times as long.
        "wal_compression": "off",
        # Nobody copies this server by its WAL. So a table that is filled in the transaction that
        # made its file writes none: it is on disk before the transaction is done.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "random_page_cost": "1.1",  # solid-state disks
        # Compiling takes longer than the short queries that pages ask.
        "jit": "off",
        "max_worker_processes": str(max(8, cpus)),
        "max_parallel_workers": str(cpus),
        "max_parallel_workers_per_gather": str(workers),
        "max_parallel_maintenance_workers": str(workers),
        "password_encryption": "'scram-sha-256'",
        # The same answers wherever it runs.
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
    }


def text(folder: Path) -> str:
    """Return the settings file for a server whose data are in this folder."""
    found = settings(memory(), cores(), shutil.disk_usage(folder).free)
    lines = [f"{name} = {value}" for name, value in found.items()]
    return "\n".join(["# Written by recsql at each start: do not edit.", *lines, ""])
