"""Text messages: https://www.twilio.com/docs/messaging/api/message-resource"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from netcenter.street.networks.base import Asked, File, Refused, Said, route, text
from netcenter.street.networks.base.truth import Replied, Told
from netcenter.street.networks.twilio.app import PAGES, ROOT, VERSION, Human, TwilioApp, iso, refused

STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START = {"START", "YES", "UNSTOP"}
LONGEST = 1600
MOST_FILES = 10
NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,6}")
WHEN = {"DateSent?": str, "DateSent>?": str, "DateSent<?": str}


class TwilioMessages(TwilioApp):
    """SMS and MMS."""

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.media: dict[str, tuple[str, File]] = {}  # sid -> of which message, and the file
        self.bytes_url = ""  # of another host, where the bytes lie
        self.uses_service = False  # inbound messages are told as the Messaging Service does

    # --- what people do ---------------------------------------------------------------------------

    def writes(self, human: Human, words: str, *files: File, at: float | None = None) -> str:
        """Somebody writes to the number; the SID of the message. STOP is Twilio's to obey, too."""
        sid = self.sid("MM" if files else "SM")
        word = words.strip().upper()
        opted = "STOP" if word in STOP else "START" if word in START else ""
        if opted:
            human.stopped = opted == "STOP"
        self.truth.said(human.phone, human.phone, words, sid, at=at, opted=opted)
        media = [self._keep(sid, file) for file in files]
        told = {
            "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": self.account, "From": human.phone,
            "To": self.number, "Body": words, "NumMedia": str(len(files)), "NumSegments": "1", "SmsStatus": "received",
            "FromCountry": "ES", "ToCountry": "ES", "ApiVersion": VERSION,
        }  # fmt: skip
        for n, (id, file) in enumerate(zip(media, files, strict=True)):
            told |= {f"MediaUrl{n}": f"{self.url}{self._media_path(sid, id)}", f"MediaContentType{n}": file.mime}
        if self.uses_service:
            told |= {"MessagingServiceSid": self.service, **({"OptOutType": opted} if opted else {})}
        self.tells(self.hooks["service_url"] if self.uses_service else self.hooks["sms_url"], told)
        return sid

    def _keep(self, sid: str, file: File) -> str:
        id = self.sid("ME")
        self.media[id] = (sid, file)
        return id

    def _media_path(self, sid: str, id: str) -> str:
        return f"/{VERSION}/Accounts/{self.account}/Messages/{sid}/Media/{id}"

    # --- what the company does --------------------------------------------------------------------

    @route("POST", ROOT + "/Messages.json", bucket="calls", form={
        "To?": str, "From?": str, "MessagingServiceSid?": str, "Body?": text(None, least=0), "MediaUrl?": str,
        "StatusCallback?": str,
    })  # fmt: skip
    def send(self, asked: Asked) -> Any:
        told = asked.fields
        to, body = told.get("To", ""), told.get("Body", "")
        files = parse_qs(asked.body.decode()).get("MediaUrl", [])
        self._sender(told)
        if not to:
            raise refused(21604, "A 'To' phone number is required.")
        if not NUMBER.fullmatch(to):
            raise refused(21211, f"Invalid 'To' Phone Number: {to}")
        if not body and not files:
            raise refused(21602, "Message body is required.")
        if len(body) > LONGEST:
            raise refused(21617, "The concatenated message body exceeds the 1600 character limit")
        if len(files) > MOST_FILES or not all(url.startswith(("http://", "https://")) for url in files):
            raise refused(21620, "Invalid media URL(s)")
        if files and not self.capabilities["mms"]:
            raise refused(21612, "The message From/To pair violates a routing rule: MMS is not possible")
        self.url_of(told.get("StatusCallback", ""), 21609)
        human = self.humans.get(to) or Human(to, exists=False)
        if human.stopped:
            raise refused(21610, "Attempt to send to unsubscribed recipient")
        sid = self.sid("MM" if files else "SM")
        facts = {"files": files, "status": "queued", "sender": told.get("From", self.number),
                 "service": told.get("MessagingServiceSid"), "callback": told.get("StatusCallback", "")}  # fmt: skip
        one = self.truth.replied(to, body, id=sid, **facts)
        taken = Said(201, self._ours(one))
        self._carry(one, human)
        return taken

    def _sender(self, told: Mapping[str, Any]) -> None:
        if "From" not in told and "MessagingServiceSid" not in told:
            raise refused(21603, "A 'From' phone number is required.")
        if "From" in told and told["From"] != self.number:
            raise refused(21606, f"The 'From' phone number {told['From']} is not valid for this account")
        if told.get("MessagingServiceSid", self.service) != self.service:
            raise refused(21701, "The Messaging Service resource does not exist", 404)

    def _carry(self, one: Replied, human: Human) -> None:
        """What the carrier makes of it."""
        code = "" if human.is_on else "30003"
        code = "30007" if human.filtered else code
        code = "30006" if human.landline else code
        code = code if human.exists else "30005"
        for status in ("sent", "undelivered" if code else "delivered"):
            self.becomes(one.id, status, code if status == "undelivered" else "")

    def becomes(self, sid: str, status: str, code: str = "") -> None:
        """A message of the company's takes another status, and its address is told."""
        one = self.truth.answers[sid]
        one.facts |= {"status": status, "code": code}
        told = {"MessageSid": sid, "SmsSid": sid, "AccountSid": self.account, "From": one.facts["sender"],
                "To": one.thread, "MessageStatus": status, "SmsStatus": status, "ApiVersion": VERSION}  # fmt: skip
        if code:
            told |= {"ErrorCode": code, "ErrorMessage": "Message undelivered"}
        self.tells(one.facts["callback"], told)

    # --- what is kept -----------------------------------------------------------------------------

    @route("GET", ROOT + "/Messages.json", bucket="calls", query={"To?": str, "From?": str, **WHEN, **PAGES})
    def messages(self, asked: Asked) -> Any:
        told = [one for one in self.truth.told.values() if one.id[:2] in ("SM", "MM")]
        ours = [one for one in self.truth.answers.values() if one.id[:2] in ("SM", "MM")]
        rows: list[Any] = [(one.at, self.number, one.author, self._theirs, one) for one in told]
        rows += [(one.at, one.thread, one.facts["sender"], self._ours, one) for one in ours]
        to, sender = asked.query.get("To"), asked.query.get("From")
        kept = [row for row in rows if to in (None, row[1]) and sender in (None, row[2])]
        after, before = asked.query.get("DateSent>", ""), asked.query.get("DateSent<", "9999")
        kept = [row for row in kept if after <= iso(row[0]) < before]
        kept.sort(key=lambda row: row[0], reverse=True)
        page = self.page("Messages", kept, asked, "messages")
        return page | {"messages": [make(one) for _at, _to, _from, make, one in page["messages"]]}

    def _theirs(self, one: Told) -> dict[str, Any]:
        media = sum(1 for sid, _file in self.media.values() if sid == one.id)
        return self._message_row(one.id, one.author, self.number, one.text, one.at, "inbound", "received", media)

    def _ours(self, one: Replied) -> dict[str, Any]:
        facts = one.facts
        row = self._message_row(one.id, facts["sender"], one.thread, one.text, one.at, "outbound-api", facts["status"],
                        len(facts["files"]))  # fmt: skip
        code = facts.get("code") or None
        return row | {"messaging_service_sid": facts["service"], "error_code": int(code) if code else None,
                      "error_message": "Message undelivered" if code else None}  # fmt: skip

    def _message_row(
        self, sid: str, sender: str, to: str, body: str, at: float, direction: str, status: str, media: int
    ) -> dict[str, Any]:  # fmt: skip
        return {"sid": sid, "account_sid": self.account, "from": sender, "to": to, "body": body,
                "direction": direction, "status": status, "num_media": str(media), "num_segments": "1",
                "date_created": self.date(at), "date_sent": self.date(at), "date_updated": self.date(at), "price": None,
                "price_unit": "USD", "error_code": None, "error_message": None, "messaging_service_sid": None,
                "api_version": VERSION, "uri": f"{ROOT}/Messages/{sid}.json"}  # fmt: skip

    @route("GET", ROOT + "/Messages/{message}/Media.json", bucket="calls", query=PAGES)
    def media_of(self, asked: Asked) -> Any:
        rows = [{"sid": id, "parent_sid": sid, "content_type": file.mime, "account_sid": self.account}
                for id, (sid, file) in self.media.items() if sid == asked.path["message"]]  # fmt: skip
        return self.page("Media", rows, asked, "media_list")

    @route("GET", ROOT + "/Messages/{message}/Media/{media}")
    def one_media(self, asked: Asked) -> Any:
        """Who has the credentials is sent on to where the bytes lie."""
        if asked.path["media"] not in self.media:
            raise Refused("route")
        return Said(307, None, {"location": f"{self.bytes_url or self.url}/bytes/{asked.path['media']}"})

    @route("GET", "/bytes/{media}", open=True)
    def media_bytes(self, asked: Asked) -> Any:
        _sid, file = self.media[asked.path["media"]]
        return Said(200, file.content, mime=file.mime)
