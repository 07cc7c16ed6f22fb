"""The contract of an experiment: its `Config`, its tables, progress, cancel and errors.

An experiment is a module `core/experiments/<chapter>/<name>.py` that holds, in this order,

- a docstring whose first paragraph is the question, then set-up, theory and sources;
- `VERSION`, raised whenever the same `Config` gives other numbers than before;
- `Config`, a subclass of `core.experiment.Config`: the one source of widgets, command-line
  flags, URL parameters, bounds and error messages;
- `TABLES`, the frames that a run gives and what each of their columns means;
- `BREAKS`, sets of values that break an assumption of the theory, so that a check fails;
- `FILES`, where a run gives more than tables: names of files, and where the function stands that
  makes each from the tables, as `module:function`;
- `RESUMES = True`, where a run that was stopped goes on from there when it is asked for again;
- `run(config, report) -> dict of frames`, pure: same `Config`, same tables, on any worker.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, get_args, get_origin

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Frames = dict[str, pd.DataFrame]
Section = Literal["data", "model", "training", "assumption", "more"]


class InputError(ValueError):
    """Unusable input. The message is one sentence for the user: parameter, rule, value given."""


class Cancelled(Exception):
    """Raised by `report` inside a run that was cancelled; let it pass through."""


class Report(Protocol):
    """The one hook of a run for progress, partial tables and cancel.

    Call it often (every 50 to 200 ms): `fraction` in [0, 1], a `message` that says what is being
    done, and, when there is something new to draw, the tables so far (some may be absent; `Later`
    where they take time to make).
    """

    def __call__(
        self, fraction: float, message: str, tables: Mapping[str, pd.DataFrame] | None = None
    ) -> None: ...


class Later(Mapping[str, pd.DataFrame]):
    """Partial tables that are made when somebody looks: most reports are not drawn."""

    def __init__(self, make: Callable[[], Frames]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Frames:
        return self._make()

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def silent(fraction: float, message: str, tables: Mapping[str, pd.DataFrame] | None = None) -> None:
    """A `Report` that does nothing."""


@dataclass(frozen=True)
class Hints:
    """What a control needs to know of a field beyond its type and bounds."""

    label: str
    section: Section = "model"
    unit: str = ""
    scale: Literal["linear", "log"] = "linear"
    step: float | None = None
    kind: Literal["plain", "data", "column"] = "plain"
    when: Mapping[str, tuple[Any, ...]] | None = None
    names: Mapping[Any, str] | None = None


def field(
    default: Any,
    description: str,
    *,
    label: str | None = None,
    section: Section = "model",
    unit: str = "",
    scale: Literal["linear", "log"] = "linear",
    step: float | None = None,
    kind: Literal["plain", "data", "column"] = "plain",
    when: Mapping[str, tuple[Any, ...]] | None = None,
    names: Mapping[Any, str] | None = None,
    **bounds: Any,
) -> Any:
    """A field of a `Config`: default, one-sentence description, bounds (`ge, gt, le, lt,
    min_length, max_length`) and what its control needs.

    `section` places the control; `section="assumption"` marks a field that can break the theory's
    assumptions and is always shown under "Break an assumption". `when` shows the control only
    while other fields have one of the given values. `names` gives choices readable labels.
    `kind="data"` is a data set: a bundled name or `upload:<digest>` of a file of the user's;
    `kind="column"` is a column of that file.
    """
    hints = Hints(label or "", section, unit, scale, step, kind, when, names)
    extra: Any = {"hints": hints}
    return Field(default, description=description, json_schema_extra=extra, **bounds)


class Config(BaseModel):
    """Base of every experiment's `Config`: frozen, no unknown fields, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seed: int = field(
        0,
        "Seed of all randomness in the run: the same seed gives the same numbers.",
        section="more",
        ge=0,
        le=2**31 - 1,
    )

    # Uploaded data are named by digest; which fields may hold one is found by their hints.
    UPLOAD: ClassVar[str] = "upload:"

    def uploads(self) -> tuple[str, ...]:
        """Digests of the uploaded files that this configuration reads."""
        kind = type(self)
        named = (str(getattr(self, n)) for n in kind.model_fields if hints(kind, n).kind == "data")
        return tuple(v.removeprefix(self.UPLOAD) for v in named if v.startswith(self.UPLOAD))


def hints(config: type[Config], name: str) -> Hints:
    """The `Hints` of field `name`, with its label filled in."""
    extra: Any = config.model_fields[name].json_schema_extra
    given: Hints = extra["hints"] if extra else Hints("")
    label = given.label or name.replace("_", " ").capitalize()
    return Hints(
        label, given.section, given.unit, given.scale, given.step, given.kind, given.when, given.names
    )


def choices(info: FieldInfo) -> tuple[Any, ...] | None:
    """The allowed values of a `Literal` field, or of a tuple of literals; None for others."""
    kind = info.annotation
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    return get_args(kind) if get_origin(kind) is Literal else None


def is_tuple(info: FieldInfo) -> bool:
    """Whether the field holds several values."""
    return get_origin(info.annotation) is tuple


def bounds(info: FieldInfo) -> dict[str, Any]:
    """The field's bounds by their pydantic names: `ge, gt, le, lt, min_length, max_length`."""
    found: dict[str, Any] = {}
    for item in info.metadata:
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
            if getattr(item, name, None) is not None:
                found[name] = getattr(item, name)
    return found


@dataclass(frozen=True)
class Table:
    """A frame of a run: what a row is, and what each column means, with its unit."""

    description: str
    columns: Mapping[str, str]

    def empty(self) -> pd.DataFrame:
        """A frame of no rows with exactly the declared columns."""
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in self.columns})

    def frame(self, rows: Any) -> pd.DataFrame:
        """`rows` (records, or a dict of columns) as a frame with exactly the declared columns."""
        made = pd.DataFrame(rows)
        return self.empty() if made.empty else made[list(self.columns)]


CHECKS = Table(
    "Predictions of theory held against measurements, a row each.",
    {
        "prediction": "the claim in words",
        "kind": "identity, exact, asymptotic, bound or empirical_law",
        "predicted": "value that theory predicts, in the unit the claim names",
        "measured": "value measured in this run, in the same unit",
        "standard_error": "standard error of the measured value; empty for an identity",
        "tolerance": "largest agreement number at which the prediction holds",
        "agreement": "residual (identity), |z| (exact), relative error (asymptotic), "
        "violation rate (bound) or |log ratio| (empirical_law)",
        "holds": "whether agreement is within tolerance",
        "source": "where the prediction comes from",
    },
)
