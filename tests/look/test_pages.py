"""Every template draws in every language, and nothing in it offends the Content Security Policy."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from netcenter.look import views

LANGUAGES = ["es", "en", "pt-br"]
FORBIDDEN = {
    "an inline style": r"<[^>]+\sstyle=",
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*application/json)",
    "a style element": r"<style",
    "an inline handler": r"<[^>]+\son\w+=",
    "an htmx handler": r"hx-on",
}


def get(path="/look/", **cookies):
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    request.COOKIES.update(cookies)
    return request


def offences(html):
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, html)]


@pytest.fixture
def debug(settings):
    settings.DEBUG = True


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_style_page_draws_every_element_within_the_policy(debug, language):
    with translation.override(language):
        html = views.style(get()).content.decode()
    assert offences(html) == []
    assert f'<html lang="{language}"' in html
    assert "data-due-at" in html and "data-ago" in html
    ids = re.findall(r'\sid="([\w-]+)"', html)
    assert len(ids) == len(set(ids)), "an id stands twice"


def test_the_style_page_is_for_staff(settings):
    settings.DEBUG = False
    with pytest.raises(Http404):
        views.style(get())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["404.html", "403.html", "403_csrf.html", "500.html", "look/offline.html"])
def test_an_error_page_needs_no_request_and_says_what_to_do(name, language):
    with translation.override(language):
        html = get_template(name).render({})
    assert offences(html) == []
    assert 'class="button primary"' in html


def test_the_chosen_look_is_drawn_by_the_server_and_nothing_else_gets_in(debug):
    html = views.style(get(theme="dark", density="dense")).content.decode()
    assert 'data-theme="dark"' in html and 'data-density="dense"' in html
    html = views.style(get(theme='"><script>', density="x")).content.decode()
    assert not re.search(r"<html[^>]*data-theme", html)


def test_every_template_compiles():
    environment = engines["jinja2"].env
    for name in environment.list_templates(filter_func=lambda name: name.startswith("look/")):
        environment.get_template(name)


def test_text_of_strangers_stays_text():
    template = engines["jinja2"].from_string(
        '{% from "look/marks.html" import badge, avatar %}{% from "look/controls.html" import button %}'
        "{{ badge(evil) }}{{ avatar(evil) }}{{ button(evil, attrs={'data-x': evil}) }}"
    )
    html = template.render({"evil": "<img src=x>"})
    assert "<img" not in html
    assert html.count("&lt;img") >= 4


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_signing_in_looks_like_the_rest(client, company, name, language):
    from django.urls import reverse

    with translation.override(language):
        html = client.get(reverse(name), headers={"accept-language": language}).content.decode()
    assert offences(html) == []
    assert "entrance-mark" in html and "look/tokens.css" in html
    assert f'<html lang="{language}"' in html
