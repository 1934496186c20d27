"""Lets Django's own templates (allauth's pages) show the same parts as ours."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from netcenter.look import icons

register = template.Library()


@register.simple_tag(takes_context=True)
def jinja(context: dict[str, Any], name: str) -> SafeString:
    """Draws one of our Jinja templates in place."""
    return mark_safe(render_to_string(name, request=context.get("request"), using="jinja2"))  # noqa: S308  autoescaped there


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    return mark_safe(str(icons.icon(name, label, css)))  # noqa: S308  built by icons.icon, which escapes


@register.simple_tag
def kind_of(tags: list[str] | None, button_type: str | None, is_in_panel: bool = False) -> str:
    """The look of an allauth button, from the tags allauth gives it."""
    tags = tags or []
    if "danger" in tags:
        return "danger"
    if "link" in tags or "cancel" in tags:
        return "quiet"
    if "outline" in tags or "secondary" in tags or is_in_panel or "panel" in tags or "tool" in tags:
        return ""
    return "primary" if button_type == "submit" or "primary" in tags or "prominent" in tags else ""
