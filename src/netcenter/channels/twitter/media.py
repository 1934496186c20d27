"""Our files out: uploaded in pieces, and waited for while X works on them.

https://docs.x.com/x-api/media/quickstart/media-upload-chunked
"""

from __future__ import annotations

import time
from typing import Any

from netcenter.channels.contract import Attachment, ChannelError, Part
from netcenter.channels.twitter.client import X
from netcenter.channels.twitter.values import name, within, words

PIECE = 4 * 2**20  # bytes; X takes 5 MB
LONGEST_WAIT = 60.0  # seconds for X to work on a film; then the whole is tried again later
PATIENCE = 5.0  # between two questions


def uploaded(x: X, file: Attachment, *, private: bool) -> str:
    """The id under which X keeps it."""
    start = {
        "media_type": file.mime, "total_bytes": len(file.content),
        "media_category": f"{'dm' if private else 'tweet'}_{kind_of(file)}",
    }  # fmt: skip
    told = x.post("2/media/upload/initialize", start, bucket="upload")
    id = name(within(told, "data", "id"))
    for n, begin in enumerate(range(0, len(file.content), PIECE)):
        piece = Part("media", "piece", "application/octet-stream", file.content[begin : begin + PIECE])
        x.call(
            "POST", f"2/media/upload/{id}/append", form={"segment_index": n}, parts=(piece,), bucket="upload",
            timeout=60.0,
        )  # fmt: skip
    told = x.json(x.call("POST", f"2/media/upload/{id}/finalize", bucket="upload"))
    _wait(x, id, within(told, "data", "processing_info"))
    if file.alt:
        described = {"id": id, "metadata": {"alt_text": {"text": file.alt[:1000]}}}
        x.post("2/media/metadata", described, bucket="upload")
    return id


def _wait(x: X, id: str, state: Any) -> None:
    waited = 0.0
    while state and (now := words(state.get("state"))) != "succeeded":
        if now == "failed":
            said = words(within(state, "error", "message")) or "no reason is told"
            raise ChannelError(f"X cannot use the file: {said}"[:300], permanent=True, reason="unfit")
        if waited >= LONGEST_WAIT:
            raise ChannelError("X still works on the file")
        pause = min(max(float(state.get("check_after_secs") or 0), 0.0), PATIENCE)
        time.sleep(pause)
        waited += pause or 1.0
        told = x.get("2/media/upload", {"command": "STATUS", "media_id": id}, bucket="upload_status")
        state = within(told, "data", "processing_info")


def kind_of(file: Attachment) -> str:
    if file.mime == "image/gif":
        return "gif"
    return "video" if file.mime.startswith("video/") else "image"
