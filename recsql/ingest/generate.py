"""Makes a big data set of our own to measure on, with the skew of real ones.

It comes in the layout of Kaggle's The Movies Dataset, so the ordinary loader takes it. Everything
is drawn from seeded streams, one for each part and one for each chunk of raters: the same sizes
and seed give the same bytes, however many processes share the work. (With another version of NumPy
or on another kind of processor the last bit of a number may differ, and so now and then a rating.)

Who rates what: each rater mixes a few tastes, each taste has an urn of movies, weighted by
popularity and by what the movie is like. How many stars: quality of the movie, mildness of the
rater, how well both fit, and chance, cut into half steps so that their shares come out as wanted.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsql.errors import BadInput, RecsqlError
from recsql.ingest.load import GENERATED, METADATA_COLUMNS

Progress = Callable[[str, int], None]
Array = NDArray[Any]

# The shape of MovieLens' and Kaggle's ratings.
ACTIVITY_MEAN, ACTIVITY_SQUARE = 190, 91_000
TOP_SHARE = 0.472  # of all raters have rated the most rated movie
TOP_FANS = 0.4375  # of its ratings are 5.0
STARS_SHARES = (1.6, 3.3, 1.7, 6.7, 5.2, 19.8, 12.7, 26.4, 8.6, 14.0)  # percent, 0.5 to 5.0
TASTES = 12
# What makes stars, in parts of their spread.
QUALITY, MILDNESS, FIT, CHANCE = 0.33, 0.42, 0.36, 0.70
# Popular movies are better liked: per standard deviation of the logarithm of popularity.
LIKED_BY_MANY = 0.20
# A movie's popularity is for all tastes together; among tastes it differs by about this factor.
URN_SPREAD, MIXTURE_SPREAD = 1.2, 1.8

DAY = 86_400
FIRST_SECOND, LAST_SECOND = 1_041_379_200, 1_672_531_199  # 2003 to 2022, in UTC
LAST_YEAR = 2022

CHUNK = 400_000  # ratings; what a process holds at a time
MOST_USERS, MOST_MOVIES = 20_000_000, 2_000_000
BYTES_PER_RATING, BYTES_PER_MOVIE = 29, 1_200

# Shares of movies, in percent, as in the real catalogue; names as TMDB has them.
GENRES = {
    "Drama": (18, 44.6), "Comedy": (35, 29.0), "Thriller": (53, 16.8), "Romance": (10749, 14.8),
    "Action": (28, 14.5), "Horror": (27, 10.3), "Crime": (80, 9.5), "Documentary": (99, 8.6),
    "Adventure": (12, 7.7), "Science Fiction": (878, 6.7), "Family": (10751, 6.1),
    "Mystery": (9648, 5.4), "Fantasy": (14, 5.1), "Animation": (16, 4.3), "Foreign": (10769, 3.6),
    "Music": (10402, 3.5), "History": (36, 3.1), "War": (10752, 2.9), "Western": (37, 2.3),
    "TV Movie": (10770, 1.7),
}  # fmt: skip
# language: (share of movies, its name, the countries that film in it, first the likeliest)
LANGUAGES = {
    "en": (71.0, "English", "US GB CA AU IE NZ"), "fr": (5.4, "Français", "FR BE CH CA"),
    "it": (3.4, "Italiano", "IT CH"), "ja": (3.0, "日本語", "JP"),
    "de": (2.4, "Deutsch", "DE AT CH"), "es": (2.2, "Español", "ES MX AR"),
    "ru": (1.8, "Русский", "RU"), "hi": (1.7, "हिन्दी", "IN"),
    "ko": (1.2, "한국어/조선말", "KR"), "zh": (1.2, "普通话", "CN HK TW"),
    "cn": (0.9, "广州话 / 廣州話", "HK CN"), "sv": (0.9, "svenska", "SE"),
    "pt": (0.9, "Português", "BR PT"), "fi": (0.7, "suomi", "FI"),
    "nl": (0.6, "Nederlands", "NL BE"),
    "da": (0.6, "Dansk", "DK"), "pl": (0.6, "Polski", "PL"), "tr": (0.4, "Türkçe", "TR"),
    "cs": (0.3, "Český", "CZ"), "el": (0.3, "ελληνικά", "GR"), "no": (0.3, "Norsk", "NO"),
    "hu": (0.2, "Magyar", "HU"),
}  # fmt: skip
COUNTRIES = {
    "US": "United States of America", "GB": "United Kingdom", "CA": "Canada", "AU": "Australia",
    "IE": "Ireland", "NZ": "New Zealand", "FR": "France", "BE": "Belgium", "CH": "Switzerland",
    "IT": "Italy", "JP": "Japan", "DE": "Germany", "AT": "Austria", "ES": "Spain", "MX": "Mexico",
    "AR": "Argentina", "RU": "Russia", "IN": "India", "KR": "South Korea", "CN": "China",
    "HK": "Hong Kong", "TW": "Taiwan", "SE": "Sweden", "BR": "Brazil", "PT": "Portugal",
    "FI": "Finland", "NL": "Netherlands", "DK": "Denmark", "PL": "Poland", "TR": "Turkey",
    "CZ": "Czech Republic", "GR": "Greece", "NO": "Norway", "HU": "Hungary",
}  # fmt: skip
FIRST_COUNTRY = 0.60  # of a language's movies come from the first of its countries alone


def _words(text: str) -> list[str]:
    return text.split()


ADJECTIVES = _words(
    "amber ashen blue borrowed brass bright broken bronze copper crooked distant double drowned"
    " early eastern empty endless fallen false far final first forgotten frozen gentle gilded"
    " glass golden green grey hidden hollow humble idle iron ivory last late little lonely long"
    " lost low lucky mild narrow northern old open pale paper patient plain quiet red restless"
    " salt scarlet second secret seventh silent silver single slow small southern stolen strange"
    " sudden tall third tin twin unseen velvet wandering western white wild winter wooden yellow"
)
NOUNS = _words(
    "acre almanac anchor apple arch archive attic autumn ballad barge beacon bell bicycle boat"
    " bridge brother button canal candle captain carousel cartographer cellar chapel chart circus"
    " clock coast compass cook corridor cousin crane cradle dancer daughter doorway dove echo"
    " engine envelope farmer feather ferry field fiddle fig fountain fox gardener gate ghost"
    " glove grove guest hammer harbour harvest heron hill hour house island journey kettle key"
    " kingdom kite ladder lake lantern letter lighthouse locksmith lullaby map market mason"
    " meadow melody messenger mill mirror moon morning mountain night oar oasis orchard organ"
    " oven owl painter parade path pearl pilgrim pilot piper planet postman promise quarry"
    " quarter queen rain raven reef ribbon river road rooftop sailor season shadow shepherd shore"
    " signal sister snow song sparrow spring stair station stone stranger street summer sundial"
    " swallow table tailor theatre thread tide tower train traveller tunnel umbrella valley"
    " village violin visitor voyage wagon watchmaker weather well whistle willow window witness"
)
VERBS = _words(
    "follows finds loses guards repairs sells buries paints forgets searches inherits builds"
    " borrows hides returns protects studies steals remembers leaves"
)
COMPANY_ENDINGS = (
    "Films", "Pictures", "Productions", "Entertainment", "Film", "Studios", "Media", "Cinema",
    "Brothers' Workshop", "& Company",
)  # fmt: skip
_SYLLABLES = [a + b for a in _words("b d l m n r t v br dr tr vr") for b in "aeiou"]
_CODAS = "lmnsx"


@dataclass(frozen=True)
class Size:
    """How much to make, and from which seed."""

    users: int
    movies: int
    ratings: int
    seed: int

    def check(self) -> None:
        """Raise BadInput where no data set can be of this size."""
        for name, value, most in (
            ("users", self.users, MOST_USERS), ("movies", self.movies, MOST_MOVIES),
            ("ratings", self.ratings, None),
        ):  # fmt: skip
            if value < 1:
                raise BadInput(f"--{name} {value} is not above zero", hint=f"try --{name} 10000")
            if most is not None and value > most:
                raise BadInput(
                    f"--{name} {value} is more than this makes", hint=f"at most --{name} {most}"
                )
        if self.seed < 0:
            raise BadInput(f"--seed {self.seed} is below zero", hint="try --seed 1")
        most = self.users * self.movies // 4
        if self.ratings > most:
            raise BadInput(
                f"{self.users} users x {self.movies} movies are too few for {self.ratings} ratings",
                hint=f"at most a quarter of the pairs can be rated: --ratings {most}, or more"
                " --users or --movies",
            )
        if self.ratings < self.users:
            raise BadInput(
                f"{self.ratings} ratings are too few for {self.users} users",
                hint=f"each rates one movie at least: --ratings {self.users}, or fewer --users",
            )

    def stream(self, *part: int) -> np.random.Generator:
        """Return the random numbers of a part, which no other part shares."""
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=part))
        )


def _quiet(_what: str, _rows: int) -> None:
    """Report no progress."""


def generate(
    size: Size, out: Path, *, workers: int | None = None, progress: Progress = _quiet
) -> dict[str, Any]:
    """Write a data set into the new or empty folder `out`, and report on it.

    The folder appears when all of it is there. `workers` is for tests: the bytes do not depend on
    it.
    """
    size.check()
    began = time.monotonic()
    out = out.resolve()
    with _whole(out, size.ratings * BYTES_PER_RATING + size.movies * BYTES_PER_MOVIE) as folder:
        progress("tastes", 0)
        plan = Plan(size)
        _write_ratings(plan, folder / "ratings.csv", workers, progress)
        progress("movies", 0)
        _Catalogue(plan).write(folder)
        (folder / GENERATED).write_text(
            json.dumps({"made_by": "recsql generate", **asdict(size)}) + "\n", "utf-8"
        )
        files = [
            {"name": path.name, "bytes": path.stat().st_size} for path in sorted(folder.iterdir())
        ]
    return {
        "users": size.users,
        "movies": size.movies,
        "ratings": size.ratings,
        "seed": size.seed,
        "seconds": round(time.monotonic() - began, 1),
        "bytes": sum(file["bytes"] for file in files),
        "path": str(out),
        "files": files,
    }


@contextmanager
def _whole(out: Path, wanted: int) -> Iterator[Path]:
    """Give a folder to write to that becomes `out` in the end, or goes."""
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise BadInput(
                f"{out} is there already" + (", and not empty" if out.is_dir() else ""),
                hint="give a folder that is new or empty; nothing is overwritten",
            )
        parent = out.parent
        parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(parent).free
        if free < wanted:
            raise BadInput(
                f"{parent} has {free / 1e9:.1f} GB left, {wanted / 1e9:.1f} GB or so are needed",
                hint="make room, or give a folder on another disk by --out",
            )
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=parent))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        yield folder
        # as any folder is made: mkdtemp's is for its owner alone
        umask = os.umask(0)
        os.umask(umask)
        folder.chmod(0o777 & ~umask)
        with suppress(FileNotFoundError):
            out.rmdir()
        folder.rename(out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unwritable(out: Path, error: OSError) -> RecsqlError:
    return BadInput(
        f"{out} cannot be written: {error.strerror or error}",
        hint="give another folder by --out; nothing half-written was left",
    )


# Tastes ---------------------------------------------------------------------------------------


class Urns:
    """Urns over the same columns, each with its own weights."""

    def __init__(self, weights: Array) -> None:
        self._weights = weights / weights.sum(axis=1, keepdims=True)
        self._ends = self._weights.cumsum(axis=1)
        # a sum of many is not quite one
        self._ends[:, -1] = 1.0
        # Where a number falls in that begins with these digits, unless a column ends just there:
        # so most numbers need no search.
        self._near = 1 << min(weights.shape[1].bit_length() + 1, 18)
        starts = np.arange(self._near) / self._near
        self._guide = np.array(
            [np.searchsorted(ends, starts, side="right") for ends in self._ends], np.int32
        )

    def draw(
        self,
        random: np.random.Generator,
        wanted: Array,
        mixture: Array,
        known_from: Array | None = None,
        until: Array | None = None,
    ) -> tuple[Array, Array]:
        """Draw for each row as many different columns as wanted; return rows and columns, in order.

        A row draws from each urn as often as its mixture says, and again for what it had already;
        nor does it take a column that is known only from later than until its own time.
        """
        bits = self._weights.shape[1].bit_length()
        # of 32 bits where they do: sorted in a third of the time
        key = np.uint32 if len(wanted) << bits <= 1 << 32 else np.uint64
        complete = []
        keys = np.empty(0, key)
        missing = np.array(wanted)
        short = np.flatnonzero(missing)
        for _ in range(25):
            times = random.multinomial(missing[short], mixture[short])
            rows = np.concatenate([short.repeat(count) for count in times.T])
            columns = self._columns(random, times.sum(axis=0))
            if known_from is not None and until is not None:
                known = known_from.take(columns) <= until.take(rows)
                rows, columns = rows[known], columns[known]
            found = rows.astype(key) << key(bits) | columns.astype(key)
            found.sort()
            # two runs, which the stable sort but merges
            keys = np.sort(np.concatenate([keys, found]), kind="stable")
            keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]]
            rows = (keys >> key(bits)).astype(np.int64)
            missing[short] = (wanted - np.bincount(rows, minlength=len(wanted)))[short]
            short = np.flatnonzero(missing)
            going_on = missing[rows] > 0
            complete.append(keys[~going_on])
            keys = keys[going_on]
            if not len(short):
                break
        # To draw until something new comes may take for ever. A race, in which each arrives after
        # an exponential time by its weight, ends as that would, at once.
        for row in short:
            weight = np.einsum("u,uc->c", mixture[row], self._weights)
            mine = keys[slice(*np.searchsorted(keys >> key(bits), [row, row + 1]))]
            weight[mine & key((1 << bits) - 1)] = 0
            if known_from is not None and until is not None:
                weight[known_from > until[row]] = 0
            arrival = np.full(len(weight), np.inf)
            pace = random.standard_exponential(len(weight))
            np.divide(pace, weight, out=arrival, where=weight > 0)
            first = np.argpartition(arrival, missing[row] - 1)[: missing[row]]
            complete.append(np.sort(key(row << bits) | first.astype(key)))
        keys = np.sort(np.concatenate([*complete, keys]), kind="stable").astype(np.int64)
        return keys >> bits, keys & ((1 << bits) - 1)

    def _columns(self, random: np.random.Generator, counts: Array) -> Array:
        """Draw so many from each urn, urn after urn."""
        drawn = []
        for ends, guide, count in zip(self._ends, self._guide, counts, strict=True):
            number = random.random(count)
            columns = guide.take((number * self._near).astype(np.int32))
            missed = np.flatnonzero(ends.take(columns) <= number)
            columns[missed] = np.searchsorted(ends, number[missed], side="right")
            drawn.append(columns)
        return np.concatenate(drawn)


class Plan:
    """What is settled before the first rating: who rates how much, and what movies are like."""

    def __init__(self, size: Size) -> None:
        self.size = size
        random = size.stream(0)
        movies = size.movies
        self.age, self.released = _ages(random, movies)
        at_start = int((self.released <= FIRST_SECOND).sum())
        self.activity = _activity(random, size, min(movies // 2, at_start))

        # movies by their place in the order of MovieLens ids, which tells nothing of them
        popularity, self.spread = _popularity(movies, self.activity)
        rank = random.permutation(movies)
        # the most rated one has been around all the time
        oldest = int(np.argmax(self.age))
        swap = int(np.flatnonzero(rank == 0)[0])
        rank[[oldest, swap]] = rank[[swap, oldest]]
        self.top = oldest
        self.popularity = popularity[rank]
        self.renown = _normal_quantiles(movies)[rank].astype(np.float32)
        self.factors = random.standard_normal((movies, TASTES)).astype(np.float32)
        # ... and is for everybody
        self.factors[self.top] *= 0.2
        self.quality = LIKED_BY_MANY * self.renown + QUALITY * random.standard_normal(
            movies
        ).astype(np.float32)
        likeness = np.exp(URN_SPREAD * self.factors.T.astype(np.float64))
        likeness /= likeness.mean(axis=0)
        self.urns = Urns(self.popularity * likeness)
        self.movielens_ids = np.cumsum(random.integers(1, 8, movies))
        self._movie_cells = _numbers(self.movielens_ids)
        self._movie_cells = _numbers(self.movielens_ids)
        self._settle_stars()

        ends = np.cumsum(self.activity, dtype=np.int64)
        cuts = np.searchsorted(ends, np.arange(CHUNK, size.ratings, CHUNK)) + 1
        self.chunks = np.unique(np.concatenate([[0], cuts, [size.users]]))

    def _settle_stars(self) -> None:
        """Find where to cut from a sample of raters, so that each half step has its share."""
        random = self.size.stream(1)
        sample = random.permutation(self.size.users)[:4000]
        raters = Raters(self, random, self.activity[sample])
        liking = raters.liking(random)
        shares = np.cumsum(STARS_SHARES)[:-1] / np.sum(STARS_SHARES)
        self.cuts = np.quantile(liking, shares).astype(np.float32)
        of_top = raters.rows[raters.columns == self.top]
        if len(of_top):
            rest = raters.mildness[of_top] + FIT / np.sqrt(TASTES) * (
                raters.tastes[of_top] @ self.factors[self.top]
            )
            chance = CHANCE * random.standard_normal((50, len(rest)))
            self.quality[self.top] = self.cuts[-1] - np.quantile(rest + chance, 1 - TOP_FANS)

    def ratings(self, chunk: int) -> bytes:
        """Return the lines of a chunk of raters."""
        random = self.size.stream(2, chunk)
        first, end = self.chunks[chunk : chunk + 2]
        raters = Raters(self, random, self.activity[first:end])
        half_steps = np.searchsorted(self.cuts, raters.liking(random))
        users = np.arange(first + 1, end + 1)
        return _lines(
            _numbers(users).repeat(raters.activity),
            self._movie_cells.take(raters.columns),
            _STARS.take(half_steps),
            raters.times(random),
        )


class Raters:
    """Some raters, and what they rate."""

    def __init__(self, plan: Plan, random: np.random.Generator, activity: Array) -> None:
        count = len(activity)
        self._plan = plan
        self.activity = activity
        self.tastes = random.standard_normal((count, TASTES)).astype(np.float32)
        self.mildness = MILDNESS * random.standard_normal(count).astype(np.float32)
        mixture = np.exp(MIXTURE_SPREAD * self.tastes.astype(np.float64))
        mixture /= mixture.sum(axis=1, keepdims=True)

        # They come for one sitting or several, the first and the last at the ends of their time.
        self._sittings = 1 + random.poisson(activity / 60)
        self._first = np.cumsum(self._sittings) - self._sittings
        joined = FIRST_SECOND + random.random(count) * (LAST_SECOND - FIRST_SECOND - DAY)
        stayed = random.exponential(500 * DAY, count) * (self._sittings > 1)
        self._last_time = np.minimum(joined + stayed, LAST_SECOND - DAY)
        place = random.random(int(self._sittings.sum()))
        place[self._first] = 0
        last = self._first + self._sittings - 1
        place[last[self._sittings > 1]] = 1
        span = (self._last_time - joined).repeat(self._sittings)
        self._times = (joined.repeat(self._sittings) + place * span).astype(np.int64)
        self._last_time = self._times[last]

        self.rows, self.columns = plan.urns.draw(
            random, activity, mixture, plan.released, self._last_time
        )

    def liking(self, random: np.random.Generator) -> Array:
        """Return how much raters like the movies they rate: what stars are cut from."""
        plan = self._plan
        tastes = self.tastes.repeat(self.activity, axis=0)
        fit = np.einsum("rt,rt->r", tastes, plan.factors.take(self.columns, axis=0))
        fit *= FIT / np.sqrt(np.float32(TASTES))
        fit += CHANCE * random.standard_normal(len(fit), dtype=np.float32)
        fit += plan.quality.take(self.columns)
        fit += self.mildness.repeat(self.activity)
        return fit

    def times(self, random: np.random.Generator) -> Array:
        """Return when each rating was given: in one of its rater's sittings, after the release."""
        count = len(self.rows)
        sitting = random.random(count) * self._sittings.repeat(self.activity)
        sitting = sitting.astype(np.int64) + self._first.repeat(self.activity)
        start = self._times.take(sitting)
        late = self._plan.released.take(self.columns) > start
        start = np.where(late, self._last_time.repeat(self.activity), start)
        # twenty-odd seconds a rating
        length = 30 + 25 * self.activity / self._sittings
        within = random.random(count) * length.repeat(self.activity)
        return np.minimum(start + within.astype(np.int64), LAST_SECOND)


