"""The set-up checklist of a new studio; steps are done when their objects exist."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Site

from budgets.models import Line
from budgets.models.budget import today
from studio.desk.models import DismissedChecklist
from studio.people.inviting import prints_mails
from studio.people.models import Invitation, User
from studio.people.roles import Role
from videos.deals.models import Deal
from videos.planning.models import Expert, Question, Resource, Video
from videos.publishing.models import Appearance

NEEDED_ROLES = (Role.PRODUCER, Role.EXPERT, Role.FINANCE, Role.SALES_MANAGER)


@dataclass(frozen=True)
class Step:
    """One step: what it is, its state, and the URL to do it (none if done on the server).

    The checklist is complete without its `optional` steps.
    """

    title: str
    why: str
    done: bool
    url: str = ""
    act: str = ""
    optional: bool = False


def appearance_steps() -> list[Step]:
    """Steps for the company's name, logo and colour on the public site."""
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        return []
    look = Appearance.objects.filter(site=site).first() or Appearance()
    url = reverse("wagtailsettings:edit", args=["publishing", "appearance", site.pk])
    default = Appearance._meta.get_field("accent").default
    return [
        Step(
            _("The company's name"),
            look.company_name or _("It is shown at the top of the public site."),
            bool(look.company_name),
            url,
            _("Enter the name"),
        ),
        Step(
            _("Logo"),
            _("The public site shows it.")
            if look.logo_id
            else _("Without a logo, the public site shows the name."),
            look.logo_id is not None,
            url,
            _("Choose a logo"),
            optional=True,
        ),
        Step(
            _("Accent colour"),
            _("%(colour)s, for links and buttons of the public site.") % {"colour": look.accent},
            look.accent != default,
            url,
            _("Choose a colour"),
            optional=True,
        ),
    ]


def settings_steps() -> list[Step]:
    """Steps that are done on the server."""
    words = {"zone": settings.TIME_ZONE, "currency": settings.CURRENCY}
    is_chosen = {"TIME_ZONE", "CURRENCY"} <= settings.CHOSEN
    return [
        Step(
            _("Time zone and currency"),
            _(
                "Days are counted in %(zone)s, money in %(currency)s. Both are settings of the "
                "server (TIME_ZONE and CURRENCY)."
            )
            % words
            if is_chosen
            else _(
                "Days are counted in %(zone)s, money in %(currency)s: these are the defaults. To "
                "change them, set TIME_ZONE and CURRENCY on the server before any money is "
                "posted, and restart the studio."
            )
            % words,
            is_chosen,
        ),
        Step(
            _("Mail"),
            _("Mails are only written to the log. To send them, set EMAIL_URL on the server.")
            if prints_mails()
            else _("Mails are sent from %(sender)s.") % {"sender": settings.DEFAULT_FROM_EMAIL},
            not prints_mails(),
        ),
    ]


def people_steps() -> list[Step]:
    """Steps to invite colleagues in all roles."""
    held = set(Group.objects.filter(user__is_active=True).values_list("name", flat=True).distinct())
    invited = set(Invitation.objects.open().values_list("groups__name", flat=True))
    missing = [str(role.label) for role in NEEDED_ROLES if role.value not in held | invited]
    others = User.objects.filter(is_active=True).count() - 1
    waiting = Invitation.objects.open().count()
    if missing:
        why = _("Nobody has these roles yet: %(roles)s.") % {
            "roles": get_text_list(missing, _("and"))
        }
    else:
        why = _("Colleagues: %(users)d. Open invitations: %(invited)d.") % {
            "users": others,
            "invited": waiting,
        }
    return [
        Step(
            _("People, by invitation"),
            why,
            not missing,
            reverse("people_invitations:add") if missing else reverse("people_invitations:index"),
            _("Invite a colleague") if missing else _("See the invitations"),
        )
    ]


