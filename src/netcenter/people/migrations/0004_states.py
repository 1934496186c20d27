"""When a break is over; and who left without a word keeps the reason they had."""

from django.db import migrations, models


def forget_gone(apps, schema_editor):
    """Until now the reason said "gone", and the one before was lost."""
    apps.get_model("people", "Desk").objects.filter(reason="gone").update(reason="")


class Migration(migrations.Migration):
    dependencies = [("people", "0003_letters")]

    operations = [
        migrations.AddField("desk", "break_until", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "desk", models.Index(fields=["wrap_up_until"], name="wrap_ups", condition=models.Q(state="wrap_up"))
        ),
        migrations.RunPython(forget_gone, migrations.RunPython.noop),
    ]
