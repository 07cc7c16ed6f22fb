"""Where Ermine keeps its files."""

import os
from pathlib import Path

import platformdirs

from core.experiment import InputError


def home() -> Path:
    """The data folder: `ERMINE_HOME`, by default the platform's user data folder; made if absent.

    Raises:
        InputError: it cannot be made.
    """
    path = Path(os.environ.get("ERMINE_HOME") or platformdirs.user_data_path("ermine"))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"`ERMINE_HOME` must be a folder that can be written; {path}: {reason}."
        ) from None
    return path
