"""The other commands: each takes its parsed options and returns the exit status."""

import argparse
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.catalog import experiments, find
from core.cli.output import as_text, print_json, say, write
from core.experiment import InputError, hints
from core.runs import export
from core.runs.local import own_data
from core.runs.request import Request, allowed, request


def list_(options: argparse.Namespace) -> int:
    """Every experiment with its question."""
    found = experiments().values()
    if options.json:
        print_json({"experiments": [export.describe(e) for e in found]})
        return 0
    for chapter, group in itertools.groupby(found, key=lambda e: e.chapter):
        print(chapter.replace("_", " ").capitalize())
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


def fit(options: argparse.Namespace) -> int:
    """Fits families to one column of a file, best AICc first."""
    from core.datasets import uploaded
    from core.datasets.observed import observed
    from core.families import consistency, estimation, registry
    from core.families.noticed import noticed
    from core.families.ranking import Entry, check_comparable, rank

    if options.confidence is not None and not 0.5 <= options.confidence <= 0.99:
        raise InputError(
            f"`--confidence` must be a number from 0.5 to 0.99; it was {options.confidence:g}."
        )
    estimation.known(options.method)
    check_comparable(options.family or [])
    values, files = own_data("fit-distribution", {"data": options.file})
    with uploaded.provided({f.digest: f.frame for f in files}):
        given = (options.column, options.upper, options.weights)
        sample = observed(values["data"], *(name or "" for name in given))
    say([*(n for f in files for n in f.notes), *sample.notes])
    entries: list[Entry] = rank(
        sample.sample,
        options.family,
        weights=sample.weights,
        method=options.method,
        truncated=(options.seen_from, options.seen_to),
    )
    if sample.right is None and sample.weights is None:
        say(noticed(sample.left, registry.find(entries[0].family).discrete))
    fits = [e.fit for e in entries if e.fit is not None]
    say(f"{e.family}: {e.note}" for e in entries if e.note)
    if not fits:
        raise InputError(f"No family could be fitted to `{sample.name}`.")
    tested = consistency.Tested({}, ())
    if fits[0].method == "mle":
        tested = consistency.tested(entries, consistency.stream(0), lambda name, share: None)
    say(tested.notes)
    known = [_intervals(f, options.confidence) for f in fits]
    if options.json:
        rows = zip(fits, known, strict=True)
        print_json(
            {
                "fits": [
                    {**_fit_as_data(f), "p_value": tested.p.get(f.family), **more} for f, more in rows
                ]
            }
        )
        return 0
    print(f"{sample.name}: {len(sample.left)} values")
    for f, more in zip(fits, known, strict=True):
        estimates = ", ".join(
            f"{name} {value:.6g} (s.e. {f.standard_errors[name]:.3g})"
            for name, value in f.parameters.items()
        )
        p = f"p {tested.p[f.family]:<8.3g}" if f.family in tested.p else " " * 10
        print(f"  {f.family:<18} AICc {f.aicc:<12.6g} BIC {f.bic:<12.6g} {p} {estimates}")
        for line in more.get("intervals", ()):
            print(
                f"    {line['quantity']:<18} {line['kind']:<8} {line['low']:.6g} to {line['high']:.6g}"
            )
    return 0


def export_(options: argparse.Namespace) -> int:
    """Writes a kept run as a zip."""
    from core.runs.store import Store

    store = Store()
    kept = store.find(options.run)
    if kept is None:
        raise InputError(f"`RUN` must be the id of a run kept here; there is no run {options.run}.")
    asked = request(kept.experiment, kept.config)
    # A run of older code keeps its own version, and with it its id.
    asked = Request(replace(asked.experiment, version=kept.version), asked.config)
    names = {d: file.name for d in asked.config.uploads() if (file := store.file(d))}
    packed = export.archive(store.tables(kept.id), asked, kept.software, data_names=names)
    target = Path(options.to or f"{kept.experiment}-{kept.id}.zip")
    write({target.name: packed}, target.parent, "--to")
    print(target)
    return 0


def new(options: argparse.Namespace) -> int:
    """Writes the three files of a new experiment."""
    from core.scaffold import scaffold

    for path in scaffold(options.name, options.chapter, Path.cwd()):
        print(path)
    return 0


def _intervals(fit: Any, confidence: float | None) -> dict[str, Any]:
    """The intervals that need no refits, as on the page; nothing where none are asked for."""
    from core.families import interval_tables, intervals

    if confidence is None:
        return {}
    info = experiments()["fit-distribution"].config.model_fields
    found = intervals.known(fit, confidence, info["probabilities"].get_default())
    columns = ["quantity", "kind", "estimate", "low", "high"]
    return {"intervals": interval_tables.intervals(found)[columns].to_dict("records")}


def _fit_as_data(fit: Any) -> dict[str, Any]:
    names = ("family", "parameters", "standard_errors", "log_likelihood", "aic", "aicc", "bic")
    return {**{name: getattr(fit, name) for name in names}, "statistics": fit.statistics}
