"""A run as files: each table as CSV, the configuration, and what made it; and the command and the
Python call that repeat it."""

import io
import json
import pkgutil
import shlex
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pandas as pd

from core.catalog import Experiment
from core.experiment import Config, InputError, Table, hints
from core.runs.request import Request, allowed, flags


def csv(table: pd.DataFrame) -> bytes:
    """The table as CSV: UTF-8, a comma, a decimal point, every digit; what is missing is empty.

    A float is written with the fewest digits that read back as the same number.
    """
    return table.to_csv(index=False, lineterminator="\n").encode()


def files(tables: Mapping[str, pd.DataFrame], asked: Request) -> dict[str, bytes]:
    """Contents by file name: the tables as CSV, the experiment's own files, and `config.json`."""
    found = {f"{name}.csv": csv(table) for name, table in tables.items()}
    found |= own(tables, asked)
    found["config.json"] = _json(
        {
            "experiment": asked.experiment.name,
            "version": asked.experiment.version,
            "id": asked.id,
            "config": asked.config.model_dump(mode="json"),
        }
    )
    return found


def own(tables: Mapping[str, pd.DataFrame], asked: Request) -> dict[str, bytes]:
    """The files that the experiment makes of its tables, by name, such as a trained network; without
    those that this run has nothing for."""
    found = {}
    if set(asked.experiment.tables) <= set(tables):  # a kept run of older code may lack some
        for name, function in asked.experiment.files.items():
            with suppress(InputError):
                made = pkgutil.resolve_name(function)(tables)
                found[name] = made if isinstance(made, bytes) else str(made).encode()
    return found


def archive(
    tables: Mapping[str, pd.DataFrame],
    asked: Request,
    software: Mapping[str, str],
    link: str = "",
    data_names: Mapping[str, str] | None = None,
) -> bytes:
    """Everything of a run as one zip: tables, configuration, versions, and a README that names
    columns and units."""
    content = {
        **files(tables, asked),
        "versions.json": _json(dict(software)),
        "README.md": readme(tables, asked, link, data_names).encode(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in content.items():
            # A fixed date: the same run gives the same archive.
            packed.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def readme(
    tables: Mapping[str, pd.DataFrame],
    asked: Request,
    link: str = "",
    data_names: Mapping[str, str] | None = None,
) -> str:
    """What the archive holds: the question, how to repeat the run, every setting and column."""
    experiment, config = asked.experiment, asked.config
    again = [f"    {command(asked, data_names)}", "", f"    {call(asked, data_names)}"]
    lines = [
        f"# {experiment.title}",
        "",
        experiment.question,
        "",
        f"Run {asked.id}, seed {config.seed}, version {experiment.version} of the experiment.",
        *(["", link] if link else []),
        "",
        "## To repeat it",
        "",
        *again,
        "",
        "## Settings",
        "",
        *(f"- `{name}` = {_setting(config, name)}" for name in type(config).model_fields),
    ]
    for name, table in tables.items():
        # A kept run of older code may have tables and columns that are no longer declared.
        declared = experiment.tables.get(name, Table("Of an older version.", {}))
        lines += ["", f"## {name}.csv", "", f"{declared.description} Rows: {len(table)}.", ""]
        lines += [f"- `{c}`: {declared.columns.get(c, 'of an older version')}" for c in table.columns]
    return "\n".join(lines) + "\n"


def command(asked: Request, data_names: Mapping[str, str] | None = None) -> str:
    """The shell command that repeats the run."""
    parts = ["ermine", "run", asked.experiment.name]
    for name, text in flags(asked, data_names):
        parts.append(f"--{name.replace('_', '-')}={text}")
    return shlex.join(parts)


def call(asked: Request, data_names: Mapping[str, str] | None = None) -> str:
    """The Python call that repeats the run, its import in front."""
    text = dict(flags(asked, data_names))
    values = {
        name: text[name] if hints(type(asked.config), name).kind == "data" else value
        for name, value in asked.changed().items()
    }
    arguments = "".join(f", {name}={value!r}" for name, value in values.items())
    return f'from core import run; tables = run("{asked.experiment.name}"{arguments})'


def describe(experiment: Experiment) -> dict[str, Any]:
    """An experiment as data: name, chapter, question and fields, for `ermine list --json`."""
    config: type[Config] = experiment.config
    return {
        "name": experiment.name,
        "chapter": experiment.chapter,
        "question": experiment.question,
        "fields": {
            name: {
                "default": config().model_dump(mode="json")[name],
                "allowed": allowed(info),
                "unit": hints(config, name).unit,
                "description": info.description,
            }
            for name, info in config.model_fields.items()
        },
    }


def _setting(config: Config, name: str) -> str:
    unit = hints(type(config), name).unit
    meaning = type(config).model_fields[name].description
    return f"{getattr(config, name)}{' ' + unit if unit else ''} ({meaning})"


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
