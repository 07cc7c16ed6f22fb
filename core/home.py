"""Where Ermine keeps its files."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The data folder: `ERMINE_HOME`, by default the platform's user data folder; made if absent."""
    path = Path(os.environ.get("ERMINE_HOME") or platformdirs.user_data_path("ermine"))
    path.mkdir(parents=True, exist_ok=True)
    return path