def _normal_quantiles(count: int) -> Array:
    """Return what `count` values of the normal distribution are about, greatest first."""
    # in here: nobody waits for it who only asks for help
    from scipy.special import ndtri

    return -ndtri((np.arange(count) + 0.5) / count)


def _activity(random: np.random.Generator, size: Size, most: int) -> Array:
    """Return how many movies each user rates: lognormal, in all exactly as many as asked for."""
    sigma = np.sqrt(np.log(ACTIVITY_SQUARE / ACTIVITY_MEAN**2))
    wish = np.exp(sigma * random.permutation(_normal_quantiles(size.users)))
    low, high = 0.0, size.ratings / wish.min()
    for _ in range(100):
        scale = (low + high) / 2
        if np.clip(wish * scale, 1, most).sum() < size.ratings:
            low = scale
        else:
            high = scale
    wish = np.clip(wish * low, 1, most)
    activity = np.floor(wish).astype(np.int64)
    # those that lost most by rounding get what is left
    order = np.argsort(activity - wish, kind="stable")
    order = order[activity[order] < most]
    activity[order[: size.ratings - activity.sum()]] += 1
    if activity.sum() != size.ratings:
        raise RecsqlError(f"{activity.sum()} ratings came out where {size.ratings} were wanted")
    return activity


