"""One peer of benchmarks/training.py in a process of its own: builds a training, then times steps.

    python peers.py PEER CASE.json CASE.npz THREADS

Writes a line of JSON when the first steps are done, then one for each number of steps that it reads
from standard input. Imports nothing but NumPy and the peer's own library.
"""

import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

BEGAN = time.perf_counter()
THREADS = int(sys.argv[4])
if THREADS > 1:
    # XLA takes as many threads as there are cores. One thread is left to move to the idlest core.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-THREADS:])
for _name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_name}_NUM_THREADS"] = str(max(1, THREADS))
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(THREADS > 1).lower()}"
# No threads: on the GPU.
DEVICE = "cpu" if THREADS else "cuda"
if THREADS:
    os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np  # noqa: E402

Case, Given = dict[str, Any], dict[str, np.ndarray]


class Training(NamedTuple):
    """A training under way: `train(steps)` goes on, `loss()` is the mean training loss."""

    train: Callable[[int], None]
    loss: Callable[[], float]


class Peer(NamedTuple):
    version: str
    build: Callable[[], Training]


def ermine(case: Case, given: Given) -> Peer:
    import core.numerics  # noqa: F401

    # isort: split
    import jax
    import jax.numpy as jnp

    from core import __version__
    from core.networks.mlp import Layer
    from core.networks.optimizers import Settings
    from core.networks.training import Data, Program, advance, bucket, start

    networks, rows = case["replicates"], len(given["inputs"])
    program = Program("relu", "categorical", case["optimizer"], case["batch"])

    def build() -> Training:
        def stacked(part: np.ndarray) -> jax.Array:
            return jnp.asarray(np.stack([part] * networks))

        room = ((0, bucket(rows) - rows), (0, 0))
        hot = np.eye(case["sizes"][-1], dtype=np.float32)[given["labels"]]
        pair = (stacked(np.pad(part, room)) for part in (given["inputs"], hot))
        data = Data(*pair, jnp.int32(rows))
        layers = range(len(case["sizes"]) - 1)
        params = tuple(Layer(stacked(given[f"w{i}"]), stacked(given[f"b{i}"])) for i in layers)
        settings = Settings.shared(networks, case["learning_rate"])
        state = start(program, settings, data, params, list(range(networks)))

        def train(steps: int) -> None:
            nonlocal state
            state = advance(program, settings, data, state, int(state.step) + steps)
            state.step.block_until_ready()

        def loss() -> float:
            x = given["inputs"]
            for i, (weight, bias) in enumerate(state.params):
                x = x if i == 0 else np.maximum(x, 0)
                x = x @ np.asarray(weight[0]) + np.asarray(bias[0])
            x = x - x.max(axis=1, keepdims=True)
            logs = x - np.log(np.exp(x).sum(axis=1, keepdims=True))
            return float(-logs[np.arange(rows), given["labels"]].mean())

        return Training(train, loss)

    return Peer(f"Ermine {__version__}, JAX {jax.__version__}", build)


def pytorch(case: Case, given: Given, compiled: bool) -> Peer:
    import torch
    from torch import nn

    torch.set_num_threads(THREADS)

    def network() -> nn.Module:
        layers: list[nn.Module] = []
        for i, (before, after) in enumerate(zip(case["sizes"][:-1], case["sizes"][1:], strict=True)):
            layer = nn.Linear(before, after)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(given[f"w{i}"].T.copy()))
                layer.bias.copy_(torch.from_numpy(given[f"b{i}"]))
            layers += [layer, nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def build() -> Training:
        model, mean = network().to(DEVICE), nn.CrossEntropyLoss()
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[case["optimizer"]]
        optimizer = kind(model.parameters(), lr=case["learning_rate"])
        inputs, labels = (torch.from_numpy(given[name]).to(DEVICE) for name in ("inputs", "labels"))

        def risk(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return mean(model(x), y)

        value = torch.compile(risk) if compiled else risk
        update = torch.compile(optimizer.step) if compiled else optimizer.step
        rows, size = len(inputs), case["batch"]
        order, at = torch.arange(rows, device=DEVICE), rows

        def train(steps: int) -> None:
            nonlocal order, at
            for _ in range(steps):
                x, y = inputs, labels
                if size:
                    if at >= rows:
                        order, at = torch.randperm(rows, device=DEVICE), 0
                    chosen = order[at : at + size]
                    x, y, at = inputs[chosen], labels[chosen], at + size
                optimizer.zero_grad()
                value(x, y).backward()
                update()
            if not THREADS:
                torch.cuda.synchronize()

        return Training(train, lambda: float(risk(inputs, labels)))

    return Peer(f"PyTorch {torch.__version__}", build)


def scikit_learn(case: Case, given: Given) -> Peer:
    import sklearn
    from sklearn.neural_network import MLPClassifier

    rows = len(given["inputs"])
    size = case["batch"] or rows
    model = MLPClassifier(
        case["sizes"][1:-1],
        solver=case["optimizer"],
        alpha=0,
        batch_size=size,
        learning_rate_init=case["learning_rate"],
        momentum=0,
        nesterovs_momentum=False,
        tol=0,
        n_iter_no_change=10**9,
        warm_start=True,
        random_state=0,
    )

    def train(steps: int) -> None:
        # Its loop is over epochs; it warns that they are few.
        model.max_iter = max(1, round(steps * size / rows))
        model.fit(given["inputs"], given["labels"])

    warnings.simplefilter("ignore")
    return Peer(f"scikit-learn {sklearn.__version__}", lambda: Training(train, lambda: model.loss_))


def product(kind: str) -> Peer:
    """The machine's own rate: a product of two 1024 × 1024 matrices a step."""
    pair = [np.random.default_rng(i).normal(size=(1024, 1024)).astype(np.float32) for i in (0, 1)]
    version = f"NumPy {np.__version__}"
    multiply: Callable[[], Any] = lambda: np.matmul(*pair)  # noqa: E731
    if kind == "XLA":
        import jax

        moved = [jax.device_put(matrix) for matrix in pair]
        compiled, version = jax.jit(jax.numpy.matmul), f"JAX {jax.__version__}"
        multiply = lambda: compiled(*moved).block_until_ready()  # noqa: E731

    def train(steps: int) -> None:
        for _ in range(steps):
            multiply()

    return Peer(version, lambda: Training(train, lambda: np.nan))


PEERS = {
    "Ermine": ermine,
    "PyTorch eager": lambda case, given: pytorch(case, given, compiled=False),
    "PyTorch compiled": lambda case, given: pytorch(case, given, compiled=True),
    "scikit-learn": scikit_learn,
    "product, NumPy": lambda case, given: product("NumPy"),
    "product, XLA": lambda case, given: product("XLA"),
}


def main() -> None:
    with open(sys.argv[2]) as file:
        case = json.load(file)
    peer = PEERS[sys.argv[1]](case, dict(np.load(sys.argv[3])))
    imported = time.perf_counter()
    training = peer.build()
    training.train(1)
    spent = {"import": imported - BEGAN, "first": time.perf_counter() - imported}
    # So that it can be seen that all train the same.
    training.train(20)
    say({"version": peer.version, **spent, "loss": training.loss()})
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        training.train(int(line))
        spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say({**spent, "peak": peak})


def say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
