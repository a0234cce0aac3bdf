"""S5: a data set comes out of a folder or a zip, and a zip is only ever streamed."""

from __future__ import annotations

import os
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsql.errors import BadInput
from recsql.ingest.sources import MAX_RATIO, Source

CONTENT = b"".join(b"%d,%d,4.0,978300760\n" % (n, n * 7 % 101) for n in range(5_000))


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return path


def everything(path: Path, name: str = "ratings.csv") -> bytes:
    with Source(path) as source, source.open(name) as stream:
        return b"".join(iter(lambda: stream.read(1000), b""))


def patched(path: Path, field: int, value: bytes, *, local_field: int | None = None) -> Path:
    """Overwrite a field of the only member in the central directory, and in its own header."""
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + field
    data[at : at + len(value)] = value
    if local_field is not None:
        data[local_field : local_field + len(value)] = value
    path.write_bytes(data)
    return path


# where files are found


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_bytes(CONTENT)
    (tmp_path / "links.csv").mkdir()
    with Source(tmp_path) as source:
        assert source.has("ratings.csv")
        assert not source.has("links.csv"), "a folder is no file"
        assert source.first("ratings_big.csv", "ratings.csv") == "ratings.csv"
        assert source.first("movies.csv") is None
        assert source.size("ratings.csv") == len(CONTENT)
    assert everything(tmp_path) == CONTENT


@pytest.mark.parametrize("inside", ["", "ml-25m__", "a__b__c__"])
def test_a_zip_with_and_without_a_top_folder(tmp_path: Path, inside: str) -> None:
    """S5: GroupLens' zips hold one folder, Kaggle's hold none."""
    path = packed(tmp_path / "data.zip", **{f"{inside}ratings_csv": CONTENT})
    with Source(path) as source:
        assert source.has("ratings.csv")
        assert not source.has("movies.csv")
        assert source.size("ratings.csv") == len(CONTENT)
    assert everything(path) == CONTENT


def test_of_two_members_the_one_nearer_to_the_top_counts(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "data.zip",
        old__deep__ratings_csv=b"deep",
        new__ratings_csv=b"near",
        __MACOSX__x=b"",
    )
    assert everything(path) == b"near"


def test_what_a_mac_adds_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._ratings.csv", b"\0\5\26\7")
        archive.writestr("ml/folder.csv/", b"")
        archive.writestr("ml/ratings.csv", CONTENT)
    with Source(path) as source:
        assert not source.has("folder.csv")
        assert not source.has("._ratings.csv")
    assert everything(path) == CONTENT


# what is refused


@pytest.mark.parametrize("content", [b"", b"userId,movieId\n1,2\n", b"PK\3\4 not really"])
def test_neither_folder_nor_zip(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="neither a folder nor a zip file") as caught:
        Source(path)
    assert caught.value.hint == "is the download complete?"


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        Source(tmp_path / "nowhere")


def test_a_zip_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    """S5: a truncated zip gets a clear error, wherever the download broke off."""
    whole = packed(tmp_path / "whole.zip", ratings_csv=CONTENT).read_bytes()
    cut = tmp_path / "cut.zip"
    for length in [*range(1, len(whole), len(whole) // 40), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(BadInput, match="neither a folder nor a zip file"):
            Source(cut)


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "data.zip", ratings_csv=CONTENT)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(byte ^ 0x5A for byte in data[middle : middle + 40])
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"ratings\.csv in data\.zip is damaged") as caught:
        everything(path)
    assert caught.value.hint == "download the archive again"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "data.zip", ratings_csv=CONTENT)
    patched(path, 8, struct.pack("<H", 1), local_field=6)
    with pytest.raises(BadInput, match="is encrypted") as caught:
        everything(path)
    assert caught.value.hint == "unpack it first"


