"""Debian's Chromium for tests marked `browser`: `chromium`, `context` and `page` are everybody's fixtures."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Playwright's synchronous door runs an event loop in the test's thread, in which Django would refuse to work.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

EXECUTABLE = os.environ.get("NETCENTER_CHROMIUM") or "/usr/bin/chromium"
AXE = Path(__file__).parent / "vendor/axe/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}

# Milliseconds: limits, not waits. Machines that test are busy, and the first page of a house is its slowest.
SOON, FIRST = 30_000, 60_000
expect.set_options(timeout=SOON)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file of tests: while it runs, its event loop would keep others' from running here."""
    if not Path(EXECUTABLE).exists():
        pytest.skip(f"Chromium is not installed ({EXECUTABLE}): apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A visitor with an empty storage; speaks Spanish."""
    context = patient(chromium, locale="es-ES", timezone_id="UTC", viewport={"width": 1100, "height": 800})
    yield context
    context.close()


def patient(chromium: Browser, **more: Any) -> BrowserContext:
    """Somebody's empty browser in which nothing moves by itself, with the limits of a busy machine."""
    context = chromium.new_context(**({"reduced_motion": "reduce"} | more))
    context.set_default_timeout(SOON)
    context.set_default_navigation_timeout(FIRST)
    return context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


def until(page: Page, look: Callable[[], Any]) -> Any:
    """What `look` finds once it finds something, while the page goes on."""
    end = time.monotonic() + SOON / 1000
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen"
        page.wait_for_timeout(50)
    return found


class Slow:
    """Answers to addresses that end in `path` reach the page only when the test lets them: what is done meanwhile is
    what it is about. With `asks=False` not even the request has left.

    The page's own `fetch` waits: a route of the browser does not catch yet what a page asks for at once after it.
    """

    def __init__(self, page: Page, path: str, asks: bool = True) -> None:
        self.page = page
        self.gate = page.evaluate_handle(HOLD, {"path": path, "asks": asks})

    def wait(self) -> None:
        until(self.page, lambda: self.gate.evaluate("(gate) => gate.held.length"))

    def let(self) -> None:
        self.wait()
        self.gate.evaluate("(gate) => gate.held.splice(0).forEach(({ go }) => go())")

    def lose(self) -> None:
        """As if the network had gone."""
        self.wait()
        self.gate.evaluate("(gate) => gate.held.splice(0).forEach(({ fail }) => fail(new TypeError('lost')))")

    def end(self) -> None:
        """Let what is held, and hold nothing back any more."""
        self.let()
        self.gate.evaluate("(gate) => { gate.shut = false; }")


HOLD = """({ path, asks }) => {
    const real = globalThis.fetch, gate = { held: [], shut: true };
    const held = () => new Promise((go, fail) => gate.held.push({ go, fail }));
    globalThis.fetch = async (url, ...more) => {
        const ours = gate.shut && new URL(url, location).pathname.endsWith(path);
        if (ours && !asks) await held();
        const answer = await real(url, ...more);
        if (ours && asks) await held();
        return answer;
    };
    return gate;
}"""


def complaints(page: Page) -> list[str]:
    """From now on, the list in which the page's errors and uncaught exceptions gather."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"uncaught: {error}"))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    return found


def violations(page: Page, within: str = "", ignore: tuple[str, ...] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page, or within an element, shadow trees included; one line each."""
    page.evaluate(AXE.read_text("utf-8") + ";0")  # evaluated, not inserted: the page's CSP does not concern it
    target = f"document.querySelector({json.dumps(within)})" if within else "document"
    found: dict[str, Any] = page.evaluate(
        f"axe.run({target}, {{resultTypes: ['violations'], runOnly: {json.dumps(RULES)}}})"
    )
    return [
        f"{v['id']} ({v['impact']}): {v['help']}: {node['target']} {node['html'][:160]}"
        for v in found["violations"]
        if v["id"] not in ignore
        for node in v["nodes"]
    ]


def no_violations(page: Page, within: str = "", ignore: tuple[str, ...] = ()) -> None:
    """Fail with every violation that axe finds."""
    found = violations(page, within, ignore)
    assert not found, "\n".join(found)
