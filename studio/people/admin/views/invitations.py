"""Views of invitations: for inviting users, and for accepting."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.people import inviting, throttle
from studio.people.access import may_invite
from studio.people.admin.forms import InvitationForm, InvitedForm
from studio.people.admin.views.first_run import TOO_MANY, signed_in
from studio.people.models import Invitation, User
from studio.people.network import address_of, network_of
from studio.people.roles import MAY, Role
from studio.ui.acts import ActedOnIndexView, ActedOnViewSet, ActView, MakeView, RowPage
from studio.ui.tables import CARDS, LabelledColumn, MomentColumn

# For inviting users


def state_of(invitation: Invitation) -> str:
    """The state of an invitation as a badge or word."""
    if invitation.accepted_at:
        return _("Accepted")
    if invitation.withdrawn_at:
        return _("Withdrawn")
    return _("Expired") if invitation.is_expired else _("Open")


class InvitationIndexView(ActedOnIndexView):
    """Lists invitations, latest first."""

    default_ordering = ("-sent_at", "-pk")
    table_classname = CARDS
    add_item_label = gettext_lazy("Invite a colleague")

    def get_base_queryset(self) -> QuerySet[Invitation]:
        found: QuerySet[Invitation] = super().get_base_queryset()
        return found.select_related("sent_by").prefetch_related("groups")


class InviteView(MakeView):
    """Invites somebody. Submitting twice changes nothing: an address has one open invitation."""

    template_name = "people/invite.html"
    page_subtitle = gettext_lazy("Invite a colleague")
    holder: User | None = None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        data = form.cleaned_data
        try:
            self.object = inviting.invite(
                data["email"],
                data["groups"],
                is_superuser=data.get("is_superuser", False),
                by=self.request.user,
            )
        except inviting.InvitationRefused as refusal:
            self.holder = refusal.holder
            return self.refused(form, "email", refusal)
        messages.success(self.request, _("%(email)s is invited.") % {"email": self.object})
        return redirect("people_invitations:inspect", self.object.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        shown = self.holder if self.request.user.is_superuser else None
        return context | {"holder": shown, "submit_button_label": _("Send the invitation")}


class InvitationPage(RowPage):
    """One invitation: its state and link, with buttons to resend or withdraw it."""

    template_name = "people/invitation.html"
    page_title = gettext_lazy("Invitation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        invitation = self.object
        by: Any = self.request.user
        may_handle = invitation.is_open and inviting.may_handle(by, invitation)
        said, by_hand = inviting.mail_in_words(invitation)
        is_good = may_handle and not invitation.is_expired
        return context | {
            "state": state_of(invitation),
            "roles": inviting.roles_in_words(invitation),
            "may_handle": may_handle,
            "link": inviting.link(invitation) if is_good else "",
            "mail_said": said if invitation.is_open else "",
            "by_hand": by_hand,
        }


class InvitationAct(ActView):
    """Base view of acts on an invitation."""

    @cached_property
    def invitation(self) -> Invitation:
        return get_object_or_404(Invitation, pk=self.kwargs["pk"])

    def may_act(self) -> bool:
        return may_invite(self.by) and inviting.may_handle(self.by, self.invitation)

    def back(self) -> str:
        return reverse("people_invitations:inspect", args=[self.invitation.pk])


class SendAgainView(InvitationAct):
    """Sends an invitation again."""

    def act(self) -> str:
        inviting.send_again(self.invitation.pk, by=self.by)
        said = _("A new link is on its way to %(email)s. The previous link no longer works.")
        return said % {"email": self.invitation.email}


class WithdrawView(InvitationAct):
    """Withdraws an invitation."""

    def act(self) -> str:
        inviting.withdraw(self.invitation.pk, by=self.by)
        said = _("The invitation to %(email)s was withdrawn. Its link no longer works.")
        return said % {"email": self.invitation.email}


class InvitationViewSet(ActedOnViewSet):
    """Views of invitations."""

    model = Invitation
    url_prefix = "invitations"
    url_namespace = "people_invitations"
    icon = "mail"
    menu_label = gettext_lazy("Invitations")
    menu_order = 590  # before Wagtail's users in the menu
    add_to_settings_menu = True
    index_view_class = InvitationIndexView
    add_view_class = InviteView
    inspect_view_class = InvitationPage
    search_fields = ["email"]
    search_backend_name = None
    list_display = [
        TitleColumn(
            "email",
            label=gettext_lazy("E-mail address"),
            get_url=lambda invitation: reverse("people_invitations:inspect", args=[invitation.pk]),
        ),
        LabelledColumn("state", label=gettext_lazy("State"), accessor=state_of),
        LabelledColumn(
            "roles",
            label=gettext_lazy("Invited as"),
            accessor=lambda invitation: ", ".join(inviting.roles_in_words(invitation)),
        ),
        LabelledColumn("sent_by", label=gettext_lazy("Sent by")),
        MomentColumn("sent_at", label=gettext_lazy("Sent")),
        MomentColumn("expires_at", label=gettext_lazy("Valid until")),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return InvitationForm

    def act_urlpatterns(self) -> list[URLPattern]:
        return [
            path("send/<int:pk>/", SendAgainView.as_view(), name="send"),
            path("withdraw/<int:pk>/", WithdrawView.as_view(), name="withdraw"),
        ]


# For invited people


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class AcceptView(FormView):
    """Lets an invited person set name and password, and signs them in."""

    template_name = "people/accept.html"
    form_class = InvitedForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.invitation = inviting.read_link(self.kwargs["token"])
        except inviting.LinkRefused as refusal:
            return self.refused(refusal)
        return super().dispatch(request, *args, **kwargs)

    def refused(self, refusal: ValidationError) -> HttpResponse:
        """Explain why the link is not valid."""
        context = {"refusal": refusal.messages[0]}
        status = 404 if refusal.code == "not_whole" else 410
        return render(self.request, "people/accept_refused.html", context, status=status)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": User(email=self.invitation.email)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = [group.name for group in self.invitation.groups.order_by("name")]
        return super().get_context_data(
            invitation=self.invitation,
            roles=[(Role(name).label, MAY[Role(name)]) for name in names if name in Role.values],
            others=[name for name in names if name not in Role.values],
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not throttle.allow_request(throttle.ACCEPT, network_of(address_of(request))):
            context = self.get_context_data(form=self.unsent_form(), refusal=TOO_MANY)
            response: HttpResponse = self.render_to_response(context, status=429)
            response["Retry-After"] = str(int(throttle.ACCEPT.window.total_seconds()))
            return response
        return super().post(request, *args, **kwargs)

    def unsent_form(self) -> InvitedForm:
        """Return the form without submitted data."""
        return InvitedForm(instance=User(email=self.invitation.email))

    def form_valid(self, form: InvitedForm) -> HttpResponse:
        try:
            user = inviting.accept(self.kwargs["token"], form.new_user())
        except ValidationError as refusal:
            return self.refused(refusal)
        return signed_in(self.request, user, _("Welcome. This is your home page."))


accept = AcceptView.as_view()


# Roles


class RolesView(WagtailAdminTemplateMixin, TemplateView):
    """Lists roles with what they may do; administrators also see who has them."""

    template_name = "people/roles.html"
    page_title = gettext_lazy("Roles")
    header_icon = "group"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        active = Count("user", filter=Q(user__is_active=True))
        groups = {group.name: group for group in Group.objects.annotate(people=active)}
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "roles": [(role.label, MAY[role], groups.get(role.value)) for role in Role],
            "others": sorted(
                (group for name, group in groups.items() if name not in Role.values),
                key=lambda group: group.name,
            ),
            "administrators": User.objects.administrators().count(),
            "shows_people": self.request.user.is_superuser,
        }
