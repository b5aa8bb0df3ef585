"""A new password of a page or collection ends the access that the old one gave.

Wagtail stores in the session the primary keys of the restrictions that a visitor passed, so a
restriction gets a new row with its new password.
"""

from typing import Any


def insert_as_new_row(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Before a restriction is saved with another password: save it as a new row."""
    instance.former_pk = None
    if raw or instance.pk is None:
        return
    others = sender.objects.filter(pk=instance.pk).exclude(password=instance.password)
    if others.exists():
        instance.former_pk, instance.pk = instance.pk, None
        instance._state.adding = True


def delete_old_row(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """After that: delete the old row. Until then both protect."""
    if not raw and instance.former_pk:
        sender.objects.filter(pk=instance.former_pk).delete()
