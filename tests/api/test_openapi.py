"""The OpenAPI document: whole, true to what the API answers, and shown under our own strict policy."""

import json
import re
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from pydantic import TypeAdapter

from netcenter.api import rest, schemas, tokens
from tests.browser import complaints
from tests.company import NOON, found

PATH = "/api/v1/openapi.json"


@pytest.fixture
def document(db):
    return Client().get(PATH).json()


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document):
    assert document["openapi"] == "3.1.0"
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        node = document
        for part in reference.split("/"):
            node = node[part]


def test_every_operation_has_a_name_words_a_tag_and_its_errors(document):
    names = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            names.append(operation["operationId"])
            assert operation["summary"] and operation["tags"], where
            if path.startswith("/api/v1/") and path != "/api/v1/ready":
                assert operation["security"], where
                assert operation["description"], where
                assert "application/problem+json" in operation["responses"]["401"]["content"], where
    assert len(names) == len(set(names)) > 10


def test_the_door_and_both_webhooks_are_told_with_their_signature(document):
    told = [document["paths"]["/hooks/{account_key}"]["post"], *(w["post"] for w in document["webhooks"].values())]
    assert len(told) == 3
    for operation in told:
        names = json.dumps(operation["parameters"])
        assert "SignatureTimestamp" in names and "parameters/Signature" in names
    assert "case.closed" in json.dumps(document["webhooks"]["event"])


def test_every_read_answers_as_the_document_says(db):
    company = found()
    company.deliver(company.said("¿Dónde está mi pan?", attachments=[{"name": "a", "content": "aGk="}]))
    _, text = tokens.make(company.charlie, "p", ["read"], NOON)
    client = Client(headers={"authorization": f"Bearer {text}"})
    case = client.get("/api/v1/cases").json()["cases"][0]["id"]
    for path, model in {
        "me": schemas.MeOut,
        "accounts": list[schemas.AccountOut],
        "cases": schemas.CasesOut,
        "cases/search?q=pan": list[schemas.CaseOut],
        f"cases/{case}": schemas.CaseWholeOut,
        f"cases/{case}/messages": schemas.MessagesOut,
        "ledger": schemas.LedgerOut,
        "ready": schemas.ReadyOut,
    }.items():
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, path
        told = TypeAdapter(model).validate_json(answer.content)
        assert TypeAdapter(model).dump_python(told, mode="json") == answer.json(), path


def test_what_the_channels_document_says_is_what_they_read(document):
    """The example of each required field, by the schema, is a message that the channel takes."""
    from netcenter.channels.api import wire

    schema = document["components"]["schemas"]["Message"]
    documented = {name for name in schema["properties"]}
    asked = set(re.findall(r'node\.(?:maybe|id|text|time|child|value\.get)\("(\w+)"', Path(wire.__file__).read_text()))
    assert asked - documented - {"at", "state", "detail"} == set()


@pytest.fixture
def pages(settings):
    """The house on a port of its own, with its policy and its files; the documentation needs no database."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith(("whitenoise.", "csp."))]
    server = make_server("127.0.0.1", 0, get_wsgi_application(), ThreadedServer, Quiet)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class ThreadedServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.mark.browser
def test_the_documentation_opens_under_our_policy(page, pages):
    wrong = complaints(page)
    page.goto(f"{pages}/api/v1/docs")
    page.get_by_role("heading", name="Netcenter").wait_for()
    for told in ("/api/v1/cases/{case_id}/replies", "/hooks/{account_key}"):
        page.get_by_text(told.replace("/", "/\u200b")).or_(page.get_by_text(told)).first.wait_for()
    assert wrong == []
    assert page.locator("meta[name=viewport]").count() == 1, "legible on a telephone"
    fetched = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [address for address in fetched if not address.startswith((pages, "data:", "blob:"))] == []


def test_the_api_answers_under_its_own_name():
    assert rest.api.urls_namespace == "api-v1"
