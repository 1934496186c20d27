"""An operator without a browser: does over HTTP what the desk's page does, and nothing else."""

import html
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

GOOD_ANSWER = {
    "es": "Hola, lamentamos lo ocurrido y ya lo estamos resolviendo. Hoy mismo confirmamos por aquí.",
    "pt": "Olá, lamentamos o ocorrido e já estamos resolvendo. Confirmamos hoje mesmo por aqui.",
    "en": "Hello, we are sorry about this and are fixing it right now. We will confirm here today.",
}


class Operator:
    """Signs in with one click, keeps a stream and a heartbeat, and accepts and answers what rings."""

    def __init__(self, url: str, first_name: str) -> None:
        self.http = httpx2.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=30)
        page = self.http.get("/demo/").text
        person = _person_on(page, first_name)
        self._token(page)
        self.http.post(f"/demo/sign-in/{person}/", data={"csrfmiddlewaretoken": self.csrf}, headers={"Referer": url})
        self.desk = self.http.get("/desk/").text
        self._token(self.desk)
        self._stop = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self._beating.start()

    def _token(self, page: str) -> None:
        found = re.search(r"X-CSRFToken[^A-Za-z0-9]+?(?:quot;|#34;)?[^A-Za-z0-9]*([A-Za-z0-9]{64})", page) or re.search(
            r'name="csrfmiddlewaretoken" value="([^"]+)"', page
        )
        assert found, "no CSRF token on the page"
        self.csrf = found[1]

    def leave(self) -> None:
        self._stop.set()
        self._beating.join(10)
        self.http.close()

    def _beat(self) -> None:
        while not self._stop.wait(5):
            self.http.post("/live/here", headers={"X-Netcenter": "here"})

    def post(self, path: str, **data: str) -> httpx2.Response:
        return self.http.post(path, data=data, headers={"X-CSRFToken": self.csrf, "HX-Request": "true"})

    # --- The ring -----------------------------------------------------------------------------------------------------

    def ringing(self) -> int:
        """The offer that rings at this desk; 0 when none does."""
        found = re.search(r'data-offer="(\d+)"', self.http.get("/desk/ring/", headers={"HX-Request": "true"}).text)
        return int(found[1]) if found else 0

    def wait_for_ring(self, seconds: float) -> int:
        return wait_until(self.ringing, seconds, "nothing rang")

    def accept(self, offer: int) -> int:
        """The case that was picked up."""
        answered = self.post(f"/desk/ring/{offer}/accept/")
        assert answered.status_code < 400, answered.text[:300]
        found = re.search(r"/desk/case/(\d+)/", answered.text + json.dumps(dict(answered.headers)))
        assert found, answered.text[:500]
        return int(found[1])

    def answer(self, case: int, text: str = "", close: bool = False) -> str:
        """Answer the case in its language; returns what was said. Reads again when more came in meanwhile."""
        for _look in range(5):
            said, words = self._say(case, text, close)
            if said.status_code != 422:
                break
        assert said.status_code < 400, said.text[:500]
        return words

    def _say(self, case: int, text: str, close: bool) -> tuple[httpx2.Response, str]:
        page = self.http.get(f"/desk/case/{case}/").text
        language = _field(page, r'<textarea[^>]*\blang="(\w+)')
        text = text or GOOD_ANSWER[language]
        said = self.post(
            f"/desk/case/{case}/reply/", text=text, key=str(uuid.uuid4()), close="1" if close else "",
            thread=_field(page, r'name="thread"[^>]*?value="(\d+)"|name="thread".*?<option value="(\d+)"'),
            seen=_field(page, r'id="seen"[^>]*value="(\d*)"'), overrule="a test",
        )  # fmt: skip
        return said, text

    def told(self, seconds: float) -> Iterator[str]:
        """The names of the events that the stream tells."""
        with self.http.stream("GET", "/events", timeout=seconds) as stream:
            for line in stream.iter_lines():
                if line.startswith("event:"):
                    yield line.removeprefix("event:").strip()


def _person_on(page: str, first_name: str) -> str:
    for number, words in re.findall(r'action="/demo/sign-in/(\d+)/"(.*?)</form>', page, re.DOTALL):
        if first_name in html.unescape(words):
            return str(number)
    raise AssertionError(f"{first_name} is not on the page")


def _field(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, pattern
    return next(group for group in found.groups() if group is not None)


def wait_until(look: Callable[[], Any], seconds: float, otherwise: str) -> Any:
    """What `look` finds, once it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"{otherwise} within {seconds} s")
