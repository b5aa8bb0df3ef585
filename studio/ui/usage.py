"""Wagtail's usage view, which lists references to an object, with fewer queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from wagtail.admin.views.generic import usage
from wagtail.models import Page, ReferenceIndex
from wagtail.models.reference_index import ReferenceGroups

Key = tuple[int, str]  # content type and primary key, as text


class PagedReferences(ReferenceGroups):
    """References, grouped by the object that refers.

    Wagtail's own class loads every object with a query each, even those not on the current page.
    """

    def __getitem__(self, key: slice) -> list[tuple[Model, list[ReferenceIndex]]]:
        names = ("base_content_type", "object_id")
        keys: Sequence[Key] = self.qs.order_by(*names).values_list(*names).distinct()[key]
        by_type: dict[int, list[str]] = defaultdict(list)
        for content_type, pk in keys:
            by_type[content_type].append(pk)
        objects = sources(by_type)
        on_page = Q(pk=None)
        for content_type, pks in by_type.items():
            on_page |= Q(base_content_type=content_type, object_id__in=pks)
        references: dict[Key, list[ReferenceIndex]] = defaultdict(list)
        for reference in self.qs.filter(on_page):
            references[reference.base_content_type_id, reference.object_id].append(reference)
        return [(objects[key], references[key]) for key in keys if key in objects]


def sources(by_type: dict[int, list[str]]) -> dict[Key, Model]:
    """Load objects by content type and primary key, with related objects for their names."""
    found: dict[Key, Model] = {}
    for content_type, pks in by_type.items():
        model: Any = ContentType.objects.get_for_id(content_type).model_class()
        rows = model._base_manager.select_related(*related(model)).in_bulk(
            [model._meta.pk.to_python(pk) for pk in pks]
        )
        found |= {
            (content_type, pk): rows[key]
            for pk in pks
            if (key := model._meta.pk.to_python(pk)) in rows
        }
    return found


def related(model: type[Model]) -> Iterable[str]:
    """Return the foreign keys of a model; none for pages, whose names do not need them."""
    if issubclass(model, Page):
        return []
    return [field.name for field in model._meta.fields if field.is_relation]


class UsageView(usage.UsageView):
    """Lists the references to an object."""

    def get_queryset(self) -> ReferenceGroups:
        return PagedReferences(ReferenceIndex.get_references_to(self.object))
