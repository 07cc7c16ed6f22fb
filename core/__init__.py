"""Ermine: experiments in statistical learning, theory beside measurement.

from core import run
run("double-descent", seed=1)["risk"]
"""

import os

__version__ = "0.1.0"

# One thread for BLAS and XLA, before either is loaded: a sum split over a different
# number of threads rounds differently, and a run must give the same numbers on the
# command line, in Python and on a worker. It is faster too on a shared machine: with
# many threads a 20 x 200 product took 20 times as long under load.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
if "xla_cpu_multi_thread_eigen" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = (
        os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
    ).strip()

from core.experiment import Cancelled, InputError  # noqa: E402
from core.runs.local import run  # noqa: E402

__all__ = ["Cancelled", "InputError", "__version__", "run"]
