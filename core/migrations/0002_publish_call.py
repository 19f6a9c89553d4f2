"""Events enter the outbox by one call, so that a module may publish within a call of its own, and leave it by one."""

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

# The oldest deliveries first, looking each key's predecessor up: the work follows the limit, not the length of the queue. The
# settings pin that plan, made anew each time: the queue is empty when a relay starts, and then every index looks as good.
CLAIM = """
CREATE FUNCTION core_claim(p_now timestamptz, p_lease timestamptz, p_limit int)
RETURNS TABLE (delivery_id bigint, event_id uuid, name text, payload jsonb, attempts int)
LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off SET enable_sort = off
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
  WITH due AS MATERIALIZED (
    SELECT d.event_id FROM core_delivery d WHERE d.parked_at IS NULL AND d.due_at <= p_now
      AND d.event_id = (SELECT o.event_id FROM core_delivery o WHERE o.key = d.key AND o.parked_at IS NULL
        ORDER BY o.key, o.event_id LIMIT 1)
    ORDER BY d.event_id LIMIT p_limit FOR UPDATE OF d SKIP LOCKED),
  leased AS (
    UPDATE core_delivery d SET due_at = p_lease, attempts = d.attempts + 1 FROM due WHERE d.event_id = due.event_id
      RETURNING d.event_id, d.attempts)
  SELECT l.event_id, e.event_id, e.name::text, e.payload, l.attempts::int
    FROM leased l JOIN core_eventrecord e ON e.id = l.event_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(PUBLISH, "DROP FUNCTION core_publish(jsonb, text, timestamptz)"),
        migrations.RunSQL(CLAIM, "DROP FUNCTION core_claim(timestamptz, timestamptz, int)"),
    ]
