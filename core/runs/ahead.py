"""Carries out the default run of every experiment ahead of the first visitor.

`make run` does it once, as its last step of set-up: the pages then open with their answer, and the
programs that they need are compiled.
"""

import time

from core.catalog import experiments
from core.experiment import silent
from core.runs.local import carry_out
from core.runs.request import Request
from core.runs.software import software
from core.runs.store import Store


def main() -> None:
    """Keeps every default run that the store does not have."""
    store = Store()
    for experiment in experiments().values():
        asked = Request(experiment, experiment.config())
        if store.find(asked.id) is None:
            print(f"{experiment.title}: the default run, once", flush=True)
            began = time.perf_counter()
            tables = carry_out(asked, silent, {})
            store.put(asked, tables, time.perf_counter() - began, software())
    store.close()


if __name__ == "__main__":
    main()
