from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_by_blob")]

    operations = [
        migrations.AddField(model_name="draft", name="is_note", field=models.BooleanField(default=False)),
    ]
