"""A model field with the key of another field, so that keys can be compared in the database."""

from collections.abc import Callable
from typing import Any

from django.db import models


class KeyField(models.CharField):
    """The key of the text field `of`, computed by `key` whenever a row is written.

    That is in `save` and `bulk_create`. `update_fields` must name this field, too, and
    `QuerySet.update` does not compute it.
    """

    def __init__(self, *args: Any, of: str, key: Callable[[str], str], **kwargs: Any) -> None:
        self.of, self.key = of, key
        kwargs = {"max_length": 255, "editable": False, "blank": True, "db_index": True} | kwargs
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of, "key": self.key}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = self.key(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, key)
        return key
