"""URLs below /admin/ of the security of an account and of single sign-on; open to sessions that lack a step."""

from django.urls import path

from .second_factor import security_views
from .second_factor.account_session_views import EndSessionsView
from .single_sign_on import sign_on_views

urlpatterns = [
    path("account/security/", security_views.SecurityView.as_view(), name="account_security"),
    path("account/security/app/", security_views.AddAppView.as_view(), name="account_security_app"),
    path("account/security/passkey/", security_views.AddPasskeyView.as_view(), name="account_security_passkey"),
    path(
        "account/security/passkey/options/",
        security_views.PasskeyOptionsView.as_view(),
        name="account_security_passkey_options",
    ),
    path("account/security/recovery/", security_views.RecoveryCodesView.as_view(), name="account_security_recovery"),
    path("account/security/remove/", security_views.RemoveFactorView.as_view(), name="account_security_remove"),
    path("account/security/sessions/", EndSessionsView.as_view(), name="account_security_sessions"),
    path("account/security/confirm/", security_views.ConfirmView.as_view(), name="account_security_confirm"),
    path("account/security/verify/", security_views.VerifyView.as_view(), name="account_security_verify"),
    path("account/security/challenge/", security_views.ChallengeView.as_view(), name="account_security_challenge"),
    path("account/security/leave/", security_views.LeaveView.as_view(), name="account_security_leave"),
    path("sign-on/", sign_on_views.StartView.as_view(), name="single_sign_on_start"),
    path("sign-on/return/", sign_on_views.ReturnView.as_view(), name="single_sign_on_return"),
    path("sign-on/accept/", sign_on_views.AcceptView.as_view(), name="single_sign_on_accept"),
    path("sign-on/required/", sign_on_views.RequiredView.as_view(), name="single_sign_on_required"),
]
