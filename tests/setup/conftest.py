"""Charlie administers here."""

import pytest

from netcenter.people.models import Person


@pytest.fixture
def admin(client, company):
    company.charlie.role = Person.Role.ADMINISTRATOR
    company.charlie.language = "en"
    company.charlie.save()
    client.force_login(company.charlie)
    return client


@pytest.fixture
def supervisor(client, company):
    client.force_login(company.charlie)
    return client
