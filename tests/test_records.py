"""N1, L1, S5: the careful reader takes records as they are, and never one into another."""

from __future__ import annotations

import ast
import csv
import io
import json
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recsql.ingest import records
from recsql.ingest.records import Record, Reject, python_to_json, read_csv, read_lines


def read(data: bytes, *, width: int = 3, encoding: str = "utf-8") -> list[Record | Reject]:
    return list(read_csv(io.BytesIO(data), width=width, encoding=encoding))


def cells(found: list[Record | Reject]) -> list[list[str]]:
    return [item.cells for item in found if isinstance(item, Record)]


def turned_away(found: list[Record | Reject]) -> list[tuple[int, str]]:
    return [(item.line, item.reason) for item in found if isinstance(item, Reject)]


# records


def test_a_record_knows_the_line_on_which_it_begins() -> None:
    """S5: a reject names the line that an editor shows, whatever stands in the cells above."""
    found = read(b'a,b,c\n1,"two\nlines, and ""three""\n",x\n\n2,y,z\n')
    assert found == [
        Record(1, ["a", "b", "c"]),
        Record(2, ["1", 'two\nlines, and "three"\n', "x"]),
        Record(6, ["2", "y", "z"]),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf1,b,c\n2,e,f\n",
        b"1,b,c\r\n2,e,f\r\n",
        b"1,b,c\n2,e,f",
        b"1,b,c\r\n2,e,f\n",
        b"1,b,c\n\n\r\n2,e,f\n\n",
        b'"1","b","c"\n2,e,f\n',
    ],
    ids=["BOM", "CRLF", "no final newline", "CRLF and LF", "empty lines", "quoted"],
)
def test_what_is_harmless_changes_nothing(data: bytes) -> None:
    assert cells(read(data)) == [["1", "b", "c"], ["2", "e", "f"]]
    assert turned_away(read(data)) == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"2,\0,f", "a NUL byte"),
        (b"2,caf\xe9,f", "not UTF-8 text"),
        (b'2,"e,f', "a quote that is never closed"),
        (b'2,"e" x,f', "not CSV: ',' expected after '\"'"),
        (b"2,e\rx,f", "not CSV: new-line character seen in unquoted field"),
    ],
)
def test_a_bad_line_is_turned_away_alone(bad: bytes, reason: str) -> None:
    """S5: the record before a bad one and the record behind it land."""
    found = read(b"1,b,c\n" + bad + b"\n3,h,i\n")
    assert cells(found) == [["1", "b", "c"], ["3", "h", "i"]]
    assert turned_away(found) == [(2, reason)]


def test_a_line_longer_than_memory_is_one_line() -> None:
    """S10: what is too long is not kept, and the numbering behind it is right."""
    huge = b"2," + b"x" * (2 * records.MAX_RECORD_BYTES + 5) + b",f"
    found = read(b"1,b,c\n" + huge + b"\n3,h\n4,k,l\n")
    assert [item.line for item in found] == [1, 2, 3, 4]
    assert turned_away(found) == [(2, "a line of more than 4 MiB")]
    lines = list(read_lines(io.BytesIO(b"1::b\n" + huge + b"\n3::c\n"), width=2, separator="::"))
    assert [item.line for item in lines] == [1, 2, 3]
    assert turned_away(lines) == [(2, "a line of more than 4 MiB")]
    assert len(lines[1].text) == 200  # type: ignore[union-attr]


def test_a_quote_is_not_looked_for_through_a_whole_file() -> None:
    """S10: an opened quote is given up after some lines, and all of them are read again."""
    rest = [f"{n},y,z" for n in range(2 * records.MAX_RECORD_LINES)]
    found = read(b'0,"x,z\n' + "\n".join(rest).encode())
    assert turned_away(found) == [(1, "a quote that is never closed")]
    assert cells(found) == [line.split(",") for line in rest]


@pytest.mark.parametrize(
    "end",
    [b"2,e", b'2,"e', b'2,"e\nf\ng', b'2,"e\nf","', b'2,e,"f,g'],
)
def test_a_file_that_breaks_off_is_no_data_set(end: bytes) -> None:
    """S5: half a download is refused; what is missing in it would be taken for gone."""
    with pytest.raises(EOFError, match="breaks off in the middle of the record on line"):
        read(b"1,b,c\n" + end)
    # the same with a line break behind it may be meant
    assert cells(read(b"1,b,c\n" + end + b"\n3,h,i\n"))[0] == ["1", "b", "c"]


def test_a_line_that_breaks_off_is_no_data_set() -> None:
    stream = io.BytesIO(b"1::1193::5::978300760\n1::66")
    with pytest.raises(EOFError, match="on line 2"):
        list(read_lines(stream, width=4, separator="::"))


def test_latin_1_is_read_where_it_is_asked_for() -> None:
    assert cells(read(b"1,caf\xe9,c\n", encoding="latin-1")) == [["1", "café", "c"]]


