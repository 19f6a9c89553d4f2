"""The ledger at pace: one check for each statement that writes legs, batches in one call, fewer indexes.

What was a foreign key and a stamp for each leg is one query for each statement. The promises stay the same or grow:
a transaction has legs and balances at the end of the statement that writes it (not only at commit), legs cannot come in
another database transaction, every leg's account exists in its currency and mode.
See docs/adr/0010-ledger-in-the-database.md and 0012-ledger-pace.md.
"""

import core.database
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

LOOSEN = """
ALTER TABLE payments_entry DROP CONSTRAINT entry_txn_xid, DROP CONSTRAINT entry_account_currency;
DROP TRIGGER stamp ON payments_txn;
DROP TRIGGER stamp ON payments_entry;
DROP TRIGGER txn_balanced ON payments_txn;
DROP FUNCTION payments_txn_balanced();
ALTER TABLE payments_entry DROP CONSTRAINT payments_entry_pkey;
ALTER TABLE payments_entry ADD CONSTRAINT payments_entry_pkey PRIMARY KEY (txn_id, id);
CREATE TRIGGER stamp BEFORE INSERT ON payments_escrowevent FOR EACH ROW EXECUTE FUNCTION payments_stamp_xid();
"""

ESCROWED = "UPDATE payments_balance b SET escrowed = true FROM payments_account a WHERE a.id = b.account_id AND a.kind = 'ESCROW';"

CHECKS = """
CREATE FUNCTION payments_entries_right() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE wrong bigint; BEGIN
  SELECT f.txn_id INTO wrong FROM fresh f
    LEFT JOIN payments_txn t ON t.id = f.txn_id LEFT JOIN payments_account a ON a.id = f.account_id
    GROUP BY f.txn_id, f.currency
    HAVING sum(f.amount) <> 0 OR count(*) <> count(DISTINCT f.account_id) OR NOT bool_and(coalesce(
      t.xid = pg_current_xact_id() AND f.xid = t.xid AND a.currency = f.currency
      AND (a.mode = 'sync') = (f.seq IS NOT NULL) AND (f.seq IS NULL) = (f.balance_after IS NULL), false)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'txn % unbalanced, late, or with a leg where none may be', wrong
      USING ERRCODE = '23514', CONSTRAINT = 'txn_balanced'; END IF;
  RETURN NULL; END $$;
CREATE TRIGGER legs_right AFTER INSERT ON payments_entry REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION payments_entries_right();

CREATE FUNCTION payments_txns_right() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE wrong bigint; BEGIN
  SELECT f.id INTO wrong FROM fresh f WHERE f.xid <> pg_current_xact_id()
    OR NOT EXISTS (SELECT 1 FROM payments_entry e WHERE e.txn_id = f.id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'txn % unbalanced (no legs), or of another transaction', wrong
      USING ERRCODE = '23514', CONSTRAINT = 'txn_balanced'; END IF;
  RETURN NULL; END $$;
CREATE TRIGGER has_legs AFTER INSERT ON payments_txn REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION payments_txns_right();

CREATE FUNCTION payments_escrow_money() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM payments_escrow s JOIN payments_balance b ON b.account_id = s.account_id
      WHERE s.account_id = NEW.account_id AND -b.posted <> payments_escrow_expected(s)) THEN
    RAISE EXCEPTION 'account % moves escrow money without its event', NEW.account_id
      USING ERRCODE = '23514', CONSTRAINT = 'escrow_holds_what_it_says'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER escrow_money AFTER UPDATE ON payments_balance
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.escrowed) EXECUTE FUNCTION payments_escrow_money();
"""

