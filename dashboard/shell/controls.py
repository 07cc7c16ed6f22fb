"""Controls made from a `Config`: type, bounds, unit and help all come from its fields."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import streamlit as st
from pydantic.fields import FieldInfo

from core.catalog import Experiment, experiments
from core.experiment import Config, Hints, Section, choices, hints, is_tuple
from core.runs.request import item
from dashboard.shell.address import bound
from dashboard.shell.upload import choose_column, choose_data

OnChange = Literal["rerun", "ignore"]
HEADINGS: dict[Section, str] = {
    "data": "Data",
    "model": "Model",
    "training": "Training",
    "assumption": "Break an assumption",
}
# A slider with more stops than this cannot be set exactly.
SLIDER_STOPS = 200


def controls(experiment: Experiment, live: bool) -> dict[str, Any]:
    """Draws a control for each field that applies; returns the values that differ from nothing:
    a field whose control is hidden is left to its default.

    Where `live`, a change is delivered at once; otherwise it waits in the browser for Run, except
    for fields that decide which other controls there are.
    """
    config = experiment.config
    deciding = {name for n in config.model_fields for name in (hints(config, n).when or {})}
    values: dict[str, Any] = {}

    def applying(section: Section) -> Iterator[str]:
        for name in config.model_fields:
            hint = hints(config, name)
            if hint.section == section and _applies(hint, values, config):
                yield name

    def draw(section: Section) -> None:
        for name in applying(section):
            at_once = live or name in deciding or hints(config, name).kind != "plain"
            values[name] = _control(experiment, name, values, "rerun" if at_once else "ignore")

    for section, heading in HEADINGS.items():
        if any(applying(section)):
            st.markdown(f"**{heading}**")
            draw(section)
    with st.expander("More"):
        draw("more")
    return values


def set_controls(config: Config) -> None:
    """Makes the controls show `config`; call it before they are drawn."""
    values = {name: getattr(config, name) for name in type(config).model_fields}
    for name, info in type(config).model_fields.items():
        # A control that will not be drawn would leave its value behind for another page's.
        if _applies(hints(type(config), name), values, type(config)):
            st.session_state[name] = _shown(info, values[name])


def clear_controls() -> None:
    """Forgets what the controls of every page hold: pages share names, not ranges."""
    for experiment in experiments().values():
        for name in experiment.config.model_fields:
            st.session_state.pop(name, None)


def _applies(hint: Hints, values: Mapping[str, Any], config: type[Config]) -> bool:
    for name, wanted in (hint.when or {}).items():
        value = values.get(name, config.model_fields[name].get_default())
        starts = any(w == "upload" and str(value).startswith(Config.UPLOAD) for w in wanted)
        if value not in wanted and not starts:
            return False
    return True


def _control(experiment: Experiment, name: str, values: Mapping[str, Any], on_change: OnChange) -> Any:
    info, hint = experiment.config.model_fields[name], hints(experiment.config, name)
    label = f"{hint.label}, {hint.unit}" if hint.unit else hint.label
    default = _shown(info, info.get_default())
    common: dict[str, Any] = {
        "key": name,
        "help": info.description,
        "on_change": on_change,
        "bind": "query-params" if bound(experiment.config, name) else None,
    }
    if hint.kind == "data":
        return choose_data(name, label, info, hint)
    if hint.kind == "column":
        return choose_column(name, label, info, values)
    options = choices(info)
    names = hint.names or {}
    if options and is_tuple(info):
        return tuple(
            st.pills(
                label,
                options,
                selection_mode="multi",
                default=default,
                format_func=lambda v: str(names.get(v, v)),
                **common,
            )
        )
    if options:
        # Selectboxes, not rows of buttons: they keep their height on a phone.
        index = list(options).index(default)
        return st.selectbox(
            label, options, index=index, format_func=lambda v: str(names.get(v, v)), **common
        )
    if info.annotation is bool:
        return st.toggle(label, value=default, **common)
    if info.annotation in (int, float):
        return _number(info, hint, label, default, common)
    return st.text_input(label, value=default, **common)


def _number(info: FieldInfo, hint: Hints, label: str, default: Any, common: dict[str, Any]) -> Any:
    kind, limits = item(info)
    whole = kind is int
    step = kind(hint.step) if hint.step else (1 if whole else None)
    low, high = limits.get("ge"), limits.get("le")
    if low is not None and high is not None and step and hint.scale == "linear":
        low, high = kind(low), kind(high)
        if (high - low) / step <= SLIDER_STOPS:
            return st.slider(label, low, high, default, step, **common)
    return st.number_input(
        label,
        min_value=None if low is None else kind(low),
        max_value=None if high is None else kind(high),
        value=default,
        step=step,
        format=None if whole else "%g",
        **common,
    )


def _shown(info: FieldInfo, value: Any) -> Any:
    """A field's value as its control holds it."""
    if not is_tuple(info):
        return value
    return list(value) if choices(info) else ", ".join(map(str, value))
