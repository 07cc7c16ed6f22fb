"""The home page: what this is, the questions by chapter, and how theory fares."""

import importlib
import itertools

import streamlit as st

from core.catalog import Experiment, experiments
from core.experiment import InputError
from dashboard.shell.resources import default_request, kept_tables, start_engine, store

WHAT = (
    "Experiments on how machines learn from data: each page asks one question, answers it with a "
    "measurement, and draws what theory predicts on the same axes. Change anything, bring your own "
    "data, and take every number with you as CSV, link, command or Python call."
)


def home() -> None:
    """Draws the page."""
    st.session_state["page"] = ""
    st.title("Ermine", anchor=False)
    st.markdown(WHAT)
    for chapter, group in itertools.groupby(experiments().values(), key=lambda e: e.chapter):
        listed = list(group)
        subtitle = (importlib.import_module(f"core.experiments.{chapter}").__doc__ or "").partition(":")
        st.subheader(listed[0].chapter_title, anchor=False)
        st.caption(subtitle[2].strip().capitalize())
        for experiment in listed:
            _card(experiment)
    try:
        st.fragment(_scoreboard, run_every=2 if _waiting() else None)()
    except InputError as error:
        st.error(str(error))
        return
    start_engine()


def _card(experiment: Experiment) -> None:
    with st.container(border=True):
        pages = st.session_state.get("pages", {})
        if experiment.name in pages:
            st.page_link(pages[experiment.name], label=f"**{experiment.title}**")
        else:
            st.markdown(f"**{experiment.title}**")
        st.markdown(experiment.question)


def _waiting() -> bool:
    return any(store().find(default_request(e).id) is None for e in experiments().values())


def _scoreboard() -> None:
    st.subheader("Scoreboard", anchor=False)
    st.caption("Predictions of theory held against the measurements of each experiment's default run.")
    rows = [_score(experiment) for experiment in experiments().values()]
    st.table({key: [row[key] for row in rows] for key in rows[0]} if rows else {})


def _score(experiment: Experiment) -> dict[str, str]:
    asked = default_request(experiment)
    if store().find(asked.id) is None:
        starting = start_engine()
        snapshot = starting.result().snapshot(asked.id) if starting.done() else None
        state = snapshot.error or snapshot.state if snapshot is not None else "not run yet"
        return {"experiment": experiment.title, "held": state, "by kind": ""}
    checks = kept_tables(asked.id)["checks"]
    held = int(checks["holds"].sum())
    colour = "green" if held == len(checks) else "red"
    kinds = checks.groupby("kind", sort=False)["holds"].agg(["sum", "count"])
    return {
        "experiment": experiment.title,
        "held": f":{colour}[**{held} of {len(checks)}**]",
        "by kind": ", ".join(f"{k.replace('_', ' ')} {s} of {n}" for k, s, n in kinds.itertuples()),
    }
