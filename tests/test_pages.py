"""Every page under Streamlit's own test harness: defaults, each field's ends, and its charts."""

import time
from concurrent.futures import Future

import altair as alt
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import experiments
from core.experiment import Cancelled, InputError
from core.runs.engine import Snapshot
from core.runs.local import carry_out
from core.runs.request import flags, item, request
from dashboard.shell.pages import view
from dashboard.shell.resources import store
from tests.test_contract import default, extremes

NAMES = list(experiments())
# Ends of this many fields share a run: fewer runs, and ends meet in company.
TOGETHER = 9


def shared_ends(name):
    """Every end of every field, in groups of a few fields, with one large count in each at most."""
    fields = experiments()[name].config.model_fields
    counts = {f: item(i)[1].get("le") for f, i in fields.items() if i.annotation is int}
    groups = []
    for field, value in extremes(name):
        for group in groups:
            large = sum(v == counts.get(f) for f, v in [*group.items(), (field, value)])
            fits = len(group) < TOGETHER and field not in group and large <= 1
            if fits and legal(name, {**group, field: value}):
                group[field] = value
                break
        else:
            groups.append({field: value})
    return groups


def legal(name, values):
    """Whether these values keep the rules over several fields."""
    try:
        request(name, values)
    except InputError:
        return False
    return True


ENDS = [(name, values) for name in NAMES for values in shared_ends(name)]


class Busy:
    """An engine whose workers are all taken: what a page shows then needs none."""

    def submit(self, asked):
        return asked.id

    def wait(self, run, seconds):
        return self.snapshot(run)

    def snapshot(self, run):
        return Snapshot(run, "queued", message="waiting for a worker")

    def running(self):
        return 1

    def cancel(self, run):
        pass


@pytest.fixture
def busy(monkeypatch):
    monkeypatch.setattr("dashboard.shell.result.engine", Busy)
    started = Future()
    started.set_result(Busy())
    for module in ("home", "page", "result"):
        monkeypatch.setattr(f"dashboard.shell.{module}.start_engine", lambda: started)


def page_of(name):
    """Runs in the harness: the page of one experiment."""
    from core.catalog import find
    from dashboard.shell.page import page
    from dashboard.shell.pages import view

    page(find(name), view(name))


def opened(name, **query):
    at = AppTest.from_function(page_of, args=(name,), default_timeout=60)
    for field, text in query.items():
        at.query_params[field] = text
    return at.run()


def specs(at):
    return [chart.proto.spec for chart in at.get("vega_lite_chart")]


@pytest.mark.parametrize("name", NAMES)
def test_page_of_the_default_run(busy, name):
    asked = request(name, {})
    store().put(asked, default(name), 1.0, {})
    at = opened(name).run()
    assert not at.exception
    assert not at.error
    assert at.header[0].value == experiments()[name].question
    assert specs(at), "the answer is drawn"
    headings = [s.value for s in at.subheader]
    assert headings == ["Does theory hold?", "Why", "Data"]
    assert any("hold" in m.value for m in at.metric)


@pytest.mark.parametrize("end", [0, -1], ids=["low", "high"])
@pytest.mark.parametrize("name", NAMES)
def test_controls_at_the_ends_of_all_fields(busy, name, end):
    """All fields at their low ends, then all at their high ones; where a rule over several fields
    forbids that, field by field."""
    ends = {field: values[end] for field, values in by_field(name).items()}
    try:
        asked = [request(name, ends)]
    except InputError:
        asked = [request(name, {field: value}) for field, value in ends.items()]
    for one in asked:
        at = opened(name, **dict(flags(one)))
        assert not at.exception
        assert not at.warning


def by_field(name):
    """The values of `extremes` by field."""
    found = {}
    for field, value in extremes(name):
        found.setdefault(field, []).append(value)
    return found


