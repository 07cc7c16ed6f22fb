"""What a person does with the pages, done in a real browser against a real server."""

import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from core import run
from core.catalog import experiments
from core.datasets import uploaded
from core.experiment import hints
from core.runs.request import flags, request

pytestmark = pytest.mark.xdist_group("browser")
NAMES = list(experiments())
CHART = "[data-testid=stVegaLiteChart]"


def drawn(page):
    """Waits for the first chart to have marks; gives its picture."""
    chart = page.locator(CHART).first
    chart.locator("canvas, svg").first.wait_for()
    return chart


def settled(page):
    """Waits until the page has its run: its last section is there and nothing is under way."""
    page.get_by_role("heading", name="Data", exact=True).wait_for()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    return drawn(page)


def set_number(page, label, value):
    """Types into the number field with this label and leaves it."""
    field = page.get_by_role("spinbutton", name=re.compile(rf"^{label}")).first
    field.fill(str(value))
    field.press("Tab")


def choose(page, label, option):
    box = page.get_by_role("combobox", name=re.compile(rf"{label}")).first
    box.scroll_into_view_if_needed()
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def press_run(page):
    page.get_by_role("button", name="Run", exact=True).click()


def link_to(page, run):
    """The link to the run on the page, once that is `run`."""
    page.get_by_test_id("stPopover").filter(has_text="Share").get_by_role("button").first.click()
    link = page.locator("[data-testid=stCode]").filter(has_text=f"run={run}").inner_text()
    page.keyboard.press("Escape")
    return link.strip()


def downloaded(page, button):
    page.get_by_test_id("stPopover").filter(has_text="Export").get_by_role("button").first.click()
    with page.expect_download() as event:
        page.get_by_role("button", name=button, exact=True).click()
    content = event.value.path().read_bytes()
    page.keyboard.press("Escape")
    return content


@pytest.fixture(scope="module")
def phone(tabs):
    """Goes from page to page in one tab, as its history does: that loads no script anew."""
    page = tabs[0].new_page()
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 390, "height": 844})

    def go(name):
        page.bring_to_front()
        if page.url == "about:blank":
            page.goto(f"/{name}")
        else:
            to = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }"
            page.evaluate(to, f"/{name}")
        page.get_by_role("heading", name=experiments()[name].question).wait_for()
        expect(page.get_by_text(f"Run {request(name, {}).id} took")).to_be_visible()
        return page

    yield go
    page.close()


def test_home_leads_to_every_experiment(visitor):
    page = visitor()
    main = page.get_by_test_id("stMain")
    for name, experiment in experiments().items():
        expect(main.get_by_text(experiment.question)).to_be_visible()
        link = main.get_by_role("link", name=experiment.title)
        expect(link).to_have_attribute("href", re.compile(rf"\b{name}$"))
    link.click()
    page.wait_for_url(f"**/{name}")
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Scoreboard")).to_be_visible()


def test_a_changed_control_changes_the_chart_and_the_address(visitor):
    page = visitor("double-descent")
    before = settled(page).screenshot()
    set_number(page, "Samples", 60)
    expect(page).to_have_url(re.compile("samples=60"))
    press_run(page)
    wanted = request("double-descent", {"samples": 60}).id
    expect(page.get_by_text(f"Run {wanted} took")).to_be_visible()
    link_to(page, wanted)
    assert settled(page).screenshot() != before


def test_no_page_leaves_its_values_to_another(visitor):
    """Pages share the names of fields, not their ranges: after a run, others are themselves."""
    first = "double-descent"
    page = visitor(first)
    settled(page)
    set_number(page, "Samples", 321)
    press_run(page)
    changed = request(first, {"samples": 321}).id
    expect(page.get_by_text(f"Run {changed}").first).to_be_visible()
    others = [n for n in NAMES if n != first and "samples" in experiments()[n].config.model_fields]
    for name in others[:2]:
        title = experiments()[name].title
        page.get_by_test_id("stSidebar").get_by_role("link", name=title).click()
        expect(page.get_by_text(f"Run {request(name, {}).id} took")).to_be_visible()
        expect(page).to_have_url(re.compile(rf"/{name}$"))


