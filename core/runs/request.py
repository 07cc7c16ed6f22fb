"""From values that a person gave to a validated `Config`, and from that to the run's id."""

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from core.catalog import Experiment, find
from core.experiment import Config, InputError, bounds, choices, hints, is_tuple


@dataclass(frozen=True)
class Request:
    """A run that can be carried out: the experiment and its `Config`."""

    experiment: Experiment
    config: Config

    @property
    def id(self) -> str:
        """Name of the run's content: the experiment, its version and every value of its `Config`.

        16 hexadecimal digits of a SHA-256. An uploaded file is in it through its own digest, which
        stands in the `Config` as `upload:<digest>`.
        """
        content = {
            "experiment": self.experiment.name,
            "version": self.experiment.version,
            "config": self.config.model_dump(mode="json"),
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def changed(self) -> dict[str, Any]:
        """The values that differ from the experiment's defaults, in the order of the fields."""
        default = self.experiment.config()
        return {
            name: value
            for name in type(self.config).model_fields
            if (value := getattr(self.config, name)) != getattr(default, name)
        }


def request(name: str, values: Mapping[str, Any]) -> Request:
    """The run of experiment `name` with `values` over its defaults.

    Values may be text, as flags and URL parameters are: `"0.1"`, `"64,64"`, `"true"`.

    Raises:
        InputError: the experiment or a field is unknown, or a value is not allowed.
    """
    experiment = find(name)
    return Request(experiment, configure(experiment, values))


def configure(experiment: Experiment, values: Mapping[str, Any]) -> Config:
    """A validated `Config`; the first thing wrong is said in one sentence (`InputError`)."""
    fields = experiment.config.model_fields
    for given in values:
        if given not in fields:
            raise InputError(unknown_field(experiment.name, given, list(fields)))
    parsed = {name: _split(fields[name], value) for name, value in values.items()}
    try:
        return experiment.config(**parsed)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            # A rule over several fields, already said in one sentence by the experiment.
            raise InputError(str(first["ctx"]["error"]) if "ctx" in first else first["msg"]) from None
        name = str(first["loc"][0])
        raise InputError(
            f"`{name}` must be {allowed(fields[name])}; it was {_shown(values[name])}."
        ) from None


def allowed(info: FieldInfo) -> str:
    """What a field accepts, in words: `a number from 0 to 0.9`."""
    kind, limits = item(info)
    options = choices(info)
    if options:
        one = f"one of {', '.join(map(str, options))}"
    elif kind is bool:
        one = "true or false"
    elif kind in (int, float):
        one = " ".join(filter(None, ["a whole number" if kind is int else "a number", _range(limits)]))
    else:
        most = limits.get("max_length")
        one = f"text of at most {most} characters" if most else "text"
    if not is_tuple(info):
        return one
    outer = bounds(info)
    least, most = outer.get("min_length", 0), outer.get("max_length")
    at_least = "at least one value" if least == 1 else f"at least {least} values"
    count = f"{least} to {most} values" if most is not None else at_least
    return f"{count} separated by commas, each {one}"


def item(info: FieldInfo) -> tuple[Any, dict[str, Any]]:
    """Type and bounds of a field's value, or of one of its values where it holds several."""
    if not is_tuple(info):
        return info.annotation, bounds(info)
    inner = get_args(info.annotation)[0]
    if get_origin(inner) is Annotated:
        kind, *rest = get_args(inner)
        metadata = [m for r in rest for m in (r.metadata if isinstance(r, FieldInfo) else [r])]
        return kind, bounds(FieldInfo.from_annotation(Annotated[(kind, *metadata)]))
    return inner, {}


def flags(request: Request, data_names: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The changed values as text that `request` reads back: `("widths", "64,64")`.

    `data_names` gives the file name to write for an uploaded digest.
    """
    found = []
    for name, value in request.changed().items():
        text = ",".join(map(_text, value)) if isinstance(value, tuple) else _text(value)
        if hints(type(request.config), name).kind == "data" and text.startswith(Config.UPLOAD):
            text = (data_names or {}).get(text.removeprefix(Config.UPLOAD), text)
        found.append((name, text))
    return found


def settings(request: Request, data_names: Mapping[str, str] | None = None) -> str:
    """The changed values in words: `samples 60, design correlated, all else by default`. `data_names`
    is as in `flags`."""
    changed = flags(request, data_names)
    parts = [f"{hints(type(request.config), n).label.lower()} {text}" for n, text in changed]
    return ", ".join([*parts, "all else by default"]) if parts else "all settings by default"


def unknown_field(experiment: str, given: str, fields: list[str]) -> str:
    """The sentence for a field that the experiment does not have."""
    near = difflib.get_close_matches(given, fields, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"its fields are {', '.join(fields)}."
    return f"`{given}` is not a field of {experiment}; {hint}"


def _split(info: FieldInfo, value: Any) -> Any:
    """Text for a field of several values, cut at its commas; everything else as it is."""
    if not (is_tuple(info) and isinstance(value, str)):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _text(value: Any) -> str:
    """A value in the fewest characters that read back as it: `1e+10`, `0.003`, `digits`."""
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if not isinstance(value, float) or float(short) == value else repr(value)


def _range(limits: Mapping[str, Any]) -> str:
    """Bounds in words: `from 0 to 1`, `above 0 and below 1`, `at least 2`."""
    text = {name: f"{v:,}" if isinstance(v, int) else f"{v:g}" for name, v in limits.items()}
    if "ge" in text and "le" in text:
        return f"from {text['ge']} to {text['le']}"
    names = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    words = [f"{word} {text[name]}" for name, word in names.items() if name in text]
    return " and ".join(words)


def _shown(value: Any) -> str:
    """The given value as it was given, cut where it is long."""
    text = ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
    text = text if len(text) <= 60 else text[:57] + "…"
    return text if text else "empty"
