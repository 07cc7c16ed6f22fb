"""A real server and a real browser. Without Chromium these tests are left out, and said to be;
`ERMINE_BROWSER=required` makes that a failure."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from tests.conftest import PAGES

# A worker may have to compile first, and the machine may be shared: waiting long costs nothing.
expect.set_options(timeout=60_000)
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Errors in the pages of the test that runs.
SAID = []
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def log(tmp_path_factory):
    """What the server prints."""
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="session")
def server(log):
    """The address of a dashboard with a database of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = f"sqlite:///{PAGES}"
    # Other tests carry out the default runs.
    environment = {**os.environ, "ERMINE_DATABASE_URL": database, "ERMINE_AHEAD": "0"}
    printed = log.open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=printed,
        stderr=printed,
    )
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
        yield address
    finally:
        process.terminate()
        process.wait(20)
        printed.close()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        message = "no Chromium is installed: the browser tests are left out"
        pytest.fail(message) if os.environ.get("ERMINE_BROWSER") == "required" else pytest.skip(message)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def tabs(browser, server):
    """Empty tabs, used again and again: one that is new loads all of Streamlit's scripts anew."""
    context = browser.new_context(base_url=server, accept_downloads=True)
    context.on("console", lambda line: SAID.append(line.text) if line.type == "error" else None)
    context.on("weberror", lambda found: SAID.append(found.error.stack or str(found.error)))
    return context, []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Of a test that fails: what its pages show, what went wrong in them, and what the server said."""
    report = yield
    if report.when == "call" and report.failed and "tabs" in item.funcargs:
        for page in item.funcargs["tabs"][0].pages:
            with suppress(Error):
                shown = page.evaluate("document.body.innerText || document.body.outerHTML")
                report.sections.append((f"page {page.url}", shown))
        report.sections.append(("errors in the browser", "\n".join(SAID)))
        report.sections.append(("the server's log", item.funcargs["log"].read_text()[-3000:]))
    return report


@pytest.fixture(autouse=True)
def _nothing_said_yet():
    SAID.clear()


@pytest.fixture
def visitor(tabs):
    """Opens a page in a tab of its own: to the server a session that knows nothing of others."""
    context, empty = tabs
    used = []

    def visit(path="", viewport=None):
        page = empty.pop() if empty else context.new_page()
        used.append(page)
        page.set_default_timeout(60_000)
        page.set_viewport_size(viewport or {"width": 1280, "height": 720})
        page.bring_to_front()
        page.goto(f"/{path}")
        return page

    yield visit
    for page in used:
        page.goto("about:blank")
    empty += used