POSTING = """
CREATE OR REPLACE FUNCTION payments_ledger_accounts(p_kinds text[], p_owners text[], p_currencies text[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids bigint[]; BEGIN
  INSERT INTO payments_account (kind, owner, currency, shard, mode)
    SELECT DISTINCT k.code, u.owner, u.currency, 0, k.mode
      FROM unnest(p_kinds, p_owners, p_currencies) u(kind, owner, currency)
      JOIN payments_accountkind k ON k.code = u.kind
      WHERE NOT EXISTS (SELECT 1 FROM payments_account a
        WHERE a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0)
      ORDER BY k.code, u.owner, u.currency ON CONFLICT DO NOTHING;
  INSERT INTO payments_balance (account_id, mode, posted, lo, hi, seq, escrowed)
    SELECT DISTINCT a.id, 'sync', 0, k.lo, k.hi, 0, k.code = 'ESCROW'
      FROM unnest(p_kinds, p_owners, p_currencies) u(kind, owner, currency)
      JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0
      JOIN payments_accountkind k ON k.code = a.kind WHERE a.mode = 'sync'
      ORDER BY a.id ON CONFLICT DO NOTHING;
  INSERT INTO payments_rollup (account_id, mode, posted, rolled_xid)
    SELECT DISTINCT a.id, 'deferred', 0, '0'::xid8
      FROM unnest(p_kinds, p_owners, p_currencies) u(kind, owner, currency)
      JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0
      WHERE a.mode = 'deferred' ORDER BY a.id ON CONFLICT DO NOTHING;
  SELECT array_agg(a.id ORDER BY u.ord) INTO ids
    FROM unnest(p_kinds, p_owners, p_currencies) WITH ORDINALITY u(kind, owner, currency, ord)
    LEFT JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0;
  IF array_position(ids, NULL) IS NOT NULL THEN RAISE EXCEPTION 'unknown kind of account' USING ERRCODE = '22023'; END IF;
  RETURN ids; END $$;

CREATE OR REPLACE FUNCTION payments_ledger_post(p_scope text, p_key text, p_hash bytea, p_kind text, p_ref text,
  p_effective_at timestamptz, p_reverses bigint, p_kinds text[], p_owners text[], p_currencies text[], p_amounts bigint[],
  OUT txn_id bigint, OUT replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE known bytea; acc bigint[]; BEGIN
  IF cardinality(p_kinds) <> cardinality(p_amounts) OR cardinality(p_owners) <> cardinality(p_amounts)
     OR cardinality(p_currencies) <> cardinality(p_amounts)
    THEN RAISE EXCEPTION 'arrays of equal length' USING ERRCODE = '22023'; END IF;
  SELECT array_agg(a.id ORDER BY u.ord) INTO acc
    FROM unnest(p_kinds, p_owners, p_currencies) WITH ORDINALITY u(kind, owner, currency, ord)
    LEFT JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0;
  IF array_position(acc, NULL) IS NOT NULL THEN
    acc := payments_ledger_accounts(p_kinds, p_owners, p_currencies); END IF;
  PERFORM 1 FROM payments_balance b WHERE b.account_id = ANY (acc) ORDER BY b.account_id FOR NO KEY UPDATE;
  WITH t AS (
    INSERT INTO payments_txn (idem_scope, idem_key, request_hash, kind, ref, reverses_id, effective_at, recorded_at)
      VALUES (p_scope, p_key, p_hash, p_kind, p_ref, p_reverses, p_effective_at, clock_timestamp())
      ON CONFLICT (idem_scope, idem_key) DO NOTHING RETURNING id),
  moved AS (
    UPDATE payments_balance b SET posted = b.posted + d.amount, seq = b.seq + 1
      FROM t, unnest(acc, p_amounts) d(account_id, amount) WHERE b.account_id = d.account_id
      RETURNING b.account_id, b.posted, b.seq),
  written AS (
    INSERT INTO payments_entry (txn_id, account_id, currency, amount, seq, balance_after)
      SELECT t.id, d.account_id, d.currency, d.amount, m.seq, m.posted
        FROM t, unnest(acc, p_currencies, p_amounts) d(account_id, currency, amount)
        LEFT JOIN moved m ON m.account_id = d.account_id)
  SELECT t.id INTO txn_id FROM t;
  replayed := txn_id IS NULL;
  IF replayed THEN
    SELECT t.id, t.request_hash INTO STRICT txn_id, known FROM payments_txn t
      WHERE t.idem_scope = p_scope AND t.idem_key = p_key;
    IF known <> p_hash THEN
      RAISE EXCEPTION 'idempotency key reused with a different request' USING ERRCODE = 'LG409'; END IF;
  END IF;
END $$;

CREATE FUNCTION payments_ledger_post_many(p_scopes text[], p_keys text[], p_hashes bytea[], p_kinds text[], p_refs text[],
  p_effective_at timestamptz, p_reverses bigint[], p_items int[], p_leg_kinds text[], p_owners text[],
  p_currencies text[], p_amounts bigint[])
RETURNS TABLE (txn_id bigint, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE known bigint[]; outcomes text[]; firsts bigint[]; ids bigint[]; acc bigint[]; wanted int; made int; refused int;
BEGIN
  IF cardinality(p_items) <> cardinality(p_amounts) OR cardinality(p_leg_kinds) <> cardinality(p_amounts)
     OR cardinality(p_owners) <> cardinality(p_amounts) OR cardinality(p_currencies) <> cardinality(p_amounts)
     OR cardinality(p_scopes) <> cardinality(p_keys) OR cardinality(p_hashes) <> cardinality(p_keys)
     OR cardinality(p_kinds) <> cardinality(p_keys) OR cardinality(p_refs) <> cardinality(p_keys)
     OR cardinality(p_reverses) <> cardinality(p_keys) OR cardinality(p_keys) > 1000
    THEN RAISE EXCEPTION 'arrays of equal length, at most 1000 items' USING ERRCODE = '22023'; END IF;
  -- What is known already, here or earlier in this batch, is replayed or in conflict; the rest is posted.
  SELECT array_agg(t.id ORDER BY i.ord), array_agg(i.head ORDER BY i.ord), array_agg(CASE
      WHEN t.id IS NULL AND i.head = i.ord THEN 'POSTED'
      WHEN coalesce(t.request_hash, p_hashes[i.head]) = i.hash THEN 'REPLAYED' ELSE 'CONFLICT' END ORDER BY i.ord)
    INTO known, firsts, outcomes
    FROM (SELECT ord, scope, key, hash, min(ord) OVER (PARTITION BY scope, key) AS head
          FROM unnest(p_scopes, p_keys, p_hashes) WITH ORDINALITY u(scope, key, hash, ord)) i
    LEFT JOIN payments_txn t ON t.idem_scope = i.scope AND t.idem_key = i.key;
  SELECT array_agg(CASE o WHEN 'POSTED' THEN nextval('payments_txn_id_seq') END ORDER BY n),
      count(*) FILTER (WHERE o = 'POSTED') INTO ids, wanted
    FROM unnest(outcomes) WITH ORDINALITY u(o, n);
  IF wanted > 0 THEN
    SELECT array_agg(a.id ORDER BY u.ord) INTO acc
      FROM unnest(p_leg_kinds, p_owners, p_currencies) WITH ORDINALITY u(kind, owner, currency, ord)
      LEFT JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0;
    IF array_position(acc, NULL) IS NOT NULL THEN
      acc := payments_ledger_accounts(p_leg_kinds, p_owners, p_currencies); END IF;
    PERFORM 1 FROM payments_balance b WHERE b.account_id = ANY (acc) ORDER BY b.account_id FOR NO KEY UPDATE;
    -- The bounds hold after every item, not only after the last.
    SELECT r.item INTO refused FROM (
        SELECT l.item, l.account_id, sum(l.amount) OVER (PARTITION BY l.account_id ORDER BY l.item) AS running
          FROM unnest(acc, p_items, p_amounts) l(account_id, item, amount) WHERE ids[l.item] IS NOT NULL) r
      JOIN payments_balance b ON b.account_id = r.account_id
      WHERE b.posted + r.running < b.lo OR b.posted + r.running > b.hi ORDER BY r.item LIMIT 1;
    IF FOUND THEN RAISE EXCEPTION 'item % passes a bound', refused
      USING ERRCODE = '23514', CONSTRAINT = 'balance_in_bounds', DETAIL = 'item ' || refused; END IF;
    WITH t AS (
      INSERT INTO payments_txn (id, idem_scope, idem_key, request_hash, kind, ref, reverses_id, effective_at, recorded_at)
        SELECT ids[i.ord], i.scope, i.key, i.hash, i.kind, i.ref, i.reverses, p_effective_at, clock_timestamp()
          FROM unnest(p_scopes, p_keys, p_hashes, p_kinds, p_refs, p_reverses)
            WITH ORDINALITY i(scope, key, hash, kind, ref, reverses, ord)
          WHERE ids[i.ord] IS NOT NULL ORDER BY i.scope, i.key
        ON CONFLICT (idem_scope, idem_key) DO NOTHING RETURNING id),
    legs AS (
      SELECT ids[l.item] AS txn_id, l.item, l.account_id, l.currency, l.amount,
          row_number() OVER (PARTITION BY l.account_id ORDER BY l.item) AS n,
          (sum(l.amount) OVER (PARTITION BY l.account_id ORDER BY l.item))::bigint AS running
        FROM unnest(acc, p_items, p_currencies, p_amounts) l(account_id, item, currency, amount)
        WHERE ids[l.item] IS NOT NULL),
    moved AS (
      UPDATE payments_balance b SET posted = b.posted + s.total, seq = b.seq + s.n
        FROM (SELECT account_id, sum(amount)::bigint AS total, count(*) AS n FROM legs GROUP BY account_id) s
        WHERE b.account_id = s.account_id
        RETURNING b.account_id, b.posted - s.total AS posted, b.seq - s.n AS seq),
    written AS (
      INSERT INTO payments_entry (txn_id, account_id, currency, amount, seq, balance_after)
        SELECT l.txn_id, l.account_id, l.currency, l.amount, m.seq + l.n, m.posted + l.running
          FROM legs l JOIN t ON t.id = l.txn_id LEFT JOIN moved m ON m.account_id = l.account_id ORDER BY l.item)
    SELECT count(*) INTO made FROM t;
    IF made <> wanted THEN RAISE EXCEPTION 'a key of this batch was posted meanwhile' USING ERRCODE = '40001'; END IF;
  END IF;
  RETURN QUERY SELECT coalesce(u.id, ids[u.head]), u.what
    FROM unnest(known, firsts, outcomes) WITH ORDINALITY u(id, head, what, ord) ORDER BY u.ord;
END $$;
REVOKE ALL ON FUNCTION payments_ledger_post_many FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_ledger_post_many TO lonja_app;
"""

