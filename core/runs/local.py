"""Carrying a run out in this process: what Python and the command line do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from core.catalog import find
from core.datasets import uploaded
from core.experiment import Config, Frames, InputError, Report, hints, silent
from core.runs.request import Request, request


def run(name: str, report: Report = silent, **values: Any) -> Frames:
    """The tables of experiment `name`, with `values` for its fields over the defaults.

    A field that takes data also takes a data frame, or the path of a CSV or Parquet file:
    `run("fit-distribution", data="meat.csv", column="serving")`.

    Raises:
        InputError: unusable input, in one sentence.
    """
    prepared, files = own_data(name, values)
    return carry_out(request(name, prepared), report, {f.digest: f.frame for f in files})


def carry_out(asked: Request, report: Report, frames: Mapping[str, pd.DataFrame]) -> Frames:
    """Runs the experiment with the uploaded `frames` at hand."""
    # Sums split over another number of threads round differently. The environment that core sets
    # comes too late where NumPy was loaded before it.
    with uploaded.provided(frames), threadpool_limits(1):
        tables = asked.experiment.run(asked.config, report)
    return {name: tables[name] for name in asked.experiment.tables}


def own_data(name: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[uploaded.File]]:
    """`values` with each file or frame replaced by `upload:<digest>`, and those files."""
    experiment = find(name)
    prepared, files = dict(values), []
    for field, value in values.items():
        if field not in experiment.config.model_fields or hints(experiment.config, field).kind != "data":
            continue
        file = _file(value)
        if file is not None:
            files.append(file)
            prepared[field] = Config.UPLOAD + file.digest
    return prepared, files


def _file(value: Any) -> uploaded.File | None:
    """The file that a value of a data field stands for; None for the name of a data set."""
    if isinstance(value, pd.DataFrame):
        return uploaded.File.of_frame(value)
    if not isinstance(value, (str, Path)) or str(value).startswith(Config.UPLOAD):
        return None
    path = Path(value)
    if path.is_file():
        from core.datasets.read import read

        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(
                f"`data` must be a file that can be read; {value}: {error.strerror}."
            ) from None
        found = read(path.name, content)
        return uploaded.File(uploaded.digest(content), path.name, found.frame, tuple(found.notes))
    if path.suffix or path.parent != Path("."):
        raise InputError(f"`data` must be a data set's name or a file; there is no file {value}.")
    return None