def _ages(random: np.random.Generator, movies: int) -> tuple[Array, Array]:
    """Return how old movies are in the last year, and the second of their release."""
    age = np.minimum(random.gamma(1.3, 22.0, movies).astype(np.int64), 115)
    # whoever comes first finds half of the catalogue at least
    wanting = movies // 2 + 1 - int((age > 20).sum())
    age[np.flatnonzero(age <= 20)[: max(wanting, 0)]] += 21
    day = random.integers(0, 365, movies)
    new_year = (np.arange(LAST_YEAR - 116, LAST_YEAR + 1) - 1970).astype("datetime64[Y]")
    days = new_year.astype("datetime64[D]").astype(np.int64)[116 - age] + day
    return age, days * DAY


def _popularity(movies: int, activity: Array) -> tuple[Array, float]:
    """Return the movies' weights, greatest first: lognormal, so wide that the first is rated by
    the wanted share of users."""
    place = _normal_quantiles(movies)
    # the head one by one, the long rest by blocks
    edges = np.concatenate([np.arange(50), np.geomspace(50, max(movies, 50), 250)])
    edges = np.unique(edges[edges < movies].astype(np.int64))
    count = np.diff(edges, append=movies)
    users = np.quantile(activity, (np.arange(50) + 0.5) / 50)[:, np.newaxis]

    def share_of_first(spread: float) -> float:
        weight = np.exp(spread * place)
        weight = np.add.reduceat(weight / weight.sum(), edges) / count
        # How often must one draw to come to so many different movies? A fifth of the draws is of
        # movies that are not out yet.
        low, high = np.zeros_like(users), users
        while (less := _reached(high, weight, count) < users).any():
            low, high = np.where(less, high, low), np.where(less, high * 2, high)
        for _ in range(20):
            middle = (low + high) / 2
            less = _reached(middle, weight, count) < users
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        return float((1 - np.exp(-high * weight[0])).mean())

    low, high = 0.0, 2.5
    for _ in range(25):
        spread = (low + high) / 2
        low, high = (spread, high) if share_of_first(spread) < TOP_SHARE else (low, spread)
    weight = np.exp(low * place)
    return weight / weight.sum(), low


