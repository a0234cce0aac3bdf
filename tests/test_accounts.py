"""Accounts (T1, T2, S6): who may come in, who stays out, and what no visitor can break."""

from __future__ import annotations

import hashlib
import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from recsql import accounts, db, web
from recsql.cli import cli
from recsql.web import people
from tests.conftest import Databases, fill_tiny
from tests.datasets import one, rows
from tests.support import libpq_url

PASSWORD = "correct horse battery"
ALIEN = 1


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    """A tiny catalogue whose accounts these tests may make and break."""
    url = databases.make(databases.template("tiny", fill_tiny))
    engine = db.engine_on(url, pool_size=20)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    return web.create_app(engine)


@pytest.fixture(autouse=True)
def _no_tries(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM core.attempt"))


class Visitor:
    """A browser: it keeps cookies, and sends forms with the token of the page they stand on."""

    def __init__(self, app: Flask, **environ: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.environ = environ

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, environ_base=self.environ, **more)  # type: ignore[arg-type]

    def post(self, path: str, at: str | None = None, /, **fields: object) -> TestResponse:
        return self.client.post(
            path, data={"csrf_token": self.token(at or path), **fields}, environ_base=self.environ
        )

    def token(self, at: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(at).text)
        assert found, f"{at} has no form"
        return found.group(1)

    def cookie(self, name: str = "recsql_session") -> str | None:
        found = self.client.get_cookie(name)
        return found and found.value


_count = iter(range(1, 10_000))


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def joined(app: Flask, name: str | None = None, password: str = PASSWORD) -> tuple[Visitor, str]:
    """Return somebody who has just registered, and their name."""
    name = name or f"Somebody {next(_count)}"
    fresh = Visitor(app)
    answer = fresh.post("/register", name=name, password=password)
    assert answer.status_code == 303, answer.text
    return fresh, name


def words(answer: TestResponse) -> str:
    """Return what a page says."""
    main = re.search(r"<main.*?</main>", answer.text, re.S)
    assert main
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main.group())).split())


# In and out -----------------------------------------------------------------------------------


def test_t1_register_log_out_log_in(app: Flask, engine: Engine) -> None:
    """T1: and nothing else is asked for than a name and a password."""
    somebody, name = joined(app)
    assert name in words(somebody.get("/account"))
    assert somebody.post("/logout", "/account").headers["Location"].startswith("/login")
    assert somebody.get("/account").status_code == 303
    assert somebody.post("/login", name=name.upper(), password=PASSWORD).status_code == 303
    assert name in words(somebody.get("/account"))


def test_t1_personal_pages_ask_visitors_to_log_in_and_lead_back(app: Flask) -> None:
    """T1: with the query of the page, in any script."""
    for path in ("/ratings", "/ratings/import", "/watchlist", "/hidden", "/account",
                 "/account/export.json", "/account/export.csv"):  # fmt: skip
        answer = Visitor(app).get(path)
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            "/login?next=" + path.replace("/", "%2F"),
        )
    somebody, name = joined(app)
    somebody.post("/logout", "/account")
    asked = somebody.get("/ratings?sort=best&q=七人 &").headers["Location"]
    page = somebody.get(asked)
    following = html.unescape(re.search(r'name="next" value="([^"]+)"', page.text).group(1))
    answer = somebody.post("/login", name=name, password=PASSWORD, next=following)
    assert somebody.get(answer.headers["Location"]).status_code == 200
    assert "sort=best" in answer.headers["Location"] and "q=%E4%B8" in answer.headers["Location"]


@pytest.mark.parametrize(
    "evil",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
     "javascript:alert(1)", "/\r\nSet-Cookie:x=1", "/a\tb", " /x", "", "evil", "http:evil.example",
     "/" + "x" * 5_000, "///evil.example", "/\x00"],
)  # fmt: skip
def test_next_leads_to_our_own_pages_only(app: Flask, evil: str) -> None:
    assert people.own_path(evil) is None
    somebody, name = joined(app)
    somebody.post("/logout", "/account")
    answer = somebody.post("/login", name=name, password=PASSWORD, next=evil)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_visitors_get_no_cookie_and_cost_no_lookup(app: Flask, visitor: Visitor) -> None:
    """A page is the same for every visitor, and may be kept: no Set-Cookie but on form pages."""
    for path in ("/", "/?seed=7", f"/movie/{ALIEN}", "/category", "/search?q=al", "/nope"):
        assert "Set-Cookie" not in visitor.get(path).headers, path
    first = visitor.get("/?seed=7")
    assert first.headers["Cache-Control"] == "no-cache" and first.headers["ETag"]
    with app.test_request_context("/"):
        app.extensions["recsql.engine"], kept = None, app.extensions["recsql.engine"]
        assert people.signed_in() is None  # without a database
        app.extensions["recsql.engine"] = kept
    assert "recsql_form" in visitor.get("/login").headers["Set-Cookie"]


