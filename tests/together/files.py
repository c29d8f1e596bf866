"""Apply files for tests: small, valid, and different where a story needs it."""

from __future__ import annotations

HOUSE = (
    '{name = "La Maison", address = "1 rue des Communs", city = "Nantes", '
    'postal_code = "44000", country = "FR"}'
)


def actor(name: str = "Vélo Commun", **more: str) -> str:
    """The table `[actor]`; `more` are texts."""
    lines = [f'{key} = "{value}"' for key, value in {"name": name, **more}.items()]
    return "\n".join(
        ["[actor]", *lines, 'legal_form = "scic"', 'sectors = ["mobility"]',
         'summary.fr = "Livraison à vélo."',
         'location = {name = "Nantes", country = "FR", latitude = 47.2184, longitude = -1.5536}']
    ) + "\n"  # fmt: skip


def statement(level: str = "practised", until: str = "2099-11-23") -> str:
    """The table `[charter]` with one commitment."""
    return f"""
[charter]
version = "2018"
declared = 2026-11-16
valid_until = {until}
[charter.commitments.governance-1]
level = "{level}"
explanation.fr = "Une personne, une voix."
evidence = ["https://velo.example/statuts.pdf"]
"""


def event(uid: str, name: str = "Assemblée", day: str = "2099-05-12") -> str:
    """An evening in Nantes."""
    return f"""
[[event]]
uid = "{uid}"
name.fr = "{name}"
start = {day}T18:00:00
end = {day}T20:00:00
timezone = "Europe/Paris"
location = {HOUSE}
working_group = "governance-legal"
"""


def resource(uid: str, version: str = "1", name: str = "Nos statuts") -> str:
    """Statutes under a free licence."""
    return f"""
[[resource]]
uid = "{uid}"
name.fr = "{name}"
kind = "statutes"
license = "CC-BY-SA-4.0"
openness = "public"
url = "https://velo.example/statuts.pdf"
version = "{version}"
working_group = "governance-legal"
"""
