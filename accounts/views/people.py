"""Pages of administrators: people, invitations, teams."""

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import services
from accounts.decorators import PersonRequest, scope_required
from accounts.forms import InvitationForm, PersonForm, TeamForm
from accounts.models import Invitation, Scope, Team, User
from accounts.selectors import signup_policy

PEOPLE_A_PAGE = 50


@scope_required(Scope.ADMIN)
def people(request: PersonRequest) -> HttpResponse:
    """List the people, open invitations and teams."""
    rows = User.objects.select_related("team").order_by("email")
    page = Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "invitations": Invitation.objects.filter(
            accepted_at=None, expires_at__gt=timezone.now()
        ).select_related("team", "invited_by"),
        "teams": Team.objects.all(),
        "may_invite": signup_policy() != "closed",
    }
    return render(request, "accounts/people/list.html", context)


@scope_required(Scope.ADMIN)
def person(request: PersonRequest, user_id: int) -> HttpResponse:
    """Show and change somebody's role and team."""
    somebody = get_object_or_404(User, pk=user_id)
    form = PersonForm(request.POST or None, instance=somebody)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_person(
                user=User.objects.get(pk=user_id), actor=request.user, **form.cleaned_data
            )
        except services.LastAdministratorError:
            form.add_error(None, _("Nobody would be left who can administer this site."))
        else:
            messages.success(request, _("Saved."))
            return redirect("people")
    return render(request, "accounts/people/person.html", {"form": form, "somebody": somebody})


@require_POST
@scope_required(Scope.ADMIN)
def one_time_password(request: PersonRequest, user_id: int) -> HttpResponse:
    """Give somebody who cannot log in a password for one use, and show it once."""
    somebody = get_object_or_404(User, pk=user_id)
    password = services.issue_one_time_password(user=somebody, actor=request.user)
    context = {"somebody": somebody, "password": password}
    response = render(request, "accounts/people/password.html", context)
    response["Cache-Control"] = "no-store"
    return response


@scope_required(Scope.ADMIN)
def invite(request: PersonRequest) -> HttpResponse:
    """Invite somebody; the link is shown once, and sent where the server sends e-mail."""
    if signup_policy() == "closed":
        return redirect("people")
    form = InvitationForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/people/invite.html", {"form": form})
    invitation, secret = services.invite(actor=request.user, **form.cleaned_data)
    link = request.build_absolute_uri(reverse("invitation", args=[secret]))
    if settings.SENDS_MAIL:
        send_mail(
            _("[Voicetell] You are invited"),
            _("{name} invites you to Voicetell. Sign up here within 7 days:\n\n{link}").format(
                name=request.user, link=link
            ),
            None,
            [invitation.email],
        )
    context = {"invitation": invitation, "link": link, "sent": settings.SENDS_MAIL}
    response = render(request, "accounts/people/invited.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@scope_required(Scope.ADMIN)
def withdraw_invitation(request: PersonRequest, invitation_id: int) -> HttpResponse:
    """Make an invitation's link useless."""
    services.withdraw_invitation(
        invitation=get_object_or_404(Invitation, pk=invitation_id), actor=request.user
    )
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("people")


@scope_required(Scope.ADMIN)
def team(request: PersonRequest, team_id: int | None = None) -> HttpResponse:
    """Make or change a team."""
    existing = get_object_or_404(Team, pk=team_id) if team_id else None
    form = TeamForm(request.POST or None, instance=existing)
    if request.method == "POST" and form.is_valid():
        services.save_team(team=form.save(commit=False), actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("people")
    return render(request, "accounts/people/team.html", {"form": form, "team": existing})
