"""User accounts."""

from django.contrib.auth.models import Group
from django.utils import timezone

from cms.users.models import User

from .recording import recorded

PASSWORD = "mot-de-passe-d-essai"


def make_user(username="redaction", *, groups=(), is_superuser=False):
    """Return an account in the named groups (`allier:publisher`)."""
    return _create(username, groups, is_superuser)


@recorded
def _create(username, groups, is_superuser):
    create = User.objects.create_superuser if is_superuser else User.objects.create_user
    user = create(
        username=username, email=f"{username}@example.org", password=PASSWORD, email_confirmed_at=timezone.now()
    )
    user.groups.set(Group.objects.filter(name__in=groups))
    return user
