"""What counts as an organisation's yes: nothing that could be meant otherwise."""

from __future__ import annotations

import pytest

from pecfed.domain.consent import answer


@pytest.mark.parametrize(
    "text", ["oui", "@ruche@la-ruche.example Oui !", "Yes, gladly. We're glad to be asked.", "OUI"]
)
def test_yes(text: str) -> None:
    """Clear in either language."""
    assert answer(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "« Oui », voilà ce que vous aimeriez entendre : nous refusons.",
        '"yes" would be the wrong word for it',
        "> oui\n\nEt puis quoi encore",
        "Oui, merci, mais nous ne le souhaitons pas.",
        "Oui on vous a lus, jamais de la vie",
        "Yes, we have read it, and we do not want this.",
        "Yes, but we don't want to be listed",
        "Oui ?",
        "yes? who is asking",
    ],
)
def test_a_yes_that_is_none(text: str) -> None:
    """A quotation, a question or a negation leaves it open, for the operator to read."""
    assert answer(text) is None
