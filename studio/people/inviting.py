"""Invitations by mail: a signed link, valid once and for a week, that creates a user."""

import datetime as dt
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogContext, log

from studio.mail.models import Mail
from studio.people import throttle
from studio.people.access import may_invite_as
from studio.people.addresses import email_key
from studio.people.mail import Message, mail_in_studio_language, rendered_message
from studio.people.models import Invitation, User
from studio.people.roles import label_of

GOOD_FOR = dt.timedelta(days=7)
SALT = "studio.people.inviting"


class InvitationRefused(ValidationError):
    """Base class: an invitation is refused; `holder` is the user who has the address, if any."""

    holder: User | None = None


class AddressHeld(InvitationRefused):
    """The address belongs, or once belonged, to a user."""

    def __init__(self, email: str, holder: User) -> None:
        self.holder = holder
        if holder.email_key != email_key(email):
            text = gettext_lazy(
                "%(email)s was the address of %(user)s, and no other user can get it. Use another "
                "address."
            )
        elif holder.is_active:
            text = gettext_lazy(
                "%(email)s is the address of %(user)s. Change their roles on their page."
            )
        else:
            text = gettext_lazy(
                "%(email)s is the address of %(user)s, who was deactivated. Activate them on "
                "their page instead."
            )
        super().__init__(text, "address_held", {"email": email, "user": holder})


class InvitedAlready(InvitationRefused):
    """There is already an open invitation to this address."""

    def __init__(self, invitation: Invitation) -> None:
        text = gettext_lazy(
            "%(email)s was invited on %(day)s. Send that invitation again, or withdraw it."
        )
        day = date_format(localtime(invitation.sent_at), _("j F Y"))
        super().__init__(text, "invited_already", {"email": invitation.email, "day": day})


class TooManyInvitations(InvitationRefused):
    """Too many mails were sent within an hour."""

    def __init__(self) -> None:
        text = gettext_lazy("Too many invitations within an hour. Try again in an hour.")
        super().__init__(text, "too_many_invitations")


class NotYours(InvitationRefused):
    """Nobody can grant roles that they do not have."""

    def __init__(self) -> None:
        text = gettext_lazy("You can only give roles that you have yourself.")
        super().__init__(text, "not_yours")


class LinkRefused(ValidationError):
    """The link of an invitation is not valid, or no longer."""


def invite(email: str, groups: Iterable[Group], *, is_superuser: bool, by: User) -> Invitation:
    """Create an invitation and send the mail.

    Raises AddressHeld, InvitedAlready, NotYours, TooManyInvitations.
    """
    email, groups = email.strip(), list(groups)
    key = email_key(email)
    if not may_invite_as(by, groups, is_superuser=is_superuser):
        raise NotYours
    try:
        with transaction.atomic():
            refuse_a_held_address(email)
            if there := Invitation.objects.open().filter(email_key=key).first():
                raise InvitedAlready(there)
            count(key, by)
            invitation = Invitation.objects.create(
                email=email,
                email_key=key,
                is_superuser=is_superuser,
                sent_by=by,
                expires_at=now() + GOOD_FOR,
            )
            invitation.groups.set(groups)
            send(invitation)
            log(invitation, "people.invite", user=by, data=granted(invitation))
    except IntegrityError:  # somebody else was faster
        raise InvitedAlready(Invitation.objects.open().get(email_key=key)) from None
    return invitation


def refuse_a_held_address(email: str) -> None:
    """Raise AddressHeld if the address belongs, or once belonged, to a user."""
    if holder := User.objects.known_as(email).first():
        raise AddressHeld(email, holder)


def count(key: str, by: User) -> None:
    """Count a mail to an address. Raises TooManyInvitations."""
    if not (
        throttle.allow_request(throttle.INVITATIONS, by.pk)
        and throttle.allow_request(throttle.INVITATIONS_TO_ADDRESS, key)
    ):
        raise TooManyInvitations


def granted(invitation: Invitation) -> dict[str, Any]:
    """The roles that an invitation grants, for the log."""
    return {
        "roles": [group.name for group in invitation.groups.order_by("name")],
        "administrator": invitation.is_superuser,
    }


def send_again(invitation_id: int, *, by: User) -> Invitation:
    """Send a new link, valid for a week; the previous link stops working.

    Raises AddressHeld, LinkRefused (it is not open), NotYours, TooManyInvitations.
    """
    with transaction.atomic():
        invitation = locked(invitation_id)
        refuse_ended(invitation)
        refuse_a_held_address(invitation.email)
        if not may_handle(by, invitation):
            raise NotYours
        count(invitation.email_key, by)
        invitation.serial += 1
        invitation.sent_at, invitation.sent_by = now(), by
        invitation.expires_at = invitation.sent_at + GOOD_FOR
        invitation.save()
        send(invitation)
        log(invitation, "people.invite_again", user=by, data=granted(invitation))
    return invitation


def withdraw(invitation_id: int, *, by: User) -> Invitation:
    """Withdraw an invitation; its link stops working. Raises LinkRefused if not open, NotYours."""
    with transaction.atomic():
        invitation = locked(invitation_id)
        refuse_ended(invitation)
        if not may_handle(by, invitation):
            raise NotYours
        invitation.withdrawn_at = now()
        invitation.save(update_fields=["withdrawn_at"])
        log(invitation, "people.withdraw_invitation", user=by)
    return invitation


def may_handle(by: User, invitation: Invitation) -> bool:
    """Whether the user may resend or withdraw an invitation and see its link."""
    return may_invite_as(by, invitation.groups.all(), is_superuser=invitation.is_superuser)


