"""How long a page takes, in a real browser against a real server.

    python benchmarks/pages.py [--runs 3] [--pages double-descent fit-network]

Prints, for each page, the median over the runs of

- `empty`: seconds from starting a server on an empty data folder to the first chart, so with every
  program compiled and every default run carried out;
- `cold`: the same on a data folder that has the default runs;
- `new`: seconds from opening the page to the first chart, on a server that is up, in a browser that
  has never been there;
- `warm`: the same in a browser that has;
- `rerun`: milliseconds of the server's CPU for a rerun that finds its run stored (20 reruns).

Quote ratios and medians, with the machine: it may be shared.
"""

import argparse
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core.catalog import experiments

ROOT = Path(__file__).resolve().parents[1]
# A chart stands when its marks are there, or its canvas has colour on it.
DRAWN = """() => {
    const chart = document.querySelector("[data-testid=stVegaLiteChart] :is(svg, canvas)");
    if (!chart) return false;
    if (chart.tagName === "svg") return chart.querySelector("[class*=mark-] path") !== null;
    const small = new OffscreenCanvas(16, 16).getContext("2d");
    small.drawImage(chart, 0, 0, 16, 16);
    return small.getImageData(0, 0, 16, 16).data.some((value) => value > 0);
}"""
RERUNS = 20


@contextmanager
def server(home: Path):
    """A dashboard on `home`; gives its process and address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "ERMINE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process, address
    finally:
        process.terminate()
        process.wait(20)


def opened(context: BrowserContext, url: str) -> tuple[Page, float]:
    """A page with its first chart drawn, and the seconds from entering the address until then."""
    page = context.new_page()
    page.set_default_timeout(300_000)
    began = time.perf_counter()
    page.goto(url)
    # Looked for at every frame: a locator's own wait looks only every half a second.
    page.wait_for_function(DRAWN, polling="raf")
    return page, time.perf_counter() - began


def started(browser: Browser, home: Path, name: str) -> float:
    """Seconds from starting a server to the first chart."""
    began = time.perf_counter()
    with server(home) as (_, address):
        page, _ = opened(browser.new_context(), f"{address}/{name}")
        seconds = time.perf_counter() - began
        # Until the defaults are kept, so that the next start finds them.
        page.get_by_role("heading", name="Data", exact=True).wait_for()
        page.context.close()
    return seconds


def rerun(page: Page, process: subprocess.Popen) -> float:
    """Milliseconds of the server's CPU for a rerun."""
    watched = psutil.Process(process.pid)

    def used() -> float:
        times = watched.cpu_times()
        return times.user + times.system

    button = page.get_by_role("button", name="Run", exact=True)
    button.click()
    page.wait_for_timeout(1000)
    before, idle_from = used(), time.perf_counter()
    page.wait_for_timeout(2000)
    idle = (used() - before) / (time.perf_counter() - idle_from)
    before, began = used(), time.perf_counter()
    for _ in range(RERUNS):
        button.click()
        page.wait_for_timeout(250)
    spent = used() - before - idle * (time.perf_counter() - began)
    return 1000 * spent / RERUNS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pages", nargs="+", default=list(experiments()))
    given = parser.parse_args()
    runs = given.runs
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print(f"{platform.platform()}, {os.cpu_count()} cores, Chromium {browser.version}")
        for name in given.pages:
            with tempfile.TemporaryDirectory() as folder:
                home = Path(folder)
                empty = started(browser, home, name)
                cold = [started(browser, home, name) for _ in range(runs)]
                with server(home) as (process, address):
                    page, _ = opened(browser.new_context(), f"{address}/{name}")
                    time.sleep(5)  # until the workers have started
                    page.context.close()
                    context = browser.new_context()
                    times = []
                    for _ in range(1 + runs):
                        for page in context.pages:
                            page.close()  # an open page would take its share of the machine
                        page, seconds = opened(context, f"{address}/{name}")
                        times.append(seconds)
                    cpu = rerun(page, process)
            rows.append(
                {
                    "page": name,
                    "empty, s": round(empty, 1),
                    "cold, s": round(statistics.median(cold), 2),
                    "new, s": round(times[0], 2),
                    "warm, s": round(statistics.median(times[1:]), 2),
                    "rerun, ms CPU": round(cpu),
                }
            )
        browser.close()
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