def test_separators_of_two_characters_cannot_be_quoted() -> None:
    """L1: MovieLens 1M parts its cells with two colons, and quotes are plain characters."""
    stream = io.BytesIO(b'1::"Caf\xe9: (1999)::Drama\n\n2::B\n')
    assert list(read_lines(stream, width=2, separator="::", encoding="latin-1")) == [
        Record(1, ["1", '"Café: (1999)', "Drama"]),
        Record(3, ["2", "B"]),
    ]


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
awkward = st.text(alphabet="a,\"\n\r '\t\\é", max_size=8)


@given(
    table=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(cell | awkward, min_size=width, max_size=width))
    ),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@example(table=[["", ""], ['"\n', "\n\n"]], end="\n", quoting=csv.QUOTE_MINIMAL)
def test_any_table_comes_back_whole(table: list[list[str]], end: str, quoting: int) -> None:
    """N1: what csv.writer wrote is read as it was, each record on its own line of the file."""
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:
        # Python before 3.13 leaves a CR unquoted here, and no reader can tell it from a line end.
        table = [[cell.replace("\r", "") for cell in row] for row in table]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    lines = []
    for row in table:
        lines.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    found = read(out.getvalue().encode(), width=len(table[0]) if table else 2)
    assert found == [Record(line, row) for line, row in zip(lines, table, strict=True)]


plain = st.text(alphabet=string.ascii_letters + ' é"', max_size=6)


@given(
    before=st.lists(st.tuples(plain, plain, plain), max_size=4),
    bad=st.sampled_from(
        [b'x,"never closed,y', b'x,y,"', b"x,\0,y", b"x,\xff,y", b'x,"a"b,y', b"x,y", b"x,y,z,w"]
    ),
    after=st.lists(st.tuples(plain, plain, plain), max_size=4),
)
def test_a_bad_line_never_swallows_its_neighbours(
    before: list[tuple[str, ...]], bad: bytes, after: list[tuple[str, ...]]
) -> None:
    """S5: around any kind of bad line, every good record comes back."""

    def written(table: list[tuple[str, ...]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
        return out.getvalue().encode()

    found = read(written(before) + bad + b"\n" + written(after))
    good = [item for item in found if isinstance(item, Record) and item.line != len(before) + 1]
    assert [tuple(item.cells) for item in good] == before + after
    (there,) = [item for item in found if item.line == len(before) + 1]
    assert isinstance(there, Reject) or len(there.cells) != 3


# Python's literals

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
literal = st.recursive(
    st.none() | st.booleans() | st.integers() | text | st.text(alphabet="'\"\\nué\n{}[],: None"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(literal) | st.dictionaries(text, literal))
@example([{"name": 'd\'Amélie "x"', "id": 1, "a": None, "b": [True, {"c": "None"}]}])
@example(["\\u0000", "\\", "'", '"', "\u2028"])
@example([["\\\\u0000"]])
def test_a_python_literal_becomes_the_same_json(value: object) -> None:
    """N1: the list columns of Kaggle's files are Python literals; nothing of them is lost."""
    said = python_to_json(repr(value))
    assert said is not None
    assert json.loads(said) == value


@given(st.lists(literal) | st.dictionaries(text, literal))
def test_json_stays_json(value: object) -> None:
    """N1: other copies of the files hold JSON already, with or without its escapes."""
    for escaped in (True, False):
        said = python_to_json(json.dumps(value, ensure_ascii=escaped))
        assert said is not None
        assert json.loads(said) == value


@pytest.mark.parametrize(
    "cell",
    [
        "__import__('os').system('true')",
        "[__import__('os').system('true')]",
        "[{'name': __import__('os').getcwd()}]",
        "[x for x in (1, 2)]",
        "[{'a': lambda: 1}]",
        "{'a', 'b'}",
        "[('a', 1)]",
        "[b'bytes']",
        "[{'a': 1}",
        "[{'a': 'never closed}]",
        "[NaN]",
        "[{'id': Infinity}]",
        "[1e999999]",
        "[1e-999999]",
        "[0." + "0" * 20_000 + "1]",
        r"[{'name': 'half \ud800 of a pair'}]",
        r"[{'name': 'a NUL: \x00'}]",
        r'["\u0000"]',
        "[{'a': " + "[" * 60 + "]" * 60 + "}]",
        "[{'a': " + "[" * 100_000 + "]" * 100_000 + "}]",
        "",
    ],
    ids=lambda cell: cell[:24],
)
def test_what_is_no_list_is_none(cell: str) -> None:
    """N1: a cell that PostgreSQL would not take as jsonb is refused here; no code is ever run."""
    assert python_to_json(cell) is None


def test_brackets_in_text_are_not_depth() -> None:
    value = [{"name": "[" * 200}, *[{"id": n} for n in range(200)]]
    assert json.loads(python_to_json(repr(value)) or "") == value


def test_tokens_agree_with_the_real_parser() -> None:
    """N1: the quick way reads what Python itself would read."""
    cell = r"""[{'a': 'it\'s', "b": "\x41\u00e9\N{BULLET}", 'c': 'None', 'd': "True"}, -5, None]"""
    assert json.loads(python_to_json(cell) or "") == ast.literal_eval(cell)
