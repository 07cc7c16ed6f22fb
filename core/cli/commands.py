"""The commands: each takes its parsed options and returns the exit status."""

import argparse
import itertools
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.catalog import experiments, find
from core.cli.output import as_text, bar, bar_end, print_checks, print_json, records, say
from core.experiment import Config, Frames, InputError, hints, is_tuple
from core.runs import export
from core.runs.local import carry_out, own_data
from core.runs.request import Request, allowed, request
from core.runs.software import software


def list_(options: argparse.Namespace) -> int:
    """Every experiment with its question."""
    found = experiments().values()
    if options.json:
        print_json({"experiments": [export.describe(e) for e in found]})
        return 0
    for chapter, group in itertools.groupby(found, key=lambda e: e.chapter):
        print(chapter.capitalize())
        for experiment in group:
            print(f"  {experiment.name:<20} {experiment.question}")
    return 0


def show(options: argparse.Namespace) -> int:
    """One experiment: its question, its fields and its tables."""
    experiment = find(options.name)
    if options.json:
        print_json(export.describe(experiment))
        return 0
    print(f"{experiment.title}\n{experiment.question}\n\nFields")
    for name, info in experiment.config.model_fields.items():
        unit = hints(experiment.config, name).unit
        print(
            f"  --{name.replace('_', '-')} (default {as_text(info.get_default())}{unit and ' ' + unit})"
        )
        print(f"      {info.description} Allowed: {allowed(info)}.")
    print("\nWays to break an assumption of its theory")
    for label, values in experiment.breaks.items():
        spelled = " ".join(f"--{k.replace('_', '-')}={as_text(v)}" for k, v in values.items())
        print(f"  {label}: {spelled}")
    print("\nTables")
    for name, table in experiment.tables.items():
        print(f"  {name:<12} {table.description}")
    return 0


def run(options: argparse.Namespace) -> int:
    """Carries one run out and keeps it."""
    asked, tables = _carry_out(options.name, _values(options))
    if options.csv:
        export.write(tables, asked, Path(options.csv))
    if options.json:
        print_json(
            {
                "experiment": asked.experiment.name,
                "id": asked.id,
                "config": asked.config.model_dump(mode="json"),
                "tables": {name: records(table) for name, table in tables.items()},
            }
        )
    else:
        print(f"{asked.experiment.title}: run {asked.id}\n")
        print_checks(tables["checks"])
        if options.csv:
            print(f"\nTables written to {options.csv}")
    return _status(options, tables["checks"])


def sweep(options: argparse.Namespace) -> int:
    """Every combination of the values given by `--over`; tables get a column for each field."""
    experiment = find(options.name)
    over = dict(_over(experiment.config, text) for text in options.over)
    fixed = _values(options)
    parts: dict[str, list[pd.DataFrame]] = {}
    for values in itertools.product(*over.values()):
        point = dict(zip(over, values, strict=True))
        say([", ".join(f"{k}={v}" for k, v in point.items())])
        asked, tables = _carry_out(options.name, {**fixed, **point})
        for name, table in tables.items():
            for position, field in enumerate(point):
                value = getattr(asked.config, field)
                column = field if field not in table.columns else f"swept_{field}"
                table.insert(position, column, as_text(value) if isinstance(value, tuple) else value)
            parts.setdefault(name, []).append(table)
    joined = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    if options.csv:
        folder = Path(options.csv)
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in joined.items():
            (folder / f"{name}.csv").write_bytes(export.csv(table))
        (folder / "config.json").write_text(
            json.dumps({"experiment": options.name, "fixed": fixed, "over": over}, indent=2) + "\n"
        )
    if options.json:
        tables_json = {name: records(table) for name, table in joined.items()}
        print_json({"experiment": options.name, "fixed": fixed, "over": over, "tables": tables_json})
    else:
        print_checks(joined["checks"])
    return _status(options, joined["checks"])


