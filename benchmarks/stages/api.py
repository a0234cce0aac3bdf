"""Stage api: each function of schema api, asked about movies that people ask about.

Over one connection through the server's socket: a figure is the time from sending a statement to
having all of its rows. What pages ask is timed as they ask it, prepared once and with generic
plans, and once more with planning included. All statements of a function are run once before they
are timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks.figures import PLANNED, QUANTILES, Figures
from benchmarks.workshop import Workshop

Statement = tuple[str, tuple[Any, ...]]
PREFIXES = (1, 2, 3, 5)
SORTS = ("popular", "rating", "newest", "oldest", "title")
PER_PAGE = 48
# Fewer are no quantiles.
FEWEST = 20
# Reckoned live for the most loved movies, an answer takes a second.
LIVE_ASKS = 100
NONE_DRAWN = "no such movie among those drawn"


def drawn(shop: Workshop, count: int) -> list[int]:
    """Return random movies, with chances as they are rated; the same for the same seed."""
    rows = shop.rows("SELECT movie_id, raters FROM api.movie_card ORDER BY movie_id")
    raters = np.array([float(row[1]) for row in rows])
    chosen = np.random.default_rng(shop.settings.seed).choice(
        len(rows), count, p=raters / raters.sum()
    )
    return [rows[place][0] for place in chosen]


class Asker:
    """Asks statements over one connection, and writes down how long answers take."""

    def __init__(self, cursor: Any, patience: float) -> None:
        self._cursor = cursor
        self._patience = patience

    def ask(self, statement: Statement) -> tuple[float, list[Any]]:
        """Return the seconds of one question, and its answer."""
        began = time.perf_counter()
        self._cursor.execute(*statement)
        rows = self._cursor.fetchall()
        return time.perf_counter() - began, rows

    def prepared(self, name: str, statements: Sequence[Statement]) -> list[Statement]:
        """Return the statements, which are one but for their values, as pages send them."""
        text = statements[0][0]
        for place in range(text.count("%s")):
            text = text.replace("%s", f"${place + 1}", 1)
        self._cursor.execute(f"PREPARE bench_{name} AS {text.replace('%%', '%')}")
        return [
            (f"EXECUTE bench_{name}" + (f"({', '.join(['%s'] * len(v))})" if v else ""), v)
            for _, v in statements
        ]

    @contextmanager
    def generic(self) -> Iterator[None]:
        """Plan once for all values, as pages do."""
        self._cursor.execute("SET plan_cache_mode = force_generic_plan")
        yield
        self._cursor.execute("RESET plan_cache_mode")

    def time(
        self,
        statements: Sequence[Statement],
        each: Callable[[int, list[Any]], None] = lambda _number, _rows: None,
        *,
        warm: bool = True,
    ) -> list[float]:
        """Return the seconds of each question, as many as patience lasts for."""
        if warm:
            self._until(statements, lambda _number, _rows: None, self._patience / 3)
        return self._until(statements, each, self._patience)

    def _until(
        self,
        statements: Sequence[Statement],
        each: Callable[[int, list[Any]], None],
        patience: float,
    ) -> list[float]:
        took: list[float] = []
        end = time.monotonic() + patience
        for number, statement in enumerate(statements):
            if number >= FEWEST and time.monotonic() > end:
                break
            seconds, rows = self.ask(statement)
            took.append(seconds)
            each(number, rows)
        return took


def run(shop: Workshop) -> Figures:
    """Time them all."""
    found = Figures()
    movies = drawn(shop, shop.settings.asks)
    random = np.random.default_rng((shop.settings.seed, 1))
    with shop.connection() as conn, conn.cursor() as cursor:
        asker = Asker(cursor, shop.settings.patience)

        planned: dict[str, list[float]] = {}

        def timed(
            name: str, statements: Sequence[Statement], *, is_asked: bool = True, **more: Any
        ) -> list[float]:
            if is_asked and statements:
                planned[name] = asker.time(statements)
                found.latencies(f"api.{name}{PLANNED}", planned[name])
                with asker.generic():
                    took = asker.time(asker.prepared(name, statements), **more)
            else:
                took = asker.time(statements, **more)
            found.latencies(f"api.{name}", took)
            shop.say(f"api.{name}: p50 {found.values[f'api.{name}.p50']:.2f} ms of {len(took):,}")
            return took

        others: dict[str, dict[int, int]] = {"similar_movies": {}, "also_liked": {}}
        for name, first in others.items():

            def note(number: int, rows: list[Any], first: dict[int, int] = first) -> None:
                if rows:
                    first[movies[number]] = rows[0][1]

            took = timed(name, [(f"SELECT * FROM api.{name}(%s)", (m,)) for m in movies], each=note)
        _by_kind(shop, found, movies, took)
        timed("also_liked_live", live(movies[:LIVE_ASKS]), is_asked=False, warm=False)
        timed(
            "movie_page",
            [("SELECT * FROM api.movie_page WHERE movie_id = %s", (m,)) for m in movies],
        )
        seeds = [int(seed) for seed in random.integers(0, 1_000_000, len(movies))]
        header = timed("home_header", [("SELECT * FROM api.home_header(%s)", (s,)) for s in seeds])
        shelves = timed(
            "home_shelves", [("SELECT * FROM api.home_shelves(%s)", (s,)) for s in seeds]
        )
        # of the same seed: together they are what the page waits for
        found.latencies("api.home", [a + b for a, b in zip(header, shelves, strict=False)])
        both = zip(planned["home_header"], planned["home_shelves"], strict=False)
        found.latencies(f"api.home{PLANNED}", [a + b for a, b in both])
        _search(shop, movies, random, timed)
        _categories(shop, len(movies), random, timed)
        # a generator of its own: what is drawn below stays what it was
        _browse(shop, len(movies), np.random.default_rng((shop.settings.seed, 2)), timed)
        for name, first in others.items():
            timed(
                f"explain_{name}",
                [
                    (f"SELECT * FROM api.explain_{name}(%s, %s)", pair)
                    for pair in ((m, first[m]) for m in movies if m in first)
                ],
            )
        timed("about", [("SELECT * FROM api.about", ())] * min(len(movies), 200))
        _write(shop, movies, random, timed)
    return found


def _by_kind(shop: Workshop, found: Figures, movies: list[int], took: list[float]) -> None:
    """Tell apart what also-liked had stored, and what it reckoned."""
    stored = {row[0] for row in shop.rows("SELECT movie_id FROM api.freshness")}
    for name, wanted in (("stored", True), ("unstored", False)):
        key = f"api.also_liked_{name}"
        some = [took_s for took_s, m in zip(took, movies, strict=False) if (m in stored) is wanted]
        if some:
            found.latencies(key, some)
        else:
            found.missing |= {f"{key}.{quantile}": NONE_DRAWN for quantile, _ in QUANTILES}


def live(movies: Sequence[int]) -> list[Statement]:
    """Return also-liked as no stored list can answer it: damped a little less."""
    return [("SELECT * FROM api.also_liked(%s, p_damping => 24)", (m,)) for m in movies]


def _search(shop: Workshop, movies: list[int], random: Any, timed: Callable[..., Any]) -> None:
    """Type titles of the movies, letter by letter."""
    titles = dict(
        shop.rows("SELECT movie_id, title FROM api.movie_card WHERE movie_id = ANY (%s)", movies)
    )
    words = [word for m in movies for word in [_word(titles[m], random)] if word]
    # where the site has a function of its own for this, it is that which counts
    own = shop.rows(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace"
        " AND proname LIKE 'suggest%%' AND proargtypes[0] = 'text'::regtype"
        " ORDER BY proname LIMIT %s",
        1,
    )
    name = own[0][0] if own else "search_movies"
    for letters in PREFIXES:
        typed = [word[:letters] for word in words]
        timed(f"search_{letters}", [(f"SELECT * FROM api.{name}(%s)", (t,)) for t in typed])
    timed("search_words", [("SELECT * FROM api.search_movies(%s)", (word,)) for word in words])


def _word(title: str, random: Any) -> str | None:
    words = [word.lower() for word in title.split() if word.isalnum()]
    return words[random.integers(len(words))] if words else None


def _categories(shop: Workshop, count: int, random: Any, timed: Callable[..., Any]) -> None:
    """Turn the first pages of random categories in random order."""
    known = [row[0] for row in shop.rows("SELECT category_id FROM api.category ORDER BY slug")]
    timed(
        "category_movies",
        [
            (
                "SELECT * FROM api.category_movies(%s, %s, p_offset => %s)",
                (
                    known[random.integers(len(known))],
                    SORTS[random.integers(len(SORTS))],
                    PER_PAGE * int(random.integers(5)),
                ),
            )
            for _ in range(count)
        ],
    )


def _browse(shop: Workshop, count: int, random: Any, timed: Callable[..., Any]) -> None:
    """Set filters at random, each in every other question, and turn far down in long lists."""
    choices = shop.rows(
        "SELECT filter, value, COALESCE(movies, 1) FROM api.browse_options()"
        " WHERE filter <> 'all' ORDER BY filter, place"
    )

    def chosen(name: str, chance: float = 0.5) -> str | None:
        if random.random() >= chance:
            return None
        # a genre, country or language as often as movies have it
        known = [(value, movies) for kind, value, movies in choices if kind == name]
        weights = np.array([float(movies) for _, movies in known])
        return known[random.choice(len(known), p=weights / weights.sum())][0]

    def filters() -> tuple[Any, ...]:
        decade, stars = chosen("decade"), chosen("rating")
        least, _, most = (chosen("runtime") or "").partition("-")
        return (
            chosen("genre"),
            int(decade) if decade else None,
            chosen("country"),
            chosen("language"),
            int(least) if least else None,
            int(most) if most else None,
            float(stars) if stars else None,
        )

    asked = [filters() for _ in range(count)]
    holes = ", ".join(["%s"] * 7)
    listed = f"SELECT * FROM api.browse_movies({holes}, NULL, %s, %s, %s)"

    def order() -> str:
        return SORTS[random.integers(len(SORTS))]

    timed(
        "browse_movies",
        [(listed, (*one, order(), PER_PAGE, PER_PAGE * int(random.integers(5)))) for one in asked],
    )
    timed("browse_options", [(f"SELECT * FROM api.browse_options({holes})", one) for one in asked])
    films = shop.rows("SELECT movies FROM api.browse_options() WHERE filter = 'all'")[0][0]
    timed(
        "browse_deep",
        [
            (
                listed,
                # at most one filter, and any page of all that there would be without
                (chosen("genre"), *[None] * 6, order(), PER_PAGE, int(random.integers(films))),
            )
            for _ in range(count)
        ],
    )


def _write(shop: Workshop, movies: list[int], random: Any, timed: Callable[..., Any]) -> None:
    """Let raters rate what they have not rated, change their minds, and take it back."""
    raters = [
        row[0] for row in shop.rows("SELECT user_id FROM core.rater WHERE user_id > 0 ORDER BY 1")
    ]
    pairs = list({(raters[random.integers(len(raters))], movie): None for movie in movies})
    rated = shop.rows(
        "SELECT user_id, movie_id FROM core.rating"
        " INNER JOIN unnest(%s::integer[], %s::integer[]) AS pair (user_id, movie_id)"
        " USING (user_id, movie_id)",
        [user for user, _ in pairs],
        [movie for _, movie in pairs],
    )
    pairs = [pair for pair in pairs if pair not in set(rated)]
    stars = [int(half) / 2 for half in random.integers(1, 11, len(pairs))]
    # another number than before, and as often to five stars as from them
    for name, given in (("rate", stars), ("rate_again", [5.5 - star for star in stars])):
        timed(
            name,
            [
                ("SELECT * FROM api.rate(%s, %s, %s)", (*pair, star))
                for pair, star in zip(pairs, given, strict=True)
            ],
            is_asked=False,
            warm=False,
        )
    timed(
        "unrate",
        [("SELECT api.unrate(%s, %s)", pair) for pair in pairs],
        is_asked=False,
        warm=False,
    )
