"""The answer: what was measured, while it is measured and after. The one part of a page that polls,
and only while something runs."""

import inspect
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd
import streamlit as st

from core.experiment import Frames
from core.runs.engine import Snapshot
from core.runs.request import Request
from core.runs.software import software
from core.runs.store import Kept
from dashboard.shell.resources import (
    default_request,
    engine,
    kept_tables,
    owner,
    start_engine,
    store,
)
from dashboard.shell.upload import told
from dashboard.shell.view import Figure, Panel, Tables, View

# A run that ends within this is drawn at once, without a progress bar between.
AT_ONCE = 0.35
# Panels beside the controls; the others follow below, this many in a row.
FIRST, ACROSS = 2, 2
# What is drawn at a time: the chart that answers, the next ones beside the controls, those below.
Part = Literal["answer", "beside", "more"]
# A browser that has just come loads and draws in the order of arrival: all else waits this long, so
# that the answer is drawn first. It took the first chart from 1.8 s to 1.3.
ANSWER_FIRST = 0.5


@dataclass
class Shown:
    """A run that has ended, with its tables."""

    request: Request
    tables: Frames
    software: Mapping[str, str]
    kept: bool = True
    token: str = ""


@dataclass
class State:
    """What a session's page remembers between reruns."""

    asked: Request | None = None
    shown: Shown | None = None
    seconds: float | None = None
    said: list[str] = field(default_factory=list)
    linked: str = ""

    @property
    def asked_id(self) -> str:
        return "" if self.asked is None else self.asked.id


def ask(asked: Request, state: State) -> None:
    """Makes `asked` the run of this page: found in the store, joined, or started."""
    if state.shown is not None and asked == state.shown.request:
        state.asked, state.said = asked, []
        return
    uploads = asked.config.uploads()
    if uploads and not store().may_read(uploads, owner()):
        state.said = ["`data` was shared with you as one run: upload the file yourself to run others."]
        return
    # What the address got wrong stays said beside the first run.
    state.said = [] if state.asked is not None else state.said
    state.asked = asked
    kept = store().find(asked.id)
    if kept is not None:
        settle(asked, kept, state)
        return
    if not start_engine().done():
        with st.spinner("Starting the workers, once for everybody"):
            engine()
    engine().submit(asked)
    snapshot = engine().wait(asked.id, AT_ONCE)
    if snapshot is not None and snapshot.state == "done":
        _take(asked, snapshot, state)


def settle(asked: Request, kept: Kept, state: State, token: str = "") -> None:
    """Shows a run that the store has."""
    state.asked = asked
    state.shown = Shown(asked, kept_tables(kept.id), kept.software, token=token)
    state.seconds = kept.seconds


def show(view: View, state: State) -> None:
    """Draws how the run stands, the verdict and the first charts, and goes on while it is under way."""
    snapshot = _pending(state)
    # The same fragment with and without the timer: what it drew keeps its place, so that nothing
    # flickers as the run ends.
    st.fragment(_first, run_every=_every(snapshot))(view, state)


def show_more(view: View, state: State) -> None:
    """Draws the charts that follow the first ones, as `show` does."""
    every = _every(_pending(state))
    st.fragment(_more, run_every=None if every is None else 2 * every)(view, state)


def _every(snapshot: Snapshot | None) -> float | None:
    """Seconds between two looks at a run under way: the more runs there are, the more."""
    if snapshot is None or snapshot.ended:
        return None
    return min(0.5 + 0.1 * engine().running(), 2.0)


def _first(view: View, state: State) -> None:
    asked, shown, snapshot = state.asked, state.shown, _pending(state)
    if asked is None:
        return
    if snapshot is not None and snapshot.state == "done":
        _take(asked, snapshot, state)
        st.rerun()
    if snapshot is not None and snapshot.state in ("failed", "cancelled") and shown is None:
        # Nothing to fall back on yet: the default run is better than an empty page.
        default = default_request(asked.experiment)
        kept = store().find(default.id)
        if kept is not None and default.id != asked.id:
            state.shown = Shown(default, kept_tables(kept.id), kept.software)
            st.rerun()
    drawn = _drawn(state)
    with st.container(key="status"):
        if snapshot is not None:
            _status(snapshot, state)
    if drawn is None:
        if snapshot is not None and not snapshot.ended:
            st.caption("The first figures appear here as soon as there are some.")
        return
    tables, request = drawn
    _verdict([*view.verdict(tables, request.config), *_held(tables)])
    st.caption(f"Run {request.id}: {told(request)}.")
    pending = snapshot is not None and not snapshot.ended
    if not _panels("answer", view, tables, request, state):
        st.caption("There is nothing to draw yet." if pending else "This run has nothing to draw.")
    # After the answer, which many notes would push off the screen.
    notes = list(tables["notes"]["note"]) if "notes" in tables else []
    if notes:
        st.info("\n\n".join(notes))
    if not pending and not st.session_state.get("answered"):
        st.session_state["answered"] = True
        time.sleep(ANSWER_FIRST)
    _panels("beside", view, tables, request, state)


