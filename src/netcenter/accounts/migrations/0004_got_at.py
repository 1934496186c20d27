from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_connected'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='got_at',
            field=models.DateTimeField(null=True),
        ),
    ]
