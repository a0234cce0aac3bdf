"""The models by name, with their options: a default, a reason, and the range that makes sense.

No library is imported here, so that a command line can list them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from math import isfinite
from typing import Any, ClassVar

from recsql.errors import BadInput

SEED = 7


def _option(default: Any, help: str, low: float | None = None, high: float | None = None) -> Any:
    return field(default=default, metadata={"help": help, "low": low, "high": high})


@dataclass(frozen=True)
class Model:
    """A model with its options settled."""

    NAME: ClassVar[str]
    FAMILY: ClassVar[str]
    HOME: ClassVar[str]  # the module that has a function of the model's name
    TAKES_CRITICS: ClassVar[bool] = False

    def settled(self) -> Model:
        """Return it with the numbers that a default may stand for."""
        return self


@dataclass(frozen=True)
class Cosine(Model):
    """Item cosine: movies are near that the same people gave stars to."""

    NAME, FAMILY, HOME = "cosine", "item", "item"

    kept: int = _option(200, "Weights kept a movie, the strongest ones.", 1, 5000)
    shrink: float = _option(10.0, "Raters in common that a cosine is shrunk with: c / (c + N).", 0)
    max_movies: int = _option(20_000, "Refuse more movies: memory is 16 bytes a pair of them.", 1)


@dataclass(frozen=True)
class Ease(Model):
    """EASE on graded stars: what each movie's ratings are worth beside all others."""

    NAME, FAMILY, HOME = "ease", "item", "item"

    kept: int = _option(200, "Weights kept, so many a movie on average, the strongest.", 1, 5000)
    ridge: float = _option(200.0, "Regulariser, the same for all movies.", 0)
    dropout: float = _option(
        1.5, "Regulariser that grows with how much a movie is rated, as dropout does.", 0, 100
    )
    evenness: float = _option(
        0.5, "1: each rater counts the same; 0: each rating does; in between: n to minus N.", 0, 2
    )
    discovery: float = _option(
        0.2,
        "Weights are divided by the movie's raters to the power N: more finds less known.",
        0,
        2,
    )
    grades: tuple[float, ...] = field(
        default=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
        metadata={
            "help": "What 0.5, 1.0 … 5.0 stars count as input: ten numbers with commas.",
            "low": -10, "high": 10, "numbers": 10,
        },
    )  # fmt: skip
    max_movies: int = _option(15_000, "Refuse more movies: memory is 24 bytes a pair of them.", 1)


@dataclass(frozen=True)
class Svd(Model):
    """Truncated SVD of the movie x user matrix of stars, blanks being zero: ranks, never rates."""

    NAME, FAMILY, HOME, TAKES_CRITICS = "svd", "factor", "factor", True

    factors: int = _option(50, "Singular vectors kept.", 1, 1000)


@dataclass(frozen=True)
class Pca(Model):
    """Principal components of the stars, each movie centred on the mean of those who rated it."""

    NAME, FAMILY, HOME, TAKES_CRITICS = "pca", "factor", "factor", True

    factors: int = _option(20, "Components kept.", 1, 1000)


@dataclass(frozen=True)
class Nmf(Model):
    """Non-negative factors of the whole matrix, blanks filled with one number of stars."""

    NAME, FAMILY, HOME, TAKES_CRITICS = "nmf", "factor", "factor", True

    factors: int = _option(20, "Factors, none of which takes anything away.", 1, 1000)
    blanks: float = _option(3.0, "Stars that an unrated movie counts as.", 0, 5)
    steps: int = _option(40, "Rounds of coordinate descent.", 1, 10_000)
    ridge: float = _option(1.0, "Regulariser of the fold-in of a user.", 0)


@dataclass(frozen=True)
class Als(Model):
    """Implicit alternating least squares: rating is preferring, the more stars the surer."""

    NAME, FAMILY, HOME, TAKES_CRITICS = "als", "factor", "factor", True

    factors: int = _option(64, "Factors.", 1, 1000)
    regularisation: float = _option(10.0, "Pulls factors towards zero.", 0)
    confidence: float = _option(2.0, "How much surer five stars are than no rating.", 0)
    steps: int = _option(10, "Rounds, each over users and movies.", 1, 10_000)
    ridge: float = _option(100.0, "Regulariser of what a rating adds to a user.", 0)


