"""Packages whose modules load on first use, as scipy's do: a page or a command that fits nothing
waits neither for JAX nor for the densities."""

import importlib
from collections.abc import Callable
from typing import Any


def on_first_use(package: str, **where: str) -> Callable[[str], Any]:
    """A `__getattr__` for the package: `where` names the module of each thing that the package
    gives by name; any other name is a module of it."""

    def load(name: str) -> Any:
        if name in where:
            return getattr(importlib.import_module(f"{package}.{where[name]}"), name)
        try:
            return importlib.import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{name}":
                raise
            raise AttributeError(f"{package} has no attribute {name}") from None

    return load
