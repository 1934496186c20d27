"""Files, piece by piece: https://docs.x.com/x-api/media/quickstart/media-upload-chunked"""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import Asked, Refused, Said, number, one_of, route, text
from netcenter.street.networks.x.ground import ID, Ground

MIMES = ("image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/quicktime")


class Files(Ground):
    """What our side uploads, and where what people uploaded is fetched."""

    @route("POST", "/2/media/upload/initialize", json={
        "media_type": one_of(*MIMES), "total_bytes": number(1, 512 * 2**20),
        "media_category": one_of(*(f"{a}_{b}" for a in ("tweet", "dm") for b in ("image", "gif", "video"))),
    }, rights=("media.write",), bucket="upload")  # fmt: skip
    def begin(self, asked: Asked) -> Any:
        id = self.mints()
        self.files[id] = {**asked.fields, "pieces": [], "is_ready": False, "asked": 0}
        return {"data": {"id": id, "media_key": f"3_{id}", "expires_after_secs": 86400}}

    @route("POST", "/2/media/upload/{id}/append", form={"segment_index": number(0, 999)}, files={"media": ()},
           rights=("media.write",), bucket="upload")  # fmt: skip
    def append(self, asked: Asked) -> Any:
        file = self.files[asked.path["id"]]
        if asked.fields["segment_index"] != len(file["pieces"]) or len(asked.files["media"].content) > 5 * 2**20:
            raise Refused("bad", "segment_index")
        file["pieces"].append(asked.files["media"].content)
        return {"data": {"expires_at": int(self.now()) + 86400}}

    @route("POST", "/2/media/upload/{id}/finalize", rights=("media.write",), bucket="upload")
    def finish(self, asked: Asked) -> Any:
        file = self.files[asked.path["id"]]
        if sum(map(len, file["pieces"])) != file["total_bytes"]:
            raise Refused("bad", "the bytes are not all there")
        return {"data": {"id": asked.path["id"], **self._state(file)}}

    @route("GET", "/2/media/upload", query={"command": one_of("STATUS"), "media_id": ID}, rights=("media.write",),
           bucket="status")  # fmt: skip
    def status(self, asked: Asked) -> Any:
        file = self.files[asked.query["media_id"]]
        file["asked"] += 1
        return {"data": {"id": asked.query["media_id"], **self._state(file)}}

    def _state(self, file: dict[str, Any]) -> dict[str, Any]:
        if b"broken" in b"".join(file["pieces"]):
            return {"processing_info": {"state": "failed", "error": {"code": 1, "message": "InvalidMedia"}}}
        file["is_ready"] = not file["media_type"].startswith("video/") or file["asked"] > 0
        if not file["media_type"].startswith("video/"):
            return {}
        return {"processing_info": {"state": "succeeded" if file["asked"] else "pending", "check_after_secs": 0}}

    @route("POST", "/2/media/metadata", json={"id": ID, "metadata": {"alt_text": {"text": text(1000)}}},
           rights=("media.write",), bucket="upload")  # fmt: skip
    def describe(self, asked: Asked) -> Any:
        self.files[asked.fields["id"]]["alt"] = asked.fields["metadata"]["alt_text"]["text"]
        return {"data": {"id": asked.fields["id"]}}

    @route("GET", "/1.1/ton/data/dm/{a}/{b}/{c}", rights=("dm.read",))
    def file(self, asked: Asked) -> Any:
        return Said(200, b"\x89PNG", mime="image/png")

    @route("GET", "/media/{id}", open=True)
    def picture(self, asked: Asked) -> Any:
        """What stands beneath a post: anybody may see it."""
        file = self.files.get(asked.path["id"])
        return Said(200, b"".join(file["pieces"]), mime=file["media_type"]) if file else Said(404, {"error": "gone"})
