"""A client that asks for pages at an even rate, whether or not answers come.

Each request has its time; it counts from then on, also while it waits for a free connection. A
client that waits for one answer before it asks again would be slowed down by a slow server, and
miss what its visitors feel.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

CONNECTIONS = 64
PATIENCE_S = 20.0


@dataclass
class Answers:
    """What came back: seconds from each request's time to its last byte, sizes, and failures."""

    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def ask(port: int, paths: Sequence[str], *, rate: float, seconds: float) -> Answers:
    """Ask 127.0.0.1 for these pages in turn, `rate` a second."""
    return asyncio.run(_ask(port, paths, rate, max(int(rate * seconds), 1)))


async def _ask(port: int, paths: Sequence[str], rate: float, count: int) -> Answers:
    answers = Answers()
    free: list[_Connection] = []
    slots = asyncio.Semaphore(CONNECTIONS)
    begin = time.perf_counter() + 0.05

    async def one(number: int) -> None:
        due = begin + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        async with slots:
            connection = free.pop() if free else _Connection(port)
            try:
                status, size = await asyncio.wait_for(
                    connection.get(paths[number % len(paths)]), PATIENCE_S
                )
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                answers.failures.append(type(error).__name__)
                connection.close()
                return
            took = time.perf_counter() - due
            if status != 200:
                answers.failures.append(str(status))
            answers.seconds.append(took)
            answers.sizes.append(size)
            free.append(connection)

    await asyncio.gather(*(one(number) for number in range(count)))
    for connection in free:
        connection.close()
    return answers


class _Connection:
    """One HTTP/1.1 connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[int, int]:
        """Return the status and the length of the body."""
        if self._streams is not None:
            try:
                return await self._get(path)
            except (ConnectionError, asyncio.IncompleteReadError):
                # the server may close what was idle; it has to answer a new connection
                self.close()
        return await self._get(path)

    async def _get(self, path: str) -> tuple[int, int]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n"
            "Accept-Encoding: gzip\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        fields = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        # every page of ours says how long it is
        body = await reader.readexactly(int(fields["content-length"]))
        if fields.get("connection", "").lower() == "close":
            self.close()
        return status, len(body)

    def close(self) -> None:
        """Let go of it; the next request makes a new one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
