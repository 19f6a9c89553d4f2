"""The canonical bytes of an escrow event cover all its sums (frozen, charged back, VAT of the commission).

Written before any chain was published, so it is still version 1: docs/adr/0013-hash-chain.md.
"""

from django.db import migrations

CANONICAL = """
CREATE OR REPLACE FUNCTION payments_canonical_escrow_event(e payments_escrowevent) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT convert_to(
    payments_netstring('lonja.escrow_event.v1') || payments_netstring(e.id::text)
    || payments_netstring(e.escrow_id::text) || payments_netstring(e.seq::text) || payments_netstring(e.from_state)
    || payments_netstring(e.event) || payments_netstring(e.actor) || payments_netstring(e.to_state)
    || payments_netstring(e.actor_ref) || payments_netstring(e.reason) || payments_netstring(e.released_minor::text)
    || payments_netstring(e.refunded_minor::text) || payments_netstring(e.fee_minor::text)
    || payments_netstring(e.fee_vat_minor::text) || payments_netstring(e.disputed_minor::text)
    || payments_netstring(e.charged_back_minor::text)
    || payments_netstring(e.txn_id::text) || payments_netstring(payments_micros(e.at)), 'UTF8') $$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_escrow_guards")]

    operations = [migrations.RunSQL(CANONICAL, migrations.RunSQL.noop)]
