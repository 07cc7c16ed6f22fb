"""One of those compared by benchmarks/distributions.py, in a process and an environment of its own.

    python distributions_peers.py PEER

Writes a line of JSON with its version, then one for each line that it reads: the file of a sample, and
the families to fit by scipy's names, or none for all it has. An answer has the CPU seconds, the families
best first by its own measure, those that failed, and the parameters as scipy's shapes, location and
scale where scipy has the family. Imports nothing but NumPy and the
peer's own library.
"""

import contextlib
import io
import json
import logging
import math
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

for _name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"
os.environ["MPLBACKEND"] = "agg"

import numpy as np  # noqa: E402
from distributions_names import MIXED, OPENTURNS, PHITTER, RELIABILITY, Law  # noqa: E402


class Found(NamedTuple):
    """Names best first, those that failed, and laws of scipy's by name."""

    order: list[str]
    failed: list[str]
    laws: dict[str, Law]
    # CPU seconds until the first fit was there.
    first: float = math.nan


Fitter = Callable[[np.ndarray, "Sequence[str] | None"], Found]


class Peer(NamedTuple):
    version: str
    fit: Fitter


def ermine() -> Peer:
    import jax

    from core import __version__, families
    from core.families import ranking
    from core.families.names import Measured

    def fit(x: np.ndarray, only: Sequence[str] | None) -> Found:
        names = [families.find(n).name for n in only] if only else Measured.__args__
        began, given, entries, first = time.process_time(), ranking.read(x), [], math.nan
        for name in names:
            entries.append(ranking.attempt(given, name))
            if math.isnan(first) and entries[-1].fit:
                first = time.process_time() - began
        ranked = ranking.ordered(entries)
        # Values outside a family's support are refused with a sentence: no failure to fit.
        failed = [e.family for e in ranked if e.fit is None and "must hold" not in e.note]
        laws = {}
        for entry in ranked:
            if entry.fit is not None:
                family = families.find(entry.family)
                shapes, location, scale = family.to_scipy(*entry.fit.parameters.values())
                laws[entry.family] = (family.scipy, (*shapes, location, scale))
        return Found([e.family for e in ranked if e.fit], failed, laws, first)

    return Peer(f"Ermine {__version__}, JAX {jax.__version__}", fit)


def fitter() -> Peer:
    from importlib.metadata import version

    from fitter import Fitter as Tool

    def fit(x: np.ndarray, only: Sequence[str] | None) -> Found:
        tool = Tool(x, distributions=list(only) if only else None, verbose=False)
        # One worker, so that its CPU seconds are those of this process.
        tool.fit(max_workers=1)
        errors = tool.df_errors["sumsquare_error"].sort_values()
        fitted = {n: (n, [float(v) for v in p]) for n, p in tool.fitted_param.items()}
        return Found(
            [n for n in errors.index if n in fitted], sorted({*errors.index} - {*fitted}), fitted
        )

    return Peer(f"fitter {version('fitter')}", fit)


def distfit() -> Peer:
    from importlib.metadata import version

    from distfit import distfit as Tool

    def fit(x: np.ndarray, only: Sequence[str] | None) -> Found:
        tool = Tool(distr=list(only) if only else "full", verbose="silent")
        tool.fit_transform(x, verbose="silent")
        kept = tool.summary.dropna(subset=["name"])
        usable = np.isfinite(kept["score"].astype(float))
        asked = [d.name for d in tool.distributions]
        laws = {n: (n, [float(v) for v in p]) for n, p in zip(kept["name"], kept["params"], strict=True)}
        order = list(kept["name"][usable])
        return Found(order, sorted({*asked} - {*order}), laws)

    return Peer(f"distfit {version('distfit')}", fit)


def phitter() -> Peer:
    from importlib.metadata import version

    from phitter.continuous.continuous_distributions import CONTINUOUS_DISTRIBUTIONS
    from phitter.continuous.phitter_continuous import PhitterContinuous

    known = {n: CONTINUOUS_DISTRIBUTIONS[n](init_parameters_examples=True).parameters for n in PHITTER}
    scipys = {name: law(known[name])[0] for name, law in PHITTER.items()}

    def fit(x: np.ndarray, only: Sequence[str] | None) -> Found:
        names = [n for n, s in scipys.items() if s in only] if only else [*CONTINUOUS_DISTRIBUTIONS]
        if not names:
            return Found([], [], {})
        tool = PhitterContinuous(x, distributions_to_fit=names)
        tool.fit(n_workers=1)
        made = tool.sorted_distributions
        laws = {n: PHITTER[n](made[n]["parameters"]) for n in made if n in PHITTER}
        return Found([*made], sorted({*names} - {*made}), laws)

    return Peer(f"phitter {version('phitter')}", fit)


