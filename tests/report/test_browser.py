"""Reports in a headless Chromium: real clicks and keys, compared with the trace."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symnet
from symnet.report import Page
from symnet.report.page import page
from symnet.trace import Trace
from tests.browser import Browser, Keys, browser, number
from tests.modules import EXAMPLES

REPORTS = ("scalar_graph", "linear_classifier", "digits_mlp", "lenet", "lstm_recall", "gpt_small")
POINT: dict[str, dict[str, Any]] = {"scalar_graph": {"a": 2, "b": 1}, "linear_classifier": {"x": [1, 2], "t": [0, 1]}}


@cache
def report(name: str) -> Page:
    return symnet.report(EXAMPLES / f"{name}.sym", POINT.get(name), check=name != "gpt_small")


@cache
def traced(name: str, scalars: bool) -> Trace:
    return symnet.trace(EXAMPLES / f"{name}.sym", POINT.get(name), scalars=scalars)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Any:
    def open_report(name: str, fragment: str = "") -> Browser:
        chromium.open(report(name).save(tmp_path / f"{name}.html"), fragment)
        return chromium

    return open_report


def near(text: str, value: float, digits: int = 4) -> bool:
    return number(text) == pytest.approx(value, rel=0.6 * 10.0 ** (1 - digits), abs=1e-300)


def wrong(boxes: dict[str, tuple[str, str]], found: Trace) -> list[str]:
    """The boxes that show another number than the trace has."""
    values = {node.name: node.value for node in found.nodes}
    adjoints = {step.node: step.value for step in found.steps}
    return [
        name
        for name, (value, adjoint) in boxes.items()
        if not near(value, values[name]) or not near(adjoint, adjoints[name])
    ]


# --- opening ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_opens_in_silence(opened: Any, name: str) -> None:
    here = opened(name)
    assert here.one("html").get_attribute("data-ready") == "yes"
    assert here.complaints() == []
    assert [url.rsplit("/", 1)[-1] for url in here.requests()] == [f"{name}.html"]
    assert here.run("return document.documentElement.scrollWidth <= innerWidth")
    assert here.texts("h2") == ["The graph", "The formulas", "The check", "The cost", "The spec"]
    assert here.all(".stage .node")
    assert here.one(".verdict, #check .hint").text


@pytest.mark.parametrize("name", REPORTS)
def test_the_player_goes_to_the_end_and_back(opened: Any, name: str) -> None:
    here = opened(name)
    last = int(here.one("#steps").get_attribute("max"))
    assert here.one(".position b").text == str(last)
    here.click("[data-act=first]")
    assert here.one(".position b").text == "0"
    assert "what is given" in here.one(".explanation h3").text
    here.click("[data-act=next]")
    here.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert here.one(".position b").text == "2"
    here.wait(lambda: here.run("return location.hash") == "#step=2")
    here.press(Keys.END)
    assert here.one(".position b").text == str(last)
    here.press(Keys.HOME)
    for _ in range(last):
        here.press(Keys.ARROW_RIGHT)
    assert here.one(".position b").text == str(last)
    for _ in range(last):
        here.press(Keys.ARROW_LEFT)
    assert here.one(".position b").text == "0"
    assert here.complaints() == []


def test_a_step_has_an_address(opened: Any) -> None:
    here = opened("scalar_graph", "#step=3")
    assert here.one(".position b").text == "3"
    assert {name: value for name, (value, _) in here.boxes().items()} == {
        "a": "2",
        "b": "1",
        "c": "3",
        "d": "2",
        "e": "6",
    }
    assert {adjoint for _, adjoint in here.boxes().values()} == {""}
    here.run("location.hash = '#step=1'")
    assert here.boxes()["d"][0] == "" and here.boxes()["c"][0] == "3"


def test_a_held_key_leaves_the_address_alone_until_it_rests(opened: Any) -> None:
    here = opened("scalar_graph", "#step=2")
    here.press(*[Keys.ARROW_LEFT, Keys.ARROW_RIGHT] * 150, Keys.ARROW_RIGHT)
    here.wait(lambda: here.run("return location.hash") == "#step=3")
    assert here.complaints() == []


def test_the_player_plays(opened: Any) -> None:
    here = opened("scalar_graph", "#step=2")
    here.click("[data-act=play]")
    assert here.one("[data-act=play]").get_attribute("aria-label") == "Pause"
    here.wait(lambda: here.one(".position b").text == "4")
    here.click("[data-act=play]")
    assert here.one("[data-act=play]").get_attribute("aria-label") == "Play"


# --- what the steps say ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["scalar_graph", "linear_classifier"])
def test_every_step_of_the_lecture(opened: Any, name: str) -> None:
    here, found = opened(name, "#step=0"), traced(name, True)
    values = {node.name: node.value for node in found.nodes}
    adjoints = {step.node: step.value for step in found.steps}
    calculated = [node.name for node in found.nodes if node.formula]
    for k, node in enumerate(calculated, start=1):
        here.press(Keys.ARROW_RIGHT)
        boxes = here.boxes()
        assert here.texts(".is-forward[data-node]") and here.one(".node.is-forward").get_attribute("data-node") == node
        assert [n for n in calculated if boxes[n][0]] == calculated[:k]
        assert near(boxes[node][0], values[node])
    for step in found.steps:
        if not step.contributions:
            here.press(Keys.ARROW_RIGHT)
            assert here.boxes()[step.node][1] == "1"
            continue
        edges = {(e.parent, e.child): e.value for e in found.edges}
        for part in step.contributions:
            here.press(Keys.ARROW_RIGHT)
            assert here.one(".node.is-back").get_attribute("data-node") == step.node
            upstream, local, downstream = here.texts(".factor .number")
            assert near(upstream, adjoints[part.child], 6)
            assert near(local, edges[step.node, part.child], 6)
            assert near(downstream, part.value, 6)
        if len(step.contributions) > 1:
            assert here.boxes()[step.node][1] == ""
            here.press(Keys.ARROW_RIGHT)
            assert "adds up" in here.one(".explanation h3").text
        assert near(here.boxes()[step.node][1], adjoints[step.node])
    assert here.one(".position b").text == here.one("#steps").get_attribute("max")
    assert not wrong(here.boxes(), found)


def test_the_sum_over_both_ways(opened: Any) -> None:
    here = opened("scalar_graph", "#step=9")
    assert "∂e/∂b" not in here.one(".explanation").text  # a fraction, not a text
    assert here.texts(".explanation mtr")[1:] == ["=3+2", "=5"]


# --- changing inputs -------------------------------------------------------------------------------


def test_every_number_follows_an_input(opened: Any) -> None:
    here = opened("scalar_graph")
    field = here.one("[data-input=a]")
    field.send_keys(Keys.CONTROL + "a", Keys.BACKSPACE)
    assert field.get_attribute("aria-invalid") == "true"
    assert not wrong(here.boxes(), traced("scalar_graph", True))
    field.send_keys("-3.5")
    assert not wrong(here.boxes(), symnet.trace(EXAMPLES / "scalar_graph.sym", {"a": -3.5, "b": 1}, scalars=True))
    here.click("[data-act=reset]")
    assert not wrong(here.boxes(), traced("scalar_graph", True))


def test_every_number_of_the_classifier_follows(opened: Any) -> None:
    here = opened("linear_classifier")
    for name, value in (("x[1]", "-0.7"), ("W[0, 1]", "1.5"), ("t[0]", "0.25")):
        field = here.one(f"[data-input='{name}']")
        field.clear()
        field.send_keys(value)
    w = np.array(next(node.value for node in traced("linear_classifier", False).nodes if node.name == "W"))
    w[0, 1] = 1.5
    values = {"x": [1, -0.7], "t": [0.25, 1], "W": w}
    assert not wrong(here.boxes(), symnet.trace(EXAMPLES / "linear_classifier.sym", values, scalars=True))


FUNCTIONS = "exp log sqrt sin cos tan tanh sinh cosh arctan erf abs sigmoid softplus log1p expm1".split()
FORMULAS = [
    *(f"{name}(u)" for name in FUNCTIONS),
    "max(u, v)",
    "min(u, v)",
    "u**v",
    "u**3",
    "u/v",
    "v**-2",
    "floor(u)*v",
    "sign(u)*v",
]


def test_the_page_calculates_as_the_interpreter_does(chromium: Browser, tmp_path: Path) -> None:
    lines = "\n".join(f"y{k} = {formula}" for k, formula in enumerate(FORMULAS))
    total = " + ".join(f"y{k}*{k + 1}" for k in range(len(FORMULAS)))
    text = f"network all_functions\nparam u ~ constant(1)\nparam v ~ constant(1)\n{lines}\nminimize {total}\n"
    chromium.open(symnet.report(text, {"u": 0.5, "v": 2}).save(tmp_path / "all.html"))
    for u, v in ((0.3, 1.7), (0.9, 0.4), (3.5, 2.5)):
        for name, value in (("u", u), ("v", v)):
            field = chromium.one(f"[data-input={name}]")
            field.clear()
            field.send_keys(str(value))
        assert not wrong(chromium.boxes(), symnet.trace(text, {"u": u, "v": v}, scalars=True))


def test_a_graph_that_chooses_is_not_editable(chromium: Browser, tmp_path: Path) -> None:
    text = "network chooses\nparam u ~ constant(1)\ny = where(u > 0, exp(u), -u)\nminimize y\n"
    chromium.open(symnet.report(text).save(tmp_path / "where.html"))
    assert not chromium.all("[data-input]")
    assert chromium.complaints() == []


# --- groups, formulas, code ------------------------------------------------------------------------


def test_a_layer_opens_and_closes(opened: Any) -> None:
    here = opened("digits_mlp")
    assert "h.W" not in here.boxes()
    here.click("[data-group=h]")
    assert here.one("[data-group=h]").get_attribute("aria-expanded") == "true"
    assert {"h.W", "h.b", "h"} <= set(here.boxes()) and "logits.W" not in here.boxes()
    here.press(Keys.ENTER)  # the title of the open layer has the focus
    assert here.one("[data-group=h]").get_attribute("aria-expanded") == "false"
    assert "h.W" not in here.boxes()
    here.click("[data-key=equations]")
    assert {"h.W", "logits.W", "loss_sum"} <= set(here.boxes())
    found = traced("digits_mlp", False)
    for node in found.nodes:
        low, _, high = here.boxes()[node.name][0].partition(" … ")
        if high:
            assert near(low, np.min(node.value), 3) and near(high, np.max(node.value), 3)


def test_layers_within_layers(opened: Any) -> None:
    here = opened("gpt_small")
    here.click("[data-group=h1]")
    inner = [e.get_attribute("data-group") for e in here.all("[data-group^='h1.']")]
    assert inner
    here.click(f"[data-group='{inner[0]}']")
    assert here.one(f"[data-group='{inner[0]}']").get_attribute("aria-expanded") == "true"
    assert here.one("[data-group=h1]").get_attribute("aria-expanded") == "true"
    here.click("[data-group=h1]")
    assert not here.all("[data-group^='h1.']")
    assert here.complaints() == []


def test_a_formula_is_copied(opened: Any) -> None:
    here = opened("digits_mlp")
    here.run("document.body.prepend(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    here.click(".formula[data-name='dh.W'] .copy")
    here.click("#paste")
    here.one("#paste").send_keys(Keys.CONTROL + "v")
    gradient = symnet.gradients(EXAMPLES / "digits_mlp.sym")["h.W"]
    assert here.one("#paste").get_property("value") == gradient.latex()
    here.click("[data-key=matrices]")
    here.click(".formula[data-name='dh.W'] .copy")
    here.one("#paste").clear()
    here.click("#paste")
    here.one("#paste").send_keys(Keys.CONTROL + "v")
    matrix = gradient.matrix_form()
    assert matrix is not None
    assert here.one("#paste").get_property("value") == matrix.latex


def test_pointing_marks_formula_and_code(opened: Any) -> None:
    from selenium.webdriver import ActionChains

    here = opened("digits_mlp")
    line = here.one(".formula[data-name='dh.W']")
    here.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", line)
    ActionChains(here.driver).move_to_element(line).perform()
    assert any("dh_W" in text for text in here.texts(".line.marked"))
    here.run("document.querySelector('.code').scrollIntoView({block: 'center', behavior: 'instant'})")
    code = next(e for e in here.all(".line[data-name='dlogits.b']"))
    here.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", code)
    ActionChains(here.driver).move_to_element_with_offset(code, -100, 0).perform()
    assert [e.get_attribute("data-name") for e in here.all(".formula.marked")] == ["dlogits.b"]


def test_the_formulas_of_one_parameter(opened: Any) -> None:
    here = opened("digits_mlp")
    here.one(".by select").send_keys("logits.b")
    names = here.run("return [...document.querySelectorAll('.formula')].map(e => e.dataset.name)")
    assert names[-1] == "dlogits.b" and "dh.W" not in names
    for key in ("rule", "simplified"):
        here.click(f"[data-key={key}]")
        assert here.all(".formula[data-name='dlogits.b'] math")


# --- hostile and large -----------------------------------------------------------------------------

LONG = """network long
const depth = 1200
param x ~ constant(1)
h{0} = x
for l in 1..depth:
    h{l} = sin(h{l-1})
