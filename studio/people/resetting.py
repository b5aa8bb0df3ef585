"""Password resets by mail, without revealing who has an account."""

from functools import partial

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from studio.people.mail import mail_user, rendered_message
from studio.people.models import User

TEMPLATES = "wagtailadmin/account/password_reset"


class ResetTokens(PasswordResetTokenGenerator):
    """Reset links that become invalid whenever sessions do, and when the user is deactivated."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.sessions_ended}{user.is_active}"


reset_tokens = ResetTokens()


def send_reset(address: str) -> None:
    """Send a reset link to the user with this address, if there is one.

    Runs in a worker, so that the page takes as long whether the user exists or not. Raises OSError
    if the mail server does not accept it.
    """
    try:
        user = User.objects.get_by_natural_key(address)
    except User.DoesNotExist:
        return
    if not (user.is_active and user.has_usable_password()):
        return
    context = {
        "user": user,
        "uid": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": reset_tokens.make_token(user),
    }
    subject, text = f"{TEMPLATES}/email_subject.txt", f"{TEMPLATES}/email.txt"
    mail_user(user, partial(rendered_message, subject, text, context))