def _reached(draws: Array, weight: Array, count: Array) -> Array:
    return 0.8 * ((1 - np.exp(-draws * weight)) * count).sum(axis=1, keepdims=True)


# Ratings --------------------------------------------------------------------------------------


def _write_ratings(plan: Plan, path: Path, workers: int | None, progress: Progress) -> None:
    chunks = len(plan.chunks) - 1
    if workers is None:
        workers = min(2, os.cpu_count() or 1)
    workers = min(workers, chunks)
    done = np.cumsum(plan.activity, dtype=np.int64)[plan.chunks[1:] - 1]
    progress("ratings.csv", 0)
    with path.open("wb") as file:
        file.write(b"userId,movieId,rating,timestamp\n")
        lines = _shared_out(plan, workers) if workers > 1 else map(plan.ratings, range(chunks))
        for ready, chunk in zip(done, lines, strict=True):
            file.write(chunk)
            progress("ratings.csv", int(ready))


def _shared_out(plan: Plan, workers: int) -> Iterator[bytes]:
    """Yield the lines of all chunks in order, each worker making every n-th of them.

    A worker waits until its last chunk is taken, so no more than that is ever in memory; and ends
    by itself when nobody is there to take it.
    """
    # spawn: a fork would take along connections and threads of the caller
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    started = []
    try:
        for number in range(workers):
            taking, giving = context.Pipe(duplex=False)
            process = context.Process(
                target=_work, args=(plan, number, workers, giving), daemon=True
            )
            with _deaf_to_interrupts():
                process.start()
            giving.close()
            pipes.append(taking)
            started.append(process)
        for chunk in range(len(plan.chunks) - 1):
            try:
                yield pipes[chunk % workers].recv_bytes()
            except (EOFError, ConnectionError) as error:
                raise RecsqlError(
                    "a process that makes ratings ended before it was done",
                    hint="is there enough memory? Each takes about 200 MB",
                ) from error
    finally:
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.terminate()
            process.join()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that leave Ctrl-C to this one, which ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(plan: Plan, number: int, workers: int, giving: Connection) -> None:
    with suppress(BrokenPipeError, KeyboardInterrupt):
        for chunk in range(number, len(plan.chunks) - 1, workers):
            giving.send_bytes(plan.ratings(chunk))


