"""The menu contains the views that a role may open, and no others."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail.admin.menu import SubmenuMenuItem, admin_menu

from sites.roles import ROLES, Capability
from tests.factories.departments import make_department
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

HOME = reverse("wagtailadmin_home")
# Menu entries that need a capability, by URL.
BY_CAPABILITY = {
    "team:index": Capability.ACCOUNTS,
    "current_department_settings": Capability.SETTINGS,
    "sharing:index": Capability.SHARING,
    "promotions:index": Capability.SEARCH,
    "wagtailsnippets_cms_media_consent:list": Capability.SNIPPETS,
}


def entries(menu, request):
    """Yield the URL of every entry, including submenus; "#" for an entry that opens a panel on the same page."""
    for item in menu.menu_items_for_request(request):
        if isinstance(item, SubmenuMenuItem):
            below = list(entries(item.menu, request))
            assert below, f"{item.label} opens onto nothing"
            yield from below
        else:
            yield str(item.url)


def menu_of(client, user):
    client.force_login(user)
    return list(entries(admin_menu, client.get(HOME).wsgi_request))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.key)
def test_every_entry_opens_and_matches_the_roles_capabilities(client, role):
    make_department("allier", code="03", locales=("fr", "it"))
    group = f"allier:{role.key}:it" if role.for_each_locale else f"allier:{role.key}"
    menu = menu_of(client, make_user("member", groups=[group]))
    own = [url for url in menu if url.startswith("/")]
    assert own
    for url in own:
        response = client.get(url, follow=True)
        assert response.status_code == 200, url
        assert response.wsgi_request.path != HOME, f"{url} sends away"
    for name, capability in BY_CAPABILITY.items():
        assert (reverse(name) in menu) == (capability in role.capabilities), name
    # News about Wagtail releases are for instance administrators.
    assert not any("new-in-wagtail" in url for url in menu)


def test_user_without_a_department_sees_only_the_help_entry(client):
    make_department("allier")
    user = make_user("nobody")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    assert not [url for url in menu_of(client, user) if url.startswith("/")]


def test_a_superuser_keeps_all(client):
    make_department("allier")
    menu = menu_of(client, make_user("root", is_superuser=True))
    for name in (*BY_CAPABILITY, "wagtailusers_users:index", "wagtailsites:index", "wagtailadmin_reports:site_history"):
        assert reverse(name) in menu, name