def test_the_address_holds_values_that_every_other_way_reads(visitor):
    page = visitor("double-descent?samples=40&design=correlated&x=")
    wanted = request("double-descent", {"design": "correlated", "samples": 40})
    expect(page.get_by_text(f"Run {wanted.id} took")).to_be_visible()
    for name, text in flags(wanted):
        expect(page).to_have_url(re.compile(f"{name}={text}"))
    page.reload()
    expect(page.get_by_text(f"Run {wanted.id} took")).to_be_visible()


def test_an_opened_link_goes_on_in_the_address(visitor):
    values = {"samples": 40, "features": 200, "model": "misspecified", "penalty": "optimal"}
    first = visitor("double-descent?" + "&".join(f"{k}={v}" for k, v in values.items()))
    expect(first.get_by_text(f"Run {request('double-descent', values).id} took")).to_be_visible()
    second = visitor(link_to(first, request("double-descent", values).id).split("/", 3)[3])
    settled(second)
    set_number(second, "Samples", 44)
    press_run(second)
    wanted = request("double-descent", {**values, "samples": 44}).id
    expect(second.get_by_text(f"Run {wanted} took")).to_be_visible()
    second.reload()
    expect(second.get_by_text(f"Run {wanted} took")).to_be_visible()


def test_a_link_to_a_server_that_lacks_the_run_repeats_it(visitor):
    page = visitor("double-descent?run=0123456789abcdef&samples=41&design=correlated")
    wanted = request("double-descent", {"samples": 41, "design": "correlated"}).id
    expect(page.get_by_text(f"Run {wanted} took")).to_be_visible()
    expect(page.get_by_text("there is no Double descent run 0123456789abcdef")).to_be_visible()


@pytest.mark.parametrize("address", ["widths=abc", "samples=10&test_share=0.05"])
def test_a_first_visit_with_unusable_values_is_not_an_empty_page(visitor, address):
    page = visitor(f"fit-network?{address}")
    drawn(page)
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    expect(page.get_by_text(f"Run {request('fit-network', {}).id}").first).to_be_visible()


def test_coming_back_to_a_page_finds_it_as_it_was(visitor):
    page = visitor("double-descent")
    settled(page)
    set_number(page, "Samples", 40)
    press_run(page)
    wanted = request("double-descent", {"samples": 40}).id
    expect(page.get_by_text(f"Run {wanted} took")).to_be_visible()
    page.get_by_role("link", name="Fit distribution").click()
    expect(page.get_by_role("spinbutton", name=re.compile("^Samples"))).to_have_value("1000")
    page.get_by_role("link", name="Double descent").click()
    expect(page.get_by_text(f"Run {wanted} took")).to_be_visible()
    expect(page.get_by_role("spinbutton", name=re.compile("^Samples"))).to_have_value("40")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_broken_assumption_turns_red(visitor):
    page = visitor("double-descent")
    settled(page)
    expect(page.get_by_test_id("stTable").get_by_text("fails")).to_have_count(0)
    names = hints(experiments()["double-descent"].config, "design").names
    choose(page, "Design", names["correlated"])
    press_run(page)
    expect(page.get_by_test_id("stTable").get_by_text("fails").first).to_be_visible()


def test_partial_results_then_cancel(visitor):
    page = visitor("double-descent?samples=400&features=2000&replicates=500&seed=5")
    cancel = page.get_by_role("button", name="Cancel")
    cancel.wait_for()
    drawn(page)
    expect(cancel).to_be_visible()
    cancel.click()
    expect(page.get_by_text(re.compile(r"Cancelled at \d+"))).to_be_visible()


def test_another_browser_joins_the_run_under_way(visitor):
    path = "double-descent?samples=400&features=2000&replicates=500&seed=6"
    first, second = visitor(path), visitor(path)
    for page in (first, second):
        page.get_by_role("button", name="Cancel").wait_for()
    first.reload()
    first.get_by_role("button", name="Cancel").wait_for()
    second.get_by_role("button", name="Cancel").click()
    for page in (first, second):
        expect(page.get_by_text(re.compile(r"Cancelled at \d+"))).to_be_visible()


@pytest.mark.parametrize("name", ["double-descent", "fit-network"])
def test_the_csv_of_a_page_is_the_table_of_python(visitor, name):
    page = visitor(name)
    settled(page)
    here = run(name)
    table = next(iter(experiments()[name].tables))
    content = downloaded(page, f"{table}.csv")
    back = pd.read_csv(io.BytesIO(content))
    for column in here[table].select_dtypes("number"):
        np.testing.assert_array_equal(back[column].to_numpy(float), here[table][column].to_numpy(float))

    with zipfile.ZipFile(io.BytesIO(downloaded(page, "Everything (zip)"))) as archive:
        names = set(archive.namelist())
        assert names >= {f"{t}.csv" for t in here} | {"config.json", "versions.json", "README.md"}
        assert archive.read(f"{table}.csv") == content
        readme = archive.read("README.md").decode()
    for column in here[table].columns:
        assert f"`{column}`" in readme


