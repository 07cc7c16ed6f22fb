"""Fitting distributions: Ermine beside its peers, on the same samples.

    python benchmarks/distributions.py PEERS [--parts speed million bootstrap memory optima] [--csv OUT]

PEERS is a folder: each peer has an environment of its own there, made with pinned versions where it is
missing. R's fitdistrplus is left out: it is no Python, and fits one family at a time. All times are CPU
seconds, of one thread where a peer lets itself be told. Parts:

- `speed`: all continuous families of each on 10,000 gamma(2, 3) values, twice in one process; how many
  fail, at which place by its own measure the truth comes, and whether the results are the same twice.
  Ermine's first row begins with nothing compiled, its second with everything compiled by another
  process; `first` is when its first fit is there;
- `million`: the twenty commonest families on a million gamma(2, 3) values; t, GEV and negative binomial
  on a million values of their own, beside scipy's `fit` (for counts `scipy.optimize.minimize`);
- `bootstrap`: p-values by 999 samples that are fitted again, n = 1,000, none stopped early, beside
  `scipy.stats.goodness_of_fit`;
- `memory`: the largest resident memory while a million values are fitted, less what was there before the
  sample was, in copies of the sample;
- `optima`: log-likelihoods of all families against scipy's and the peers': benchmarks/
  distributions_optima.py says how. Goes on where its CSV ends; `--families` and `--sizes` choose.
"""

import argparse
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from distributions_workers import PINS, Row, Worker, Workers

TWENTY = (
    *("normal", "lognormal", "exponential", "gamma", "weibull", "gumbel", "gev", "gpd", "logistic"),
    *("loglogistic", "laplace", "student-t", "cauchy", "pareto2", "inverse-gaussian"),
    *("birnbaum-saunders", "burr12", "rayleigh", "uniform", "inverse-gamma"),
)
MILLION = 1_000_000


def speed(workers: Workers, _: argparse.Namespace) -> Iterator[Row]:
    """All continuous families of everyone on 10,000 values."""
    x = np.random.default_rng(0).gamma(2.0, 3.0, 10_000)
    home = workers.home()
    yield from _twice("nothing compiled", workers.start("ermine", home), x)
    yield from _twice("compiled before", workers.start("ermine", home), x)
    for peer in workers.peers:
        yield from _twice("", workers.start(peer), x)


def _twice(state: str, worker: Worker, x: np.ndarray) -> Iterator[Row]:
    first, again = worker.fit(x), worker.fit(x)
    worker.end()
    same = all(first[key] == again[key] for key in ("order", "failed", "laws"))
    for turn, answer in (("first", first), ("again", again)):
        truth = [n for n in answer["order"] if n.lower() in ("gamma", "gamma_2p")]
        yield {
            "peer": worker.version,
            "state": state,
            "run": turn,
            "cpu_seconds": answer["cpu"],
            "first": answer["first"],
            "wall_seconds": answer["wall"],
            "fitted": len(answer["order"]),
            "failed": len(answer["failed"]),
            "best": next(iter(answer["order"]), answer["failure"]),
            "place_of_truth": answer["order"].index(truth[0]) + 1 if truth else np.nan,
            "same_twice": same,
            "which_failed": " ".join(answer["failed"]),
        }


def million(workers: Workers, _: argparse.Namespace) -> Iterator[Row]:
    """A million values: the twenty commonest families, and three beside scipy."""
    from scipy import optimize, stats

    from core.families import find, fit

    x = np.random.default_rng(0).gamma(2.0, 3.0, MILLION)
    worker = workers.start("ermine")
    worker.fit(x[:5000], TWENTY)
    for _ in range(3):
        answer = worker.fit(x, TWENTY)
        yield {"families": f"{len(answer['order'])} commonest", "ermine": answer["cpu"]}
    worker.end()

    def counted(x: np.ndarray) -> tuple[float, float]:
        def loss(u: np.ndarray) -> float:
            size, mu = np.exp(u)
            return -stats.nbinom.logpmf(x, size, size / (size + mu)).sum()

        size, mu = np.exp(optimize.minimize(loss, [0.0, np.log(x.mean())], method="Nelder-Mead").x)
        return float(size), float(size / (size + mu))

    truths: dict[str, tuple[dict[str, float], Callable[[np.ndarray], Any]]] = {
        "student-t": ({"df": 4.0, "location": 100.0, "scale": 3.0}, stats.t.fit),
        "gev": ({"mu": 3.0, "sigma": 0.2, "xi": 0.15}, stats.genextreme.fit),
        "negative-binomial": ({"size": 2.4, "mu": 6.5}, counted),
    }
    for name, (truth, theirs) in truths.items():
        family = find(name)
        rng = np.random.default_rng(1)
        x = np.asarray(family.frozen(truth).rvs(MILLION, random_state=rng), float)
        fit(x[:5000], name)
        ours = [_seconds(lambda x=x, name=name: fit(x, name)) for _ in range(3)]
        other = _seconds(lambda x=x, theirs=theirs: theirs(x))
        law = getattr(stats, family.scipy)(*other[1])
        value = (law.logpmf if family.discrete else law.logpdf)(x).sum()
        seconds = float(np.median([s for s, _ in ours]))
        yield {
            "families": name,
            "ermine": seconds,
            "scipy": other[0],
            "ratio": other[0] / seconds,
            "log_likelihood_gain": ours[0][1].log_likelihood - value,
        }


