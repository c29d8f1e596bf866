-- Working groups, and what waits to be announced.

CREATE TABLE passed_on (           -- what a group, the hub or the instance actor announces: each object once
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    object_uri TEXT NOT NULL,
    author_uri TEXT NOT NULL,
    state TEXT NOT NULL,           -- shown, waiting, collected (told in a note) or withdrawn
    at BIGINT NOT NULL,
    title TEXT NOT NULL DEFAULT '',     -- of what isn't kept as an object of the directory
    url TEXT NOT NULL DEFAULT '',
    activity TEXT NOT NULL DEFAULT '',  -- groups: the activity that was passed on whole
    reason TEXT NOT NULL DEFAULT '',    -- why it was withdrawn
    PRIMARY KEY (actor_id, object_uri)
);
CREATE INDEX passed_on_object ON passed_on (object_uri);
CREATE INDEX passed_on_author ON passed_on (actor_id, author_uri, at);
CREATE INDEX passed_on_waiting ON passed_on (at) WHERE state = 'waiting';

INSERT INTO passed_on (actor_id, object_uri, author_uri, state, at)
SELECT a.actor_id, a.object_uri, COALESCE(max(o.actor_uri), ''), 'shown', min(a.published_at)
FROM activities a LEFT JOIN objects o ON o.uri = a.object_uri
WHERE a.type = 'Announce' GROUP BY a.actor_id, a.object_uri;

CREATE TABLE hub_groups (          -- on a node: the groups of the hubs it is a member of
    hub_uri TEXT NOT NULL,
    working_group TEXT NOT NULL,   -- the charter's id
    uri TEXT NOT NULL,
    inbox TEXT NOT NULL,
    PRIMARY KEY (hub_uri, working_group)
);
CREATE INDEX hub_groups_uri ON hub_groups (uri);

CREATE TABLE hubs_read (           -- when to read a hub's groups next
    hub_uri TEXT PRIMARY KEY,
    due_at BIGINT NOT NULL
);
INSERT INTO hubs_read (hub_uri, due_at)
SELECT DISTINCT hub_uri, 0 FROM memberships WHERE state = 'member';

CREATE TABLE addressed (           -- which groups an object of ours was sent to
    object_uri TEXT NOT NULL,
    group_uri TEXT NOT NULL,
    inbox TEXT NOT NULL,
    PRIMARY KEY (object_uri, group_uri)
);
