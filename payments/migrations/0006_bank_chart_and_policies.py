"""Accounts, policies and grants of banking, exchange, documents and adjustments."""

from django.db import migrations

from core.money import CURRENCIES
from payments.ledger.rules import CHART, AccountCode

NEW = (
    AccountCode.BANK_SUSPENSE, AccountCode.WRITE_OFF, AccountCode.FX_POSITION, AccountCode.FX_ROUNDING,
    AccountCode.PENALTY_INCOME, AccountCode.COMPENSATION,
)  # fmt: skip
#: Adjustments above 100 units of a currency need a second person.
APPROVAL_ABOVE = 100

BACKFILL = "UPDATE payments_payout SET taken_minor = amount_minor, taken_currency = currency WHERE taken_currency = ''"

# What was printed or sent stays as it was: the application may only note who fetched a file.
GRANTS = """
REVOKE UPDATE, DELETE, TRUNCATE ON payments_paymentfile FROM lonja_app;
GRANT UPDATE (downloaded_at) ON payments_paymentfile TO lonja_app;
REVOKE DELETE, TRUNCATE ON payments_documentseries, payments_bankline, payments_bankstatement, payments_bankorder,
  payments_adjustment, payments_exchangequote FROM lonja_app;
"""


def seed(apps, schema_editor):
    """New lines of the chart of accounts and the default policies."""
    execute = schema_editor.connection.cursor().executemany
    execute(
        "INSERT INTO payments_accountkind (code, mode, lo, hi, name) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (code) DO NOTHING",
        [(kind.value, CHART[kind].mode, CHART[kind].lo, CHART[kind].hi, CHART[kind].name) for kind in NEW],
    )
    execute(
        "INSERT INTO payments_exchangepolicy (currency, spread_basis_points, quote_seconds) VALUES (%s, %s, %s)",
        [("", 100, 900)],
    )
    execute(
        "INSERT INTO payments_adjustmentpolicy (currency, approval_above_minor) VALUES (%s, %s)",
        [(code, APPROVAL_ABOVE * 10**exponent) for code, exponent in sorted(CURRENCIES.items())],
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_money_in_and_out")]

    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