# Cells are fixed in width and filled up with zero bytes, which go at the end: no loop sees a row.
_STARS = np.array([f"{half / 2:.1f},".encode() for half in range(1, 11)], "S4")
_TWO = np.array([f"{number:02d}".encode() for number in range(100)], "S2")
_FOUR = np.array([f"{number:04d}".encode() for number in range(10_000)], "S4")


def _numbers(values: Array) -> Array:
    """Return cells of whole numbers, comma included."""
    digits = np.char.mod("%d,", values)
    return digits.astype(f"S{max(digits.dtype.itemsize // 4, 1)}")


def _lines(users: Array, movies: Array, stars: Array, times: Array) -> bytes:
    """Return ratings as lines of text, all of whose times have ten digits."""
    rows = np.empty(
        len(users),
        np.dtype([
            ("user", users.dtype), ("movie", movies.dtype), ("stars", "S4"),
            ("high", "S2"), ("middle", "S4"), ("low", "S4"), ("end", "S1"),
        ]),
    )  # fmt: skip
    high, rest = np.divmod(times, 100_000_000)
    middle, low = np.divmod(rest, 10_000)
    for name, cells in (
        ("user", users), ("movie", movies), ("stars", stars), ("high", _TWO.take(high)),
        ("middle", _FOUR.take(middle)), ("low", _FOUR.take(low)), ("end", b"\n"),
    ):  # fmt: skip
        rows[name] = cells
    return rows.tobytes().translate(None, b"\0")