def _more(view: View, state: State) -> None:
    drawn = _drawn(state)
    if drawn is not None:
        tables, request = drawn
        _panels("more", view, tables, request, state)


def _panels(part: Part, view: View, tables: Tables, request: Request, state: State) -> bool:
    """Draws a part of the panels; whether there were any.

    Building a chart costs tens of milliseconds: those of a run that has ended are built once for
    all sessions, and again where the theme, or the view's file, has changed.
    """
    if state.shown is None or tables is not state.shown.tables:
        return _built(part, view, tables, request)
    changed = Path(str(inspect.getfile(view))).stat().st_mtime  # type: ignore[arg-type]
    return _built_once(request.id, part, str(st.context.theme.type), changed, view, tables, request)


@st.cache_data(show_spinner=False, max_entries=200)
def _built_once(
    run: str, part: Part, theme: str, changed: float, _view: View, _tables: Tables, _request: Request
) -> bool:
    return _built(part, _view, _tables, _request)


def _built(part: Part, view: View, tables: Tables, request: Request) -> bool:
    panels = view.panels(tables, request.config)
    if part != "more":
        drawn = panels[:1] if part == "answer" else panels[1:FIRST]
        for panel in drawn:
            _panel(panel, request, titled=part == "beside")
        return bool(drawn)
    for position in range(FIRST, len(panels), ACROSS):
        row = panels[position : position + ACROSS]
        for column, panel in zip(st.columns(ACROSS, gap="medium"), row, strict=False):
            with column:
                _panel(panel, request, titled=True)
    return len(panels) > FIRST


def _drawn(state: State) -> tuple[Mapping[str, pd.DataFrame], Request] | None:
    """What is to be drawn: the partial tables of the run under way, or else the run that is shown."""
    snapshot = _pending(state)
    if snapshot is not None and snapshot.tables and state.asked is not None:
        return snapshot.tables, state.asked
    return None if state.shown is None else (state.shown.tables, state.shown.request)


def _pending(state: State) -> Snapshot | None:
    """How the run that was asked for stands, where it is not the one that is shown."""
    if state.asked is None or (state.shown is not None and state.shown.request == state.asked):
        return None
    return engine().snapshot(state.asked.id)


def _take(asked: Request, snapshot: Snapshot, state: State) -> None:
    """Makes the run that has just ended the one that is shown."""
    kept = store().find(asked.id)
    if kept is not None:
        settle(asked, kept, state)
        return
    state.shown = Shown(asked, dict(snapshot.tables), software(), kept=False)
    state.said = [snapshot.note] if snapshot.note else []


def _status(snapshot: Snapshot, state: State) -> None:
    """One line of constant height: what is being done, or how it ended, and what is shown meanwhile."""
    if snapshot.tables:
        shows = " What was measured so far is shown." if snapshot.ended else ""
    else:
        shows = f" Run {state.shown.request.id} is shown." if state.shown is not None else ""
    if snapshot.state == "failed":
        st.error(snapshot.error + shows)
    elif snapshot.state == "cancelled":
        resumes = state.asked is not None and state.asked.experiment.resumes
        again = " Run again to go on from there." if resumes else ""
        st.info(f"Cancelled at {snapshot.fraction:.0%}.{again}{shows}")
    else:
        left = snapshot.seconds_left()
        time_left = f", about {left:.0f} s left" if left is not None and left >= 1 else ""
        line, button = st.columns([5, 1], vertical_alignment="center")
        text = f"{snapshot.message.capitalize()}{time_left}.{shows}"
        line.progress(min(max(snapshot.fraction, 0.0), 1.0), text=text)
        button.button(
            "Cancel", key="cancel", on_click=engine().cancel, args=(snapshot.id,), width="stretch"
        )


def _verdict(figures: list[Figure]) -> None:
    """The verdict strip: figures as wide as their words, onto the next line where there is no room."""
    with st.container(horizontal=True, gap="medium"):
        for figure in figures:
            st.metric(figure.label, figure.value, help=figure.help or None, width="content")


def _panel(panel: Panel, request: Request, *, titled: bool) -> None:
    if titled:
        st.markdown(f"**{panel.title}**")
    key = f"{request.experiment.name}:{panel.key}"
    # Streamlit pads the bottom of a chart for a toolbar that ours do not have.
    chart = panel.chart.properties(padding={"bottom": 4})
    st.altair_chart(chart, key=key, alt=panel.alt, width="stretch")
    st.caption(panel.caption)


def _held(tables: Mapping[str, pd.DataFrame]) -> list[Figure]:
    checks = tables.get("checks")
    if checks is None or checks.empty:
        return []
    kinds = ", ".join(dict.fromkeys(checks["kind"].str.replace("_", " ")))
    value = f"{int(checks['holds'].sum())} of {len(checks)} hold"
    about = f"Predictions of theory against measurement; kinds: {kinds}. The table below has each."
    return [Figure("Theory", value, about)]
