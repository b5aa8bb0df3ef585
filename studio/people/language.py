"""The language a person reads: the one of their account, or the studio's."""

from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest
from django.utils import translation

from studio.people.models import User


def language_of(user: User) -> str:
    """The preferred language of a user's account, if the studio has it; else LANGUAGE_CODE."""
    profile = getattr(user, "wagtail_userprofile", None)
    chosen = profile.preferred_language if profile else ""
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def in_language_of(user: User) -> Any:
    """A context in which all text is in the user's language: for mails to them."""
    return translation.override(language_of(user))


def in_language_of_reader(request: HttpRequest) -> Any:
    """A context in the language of who sent a request, for answers made outside Wagtail's views.

    LANGUAGE_CODE where nobody is signed in, or the database cannot say who.
    """
    try:
        user = getattr(request, "user", None)
        language = language_of(user) if isinstance(user, User) else settings.LANGUAGE_CODE
    except Error:
        language = settings.LANGUAGE_CODE
    return translation.override(language)
