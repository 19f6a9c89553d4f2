"""What the scheduler starts, and how often (seconds)."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "relay-events": {"task": "core.tasks.relay_events_task", "schedule": 1.0, "options": {"expires": 5}},
    "forget-old-consumptions": {"task": "core.tasks.forget_old_consumptions_task", "schedule": 3600.0},
    "follow-events": {"task": "core.tasks.follow_events_task", "schedule": 2.0, "options": {"expires": 5}},
    "send-webhooks": {"task": "core.tasks.send_webhooks_task", "schedule": 2.0, "options": {"expires": 5}},
    "forget-webhook-messages": {"task": "core.tasks.forget_webhook_messages_task", "schedule": 3600.0},
    "work-off-imports": {
        "task": "marketplace.tasks.work_off_imports_task",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "tell-tenders": {"task": "marketplace.tasks.tell_tenders_task", "schedule": 30.0, "options": {"expires": 60}},
    "expire-tenders": {"task": "marketplace.tasks.expire_tenders_task", "schedule": 300.0},
    "end-holidays": {"task": "marketplace.tasks.end_holidays_task", "schedule": crontab(minute="5")},
    "tell-followers": {"task": "marketplace.tasks.tell_followers_task", "schedule": 900.0},
    "expire-quotes": {"task": "marketplace.tasks.expire_quotes_task", "schedule": 60.0},
    "tell-unread-messages": {"task": "marketplace.tasks.tell_unread_messages_task", "schedule": 60.0},
    "tell-saved-searches": {"task": "marketplace.tasks.tell_saved_searches_task", "schedule": 900.0},
    "call-carriers": {"task": "logistics.tasks.call_carriers_task", "schedule": 5.0, "options": {"expires": 10}},
    "poll-carriers": {"task": "logistics.tasks.poll_carriers_task", "schedule": 15.0, "options": {"expires": 30}},
    "work-off-carrier-webhooks": {
        "task": "logistics.tasks.work_off_webhooks_task",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "advance-sandbox-carriers": {
        "task": "logistics.tasks.advance_sandbox_task",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "deliver-sandbox-carrier-webhooks": {
        "task": "logistics.tasks.deliver_sandbox_webhooks_task",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "suspect-silent-parcels": {"task": "logistics.tasks.suspect_silent_parcels_task", "schedule": 300.0},
    "review-claims": {"task": "logistics.tasks.review_claims_task", "schedule": 300.0},
    "learn-lane-gaps": {"task": "logistics.tasks.learn_lane_gaps_task", "schedule": crontab(hour="2", minute="50")},
    "measure-lanes": {"task": "logistics.tasks.measure_lanes_task", "schedule": crontab(minute="20")},
    "refresh-promise": {"task": "logistics.tasks.refresh_promise_task", "schedule": crontab(minute="35")},
    "run-escrow-timers": {"task": "payments.tasks.run_escrow_timers_task", "schedule": 10.0},
    "poll-charges": {"task": "payments.tasks.poll_charges_task", "schedule": 20.0},
    "submit-refunds": {"task": "payments.tasks.submit_refunds_task", "schedule": 5.0},
    "submit-chargeback-evidence": {"task": "payments.tasks.submit_evidence_task", "schedule": 60.0},
    "forget-payment-methods": {"task": "payments.tasks.forget_methods_task", "schedule": 60.0},
    "release-reserves": {"task": "payments.tasks.release_reserves_task", "schedule": 60.0},
    "submit-payouts": {"task": "payments.tasks.submit_payouts_task", "schedule": 5.0},
    "request-payouts": {"task": "payments.tasks.request_payouts_task", "schedule": 60.0},
    "close-transfers": {"task": "payments.tasks.close_transfers_task", "schedule": 60.0},
    "issue-fee-statements": {
        "task": "payments.tasks.issue_fee_statements_task",
        "schedule": crontab(day_of_month="1", hour="4", minute="10"),
    },
    "roll-up-ledger": {"task": "payments.tasks.roll_up_ledger_task", "schedule": 30.0},
    "extend-ledger-chain": {"task": "payments.tasks.extend_chain_task", "schedule": 15.0, "options": {"expires": 30}},
    "deliver-sandbox-webhooks": {"task": "payments.tasks.deliver_sandbox_webhooks_task", "schedule": 1.0},
    "expire-unpaid-purchases": {"task": "marketplace.tasks.expire_unpaid_purchases_task", "schedule": 30.0},
    "propose-matches": {"task": "marketplace.tasks.propose_matches_task", "schedule": 600.0},
    "publish-due-listings": {"task": "marketplace.tasks.publish_due_listings_task", "schedule": 15.0},
    "tell-low-stock": {"task": "marketplace.tasks.tell_low_stock_task", "schedule": 60.0},
    "end-reductions": {"task": "marketplace.tasks.end_reductions_task", "schedule": 60.0},
    "run-return-clocks": {"task": "marketplace.tasks.run_return_clocks_task", "schedule": 300.0},
    "pay-due-remedies": {"task": "marketplace.tasks.pay_due_remedies_task", "schedule": 600.0},
    "forget-idle-guest-carts": {"task": "marketplace.tasks.forget_idle_guest_carts_task", "schedule": 3600.0},
    "trim-change-feed": {"task": "marketplace.tasks.trim_change_feed_task", "schedule": 3600.0},
    "flush-signals": {"task": "analytics.tasks.flush_signals_task", "schedule": 2.0, "options": {"expires": 10}},
    "roll-up-signals": {"task": "analytics.tasks.roll_up_task", "schedule": 30.0, "options": {"expires": 60}},
    "compute-dirty-listings": {
        "task": "analytics.tasks.compute_dirty_listings_task",
        "schedule": 120.0,
        "options": {"expires": 240},
    },
    "compute-all-listings": {
        "task": "analytics.tasks.compute_all_listings_task",
        "schedule": crontab(hour="3", minute="20"),
    },
    "forget-old-signals": {"task": "analytics.tasks.forget_old_signals_task", "schedule": 600.0},
    "recompute-scorecards": {"task": "trust.tasks.recompute_scorecards_task", "schedule": 15.0},
}
