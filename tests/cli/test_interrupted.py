"""Ctrl-C in the middle of a run ends it cleanly; progress shows on a terminal only."""

import os
import pty
import re
import signal
import subprocess
import sys

# About half a minute of work, reported several times a second.
LONG = ["double-descent", "--samples", "400", "--features", "2000", "--replicates", "200"]


def test_interrupted_where_output_is_a_file():
    sweep = ["sweep", *LONG, "--over", "seed=1"]
    with subprocess.Popen(
        [sys.executable, "-m", "core.cli", *sweep],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr.readline() == "ermine: seed=1 (1 of 1)\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err == "ermine: interrupted; what was under way is not kept.\n"


def test_interrupted_on_a_terminal_where_progress_shows():
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "core.cli", "run", *LONG]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        while "░".encode() not in seen:
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        try:
            while more := os.read(ours, 4096):
                seen += more
        except OSError:
            pass  # Linux says so that the other end of a terminal is closed
        out = process.stdout.read()
    os.close(ours)
    text = seen.decode()
    assert (process.returncode, out) == (130, b"")
    assert re.search(r"\r\x1b\[K█*░+ +\d+% \w+", text)
    assert text.endswith("\r\x1b[K\r\nermine: interrupted; what was under way is not kept.\r\n")
    assert "Traceback" not in text
