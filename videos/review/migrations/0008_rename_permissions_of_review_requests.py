"""The default permissions of `Asked` become those of `ReviewRequest`.

A group that was granted one keeps it: the rows stay, under the new name.
"""

from django.db import migrations

from studio.renamed_permissions import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("review", "0007_name_review_requests"),
    ]

    operations = [
        rename_permissions(
            "review",
            "reviewrequest",
            "review request",
            old_model="asked",
            old_name="request for a word",
        )
    ]
