"""The commands that carry runs out: one run, or every combination of some values."""

import argparse
import itertools
import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.catalog import find
from core.cli.output import as_text, bar, bar_end, folder, print_checks, print_json, records, say, write
from core.datasets.uploaded import File
from core.experiment import Config, Frames, InputError, is_tuple
from core.runs import export
from core.runs.local import carry_out, own_data
from core.runs.request import Request, request
from core.runs.software import software

if TYPE_CHECKING:
    from core.runs.store import Store


def run(options: argparse.Namespace) -> int:
    """Carries one run out and keeps it."""
    prepared, files = own_data(options.name, _values(options))
    asked = request(options.name, prepared)
    target = folder(options.csv)
    tables = _carry_out(asked, {f.digest: f for f in files}, _store())
    if target:
        write(export.files(tables, asked), target)
    if options.json:
        config = asked.config.model_dump(mode="json")
        print_json({**_head(options), "id": asked.id, "config": config, **_tables(tables)})
    else:
        print(f"{asked.experiment.title}: run {asked.id}\n")
        print_checks(tables["checks"])
        if target:
            print(f"\nTables written to {target}")
    return _status(options, tables["checks"])


def sweep(options: argparse.Namespace) -> int:
    """Every combination of the values given by `--over`; tables get a column for each field."""
    fixed, over, files = _grid(options)
    # Every point is looked at before the first is run.
    asked = [
        request(options.name, {**fixed, **dict(zip(over, point, strict=True))})
        for point in itertools.product(*over.values())
    ]
    target, store = folder(options.csv), _store()
    parts: dict[str, list[pd.DataFrame]] = {}
    for number, point in enumerate(asked, 1):
        shown = {field: _shown(point.config, field, files) for field in over}
        text = ", ".join(f"{field}={as_text(value)}" for field, value in shown.items())
        say([f"{text} ({number} of {len(asked)})"])
        tables = _carry_out(point, files, store)
        for name, table in tables.items():
            parts.setdefault(name, []).append(_labelled(table, shown))
        if not options.json:
            print(f"{text}: run {point.id}\n")
            print_checks(tables["checks"])
            print()
    joined = {name: _joined(frames) for name, frames in parts.items()}
    head = {**_head(options), **_swept(asked, fixed, over), "ids": [point.id for point in asked]}
    if target:
        content = {f"{name}.csv": export.csv(table) for name, table in joined.items()}
        write({**content, "config.json": (json.dumps(head, indent=2) + "\n").encode()}, target)
    if options.json:
        print_json({**head, **_tables(joined)})
    return _status(options, joined["checks"])


def _values(options: argparse.Namespace) -> dict[str, Any]:
    """The fields that were given, as text."""
    return {
        name.removeprefix("field_"): value
        for name, value in vars(options).items()
        if name.startswith("field_") and value is not None
    }


def _grid(
    options: argparse.Namespace,
) -> tuple[dict[str, Any], dict[str, list[Any]], dict[str, File]]:
    """The fixed values, the values of each swept field, and the files among both, each read once."""
    files: dict[str, File] = {}

    def own(values: Mapping[str, Any]) -> dict[str, Any]:
        prepared, found = own_data(options.name, values)
        files.update({file.digest: file for file in found})
        return prepared

    fixed, over = own(_values(options)), {}
    config = find(options.name).config
    for given in options.over:
        field, values = _over(config, given)
        if field in over or field in fixed:
            raise InputError(f"`{field}` must be given once; it was given again by --over {given}.")
        over[field] = [own({field: value})[field] for value in values]
    return fixed, over, files


def _over(config: type[Config], text: str) -> tuple[str, list[str]]:
    """`field=a,b,c` as the field and its values; values of a field that holds several are cut at
    semicolons."""
    field, sign, values = text.partition("=")
    field = field.replace("-", "_")
    if not field or not sign:
        raise InputError(f"`--over` must be FIELD=A,B,C; it was {text}.")
    cut = ";" if field in config.model_fields and is_tuple(config.model_fields[field]) else ","
    return field, [value.strip() for value in values.split(cut)]


def _carry_out(asked: Request, files: Mapping[str, File], store: "Store") -> Frames:
    """Carries a run out in this process with a progress bar, and keeps it."""
    used = [files[digest] for digest in dict.fromkeys(asked.config.uploads()) if digest in files]
    say(note for file in used for note in file.notes)
    began = time.perf_counter()
    try:
        tables = carry_out(asked, bar, {f.digest: f.frame for f in used})
    finally:
        bar_end()
    seconds = time.perf_counter() - began
    say(tables["notes"]["note"] if "notes" in tables and len(tables["notes"]) else [])
    try:
        for file in used:
            store.keep(file, "command line")
        store.put(asked, tables, seconds, software())
    except InputError as error:
        say([f"The run was not kept. {error}"])
    return tables


def _store() -> "Store":
    # Imported late: a command that is refused before it needs the store answers sooner.
    from core.runs.store import Store

    return Store()


def _shown(config: Config, field: str, files: Mapping[str, File]) -> Any:
    """A swept value as it stands in the tables: typed, a file by its name."""
    value = getattr(config, field)
    if isinstance(value, tuple):
        return as_text(value)
    file = files.get(value.removeprefix(Config.UPLOAD)) if isinstance(value, str) else None
    return file.name if file else value


def _labelled(table: pd.DataFrame, point: Mapping[str, Any]) -> pd.DataFrame:
    """The table with a column for each swept field in front."""
    made = table.copy()
    for position, (field, value) in enumerate(point.items()):
        made.insert(position, field if field not in table.columns else f"swept_{field}", value)
    return made


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    # An empty table has columns of no particular type, which would turn whole numbers into floats.
    return pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)


def _swept(
    asked: Sequence[Request], fixed: Mapping[str, Any], over: Mapping[str, Any]
) -> dict[str, Any]:
    """What was fixed and what was swept, typed as the `Config` has it."""
    configs = [point.config.model_dump(mode="json") for point in asked]
    values = {field: [config[field] for config in configs] for field in over}
    return {
        "fixed": {field: configs[0][field] for field in fixed},
        "over": {f: [v for i, v in enumerate(vs) if v not in vs[:i]] for f, vs in values.items()},
    }


def _head(options: argparse.Namespace) -> dict[str, Any]:
    return {"experiment": options.name}


def _tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    return {"tables": {name: records(table) for name, table in tables.items()}}


def _status(options: argparse.Namespace, checks: pd.DataFrame) -> int:
    return 1 if options.strict and not checks["holds"].all() else 0
