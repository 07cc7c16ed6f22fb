"""Fields that experiments on random designs share: how the features are distributed."""

from collections.abc import Mapping
from typing import Any

from core.experiment import field
from core.linear.designs import NAMES

When = Mapping[str, tuple[Any, ...]]


def design(description: str, when: When | None = None) -> Any:
    """The distribution of the features, by default independent Gaussian ones."""
    return field("gaussian", description, section="assumption", names=NAMES, when=when)


def correlation(default: float, when: When | None = None) -> Any:
    """The correlation of neighbouring features, where they are correlated."""
    return field(
        default,
        "Correlation ρ of neighbouring features.",
        section="assumption",
        when={**(when or {}), "design": ("correlated",)},
        ge=0.0,
        le=0.98,
    )


def tail(when: When | None = None) -> Any:
    """How heavy the tail of entries or samples is, where they are of Student's law."""
    return field(
        5.0,
        "Degrees of freedom of the Student t of entries or samples, scaled to variance one.",
        section="assumption",
        when={**(when or {}), "design": ("entries", "samples")},
        scale="log",
        ge=2.1,
        le=30.0,
    )