@pytest.mark.parametrize(
    ("name", "values"), ENDS, ids=lambda v: v if isinstance(v, str) else ",".join(v)
)
def test_charts_at_each_end_of_each_field(name, values):
    """Together, or in halves where together they are refused."""
    if not draws(name, values) and len(values) > 1:
        each = list(values.items())
        for half in (each[: len(each) // 2], each[len(each) // 2 :]):
            test_charts_at_each_end_of_each_field(name, dict(half))


def draws(name, values):
    """Draws what is measured within a moment; whether the values are legal together."""
    try:
        asked = request(name, values)
        tables = measured_within(asked)
    except InputError:
        return False
    for panel in view(name).panels(tables, asked.config):
        assert_fields_exist(panel.chart)
    view(name).verdict(tables, asked.config)
    return True


@pytest.mark.parametrize("name", NAMES)
def test_charts_name_only_columns_that_exist(name):
    panels = view(name).panels(default(name), request(name, {}).config)
    assert panels
    assert len({p.key for p in panels}) == len(panels)
    for panel in panels:
        assert panel.caption
        assert panel.alt
        assert_fields_exist(panel.chart)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_address_gets_wrong_is_said(busy, name):
    at = opened(name, sed="1", seed="-4")
    said = [w.value for w in at.warning]
    assert any(s.startswith(f"`sed` is not a field of {name}") for s in said)
    assert any(s.startswith("`seed` must be a whole number from 0 to") for s in said)
    assert not at.exception


@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_a_run_that_is_not_there(busy, name):
    at = opened(name, run="0123456789abcdef")
    assert any("there is no" in w.value and "0123456789abcdef" in w.value for w in at.warning)
    assert not at.exception


def test_home_has_every_question_and_the_scoreboard(busy):
    def script():
        from dashboard.shell.home import home

        home()

    at = AppTest.from_function(script, default_timeout=60).run()
    assert not at.exception
    text = " ".join(m.value for m in at.markdown)
    for experiment in experiments().values():
        assert experiment.question in text
    assert "Scoreboard" in [s.value for s in at.subheader]


def measured_within(asked, seconds=0.25):
    """The tables of a run, or the last partial ones of a run that takes longer."""
    began, last = time.monotonic(), {}

    def report(fraction, message, tables=None):
        if tables is not None:
            last.update(tables)
        if time.monotonic() - began > seconds:
            raise Cancelled

    try:
        return carry_out(asked, report, {})
    except Cancelled:
        return last


def assert_fields_exist(chart):
    """Altair accepts a field that is not in the frame and draws nothing: here it fails."""
    spec = chart.to_dict()
    stored = {name: set().union(*map(set, rows[:50])) for name, rows in spec.get("datasets", {}).items()}
    _walk(spec, set(), stored)
    assert isinstance(chart, alt.TopLevelMixin)


def _walk(spec, known, stored):
    data = spec.get("data")
    if isinstance(data, dict):
        known = (
            stored.get(data.get("name"), known) if "name" in data else set(data.get("values", [{}])[0])
        )
    made = set()
    for step in spec.get("transform", []):
        made |= set(_flat(step.get("as", [])))
        made |= {
            a.get("as") for key in ("aggregate", "window", "joinaggregate") for a in _list(step.get(key))
        }
    for encoding in spec.get("encoding", {}).values():
        for channel in encoding if isinstance(encoding, list) else [encoding]:
            field = channel.get("field") if isinstance(channel, dict) else None
            if isinstance(field, str) and known:
                assert field.replace("\\", "") in known | made, f"{field} not in {sorted(known)}"
    for key in ("layer", "hconcat", "vconcat", "concat"):
        for part in spec.get(key, []):
            _walk(part, known, stored)
    if isinstance(spec.get("spec"), dict):
        _walk(spec["spec"], known, stored)


def _flat(value):
    return value if isinstance(value, list) else [value]


def _list(value):
    return value if isinstance(value, list) else []


def test_the_walk_finds_a_missing_field():
    frame = pd.DataFrame({"x": [1], "y": [2]})
    good = alt.Chart(frame).mark_line().encode(x="x:Q", y="y:Q")
    assert_fields_exist(good + good)
    with pytest.raises(AssertionError, match="z not in"):
        assert_fields_exist(good + alt.Chart(frame).mark_line().encode(x="z:Q", y="y:Q"))
