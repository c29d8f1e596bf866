// Héron, an actor on Fedify: somebody else's server, with somebody else's vocabulary and signatures.
// It answers everybody as Fedify does, and does what the test asks for by POST /_do (JSON in, JSON out).
import { createServer } from "node:http";

const knocks = []; // every request it made: {method, url, how, status}
const fetched = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const headers = new Headers(init?.headers ?? input.headers);
  const how = headers.has("signature-input") ? "rfc9421" : headers.has("signature") ? "cavage" : "";
  const answer = await fetched(input, init);
  const method = init?.method ?? input.method ?? "GET";
  knocks.push({ method, url: String(input.url ?? input), how, status: answer.status });
  return answer;
};

const fedify = await import("@fedify/fedify");
const as = await import("@fedify/vocab");
const { createFederation, generateCryptoKeyPair, MemoryKvStore } = fedify;
const Temporal = globalThis.Temporal ?? (await import("@js-temporal/polyfill")).Temporal;

const NAME = "heron";
const http = createServer(answer);
await new Promise((done) => http.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${http.address().port}`;
const federation = createFederation({
  kv: new MemoryKvStore(), origin, allowPrivateAddress: true, signatureTimeWindow: { hours: 1 },
});
const heard = [], kept = new Map(), followers = new Map(), errors = [];
let keys = await newKeys(), count = 0;

async function newKeys() {
  return [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];
}

federation.setActorDispatcher("/users/{identifier}", async (ctx, name) => {
  if (name !== NAME) return null;
  const pairs = await ctx.getActorKeyPairs(name);
  return new as.Organization({
    id: ctx.getActorUri(name), preferredUsername: name, name: "Héron", inbox: ctx.getInboxUri(name),
    outbox: ctx.getOutboxUri(name), followers: ctx.getFollowersUri(name),
    endpoints: new as.Endpoints({ sharedInbox: ctx.getInboxUri() }),
    publicKey: pairs[0].cryptographicKey, assertionMethods: pairs.map((pair) => pair.multikey),
  });
}).setKeyPairsDispatcher(() => keys);
federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({
  items: [...followers.values()],
}));
federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({
  items: [...kept.values()].filter((each) => each instanceof as.Create),
}));
for (const [path, kind] of [["notes", as.Note], ["events", as.Event], ["said", as.Activity]]) {
  federation.setObjectDispatcher(kind, `/${path}/{id}`, (_, { id }) =>
    kept.get(`${origin}/${path}/${id}`) ?? null);
}
federation.setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(as.Activity, async (ctx, activity) => {
    heard.push(await told(activity, ctx));
    if (activity instanceof as.Follow) {
      const whom = await activity.getActor(ctx);
      followers.set(whom.id.href, whom);
      await say(ctx, whom, new as.Accept({ id: fresh("said"), actor: me(ctx), object: activity }));
    }
  })
  .onError((_, error) => void errors.push(String(error?.stack ?? error)));

const me = (ctx) => ctx.getActorUri(NAME);
const fresh = (path) => new URL(`${origin}/${path}/${++count}`);
const url = (text) => (text ? new URL(text) : null);

async function say(ctx, to, activity) {
  kept.set(activity.id.href, activity);
  await ctx.sendActivity({ identifier: NAME }, to, activity);
  return { id: activity.id.href, object: activity.objectId?.href ?? null };
}

// What its vocabulary understood of an object: null where something isn't there.
async function told(thing, ctx, deep = true) {
  if (thing == null) return null;
  const found = { type: thing.constructor.name, id: thing.id?.href ?? null };
  for (const name of ["name", "content", "summary", "preferredUsername", "published", "updated",
    "startTime", "endTime", "sensitive", "closed", "voters", "mediaType", "latitude"]) {
    if (thing[name] != null) found[name] = typeof thing[name] === "number" ? thing[name] : String(thing[name]);
  }
  for (const name of ["actor", "object", "target", "attribution", "replyTarget", "inbox", "followers", "featured"]) {
    const id = thing[`${name}Id`];
    if (id != null) found[`${name}Id`] = id.href;
  }
  for (const name of ["to", "cc", "attribution"]) {
    const ids = thing[`${name}Ids`];
    if (ids?.length) found[`${name}Ids`] = ids.map((id) => id.href);
  }
  if (thing.contents?.length) found.languages = thing.contents.map((text) => text.language?.compact?.() ?? text.locale?.baseName ?? null);
  if (!deep) return found;
  const quiet = { ...ctx, suppressError: true };
  for (const [name, getter] of [["tags", "getTags"], ["attachments", "getAttachments"], ["options", "getExclusiveOptions"], ["choices", "getInclusiveOptions"], ["keys", "getPublicKeys"], ["multikeys", "getAssertionMethods"]]) {
    if (thing[getter] == null) continue;
    found[name] = [];
    for await (const each of thing[getter](quiet)) found[name].push(await told(each, ctx, false));
  }
  if (thing.getObject != null) found.object = await told(await thing.getObject(quiet), ctx);
  if (thing.getLocation != null) found.location = await told(await thing.getLocation(quiet), ctx, false);
  return found;
}

const note = (ctx, it, more = {}) => new as.Note({
  id: fresh("notes"), attribution: me(ctx), to: url(it.private ? it.to : as.PUBLIC_COLLECTION.href),
  cc: url(it.to), content: it.content, published: Temporal.Now.instant(), replyTarget: url(it.about),
  tags: it.mention ? [new as.Mention({ href: url(it.to), name: it.mention })] : [], ...more,
});
const create = (ctx, object) => {
  kept.set(object.id.href, object);
  return new as.Create({ id: fresh("said"), actor: me(ctx), object, tos: object.toIds, ccs: object.ccIds });
};
const plain = (kind, ctx, it) => new kind({ id: fresh("said"), actor: me(ctx), object: url(it.about) });

const SAYS = {
  follow: (ctx, it) => plain(as.Follow, ctx, it),
  join: (ctx, it) => plain(as.Join, ctx, it),
  leave: (ctx, it) => plain(as.Leave, ctx, it),
  like: (ctx, it) => plain(as.Like, ctx, it),
  flag: (ctx, it) => new as.Flag({ id: fresh("said"), actor: me(ctx), objects: [url(it.about)], content: it.content }),
  boost: (ctx, it) => new as.Announce({
    id: fresh("said"), actor: me(ctx), object: url(it.about), to: as.PUBLIC_COLLECTION, cc: url(it.to),
  }),
  reply: (ctx, it) => create(ctx, note(ctx, it)),
  vote: (ctx, it) => create(ctx, note(ctx, { ...it, private: true }, { content: null, name: it.name })),
  event: (ctx, it) => create(ctx, new as.Event({
    id: fresh("events"), attribution: me(ctx), to: as.PUBLIC_COLLECTION, cc: ctx.getFollowersUri(NAME),
    name: it.name, content: `<p>${it.name}</p>`, startTime: Temporal.Instant.from(it.start),
    endTime: Temporal.Instant.from(it.end), location: new as.Place({ name: it.place, latitude: 48.5, longitude: -2.5 }),
    published: Temporal.Now.instant(),
  })),
  undo: (ctx, it) => new as.Undo({ id: fresh("said"), actor: me(ctx), object: kept.get(it.about) }),
  update: (ctx, it) => {
    const object = kept.get(it.about).clone({ name: it.name, updated: Temporal.Now.instant() });
    kept.set(it.about, object);
    return new as.Update({ id: fresh("said"), actor: me(ctx), object, to: as.PUBLIC_COLLECTION });
  },
  delete: (ctx, it) => {
    kept.delete(it.about);
    return new as.Delete({ id: fresh("said"), actor: me(ctx), object: new as.Tombstone({ id: url(it.about) }), to: as.PUBLIC_COLLECTION });
  },
};
const DOES = {
  report: () => ({ heard, knocks, errors, followers: [...followers.keys()], actor: `${origin}/users/${NAME}` }),
  rotate: async () => void (keys = await newKeys()),
  lookup: async (ctx, it) => await told(await ctx.lookupObject(it.url), ctx),
  prove: async (ctx, it) => { // whose proofs of a document hold, read and checked by Fedify alone
    const answer = await fetched(it.url, { headers: { Accept: "application/activity+json" } });
    const document = await answer.json(), found = [];
    if (it.change) document[it.change] = "changed";
    const thing = await as.Object.fromJsonLd(document, ctx);
    for await (const proof of thing.getProofs(ctx)) {
      const key = await fedify.verifyProof(document, proof, ctx);
      found.push(key && { key: proof.verificationMethodId.href, suite: proof.cryptosuite, created: String(proof.created) });
    }
    return found;
  },
  collection: async (ctx, it) => {
    const items = [];
    for await (const each of ctx.traverseCollection(await ctx.lookupObject(it.url))) items.push(await told(each, ctx, false));
    return items;
  },
};

async function control(request) {
  const it = await request.json(), ctx = federation.createContext(request, undefined);
  try {
    if (DOES[it.do]) return Response.json((await DOES[it.do](ctx, it)) ?? null);
    const to = await ctx.lookupObject(it.to);
    return Response.json(await say(ctx, to, SAYS[it.do](ctx, it)));
  } catch (error) {
    return Response.json({ error: String(error?.stack ?? error) }, { status: 500 });
  }
}

async function answer(incoming, outgoing) {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  const request = new Request(new URL(incoming.url, origin), {
    method: incoming.method, headers: Object.entries(incoming.headers).flatMap(([name, value]) => [value].flat().map((each) => [name, each])),
    body: parts.length ? Buffer.concat(parts) : undefined,
  });
  const response = incoming.url === "/_do" ? await control(request)
    : await federation.fetch(request, { contextData: undefined });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

console.log(origin);
