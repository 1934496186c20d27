"""A document of verbs, checked as Twilio checks it: https://www.twilio.com/docs/voice/twiml"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError, fromstring

LARGEST = 64 * 1024
VERBS: Mapping[str, frozenset[str]] = {
    "Say": frozenset({"voice", "loop", "language"}),
    "Play": frozenset({"loop", "digits"}),
    "Pause": frozenset({"length"}),
    "Gather": frozenset({"action", "method", "numDigits", "timeout", "finishOnKey", "input", "actionOnEmptyResult"}),
    "Redirect": frozenset({"method"}),
    "Enqueue": frozenset({"action", "method", "waitUrl", "waitUrlMethod", "workflowSid"}),
    "Leave": frozenset(),
    "Hangup": frozenset(),
    "Record": frozenset({
        "action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim", "recordingStatusCallback",
        "recordingStatusCallbackMethod", "recordingStatusCallbackEvent", "transcribe", "transcribeCallback",
    }),
    "Dial": frozenset({"action", "method", "timeout", "timeLimit", "callerId", "record", "hangupOnStar"}),
}  # fmt: skip
NOUNS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "Dial": {
        "Number": frozenset({"url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod",
                             "sendDigits"}),
        "Queue": frozenset({"url", "method", "reservationSid", "postWorkActivitySid"}),
    },
    "Gather": {name: VERBS[name] for name in ("Say", "Play", "Pause")},
}  # fmt: skip
WAITING = ("Play", "Say", "Pause", "Hangup", "Redirect", "Leave")
EVENTS = {"initiated", "ringing", "answered", "completed"}
LANGUAGES = {"es-ES", "es-MX", "en-GB", "en-US", "pt-BR", "pt-PT"}


class Invalid(Exception):
    """Error 12100 or 12200: the caller hears that an application error has occurred, and the line ends."""


def read(body: bytes, waiting: bool = False) -> list[Element]:
    """The verbs of a document, in order. Raises Invalid."""
    if len(body) > LARGEST:
        raise Invalid("11750: the document is too large")
    try:
        root = fromstring(body)  # noqa: S314
    except ParseError as error:
        raise Invalid(f"12100: {error}") from error
    if root.tag != "Response":
        raise Invalid("12102: the root is not Response")
    for verb in root:
        if verb.tag not in VERBS or (waiting and verb.tag not in WAITING):
            raise Invalid(f"12200: {verb.tag} may not stand there")
        _check(verb, VERBS[verb.tag], NOUNS.get(verb.tag, {}))
    return list(root)


def _check(element: Element, allowed: frozenset[str], nouns: Mapping[str, frozenset[str]]) -> None:
    if unknown := set(element.attrib) - allowed:
        raise Invalid(f"12200: {element.tag} has no {', '.join(sorted(unknown))}")
    for inside in element:
        if inside.tag not in nouns:
            raise Invalid(f"12200: {inside.tag} may not stand in {element.tag}")
        _check(inside, nouns[inside.tag], {})
    if element.tag == "Say" and not (element.text or "").strip():
        raise Invalid("13520: Say without words")
    if element.tag == "Say" and element.get("language", "en-US") not in LANGUAGES:
        raise Invalid(f"13512: no language {element.get('language')}")
    if element.tag == "Enqueue" and len(element.text or "") > 64:
        raise Invalid("13701: the queue's name is too long")
    if set(element.get("statusCallbackEvent", "").split()) - EVENTS:
        raise Invalid("13232: no such event")
    if not 1 <= int(element.get("numDigits", "1")) <= 999:
        raise Invalid("13314: numDigits")
