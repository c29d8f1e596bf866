"""Ignore: somebody asks for what we don't do, such as a place at an event."""

from __future__ import annotations

from pecfed.domain.uris import Uris
from pecfed.federation import envelope
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor


def build(activity: Activity, actor: LocalActor, _uris: Uris, _settings: Settings) -> Document:
    """Our Ignore, as FEP-8a8e answers a Join where no registrations are taken."""
    return envelope.activity(activity, actor.uri, activity.intent["object"])
