"""A model that is renamed keeps its rows and what users and groups were granted on it."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import UserFactory, VideoFactory
from videos.planning.models import Stage
from videos.planning.stages import change_stage

RENAMED = [
    ("planning", "0003_lists_sort_as_people_do", "move", "stagetransition"),
    ("review", "0006_playbacks", "asked", "reviewrequest"),
]


def migrate(app, target=None):
    call_command("migrate", *filter(None, [app, target]), interactive=False, verbosity=0)
    ContentType.objects.clear_cache()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("app", "before", "old", "new"), RENAMED)
def test_groups_and_users_keep_their_grants_when_a_model_is_renamed(app, before, old, new):
    group, user = Group.objects.create(name="Auditors"), UserFactory()
    try:
        migrate(app, before)
        kind = ContentType.objects.get(app_label=app, model=old)
        granted = Permission.objects.get(content_type=kind, codename=f"view_{old}")
        group.permissions.add(granted)
        user.user_permissions.add(granted)
    finally:
        migrate(app)
    user.groups.add(group)
    assert list(group.permissions.values_list("pk", "codename")) == [(granted.pk, f"view_{new}")]
    assert type(user).objects.get(pk=user.pk).has_perm(f"{app}.view_{new}")
    assert not ContentType.objects.filter(app_label=app, model=old).exists()
    assert ContentType.objects.get(app_label=app, model=new).pk == kind.pk
    assert not Permission.objects.filter(codename__endswith=f"_{old}").exists()


@pytest.mark.django_db
def test_the_earlier_release_reads_and_writes_stage_transitions_of_the_new_one(producer):
    """It goes on working while the new one migrates: neither table nor columns have changed."""
    video = VideoFactory()
    change_stage(video.pk, Stage.PLANNED, room="planning", by=producer)
    state = MigrationExecutor(connection).loader.project_state([RENAMED[0][:2]])
    moves = state.apps.get_model("planning", "Move").objects
    assert list(moves.values_list("video", "was", "now")) == [(video.pk, "idea", "planned")]
    row = moves.get()
    row.pk, row.was, row.now = None, "planned", "idea"
    row.save()
    assert list(video.transitions.values_list("from_stage", "to_stage")) == [
        ("idea", "planned"),
        ("planned", "idea"),
    ]
