"""Ends an embedded scheduler or nanny whose server has died: killed with `kill -9`, say, a server
cannot do it itself, and its workers would hold their memory for ever."""

import os
import threading
import time
from typing import Any

CHECK_EVERY = 1.0
# The environment variable that tells the subprocesses which process is their server.
SERVER = "ERMINE_SERVER_PROCESS"


def dask_setup(_: Any) -> None:
    """Called by Dask as the process starts (its options `preload` and `preload_nanny`)."""
    # Handed down, not asked for: the server may have died before this process was ready.
    server = int(os.environ[SERVER])

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(CHECK_EVERY)
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="orphans").start()
