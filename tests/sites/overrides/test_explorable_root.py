"""The parts of Wagtail that `sites.access.overrides.explorable_root` relies on."""

import pytest
from wagtail.permission_policies.pages import PagePermissionPolicy

from sites.access.overrides.explorable_root import SeparateExplorableRootPolicy
from tests.factories.departments import make_department
from tests.factories.users import make_user


@pytest.mark.django_db
def test_both_policies_cache_the_explorable_root_under_their_own_name():
    make_department("allier")
    user = make_user(groups=["allier:editor"])

    for policy in (PagePermissionPolicy(), SeparateExplorableRootPolicy()):
        root = policy.explorable_root_instance(user)
        assert getattr(user, policy._explorable_root_instance_cache_name) == root

    names = {each._explorable_root_instance_cache_name for each in (PagePermissionPolicy, SeparateExplorableRootPolicy)}
    assert len(names) == 2
