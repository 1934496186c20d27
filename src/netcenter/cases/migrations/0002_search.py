"""The full-text index, which each database does in its own way."""

from django.db import migrations

from netcenter.lib.engines import engine


def set_up(apps, schema_editor):
    for statement in engine().SEARCH_SETUP:
        schema_editor.execute(statement)


def tear_down(apps, schema_editor):
    for statement in engine().SEARCH_TEARDOWN:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunPython(set_up, tear_down)]
