"""The page of an experiment: question, verdict, chart, controls; theory; why; data; a way out."""

import streamlit as st

from core.catalog import Experiment
from core.experiment import InputError
from core.runs.request import Request, configure
from dashboard.shell import address, below, link, pins, result
from dashboard.shell.controls import controls
from dashboard.shell.resources import default_request, start_engine
from dashboard.shell.upload import OWN_FILE, told
from dashboard.shell.view import View

# A run as short as this follows each change of a control at once.
LIVE_SECONDS = 0.3


def page(experiment: Experiment, view: View) -> None:
    """Draws the page of `experiment` with the words and charts of `view`."""
    state = st.session_state.setdefault(f"page:{experiment.name}", result.State())
    try:
        link.arrive(experiment, state)
        _draw(experiment, view, state)
    except InputError as error:
        # The store or the engine cannot be had; nothing on the page would work.
        st.error(str(error))
        return
    # After the first drawing: what is kept needs no workers, and their start takes two cores.
    start_engine()


def _draw(experiment: Experiment, view: View, state: result.State) -> None:
    above, leave = st.columns([3, 2], vertical_alignment="center")
    above.caption(f"{experiment.chapter_title} › {experiment.title}")
    st.header(experiment.question, anchor=False)
    said = st.container()
    chart_side, control_side = st.columns([7, 3], gap="medium")
    with control_side, st.container(key="controls"):
        _choose(experiment, state)
    for sentence in state.said:
        said.warning(sentence)
    with chart_side:
        result.show(view, state)
    result.show_more(view, state)
    if state.shown is None:
        below.why(view)
        return
    with leave:
        link.leave(state.shown, view)
    pins.show(state.shown)
    if state.asked_id != state.shown.request.id:
        st.info(
            f"From here on, and under Share and Export, the page is still of run "
            f"{state.shown.request.id}: {told(state.shown.request)}."
        )
    below.show(view, state.shown)


def _choose(experiment: Experiment, state: result.State) -> None:
    """The controls and Run; starts a run where one is asked for."""
    live = state.seconds is not None and state.seconds < LIVE_SECONDS
    values = controls(experiment, live)
    pressed = st.button("Run", type="primary", width="stretch", key="run-button")
    first = state.asked is None
    if OWN_FILE in values.values():
        st.info("Upload a file above; what is shown stays until then.")
        return
    address.follow(experiment, values)
    try:
        asked = Request(experiment, configure(experiment, values))
    except InputError as error:
        st.error(str(error))
        if first:
            result.ask(default_request(experiment), state)
        return
    if pressed or first or (live and asked.id != state.asked_id):
        if not first:
            address.forget_run()
        result.ask(asked, state)
    elif asked.id != state.asked_id:
        st.caption("These settings have not been run yet: press Run.")
    if (
        state.shown is not None
        and state.seconds is not None
        and state.asked_id == state.shown.request.id
    ):
        at_once = " Changes are followed at once." if live else ""
        st.caption(f"Run {state.asked_id} took {state.seconds:.2g} s.{at_once}")
