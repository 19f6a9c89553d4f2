"""No index that another one covers: each costs every insert, and a plan made while a table was empty may pick the wrong one."""

import django.db.models.deletion
from django.db import migrations, models


#: For LIKE 'prefix%' under other collations; nothing asks that of these.
LIKES = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE '%\\_like'
      AND tablename IN ('payments_sandboxintent', 'payments_sandboxrefund', 'payments_sandboxpayout',
        'payments_bankintent', 'payments_accountkind', 'payments_currency') LOOP
    EXECUTE format('DROP INDEX %I', name);
  END LOOP; END $$;
"""

# Opening accounts finds them once and goes on by id.
ACCOUNTS = """
CREATE OR REPLACE FUNCTION payments_ledger_accounts(p_kinds text[], p_owners text[], p_currencies text[]) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off AS $$
DECLARE ids bigint[]; BEGIN
  INSERT INTO payments_account (kind, owner, currency, shard, mode)
    SELECT DISTINCT k.code, u.owner, u.currency, 0, k.mode
      FROM unnest(p_kinds, p_owners, p_currencies) u(kind, owner, currency)
      JOIN payments_accountkind k ON k.code = u.kind
      WHERE NOT EXISTS (SELECT 1 FROM payments_account a
        WHERE a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0)
      ORDER BY k.code, u.owner, u.currency ON CONFLICT DO NOTHING;
  SELECT array_agg(a.id ORDER BY u.ord) INTO ids
    FROM unnest(p_kinds, p_owners, p_currencies) WITH ORDINALITY u(kind, owner, currency, ord)
    LEFT JOIN payments_account a ON a.kind = u.kind AND a.owner = u.owner AND a.currency = u.currency AND a.shard = 0;
  IF array_position(ids, NULL) IS NOT NULL THEN RAISE EXCEPTION 'unknown kind of account' USING ERRCODE = '22023'; END IF;
  INSERT INTO payments_balance (account_id, mode, posted, lo, hi, seq, escrowed)
    SELECT a.id, 'sync', 0, k.lo, k.hi, 0, k.code = 'ESCROW' FROM payments_account a
      JOIN payments_accountkind k ON k.code = a.kind
      WHERE a.id = ANY (ids) AND a.mode = 'sync' ORDER BY a.id ON CONFLICT DO NOTHING;
  INSERT INTO payments_rollup (account_id, mode, posted, rolled_xid)
    SELECT a.id, 'deferred', 0, '0'::xid8 FROM payments_account a
      WHERE a.id = ANY (ids) AND a.mode = 'deferred' ORDER BY a.id ON CONFLICT DO NOTHING;
  RETURN ids; END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0011_escrow_step'),
    ]

    operations = [
        migrations.AlterField(
            model_name='account',
            name='currency',
            field=models.ForeignKey(db_column='currency', db_index=False, on_delete=django.db.models.deletion.PROTECT, to='payments.currency'),
        ),
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.ForeignKey(db_column='kind', db_index=False, on_delete=django.db.models.deletion.PROTECT, to='payments.accountkind'),
        ),
        migrations.AlterField(
            model_name='escrowevent',
            name='escrow',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='payments.escrow'),
        ),
        migrations.AlterField(
            model_name='escrowlinemove',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='payments.escrowevent'),
        ),
        migrations.AlterField(
            model_name='escrowtimer',
            name='escrow',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='timers', to='payments.escrow'),
        ),
        migrations.RunSQL(LIKES, migrations.RunSQL.noop),
        migrations.RunSQL(ACCOUNTS, migrations.RunSQL.noop),
    ]
