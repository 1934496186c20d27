"""The topics that messages are read by, for forms: the company's own where it taught some, else everybody's."""

from django.utils.translation import gettext as _

from netcenter.understanding.lexicon import DEFAULT_TOPICS
from netcenter.understanding.models import Example, Layer


def topic_choices() -> list[tuple[str, str]]:
    """(topic, what it is called)."""
    names = {
        "delivery": _("Delivery"), "payment": _("Payment"), "product": _("Product"), "service": _("Service"),
        "app": _("App and site"), "account": _("Customer's account"), "price": _("Price"), "hours": _("Hours and places"),
        "cancellation": _("Cancelling and returning"), "safety": _("Safety and health"),
    }  # fmt: skip
    usual = [(topic, names.get(topic, topic)) for topic in DEFAULT_TOPICS]
    if not Layer.objects.filter(what=Layer.What.TOPICS, is_on=True).exists():
        return usual
    own = Example.objects.order_by("topic").values_list("topic", flat=True).distinct()
    return [*((topic, topic) for topic in own if topic not in DEFAULT_TOPICS), *usual]