def bootstrap(workers: Workers, _: argparse.Namespace) -> Iterator[Row]:
    """p-values from 999 samples that are fitted again."""
    from scipy import stats

    from core.families import find, fit
    from core.families.significance import p_values

    cases = {
        "gamma": (stats.gamma, {"shape": 2.0, "scale": 3.0}, {"loc": 0}),
        "weibull": (stats.weibull_min, {"shape": 1.5, "scale": 2.0}, {"loc": 0}),
        "student-t": (stats.t, {"df": 4.0, "location": 0.0, "scale": 1.0}, {}),
    }
    for name, (law, truth, known) in cases.items():
        x = find(name).frozen(truth).rvs(1000, random_state=np.random.default_rng(3))
        made = fit(x, name)

        def ours(made: Any = made) -> Any:
            return p_values(made, np.random.default_rng(5), tests=("ad",), draws=999, enough=1000)

        def theirs(x: Any = x, law: Any = law, known: Any = known) -> Any:
            return stats.goodness_of_fit(
                law,
                x,
                known_params=known,
                statistic="ad",
                n_mc_samples=999,
                rng=np.random.default_rng(5),
            )

        ours()
        timed = [_seconds(ours) for _ in range(3)]
        other = _seconds(theirs)
        seconds = float(np.median([s for s, _ in timed]))
        yield {
            "family": name,
            "ermine": seconds,
            "scipy": other[0],
            "ratio": other[0] / seconds,
            "p_ermine": timed[0][1]["ad"].value,
            "p_scipy": other[1].pvalue,
            "lost": timed[0][1]["ad"].lost,
        }


def memory(workers: Workers, _: argparse.Namespace) -> Iterator[Row]:
    """Peaks of memory in copies of a sample of a million values, itself included."""
    x = np.random.default_rng(0).gamma(2.0, 3.0, MILLION)
    home = workers.home()
    for names in (("gamma",), ("student-t",), ("gev",), TWENTY):
        worker = workers.start("ermine", home)
        yield _peak(worker, x, names)
    for peer in workers.peers:
        yield _peak(workers.start(peer), x, ("gamma",))


def _peak(worker: Worker, x: np.ndarray, names: Sequence[str]) -> Row:
    worker.fit(x[:5000], names)
    answer = worker.fit(x, names)
    worker.end()
    return {
        "peer": worker.version,
        "families": names[0] if len(names) == 1 else f"{len(names)} commonest",
        "copies": 1 + answer["memory"] / x.nbytes,
        "cpu_seconds": answer["cpu"],
        "failure": answer["failure"],
    }


def optima(workers: Workers, asked: argparse.Namespace) -> Iterator[Row]:
    """Losses by family and size, when every sample is done; those in the CSV already are."""
    from distributions_optima import Case, compared

    from core.families import families

    path = (asked.csv or workers.home()) / "distributions-optima-each.csv"
    done = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=["sample", "n", "seed"])
    known = {tuple(v) for v in done[["sample", "n", "seed"]].itertuples(index=False)}
    started = {peer: workers.start(peer) for peer in workers.peers}
    cases = [
        Case(name, size, seed)
        for size in asked.sizes
        for name in asked.families or families()
        for seed in range(asked.seeds)
    ]
    for case in cases:
        if (case.name, case.size, case.seed) not in known:
            rows = pd.DataFrame([{"sample": case.name, **row} for row in compared(case, started)])
            rows.to_csv(path, mode="a", header=not path.exists(), index=False)
    for worker in started.values():
        worker.end()
    for (n, name), rows in pd.read_csv(path).groupby(["n", "family"], sort=False):
        best = rows.loc[rows[rows["loss"]].groupby("seed")["gain"].idxmax()]
        yield {
            "family": name,
            "n": n,
            "samples": rows["seed"].nunique(),
            "lost": len(best),
            "endless": rows[rows["endless"]]["seed"].nunique(),
            "worst": best["gain"].max(),
            "to": " | ".join(best["other"].unique()),
        }


def _seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = call()
    return time.process_time() - began, value


PARTS: dict[str, Callable[..., Iterator[Row]]] = {
    "speed": speed,
    "million": million,
    "bootstrap": bootstrap,
    "memory": memory,
    "optima": optima,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the peers' environments are, or are made")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--peers", nargs="*", choices=PINS, default=PINS)
    parser.add_argument("--csv", type=Path, help="a folder: also writes each table there")
    parser.add_argument("--families", nargs="*", help="of optima: all where none are named")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 200, 10_000], help="of optima")
    parser.add_argument("--seeds", type=int, default=20, help="of optima: samples a family and size")
    asked = parser.parse_args()
    workers = Workers(asked.folder.resolve(), asked.peers)
    print(f"{platform.platform()}, {os.cpu_count()} cores; Python {platform.python_version()}")
    if asked.csv:
        asked.csv.mkdir(parents=True, exist_ok=True)
    for part in asked.parts:
        rows = []
        for row in PARTS[part](workers, asked):
            rows.append(row)
            print(part, *(v for v in row.values()), file=sys.stderr, flush=True)
        table = pd.DataFrame(rows)
        print(
            f"\n{part}", table.to_string(index=False, na_rep="", float_format="{:.4g}".format), sep="\n"
        )
        if asked.csv:
            table.to_csv(asked.csv / f"distributions-{part}.csv", index=False)
    print("\n" + ", ".join(workers.versions.values()))


if __name__ == "__main__":
    main()
