"""What the commands print and write: tables of checks, JSON, notes, a progress bar, files."""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.experiment import InputError


def bar(fraction: float, message: str, tables: Mapping[str, pd.DataFrame] | None = None) -> None:
    """A run's `report`: progress on the terminal's error stream; nothing where that is a file."""
    if sys.stderr.isatty():
        done = round(30 * fraction)
        print(
            f"\r\x1b[K{'█' * done}{'░' * (30 - done)} {fraction:4.0%} {message}", end="", file=sys.stderr
        )
        sys.stderr.flush()


def bar_end() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)


def say(notes: Iterable[str]) -> None:
    for note in notes:
        print(f"ermine: {note}", file=sys.stderr)


def folder(given: str | None) -> Path | None:
    """The folder named by `--csv`, made if absent; asked for before a run, so that none is lost."""
    if given is None:
        return None
    try:
        Path(given).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"`--csv` must be a folder that can be written; {given}: {error.strerror}."
        ) from None
    return Path(given)


def write(contents: Mapping[str, bytes], where: Path, parameter: str = "--csv") -> None:
    """Writes each of `contents` under its name into the folder `where`."""
    for name, content in contents.items():
        try:
            (where / name).write_bytes(content)
        except OSError as error:
            raise InputError(
                f"`{parameter}` must be a place that can be written; {where / name}: {error.strerror}."
            ) from None


def as_text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def print_checks(checks: pd.DataFrame) -> None:
    """The checks for a reader: verdict, claim, numbers."""
    for row in checks.to_dict("records"):
        error = row["standard_error"]
        spread = f" (s.e. {error:.2g})" if pd.notna(error) else ""
        print(f"{'holds' if row['holds'] else 'FAILS'}  {row['prediction']}")
        print(
            f"       {row['kind']}: predicted {row['predicted']:.6g}, "
            f"measured {row['measured']:.6g}{spread}, agreement {row['agreement']:.3g}, "
            f"tolerance {row['tolerance']:.3g}. {row['source']}"
        )


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def print_json(value: Any) -> None:
    print(json.dumps(_plain(value), indent=1, allow_nan=False))


def _plain(value: Any) -> Any:
    """Values that JSON has: what is missing is null, an infinity is text."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return None if value is pd.NA or value is pd.NaT else value
