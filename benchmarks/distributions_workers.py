"""Processes of the peers in benchmarks/distributions.py, each in an environment of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
BASE = ("numpy==2.4.6", "scipy==1.17.1")
PINS = {
    "fitter": ("fitter==1.8.1", *BASE),
    "distfit": ("distfit==2.0.3", *BASE),
    "phitter": ("phitter==1.0.4", *BASE),
    "reliability": ("reliability==0.9.0", *BASE),
    "openturns": ("openturns==1.27.post1", BASE[0]),
}

Row = dict[str, Any]


class Worker:
    """One of those compared, in a process of its own that fits a sample whenever it is asked."""

    def __init__(self, peer: str, python: str, home: Path) -> None:
        self.peer, self._folder = peer, home
        self._process = subprocess.Popen(
            [python, str(ROOT / "benchmarks/distributions_peers.py"), peer],
            env={**os.environ, "ERMINE_HOME": str(home), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(home / f"{peer}.txt").open("w"),
            text=True,
        )
        begun = self._answer()
        self.version = begun["version"]

    def fit(self, x: np.ndarray, only: Sequence[str] | None = None) -> Row:
        """Fits all its families, or those with these names of scipy's, to a sample (n,)."""
        path = self._folder / "sample.npy"
        np.save(path, x)
        asked = json.dumps({"sample": str(path), "only": only})
        print(asked, file=self._process.stdin, flush=True)
        return self._answer()

    def end(self) -> None:
        self._process.stdin.close()
        self._process.wait()

    def _answer(self) -> Row:
        line = self._process.stdout.readline()
        if not line:
            said = (self._folder / f"{self.peer}.txt").read_text().strip()
            raise ChildProcessError(f"{self.peer} ended: {said[-500:]}")
        return json.loads(line)


class Workers:
    """Starts workers in environments of a folder; `versions` of all that have answered."""

    def __init__(self, folder: Path, peers: Sequence[str]) -> None:
        self._folder, self.peers = folder, tuple(peers)
        self._scratch = tempfile.TemporaryDirectory()
        self.versions: dict[str, str] = {}

    def start(self, peer: str, home: Path | None = None) -> Worker:
        """A worker; one of Ermine's with a new `home` has nothing compiled."""
        python = sys.executable if peer == "ermine" else self._python(peer)
        worker = Worker(peer, python, home or self.home())
        self.versions[peer] = worker.version
        return worker

    def home(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._scratch.name))

    def _python(self, peer: str) -> str:
        place = self._folder / peer
        python = place / "bin/python"
        if not python.exists():
            print(f"makes the environment of {peer}", file=sys.stderr, flush=True)
            subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", *PINS[peer]], check=True)
        return str(python)
