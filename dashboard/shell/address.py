"""The address of a page: the values of its run's `Config` that differ from the defaults.

Numbers and text keep themselves there while they are typed (Streamlit's `bind`). A choice with a
readable label does not: Streamlit would write the label, which no command line and no link reads.
"""

from typing import Any

import streamlit as st

from core.catalog import Experiment
from core.experiment import Config, InputError, choices, hints, is_tuple
from core.runs.request import configure

# A link's own parameters: the run that it opens, and the token that opens a private one.
RESERVED = ("run", "token")


def bound(config: type[Config], name: str) -> bool:
    """Whether the field's control keeps its value in the address by itself."""
    hint = hints(config, name)
    return hint.kind == "plain" and not hint.names


def read(experiment: Experiment) -> tuple[dict[str, Any], list[str]]:
    """The usable values in the address, and a sentence for each that is not."""
    values, said = {}, []
    for name in st.query_params:
        if name in RESERVED:
            continue
        given = ",".join(st.query_params.get_all(name))
        try:
            values[name] = getattr(configure(experiment, {name: given}), name)
        except InputError as error:
            said.append(f"{error} The default is used.")
    return values, said


def write(config: Config, **reserved: str) -> None:
    """Makes the address that of `config`; call it before the controls are drawn."""
    default = type(config)()
    changed = {
        name: _text(type(config), name, value)
        for name in type(config).model_fields
        if (value := getattr(config, name)) != getattr(default, name)
    }
    wanted = {**{k: v for k, v in reserved.items() if v}, **changed}
    if {name: st.query_params.get_all(name) for name in st.query_params} != {
        name: text if isinstance(text, list) else [text] for name, text in wanted.items()
    }:
        st.query_params.from_dict(wanted)


def follow(experiment: Experiment, values: dict[str, Any]) -> None:
    """Keeps in the address the choices whose controls do not do so themselves."""
    for name, info in experiment.config.model_fields.items():
        if bound(experiment.config, name):
            continue
        value = values.get(name, info.get_default())
        if value != info.get_default() and value:
            st.query_params[name] = str(value)
        elif name in st.query_params:
            del st.query_params[name]


def forget_run() -> None:
    """The page leaves the run that its link named: the user asked for another."""
    for name in RESERVED:
        if name in st.query_params:
            del st.query_params[name]


def _text(config: type[Config], name: str, value: Any) -> str | list[str]:
    """A value as its bound control writes it."""
    info = config.model_fields[name]
    if not is_tuple(info):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return [str(v) for v in value] if choices(info) else ", ".join(map(str, value))
