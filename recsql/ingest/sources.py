"""A data set on disk: a folder or a zip, of which only members asked for by name are read."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from recsql.errors import BadInput

# Real archives of this kind shrink to a fifth; a member that claims far more is a bomb.
MAX_RATIO = 200
MAX_MEMBER_BYTES = 16 << 30
# What zipfile and its unpackers raise over bytes that are not as they were packed.
_DAMAGE = (
    zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, struct.error, UnicodeDecodeError,
)  # fmt: skip


class Source:
    """Names of files, and streams of them."""

    def __init__(self, path: Path) -> None:
        """Open a folder or a zip file. Raises BadInput where it is neither."""
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}
        try:
            if path.is_dir():
                # May its files be looked for?
                (path / ".").stat()
                return
            there = path.exists()
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}") from error
        if not there:
            raise BadInput(f"{path} does not exist", hint="give the folder or zip of the data set")
        try:
            self._zip = zipfile.ZipFile(path)
        except (*_DAMAGE, NotImplementedError, ValueError, OSError) as error:
            raise BadInput(
                f"{path} is neither a folder nor a zip file that can be read ({error})",
                hint="is the download complete?",
            ) from error
        # A member counts by its last name; of two, the one nearer to the top.
        infos = sorted(self._zip.infolist(), key=lambda info: info.filename.count("/"))
        for info in infos:
            # Names of the system's own making: __MACOSX/._ratings.csv
            name = PurePosixPath(info.filename).name
            if name and not info.is_dir() and not name.startswith("._"):
                self._members.setdefault(name, info)

    def close(self) -> None:
        """Close the zip file."""
        if self._zip is not None:
            self._zip.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def has(self, name: str) -> bool:
        """Tell whether the data set has a file of this name."""
        if self._zip is not None:
            return name in self._members
        return (self.path / name).is_file()

    def first(self, *names: str) -> str | None:
        """Return the first of these names that is there."""
        return next((name for name in names if self.has(name)), None)

    def size(self, name: str) -> int:
        """Return the bytes of a file, unpacked."""
        if self._zip is not None:
            return self._members[name].file_size
        return (self.path / name).stat().st_size

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading bytes; a zip member is streamed, never extracted."""
        try:
            if self._zip is None:
                with (self.path / name).open("rb") as stream:
                    yield stream
            else:
                with self._zip.open(self._checked(name)) as member:
                    yield io.BufferedReader(_Capped(member, self._members[name].file_size))  # type: ignore[type-var, arg-type]
        except NotImplementedError as error:
            raise BadInput(
                f"{name} in {self.path.name} is packed in a way that is not known here ({error})",
                hint="unpack it, and load the folder",
            ) from error
        except _DAMAGE as error:
            raise BadInput(
                f"{name} in {self.path.name} is damaged ({error}); nothing was changed",
                hint="download the archive again",
            ) from error
        except OSError as error:
            raise BadInput(f"{name} cannot be read: {error.strerror or error}") from error

    def _checked(self, name: str) -> zipfile.ZipInfo:
        info = self._members[name]
        if info.flag_bits & 0x1:
            raise BadInput(f"{name} in {self.path.name} is encrypted", hint="unpack it first")
        claimed = info.file_size
        if claimed > MAX_MEMBER_BYTES or claimed > MAX_RATIO * max(info.compress_size, 1 << 20):
            raise BadInput(
                f"{name} in {self.path.name} would unpack to {claimed:,} bytes out of"
                f" {info.compress_size:,}; that is no data set",
                hint="if you trust it, unpack it and load the folder",
            )
        return info


class _Capped(io.RawIOBase):
    """A zip member that may not give more bytes than the archive's directory says."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        self._left -= len(chunk)
        if self._left < 0:
            raise zipfile.BadZipFile("it holds more than it says")
        buffer[: len(chunk)] = chunk
        return len(chunk)
