"""Finds the families: every module of `continuous` and `discrete`, with nothing to register."""

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import core.families.continuous
import core.families.discrete
from core.experiment import InputError
from core.families.family import Family
from core.families.located import PLUS, located


@cache
def families() -> Mapping[str, Family]:
    """All families by the field's name, the continuous ones first."""
    found = {}
    for package in (core.families.continuous, core.families.discrete):
        for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
            family = importlib.import_module(f"{package.__name__}.{module}").FAMILY
            found[family.name] = family
    return found


def find(name: str) -> Family:
    """The family that answers to `name`: the field's, scipy's or another usual one. A half-line
    family is also had with a location of its own, as `weibull+location`.

    Raises:
        InputError: none does; the message names the nearest, or all of them.
    """
    if str(name).endswith(PLUS):
        return located(find(str(name).removesuffix(PLUS)))
    known = _names()
    plain = _plain(name)
    if plain in known:
        return known[plain]
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.6)
    hint = f"did you mean {known[near[0]].name}?" if near else f"there are {', '.join(families())}."
    raise InputError(f"`family` must name a known family, not '{name}'; {hint}")


@cache
def _names() -> Mapping[str, Family]:
    found = {_plain(name): f for f in families().values() for name in f.special_cases}
    for family in families().values():
        names = (family.name, family.scipy, *family.aliases)
        found |= {_plain(name): family for name in names if name}
    return found


def _plain(name: str) -> str:
    return "".join(c for c in str(name).lower() if c.isalnum())