def test_personal_pages_are_nobody_elses(app: Flask) -> None:
    """Not kept by any cache, and no cookie can be read by a script or sent by another site."""
    somebody, _ = joined(app)
    for path in ("/", f"/movie/{ALIEN}", "/ratings", "/account", "/nope"):
        headers = somebody.get(path).headers
        assert headers["Cache-Control"] == "private, no-store", path
        assert "Cookie" in headers["Vary"]
    fresh = Visitor(app)
    answer = fresh.post("/register", name=f"Somebody {next(_count)}", password=PASSWORD)
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("recsql_session")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    secure = app.test_client()
    https = {"base_url": "https://localhost"}
    form = re.search(r'csrf_token" value="([^"]+)', secure.get("/register", **https).text)
    answer = secure.post(
        "/register",
        data={
            "csrf_token": form.group(1),
            "name": f"Somebody {next(_count)}",
            "password": PASSWORD,
        },
        **https,
    )
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-recsql")]
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


# Passwords and names --------------------------------------------------------------------------


def test_t2_a_password_is_kept_as_argon2id_and_a_token_as_its_hash(
    app: Flask, engine: Engine
) -> None:
    """T2: whoever reads the tables can sign in as nobody."""
    somebody, name = joined(app)
    kept = one(engine, "SELECT password_hash FROM api.account(:n)", n=name)
    assert str(kept).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    token = somebody.cookie()
    assert token and len(token) >= 43
    whole = [str(row) for row in rows(engine, "SELECT encode(token_hash, 'hex') FROM core.session")]
    assert any(hashlib.sha256(token.encode()).hexdigest() in row for row in whole)
    assert not any(token in row for row in whole)


def test_a_password_typed_on_another_keyboard_is_the_same(app: Flask) -> None:
    """Composed or not, it is one password; and every character of it counts."""
    composed, apart = "caf\u00e9 noir tonight", "cafe\u0301 noir tonight"
    _, name = joined(app, password=composed)
    assert Visitor(app).post("/login", name=name, password=apart).status_code == 303
    for wrong in (composed[:-1], composed + " ", composed.upper()):
        assert Visitor(app).post("/login", name=name, password=wrong).status_code == 403


def test_hashes_of_older_settings_are_made_anew_at_login(app: Flask, engine: Engine) -> None:
    from argon2 import PasswordHasher

    somebody, name = joined(app)
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    with engine.begin() as conn:
        conn.execute(
            text("UPDATE core.account SET password_hash = :h WHERE name = :n"),
            {"h": weak, "n": name},
        )
    assert Visitor(app).post("/login", name=name, password=PASSWORD).status_code == 303
    assert "m=19456,t=2" in str(one(engine, "SELECT password_hash FROM api.account(:n)", n=name))
    assert somebody.get("/account").status_code == 200, "nobody is signed out by that"


NAMES = {
    "": "2 to 40 characters", "x": "2 to 40 characters", "x" * 41: "2 to 40 characters",
    "x" * 60_000: "2 to 40 characters", "<b>bold</b>": "letters and digits",
    "'; DROP TABLE core.account; --": "letters and digits", "a\u202eb": "letters and digits",
    "zero\u200bwidth": "letters and digits", "nul\0": "letters and digits", "a/b": "letters and",
    "{{7*7}}": "letters and digits", "%s %(x)s": "letters and digits", ". .": "letters and digits",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", NAMES, ids=lambda name: name[:12].encode("unicode_escape").decode()
)
def test_names_that_will_not_do_are_refused_in_words(app: Flask, name: str) -> None:
    """SQL, HTML, nothing and too much: a sentence, and the form again."""
    answer = Visitor(app).post("/register", name=name, password=PASSWORD)
    assert answer.status_code == 400
    assert NAMES[name] in words(answer)
    assert "<b>bold" not in answer.text


