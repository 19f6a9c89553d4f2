"""The wire to Stripe: an HTTP transport of the official SDK that answers from memory with Stripe's published shapes."""

import copy
import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import stripe

SHAPES = json.loads((Path(__file__).resolve().parents[1] / "fixtures/stripe/resources.json").read_text())
SECRET = "whsec_test_0123456789"


def shape(name, **changes):
    return copy.deepcopy(SHAPES[name]) | changes


def metadata(sent):
    return {name[9:-1]: value for name, value in sent.items() if name.startswith("metadata[")}


class Wire(stripe.HTTPClient):
    """Keeps what was made; `faults` are raised or answered instead, once each; `asked` is the log."""

    name = "wire"

    def __init__(self):
        super().__init__()
        self.made, self.kept_answers, self.asked, self.faults = {}, {}, [], []
        self.card_status = "succeeded"

    def close(self):
        pass

    def request(self, method, url, headers, post_data=None, **_):
        path = urlsplit(url).path.removeprefix("/v1/")
        body = post_data.decode(errors="replace") if isinstance(post_data, bytes) else post_data or ""
        sent = dict(parse_qsl(body or urlsplit(url).query))
        key = headers.get("Idempotency-Key") if method == "post" else None
        self.asked.append((method, path, sent, key))
        fault = self.faults.pop(0) if self.faults else None
        if fault == "before":
            raise stripe.APIConnectionError("no route")
        if isinstance(fault, tuple):
            return json.dumps({"error": fault[1]}), fault[0], {}
        multipart = "multipart" in headers.get("Content-Type", "")  # its boundary is another one each time
        content = (path, () if multipart else tuple(sorted(sent.items())))
        if key and key in self.kept_answers:
            known, answer = self.kept_answers[key]
            if known != content:
                return json.dumps({"error": {"type": "idempotency_error", "message": "other"}}), 400, {}
        else:
            answer = self.answer(method, path, sent)
            if key:
                self.kept_answers[key] = (content, answer)
        if fault == "after":
            raise stripe.APIConnectionError("timed out")
        return json.dumps(answer), 200, {}

    def new(self, name, prefix, **changes):
        made_id = f"{prefix}_{hashlib.sha256(str(len(self.made)).encode()).hexdigest()[:12]}"
        self.made[made_id] = shape(name, id=made_id, **changes)
        return self.made[made_id]

    def of_kind(self, name):
        return [thing for thing in self.made.values() if thing["object"] == name]

    def answer(self, method, path, sent):
        first, *rest = path.split("/")
        if method == "get" and rest and rest[-1] == "search":
            wanted = sent["query"].split("'")[3]
            found = [i for i in self.of_kind("payment_intent") if i["metadata"].get("lonja_charge") == wanted]
            return {"object": "search_result", "data": found[:1], "has_more": False}
        if method == "get" and not rest:
            name = first.removesuffix("s")
            rows = [t for t in self.of_kind(name) if "payment_intent" not in sent or
                    t["payment_intent"] == sent["payment_intent"]]  # fmt: skip
            if "transfer_group" in sent:
                rows = [t for t in rows if t["transfer_group"] == sent["transfer_group"]]
            return {"object": "list", "data": rows, "has_more": False}
        if method == "get":
            return self.made[rest[-1]]
        if first == "account_links":
            url = f"https://connect.stripe.com/setup/e/{sent['account']}/one-use"
            return {"object": "account_link", "created": 1, "expires_at": 301, "url": url}
        return getattr(self, "post_" + "_".join(w for w in path.split("/") if "_" not in w or w.startswith("payment")))(
            sent, rest
        )

    def post_payment_intents(self, sent, _rest):
        action = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.stripe.com/3ds"}}
        return self.new(
            "payment_intent", "pi", amount=int(sent["amount"]), currency=sent["currency"], status=self.card_status,
            metadata=metadata(sent), customer=sent.get("customer"), payment_method=sent["payment_method"],
            next_action=action if self.card_status == "requires_action" else None,
        )  # fmt: skip

    def post_checkout_sessions(self, sent, _rest):
        return self.new(
            "checkout.session", "cs", status="open", payment_status="unpaid", payment_intent=None,
            metadata=metadata(sent), url="https://checkout.stripe.com/c/pay/" + "x" * 700,
        ) | {"_key": sent["payment_intent_data[metadata][lonja_charge]"]}  # fmt: skip

    def post_refunds(self, sent, _rest):
        return self.new("refund", "re", amount=int(sent["amount"]), metadata=metadata(sent), status="succeeded",
                        payment_intent=sent["payment_intent"])  # fmt: skip

    def post_accounts(self, _sent, _rest):
        return self.new("account", "acct")

    def post_transfers(self, sent, _rest):
        return self.new("transfer", "tr", amount=int(sent["amount"]), transfer_group=sent["transfer_group"])

    def post_transfers_reversals(self, _sent, _rest):
        return self.new("transfer_reversal", "trr")

    def post_payouts(self, sent, _rest):
        return self.new("payout", "po", amount=int(sent["amount"]), status="in_transit", metadata=metadata(sent))

    def post_files(self, _sent, _rest):
        return self.new("file", "file")

    def post_disputes(self, _sent, _rest):
        return shape("dispute")

    def post_payment_methods_detach(self, _sent, _rest):
        return shape("payment_method")

    def pay_session(self, charge_id, *, keep):
        """The buyer pays on Stripe's page, and ticks the box or not."""
        session = next(s for s in self.of_kind("checkout.session") if s["metadata"]["lonja_charge"] == str(charge_id))
        method = shape("payment_method", allow_redisplay="always" if keep else "unspecified")
        intent = self.new(
            "payment_intent", "pi", status="succeeded", amount=10_000, currency="eur", customer="cus_1",
            payment_method=method, metadata={"lonja_charge": str(charge_id), "lonja_hosted": "1"},
        )  # fmt: skip
        session.update(status="complete", payment_status="paid", payment_intent=intent)
        return intent


def signed(event, now, *, secret=SECRET):
    """(body, headers) as Stripe sends it."""
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(now.timestamp()))
    return body.encode(), {"Stripe-Signature": header}


def event(kind, thing, event_id="evt_1"):
    return shape("event", id=event_id, type=kind, data={"object": thing})
