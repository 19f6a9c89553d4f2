"""What the database itself guarantees about money: functions, triggers, grants, and the data they stand on.

See docs/adr/0010-ledger-in-the-database.md.
"""

from django.db import migrations

from core.money import CURRENCIES
from payments.escrow.rules import DEFAULT_BASIS_POINTS, DEFAULT_INSPECTION_DAYS
from payments.escrow.states import rules
from payments.ledger.rules import CHART

STRUCTURE = """
ALTER TABLE payments_balance ADD CONSTRAINT balance_account_mode FOREIGN KEY (account_id, mode) REFERENCES payments_account (id, mode);
ALTER TABLE payments_rollup ADD CONSTRAINT rollup_account_mode FOREIGN KEY (account_id, mode) REFERENCES payments_account (id, mode);
ALTER TABLE payments_entry ADD CONSTRAINT entry_txn_xid FOREIGN KEY (txn_id, xid) REFERENCES payments_txn (id, xid);
ALTER TABLE payments_entry ADD CONSTRAINT entry_account_currency FOREIGN KEY (account_id, currency) REFERENCES payments_account (id, currency);
ALTER TABLE payments_escrowevent ADD CONSTRAINT escrow_event_edge FOREIGN KEY (from_state, event, actor, to_state)
  REFERENCES payments_escrowrule (from_state, event, actor, to_state);
ALTER TABLE payments_balance SET (fillfactor = 50);
ALTER TABLE payments_rollup SET (fillfactor = 50);
ALTER TABLE payments_escrow SET (fillfactor = 70);
CREATE VIEW payments_balance_now AS
  SELECT account_id, posted::numeric AS posted, 'sync' AS mode FROM payments_balance
  UNION ALL
  SELECT r.account_id, r.posted + coalesce((SELECT sum(e.amount) FROM payments_entry e
    WHERE e.account_id = r.account_id AND e.seq IS NULL AND e.xid >= r.rolled_xid), 0), 'deferred' FROM payments_rollup r;
"""

# A leg carries the id of the transaction that wrote it and must match its txn's: no leg comes late.
STAMPS = """
CREATE FUNCTION payments_stamp_xid() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN NEW.xid := pg_current_xact_id(); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON payments_txn FOR EACH ROW EXECUTE FUNCTION payments_stamp_xid();
CREATE TRIGGER stamp BEFORE INSERT ON payments_entry FOR EACH ROW EXECUTE FUNCTION payments_stamp_xid();
"""

