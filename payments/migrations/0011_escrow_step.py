"""A step of an escrow in one call, and plans of hot functions that do not remember how small a table once was.

See docs/adr/0011-statements-written-once.md and 0012-ledger-pace.md.
"""

from django.db import migrations

# Runs under the caller's rights: it writes nothing that the application could not write statement by statement. The guards
# are where they were: the event's trigger moves the row, the ledger checks its legs, both are compared at commit.
STEP = """
CREATE FUNCTION payments_escrow_step(p_scope text, p_key text, p_hash bytea, p_kind text, p_ref text, p_at timestamptz,
  p_reverses bigint, p_kinds text[], p_owners text[], p_currencies text[], p_amounts bigint[], p_actor text,
  p_step jsonb, OUT txn_id bigint, OUT replayed boolean)
LANGUAGE plpgsql SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE posted bigint; BEGIN
  IF p_scope IS NOT NULL THEN
    SELECT p.txn_id, p.replayed INTO posted, replayed FROM payments_ledger_post(
      p_scope, p_key, p_hash, p_kind, p_ref, p_at, p_reverses, p_kinds, p_owners, p_currencies, p_amounts) p;
  END IF;
  txn_id := posted;
  INSERT INTO payments_escrowevent (escrow_id, seq, from_state, event, actor, to_state, actor_ref, reason, released_minor,
      refunded_minor, fee_minor, fee_vat_minor, disputed_minor, charged_back_minor, txn_id, at)
    SELECT e.escrow_id, e.seq, e.from_state, e.event, e.actor, e.to_state, e.actor_ref, e.reason, coalesce(e.released, 0),
        coalesce(e.refunded, 0), coalesce(e.fee, 0), coalesce(e.fee_vat, 0), coalesce(e.disputed, 0),
        coalesce(e.charged_back, 0), coalesce(e.txn, posted), p_at
      FROM jsonb_to_recordset(p_step -> 'events') AS e(escrow_id uuid, seq int, from_state text, event text, actor text,
        to_state text, actor_ref text, reason text, released bigint, refunded bigint, fee bigint, fee_vat bigint,
        disputed bigint, charged_back bigint, txn bigint);
  IF p_step ? 'moves' THEN
    INSERT INTO payments_escrowlinemove (event_id, escrow_id, line_ref, released_minor, refunded_minor, disputed_minor,
        charged_back_minor)
      SELECT e.id, m.escrow_id, m.line, m.released, m.refunded, m.disputed, m.charged_back
        FROM jsonb_to_recordset(p_step -> 'moves') AS m(escrow_id uuid, seq int, line text, released bigint,
          refunded bigint, disputed bigint, charged_back bigint)
        JOIN payments_escrowevent e ON e.escrow_id = m.escrow_id AND e.seq = m.seq;
  END IF;
  IF p_step ? 'facts' THEN
    UPDATE payments_escrow s SET charge_id = coalesce(f.charge_id, s.charge_id),
        delivered_at = coalesce(f.delivered_at, s.delivered_at), delivery_kind = coalesce(f.delivery_kind, s.delivery_kind)
      FROM jsonb_to_recordset(p_step -> 'facts') AS f(escrow_id uuid, charge_id uuid, delivered_at timestamptz,
        delivery_kind text) WHERE s.id = f.escrow_id;
  END IF;
  IF p_step ? 'clocks' THEN
    INSERT INTO payments_escrowtimer (escrow_id, armed_seq, event, due_at, try_at, attempts, last_error)
      SELECT c.escrow_id, c.seq, c.event, c.due_at, c.due_at, 0, ''
        FROM jsonb_to_recordset(p_step -> 'clocks') AS c(escrow_id uuid, seq int, event text, due_at timestamptz)
      ON CONFLICT (escrow_id, armed_seq, event) DO UPDATE SET due_at = EXCLUDED.due_at, try_at = EXCLUDED.try_at;
  END IF;
  IF p_step ? 'publish' THEN PERFORM core_publish(p_step -> 'publish', p_actor, p_at); END IF;
END $$;
REVOKE ALL ON FUNCTION payments_escrow_step FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_escrow_step TO lonja_app;
"""

# Connections keep plans for as long as they live. A plan made while a table was small reads all of it, and goes on doing so
# until somebody analyses the table; these functions only ever look rows up, so that nested loops by index are always right.
# Batches join their own rows with each other and keep the choice.
SETTINGS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material")
BY_INDEX = {
    "payments_ledger_post": SETTINGS, "payments_ledger_accounts": SETTINGS, "payments_seller_position": SETTINGS,
    "payments_entries_right": SETTINGS, "payments_txns_right": SETTINGS, "payments_escrow_money": SETTINGS,
    "payments_escrow_advance": SETTINGS, "payments_escrow_honest": SETTINGS, "payments_escrow_open": SETTINGS,
    "payments_ledger_post_many": ("enable_seqscan",),
}  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_stripe_and_wallet"), ("core", "0002_publish_call")]

    operations = [
        migrations.RunSQL(STEP, "DROP FUNCTION payments_escrow_step"),
        migrations.RunSQL(
            [f"ALTER FUNCTION {name} SET {setting} = off" for name, some in BY_INDEX.items() for setting in some],
            [f"ALTER FUNCTION {name} RESET {setting}" for name, some in BY_INDEX.items() for setting in some],
        ),
    ]
