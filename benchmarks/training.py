"""The same training in Ermine and in its peers: how long a step takes, and the first result.

    python3.11 -m venv peers && peers/bin/pip install -r benchmarks/requirements.txt
    python benchmarks/training.py --torch-python peers/bin/python [--rounds 7] [--threads 1 2]

Each peer trains the same network on the same rows from the same weights (scikit-learn from its own)
in float32, with the same optimiser and batches of the same size. Every peer has a process of its
own; repetitions are interleaved, and medians are given. Columns:

- `µs`: a step of one replicate. With one thread CPU time, so that a shared machine matters less;
  with more, or with none, which is on the GPU, wall time;
- `ratio`: PyTorch eager's over this one's; `target`: the least that Ermine is to reach;
- `GFLOP/s`: arithmetic of the step's matrix products over its time; `rate`: its share of the rate
  at which two 1024 × 1024 matrices are multiplied in the same minute by NumPy or, where that is
  faster, by XLA;
- `import, s` to import the library; `first, s` from data to the end of the first step, nothing
  compiled before;
- `peak, MB`: largest resident memory of the process;
- `loss`: training loss after 21 steps; the same for those who train the same, except in batches.

A peer that is not installed is left out, and that is said.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits, make_moons

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("Ermine", "PyTorch eager", "PyTorch compiled", "scikit-learn")
PRODUCTS = ("product, NumPy", "product, XLA")
# Seconds that a repetition is to take at least.
REPETITION = 0.2


@dataclass(frozen=True)
class Case:
    """A training. `target` is the ratio to PyTorch eager that Ermine is to reach with one thread;
    `rate` the share of the matrix rate."""

    name: str
    sizes: tuple[int, ...]
    rows: int
    target: float = np.nan
    rate: float = np.nan
    batch: int = 0
    replicates: int = 1
    learning_rate: float = 0.01

    @property
    def flops(self) -> float:
        """Of the matrix products in a step of one replicate: one forward and two backward, of which
        the first layer needs but one."""
        products = [before * after for before, after in pairwise(self.sizes)]
        return 2.0 * (self.batch or self.rows) * (3 * sum(products) - products[0])


CASES = (
    Case("2-8-8-2, all of 200 rows", (2, 8, 8, 2), 200, target=6),
    Case("2-64-64-2, all of 512 rows", (2, 64, 64, 2), 512, target=3),
    Case("64-256-10, batches of 32", (64, 256, 10), 1500, target=4, batch=32),
    Case("64-256-10, batches of 32, 16 replicates", (64, 256, 10), 1500, 6, batch=32, replicates=16),
    Case("64-256-10, all of 1,500 digits", (64, 256, 10), 1500, target=1.1),
    Case("1024-1024-1024-10, all of 1,024 rows", (1024, 1024, 1024, 10), 1024, rate=0.8),
    Case("64-256-10, batches of 32, 256 replicates", (64, 256, 10), 1500, batch=32, replicates=256),
)


def given(case: Case) -> dict[str, np.ndarray]:
    """Inputs, labels and initial weights by name."""
    rng = np.random.default_rng(0)
    if case.sizes[0] == 64:
        inputs, labels = (part[: case.rows] for part in load_digits(return_X_y=True))
        inputs = inputs / 8 - 1
    elif case.sizes[0] == 2:
        inputs, labels = make_moons(case.rows, noise=0.1, random_state=0)
    else:
        inputs = rng.normal(size=(case.rows, case.sizes[0]))
        labels = rng.integers(0, case.sizes[-1], case.rows)
    made = {"inputs": inputs.astype(np.float32), "labels": labels.astype(np.int64)}
    for i, (before, after) in enumerate(pairwise(case.sizes)):
        weight = rng.normal(scale=np.sqrt(2 / before), size=(before, after))
        made |= {f"w{i}": weight.astype(np.float32), f"b{i}": np.zeros(after, np.float32)}
    return made


class Worker:
    """A peer's process; `begun` is empty where it could not start, and `error` says why."""

    def __init__(self, peer: str, python: str, threads: int, folder: Path) -> None:
        # A data folder of its own, empty: nothing is compiled yet.
        home, errors = tempfile.mkdtemp(dir=folder), folder / f"{peer}.txt"
        places = {"ERMINE_HOME": home, "TORCHINDUCTOR_CACHE_DIR": home, "PYTHONPATH": str(ROOT)}
        script = [str(ROOT / "benchmarks/peers.py"), peer, str(folder / "case.json")]
        self._process = subprocess.Popen(
            [python, *script, str(folder / "case.npz"), str(threads)],
            env={**os.environ, **places},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors.open("w"),
            text=True,
        )
        self.peer, self.begun = peer, self._answer()
        self.error = "" if self.begun else errors.read_text().strip().splitlines()[-1]
        self.steps, self.times = 1, list[dict[str, float]]()

    def repeat(self) -> None:
        """A repetition; before the first one it is found how many steps make it long enough."""
        spent = self._asked()
        while not self.times and spent["wall"] < REPETITION:
            more = REPETITION / max(spent["wall"], 1e-5)
            self.steps *= max(2, min(50, round(1.2 * more)))
            spent = self._asked()
        self.times.append(spent)

    def median(self, clock: str) -> float:
        """Seconds a step."""
        return statistics.median(spent[clock] for spent in self.times) / self.steps

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _asked(self) -> dict[str, float]:
        print(self.steps, file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        return json.loads(line) if line else {}


def compared(
    case: Case, optimizer: str, threads: int, pythons: dict[str, str], asked: argparse.Namespace
) -> list[Worker]:
    """Every peer that could start, timed."""
    workers = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "case.npz", **given(case))
        (folder / "case.json").write_text(json.dumps({**asdict(case), "optimizer": optimizer}))
        for peer in (*asked.peers, *(PRODUCTS if threads else ())):
            worker = Worker(peer, pythons.get(peer, sys.executable), threads, folder)
            if worker.begun:
                workers.append(worker)
            else:
                print(f"{peer} is left out of {case.name}: {worker.error}", file=sys.stderr)
        for _ in range(asked.rounds):
            for worker in workers:
                worker.repeat()
        for worker in workers:
            worker.end()
    return workers


