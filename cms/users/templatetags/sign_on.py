"""The template tag of single sign-on."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def single_sign_on_name() -> str:
    """Return the name of the OpenID provider, "" if none is configured."""
    return str(settings.OIDC.get("name", ""))
