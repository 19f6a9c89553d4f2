"""The hash chain over ledger transactions, escrow events and attested records, built in commit order by the database.

The canonical bytes are fixed for ever as version 1 in docs/adr/0013-hash-chain.md; payments/ledger/canonical.py says the
same in Python, and verify_ledger compares the two.
"""

import core.database
import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


CANONICAL = """
CREATE FUNCTION payments_netstring(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN t IS NULL THEN '~,' ELSE octet_length(t) || ':' || t || ',' END $$;
CREATE FUNCTION payments_micros(t timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(epoch FROM t) * 1000000)::bigint::text $$;

CREATE FUNCTION payments_canonical_txn(t payments_txn) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT convert_to(
    payments_netstring('lonja.txn.v1') || payments_netstring(t.id::text) || payments_netstring(t.idem_scope)
    || payments_netstring(t.idem_key) || payments_netstring(encode(t.request_hash, 'hex'))
    || payments_netstring(t.kind) || payments_netstring(t.ref) || payments_netstring(t.reverses_id::text)
    || payments_netstring(payments_micros(t.effective_at)) || payments_netstring(payments_micros(t.recorded_at))
    || payments_netstring(count(e.id)::text)
    || coalesce(string_agg(payments_netstring(e.id::text) || payments_netstring(e.account_id::text)
      || payments_netstring(a.kind) || payments_netstring(a.owner) || payments_netstring(e.currency)
      || payments_netstring(e.amount::text) || payments_netstring(e.seq::text)
      || payments_netstring(e.balance_after::text), '' ORDER BY e.id), ''), 'UTF8')
    FROM payments_entry e LEFT JOIN payments_account a ON a.id = e.account_id WHERE e.txn_id = t.id $$;

CREATE FUNCTION payments_canonical_escrow_event(e payments_escrowevent) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT convert_to(
    payments_netstring('lonja.escrow_event.v1') || payments_netstring(e.id::text)
    || payments_netstring(e.escrow_id::text) || payments_netstring(e.seq::text) || payments_netstring(e.from_state)
    || payments_netstring(e.event) || payments_netstring(e.actor) || payments_netstring(e.to_state)
    || payments_netstring(e.actor_ref) || payments_netstring(e.reason) || payments_netstring(e.released_minor::text)
    || payments_netstring(e.refunded_minor::text) || payments_netstring(e.fee_minor::text)
    || payments_netstring(e.txn_id::text) || payments_netstring(payments_micros(e.at)), 'UTF8') $$;

CREATE FUNCTION payments_canonical_attestation(a payments_attestation) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT convert_to(
    payments_netstring('lonja.attestation.v1') || payments_netstring(a.id::text) || payments_netstring(a.kind)
    || payments_netstring(a.ref) || payments_netstring(encode(a.digest, 'hex'))
    || payments_netstring(payments_micros(a.at)), 'UTF8') $$;
"""

