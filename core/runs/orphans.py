"""Ends an embedded scheduler or nanny whose server has died: killed with `kill -9`, say, a server
cannot do it itself, and its workers would hold their memory for ever."""

import os
import threading
import time
from typing import Any

CHECK_EVERY = 1.0


def dask_setup(_: Any) -> None:
    """Called by Dask as the process starts (its options `preload` and `preload_nanny`)."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(CHECK_EVERY)
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="orphans").start()
