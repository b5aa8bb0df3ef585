"""A migration operation for the permissions of a renamed model."""

from typing import Any

from django.db.migrations import RunPython

ACTIONS = ("add", "change", "delete", "view")


def rename_permissions(
    app_label: str, model: str, name: str, *, old_model: str, old_name: str
) -> RunPython:
    """Renames the four default permissions of a model that `RenameModel` renamed before.

    Django renames the content type alone. The rows stay, so that users and groups keep what they
    were granted. `model` is in lower case, `name` is the model's verbose name.
    """

    def forwards(apps: Any, schema_editor: Any) -> None:
        rename(apps, schema_editor, app_label, (old_model, model), name)

    def backwards(apps: Any, schema_editor: Any) -> None:
        rename(apps, schema_editor, app_label, (model, old_model), old_name)

    return RunPython(forwards, backwards)


def rename(
    apps: Any, schema_editor: Any, app_label: str, models: tuple[str, str], name: str
) -> None:
    """Renames the permissions of `models[0]` to those of `models[1]`, where there are any."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for action in ACTIONS:
        old, new = (f"{action}_{model}" for model in models)
        of_app = permissions.filter(content_type__app_label=app_label)
        of_app.filter(codename=old).update(codename=new, name=f"Can {action} {name}")
