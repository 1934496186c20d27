from django.db import migrations


class Migration(migrations.Migration):
    """On its own: PostgreSQL changes no table in the transaction that has written rows which point to it."""

    dependencies = [("cases", "0005_about")]

    operations = [migrations.RemoveField(model_name="customer", name="about")]
