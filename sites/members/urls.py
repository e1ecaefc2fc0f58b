"""Addresses of the screens for a department's people, under `team/`."""

from django.urls import path

from .views import ChangeInvitation, Edit, IndexOfDepartments, Invite, Members, Remove

app_name = "team"
urlpatterns = [
    path("", IndexOfDepartments.as_view(), name="index"),
    path("<slug:department>/", Members.as_view(), name="members"),
    path("<slug:department>/results/", Members.as_view(results_only=True), name="members_results"),
    path("<slug:department>/invite/", Invite.as_view(), name="invite"),
    path(
        "<slug:department>/invitations/<int:invitation_id>/resend/",
        ChangeInvitation.as_view(action="resend"),
        name="resend",
    ),
    path(
        "<slug:department>/invitations/<int:invitation_id>/revoke/",
        ChangeInvitation.as_view(action="revoke"),
        name="revoke",
    ),
    path("<slug:department>/people/<int:user_id>/", Edit.as_view(), name="edit"),
    path("<slug:department>/people/<int:user_id>/remove/", Remove.as_view(), name="remove"),
]
