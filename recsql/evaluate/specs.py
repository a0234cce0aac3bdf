"""What can be evaluated, and how it is written: `ease`, `also_liked:damped:damping=10`."""

from __future__ import annotations

from dataclasses import dataclass, field

from recsql.errors import BadInput

BASELINES = ("random", "popularity", "mean")
ALSO_LIKED = ("average", "damped", "support", "likes", "lift")
SIMILAR = ("overlap", "rarity", "titles")
# What may be tried with also_liked besides its own defaults.
ALSO_LIKED_OPTIONS = ("damping", "prior_stars", "min_raters")


@dataclass(frozen=True)
class Spec:
    """One method as it was asked for."""

    text: str
    family: str
    method: str = ""
    options: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_trained(self) -> bool:
        """Tell whether it has to learn before it can answer."""
        return self.family not in (*BASELINES, "also_liked", "similar")


def known(split: str, trained: tuple[str, ...] = ()) -> list[str]:
    """Return what can be evaluated in a split, all of which is the default."""
    if split == "user-disjoint":
        return [*BASELINES, *(f"also_liked:{method}" for method in ALSO_LIKED)]
    if split == "collection":
        return ["random", "popularity", *(f"similar:{method}" for method in SIMILAR)]
    return [*BASELINES, *trained]


def parse(text: str, split: str, trained: tuple[str, ...] = ()) -> Spec:
    """Read a method's name and options. Raises BadInput that lists what there is."""
    parts = [part.strip() for part in text.strip().split(":")]
    names = [part for part in parts if "=" not in part]
    options = dict(part.split("=", 1) for part in parts[len(names) :] if "=" in part)
    name = ":".join(names)
    listed = known(split, trained)
    if parts[: len(names)] != names or name not in listed:
        raise BadInput(
            f"unknown model for the split {split}: {text[:80] or 'an empty name'}",
            hint="use some of: " + ", ".join(listed),
        )
    family = names[0]
    if family == "also_liked":
        _only(options, ALSO_LIKED_OPTIONS, text)
        for key, value in options.items():
            try:
                float(value)
            except ValueError:
                raise BadInput(f"{key} has to be a number, not {value[:40]!r}") from None
    elif family in BASELINES or family == "similar":
        _only(options, (), text)
    return Spec(text.strip(), family, names[1] if len(names) > 1 else "", options)


def _only(options: dict[str, str], allowed: tuple[str, ...], text: str) -> None:
    if strange := [key for key in options if key not in allowed]:
        raise BadInput(
            f"{text[:80]}: unknown option {strange[0]}",
            hint="its options are: " + ", ".join(allowed) if allowed else "it takes no options",
        )
