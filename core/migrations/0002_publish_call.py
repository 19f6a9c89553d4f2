"""Events enter the outbox by one call, so that a module may publish within a database call of its own."""

from django.db import migrations

PUBLISH = """
CREATE FUNCTION core_publish(p_events jsonb, p_actor text, p_at timestamptz) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
  WITH logged AS (
    INSERT INTO core_eventrecord (event_id, name, key, payload, occurred_at, actor)
      SELECT (e ->> 'id')::uuid, e ->> 'name', e ->> 'key', e -> 'payload', p_at, p_actor
        FROM jsonb_array_elements(p_events) WITH ORDINALITY AS t(e, n) ORDER BY n
      RETURNING id, key)
  INSERT INTO core_delivery (event_id, key, attempts, due_at, last_error) SELECT id, key, 0, p_at, '' FROM logged $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunSQL(PUBLISH, "DROP FUNCTION core_publish(jsonb, text, timestamptz)")]