POSTING = """
CREATE FUNCTION payments_ledger_accounts(p_kinds text[], p_owners text[], p_currencies text[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE ids bigint[]; BEGIN
  INSERT INTO payments_account (kind, owner, currency, shard, mode)
    SELECT k.code, u.owner, u.currency, 0, k.mode FROM unnest(p_kinds, p_owners, p_currencies) u(kind, owner, currency)
      JOIN payments_accountkind k ON k.code = u.kind ORDER BY k.code, u.owner, u.currency ON CONFLICT DO NOTHING;
  INSERT INTO payments_balance (account_id, mode, posted, lo, hi, seq)
    SELECT a.id, 'sync', 0, k.lo, k.hi, 0 FROM unnest(p_kinds, p_owners, p_currencies) u(kind, owner, currency)
      JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0
      JOIN payments_accountkind k ON k.code = a.kind WHERE a.mode = 'sync' ORDER BY a.id ON CONFLICT DO NOTHING;
  INSERT INTO payments_rollup (account_id, mode, posted, rolled_xid)
    SELECT a.id, 'deferred', 0, '0'::xid8 FROM unnest(p_kinds, p_owners, p_currencies) u(kind, owner, currency)
      JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0
      WHERE a.mode = 'deferred' ORDER BY a.id ON CONFLICT DO NOTHING;
  SELECT array_agg(a.id ORDER BY u.ord) INTO ids
    FROM unnest(p_kinds, p_owners, p_currencies) WITH ORDINALITY u(kind, owner, currency, ord)
    LEFT JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0;
  IF array_position(ids, NULL) IS NOT NULL THEN RAISE EXCEPTION 'unknown kind of account' USING ERRCODE = '22023'; END IF;
  RETURN ids; END $$;

CREATE FUNCTION payments_ledger_post(p_scope text, p_key text, p_hash bytea, p_kind text, p_ref text,
  p_effective_at timestamptz, p_reverses bigint, p_kinds text[], p_owners text[], p_currencies text[], p_amounts bigint[],
  OUT txn_id bigint, OUT replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE known bytea; acc bigint[]; BEGIN
  IF cardinality(p_kinds) <> cardinality(p_amounts) OR cardinality(p_owners) <> cardinality(p_amounts)
     OR cardinality(p_currencies) <> cardinality(p_amounts)
    THEN RAISE EXCEPTION 'arrays of equal length' USING ERRCODE = '22023'; END IF;
  INSERT INTO payments_txn (idem_scope, idem_key, request_hash, kind, ref, reverses_id, effective_at, recorded_at)
    VALUES (p_scope, p_key, p_hash, p_kind, p_ref, p_reverses, p_effective_at, clock_timestamp())
    ON CONFLICT (idem_scope, idem_key) DO NOTHING RETURNING id INTO txn_id;
  IF txn_id IS NULL THEN
    SELECT t.id, t.request_hash INTO STRICT txn_id, known FROM payments_txn t
      WHERE t.idem_scope = p_scope AND t.idem_key = p_key;
    IF known <> p_hash THEN
      RAISE EXCEPTION 'idempotency key reused with a different request' USING ERRCODE = 'LG409'; END IF;
    replayed := true; RETURN;
  END IF;
  replayed := false;
  SELECT array_agg(a.id ORDER BY u.ord) INTO acc
    FROM unnest(p_kinds, p_owners, p_currencies) WITH ORDINALITY u(kind, owner, currency, ord)
    LEFT JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0;
  IF array_position(acc, NULL) IS NOT NULL THEN
    acc := payments_ledger_accounts(p_kinds, p_owners, p_currencies); END IF;
  IF cardinality(acc) <> (SELECT count(DISTINCT x) FROM unnest(acc) x)
    THEN RAISE EXCEPTION 'one leg per account' USING ERRCODE = '22023'; END IF;
  PERFORM 1 FROM payments_balance b WHERE b.account_id = ANY (acc) ORDER BY b.account_id FOR NO KEY UPDATE;
  UPDATE payments_balance b SET posted = b.posted + d.amount, seq = b.seq + 1
    FROM unnest(acc, p_amounts) d(account_id, amount) WHERE b.account_id = d.account_id;
  INSERT INTO payments_entry (txn_id, xid, account_id, currency, amount, seq, balance_after)
    SELECT payments_ledger_post.txn_id, pg_current_xact_id(), d.account_id, d.currency, d.amount, b.seq, b.posted
    FROM unnest(acc, p_currencies, p_amounts) d(account_id, currency, amount)
    LEFT JOIN payments_balance b ON b.account_id = d.account_id;
END $$;

CREATE FUNCTION payments_ledger_roll_up(p_account bigint) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE since xid8; until xid8; d numeric; r numeric; BEGIN
  SELECT rolled_xid INTO STRICT since FROM payments_rollup WHERE account_id = p_account FOR NO KEY UPDATE;
  until := pg_snapshot_xmin(pg_current_snapshot());  -- everything below has ended: no late committer
  SELECT coalesce(sum(amount), 0) INTO d FROM payments_entry
    WHERE account_id = p_account AND seq IS NULL AND xid >= since AND xid < until;
  UPDATE payments_rollup SET posted = posted + d, rolled_xid = until WHERE account_id = p_account RETURNING posted INTO r;
  RETURN r; END $$;
"""

