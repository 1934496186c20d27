"""The modules in a real browser: they say what the server says, and the keyboard reaches everything."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from netcenter.look import formats, rules, vendor

pytestmark = pytest.mark.browser

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
SPANS = [0, 5, 44, 45, 245, 300, 3569, 3571, 7500, 84599, 84601, 273600, 604799, 604801, -1, -60, -7500, -273600]
BODY = """
<button data-key="A" data-key-group="Ring"><span>Accept</span></button>
<button data-key="G L"><span>Ledger</span></button>
<button data-key="Ctrl+Enter"><span>Send</span></button>
<input id="word"><div id="flash"></div>
<dialog id="help-sheet" data-other="Here" data-help-group="All" data-help-label="Help">
<div class="help-groups"></div></dialog>
"""


@pytest.fixture
def page(chromium):
    """A page served from memory: the module under test is fetched under its own name."""
    with translation.override("es"):
        words = json.dumps(formats.words()).replace('"', "&quot;")
    page = chromium.new_page()
    html = f'<html data-words="{words}"><body>{BODY}</body></html>'

    def serve(route):
        name = route.request.url.rsplit("/", 1)[1]
        if name.endswith(".js"):
            route.fulfill(content_type="text/javascript", body=(vendor.STATIC / "js" / name).read_text())
        else:
            route.fulfill(content_type="text/html; charset=utf-8", body=html)

    page.route("**/*", serve)
    page.goto("http://look.test/")
    yield page
    page.close()


def test_the_browser_counts_down_as_the_server_does(page):
    told = page.evaluate(
        "async (spans) => { const t = await import('/time.js'); return spans.map((s) => t.countdown(s * 1000)); }",
        SPANS,
    )
    assert told == [rules.countdown(span) for span in SPANS]


def test_the_browser_tells_distance_as_the_server_does(page):
    at = int(NOW.timestamp() * 1000)
    told = page.evaluate(
        """async ([spans, at]) => { const t = await import('/time.js');
        return spans.map((s) => t.ago(at - s * 1000, at)); }""",
        [SPANS, at],
    )
    with translation.override("es"):
        words = formats.words()
    found = [rules.distance(NOW - timedelta(seconds=span), NOW) for span in SPANS]
    assert told == [words[one[0]].format(n=one[1]) if one else None for one in found]


def test_a_key_presses_its_button_but_not_while_somebody_types(page):
    page.evaluate(
        """async () => { window.pressed = []; await import('/keys.js');
        document.addEventListener('click', (e) => pressed.push(e.target.closest('button')?.textContent)); }"""
    )
    page.keyboard.press("a")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.locator("#word").focus()
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("pressed") == ["Accept", "Ledger", "Send"]
    assert page.locator("#word").input_value() == "a"


def test_the_help_sheet_lists_every_shortcut_and_keys_rest_behind_it(page):
    page.evaluate(
        """async () => { window.pressed = 0; const k = await import('/keys.js');
        k.register('J', 'Next case', () => { pressed += 1; }, 'Lists'); }"""
    )
    page.keyboard.press("j")
    page.keyboard.press("?")
    text = page.locator("#help-sheet").inner_text()
    for word in ["Ring", "Accept", "Ledger", "Send", "Lists", "Next case", "All", "Help"]:
        assert word in text
    page.keyboard.press("j")
    assert page.evaluate("pressed") == 1


def test_a_bar_drains_turns_near_and_breaks_without_a_reload(page):
    states = page.evaluate(
        """async () => { const t = await import('/time.js');
        const bar = document.createElement('span'); bar.innerHTML = '<svg><rect width="100"/></svg><b data-left></b>';
        bar.dataset.startedAt = '2026-03-09T12:00:00Z'; bar.dataset.dueAt = '2026-03-09T13:00:00Z';
        document.body.append(bar);
        const seen = [];
        for (const at of ['12:30', '12:45', '13:05']) {
          t.serverSaid(`2026-03-09T${at}:00.500Z`); t.freshen();
          const width = bar.querySelector('rect').getAttribute('width');
          seen.push([bar.dataset.state, width, bar.querySelector('b').textContent]);
        }
        return seen; }"""
    )
    assert [state for state, _, _ in states] == ["running", "near", "broken"]
    assert [float(width) for _, width, _ in states] == [pytest.approx(50, abs=0.2), pytest.approx(25, abs=0.2), 100]
    assert [left for _, _, left in states] == ["29:59", "14:59", "−5:00"]


def test_a_word_of_a_stranger_in_the_quiet_line_stays_a_word(page):
    page.evaluate("async () => { (await import('/flash.js')).say('<b>hi</b>'); }")
    assert page.locator("#flash .flash-line").inner_text() == "<b>hi</b>"
