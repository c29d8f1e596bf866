-- {id} is the engine's own growing primary key, {bytewise} sorts text alike on both engines.
-- Times are whole milliseconds since 1970 UTC. JSON is kept as text.

CREATE TABLE actors (              -- the actors this node speaks for
    id {id},
    username TEXT NOT NULL UNIQUE,
    card TEXT NOT NULL,            -- hub, member, group or instance: actors/CARD.toml
    uri TEXT NOT NULL UNIQUE,
    profile TEXT NOT NULL,
    rsa_public TEXT NOT NULL,      -- SPKI PEM
    ed25519_public TEXT NOT NULL,  -- Multikey (z6Mk…)
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE remote_actors (
    uri TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    handle TEXT NOT NULL,          -- name@host
    name TEXT NOT NULL,
    inbox TEXT NOT NULL,
    shared_inbox TEXT NOT NULL,    -- the inbox again where there is no shared one
    document TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    gone_at BIGINT
);

CREATE TABLE remote_keys (
    uri TEXT PRIMARY KEY,
    actor_uri TEXT NOT NULL,
    pem TEXT NOT NULL
);
CREATE INDEX remote_keys_actor ON remote_keys (actor_uri);

CREATE TABLE objects (             -- ours, and on a hub also the members'
    id {id},
    uri TEXT NOT NULL UNIQUE,
    actor_uri TEXT NOT NULL,
    actor_id BIGINT REFERENCES actors (id),
    kind TEXT NOT NULL,            -- statement, event, resource or note
    uid TEXT NOT NULL,
    data TEXT NOT NULL,
    url TEXT NOT NULL DEFAULT '',
    published_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    starts_at BIGINT,              -- events: first and last moment
    ends_at BIGINT,
    topic TEXT NOT NULL DEFAULT '',        -- event kind, resource kind
    license TEXT NOT NULL DEFAULT '',
    openness TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    working_group TEXT NOT NULL DEFAULT '',
    valid_until TEXT NOT NULL DEFAULT '',  -- statements: ISO date
    words TEXT NOT NULL DEFAULT ''         -- folded, for search
);
CREATE INDEX objects_actor ON objects (actor_uri, kind);
CREATE UNIQUE INDEX objects_uid ON objects (actor_id, kind, uid) WHERE deleted_at IS NULL AND actor_id IS NOT NULL;
CREATE INDEX objects_starts ON objects (starts_at) WHERE kind = 'event' AND deleted_at IS NULL;

CREATE TABLE statement_versions (  -- each version of a statement, kept under its digest
    object_uri TEXT NOT NULL,
    digest TEXT NOT NULL,
    value TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (object_uri, digest)
);

CREATE TABLE activities (          -- what our actors did: an intent, then its wire form
    id {id},
    uri TEXT NOT NULL UNIQUE,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    type TEXT NOT NULL,
    object_uri TEXT NOT NULL,
    intent TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE INDEX activities_outbox ON activities (actor_id, id) WHERE is_public = 1;
CREATE INDEX activities_announced ON activities (object_uri) WHERE type = 'Announce';

CREATE TABLE deliveries (          -- one row for each inbox an activity goes to
    id {id},
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    inbox_url TEXT NOT NULL,
    host TEXT NOT NULL,            -- origin of the inbox
    object_uri TEXT NOT NULL,      -- what must stay in order towards one inbox
    state TEXT NOT NULL,           -- waiting, delivered or parked
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL DEFAULT 0,
    status INTEGER,                -- the last HTTP status
    error TEXT NOT NULL DEFAULT '',
    done_at BIGINT
);
CREATE INDEX deliveries_due ON deliveries (due_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_order ON deliveries (inbox_url, object_uri, id) WHERE state = 'waiting';
CREATE INDEX deliveries_host ON deliveries (host) WHERE state = 'waiting';
CREATE INDEX deliveries_done ON deliveries (done_at) WHERE state = 'delivered';
CREATE INDEX deliveries_activity ON deliveries (activity_id);

CREATE TABLE hosts (               -- the breaker: hosts that don't answer at present
    host TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    failing_since BIGINT NOT NULL,
    open_until BIGINT NOT NULL
);

CREATE TABLE followers (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    follower_uri TEXT {bytewise} NOT NULL,
    follow_uri TEXT NOT NULL,
    followed_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, follower_uri)
);
CREATE INDEX followers_uri ON followers (follower_uri);

CREATE TABLE following (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    target_uri TEXT NOT NULL,
    follow_uri TEXT NOT NULL,
    state TEXT NOT NULL,           -- asked or accepted
    followed_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, target_uri)
);
CREATE INDEX following_uri ON following (target_uri);

CREATE TABLE inbox (               -- what was acknowledged; done rows stay to know repeats
    id {id},
    activity_uri TEXT NOT NULL,
    actor_uri TEXT NOT NULL,       -- who signed it
    type TEXT NOT NULL,
    body TEXT NOT NULL,            -- emptied once it is done
    state TEXT NOT NULL,           -- waiting, done or parked
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    received_at BIGINT NOT NULL,
    UNIQUE (actor_uri, activity_uri)
);
CREATE INDEX inbox_due ON inbox (due_at, id) WHERE state = 'waiting';

CREATE TABLE withdrawn (           -- ids that must not come (back): deleted, undone
    uri TEXT NOT NULL,
    actor_uri TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (uri, actor_uri)
);

CREATE TABLE members (             -- a hub's directory entries and review records
    id {id},
    slug TEXT NOT NULL UNIQUE,     -- name@host, or an id of our own while invited
    uri TEXT {bytewise} UNIQUE,
    state TEXT NOT NULL,           -- domain/membership.py
    name TEXT NOT NULL,
    sort TEXT {bytewise} NOT NULL, -- the name, folded
    profile TEXT NOT NULL,
    source TEXT NOT NULL,          -- JSON list of urls for invited, else the actor's uri
    legal_form TEXT NOT NULL DEFAULT '',
    sectors TEXT NOT NULL DEFAULT '',      -- ' mobility food ', to look words up in
    country TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT '',
    join_uri TEXT NOT NULL DEFAULT '',
    read_due_at BIGINT,            -- when to read its collections next
    changed_at BIGINT NOT NULL
);
CREATE INDEX members_state ON members (state, sort);

CREATE TABLE membership_log (
    id {id},
    member_id BIGINT NOT NULL REFERENCES members (id),
    at BIGINT NOT NULL,
    deed TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    by TEXT NOT NULL,              -- operator, or the actor's own uri
    reason TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX membership_log_member ON membership_log (member_id, id);

CREATE TABLE memberships (         -- on a node: the hubs its actors asked to join
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    hub_uri TEXT NOT NULL,
    join_uri TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, hub_uri)
);
