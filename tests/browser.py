"""A headless Chromium for the tests of reports: what a page shows, what it asks for, what it complains of."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

__all__ = ["Browser", "Keys", "browser"]

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,1000",
)  # fmt: skip


def _program(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    assert found, f"the tests of reports need {names[0]}: apt-get install chromium chromium-driver"
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser with a profile of its own, gone afterwards. Fails where none is installed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
        for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(_program("chromedriver")))
        try:
            yield Browser(driver)
        finally:
            driver.quit()


class Browser:
    """A page, by what a reader does with it."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file, and forget what was logged before."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(f"file://{path}{fragment}")

    def complaints(self) -> list[str]:
        """What the console says, however harmless."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def one(self, selector: str) -> WebElement:
        """The first element that a CSS selector finds."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        """All elements that a CSS selector finds."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: Any) -> Any:
        """The result of a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def click(self, selector: str) -> None:
        """Press the first element that a selector finds, where it is."""
        element = self.one(selector)
        self.run("arguments[0].scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'})", element)
        element.click()

    def press(self, *keys: str) -> None:
        """Press keys, whatever has the focus."""
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def wait(self, until: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something holds; an error where it does not in time."""
        WebDriverWait(self.driver, seconds).until(lambda _: until())

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that a selector finds, shown or not."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector
        )
        return found

    def boxes(self) -> dict[str, tuple[str, str]]:
        """What stands in the boxes of the graph: name to value and adjoint."""
        script = """return [...document.querySelectorAll('[data-node]')].map(e =>
            [e.dataset.node, e.querySelector('.value').textContent, e.querySelector('.adjoint').textContent])"""
        return {name: (value, adjoint) for name, value, adjoint in self.run(script)}


_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def number(text: str) -> float:
    """The number that a text of the page stands for: `−1.5·10⁻⁷`."""
    mantissa, _, exponent = text.translate(_DIGITS).replace("∞", "inf").strip("()").partition("·10")
    return float(mantissa) * 10.0 ** int(exponent or 0)
