"""What the database guarantees about parts of an escrow, frozen money, refunds and sellers' balances.

See docs/adr/0010-ledger-in-the-database.md.
"""

from django.db import migrations

from payments.escrow.rules import DEFAULT_CLOCK_DAYS
from payments.escrow.states import rules
from payments.ledger.rules import CHART, AccountCode

# The escrow's account holds what is neither released, refunded nor frozen; frozen money lies on its two hold accounts.
GUARDS = """
CREATE OR REPLACE FUNCTION payments_escrow_expected(s payments_escrow) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN s.state IN ('CREATED', 'CANCELLED', 'RELEASED', 'REFUNDED', 'SETTLED') THEN 0
    ELSE s.amount_minor - s.released_minor - s.refunded_minor - s.disputed_minor - s.charged_back_minor END $$;

CREATE FUNCTION payments_escrow_frozen_honest(s payments_escrow) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT s.disputed_minor = coalesce((SELECT -b.posted FROM payments_account a JOIN payments_balance b
      ON b.account_id = a.id WHERE a.kind = 'DISPUTE_HOLD' AND a.owner = s.order_id::text AND a.currency = s.currency
      AND a.shard = 0), 0)
    AND s.charged_back_minor = coalesce((SELECT -b.posted FROM payments_account a JOIN payments_balance b
      ON b.account_id = a.id WHERE a.kind = 'DISPUTE_HOLD' AND a.owner = 'chargeback:' || s.order_id
      AND a.currency = s.currency AND a.shard = 0), 0) $$;

CREATE OR REPLACE FUNCTION payments_escrow_advance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
  UPDATE payments_escrow SET state = NEW.to_state, seq = NEW.seq, released_minor = released_minor + NEW.released_minor,
      refunded_minor = refunded_minor + NEW.refunded_minor, fee_minor = fee_minor + NEW.fee_minor,
      fee_vat_minor = fee_vat_minor + NEW.fee_vat_minor, disputed_minor = disputed_minor + NEW.disputed_minor,
      charged_back_minor = charged_back_minor + NEW.charged_back_minor
    WHERE id = NEW.escrow_id AND state = NEW.from_state AND seq = NEW.seq - 1;
  IF NOT FOUND THEN RAISE EXCEPTION 'stale escrow transition' USING ERRCODE = '40001'; END IF;
  RETURN NEW; END $$;

CREATE OR REPLACE FUNCTION payments_escrow_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
  IF NEW.state <> 'CREATED' OR NEW.seq <> 0 OR NEW.released_minor <> 0 OR NEW.refunded_minor <> 0 OR NEW.fee_minor <> 0
      OR NEW.fee_vat_minor <> 0 OR NEW.disputed_minor <> 0 OR NEW.charged_back_minor <> 0
    THEN RAISE EXCEPTION 'an escrow starts empty' USING ERRCODE = '23514'; END IF;
  IF NOT EXISTS (SELECT 1 FROM payments_account a WHERE a.id = NEW.account_id AND a.kind = 'ESCROW'
      AND a.owner = NEW.order_id::text AND a.currency = NEW.currency)
    THEN RAISE EXCEPTION 'an escrow has the account of its order' USING ERRCODE = '23514'; END IF;
  IF jsonb_array_length(NEW.lines) > 0 AND
      (SELECT sum((l ->> 'amount')::bigint) <> NEW.amount_minor OR sum((l ->> 'fee')::bigint) <> NEW.fee_quoted_minor
         OR sum((l ->> 'vat')::bigint) <> NEW.fee_vat_quoted_minor FROM jsonb_array_elements(NEW.lines) l)
    THEN RAISE EXCEPTION 'the lines of an escrow are its amount and fee' USING ERRCODE = '23514'; END IF;
  RETURN NEW; END $$;

CREATE OR REPLACE FUNCTION payments_escrow_honest() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM payments_escrow s JOIN payments_balance b ON b.account_id = s.account_id
      WHERE s.id = NEW.escrow_id AND (-b.posted <> payments_escrow_expected(s)
        OR (s.state IN ('RELEASED', 'REFUNDED', 'SETTLED') AND s.released_minor + s.refunded_minor <> s.amount_minor)
        OR ((s.disputed_minor <> 0 OR s.charged_back_minor <> 0) AND s.state <> 'DISPUTED')
        OR ((NEW.from_state = 'DISPUTED' OR NEW.to_state = 'DISPUTED') AND NOT payments_escrow_frozen_honest(s))))
    THEN RAISE EXCEPTION 'escrow % does not hold what its state says', NEW.escrow_id
      USING ERRCODE = '23514', CONSTRAINT = 'escrow_holds_what_it_says'; END IF;
  RETURN NULL; END $$;
"""