@dataclass(frozen=True)
class Sgd(Model):
    """Matrix factorisation by gradient descent; the plain form is meant for small sets."""

    NAME, FAMILY, HOME, TAKES_CRITICS = "sgd", "factor", "gradient", True

    biased: bool = _option(
        False, "Learn how users and movies differ in general besides, in epochs of small batches."
    )
    factors: int = _option(0, "Features; 0 means 3, biased 20.", 0, 1000)
    rate: float = _option(0.0, "Length of a step; 0 means 0.0002, biased 0.005.", 0, 1)
    regularisation: float = _option(0.02, "Pulls factors towards zero.", 0)
    steps: int = _option(5000, "Steps at most (plain form).", 1)
    stop: float = _option(
        0.001, "Stop when the mean squared error on rated cells is less (plain form).", 0
    )
    epochs: int = _option(20, "Passes over all ratings (biased form).", 1, 10_000)
    ridge: float = _option(1.0, "Regulariser of what a rating adds to a user.", 0)

    def settled(self) -> Sgd:
        """Return it with the numbers that 0 stands for."""
        return replace(
            self,
            factors=self.factors or (20 if self.biased else 3),
            rate=self.rate or (0.005 if self.biased else 0.0002),
        )


@dataclass(frozen=True)
class UserCosine(Model):
    """User-based neighbours by cosine; those who may be asked are stored, sampled if many."""

    NAME, FAMILY, HOME = "user-cosine", "user", "user"

    neighbours: int = _option(50, "Nearest raters who are heard.", 1, 10_000)
    max_raters: int = _option(
        1000, "Raters to choose neighbours from, drawn by the seed; more take longer to ask.", 1
    )


MODELS: dict[str, type[Model]] = {
    model.NAME: model for model in (Cosine, Ease, Svd, Pca, Nmf, Sgd, Als, UserCosine)
}


@dataclass(frozen=True)
class Option:
    """One option as a command shows it."""

    name: str
    default: Any
    help: str


def options_of(model: type[Model]) -> list[Option]:
    """Return the options of a model, in the order in which it declares them."""
    return [
        Option(one.name, one.default, one.metadata["help"])
        for one in fields(model)
        if one.default is not MISSING
    ]


def declared(name: str, given: Mapping[str, Any]) -> Model:
    """Return the model of this name with these options.

    Raises BadInput for an unknown name or option, and for a value of the wrong kind or range.
    """
    if name not in MODELS:
        raise BadInput(f"unknown model: {name}", hint="use one of: " + ", ".join(MODELS))
    known = {one.name: one for one in fields(MODELS[name])}
    values: dict[str, Any] = {}
    for key, value in given.items():
        option, shown = key.replace("-", "_"), "--" + key.replace("_", "-")
        if option not in known:
            listed = ", ".join("--" + one.replace("_", "-") for one in known)
            raise BadInput(f"{name} has no option {shown}", hint=f"it has: {listed}")
        values[option] = _read(shown, value, known[option])
    return MODELS[name](**values).settled()


def _read(shown: str, value: Any, wanted: Any) -> Any:
    kind, low, high = type(wanted.default), wanted.metadata["low"], wanted.metadata["high"]
    try:
        if kind is bool:
            return {"true": True, "false": False}[str(value).lower()]
        if kind is tuple:
            parts = value.split(",") if isinstance(value, str) else value
            read: Any = tuple(float(part) for part in parts)
            if len(read) != wanted.metadata["numbers"]:
                raise ValueError
        else:
            read = kind(value)
    except (TypeError, ValueError, KeyError, OverflowError):
        raise BadInput(f"{value!r} is no value for {shown}", hint=_form(wanted)) from None
    for number in read if kind is tuple else (read,):
        too_low, too_high = low is not None and number < low, high is not None and number > high
        if not isfinite(number) or too_low or too_high:
            raise BadInput(f"{value!r} is out of range for {shown}", hint=_form(wanted))
    return read


def _form(wanted: Any) -> str:
    kinds = {int: "a whole number", float: "a number", bool: "true or false"}
    numbers = wanted.metadata.get("numbers")
    said = f"{numbers} numbers with commas" if numbers else kinds[type(wanted.default)]
    low, high = wanted.metadata["low"], wanted.metadata["high"]
    said += f" from {low:g}" if low is not None else ""
    said += f" to {high:g}" if high is not None else ""
    return f"give {said}"
