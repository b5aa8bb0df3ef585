"""The permissions to see and change moves become those of stage transitions.

A group that was granted one keeps it: the rows stay, under the new name.
"""

from django.db import migrations

from studio.renamed_permissions import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("planning", "0004_name_stage_transitions"),
    ]

    operations = [
        rename_permissions(
            "planning", "stagetransition", "stage transition", old_model="move", old_name="move"
        )
    ]
