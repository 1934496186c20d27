import django.db.models.deletion
from django.db import migrations, models


def give_each_brand_its_own(apps, schema_editor):
    """Until now every brand's people read one text: each brand that the customer wrote to keeps it."""
    About, Case = apps.get_model("cases", "About"), apps.get_model("cases", "Case")
    noted = Case.objects.exclude(customer__about="").order_by("customer_id", "brand_id")
    rows = noted.values_list("customer_id", "brand_id", "customer__about").distinct()
    About.objects.bulk_create([About(customer_id=c, brand_id=b, text=text) for c, b, text in rows], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("cases", "0004_ledger_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="About",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("brand", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="accounts.brand")),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="abouts", to="cases.customer")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("customer", "brand"), name="one_about_per_brand")],
            },
        ),
        migrations.RunPython(give_each_brand_its_own, migrations.RunPython.noop),
    ]