class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0002_ledger_core'),
    ]

    operations = [
        migrations.RunSQL(LOOSEN, migrations.RunSQL.noop),
        migrations.AlterModelOptions(
            name='entry',
            options={'ordering': ('-txn', '-id'), 'verbose_name_plural': 'entries'},
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_currency',
        ),
        migrations.RemoveConstraint(
            model_name='txn',
            name='txn_xid',
        ),
        migrations.RemoveIndex(
            model_name='entry',
            name='entry_account',
        ),
        migrations.AddField(
            model_name='balance',
            name='escrowed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='escrowevent',
            name='xid',
            field=core.database.TransactionId(db_default=core.database.CurrentTransactionId(), editable=False),
        ),
        migrations.AlterField(
            model_name='entry',
            name='txn',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.txn'),
        ),
        migrations.AlterField(
            model_name='txn',
            name='reverses',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='payments.txn'),
        ),
        migrations.AddIndex(
            model_name='escrowevent',
            index=models.Index(fields=['xid', 'id'], name='escrow_event_commit_order'),
        ),
        migrations.AddIndex(
            model_name='txn',
            index=models.Index(fields=['xid', 'id'], name='txn_commit_order'),
        ),
        migrations.AddIndex(
            model_name='txn',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['effective_at'], name='txn_effective', pages_per_range=32),
        ),
        migrations.AddConstraint(
            model_name='txn',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='one_reversal'),
        ),
        migrations.RunSQL(ESCROWED, migrations.RunSQL.noop),
        migrations.RunSQL(CHECKS, migrations.RunSQL.noop),
        migrations.RunSQL(POSTING, migrations.RunSQL.noop),
    ]
