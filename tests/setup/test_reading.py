"""The settings of reading: topics, examples from a file, and what was learned."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from netcenter.lib import clock
from netcenter.understanding import teaching
from netcenter.understanding.models import Example, Layer

pytestmark = pytest.mark.django_db


@pytest.fixture
def charlie(company, client):
    type(company.charlie).objects.update(language="en")
    client.force_login(company.charlie, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def csv(words: str) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("topics.csv", words.encode())}


def test_examples_come_from_a_file_or_by_hand(charlie):
    there = reverse("setup:reading_examples")
    rows = "text,topic\nel pan duro,bread\nla bici rota,bikes\n,bikes\n"
    assert charlie.post(there, csv(rows)).status_code == 302
    assert charlie.post(there, {"topic": "bread", "text": "pan viejo\n\npan de ayer"}).status_code == 302
    assert sorted(Example.objects.values_list("topic", flat=True)) == ["bikes", "bread", "bread", "bread"]
    page = charlie.get(reverse("setup:reading")).content.decode()
    assert "bread" in page and "Learn now" in page
    charlie.post(reverse("setup:reading_forget"), {"topic": "bread"})
    assert Example.objects.get().topic == "bikes"


@pytest.mark.parametrize(
    "content",
    [
        'Text;Topic\r\n"¿envían a la montaña, o no?";envíos\r\n'.encode("cp1252"),
        'Texto;Tema\r\n"¿envían a la montaña, o no?";envíos\r\n'.encode("cp1252"),
        "topic\ttext\nenvíos\t¿envían a la montaña, o no?\n".encode("utf-8-sig"),
    ],
)
def test_a_file_is_read_as_spreadsheets_save_it(charlie, content):
    file = {"file": SimpleUploadedFile("topics.csv", content)}
    assert charlie.post(reverse("setup:reading_examples"), file).status_code == 302
    example = Example.objects.get()
    assert (example.text, example.topic) == ("¿envían a la montaña, o no?", "envíos")


@pytest.mark.parametrize("rows", ["", "a,b\n1,2\n", "text,topic\n,x\n", "\x00\x01"])
def test_a_file_without_examples_is_refused_in_words(charlie, rows):
    page = charlie.post(reverse("setup:reading_examples"), csv(rows))
    assert page.status_code == 422 and not Example.objects.exists()


def test_what_was_learned_is_shown_before_it_is_switched_on(charlie):
    pairs = [(f"pan {n}", "bread") for n in "abcdef"] + [(f"bici {n}", "bikes") for n in "abcdef"]
    teaching.add_examples([t for t, _k in pairs], [k for _t, k in pairs], clock.now(), "x")
    charlie.post(reverse("setup:reading_learn", args=["topics"]))
    assert "Learning now" in charlie.get(reverse("setup:reading")).content.decode()
    teaching.learn_what_is_asked(clock.now())
    page = charlie.get(reverse("setup:reading")).content.decode()
    assert "that it had not seen were read right" in page and "Switch it on" in page
    layer = Layer.objects.get()
    charlie.post(reverse("setup:reading_switch", args=[layer.pk]), {"on": "1"})
    assert Layer.objects.get().is_on
    assert "Switch it off" in charlie.get(reverse("setup:reading")).content.decode()
    charlie.post(reverse("setup:reading_switch", args=[layer.pk]), {"on": "0"})
    assert not Layer.objects.get().is_on


def test_too_few_is_said(charlie):
    page = charlie.post(reverse("setup:reading_learn", args=["kinds"]), follow=True).content.decode()
    assert "20 corrections are the least" in page


def test_what_is_on_goes_on_saying_what_it_changes(charlie):
    effect = {"before": 0.5, "after": 0.8, "corrected": 20, "learned_from": 80, "moves": [], "examples": []}
    Layer.objects.create(what="kinds", weights=b"x", effect=effect, made_at=clock.now(), is_on=True)
    effect = {"accuracy": 0.7, "judged": 24, "confused": [["bread", "bikes", 2]], "learned_from": 24}
    Layer.objects.create(what="topics", weights=b"x", effect=effect, made_at=clock.now(), is_on=True)
    page = charlie.get(reverse("setup:reading")).content.decode()
    assert "What it changes" in page and "80%" in page and "70%" in page and "bread was read as bikes" in page
