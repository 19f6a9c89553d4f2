"""The change feed's triggers and the shipped category tree."""

from django.db import migrations

from marketplace.catalog.taxonomy import TAXONOMY

NOTE = """
CREATE FUNCTION marketplace_note_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO marketplace_listingchange (listing_id, at)
    VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.{column} ELSE NEW.{column} END, now());
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER feed_insert AFTER INSERT ON marketplace_listing FOR EACH ROW EXECUTE FUNCTION marketplace_note_listing();
CREATE TRIGGER feed_update AFTER UPDATE ON marketplace_listing FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION marketplace_note_listing();
CREATE TRIGGER feed_photo AFTER INSERT OR UPDATE OR DELETE ON marketplace_listingphoto FOR EACH ROW
    EXECUTE FUNCTION marketplace_note_child();
CREATE TRIGGER feed_signals AFTER UPDATE ON marketplace_signals FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION marketplace_note_child();
-- Only availability is searched, not every single piece: the feed hears of stock when it runs out or comes back.
CREATE TRIGGER feed_stock AFTER UPDATE ON marketplace_stock FOR EACH ROW
    WHEN ((OLD.on_hand > OLD.reserved) IS DISTINCT FROM (NEW.on_hand > NEW.reserved))
    EXECUTE FUNCTION marketplace_note_child();
"""


def seed_categories(apps, schema_editor):
    Category = apps.get_model("marketplace", "Category")
    position = 0
    for department in TAXONOMY:
        position += 1
        parent = Category.objects.create(
            code=department.code, name_en=department.en, name_es=department.es, google_path=department.google_path,
            position=position,
        )
        for child in department.children:
            position += 1
            Category.objects.create(
                code=child.code, parent=parent, name_en=child.en, name_es=child.es, google_path=child.google_path,
                position=position,
                attributes=[
                    {"code": a.code, "en": a.en, "es": a.es, "kind": a.kind, "choices": list(a.choices),
                     "unit": a.unit, "required": a.required}
                    for a in child.attributes
                ],
            )


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0001_initial")]
    operations = [
        migrations.RunSQL(
            NOTE.format(name="listing", column="id")
            + NOTE.format(name="child", column="listing_id")
            + """
CREATE FUNCTION marketplace_note_shop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO marketplace_listingchange (listing_id, at)
    SELECT id, now() FROM marketplace_listing WHERE seller_id = NEW.organisation_id AND state = 'PUBLISHED';
    RETURN NULL;
END $$;
CREATE FUNCTION marketplace_note_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO marketplace_listingchange (listing_id, at)
    SELECT id, now() FROM marketplace_listing WHERE seller_id = NEW.seller_id AND state = 'PUBLISHED';
    RETURN NULL;
END $$;
CREATE TRIGGER feed_shop AFTER UPDATE ON marketplace_seller FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.opened_at IS DISTINCT FROM NEW.opened_at
          OR OLD.name IS DISTINCT FROM NEW.name OR OLD.slug IS DISTINCT FROM NEW.slug)
    EXECUTE FUNCTION marketplace_note_shop();
CREATE TRIGGER feed_standing AFTER UPDATE ON marketplace_standing FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION marketplace_note_standing();
"""
            + TRIGGERS,
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunPython(seed_categories, migrations.RunPython.noop),
    ]
