"""manage.py train_promise: learns delivery times from the platform's own parcels and stores a new version."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import Actor
from core.clock import utc_now
from logistics.promises.services import TooFewJourneys, train_promise
from logistics.rates.services import bump_revision
from logistics.shipments.promises import list_journeys


class Command(BaseCommand):
    help = "Train the delivery promise on past parcels; --activate puts it in force at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--activate", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        now = utc_now()
        try:
            version = train_promise(
                journeys=list_journeys(now=now),
                activate=options["activate"],
                actor=Actor.system("train_promise"),
                now=now,
            )
        except TooFewJourneys as error:
            raise CommandError(error.message) from error
        bump_revision()
        self.stdout.write(f"{version.code}: trained on {version.trained_on} parcels; held out: {version.figures}")
