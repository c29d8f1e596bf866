"""The label's page in a real browser: the verdict is the browser's own."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from pecfed.federation.multikey import base58
from pecfed.language.canonical import canonical
from pecfed.services import credentials
from tests.http.test_browser import ARGUMENTS, WIDER, Watch
from tests.label.conftest import CHANGED, changed
from tests.servers import Server
from tests.vouched import document

pytestmark = pytest.mark.skipif(
    "chromium" in os.environ.get("PECFED_WITHOUT", ""),
    reason="no Chromium on this machine: apt-get install chromium",
)
VERDICT = "[data-verdict]"
STEPS = ("credential", "keys", "signature", "dates", "status", "statement", "attestation")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium: the system's, else the one that Playwright installed."""
    system = shutil.which("chromium") or shutil.which("chromium-browser")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield opened
        await opened.close()


async def look(page: Page, hub: Server, of: Server) -> dict[str, str | None]:
    """Open the page; what came of each step once there is a verdict."""
    await page.goto(f"{hub.url}/en/label/{of.handle}")
    await expect(page.locator(VERDICT)).to_have_attribute(
        "data-outcome", re.compile("yes|no|unable"), timeout=15_000
    )
    found = {}
    for element in await page.locator("[data-step]").all():
        name = await element.get_attribute("data-step")
        found[str(name)] = await element.get_attribute("data-outcome")
    return found | {"verdict": await page.locator(VERDICT).get_attribute("data-outcome")}


async def test_the_browser_verifies_it(ruche: Server, labelled: Server, browser: Browser) -> None:
    """Every step holds, in both languages, at phone width, and nobody else is asked."""
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    watch = Watch(page)
    found = await look(page, ruche, labelled)
    assert found == dict.fromkeys([*STEPS, "verdict"], "yes")
    assert "Your browser has verified it" in await page.inner_text(VERDICT)
    assert await page.evaluate(WIDER) <= 0
    assert all(url.startswith(f"{ruche.url}/") for url in watch.requests), watch.requests
    assert watch.complaints == []
    snippet = await page.input_value("#snippet")
    await page.goto(f"{ruche.url}/fr/label/{labelled.handle}")
    await expect(page.locator(VERDICT)).to_contain_text("Votre navigateur l’a vérifié")
    # what is pasted elsewhere shows the badge there, and leads here
    await page.goto(f"{ruche.url}/healthz")
    await page.set_content(f"<html><body>{snippet}</body></html>")
    await page.wait_for_function("document.images[0]?.naturalWidth === 250")
    assert await page.get_attribute("a", "href") == f"{ruche.url}/label/{labelled.handle}"
    await page.close()


async def test_without_javascript_it_says_how(
    ruche: Server, labelled: Server, browser: Browser
) -> None:
    """No verdict is claimed; the command is shown."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{ruche.url}/en/label/{labelled.handle}")
    assert "Without, use the command below" in await page.inner_text(VERDICT)
    assert f"pecfed verify {ruche.url}/label/{labelled.handle}" in await page.inner_text("pre")
    await context.close()


async def test_the_page_is_not_believed(ruche: Server, labelled: Server, browser: Browser) -> None:
    """A server that alters one value, whichever, can't make the browser say yes."""
    page = await browser.new_page()
    label = await document(ruche, f"{ruche.url}/label/{labelled.handle}.json")
    path = label["id"].removeprefix(ruche.url)
    served: dict[str, Any] = {}

    async def answer(route: Route) -> None:
        await route.fulfill(body=json.dumps(served), content_type="application/vc")

    await page.route(f"**{path}", answer)
    altered: list[tuple[tuple[str, ...], Any, str]] = [
        (("validUntil",), "2098-01-01T00:00:00Z", "signature"),
        (("validFrom",), "2020-01-01T00:00:00Z", "signature"),
        (("name",), "Or", "signature"),
        (("issuer", "name"), "Autre", "signature"),
        (("issuer", "id"), "http://127.0.0.1:9/actors/x", "credential"),
        (("credentialSubject", "id"), "http://127.0.0.1:9/actors/x", "credential"),
        (("credentialSubject", "statement", "digest"), "0" * 64, "signature"),
        (("credentialStatus", "statusListIndex"), "77", "signature"),
        (("proof", "created"), "2020-01-01T00:00:00Z", "signature"),
        (("proof", "proofValue"), label["proof"]["proofValue"][:-1] + "z", "signature"),
        (("proof", "verificationMethod"), f"{ruche.actor_uri}#ed25519-key", "signature"),
        (("evidence",), [], "signature"),
    ]
    served.update(copy.deepcopy(label))
    assert (await look(page, ruche, labelled))["verdict"] == "yes", "as it is"
    for path_, value, step in altered:
        served.clear()
        served.update(copy.deepcopy(label))
        at: Any = served
        for name in path_[:-1]:
            at = at[name]
        assert at.get(path_[-1]) != value
        at[path_[-1]] = value
        found = await look(page, ruche, labelled)
        assert (found["verdict"], found[step]) == ("no", "no"), (path_, found)
    await page.close()