# Lines: told for every step but the one that ends all of the order in one way, and then they are the whole step.
LINES = """
CREATE FUNCTION payments_line_moves_fit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM payments_escrowevent e JOIN (SELECT event_id, sum(released_minor) r, sum(refunded_minor) f,
        sum(disputed_minor) d, sum(charged_back_minor) c FROM payments_escrowlinemove WHERE event_id = NEW.event_id
        GROUP BY 1) m ON m.event_id = e.id
      WHERE (e.released_minor, e.refunded_minor, e.disputed_minor, e.charged_back_minor) <> (m.r, m.f, m.d, m.c)
        OR e.escrow_id <> NEW.escrow_id)
    OR EXISTS (SELECT 1 FROM payments_escrowlinemove m JOIN payments_escrow s ON s.id = m.escrow_id
      WHERE m.escrow_id = NEW.escrow_id AND m.line_ref = NEW.line_ref GROUP BY s.id
      HAVING sum(m.released_minor) < 0 OR sum(m.refunded_minor) < 0 OR sum(m.disputed_minor) < 0
        OR sum(m.charged_back_minor) < 0
        OR sum(m.released_minor + m.refunded_minor + m.disputed_minor + m.charged_back_minor) > coalesce(
          (SELECT (l ->> 'amount')::bigint FROM jsonb_array_elements(s.lines) l WHERE l ->> 'ref' = NEW.line_ref),
          s.amount_minor))
    THEN RAISE EXCEPTION 'line % moves more than it has', NEW.line_ref
      USING ERRCODE = '23514', CONSTRAINT = 'line_moves_fit'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER moves_fit AFTER INSERT ON payments_escrowlinemove
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_line_moves_fit();
"""

# Whatever the code forgets: an order never gives back more than was paid for it (a lost chargeback is a refund, too).
REFUNDS = """
CREATE FUNCTION payments_refund_within_paid() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.order_id IS NOT NULL AND EXISTS (SELECT 1 FROM payments_escrow s WHERE s.order_id = NEW.order_id
      AND s.amount_minor < (SELECT coalesce(sum(r.amount_minor), 0) FROM payments_refund r WHERE r.order_id = s.order_id))
    THEN RAISE EXCEPTION 'order % gives back more than was paid', NEW.order_id
      USING ERRCODE = '23514', CONSTRAINT = 'refund_within_paid'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER within_paid AFTER INSERT ON payments_refund
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_refund_within_paid();
UPDATE payments_refund SET state = 'DONE' WHERE state = 'REFUNDED';
UPDATE payments_refund SET from_escrow_minor = amount_minor WHERE order_id IS NOT NULL;
"""

# Credits and claims of one seller come one by one: the payable balance is the lock, the rest is read behind it.
SELLERS = """
CREATE FUNCTION payments_seller_position(p_owner text, p_currency text, OUT payable bigint, OUT reserve bigint,
  OUT debt bigint, OUT basis_points int, OUT days int, OUT debt_limit bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
  PERFORM 1 FROM payments_balance b JOIN payments_account a ON a.id = b.account_id
    WHERE a.kind = 'SELLER_PAYABLE' AND a.owner = p_owner AND a.currency = p_currency AND a.shard = 0
    FOR NO KEY UPDATE OF b;
  SELECT coalesce(-sum(b.posted) FILTER (WHERE a.kind = 'SELLER_PAYABLE'), 0),
      coalesce(-sum(b.posted) FILTER (WHERE a.kind = 'SELLER_RESERVE'), 0),
      coalesce(sum(b.posted) FILTER (WHERE a.kind = 'SELLER_DEBT'), 0)
    INTO payable, reserve, debt
    FROM payments_account a JOIN payments_balance b ON b.account_id = a.id
    WHERE a.kind IN ('SELLER_PAYABLE', 'SELLER_RESERVE', 'SELLER_DEBT') AND a.owner = p_owner
      AND a.currency = p_currency AND a.shard = 0;
  SELECT p.basis_points, p.days, p.debt_limit_minor INTO basis_points, days, debt_limit FROM payments_reservepolicy p
    WHERE p.currency IN ('', p_currency) AND (p.seller_id IS NULL OR p.seller_id::text = p_owner)
    ORDER BY p.seller_id NULLS LAST, p.currency DESC LIMIT 1;
END $$;
REVOKE ALL ON FUNCTION payments_seller_position FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_seller_position TO lonja_app;
"""


def seed(apps, schema_editor):
    """New accounts, the edges of parts, the other clocks; a fresh database has some of them from 0002 already."""
    execute = schema_editor.connection.cursor().executemany
    execute(
        "INSERT INTO payments_accountkind (code, mode, lo, hi, name) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            (kind.value, CHART[kind].mode, CHART[kind].lo, CHART[kind].hi, CHART[kind].name)
            for kind in (AccountCode.CHARGEBACK_DUE, AccountCode.PLATFORM_LOSS)
        ],
    )
    execute(
        "INSERT INTO payments_escrowrule (from_state, event, actor, to_state) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        rules(),
    )
    execute(
        "INSERT INTO payments_escrowclockpolicy (code, days) VALUES (%s, %s)", sorted(DEFAULT_CLOCK_DAYS.items())
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_escrow_parts")]

    operations = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.RunSQL(REFUNDS, migrations.RunSQL.noop),
        migrations.RunSQL(SELLERS, migrations.RunSQL.noop),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