@pytest.mark.parametrize(
    "name", ["O'Brien", "七人の侍", "Zoë van-der Berg", "ada@example.org", "a_1"]
)
def test_names_of_people_are_taken_once(app: Flask, name: str) -> None:
    """By whatever case or width they are written."""
    joined(app, name)
    for spelt in (name, name.upper() if name.isascii() else name, f"  {name} "):
        answer = Visitor(app).post("/register", name=spelt, password=PASSWORD)
        assert answer.status_code == 400 and "is taken" in words(answer)


@pytest.mark.parametrize(
    ("password", "said"),
    [("", "at least 8"), ("1234567", "at least 8"), ("x" * 201, "at most 200"),
     ("aaaaaaaaaaaa", "the same over"), ("A name here", "may not be the name")],
)  # fmt: skip
def test_passwords_that_will_not_do_are_refused_in_words(
    app: Flask, password: str, said: str
) -> None:
    answer = Visitor(app).post("/register", name="a name here", password=password)
    assert answer.status_code == 400 and said in words(answer)
    assert not password or f'value="{password}"' not in answer.text


def test_two_who_take_one_name_at_once_are_told_apart(app: Flask, engine: Engine) -> None:
    """Double posts: one account, and no 500."""
    name, codes = f"Somebody {next(_count)}", []
    tokens = [Visitor(app) for _ in range(6)]
    prepared = [(v, v.token("/register")) for v in tokens]

    def post(who: Visitor, token: str) -> None:
        data = {"csrf_token": token, "name": name, "password": PASSWORD}
        codes.append(who.client.post("/register", data=data).status_code)

    threads = [threading.Thread(target=post, args=pair) for pair in prepared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 400, 400, 400, 400, 400]
    assert one(engine, "SELECT count(*) FROM core.account WHERE name = :n", n=name) == 1


AWKWARD = [
    "", "\0", "x" * 9_000, "' OR '1'='1", "'; DROP TABLE core.account; --", "<script>x</script>",
    "%s %(n)s", ":p_name", "\\", "\u202e", "\r\nSet-Cookie: a=b", "七人の侍 🎬", "{{7*7}}", "a\0b",
]  # fmt: skip


# What stands beside a field that is looked at only where the others are good: a form, a field.
BESIDE = [
    ("/quiz/keep", {}, "a"), ("/quiz/keep", {"a": "1-5"}, "replace"),
    (f"/movie/{ALIEN}/rate", {"stars": "4"}, "next"), (f"/movie/{ALIEN}/rate", {}, "remove"),
    (f"/movie/{ALIEN}/mark", {"kind": "watch"}, "next"), ("/elsewhere/add", {}, "imdb_id"),
]  # fmt: skip


@pytest.mark.parametrize("typed", AWKWARD, ids=lambda typed: ascii(typed[:12]))
def test_nothing_that_is_typed_breaks_a_form(app: Flask, engine: Engine, typed: str) -> None:
    """SQL, HTML and control characters in every field of every form: never a 500, and inert."""
    for path in ("/login", "/register"):
        answer = Visitor(app).post(path, name=typed, password=typed, next=typed)
        assert answer.status_code in (303, 400, 403), (path, answer.status_code)
        assert "<script>x" not in answer.text
    somebody, name = joined(app)
    for path in posts(app):
        if path in ("/login", "/register", "/logout", "/account/sessions"):
            continue
        fields = dict.fromkeys(
            ("password", "new_password", "stars", "kind", "next", "a", "q"), typed
        )
        answer = somebody.post(path, "/account", **fields)
        # without a key there is no looking up elsewhere
        refused = (404,) if path.startswith("/elsewhere") else (400, 403)
        assert answer.status_code in refused, (path, answer.status_code)
        assert "<script>x" not in answer.text
    for path, others, field in BESIDE:
        answer = somebody.post(path, "/account", **others, **{field: typed})
        assert answer.status_code in (303, 400, 404), (path, field, answer.status_code)
        assert "<script>x" not in answer.text
        assert re.match(r"(/[!-~]*)?$", answer.headers.get("Location", "")), "to our own pages"
    assert one(engine, "SELECT count(*) FROM api.account(:n)", n=name) == 1