def fit(options: argparse.Namespace) -> int:
    """Fits families to one column of a file, best AICc first."""
    from core.datasets import uploaded
    from core.datasets.columns import column
    from core.families.ranking import Entry, rank

    values, files = own_data("fit-distribution", {"data": options.file})
    with uploaded.provided({f.digest: f.frame for f in files}):
        sample = column(values["data"], options.column or "")
    say([*(n for f in files for n in f.notes), *sample.notes])
    entries: list[Entry] = rank(sample.values, options.family)
    fits = [e.fit for e in entries if e.fit is not None]
    say(f"{e.family}: {e.note}" for e in entries if e.note)
    if not fits:
        raise InputError(f"No family could be fitted to `{sample.name}`.")
    if options.json:
        print_json({"fits": [_fit_as_data(f) for f in fits]})
        return 0
    print(f"{sample.name}: {len(sample.values)} values")
    for f in fits:
        estimates = ", ".join(
            f"{name} {value:.6g} (s.e. {f.standard_errors[name]:.3g})"
            for name, value in f.parameters.items()
        )
        print(f"  {f.family:<18} AICc {f.aicc:<12.6g} BIC {f.bic:<12.6g} {estimates}")
    return 0


def export_(options: argparse.Namespace) -> int:
    """Writes a kept run as a zip."""
    from core.runs.store import Store

    store = Store()
    kept = store.find(options.run)
    if kept is None:
        raise InputError(f"`RUN` must be the id of a run kept here; there is no run {options.run}.")
    asked = request(kept.experiment, kept.config)
    target = Path(options.to or f"{kept.experiment}-{kept.id}.zip")
    target.write_bytes(export.archive(store.tables(kept.id), asked, kept.software))
    print(target)
    return 0


def new(options: argparse.Namespace) -> int:
    """Writes the three files of a new experiment."""
    from core.scaffold import scaffold

    for path in scaffold(options.name, options.chapter, Path.cwd()):
        print(path)
    return 0


def _values(options: argparse.Namespace) -> dict[str, Any]:
    """The fields that were given, as text."""
    return {
        name.removeprefix("field_"): value
        for name, value in vars(options).items()
        if name.startswith("field_") and value is not None
    }


def _over(config: type[Config], text: str) -> tuple[str, list[str]]:
    """`field=a,b,c` as the field and its values; values of a field that holds several are cut at
    semicolons."""
    field, sign, values = text.partition("=")
    field = field.replace("-", "_")
    if not sign or not values:
        raise InputError(f"`--over` must be FIELD=A,B,C; it was {text}.")
    cut = ";" if field in config.model_fields and is_tuple(config.model_fields[field]) else ","
    return field, [value.strip() for value in values.split(cut)]


def _carry_out(name: str, values: Mapping[str, Any]) -> tuple[Request, Frames]:
    """Carries a run out in this process with a progress bar, and keeps it."""
    from core.runs.store import Store, StoreError

    prepared, files = own_data(name, values)
    asked = request(name, prepared)
    say(note for f in files for note in f.notes)
    began = time.perf_counter()
    try:
        tables = carry_out(asked, bar, {f.digest: f.frame for f in files})
    finally:
        bar_end()
    seconds = time.perf_counter() - began
    say(tables["notes"]["note"] if "notes" in tables and len(tables["notes"]) else [])
    try:
        store = Store()
        for file in files:
            store.keep(file, "command line")
        store.put(asked, tables, seconds, software())
    except StoreError as error:
        say([f"The run was not kept. {error}"])
    return asked, tables


def _status(options: argparse.Namespace, checks: pd.DataFrame) -> int:
    return 1 if options.strict and not checks["holds"].all() else 0


def _fit_as_data(fit: Any) -> dict[str, Any]:
    names = ("family", "parameters", "standard_errors", "log_likelihood", "aic", "aicc", "bic")
    return {**{name: getattr(fit, name) for name in names}, "statistics": fit.statistics}