async def signed_anew(hub: Server, of: dict[str, Any], **options: str) -> dict[str, Any]:
    """A document that the hub itself signs, with more options of its proof."""
    signer = await hub.node.keyring.attesting("ruche")
    rest = {name: value for name, value in of.items() if name != "proof"}
    proof = {**of["proof"], "verificationMethod": signer.uri, **options}
    del proof["proofValue"]
    hashed = [hashlib.sha256(canonical(each)).digest() for each in (proof, rest)]
    return rest | {
        "proof": {**proof, "proofValue": "z" + base58(signer.key.sign(b"".join(hashed)))}
    }


async def test_what_the_hub_signs_must_say_it_all(
    ruche: Server, labelled: Server, browser: Browser
) -> None:
    """Of its kind, by a proof that holds today, each principle of the charter confirmed."""
    page = await browser.new_page()
    label = await document(ruche, f"{ruche.url}/label/{labelled.handle}.json")
    attestation = await document(ruche, label["credentialSubject"]["attestation"])
    served: dict[str, dict[str, Any]] = {}

    async def answer(route: Route) -> None:
        await route.fulfill(
            body=json.dumps(served[route.request.url]), content_type="application/vc"
        )

    for each in (label, attestation):
        await page.route(each["id"], answer)
    subject = attestation["credentialSubject"]
    principles = subject["principles"]

    def other(listed: list[dict[str, str]]) -> dict[str, Any]:
        return attestation | {"credentialSubject": subject | {"principles": listed}}

    badge, endorsement = label["type"], attestation["type"]
    named = [*principles[1:], {"principle": "none", "finding": "confirmed"}]
    later = {"statement": subject["statement"] | {"charter": "2030"}}
    over = {"expires": "2020-01-01T00:00:00Z"}
    cases: list[tuple[dict[str, Any], dict[str, str], str]] = [
        (label, {"expires": "2098-01-01T00:00:00Z"}, ""),
        (attestation, {}, ""),
        (label | {"type": endorsement}, {}, "credential"),
        (label, over, "signature"),
        (label, {"expires": "soon"}, "signature"),
        (attestation | {"type": badge}, {}, "attestation"),
        (attestation, over, "attestation"),
        (other(principles[:1]), {}, "attestation"),
        (other(principles[:-1]), {}, "attestation"),
        (other(named), {}, "attestation"),
        (other([*principles[1:], principles[1]]), {}, "attestation"),
        (other([{**principles[0], "finding": "questioned"}, *principles[1:]]), {}, "attestation"),
        (attestation | {"credentialSubject": subject | later}, {}, "attestation"),
    ]
    for changed_, options, step in cases:
        served.update({label["id"]: label, attestation["id"]: attestation})
        served[changed_["id"]] = await signed_anew(ruche, changed_, **options)
        found = await look(page, ruche, labelled)
        failed = {name for name, outcome in found.items() if outcome != "yes"}
        assert failed == ({step, "verdict"} if step else set()), (changed_, options)
    await page.close()


async def test_a_statement_on_an_earlier_charter_is_a_doubt(
    ruche: Server, labelled: Server, browser: Browser
) -> None:
    """Once another one is in force, though nothing about the label has changed."""
    page = await browser.new_page()

    async def newer(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        assert 'data-charter="2018"' in text
        await route.fulfill(
            response=answer, body=text.replace('data-charter="2018"', 'data-charter="2030"')
        )

    await page.route(f"**/en/label/{labelled.handle}", newer)
    found = await look(page, ruche, labelled)
    failed = {name for name, outcome in found.items() if outcome == "no"}
    assert failed == {"statement", "attestation", "verdict"}
    await page.close()


async def test_it_goes_down_before_the_visitors_eyes(
    ruche: Server, labelled: Server, browser: Browser
) -> None:
    """A statement that changed, a credential that was revoked, an attestation that was."""
    page = await browser.new_page()
    await changed(ruche, labelled, CHANGED)
    found = await look(page, ruche, labelled)
    assert {name for name, outcome in found.items() if outcome == "no"} == {"statement", "verdict"}
    rows = await ruche.rows("SELECT uri FROM credentials WHERE kind = 'attestation'")
    await ruche.write(lambda session: credentials.revoke(session, rows[0][0], "error"))
    found = await look(page, ruche, labelled)
    assert found["attestation"] == "no"
    await page.close()


async def test_a_browser_that_cant_says_so(
    ruche: Server, labelled: Server, browser: Browser
) -> None:
    """One without Ed25519, and a hub that doesn't answer: no verdict, and the command is shown."""
    page = await browser.new_page()
    await page.add_init_script(
        "crypto.subtle.importKey = async () => { throw new DOMException('', 'NotSupportedError') }"
    )
    found = await look(page, ruche, labelled)
    assert (found["verdict"], found["signature"], found["dates"]) == ("unable", "unable", "yes")
    await page.close()
    page = await browser.new_page()
    await page.route("**/actors/ruche", lambda route: route.abort())
    found = await look(page, ruche, labelled)
    assert (found["verdict"], found["keys"]) == ("unable", "unable")
    await page.close()
