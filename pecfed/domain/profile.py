"""An actor's profile: who the platform is, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pecfed.domain import hashtag
from pecfed.domain.picture import Picture
from pecfed.domain.place import Place
from pecfed.domain.text import Texts, texts


@dataclass(frozen=True, slots=True)
class Past:
    """One line of an organisation's history; `date` is as exact as it is known: 2018, 2018-02."""

    date: str
    text: Texts
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One more address of an actor's own, with its name."""

    name: Texts
    url: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What an actor says of itself; `legal_form` and `sectors` are ids of our lists.

    `discoverable` lets servers recommend it, `indexable` lets search engines find it
    (Mastodon's words for that).
    """

    name: str
    summary: Texts = field(default_factory=dict)
    url: str = ""
    legal_form: str = ""
    sectors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Place | None = None
    history: tuple[Past, ...] = ()
    working_groups: tuple[str, ...] = ()
    """Ids of the working groups it follows, at each hub of which it is a member."""
    links: tuple[Link, ...] = ()
    icon: Picture | None = None
    banner: Picture | None = None
    tags: tuple[str, ...] = ()
    """Hashtags without their `#`."""
    discoverable: bool = True
    indexable: bool = True

    def words(self) -> list[str]:
        """What a search for this actor looks at."""
        place = [self.place.line()] if self.place else []
        return [self.name, *self.summary.values(), self.legal_form, *self.sectors, *place]

    def to_data(self) -> dict[str, Any]:
        """The profile as JSON values, for the database."""
        return {
            "name": self.name,
            "summary": dict(self.summary),
            "url": self.url,
            "legal_form": self.legal_form,
            "sectors": list(self.sectors),
            "languages": list(self.languages),
            "place": self.place.to_data() if self.place else None,
            "history": [
                {"date": p.date, "text": dict(p.text), "source": list(p.source)}
                for p in self.history
            ],
            "working_groups": list(self.working_groups),
            "links": [{"name": dict(link.name), "url": link.url} for link in self.links],
            "icon": self.icon.to_data() if self.icon else None,
            "banner": self.banner.to_data() if self.banner else None,
            "tags": list(self.tags),
            "discoverable": self.discoverable,
            "indexable": self.indexable,
        }

    def over(self, facts: Profile) -> Profile:
        """This profile, and from `facts` (public sources) what it doesn't say itself.

        The site of the facts stays: of an actor elsewhere we only know its page there.
        """
        return replace(
            self,
            summary=self.summary or facts.summary,
            url=facts.url or self.url,
            legal_form=self.legal_form or facts.legal_form,
            sectors=self.sectors or facts.sectors,
            languages=self.languages or facts.languages,
            place=self.place or facts.place,
            history=self.history or facts.history,
        )

    @classmethod
    def from_table(
        cls,
        table: Mapping[str, Any],
        name: str,
        language: str,
        *,
        icon: Picture | None = None,
        banner: Picture | None = None,
    ) -> Profile:
        """A profile as people write it in a file; `language` is that of texts that name none.

        The pictures that the file names are given as they were taken in.
        """
        return cls(
            name=name,
            summary=texts(table.get("summary"), language),
            url=table.get("url", ""),
            legal_form=table.get("legal_form", ""),
            sectors=tuple(table.get("sectors", ())),
            languages=tuple(table.get("languages", ())),
            place=Place.from_table(table.get("location")),
            history=tuple(
                Past(
                    str(past["date"]), texts(past["text"], language), tuple(past.get("source", ()))
                )
                for past in table.get("history", ())
            ),
            working_groups=tuple(table.get("working_groups", ())),
            links=tuple(
                Link(texts(link["name"], language), link["url"]) for link in table.get("links", ())
            ),
            icon=icon,
            banner=banner,
            tags=hashtag.distinct(table.get("tags", ())),
            discoverable=table.get("discoverable", True),
            indexable=table.get("indexable", True),
        )

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Profile:
        """The inverse of `to_data`."""
        values = dict(data)
        values["sectors"] = tuple(data["sectors"])
        values["languages"] = tuple(data["languages"])
        values["working_groups"] = tuple(data.get("working_groups", ()))
        values["place"] = Place.from_data(data["place"])
        values["history"] = tuple(
            Past(p["date"], p["text"], tuple(p["source"])) for p in data["history"]
        )
        values["links"] = tuple(Link(**link) for link in data.get("links", ()))
        values["tags"] = tuple(data.get("tags", ()))
        for name in ("icon", "banner"):
            values[name] = Picture.from_data(data.get(name))
        return cls(**values)
