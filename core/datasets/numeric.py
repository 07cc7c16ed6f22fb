"""All columns of numbers of a data set, bundled or uploaded, without a target."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets import bundled, uploaded
from core.datasets.frames import distinct_names, floats, kind, left_out, listed, pick
from core.experiment import Config, InputError

LEAST_ROWS = 5


@dataclass(frozen=True)
class Numeric:
    """`values` float64 (n, d), all finite, in their own units and in the file's order; `columns`, d
    names; `notes`, sentences on what was left out."""

    values: NDArray[np.float64]
    columns: tuple[str, ...]
    notes: tuple[str, ...]


def numeric(data: str, leave_out: str = "") -> Numeric:
    """The columns of numbers of `data`, a name in `bundled.SETS` or `upload:<digest>`, but for those
    named in `leave_out`, separated by commas, and the target of a bundled set. Rows with a missing
    or infinite value are left out and counted, and columns of text and empty ones are named.

    Raises:
        InputError: no such data or column; fewer than 2 columns of numbers; fewer than 5 rows left.
    """
    if data in bundled.SETS:
        frame = bundled.table(data).drop(columns="target")
    elif data.startswith(Config.UPLOAD):
        frame = uploaded.frame(data.removeprefix(Config.UPLOAD))
    else:
        known = ", ".join(bundled.SETS)
        raise InputError(f"`data` must be one of {known} or an uploaded file; '{data}' is not.")
    distinct_names(frame, "data")
    for name in filter(None, (part.strip() for part in leave_out.split(","))):
        pick(frame, name, "leave_out")
        frame = frame.drop(columns=name)
    used = [str(c) for c in frame if kind(frame[c]) in ("number", "boolean") and frame[c].notna().any()]
    others = [str(c) for c in frame if str(c) not in used]
    if len(used) < 2:
        raise InputError(f"`data` must have at least 2 columns of numbers; it has {len(used)}.")
    values = np.column_stack([floats(frame[c]) for c in used])
    missing = np.isnan(values).any(axis=1)
    keep = ~missing & np.isfinite(values).all(axis=1)
    if keep.sum() < LEAST_ROWS:
        raise InputError(
            f"`data` must have at least {LEAST_ROWS} rows with a finite value in every column of "
            f"numbers; it has {keep.sum()}."
        )
    notes = left_out("rows", keep.size, int(missing.sum()), int((~missing & ~keep).sum()))
    if others:
        said = listed(pd.DataFrame(columns=others))
        notes += (f"Columns that hold no numbers are left out: {said}.",)
    return Numeric(values[keep], tuple(used), notes)
