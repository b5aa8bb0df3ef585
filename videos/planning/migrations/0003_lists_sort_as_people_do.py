from django.db import migrations

from studio.collation.functions import SortKey


class Migration(migrations.Migration):
    dependencies = [
        ("collation", "0001_functions_of_text"),
        ("planning", "0002_say_that_a_resource_is_there"),
    ]

    operations = [
        migrations.AlterModelOptions(name="expert", options={"ordering": [SortKey("user__first_name"), SortKey("user__last_name"), "user__email"], "verbose_name": "expert", "verbose_name_plural": "experts"}),
        migrations.AlterModelOptions(name="resource", options={"ordering": ["kind", SortKey("name"), "pk"], "verbose_name": "resource", "verbose_name_plural": "resources"}),
        migrations.AlterModelOptions(name="video", options={"ordering": [SortKey("title"), "pk"], "permissions": [("plan_video", "Can plan videos and take them back to ideas"), ("move_video", "Can mark videos as shot and start their editing"), ("cancel_video", "Can cancel videos")], "verbose_name": "video", "verbose_name_plural": "videos"}),
    ]
