"""A new password of a page, or of a collection of documents, ends what the old one opened.

Wagtail's session remembers by its row's id which restriction a visitor passed, and so a restriction
gets a new row with its new password.
"""

from typing import Any


def leave_the_row(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Before a restriction is saved with another password: have it saved as a new row."""
    instance.former_pk = None
    if raw or instance.pk is None:
        return
    others = sender.objects.filter(pk=instance.pk).exclude(password=instance.password)
    if others.exists():
        instance.former_pk, instance.pk = instance.pk, None
        instance._state.adding = True


def drop_the_row(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """After it was: the row before goes. Until then both protect."""
    if not raw and instance.former_pk:
        sender.objects.filter(pk=instance.former_pk).delete()
