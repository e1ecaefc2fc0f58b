"""URL patterns of the screens of members, below `team/`."""

from django.urls import path

from .views import (
    DepartmentIndexView,
    InvitationActionView,
    InviteView,
    MemberEditView,
    MemberListView,
    MemberRemoveView,
)

app_name = "team"
urlpatterns = [
    path("", DepartmentIndexView.as_view(), name="index"),
    path("<slug:department>/", MemberListView.as_view(), name="members"),
    path("<slug:department>/results/", MemberListView.as_view(results_only=True), name="members_results"),
    path("<slug:department>/invite/", InviteView.as_view(), name="invite"),
    path(
        "<slug:department>/invitations/<int:invitation_id>/resend/",
        InvitationActionView.as_view(action="resend"),
        name="resend",
    ),
    path(
        "<slug:department>/invitations/<int:invitation_id>/revoke/",
        InvitationActionView.as_view(action="revoke"),
        name="revoke",
    ),
    path("<slug:department>/people/<int:user_id>/", MemberEditView.as_view(), name="edit"),
    path("<slug:department>/people/<int:user_id>/remove/", MemberRemoveView.as_view(), name="remove"),
]
