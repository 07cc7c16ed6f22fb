"""A real server and a real browser. Without Chromium these tests are left out, and said to be;
`ERMINE_BROWSER=required` makes that a failure."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.conftest import PAGES

# A worker may have to compile first, and the machine may be shared: waiting long costs nothing.
expect.set_options(timeout=60_000)
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
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
def server(tmp_path_factory):
    """The address of a dashboard with a database of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{PAGES}"
    # Other tests carry out the default runs.
    environment = {**os.environ, "ERMINE_DATABASE_URL": database, "ERMINE_AHEAD": "0"}
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


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
    return browser.new_context(base_url=server, accept_downloads=True), []


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