def table(case: Case, optimizer: str, threads: int, workers: list[Worker]) -> list[dict[str, Any]]:
    """A row for each peer."""
    clock = "cpu" if threads == 1 else "wall"
    # The others have no replicates: they train one network after another.
    networks = {"Ermine": case.replicates}
    each = {w.peer: w.median(clock) / networks.get(w.peer, 1) for w in workers}
    eager = each.get("PyTorch eager", np.nan)
    best = 2 * 1024**3 / min((each[p] for p in PRODUCTS if p in each), default=np.nan)
    found = []
    for worker in workers:
        if worker.peer in PRODUCTS:
            continue
        seconds, ours = each[worker.peer], worker.peer == "Ermine" and threads == 1
        found.append(
            {
                "case": case.name,
                "optimiser": optimizer,
                "threads": threads,
                "peer": worker.peer,
                "µs": round(1e6 * seconds, 1),
                "ratio": round(eager / seconds, 2),
                "target": case.target if ours else np.nan,
                "GFLOP/s": round(case.flops / seconds / 1e9, 1),
                "rate": round(case.flops / seconds / best, 2),
                "rate target": case.rate if ours else np.nan,
                "import, s": round(worker.begun["import"], 1),
                "first, s": round(worker.begun["first"], 2),
                "peak, MB": round(worker.times[-1]["peak"]),
                "loss": round(worker.begun["loss"], 4),
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torch-python", default=sys.executable, help="an interpreter that has PyTorch")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--optimizers", nargs="+", default=["sgd", "adam"])
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--cases", type=int, nargs="+", default=range(1, len(CASES) + 1))
    parser.add_argument("--csv", type=Path, help="also writes the table there")
    asked = parser.parse_args()
    pythons = {f"PyTorch {kind}": asked.torch_python for kind in ("eager", "compiled")}
    rows, versions = list[dict[str, Any]](), dict[str, None]()
    for threads in asked.threads:
        for number in asked.cases:
            for optimizer in asked.optimizers:
                case = CASES[number - 1]
                workers = compared(case, optimizer, threads, pythons, asked)
                versions |= dict.fromkeys(worker.begun["version"] for worker in workers)
                rows += table(case, optimizer, threads, workers)
                print(f"{case.name}, {optimizer}, threads: {threads}", file=sys.stderr, flush=True)
    made = pd.DataFrame(rows)
    print(f"{platform.platform()}, {os.cpu_count()} cores; Python {platform.python_version()}")
    print(", ".join(versions))
    print(made.to_string(index=False, na_rep=""))
    if asked.csv:
        made.to_csv(asked.csv, index=False)


if __name__ == "__main__":
    main()
