"""What the topics that every company has are called."""

from django.utils.translation import gettext as _


def topic_names() -> dict[str, str]:
    """Topic -> its name; the company's own are called as it calls them."""
    return {
        "delivery": _("Delivery"), "payment": _("Payment"), "product": _("Product"), "service": _("Service"),
        "app": _("App and site"), "account": _("Customer's account"), "price": _("Price"),
        "hours": _("Hours and places"), "cancellation": _("Cancelling and returning"), "safety": _("Safety and health"),
    }  # fmt: skip