def reliability() -> Peer:
    from collections import defaultdict
    from importlib.metadata import version

    from reliability.Fitters import Fit_Everything

    scipys = {name: law(defaultdict(lambda: 1.0))[0] for name, law in RELIABILITY.items()}

    def fit(x: np.ndarray, only: Sequence[str] | None) -> Found:
        names = [n for n, s in scipys.items() if s in only] if only else [*RELIABILITY, *MIXED]
        if not names:
            return Found([], [], {})
        shown = ("results", "histogram_plot", "PP_plot", "probability_plot")
        quiet = {f"{'print' if n == 'results' else 'show'}_{n}": False for n in shown}
        tool = Fit_Everything(
            x,
            exclude=[n for n in (*RELIABILITY, *MIXED) if n not in names],
            show_best_distribution_probability_plot=False,
            **quiet,
        )
        rows = {r["Distribution"]: r for _, r in tool.results.iterrows()}
        laws = {n: RELIABILITY[n](row) for n, row in rows.items() if n in RELIABILITY}
        tried = {*names} - ({"Beta_2P"} if x.max() >= 1 else set())
        return Found([*rows], sorted(tried - {*rows}), laws)

    return Peer(f"reliability {version('reliability')}", fit)


def openturns() -> Peer:
    import openturns as ot

    ot.Log.Show(ot.Log.NONE)
    factories = {
        f.getImplementation().getClassName().removesuffix("Factory"): f
        for f in ot.DistributionFactory.GetContinuousUniVariateFactories()
        # No family, but the data's own bins.
        if "Histogram" not in f.getImplementation().getClassName()
    }
    ones = {"Beta": (1, 1, 0, 1), "Triangular": (0, 0, 1)}
    scipys = {n: law(*ones.get(n, [1] * law.__code__.co_argcount))[0] for n, law in OPENTURNS.items()}

    def fit(x: np.ndarray, only: Sequence[str] | None) -> Found:
        sample = ot.Sample.BuildFromPoint(x)
        scores, laws, failed = {}, {}, []
        for name, factory in factories.items():
            if only and scipys.get(name) not in only:
                continue
            try:
                made = factory.build(sample)
                values = list(made.getParameter())
                scores[name] = ot.FittingTest.BIC(sample, made, len(values))
                if name in OPENTURNS:
                    laws[name] = OPENTURNS[name](*values)
            except Exception:  # whatever it raises is its failure
                failed.append(name)
        return Found(sorted(scores, key=lambda n: scores[n]), failed, laws)

    return Peer(f"OpenTURNS {ot.__version__}", fit)


PEERS = {f.__name__: f for f in (ermine, fitter, distfit, phitter, reliability, openturns)}


def peak() -> float:
    """Bytes of the largest resident memory since it was last asked."""
    with open("/proc/self/status") as file:
        sizes = dict(line.split(":", 1) for line in file if line.startswith("Vm"))
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return 1024.0 * int(sizes["VmHWM"].split()[0])


def spent() -> float:
    """CPU seconds of this process and of those it started."""
    return sum(
        resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    out = sys.stdout
    peer = PEERS[sys.argv[1]]()
    print(json.dumps({"version": peer.version, "import": spent()}), file=out, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        x = np.load(asked["sample"])
        peak()
        before = peak()
        began, wall, failure = spent(), time.perf_counter(), ""
        # What the tools say goes nowhere.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                found = peer.fit(x, asked["only"])
            except Exception as error:
                found, failure = Found([], [], {}), f"{type(error).__name__}: {error}"[:200]
        answer = {
            "cpu": spent() - began,
            "wall": time.perf_counter() - wall,
            "first": found.first,
            "memory": peak() - before,
            "failure": failure,
            "order": found.order,
            "failed": found.failed,
            "laws": {n: (name, [float(v) for v in law]) for n, (name, law) in found.laws.items()},
        }
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