# The escrow's columns and the ledger tell one story, checked at commit from both sides.
GUARDS = """
CREATE FUNCTION payments_escrow_expected(s payments_escrow) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN s.state IN ('CREATED', 'CANCELLED', 'RELEASED', 'REFUNDED', 'SETTLED') THEN 0
    ELSE s.amount_minor - s.released_minor - s.refunded_minor END $$;

CREATE FUNCTION payments_txn_balanced() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE n int; bad int; BEGIN
  SELECT coalesce(sum(c), 0), count(*) FILTER (WHERE s <> 0) INTO n, bad
    FROM (SELECT count(*) c, sum(amount) s FROM payments_entry WHERE txn_id = NEW.id GROUP BY currency) q;
  IF n < 2 OR bad > 0 THEN
    RAISE EXCEPTION 'txn % unbalanced (% legs)', NEW.id, n USING ERRCODE = '23514', CONSTRAINT = 'txn_balanced'; END IF;
  IF EXISTS (SELECT 1 FROM payments_entry e JOIN payments_escrow s ON s.account_id = e.account_id
      JOIN payments_balance b ON b.account_id = e.account_id
      WHERE e.txn_id = NEW.id AND -b.posted <> payments_escrow_expected(s)) THEN
    RAISE EXCEPTION 'txn % moves escrow money without its event', NEW.id
      USING ERRCODE = '23514', CONSTRAINT = 'escrow_holds_what_it_says'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER txn_balanced AFTER INSERT ON payments_txn
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_txn_balanced();

CREATE FUNCTION payments_escrow_open() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
  IF NEW.state <> 'CREATED' OR NEW.seq <> 0 OR NEW.released_minor <> 0 OR NEW.refunded_minor <> 0 OR NEW.fee_minor <> 0
    THEN RAISE EXCEPTION 'an escrow starts empty' USING ERRCODE = '23514'; END IF;
  IF NOT EXISTS (SELECT 1 FROM payments_account a WHERE a.id = NEW.account_id AND a.kind = 'ESCROW'
      AND a.owner = NEW.order_id::text AND a.currency = NEW.currency)
    THEN RAISE EXCEPTION 'an escrow has the account of its order' USING ERRCODE = '23514'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER open BEFORE INSERT ON payments_escrow FOR EACH ROW EXECUTE FUNCTION payments_escrow_open();

CREATE FUNCTION payments_escrow_advance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
  UPDATE payments_escrow SET state = NEW.to_state, seq = NEW.seq, released_minor = released_minor + NEW.released_minor,
      refunded_minor = refunded_minor + NEW.refunded_minor, fee_minor = fee_minor + NEW.fee_minor
    WHERE id = NEW.escrow_id AND state = NEW.from_state AND seq = NEW.seq - 1;
  IF NOT FOUND THEN RAISE EXCEPTION 'stale escrow transition' USING ERRCODE = '40001'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER advance BEFORE INSERT ON payments_escrowevent FOR EACH ROW EXECUTE FUNCTION payments_escrow_advance();

CREATE FUNCTION payments_escrow_honest() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM payments_escrow s JOIN payments_balance b ON b.account_id = s.account_id
      WHERE s.id = NEW.escrow_id AND (-b.posted <> payments_escrow_expected(s)
        OR (s.state IN ('RELEASED', 'REFUNDED', 'SETTLED') AND s.released_minor + s.refunded_minor <> s.amount_minor)))
    THEN RAISE EXCEPTION 'escrow % does not hold what its state says', NEW.escrow_id
      USING ERRCODE = '23514', CONSTRAINT = 'escrow_holds_what_it_says'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER honest AFTER INSERT ON payments_escrowevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_escrow_honest();

CREATE FUNCTION payments_escrow_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'escrows are kept' USING ERRCODE = '42501'; END $$;
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON payments_escrow FOR EACH STATEMENT EXECUTE FUNCTION payments_escrow_kept();
"""

GRANTS = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON payments_currency, payments_accountkind, payments_account, payments_balance,
  payments_rollup, payments_txn, payments_entry, payments_escrowrule FROM lonja_app;
REVOKE UPDATE, DELETE, TRUNCATE ON payments_escrow, payments_escrowevent FROM lonja_app;
GRANT UPDATE (charge_id, delivery_kind, delivered_at) ON payments_escrow TO lonja_app;
GRANT SELECT ON payments_balance_now TO lonja_app;
REVOKE ALL ON FUNCTION payments_ledger_accounts, payments_ledger_post, payments_ledger_roll_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_ledger_accounts, payments_ledger_post, payments_ledger_roll_up TO lonja_app;
"""


def seed(apps, schema_editor):
    """Currencies, the chart of accounts, the escrow machine and the default policies, from the code they mirror."""
    execute = schema_editor.connection.cursor().executemany
    execute("INSERT INTO payments_currency (code, exponent) VALUES (%s, %s)", sorted(CURRENCIES.items()))
    execute(
        "INSERT INTO payments_accountkind (code, mode, lo, hi, name) VALUES (%s, %s, %s, %s, %s)",
        [(kind.value, rule.mode, rule.lo, rule.hi, rule.name) for kind, rule in CHART.items()],
    )
    execute("INSERT INTO payments_escrowrule (from_state, event, actor, to_state) VALUES (%s, %s, %s, %s)", rules())
    execute(
        "INSERT INTO payments_inspectionpolicy (delivery_kind, days) VALUES (%s, %s)",
        [(kind.value, days) for kind, days in DEFAULT_INSPECTION_DAYS.items()],
    )
    execute(
        "INSERT INTO payments_commissionplan (category_code, basis_points, fixed_minor, fixed_currency)"
        " VALUES ('', %s, 0, '')",
        [(DEFAULT_BASIS_POINTS,)],
    )
    execute(
        "INSERT INTO payments_payoutpolicy (currency, minimum_minor, schedule) VALUES (%s, %s, 'IMMEDIATE')",
        [(code, 10**exponent) for code, exponent in sorted(CURRENCIES.items())],
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RunSQL(STRUCTURE, migrations.RunSQL.noop),
        migrations.RunSQL(STAMPS, migrations.RunSQL.noop),
        migrations.RunSQL(POSTING, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
