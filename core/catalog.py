"""Finds the experiments: every module in `core/experiments/<chapter>/`, with nothing to register."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import core.experiments
from core.experiment import Config, Frames, InputError, Report, Table

ACRONYMS = {"sgd"}


@dataclass(frozen=True)
class Experiment:
    """One question and the pure function that answers it, as its module declares them."""

    name: str
    chapter: str
    question: str
    version: int
    config: type[Config]
    tables: Mapping[str, Table]
    breaks: Mapping[str, Mapping[str, Any]]
    run: Callable[[Config, Report], Frames]
    files: Mapping[str, str] = field(default_factory=dict)
    resumes: bool = False

    @property
    def title(self) -> str:
        """The name as a heading: `double-descent` is `Double descent`."""
        return _heading(self.name)

    @property
    def chapter_title(self) -> str:
        """The chapter as a heading."""
        return _heading(self.chapter)


@cache
def experiments() -> Mapping[str, Experiment]:
    """All experiments by name, chapters and names in alphabetical order."""
    found = {}
    for chapter in sorted(m.name for m in pkgutil.iter_modules(core.experiments.__path__)):
        package = importlib.import_module(f"core.experiments.{chapter}")
        for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
            experiment = _read(chapter, module)
            found[experiment.name] = experiment
    return found


def find(name: str) -> Experiment:
    """The experiment called `name`.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    known = experiments()
    if name not in known:
        raise InputError(f"`{name}` is not an experiment; there are {', '.join(known)}.")
    return known[name]


def _heading(name: str) -> str:
    first, *words = re.split("[-_]", name)
    return " ".join([first.upper() if first in ACRONYMS else first.capitalize(), *words])


def _read(chapter: str, module: str) -> Experiment:
    source = importlib.import_module(f"core.experiments.{chapter}.{module}")
    question = " ".join((source.__doc__ or "").strip().split("\n\n")[0].split())
    return Experiment(
        name=module.replace("_", "-"),
        chapter=chapter,
        question=question,
        version=source.VERSION,
        config=source.Config,
        tables=source.TABLES,
        breaks=source.BREAKS,
        run=source.run,
        files=getattr(source, "FILES", {}),
        resumes=getattr(source, "RESUMES", False),
    )