def planning_steps() -> list[Step]:
    """Steps to add experts and equipment."""
    experts = Expert.objects.filter(active=True).count()
    resources = Resource.objects.filter(active=True).count()
    may_be = User.objects.filter(is_active=True, groups__name=Role.EXPERT.value).exists()
    if experts:
        why = ngettext(
            "%(count)d expert is on camera.", "%(count)d experts are on camera.", experts
        ) % {"count": experts}
    elif may_be:
        why = _("Who is on camera, and for how many minutes a month?")
    else:
        why = _(
            "Experts are colleagues with the role Expert. Nobody with this role has accepted an "
            "invitation yet."
        )
    return [
        Step(
            _("Experts with their minutes"),
            why,
            experts > 0,
            reverse("planning_experts:index" if experts else "planning_experts:add"),
            _("See the experts") if experts else _("Add an expert"),
        ),
        Step(
            _("Places, crew and gear"),
            _("%(count)d can be booked.") % {"count": resources}
            if resources
            else _("What a shoot needs. Nothing can be booked twice at the same time."),
            resources > 0,
            reverse("planning_resources:index" if resources else "planning_resources:add"),
            _("See the list") if resources else _("Add the first"),
        ),
    ]


def money_steps() -> list[Step]:
    """Steps to set up the sales budget."""
    open_lines = Line.objects.filter(
        approved__gt=0, period__closed_at=None, period__ends_on__gte=today()
    )
    is_done = open_lines.exists()
    return [
        Step(
            _("Fiscal year and sales budget"),
            _("The budget has lines with money.")
            if is_done
            else _("Set periods, budget and an amount for each kind of cost on one screen."),
            is_done,
            reverse("budgets_report") if is_done else reverse("budgets_year"),
            _("See the budget") if is_done else _("Set up the year"),
        )
    ]


def sales_steps() -> list[Step]:
    """Steps to import deals and plan the first video."""
    deals = Deal.objects.count()
    video = Video.objects.filter(imported=False).first()
    where, act = "planning_questions:add", _("Hand in a question")
    if video:
        where, act = "planning_videos:index", _("See the videos")
    elif Question.objects.exists():
        where, act = "planning_questions:index", _("Plan a video from a question")
    return [
        Step(
            _("Contacts and deals"),
            ngettext("%(count)d deal is recorded.", "%(count)d deals are recorded.", deals)
            % {"count": deals}
            if deals
            else _("Import them from CSV files. You see the changes before they are made."),
            deals > 0,
            reverse("deals_imports:index" if deals else "deals_imports:add"),
            _("See the imports") if deals else _("Import files"),
        ),
        Step(
            _("The first video"),
            video.title if video else _("Begin with a question that buyers ask."),
            video is not None,
            reverse(where),
            act,
        ),
    ]


RULES: tuple[Callable[[], list[Step]], ...] = (
    appearance_steps,
    settings_steps,
    people_steps,
    planning_steps,
    money_steps,
    sales_steps,
)


def steps() -> list[Step]:
    """Return all steps in order."""
    return [step for rule in RULES for step in rule()]


def is_finished(found: Sequence[Step]) -> bool:
    """Whether all required steps are done."""
    return all(step.done or step.optional for step in found)


def next_of(found: Sequence[Step]) -> Step | None:
    """Return the first open step that has a URL."""
    left = (step for step in found if step.url and not (step.done or step.optional))
    return next(left, None)


def is_on_home_page(user: User) -> bool:
    """Whether the user sees the checklist on the home page."""
    return bool(user.is_superuser) and not DismissedChecklist.objects.filter(user=user).exists()


def dismiss(user: User) -> None:
    """Hide the checklist on the user's home page; it stays in the menu."""
    DismissedChecklist.objects.get_or_create(user=user)


def bring_back(user: User) -> None:
    """Show the checklist on the user's home page again until it is complete."""
    DismissedChecklist.objects.filter(user=user).delete()