def test_a_shared_link_opens_the_same_run_in_another_browser(visitor):
    first = visitor("double-descent")
    settled(first)
    set_number(first, "Samples", 50)
    press_run(first)
    wanted = request("double-descent", {"samples": 50}).id
    expect(first.get_by_text(f"Run {wanted} took")).to_be_visible()
    link = link_to(first, wanted)
    second = visitor(link.split("/", 3)[3])
    settled(second)
    expect(second.get_by_role("spinbutton", name=re.compile("^Samples"))).to_have_value("50")
    link_to(second, wanted)


def test_a_file_of_ones_own_is_fitted_and_stays_private_until_shared(visitor, tmp_path):
    path = tmp_path / "weights.csv"
    values = np.random.default_rng(3).gamma(4, 20, size=254)
    pd.DataFrame({"serving": [*values, np.nan]}).to_csv(path, index=False)

    first = visitor("fit-distribution")
    settled(first)
    choose(first, "Data", "Your own file…")
    first.locator("input[type=file]").set_input_files(path)
    expect(first.get_by_text("255 rows, 1 column.")).to_be_visible()
    expect(first.get_by_text("has 1 missing of 255 values: a run leaves them out")).to_be_visible()
    expect(first.get_by_text("These settings have not been run yet")).to_be_visible()
    press_run(first)
    digest = uploaded.digest(path.read_bytes())
    wanted = request("fit-distribution", {"data": f"upload:{digest}", "column": "serving"}).id
    expect(first.get_by_text(f"Run {wanted} took")).to_be_visible()

    first.get_by_test_id("stPopover").filter(has_text="Share").get_by_role("button").first.click()
    first.get_by_role("button", name="Make a link").click()
    link = first.locator("[data-testid=stCode]").filter(has_text="token=").inner_text().strip()
    shared = link.split("/", 3)[3]

    stranger = visitor(shared.split("&token=")[0])
    expect(stranger.get_by_text("is private to whoever uploaded its data")).to_be_visible()
    guest = visitor(shared)
    settled(guest)
    expect(guest.get_by_text("is private")).to_have_count(0)
    expect(guest.get_by_text(f"Run {wanted} took")).to_be_visible()


def test_an_unusable_file_is_refused_in_a_sentence_and_nothing_is_lost(visitor, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(b"a,b\n")
    page = visitor("fit-distribution")
    settled(page)
    choose(page, "Data", "Your own file…")
    page.locator("input[type=file]").set_input_files(path)
    expect(
        page.get_by_test_id("stAlert").filter(has_text="at least one row under its header")
    ).to_be_visible()
    expect(page.locator(CHART).first).to_be_visible()


def test_the_wrong_in_an_address_is_said(visitor):
    page = visitor("double-descent?samples=-3&nonsense=1")
    expect(page.get_by_text(re.compile("must be a whole number from 20"))).to_be_visible()
    expect(page.get_by_text(re.compile("is not a field of double-descent"))).to_be_visible()
    settled(page)


def test_a_pinned_run_is_drawn_beside_the_next(visitor):
    page = visitor("double-descent")
    settled(page)
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    set_number(page, "Samples", 60)
    press_run(page)
    wanted = request("double-descent", {"samples": 60}).id
    expect(page.get_by_text(f"Run {wanted} took")).to_be_visible()
    expect(page.get_by_role("heading", name="Pinned runs")).to_be_visible()
    expect(page.get_by_text(f"{wanted[:6]}: samples 60")).to_be_visible()


# Last: by then other tests have carried out most default runs.
@pytest.mark.parametrize("name", NAMES)
def test_each_page_opens_on_a_phone_with_its_question_answered_before_the_controls(phone, name):
    page = phone(name)
    chart = settled(page).bounding_box()
    held = re.compile(r"\d+ of \d+ hold")
    expect(page.get_by_test_id("stMetric").filter(has_text=held)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    control = page.get_by_role("button", name="Run", exact=True).bounding_box()
    assert chart["y"] < control["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
