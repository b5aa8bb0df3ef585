"""What a form can run against is told in a sentence, never by the name of a constraint."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.forms.models import BaseModelForm
from django.urls import get_resolver
from wagtail import hooks

OURS = ("studio.", "videos.", "budgets.")


def forms_of_ours() -> list[Any]:
    """Every form of a model of ours: those of viewsets, and those that modules define."""
    assert get_resolver().url_patterns  # imports every view, and with it its forms
    for register in hooks.get_hooks("register_admin_viewset"):
        found = register()
        for viewset in found if isinstance(found, list | tuple) else [found]:
            if hasattr(viewset, "get_form_class"):
                viewset.get_form_class()
                viewset.get_form_class(for_update=True)
    return [form for form in subclasses(BaseModelForm) if getattr(form, "_meta", None)]


def subclasses(form: type) -> Iterator[Any]:
    """The classes below one, at any depth."""
    for below in form.__subclasses__():
        yield below
        yield from subclasses(below)


def columns(model: type[models.Model], constraint: Any) -> set[str]:
    """The fields a constraint looks at: it is asked where a form has all of them."""
    condition = getattr(constraint, "condition", None)
    found = set(getattr(constraint, "fields", ()))
    return found | {name for name, *_ in model._get_expr_references(condition or models.Q())}  # type: ignore[attr-defined]


def test_a_constraint_that_a_form_can_run_against_says_what_is_wrong():
    forms = forms_of_ours()
    checked, silent = set(), set()
    for model in apps.get_models():
        if not model.__module__.startswith(OURS):
            continue
        for constraint in model._meta.constraints:
            asked = {
                form.__name__
                for form in forms
                if form._meta.model
                and issubclass(model, form._meta.model)
                and columns(model, constraint) <= set(form.base_fields)
            }
            if asked:
                checked.add(constraint.name)
            if (
                asked
                and constraint.violation_error_message
                == type(constraint).default_violation_error_message
            ):
                silent.add(constraint.name)
    assert silent == set()
    assert {"budgets_line_name", "budgets_period_ends_after_start", "rates_rate_once"} <= checked