# Guessing -------------------------------------------------------------------------------------


def test_unknown_user_and_wrong_password_get_one_answer_in_one_time(app: Flask) -> None:
    """Nobody learns who has an account: byte for byte, and within 10% in processor time."""
    # ten tries are an account's limit
    names = [joined(app)[1] for _ in range(3)]
    visitor = Visitor(app)
    token = visitor.token("/login")

    def answer(who: str) -> tuple[str, float]:
        began = time.thread_time()
        said = visitor.client.post(
            "/login", data={"csrf_token": token, "name": who, "password": "wrong password"},
            environ_base={"REMOTE_ADDR": f"10.0.{next(_count) % 250}.{next(_count) % 250}"},
        )  # fmt: skip
        spent = time.thread_time() - began
        assert said.status_code == 403
        source = re.sub(r'name="csrf_token" value="[^"]+"', "", said.text)
        return source.replace(html.escape(who), "WHO"), spent

    known, unknown = [], []
    # The least of several is what the work takes; all above it is the machine's, so a busy one is
    # asked again.
    for i in range(24):
        known.append(answer(names[i // 8]))
        unknown.append(answer(f"Nobody {i}"))
        least = [min(took for _, took in found) for found in (known, unknown)]
        if i > 4 and max(least) < 1.1 * min(least):
            break
    assert {said for said, _ in known} == {said for said, _ in unknown}
    assert max(least) < 1.1 * min(least), (known, unknown)


def test_ten_tries_an_account_then_429(app: Flask, engine: Engine) -> None:
    """From whatever address: and then even the right password has to wait."""
    _, name = joined(app)
    for i in range(10):
        answer = Visitor(app, REMOTE_ADDR=f"192.0.2.{i}").post(
            "/login", name=name, password="wrong"
        )
        assert answer.status_code == 403
    late = Visitor(app, REMOTE_ADDR="192.0.2.99")
    answer = late.post("/login", name=name.lower(), password=PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Wait 15 minutes" in words(answer)
    # a quarter of an hour later
    with engine.begin() as conn:
        conn.execute(
            text(
                "UPDATE core.attempt SET tried_at ="
                " ARRAY(SELECT t - interval '15 minutes' FROM unnest(tried_at) AS t)"
            )
        )
    assert late.post("/login", name=name, password=PASSWORD).status_code == 303


def test_ten_tries_an_address_then_429(app: Flask) -> None:
    """At whatever accounts, and over a whole /64 of IPv6; others are not in the way."""
    for i in range(10):
        guest = Visitor(app, REMOTE_ADDR=f"2001:db8::{i}")
        assert guest.post("/login", name=f"Nobody {i}", password="x").status_code == 403
    assert (
        Visitor(app, REMOTE_ADDR="2001:db8::ffff")
        .post("/login", name="Nobody", password="x")
        .status_code
        == 429
    )
    _, name = joined(app)
    other = Visitor(app, REMOTE_ADDR="2001:db8:0:1::1")
    assert other.post("/login", name=name, password=PASSWORD).status_code == 303


def test_only_failures_count(app: Flask) -> None:
    _, name = joined(app)
    for _ in range(12):
        assert Visitor(app).post("/login", name=name, password=PASSWORD).status_code == 303


def test_tries_at_the_same_moment_are_counted_one_by_one(engine: Engine) -> None:
    """30 at once: exactly ten get through."""
    allowed = []

    def attempt() -> None:
        with engine.begin() as conn:
            said = conn.execute(
                text("SELECT allowed FROM api.allow_attempt('log in', 'ada', '192.0.2.1')")
            )
            allowed.append(said.scalar())

    threads = [threading.Thread(target=attempt) for _ in range(15)] * 1
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(15):
        attempt()
    assert sum(allowed) == 10


def test_old_tries_are_not_kept(engine: Engine) -> None:
    """Addresses of visitors are there for a day at most."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.attempt SELECT 'log in', 'address 10.0.0.' || n,"
                " ARRAY[now() - interval '2 days'], now() - interval '2 days'"
                " FROM generate_series(1, 15) AS n"
            )
        )
        conn.execute(text("SELECT * FROM api.allow_attempt('x', NULL, '192.0.2.1')"))
    assert one(engine, "SELECT count(*) FROM core.attempt") == 1


def test_a_proxy_is_believed_only_where_there_is_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-Forwarded-For of a stranger must not give him ten new tries."""
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for given, wanted in (("0", ("127.0.0.1", False)), ("1", ("203.0.113.9", True))):
        monkeypatch.setenv("RECSQL_PROXIES", given)
        app = web.create_app(engine)
        seen = []
        app.before_request(
            lambda seen=seen: seen.append((people.address(), people.request.is_secure))
        )
        app.test_client().get("/healthz", headers=forwarded)
        assert seen == [wanted]


# Sessions -------------------------------------------------------------------------------------


def test_each_login_has_a_token_of_its_own(app: Flask) -> None:
    """Session fixation: what the browser held before the login is worth nothing afterwards."""
    victim, name = joined(app)
    planted = victim.cookie()
    assert victim.post("/login", name=name, password=PASSWORD).status_code == 303
    assert victim.cookie() != planted
    attacker = Visitor(app)
    attacker.client.set_cookie("recsql_session", str(planted))
    assert attacker.get("/account").status_code == 303
    attacker.client.set_cookie("recsql_session", "a token of my own")
    answer = attacker.post("/login", name=name, password=PASSWORD)
    assert answer.status_code == 303 and attacker.cookie() != "a token of my own"


def test_logout_kills_the_token_at_once(app: Flask) -> None:
    somebody, _ = joined(app)
    token = somebody.cookie()
    somebody.post("/logout", "/account")
    assert somebody.cookie() is None
    thief = Visitor(app)
    thief.client.set_cookie("recsql_session", str(token))
    assert thief.get("/account").status_code == 303


def test_another_password_signs_out_everybody_else(app: Flask) -> None:
    somebody, name = joined(app)
    elsewhere = Visitor(app)
    elsewhere.post("/login", name=name, password=PASSWORD)
    old = somebody.cookie()
    wrong = somebody.post("/account/password", "/account", password="wrong", new_password="x" * 9)
    assert wrong.status_code == 403 and "not your present password" in words(wrong)
    short = somebody.post("/account/password", "/account", password=PASSWORD, new_password="short")
    assert short.status_code == 400 and "at least 8" in words(short)
    fresh = "another horse, another day"
    answer = somebody.post("/account/password", "/account", password=PASSWORD, new_password=fresh)
    assert answer.status_code == 303
    assert "password is changed" in words(somebody.get(answer.headers["Location"]))
    assert somebody.cookie() != old
    assert elsewhere.get("/account").status_code == 303
    assert Visitor(app).post("/login", name=name, password=PASSWORD).status_code == 403
    assert Visitor(app).post("/login", name=name, password=fresh).status_code == 303


def test_log_out_everywhere(app: Flask, engine: Engine) -> None:
    somebody, name = joined(app)
    elsewhere = Visitor(app)
    elsewhere.post("/login", name=name, password=PASSWORD)
    somebody.post("/account/sessions", "/account")
    assert elsewhere.get("/account").status_code == 303
    assert somebody.get("/account").status_code == 303


def test_a_session_ends_unused_and_is_renewed_in_use(app: Flask, engine: Engine) -> None:
    """Expiry and rotation, both in SQL: after a day a fresh token, the old one dies."""
    somebody, name = joined(app)
    first = somebody.cookie()

    def age(interval: str) -> None:
        with engine.begin() as conn:
            conn.execute(
                text(
                    "UPDATE core.session SET started_at = started_at - CAST(:i AS interval),"
                    " renewed_at = renewed_at - CAST(:i AS interval),"
                    " expires_at = expires_at - CAST(:i AS interval)"
                    " WHERE user_id = (SELECT user_id FROM api.account(:n))"
                ),
                {"i": interval, "n": name},
            )

    age("23 hours")
    somebody.get("/ratings")
    assert somebody.cookie() == first
    age("2 hours")
    form = somebody.token("/account")  # of the page that brought the fresh token
    second = somebody.cookie()
    assert second != first
    late = Visitor(app)
    late.client.set_cookie("recsql_session", str(first))
    assert late.get("/account").status_code == 200, "for requests that were under way"
    assert late.cookie() == first, "and only one of them brings a fresh one"
    age("1 minute")
    assert late.get("/account").status_code == 303
    del form
    age("14 days")
    assert somebody.get("/account").status_code == 303
    # whoever comes every day is asked for the password every 90 days
    assert one(
        engine,
        "SELECT max(expires_at - started_at) <= interval '90 days' FROM core.session",
    )


def test_a_form_is_good_after_the_token_was_renewed(app: Flask, engine: Engine) -> None:
    """Nothing is lost in the moment of rotation: the form that came with the fresh cookie works."""
    somebody, name = joined(app)
    with engine.begin() as conn:
        conn.execute(
            text(
                "UPDATE core.session SET renewed_at = renewed_at - interval '2 days'"
                " WHERE user_id = (SELECT user_id FROM api.account(:n))"
            ),
            {"n": name},
        )
    before = somebody.cookie()
    answer = somebody.post(f"/movie/{ALIEN}/rate", f"/movie/{ALIEN}", stars="4")
    assert somebody.cookie() != before
    assert answer.status_code == 303


def test_odd_cookies_are_no_session(app: Flask) -> None:
    for value in ("", "x", "x" * 5_000, "'; --", "%00", "\u20ac", "a.b.c"):
        odd = Visitor(app)
        odd.client.set_cookie("recsql_session", value)
        assert odd.get("/account").status_code == 303
        assert odd.get(f"/movie/{ALIEN}").status_code == 200


# Forms ----------------------------------------------------------------------------------------


def posts(app: Flask) -> list[str]:
    """Return every address that takes a POST."""
    return sorted(
        rule.rule.replace("<id:movie_id>", str(ALIEN))
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    )


def test_every_form_needs_its_token(app: Flask, engine: Engine) -> None:
    """CSRF: all routes that write, enumerated; without, with another's, from another site."""
    somebody, name = joined(app)
    other, _ = joined(app)
    known = posts(app)
    assert {"/login", "/register", "/logout", "/account/delete", "/movie/1/rate"} <= set(known)
    assert len(known) == 12
    everything = (
        "SELECT 'rating', count(*)::text FROM core.rating UNION ALL"
        " SELECT account.name, account::text FROM core.account ORDER BY 1"
    )
    before = rows(engine, everything)
    fields = {"name": name, "password": PASSWORD, "new_password": "x y z 1 2 3", "stars": "5",
              "kind": "hide"}  # fmt: skip
    for path in known:
        for token in (None, "", "nonsense", other.token("/account")):
            data = {**fields, **({} if token is None else {"csrf_token": token})}
            for client in (somebody.client, Visitor(app).client):
                answer = client.post(path, data=data)
                assert answer.status_code == 400, (path, token)
                assert "Nothing was changed" in words(answer)
        own = {**fields, "csrf_token": somebody.token("/account")}
        answer = somebody.client.post(path, data=own, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 400 and "another site" in words(answer)
        assert (
            somebody.get(path if path in ("/login", "/register") else "/account").status_code == 200
        )
    assert rows(engine, everything) == before
    for method in ("PUT", "PATCH", "DELETE"):
        for path in known:
            assert somebody.client.open(path, method=method).status_code in (400, 405)


def test_a_form_from_before_the_login_is_stale(app: Flask) -> None:
    """Stale forms: a clear message, and nothing changed."""
    somebody, name = joined(app)
    old = somebody.token("/account")
    somebody.post("/logout", "/account")
    answer = somebody.client.post(f"/movie/{ALIEN}/rate", data={"csrf_token": old, "stars": "5"})
    assert answer.status_code == 400 and "not signed in any more" in words(answer)
    somebody.post("/login", name=name, password=PASSWORD)
    answer = somebody.client.post(f"/movie/{ALIEN}/rate", data={"csrf_token": old, "stars": "5"})
    assert answer.status_code == 400 and "out of date" in words(answer)


# Each form as it is meant, and the answers when it is sent twice; later it is stale.
TWICE: dict[str, tuple[dict[str, str], int, int]] = {
    f"/movie/{ALIEN}/mark": ({"kind": "watch"}, 303, 303),
    f"/movie/{ALIEN}/rate": ({"stars": "4.5"}, 303, 303),
    "/quiz/keep": ({"a": "1-4.5_4-2"}, 303, 303),
    "/ratings/import": ({}, 400, 400),
    "/elsewhere": ({"q": "heat"}, 404, 404),
    "/elsewhere/add": ({"imdb_id": "tt0113277"}, 404, 404),
    "/account/password": ({"password": PASSWORD, "new_password": PASSWORD + " 2"}, 303, 400),
    "/account/sessions": ({}, 303, 400),
    "/account/delete": ({"password": PASSWORD}, 303, 400),
    "/logout": ({}, 303, 400),
}


def test_every_form_sent_twice_and_too_late(app: Flask, engine: Engine) -> None:
    """Double posts and stale forms: the second adds nothing, and says so in words."""
    assert set(TWICE) | {"/login", "/register"} == set(posts(app))
    marks = "SELECT (SELECT count(*) FROM core.rating), (SELECT count(*) FROM core.mark)"
    for path, (fields, first, second) in TWICE.items():
        somebody, _ = joined(app)
        data = {"csrf_token": somebody.token("/account"), **fields}
        assert somebody.client.post(path, data=data).status_code == first, path
        after = rows(engine, marks)
        answer = somebody.client.post(path, data=data)
        assert answer.status_code == second, path
        assert rows(engine, marks) == after, path
        if second != 303:
            assert len(words(answer)) > 40, (path, "says what to do")
        somebody.client.delete_cookie("recsql_session")
        answer = somebody.client.post(path, data=data)
        assert answer.status_code == 400 and "Nothing was changed" in words(answer), path
        assert rows(engine, marks) == after, path


def test_two_processes_know_each_others_forms(app: Flask, engine: Engine) -> None:
    """The key of the tokens is in the database: a form of one worker is good for the other."""
    somebody, _ = joined(app)
    token = somebody.token(f"/movie/{ALIEN}")
    other = web.create_app(engine).test_client()
    other.set_cookie("recsql_session", str(somebody.cookie()))
    answer = other.post(f"/movie/{ALIEN}/rate", data={"csrf_token": token, "stars": "3"})
    assert answer.status_code == 303


def test_too_large_a_form_is_refused(app: Flask, visitor: Visitor) -> None:
    answer = visitor.post("/login", name="x" * 100_000, password="x")
    assert answer.status_code == 413 and "larger than this site accepts" in words(answer)


def test_with_the_database_away_a_signed_in_visitor_gets_503() -> None:
    """And not a second error out of the head of the error page."""
    gone = db.engine_on(db.given_url("postgresql://127.0.0.1:1/nowhere"))
    client = web.create_app(gone).test_client()
    client.set_cookie("recsql_session", "x")
    for path, code in (("/", 503), ("/account", 503), ("/nope", 404)):
        assert client.get(path).status_code == code
    gone.dispose()


# Leaving --------------------------------------------------------------------------------------


def test_an_account_is_deleted_by_its_password(app: Flask, engine: Engine) -> None:
    somebody, name = joined(app)
    somebody.post(f"/movie/{ALIEN}/rate", f"/movie/{ALIEN}", stars="5")
    wrong = somebody.post("/account/delete", "/account", password="wrong")
    assert wrong.status_code == 403 and "Nothing was deleted" in words(wrong)
    answer = somebody.post("/account/delete", "/account", password=PASSWORD)
    assert "account is deleted" in words(somebody.get(answer.headers["Location"]))
    assert somebody.cookie() is None
    assert one(engine, "SELECT count(*) FROM core.account WHERE name = :n", n=name) == 0
    assert Visitor(app).post("/login", name=name, password=PASSWORD).status_code == 403


def test_while_lists_are_refreshed_a_deletion_is_put_off(app: Flask, engine: Engine) -> None:
    """B6: a refresh under way might store what is just being forgotten."""
    somebody, name = joined(app)
    with engine.connect() as refresh:
        refresh.execute(text("SELECT pg_advisory_lock(hashtext('recsql.refresh'))"))
        answer = somebody.post("/account/delete", "/account", password=PASSWORD)
        assert answer.status_code == 503 and "try again in a few minutes" in words(answer).lower()
        refresh.execute(text("SELECT pg_advisory_unlock(hashtext('recsql.refresh'))"))
        refresh.commit()
    assert one(engine, "SELECT count(*) FROM core.account WHERE name = :n", n=name) == 1
    assert somebody.post("/account/delete", "/account", password=PASSWORD).status_code == 303


# Commands -------------------------------------------------------------------------------------


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    return lambda *args, **more: CliRunner().invoke(cli, [str(a) for a in args], **more)


def test_the_commands_do_what_the_pages_do(app: Flask, engine: Engine, run) -> None:
    """T1, and no secret in a flag: the password comes from stdin, or from a prompt."""
    said = run("users", "add", "Grace H", input=PASSWORD + "\n")
    assert said.exit_code == 0 and "Added Grace H" in said.stdout
    assert Visitor(app).post("/login", name="grace h", password=PASSWORD).status_code == 303
    listed = json.loads(run("users", "list", "--json").stdout)
    [grace] = [row for row in listed if row["name"] == "Grace H"]
    assert (grace["kind"], grace["ratings"], grace["sessions"]) == ("account", 0, 1)
    assert "password_hash" not in grace
    assert run("users", "set-password", "Grace H", input="a new one, and longer\n").exit_code == 0
    assert Visitor(app).post("/login", name="Grace H", password=PASSWORD).status_code == 403
    assert run("users", "delete", "Grace H", input="n\n").exit_code == 1
    with engine.begin() as conn:
        conn.execute(text("SELECT api.rate(:user, 1, 5)"), {"user": grace["user_id"]})
    gone = run("users", "delete", "grace h", "--yes")
    assert gone.exit_code == 0 and gone.stdout == "Deleted Grace H and 1 rating.\n"
    assert "Hint: recsql train ease" in gone.stderr, "B6: what models have learnt stays for now"
    for args, more in (
        (("delete", "Grace H", "--yes"), {}), (("set-password", "Grace H"), {"input": "x\n"}),
        (("add", "Grace H"), {"input": ""}), (("add", "x"), {"input": PASSWORD}),
        (("add", "Grace H"), {"input": "short"}), (("export", "nobody"), {}),
    ):  # fmt: skip
        failed = run("users", *args, **more)
        assert failed.exit_code == 1 and failed.stderr.startswith("Error: "), args


def test_s6_fake_users_and_ratings_are_many_marked_and_count_nowhere(engine: Engine, run) -> None:
    """S6: 10 by default; a command makes tens of thousands in seconds, set by set in SQL."""
    before = rows(engine, "SELECT * FROM derived.movie_stats ORDER BY 1")
    about = rows(engine, "SELECT raters, ratings FROM api.about")
    assert run("users", "fake").stdout == "Added 10 fake users.\n"
    began = time.monotonic()
    assert run("users", "fake", 5_000).stdout == "Added 5,000 fake users.\n"
    said = run("ratings", "fake", 10_000, "--seed", 7).stdout
    # u-2 of the tiny catalogue is fake too, and has rated two movies
    assert re.fullmatch(r"Added (9,99[89]|10,000) fake ratings\.\n", said)
    assert time.monotonic() - began < 20
    assert rows(
        engine,
        "SELECT DISTINCT kind, source, user_id < 0 FROM core.rating JOIN core.rater USING (user_id)"
        " WHERE source = 'fake'",
    ) == [("fake", "fake", True)]
    assert one(engine, "SELECT count(*) FROM core.rater WHERE source = 'fake'") == 5_010
    assert one(engine, "SELECT count(DISTINCT half_stars) FROM core.rating WHERE user_id < -2") > 6
    assert rows(engine, "SELECT * FROM derived.movie_stats WHERE raters > 0 ORDER BY 1") == [
        row for row in before if row[11]
    ]
    assert rows(engine, "SELECT raters, ratings FROM api.about") == about
    assert run("load", "remove", "fake", "--yes").exit_code == 0
    assert one(engine, "SELECT count(*) FROM core.rater WHERE source = 'fake'") == 0


def test_a_name_of_the_database_is_never_in_an_error(engine: Engine) -> None:
    """What SQL refuses, it refuses in words that a page can show."""
    with engine.connect() as conn, pytest.raises(DBAPIError) as raised:
        conn.execute(text("SELECT * FROM api.register('<b>', '$argon2id$')"))
    assert raised.value.orig.pgcode == "RQ005"  # type: ignore[union-attr]
    with engine.connect() as conn, pytest.raises(accounts.TooOften):
        for _ in range(3):
            accounts.may_try(conn, "test", "x", None, p_limit=2)