def test_an_unknown_way_of_packing_is_refused(tmp_path: Path) -> None:
    """Windows packs what is above 2 GB as deflate64, which Python does not know."""
    path = packed(tmp_path / "data.zip", ratings_csv=CONTENT)
    patched(path, 10, struct.pack("<H", 9), local_field=8)
    with pytest.raises(BadInput, match=r"packed in a way that is not known here"):
        everything(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A member that shrank a thousandfold is no data set."""
    path = tmp_path / "bomb.zip"
    block = bytes(1 << 20)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("ratings.csv", "w") as member,
    ):
        for _ in range(MAX_RATIO + 1):
            member.write(block)
    with Source(path) as source:
        assert source.size("ratings.csv") > 1_000 * path.stat().st_size
        with pytest.raises(BadInput, match="would unpack to"), source.open("ratings.csv"):
            pytest.fail("it was opened")


def test_a_member_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "data.zip", ratings_csv=CONTENT)
    patched(path, 24, struct.pack("<I", 0xFFFFFFF0))
    with pytest.raises(BadInput, match="would unpack to 4,294,967,280 bytes"):
        everything(path)


def test_a_member_that_holds_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "data.zip", ratings_csv=CONTENT)
    patched(path, 24, struct.pack("<I", 10_000))
    taken = b""
    with (
        Source(path) as source,
        pytest.raises(BadInput, match="is damaged"),
        source.open("ratings.csv") as stream,
    ):
        while chunk := stream.read(500):
            taken += chunk
    assert len(taken) <= 10_000
    assert CONTENT.startswith(taken)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of somebody who is not root: root may read everything."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        (path / "data").mkdir()
        (path / "data" / "ratings.csv").write_bytes(CONTENT)
        packed(path / "data.zip", ratings_csv=CONTENT)
        was = os.geteuid()
        if was == 0:
            for each in (path, path / "data", path / "data" / "ratings.csv", path / "data.zip"):
                os.chown(each, 65534, 65534)
            os.seteuid(65534)
        yield path
        os.seteuid(was)


@pytest.mark.parametrize(
    ("forbidden", "asked"),
    [("data/ratings.csv", "data"), ("data", "data"), ("data", "data/in"), ("data.zip", "data.zip")],
)
def test_what_may_not_be_read(unprivileged: Path, forbidden: str, asked: str) -> None:
    """S5: a file, a folder, a folder above it, a zip: it is said, and there is no traceback."""
    assert everything(unprivileged / "data") == everything(unprivileged / "data.zip") == CONTENT
    (unprivileged / forbidden).chmod(0)
    with pytest.raises(BadInput, match="Permission denied"):
        everything(unprivileged / asked)
    (unprivileged / forbidden).chmod(0o700)


def test_a_member_without_a_name_is_nothing(tmp_path: Path) -> None:
    path = packed(tmp_path / "data.zip", ratings_csv=CONTENT)
    patched(path, 46, b"\0", local_field=30)
    with Source(path) as source:
        assert not source.has("ratings.csv")
        assert not source.has("")


# what is never written


@pytest.fixture
def nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Stand in an empty folder, and be able to tell that nothing was put into it or around it."""
    here = tmp_path / "above" / "here"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("TMPDIR", str(here))
    before: list[Path] = []

    def check() -> None:
        found = sorted(tmp_path.rglob("*"))
        if not before:
            before.extend(found)
        assert found == before

    return check


@pytest.mark.parametrize(
    "name",
    [
        "../ratings.csv",
        "../../../../../../ratings.csv",
        "/ratings.csv",
        "ml/../../ratings.csv",
        "..\\ratings.csv",
        "C:/ratings.csv",
    ],
)
def test_a_name_that_leads_out_of_the_archive_leads_nowhere(
    tmp_path: Path, nothing_written: Callable[[], None], name: str
) -> None:
    """S5: a member is streamed and never extracted, so its name cannot choose a place."""
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, CONTENT)
    nothing_written()
    with Source(path) as source:
        if source.has("ratings.csv"):
            assert everything(path) == CONTENT
        else:
            assert "\\" in name
    nothing_written()


def test_a_link_is_not_followed(tmp_path: Path, nothing_written: Callable[[], None]) -> None:
    """S5: a symbolic link in a zip is the text of its target, and not what that holds."""
    secret = tmp_path / "secret.csv"
    secret.write_text("secret")
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("ratings.csv")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(secret))
    nothing_written()
    assert everything(path) == str(secret).encode()
    nothing_written()


@pytest.fixture(scope="session")
def small_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("zip") / "data.zip", ratings_csv=CONTENT[:300])


@given(damage=st.dictionaries(st.integers(0, 10_000), st.integers(0, 255), min_size=1, max_size=6))
def test_any_damage_is_said_plainly(small_zip: Path, damage: dict[int, int]) -> None:
    """S5: whatever the bytes of a zip are, it is read as it was packed or refused as bad input."""
    data = bytearray(small_zip.read_bytes())
    for at, value in damage.items():
        data[at % len(data)] = value
    damaged = small_zip.with_name("damaged.zip")
    damaged.write_bytes(data)
    try:
        assert everything(damaged) == CONTENT[:300]
    except BadInput as error:
        assert error.message
    except KeyError:
        # its name is what was damaged
        with Source(damaged) as source:
            assert not source.has("ratings.csv")
