"""Bank statements for tests, written by hand: small camt messages with what a test needs."""

from __future__ import annotations

from payments.providers.bank_models import BankAccount
from payments.reconciliation import services
from tests.factories.payments import OPERATOR

OURS = "ES7921000813610123456789"
BUYER_IBAN = "NL91ABNA0417164300"


def our_account(**changes) -> BankAccount:
    values = {
        "number": OURS, "bic": "CAIXESBBXXX", "holder": "Lonja Operadora SL", "currency": "EUR",
        "street": "Calle Mayor", "building": "1", "postcode": "46001", "town": "Valencia", "country": "ES", **changes,
    }  # fmt: skip
    return BankAccount.objects.create(**values)


def tx(e2e="", amount="", reference="", text="", name="", iban="", outgoing=False, ret="", extra=""):
    """A TxDtls. `name` and `iban` are the other side's."""
    side = "Cdtr" if outgoing else "Dbtr"
    refs = f"<Refs><EndToEndId>{e2e}</EndToEndId></Refs>" if e2e else ""
    money = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    party = f"<{side}><Nm>{name}</Nm></{side}>" if name else ""
    account = f"<{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct>" if iban else ""
    ustrd = f"<Ustrd>{text}</Ustrd>" if text else ""
    strd = f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>" if reference else ""
    back = f"<RtrInf><Rsn><Cd>{ret}</Cd></Rsn></RtrInf>" if ret else ""
    return (
        f"<TxDtls>{refs}{money}{extra}<RltdPties>{party}{account}</RltdPties>"
        f"<RmtInf>{ustrd}{strd}</RmtInf>{back}</TxDtls>"
    )


def entry(amount, *details, ref="", status="BOOK", reversal=False, booked="2026-03-02", batch="", extra=""):
    """A Ntry: a negative amount went out."""
    text = str(amount)
    direction = "DBIT" if text.startswith("-") else "CRDT"
    servicer = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    head = f"<Btch><PmtInfId>{batch}</PmtInfId></Btch>" if batch else ""
    inner = f"<NtryDtls>{head}{''.join(details)}</NtryDtls>" if details or batch else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{text.lstrip("-")}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<RvslInd>{'true' if reversal else 'false'}</RvslInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>{booked}</Dt></BookgDt><ValDt><Dt>{booked}</Dt></ValDt>{servicer}"
        f"<BkTxCd><Prtry><Cd>N</Cd></Prtry></BkTxCd>{extra}{inner}</Ntry>"
    )


def statement(*entries, number="S1", account=OURS, opening="", closing="", kind="053"):
    """A whole message with one statement."""
    root, record = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}[kind]
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>"
        for code, amount in (("OPBD", opening), ("CLBD", closing))
        if amount
    )
    return (
        f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><{root}>'
        f"<GrpHdr><MsgId>M-{number}</MsgId><CreDtTm>2026-03-02T18:00:00Z</CreDtTm></GrpHdr><{record}><Id>{number}</Id>"
        f"<CreDtTm>2026-03-02T18:00:00Z</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f"{balances}{''.join(entries)}</{record}></{root}></Document>"
    ).encode()


def imported(now, *entries, **options):
    """Import a statement with these entries as the operator."""
    return services.import_statements(
        content=statement(*entries, **options), file_name="test.xml", actor=OPERATOR, now=now
    )
