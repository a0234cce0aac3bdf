"""Options of models: a default, a reason, and the range that makes sense."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from recsql.errors import BadInput


def option(default: Any, help: str, *, low: float | None = None, high: float | None = None) -> Any:
    """Return a dataclass field with what the command line says about it."""
    return field(default=default, metadata={"help": help, "low": low, "high": high})


def curve(help: str) -> Mapping[str, Any]:
    """Return the metadata of an option of ten numbers."""
    return {"help": help, "low": -10, "high": 10, "numbers": 10}


@dataclass(frozen=True)
class Option:
    """One option as a command shows it."""

    name: str
    kind: type
    default: Any
    help: str


def options_of(model: type) -> list[Option]:
    """Return the options of a model, in the order in which it declares them."""
    return [
        Option(one.name, type(one.default), one.default, one.metadata["help"])
        for one in fields(model)
        if one.default is not MISSING
    ]


def made(model: type, given: Mapping[str, Any]) -> Any:
    """Return the model with these options, each of the type and in the range that it wants.

    Raises BadInput for an unknown option, and for a value that is none.
    """
    known = {one.name: one for one in fields(model)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        name = name.replace("-", "_")
        if name not in known:
            raise BadInput(
                f"{model.__name__.lower()} has no option {name.replace('_', '-')}",
                hint="it has: " + ", ".join(sorted(n.replace("_", "-") for n in known)),
            )
        values[name] = _read(name.replace("_", "-"), value, known[name])
    return model(**values)


def _read(name: str, value: Any, wanted: Any) -> Any:
    kind = type(wanted.default)
    low, high = wanted.metadata.get("low"), wanted.metadata.get("high")
    try:
        if kind is bool:
            if value in (True, False):
                return bool(value)
            return {"true": True, "false": False}[str(value).lower()]
        if kind is tuple:
            parts = value.split(",") if isinstance(value, str) else value
            read = tuple(float(part) for part in parts)
            if len(read) != wanted.metadata["numbers"]:
                raise ValueError
            numbers = read
        else:
            read = kind(value)
            if kind is str:
                if read not in wanted.metadata["choices"]:
                    raise ValueError
                return read
            numbers = (read,)
    except (TypeError, ValueError, KeyError):
        raise BadInput(f"{value!r} is no value for --{name}", hint=_form(wanted)) from None
    if any(
        not math.isfinite(n) or (low is not None and n < low) or (high is not None and n > high)
        for n in numbers
    ):
        raise BadInput(f"{value!r} is out of range for --{name}", hint=_form(wanted))
    return read


def _form(wanted: Any) -> str:
    low, high = wanted.metadata.get("low"), wanted.metadata.get("high")
    kind = {int: "a whole number", float: "a number", bool: "true or false", str: "one of: "}
    if type(wanted.default) is tuple:
        said = f"write {wanted.metadata['numbers']} numbers with commas between them"
    elif type(wanted.default) is str:
        said = "one of: " + ", ".join(wanted.metadata["choices"])
    else:
        said = "write " + kind[type(wanted.default)]
    if low is not None:
        said += f", {low:g} or more"
    if high is not None:
        said += f", {high:g} or less"
    return said