minimize h{depth-1}
"""

HOSTILE = "</script><script>window.hacked=1</script><!--<img src=x onerror=window.hacked=1> & \u2028 {{ 7*7 }} ]]>"


def test_hostile_text_is_harmless(chromium: Browser, tmp_path: Path) -> None:
    spec = f"# {HOSTILE}\nnetwork hostile # {HOSTILE}\nparam a ~ constant(2) # {HOSTILE}\nb = a*a\nminimize b\n"
    made = symnet.report(spec)
    chromium.open(made.save(tmp_path / "hostile.html"))
    assert chromium.complaints() == []
    assert chromium.run("return window.hacked") is None
    assert not chromium.all("img")
    assert chromium.one("pre.spec").get_property("textContent").strip() == spec.strip()


def test_hostile_names_are_harmless(chromium: Browser, tmp_path: Path) -> None:
    def poisoned(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: poisoned(v) if key not in ("name", "path", "open", "boxes", "of") else v
                for key, v in value.items()
            }
        if isinstance(value, list):
            return [poisoned(v) for v in value]
        return HOSTILE if value in ("a", "b", "scalar_graph", "param") else value

    data = poisoned(dict(report("scalar_graph").data))
    (tmp_path / "names.html").write_text(page(data), encoding="utf-8")
    chromium.open(tmp_path / "names.html")
    assert chromium.complaints() == []
    assert chromium.run("return window.hacked") is None
    assert not chromium.all("img")
    assert "onerror" in chromium.one("h1").text


def test_a_large_network_is_a_table(chromium: Browser, tmp_path: Path) -> None:
    made = symnet.report(LONG)
    chromium.open(made.save(tmp_path / "long.html"))
    assert chromium.complaints() == []
    assert chromium.one("#graph h2").text == "The statements"
    rows = made.data["table"]["rows"]
    assert len(rows) > 1000 and len(chromium.all("#graph tbody tr")) == 200
    chromium.click("#graph > button")
    assert len(chromium.all("#graph tbody tr")) == 400


# --- the reader ------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [390, 760, 1400])
@pytest.mark.parametrize("name", ["scalar_graph", "linear_classifier", "lstm_recall"])
def test_nothing_is_wider_than_the_page(opened: Any, name: str, width: int) -> None:
    here = opened(name)
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    here.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        assert here.run("return document.documentElement.scrollWidth") <= width
    finally:
        here.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_everything_that_acts_has_a_name(opened: Any) -> None:
    here = opened("digits_mlp")
    script = """return [...document.querySelectorAll('button, select, input, [role=button], [tabindex]')].filter(e =>
        !(e.getAttribute('aria-label') || e.textContent.trim() || e.closest('label'))).map(e => e.outerHTML)"""
    assert here.run(script) == []
    here.press(Keys.ARROW_LEFT)
    assert here.one("#announcer").get_property("textContent").startswith("Step 16 of 17. Backward from")
    assert here.one("#steps").get_attribute("aria-valuetext") == "step 16 of 17, backward"


def test_the_tab_key_reaches_player_and_layers(opened: Any) -> None:
    here = opened("digits_mlp")
    reached = set()
    for _ in range(25):
        here.press(Keys.TAB)
        reached.add(
            here.run("const e = document.activeElement; return e.dataset.act || e.dataset.group || e.id || e.className")
        )
    assert {"first", "back", "play", "next", "last", "h", "logits", "loss", "steps", "stage"} <= reached