# Catalogue ------------------------------------------------------------------------------------


class _Catalogue:
    """Movies of our own making: what they are called, and what is said of them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        random = plan.size.stream(3)
        movies = plan.size.movies
        mixture = np.exp(plan.factors.astype(np.float64))
        mixture /= mixture.sum(axis=1, keepdims=True)

        self.genres = _genres(random, plan.factors)
        self.languages = self._languages(random)
        self.countries = self._countries(random)
        # 10 to 40 features a movie; of popular ones more is known
        features = 10 + random.gamma(2.2, 4.55 * np.exp(0.15 * plan.renown), movies).astype(int)
        features = np.minimum(features, 40)
        features -= self.genres.sum(axis=1) + 1 + (self.countries >= 0).sum(axis=1)
        companies = np.minimum(1 + random.poisson(2.3, movies), features - 1)
        self.companies = self._spread(
            random, companies, mixture, most=25_000, head=33, fall=1.2, liking=3
        )
        self.keywords = self._spread(
            random, features - companies, mixture, most=20_000, head=100, fall=1.6, liking=8
        )
        self.titles = _titles(random, movies)
        self.tmdb_ids = 900_000_000 + _different(random, movies, 99_000_000)
        self.imdb_ids = 90_000_000 + _different(random, movies, 9_000_000)

    def _languages(self, random: np.random.Generator) -> Array:
        """Return the place of each movie's language; English more often where many know it."""
        movies = self._plan.size.movies
        shares = np.array([share for share, _, _ in LANGUAGES.values()])
        known = 0.4 * self._plan.renown + random.standard_normal(movies)
        english = known >= np.quantile(known, 1 - shares[0] / shares.sum())
        others = 1 + random.choice(len(shares) - 1, movies, p=shares[1:] / shares[1:].sum())
        return np.where(english, 0, others)

    def _countries(self, random: np.random.Generator) -> Array:
        """Return the places of one or two countries a movie, -1 for none."""
        movies = self._plan.size.movies
        places = {code: place for place, code in enumerate(COUNTRIES)}
        first = np.empty(movies, np.int64)
        for number, (_, _, listed) in enumerate(LANGUAGES.values()):
            codes = [places[code] for code in listed.split()]
            chance = FIRST_COUNTRY * (1 - FIRST_COUNTRY) ** np.arange(len(codes))
            chance[0] += 1 - chance.sum() if len(codes) == 1 else 0
            mine = np.flatnonzero(self.languages == number)
            first[mine] = random.choice(codes, len(mine), p=chance / chance.sum())
        # made together with somebody as busy as they are
        second = np.where(random.random(movies) < 0.18, random.permutation(first), -1)
        return np.stack([first, np.where(second == first, -1, second)], axis=1)

    def _spread(
        self,
        random: np.random.Generator,
        counts: Array,
        mixture: Array,
        *,
        most: int,
        head: int,
        fall: float,
        liking: float,
    ) -> list[Array]:
        """Return for each movie so many of the features of a kind, few of which are common.

        Each belongs to one taste, whose movies have it `liking` times as often. At 77,000 movies
        there are `most` of them.
        """
        movies = len(counts)
        kinds = max(200, round(most * (movies / 77_000) ** 0.75))
        weight = (np.arange(kinds) + 1 + max(head * kinds / most, 1)) ** -fall
        home = random.integers(0, TASTES, kinds)
        urns = Urns(np.where(home == np.arange(TASTES)[:, np.newaxis], liking, 1.0) * weight)
        _, columns = urns.draw(random, counts, mixture)
        # What no movie came to has one all the same, which gives up what is common for it.
        absent = np.flatnonzero(np.bincount(columns, minlength=kinds) == 0)
        place = np.unique(random.integers(0, len(columns), len(absent)))
        place = place[columns[place] < kinds // 10]
        columns[place] = absent[: len(place)]
        return np.split(columns, np.cumsum(counts)[:-1])

    def write(self, folder: Path) -> None:
        """Write movies_metadata.csv, keywords.csv and links.csv."""
        plan = self._plan
        with _csv(folder / "links.csv", ["movieId", "imdbId", "tmdbId"]) as write:
            write(
                (movielens, f"{imdb:07d}", tmdb)
                for movielens, imdb, tmdb in zip(
                    plan.movielens_ids.tolist(),
                    self.imdb_ids.tolist(),
                    self.tmdb_ids.tolist(),
                    strict=True,
                )
            )
        names = [_literal(8_000_000 + place, _keyword(place)) for place in _upto(self.keywords)]
        with _csv(folder / "keywords.csv", ["id", "keywords"]) as write:
            write(
                (tmdb, _listed(names, mine))
                for tmdb, mine in zip(self.tmdb_ids.tolist(), self.keywords, strict=True)
            )
        with _csv(folder / "movies_metadata.csv", METADATA_COLUMNS) as write:
            write(self._metadata())

    def _metadata(self) -> Iterator[list[object]]:
        plan = self._plan
        random = plan.size.stream(4)
        movies = plan.size.movies
        companies = [_literal(7_000_000 + at, _company(at)) for at in _upto(self.companies)]
        genres = [_literal(number, name) for name, (number, _) in GENRES.items()]
        countries = [str({"iso_3166_1": code, "name": name}) for code, name in COUNTRIES.items()]
        codes = list(LANGUAGES)
        spoken = [
            str([{"iso_639_1": code, "name": name}]) for code, (_, name, _) in LANGUAGES.items()
        ]
        collections = self._collections(random)
        votes = np.ceil(plan.popularity * movies * 20).astype(int)
        average = np.clip(6 + 2 * plan.quality + 0.5 * random.standard_normal(movies), 1, 9.8)
        runtime = np.clip(random.normal(98, 20, movies), 41, 240).astype(int)
        short = random.random(movies) < 0.06
        runtime[short] = random.integers(3, 40, int(short.sum()))
        budget = np.exp(random.normal(16, 1.3, movies)).astype(int)
        revenue = (budget * np.exp(random.normal(0.4, 1, movies))).astype(int)
        chance = random.random((movies, 5))
        words = random.integers(0, 1 << 30, (movies, 8))
        epoch = date(1970, 1, 1)
        for at in range(movies):
            has = chance[at]
            title = self.titles[at]
            english = self.languages[at] == 0
            yield [
                "False",
                collections.get(at, ""),
                budget[at] if has[0] < 0.2 else 0,
                _listed(genres, np.flatnonzero(self.genres[at])),
                "",
                self.tmdb_ids[at],
                f"tt{self.imdb_ids[at]:07d}",
                codes[self.languages[at]],
                title if english else _word(int(words[at, 7]) % 18_000).title() + "é",
                _overview(words[at]) if has[1] < 0.9 else "",
                f"{plan.popularity[at] * movies:.6f}",
                "",
                _listed(companies, self.companies[at]),
                _listed(countries, [place for place in self.countries[at] if place >= 0]),
                epoch + timedelta(seconds=int(plan.released[at])),
                revenue[at] if has[0] < 0.16 else 0,
                f"{runtime[at]}.0",
                spoken[self.languages[at]],
                "Released",
                f"Every {_one(NOUNS, words[at, 5])} has its {_one(NOUNS, words[at, 6])}."
                if has[2] < 0.4
                else "",
                title,
                "False",
                f"{average[at]:.1f}",
                votes[at],
            ]

    def _collections(self, random: np.random.Generator) -> dict[int, str]:
        """Return a movie's collection; about one in twelve has one."""
        found = {}
        sizes = random.integers(2, 8, 1 + self._plan.size.movies // 54)
        members = iter(random.permutation(self._plan.size.movies).tolist())
        for number, size in enumerate(sizes.tolist()):
            mine = [at for at, _ in zip(members, range(size), strict=False)]
            for at in mine:
                found[at] = str(
                    {
                        "id": 6_000_000 + number,
                        "name": f"{self.titles[mine[0]]} Collection",
                        "poster_path": None,
                        "backdrop_path": None,
                    }
                )
        return found


def _genres(random: np.random.Generator, factors: Array) -> Array:
    """Return which movie is of which genres: one to four, each as often as it should be."""
    # cubed: each leans on few tastes
    direction = random.standard_normal((TASTES, len(GENRES))) ** 3
    direction /= np.sqrt((direction**2).sum(axis=0))
    near = factors @ direction + random.standard_normal((len(factors), len(GENRES)))
    wanted = np.array([share for _, share in GENRES.values()]) / 100
    asked = wanted.copy()
    # Who has none gets the next best, who has more than four loses some: ask for less or more
    # until that comes out right.
    for _ in range(15):
        margin = near - [np.quantile(near[:, at], 1 - asked[at]) for at in range(len(asked))]
        fourth = np.partition(margin, -4, axis=1)[:, -4]
        has = (margin > 0) & (margin >= fourth[:, np.newaxis])
        none = np.flatnonzero(~has.any(axis=1))
        has[none, margin[none].argmax(axis=1)] = True
        asked = np.clip(asked * wanted / np.maximum(has.mean(axis=0), 1e-4), 1e-4, 0.9)
    return has


def _titles(random: np.random.Generator, movies: int) -> list[str]:
    """Return titles that no film has: in each there is a word that is none."""
    form = random.integers(0, 6, movies).tolist()
    word = (6_000 * random.random(movies) ** 1.5).astype(int).tolist()
    picks = random.integers(0, 1 << 30, (movies, 2)).tolist()
    found = []
    for at in range(movies):
        name = _word(word[at]).title()
        adjective = _one(ADJECTIVES, picks[at][0]).title()
        noun = _one(NOUNS, picks[at][1]).title()
        found.append(
            (
                f"{adjective} {name}",
                f"{name} {noun}",
                f"The {noun} of {name}",
                f"{name}'s {adjective} {noun}",
                f"{adjective} {noun} in {name}",
                f"The {adjective} {name}",
            )[form[at]]
        )
    return found


def _overview(words: Array) -> str:
    return (
        f"In {_word(int(words[0]) % 6_000).title()}, a {_one(ADJECTIVES, words[1])}"
        f" {_one(NOUNS, words[2])} {_one(VERBS, words[3])} the {_one(ADJECTIVES, words[4])}"
        f" {_one(NOUNS, words[5])} of a {_one(NOUNS, words[6])}."
    )


def _one(words: list[str], number: int) -> str:
    return words[number % len(words)]


def _word(number: int) -> str:
    """Return the n-th word of no language; no two are the same."""
    base = len(_SYLLABLES)
    plain = base * base * len(_CODAS)
    more, number = divmod(number, plain)
    number = number * 7919 % plain
    word = _SYLLABLES[number % base] + _SYLLABLES[number // base % base]
    while more:
        more, syllable = divmod(more, base)
        word += _SYLLABLES[syllable]
    return word + _CODAS[number // base // base]


def _keyword(number: int) -> str:
    firsts = ADJECTIVES + NOUNS
    plain = len(firsts) * len(NOUNS)
    more, number = divmod(number, plain)
    number = number * 104_729 % plain
    name = f"{firsts[number // len(NOUNS)]} {NOUNS[number % len(NOUNS)]}"
    return f"{name} {_word(more)}" if more else name


def _company(number: int) -> str:
    return f"{_word(number).title()} {_one(COMPANY_ENDINGS, number)}"


def _different(random: np.random.Generator, count: int, below: int) -> Array:
    """Return so many different numbers, in no order."""
    step = below // count
    return random.permutation(np.arange(count) * step + random.integers(0, step, count))


def _upto(lists: list[Array]) -> range:
    return range(max((int(one.max()) for one in lists if len(one)), default=-1) + 1)


def _literal(number: int, name: str) -> str:
    return str({"id": number, "name": name})


def _listed(literals: list[str], places: Array | list[int]) -> str:
    """Return a Python list of those that are named by their places."""
    return f"[{', '.join([literals[place] for place in places])}]"


@contextmanager
def _csv(
    path: Path, columns: list[str]
) -> Iterator[Callable[[Iterator[list[object] | tuple[object, ...]]], None]]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        yield writer.writerows
