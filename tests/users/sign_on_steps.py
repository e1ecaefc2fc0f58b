"""Steps of a login at an OpenID provider: the browser is Django's test client, the provider gets requests."""

import re
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.urls import reverse

from cms.users.models import SingleSignOnIdentity
from cms.users.single_sign_on import provider
from sites.members import membership

HOME = "/admin/"
EMAIL = "nouvelle@example.org"


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def start(client, target=HOME):
    """Return the URL of the provider to which the product leads."""
    response = client.post(reverse("single_sign_on_start"), {"next": target})
    assert response.status_code == 200, response.url
    return re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', response.content.decode())[1].replace(
        "&amp;", "&"
    )


def authorize(url, **form):
    """Answer the form of the provider; return the path to which it sends the browser."""
    request = Request(url, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
    try:
        location = build_opener(NoRedirect).open(request, timeout=5).headers["Location"]
    except OSError as redirect:
        location = redirect.headers["Location"]
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}"


def sign_on(client, subject, target=HOME):
    return client.get(authorize(start(client, target), sub=subject))


def connect(user, subject):
    SingleSignOnIdentity.objects.create(user=user, issuer=provider.settings.OIDC["issuer"], subject=subject)


def invite(department, email=EMAIL, role="editor"):
    return membership.invite(department, email, [department.department_groups.get(role=role).group])


def is_logged_in(client):
    return client.get(HOME).status_code == 200
