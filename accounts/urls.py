"""Routes to log in, of one's own account, and of the people whom an administrator looks after."""

from django.conf import settings
from django.urls import include, path

from accounts.views import own, people, tokens

urlpatterns = [
    path("account/profile/", own.profile, name="profile"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", tokens.revoke, name="token-revoke"),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/", include("allauth.account.urls")),
    path("invitations/<str:secret>/", own.follow_invitation, name="invitation"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path(
        "people/invitations/<int:invitation_id>/withdraw/",
        people.withdraw_invitation,
        name="withdraw-invitation",
    ),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/password/", people.one_time_password, name="one-time-password"),
    path("teams/new/", people.team, name="team-new"),
    path("teams/<int:team_id>/", people.team, name="team"),
]

if not settings.SENDS_MAIL:
    # Pages that promise a message would lie.
    urlpatterns[:0] = [
        path("account/password/reset/", own.no_mail, name="account_reset_password"),
        path("account/email/", own.no_mail, name="account_email"),
    ]
