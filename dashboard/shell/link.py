"""How a run comes to a page and leaves it: links, CSV, zip, command, Python call."""

import urllib.parse

import streamlit as st

from core.catalog import Experiment
from core.experiment import Config, InputError
from core.runs import export
from core.runs.request import Request, configure, flags
from dashboard.shell import address, pins
from dashboard.shell.controls import clear_controls, set_controls
from dashboard.shell.resources import owner, store
from dashboard.shell.result import Shown, State, settle
from dashboard.shell.upload import data_names, receive
from dashboard.shell.view import Tables, View


def arrive(experiment: Experiment, state: State) -> None:
    """Opens the run that the address names, or takes the values in it, and says what in it cannot be
    used.

    Does so once for an address: the controls are the user's from then on. Someone who comes back
    from another page finds the page as it was.
    """
    wanted = st.query_params.get("run", "")
    if st.session_state.get("page") != experiment.name:
        st.session_state["page"] = experiment.name
        clear_controls()
        if state.asked is not None and not len(st.query_params):
            show_controls(state.asked.config)
            return
    elif wanted in ("", state.linked):
        return
    state.linked = wanted
    values, state.said = address.read(experiment)
    if wanted and _open(experiment, wanted, st.query_params.get("token", ""), state):
        return
    named = str(values.get("data", ""))
    if named.startswith(Config.UPLOAD) and named not in st.session_state.get("files", {}):
        del values["data"]
        state.said.append("`data` names a file of another session: upload it again to use it.")
    try:
        show_controls(configure(experiment, values))
    except InputError as error:
        state.said.append(f"{error} The defaults are used.")
        show_controls(experiment.config())


def show_controls(config: Config, **reserved: str) -> None:
    """Makes controls and address those of `config`."""
    address.write(config, **reserved)
    set_controls(config)


def leave(shown: Shown, view: View) -> None:
    """Pin, Share and Export."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        pins.button(shown)
        with st.popover("Share"):
            _share(shown)
        with st.popover("Export"):
            _export(shown, view)


def _open(experiment: Experiment, run: str, token: str, state: State) -> bool:
    """Shows the run of a link; False, with the reason said, where it cannot be opened."""
    kept = store().find(run)
    if kept is None or kept.experiment != experiment.name:
        state.said.append(
            f"`run` must be a run kept here; there is no {experiment.title} run {run}. "
            "The settings in the address are used instead."
        )
        return False
    try:
        asked = Request(experiment, configure(experiment, kept.config))
    except InputError:
        state.said.append(
            f"Run {run} is of an older form of this experiment and can no longer be opened; "
            "the default run is shown."
        )
        return False
    mine = store().may_read(asked.config.uploads(), owner())
    if kept.private and not mine and not store().shared(run, token):
        state.said.append(
            f"`run` must be public or shared with you; {run} is private to whoever uploaded its data."
        )
        return False
    if not mine:
        receive(asked.config)
    show_controls(asked.config, run=run, token=token)
    settle(asked, kept, state, token=token)
    state.said = []
    if kept.version != experiment.version:
        state.said = [
            f"This run was made by version {kept.version} of the experiment, now {experiment.version}: "
            "it shows what it showed then. Press Run for today's numbers."
        ]
    return True


def _share(shown: Shown) -> None:
    asked = shown.request
    if not shown.kept:
        st.write("This run could not be kept, so no link can open it. Export has its tables.")
        return
    token = shown.token
    if asked.config.uploads() and not token:
        st.write("This run reads a file of yours: only this session can open it.")
        if not st.button("Make a link that opens it to whoever has it"):
            return
        shown.token = token = store().share(asked.id)
    st.write("Opens this run, as it is, in any browser:")
    st.code(url(asked, token), language=None, wrap_lines=True)


def url(asked: Request, token: str = "") -> str:
    """The link of a run. It names the run by its content, and carries the values that differ from
    the defaults for a server that does not have it."""
    page = (st.context.url or "").split("?")[0]
    query = {"run": asked.id, **({"token": token} if token else dict(flags(asked)))}
    return f"{page}?{urllib.parse.urlencode(query)}"


def _export(shown: Shown, view: View) -> None:
    asked, tables = shown.request, shown.tables
    stem = f"{asked.experiment.name}-{asked.id}"
    names = data_names(asked.config.uploads())
    # Made now: when the archive is asked for, there is no page to take an address from.
    opens = url(asked, shown.token)
    st.download_button(
        "Everything (zip)",
        lambda: export.archive(tables, asked, shown.software, opens, names),
        f"{stem}.zip",
        "application/zip",
        on_click="ignore",
        type="primary",
        key="zip",
    )
    with st.container(horizontal=True):
        for name, table in tables.items():
            st.download_button(
                f"{name}.csv",
                lambda table=table: export.csv(table),
                f"{stem}-{name}.csv",
                "text/csv",
                on_click="ignore",
                key=f"csv:{name}",
            )
        made = _own(asked.id, tables, asked)
        for name, content in made.items():
            st.download_button(name, content, f"{stem}-{name}", on_click="ignore", key=f"file:{name}")
    st.write("The command that repeats it:")
    st.code(export.command(asked, names), language="bash", wrap_lines=True)
    st.write("The Python call:")
    st.code(export.call(asked, names), language="python", wrap_lines=True)
    snippet = getattr(view, "snippet", None)
    found = snippet(tables, asked.config) if snippet else ""
    if found:
        st.write("What it found, as Python:")
        st.code(found, language="python", wrap_lines=True)


@st.cache_data(show_spinner=False, max_entries=20)
def _own(run: str, _tables: Tables, _asked: Request) -> dict[str, bytes]:
    """The experiment's own files of a kept run: made once, not at every rerun."""
    return export.own(_tables, _asked)
