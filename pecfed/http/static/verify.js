// Verifies the credential of a label's page in the visitor's own browser: what counts is what
// it computes here, not what the page says. The same steps as `pecfed verify`.

class Doubt extends Error {}   // it doesn't hold
class Unable extends Error {}  // this browser, or the connection, can't tell

const HOUR = 3600e3;
const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const MOST = 1 << 20;  // bytes of an unpacked status list
const TYPES = { label: "OpenBadgeCredential", attestation: "EndorsementCredential" };
const OF_ACTORS = "application/activity+json";

function must(holds, words) {
  if (!holds) throw new Doubt(words);
}

async function read(address, accept = "application/json") {
  let answer;
  try {
    answer = await fetch(address, { headers: { Accept: accept }, cache: "no-store", credentials: "omit" });
  } catch {
    throw new Unable(address);
  }
  if (answer.status >= 500 || answer.status === 401) throw new Unable(address);
  must(answer.ok, `${address}: ${answer.status}`);
  return answer.json();
}

// RFC 8785: keys in the order of their UTF-16 units, the rest as ECMAScript writes it.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const parts = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${parts.join(",")}}`;
}

async function sha256(value) {
  const text = new TextEncoder().encode(canonical(value));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", text));
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function unbase58(text) {
  must(typeof text === "string" && text[0] === "z" && text.length < 150, "no base58");
  let number = 0n;
  for (const sign of text.slice(1)) {
    const value = ALPHABET.indexOf(sign);
    must(value >= 0, "no base58");
    number = number * 58n + BigInt(value);
  }
  const found = [];
  for (; number > 0n; number >>= 8n) found.unshift(Number(number & 255n));
  for (const sign of text.slice(1)) {
    if (sign !== "1") break;
    found.unshift(0);
  }
  return new Uint8Array(found);
}

// Data Integrity's eddsa-jcs-2022, by a key that the issuer's own document lists.
async function signed(document, issuer) {
  must(!("signature" in document) && typeof document.proof?.proofValue === "string", "no proof");
  const { proof, ...rest } = document;
  const { proofValue, ...options } = proof;
  must(options.type === "DataIntegrityProof" && options.cryptosuite === "eddsa-jcs-2022"
    && options.proofPurpose === "assertionMethod", "another kind of proof");
  must(canonical(options["@context"] ?? null) === canonical(rest["@context"]), "another context");
  const listed = [issuer.assertionMethod ?? []].flat().slice(0, 10);
  const key = listed.find((each) => each.id === options.verificationMethod
    && each.controller === issuer.id && !("revoked" in each));
  must(key, "the key isn't listed");
  const made = Date.parse(options.created);
  must(made <= Date.now() + HOUR, "made in the future");
  must(!("expires" in options) || Date.now() < Date.parse(options.expires), "ended");
  must(!("expires" in key) || made <= Date.parse(key.expires), "made after the key's end");
  const multikey = unbase58(key.publicKeyMultibase);
  must(multikey.length === 34 && multikey[0] === 0xed && multikey[1] === 0x01, "no Ed25519 key");
  const bytes = new Uint8Array([...await sha256(options), ...await sha256(rest)]);
  let known;
  try {
    known = await crypto.subtle.importKey("raw", multikey.slice(2), "Ed25519", false, ["verify"]);
  } catch {
    throw new Unable("Ed25519");  // an old browser
  }
  must(await crypto.subtle.verify("Ed25519", known, unbase58(proofValue), bytes), "altered");
}

function inTime(document) {
  must(Date.parse(document.validFrom) <= Date.now() + HOUR, "not yet valid");
  must(Date.now() <= Date.parse(document.validUntil), "no longer valid");
}

async function unpacked(encoded) {
  must(typeof encoded === "string" && encoded[0] === "u" && encoded.length < MOST, "no status list");
  const text = atob(encoded.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
  const packed = Uint8Array.from(text, (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bits = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    must(size <= MOST, "the status list is too large");
    bits.push(chunk);
  }
  must(size >= 16384, "the status list is too small");
  return new Uint8Array(await new Blob(bits).arrayBuffer());
}

async function notRevoked(document, issuer) {
  const entry = document.credentialStatus;
  must(entry?.type === "BitstringStatusListEntry" && entry.statusPurpose === "revocation", "no status");
  must(new URL(entry.statusListCredential).origin === new URL(issuer.id).origin, "a list of others");
  const list = await read(entry.statusListCredential);
  must(list.id === entry.statusListCredential && list.issuer === issuer.id
    && list.credentialSubject?.statusPurpose === "revocation"
    && [list.type].flat().includes("BitstringStatusListCredential"), "another list");
  await signed(list, issuer);
  inTime(list);
  const place = Number(entry.statusListIndex);
  const bits = await unpacked(list.credentialSubject.encodedList);
  must(Number.isInteger(place) && place >= 0 && place < bits.length * 8, "no such place");
  must(!(bits[place >> 3] & (0x80 >> (place & 7))), "revoked");
}

const isOf = (document, kind) =>
  canonical(document.type ?? null) === canonical(["VerifiableCredential", TYPES[kind]]);

async function attested(document, issuer) {
  const subject = document.credentialSubject;
  must(new URL(subject.attestation).origin === new URL(issuer.id).origin, "by somebody else");
  const other = await read(subject.attestation);
  must(other.id === subject.attestation && other.issuer?.id === issuer.id, "another attestation");
  must(isOf(other, "attestation"), "no attestation");
  await signed(other, issuer);
  inTime(other);
  must(other.credentialSubject?.id === subject.id
    && other.credentialSubject.statement?.digest === subject.statement.digest, "of another statement");
  must(other.credentialSubject.statement.charter === place.dataset.charter, "an earlier charter");
  const found = other.credentialSubject.principles ?? [];
  const wanted = place.dataset.principles.split(" ");
  const confirmed = new Set(found.filter((each) => each.finding === "confirmed").map((each) => each.principle));
  must(found.length === wanted.length && wanted.every((each) => confirmed.has(each)), "not all confirmed");
  await notRevoked(other, issuer);
}

const place = document.querySelector("[data-verify]");

const steps = {
  async credential(at) {
    at.document = await read(place.dataset.verify);
    const { document } = at;
    const here = new URL(place.dataset.verify, location.href);
    must(isOf(document, place.dataset.kind), "another kind of credential");
    must(document.id === here.href && document.credentialSubject?.id === place.dataset.subject
      && document.issuer?.id !== document.credentialSubject.id
      && new URL(document.issuer.id).origin === here.origin, "another credential");
  },
  async keys(at) {
    const issuer = await read(at.document.issuer.id, OF_ACTORS);
    must(issuer.id === at.document.issuer.id, "somebody else's keys");
    at.issuer = issuer;
  },
  signature: (at) => signed(at.document, at.issuer),
  async dates(at) { inTime(at.document); },
  status: (at) => notRevoked(at.document, at.issuer),
  async statement(at) {
    const said = at.document.credentialSubject.statement;
    const shown = await read(place.dataset.statement);
    must(shown.id === said.id && hex(await sha256(shown.charterStatement)) === said.digest, "changed");
    must(shown.charterStatement.charter === place.dataset.charter, "an earlier charter");
  },
  attestation: (at) => attested(at.document, at.issuer),
};

function show(element, outcome) {
  element.textContent = element.dataset[outcome];
  element.dataset.outcome = outcome;
}

async function verify() {
  const at = {};
  const outcomes = [];
  for (const element of place.querySelectorAll("[data-step]")) {
    let outcome = "yes";
    try {
      if (!globalThis.crypto?.subtle) throw new Unable("no secure context");
      if (element.dataset.step !== "credential" && !at.document) throw new Unable("nothing to look at");
      await steps[element.dataset.step](at);
    } catch (error) {
      outcome = error instanceof Unable ? "unable" : "no";
      if (!(error instanceof Doubt) && !at.issuer && element.dataset.step !== "credential"
        && element.dataset.step !== "keys") outcome = "unable";
    }
    outcomes.push(outcome);
    show(element, outcome);
  }
  const verdict = ["no", "unable", "yes"].find((each) => outcomes.includes(each));
  show(place.querySelector("[data-verdict]"), verdict ?? "unable");
}

if (place) verify();