# A record is read when every transaction up to its own has ended, so none can come in before it later.
EXTEND = """
CREATE FUNCTION payments_chain_extend(p_limit int, OUT height bigint, OUT records int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_variable
DECLARE tip payments_chainblock; horizon xid8; since xid8; s0 int; i0 bigint; moment timestamptz := clock_timestamp();
  p_sources smallint[]; p_ids bigint[]; p_digests bytea; p_xid xid8; p_hash bytea; p_previous bytea; listed text;
BEGIN
  records := 0;
  IF p_limit NOT BETWEEN 1 AND 10000 THEN RAISE EXCEPTION 'a block has 1 to 10000 records' USING ERRCODE = '22023'; END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('payments_chain')) THEN RETURN; END IF;
  SELECT b.* INTO tip FROM payments_chainblock b ORDER BY b.height DESC LIMIT 1;
  height := coalesce(tip.height, 0);
  horizon := pg_snapshot_xmin(pg_current_snapshot());
  since := coalesce(tip.last_xid, '0'::xid8); s0 := coalesce(tip.last_source, 0); i0 := coalesce(tip.last_id, 0);
  WITH found AS (
      (SELECT xid, 1::smallint AS source, id FROM payments_txn
        WHERE xid >= since AND xid < horizon AND (xid, 1, id) > (since, s0, i0) ORDER BY xid, id LIMIT p_limit)
      UNION ALL (SELECT xid, 2::smallint, id FROM payments_escrowevent
        WHERE xid >= since AND xid < horizon AND (xid, 2, id) > (since, s0, i0) ORDER BY xid, id LIMIT p_limit)
      UNION ALL (SELECT xid, 3::smallint, id FROM payments_attestation
        WHERE xid >= since AND xid < horizon AND (xid, 3, id) > (since, s0, i0) ORDER BY xid, id LIMIT p_limit)
    ), next AS (SELECT * FROM found ORDER BY xid, source, id LIMIT p_limit),
    digested AS (SELECT n.xid, n.source, n.id, sha256(CASE n.source
        WHEN 1 THEN (SELECT payments_canonical_txn(t) FROM payments_txn t WHERE t.id = n.id)
        WHEN 2 THEN (SELECT payments_canonical_escrow_event(e) FROM payments_escrowevent e WHERE e.id = n.id)
        ELSE (SELECT payments_canonical_attestation(a) FROM payments_attestation a WHERE a.id = n.id) END) AS digest
      FROM next n)
    SELECT count(*), array_agg(source ORDER BY xid, source, id), array_agg(id ORDER BY xid, source, id),
        string_agg(digest, ''::bytea ORDER BY xid, source, id), max(xid),
        string_agg(payments_netstring(source::text) || payments_netstring(id::text)
          || payments_netstring(encode(digest, 'hex')), '' ORDER BY xid, source, id)
      INTO records, p_sources, p_ids, p_digests, p_xid, listed FROM digested;
  IF records = 0 THEN RETURN; END IF;
  height := height + 1;
  p_previous := coalesce(tip.hash, decode(repeat('00', 32), 'hex'));
  p_hash := sha256(convert_to(payments_netstring('lonja.block.v1') || payments_netstring(height::text)
    || payments_netstring(encode(p_previous, 'hex')) || payments_netstring(payments_micros(moment))
    || payments_netstring(records::text) || listed, 'UTF8'));
  INSERT INTO payments_chainblock (height, version, previous_hash, hash, sources, ids, digests, records, total_records,
      last_xid, last_source, last_id, made_at)
    VALUES (height, 1, p_previous, p_hash, p_sources, p_ids, p_digests, records, coalesce(tip.total_records, 0) + records,
      p_xid, p_sources[records], p_ids[records], moment);
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON payments_attestation FOR EACH ROW EXECUTE FUNCTION payments_stamp_xid();
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON payments_chainblock FROM lonja_app;
REVOKE UPDATE, DELETE, TRUNCATE ON payments_attestation FROM lonja_app;
REVOKE ALL ON FUNCTION payments_chain_extend FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_chain_extend TO lonja_app;
"""

class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0003_ledger_pace'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChainBlock',
            fields=[
                ('height', models.BigIntegerField(primary_key=True, serialize=False)),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('previous_hash', models.BinaryField()),
                ('hash', models.BinaryField(unique=True)),
                ('sources', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None)),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('digests', models.BinaryField()),
                ('records', models.PositiveIntegerField()),
                ('total_records', models.BigIntegerField()),
                ('last_xid', core.database.TransactionId()),
                ('last_source', models.PositiveSmallIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-height',),
            },
        ),
        migrations.CreateModel(
            name='Attestation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('ref', models.CharField(max_length=80)),
                ('digest', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('xid', core.database.TransactionId(db_default=core.database.CurrentTransactionId(), editable=False)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['xid', 'id'], name='attestation_commit_order')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'ref'), name='one_attestation')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attestation',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: add a correcting row (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501'; RETURN NULL;", hash='f20b5e5461c29f96e7ce9536a7c3aad1f8ff175f', level='STATEMENT', operation='UPDATE OR DELETE OR TRUNCATE', pgid='pgtrigger_append_only_c38be', table='payments_attestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='chainblock',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'append-only: add a correcting row (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501'; RETURN NULL;", hash='111f44cb2896a5f8954ab87e187ec3c7e013ec82', level='STATEMENT', operation='UPDATE OR DELETE OR TRUNCATE', pgid='pgtrigger_append_only_73bec', table='payments_chainblock', when='BEFORE')),
        ),
        migrations.RunSQL(CANONICAL, migrations.RunSQL.noop),
        migrations.RunSQL(EXTEND, migrations.RunSQL.noop),
    ]