def accept(token: str, user: User) -> User:
    """Save `user` as the invited person, with the roles. Raises LinkRefused, AddressHeld.

    The log names the sender of the invitation as who granted the roles.
    """
    with transaction.atomic():
        invitation = locked(read_link(token).pk)
        refuse_invalid_link(invitation, serial_of(token))
        refuse_a_held_address(invitation.email)
        user.email = invitation.email
        user.is_superuser = user.is_staff = invitation.is_superuser
        with LogContext(user=invitation.sent_by):
            user.save()
            user.groups.set(invitation.groups.all())
        invitation.accepted_at, invitation.user = now(), user
        invitation.save(update_fields=["accepted_at", "user"])
        log(invitation, "people.accept_invitation", user=user, data=granted(invitation))
        log(user, "people.join", user=user, data=granted(invitation))
    return user


def locked(invitation_id: int) -> Invitation:
    """The invitation, locked until the transaction ends."""
    return Invitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)


# The link


def link(invitation: Invitation) -> str:
    """Return the URL that accepts the invitation. Whoever has it can accept."""
    token = signing.Signer(salt=SALT).sign(f"{invitation.pk}.{invitation.serial}")
    return f"{settings.BASE_URL}{reverse('people_accept_invitation', args=[token])}"


def serial_of(token: str) -> int:
    """Return the invitation's key and serial from a link's token."""
    return int(signing.Signer(salt=SALT).unsign(token).partition(".")[2])


def read_link(token: str) -> Invitation:
    """Return the invitation of a valid link. Raises LinkRefused with the reason."""
    try:
        key, _dot, serial = signing.Signer(salt=SALT).unsign(token).partition(".")
        invitation = Invitation.objects.select_related("sent_by").get(pk=int(key))
    except (signing.BadSignature, ValueError, Invitation.DoesNotExist):
        raise LinkRefused(
            _("This link is incomplete. Copy all of it from the mail."), "not_whole"
        ) from None
    refuse_invalid_link(invitation, int(serial))
    return invitation


def refuse_ended(invitation: Invitation) -> None:
    """Raise LinkRefused if the invitation was accepted or withdrawn."""
    if invitation.accepted_at:
        raise LinkRefused(
            _("This invitation was already accepted. Sign in with your password."), "accepted"
        )
    if invitation.withdrawn_at:
        raise LinkRefused(
            _("This invitation was withdrawn. Ask the person who invited you."), "withdrawn"
        )


def refuse_invalid_link(invitation: Invitation, serial: int) -> None:
    """Raise LinkRefused with the reason why a link is no longer valid."""
    refuse_ended(invitation)
    if serial != invitation.serial:
        raise LinkRefused(
            _("A newer invitation was sent to you. Use the link in the latest mail."), "older"
        )
    if invitation.is_expired:
        text = _("This link was valid until %(day)s. Ask %(who)s to send you a new one.")
        day = date_format(localtime(invitation.expires_at), _("j F Y"))
        raise LinkRefused(text % {"day": day, "who": invitation.sent_by}, "expired")
    if not (invitation.sent_by.is_active and may_handle(invitation.sent_by, invitation)):
        raise LinkRefused(
            _("The person who invited you may no longer do so. Ask for a new invitation."),
            "no_inviter",
        )


# The mail


def send(invitation: Invitation) -> None:
    """Send the mail in the studio's language, within the caller's transaction."""
    mail_in_studio_language(invitation.email, partial(message, invitation))


def message(invitation: Invitation) -> Message:
    """The mail in the active language."""
    context = {
        "invitation": invitation,
        "roles": roles_in_words(invitation),
        "link": link(invitation),
        "studio": settings.WAGTAIL_SITE_NAME,
        "until": localtime(invitation.expires_at),
    }
    return rendered_message(
        "people/mail/invitation_subject.txt", "people/mail/invitation.txt", context
    )


def roles_in_words(invitation: Invitation) -> list[str]:
    """The names of the roles that an invitation grants."""
    names = [label_of(name) for name in sorted(group.name for group in invitation.groups.all())]
    return [*names, _("Administrator")] if invitation.is_superuser else names


IN_THE_LOG = ("console.EmailBackend", "dummy.EmailBackend", "log_backend.LogBackend")


def prints_mails() -> bool:
    """Whether mails are only logged or dropped, as they are until EMAIL_URL names a server."""
    return str(settings.MAIL_TRANSPORT).endswith(IN_THE_LOG)


def mail_in_words(invitation: Invitation) -> tuple[str, bool]:
    """Return the state of the latest mail, and whether to hand over the link by other means."""
    if prints_mails():
        return _(
            "This studio sends no mails yet: it only writes them to its log, because EMAIL_URL is "
            "not set. Pass the link on yourself."
        ), True
    mails = Mail.objects.filter(recipient=invitation.email, created_at__gte=invitation.sent_at)
    mail = mails.order_by("-pk").first()
    if mail is None:  # its outcome is deleted after a few weeks
        return _("It is no longer known whether the mail was delivered."), False
    words = {"why": mail.reason}
    if mail.state == Mail.State.SENT:
        return _("The mail server accepted the mail."), False
    if mail.state != Mail.State.WAITING:
        text = _("The mail was not delivered: %(why)s Check the address, or pass the link on.")
        return text % words, True
    if mail.attempts and mail.reason:
        text = _(
            "The mail server has not accepted the mail yet: %(why)s The studio tries again for "
            "three days. Meanwhile, you can pass the link on yourself."
        )
        return text % words, True
    return _("The mail is on its way to the mail server."), False
