"""PostgreSQL's functions of text; SQLite gets them with each connection."""

from django.db import migrations

# As `fold.py` says it to Python. Plain text needs no more than small letters. Nothing here depends
# on the locale of the database, and no function on another, so that a dump can be restored.
FOLD = """
    CASE WHEN octet_length($1) = length($1) THEN lower($1 COLLATE "C")
    ELSE normalize(regexp_replace(translate(replace(replace(replace(replace(
        lower(normalize($1, NFKD) COLLATE "und-x-icu") COLLATE "C",
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'øłđðıħŧŋς', 'olddihtnσ'), '[\\u0300-\\u036f]+', '', 'g'), NFKC) END
"""
# Every number gets twenty zeros before it, and keeps the last twenty digits of that
PADDED = f"""
    CASE WHEN octet_length($1) = length($1) AND $1 !~ '[0-9]' THEN lower($1 COLLATE "C")
    ELSE regexp_replace(regexp_replace(({FOLD}),
        '[0-9]+', '00000000000000000000\\&', 'g'), '[0-9]*([0-9]{{20}})', '\\1', 'g') END
"""
FUNCTIONS = {"studio_fold": FOLD, "studio_sort_key": PADDED}


def make(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, body in FUNCTIONS.items():
        schema_editor.execute(
            f"CREATE OR REPLACE FUNCTION {name}(text) RETURNS text"
            f" LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$ SELECT {body} $body$",
            params=None,
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in FUNCTIONS:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}(text)", params=None)


class Migration(migrations.Migration):
    dependencies = []

    operations = [migrations.RunPython(make, drop)]
