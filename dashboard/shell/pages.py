"""Finds the views and makes the navigation: a view is a page, with nothing to register."""

import importlib
from collections.abc import Callable
from functools import cache

import streamlit as st

from core.catalog import Experiment, experiments
from dashboard.shell.page import page
from dashboard.shell.view import View


@cache
def view(name: str) -> View:
    """The view of experiment `name`: the module of the same name and chapter."""
    experiment = experiments()[name]
    path = f"dashboard.views.{experiment.chapter}.{name}".replace("-", "_")
    module: View = importlib.import_module(path)  # type: ignore[assignment]
    return module


def navigation() -> st.Page:
    """Home and a page for each experiment, by chapter; returns the page asked for."""
    from dashboard.shell.home import home

    links = {e.name: _page(e) for e in experiments().values()}
    st.session_state["pages"] = links
    sections: dict[str, list[st.Page]] = {
        "": [st.Page(home, title="Ermine", url_path="home", default=True, icon=":material/home:")]
    }
    for experiment in experiments().values():
        sections.setdefault(experiment.chapter_title, []).append(links[experiment.name])
    return st.navigation(sections)


def _page(experiment: Experiment) -> st.Page:
    def show() -> None:
        page(experiment, view(experiment.name))

    show_page: Callable[[], None] = show
    return st.Page(show_page, title=experiment.title, url_path=experiment.name, help=experiment.question)
