"""Files that nobody refers to go after a day, and no other ever."""

import json
import os
from datetime import timedelta

import pytest

from netcenter.cases.models import Attachment, Message
from netcenter.channels.contract import Raw
from netcenter.channels.webchat.wire import File
from netcenter.helpcenter.actions import keep_upload, proven
from netcenter.helpcenter.frames import ClaimedFile
from netcenter.intake.actions import store
from netcenter.intake.commit import INLINE
from netcenter.intake.models import Delivery
from netcenter.intake.sweeping import PARTS, sweep
from netcenter.lib import blobs, clock
from netcenter.lib.refused import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def room(settings, tmp_path):
    settings.BLOBS_ROOT = tmp_path
    return tmp_path


def old(content: bytes, hours: float = 25) -> str:
    name = blobs.put(content)
    then = clock.now().timestamp() - hours * 3600
    os.utime(blobs.path(name), (then, then))
    return name


def sweep_all() -> int:
    return sum(sweep(part, clock.now()) for part in range(PARTS))


def here(name: str) -> bool:
    return blobs.path(name).exists()


def test_an_upload_that_was_never_sent_goes_after_a_day_and_not_before(company):
    never, fresh = old(b"never sent"), old(b"still writing", hours=23)
    assert sweep_all() == 1
    assert not here(never) and here(fresh)


def test_what_a_message_refers_to_stays(company):
    company.deliver(company.said("Hola"))
    name = old(b"a photograph")
    Attachment.objects.create(message=Message.objects.get(), name="a.jpg", mime="image/jpeg", blob=name)
    assert sweep_all() == 0 and here(name)


@pytest.mark.parametrize("state", list(Delivery.State))
def test_the_body_of_a_delivery_stays(company, state):
    store(company.api, [Raw(b"x" * (INLINE + 1), "big")], None, clock.now())
    delivery = Delivery.objects.get()
    Delivery.objects.update(state=state)
    old(b"x" * (INLINE + 1))
    assert sweep_all() == 0 and here(delivery.blob)


@pytest.mark.parametrize(("state", "gone"), [("new", 0), ("unreadable", 0), ("read", 1)])
def test_what_a_delivery_names_in_its_words_stays_until_it_is_recorded(company, state, gone):
    name = old(b"told of, not recorded")
    store(company.chat, [Raw(json.dumps({"files": [{"blob": name}]}).encode(), "frame")], None, clock.now())
    Delivery.objects.update(state=state)
    assert sweep_all() == gone and here(name) == (gone == 0)


def test_what_is_put_again_just_now_stays(company, monkeypatch):
    name = old(b"the same bytes")
    listed = blobs.untouched

    def meanwhile(*args):
        found = listed(*args)
        blobs.put(b"the same bytes")  # after it was listed as old, before it is removed
        return found

    monkeypatch.setattr(blobs, "untouched", meanwhile)
    assert sweep_all() == 0 and here(name) and blobs.get(name) == b"the same bytes"


def test_what_a_crash_left_half_written_goes(company, room):
    (room / "ab").mkdir()
    (room / "ab" / "tmp8f3k").write_bytes(b"half")
    os.utime(room / "ab" / "tmp8f3k", (0, 0))
    assert sweep_all() == 1 and not list((room / "ab").iterdir())


def claimed(visitor: str, content: bytes) -> ClaimedFile:
    kept = keep_upload(visitor, "a.txt", content)
    return ClaimedFile(kept.file.blob, kept.file.name, kept.file.mime, kept.file.size, kept.claim)


def test_a_file_that_is_sent_at_last_is_kept_and_a_swept_one_refused(company):
    late, gone = claimed("v", b"late"), claimed("v", b"gone")
    old(b"late"), old(b"gone")
    assert proven("v", (late,)) == (File(late.blob, late.name, late.mime, late.size),)
    assert sweep_all() == 1 and here(late.blob)
    with pytest.raises(Refused):
        proven("v", (gone,))


def test_nothing_old_is_younger_than_it_says():
    name = old(b"once")
    assert not blobs.remove(name, (clock.now() - timedelta(hours=26)).timestamp())
    assert here(name)
