// Merle verifies credentials with Digital Bazaar's libraries, which have no code of ours. Reads
// one JSON line {documents: {address: document}, cases: [{name, credential}]} on standard input;
// whatever isn't among the documents can't be had. Writes {name: true, or why not} as one line.
import { readFileSync } from "node:fs";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import { createVerifyCryptosuite } from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import * as vc from "@digitalbazaar/vc";
import { checkStatus } from "@digitalbazaar/vc-bitstring-status-list";

const { documents, cases } = JSON.parse(readFileSync(0, "utf8"));

async function documentLoader(url) {
  const [address] = url.split("#");
  const found = documents[url] ?? documents[address];
  if (!found) throw new Error(`${url} can't be had`);
  // a key is asked for by its own id, and stands in its owner's document
  const key = url === address ? undefined : found.assertionMethod?.find((each) => each.id === url);
  const document = key ? { "@context": "https://w3id.org/security/multikey/v1", ...key } : found;
  return { contextUrl: null, documentUrl: url, document };
}

const suite = () => new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });

function words(error) {
  const inner = error?.errors ?? error?.cause?.errors ?? [];
  return [error?.message, ...[inner].flat().map(words)].filter(Boolean).join(": ");
}

const outcomes = {};
for (const { name, credential } of cases) {
  try {
    const found = await vc.verifyCredential({ credential, suite: suite(), documentLoader, checkStatus });
    const isSet = found.statusResult?.results?.some((each) => each.status);
    const why = isSet ? "its status is set" : words(found.error) || words(found.statusResult?.error);
    outcomes[name] = found.verified && !isSet && Boolean(found.statusResult) ? true : why || "no";
  } catch (error) {
    outcomes[name] = words(error) || "no";
  }
}
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
