-- Key pairs of our actors, current and retired; the private halves are files in DIR/keys.
CREATE TABLE keys (
    id {id},
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    uri TEXT NOT NULL UNIQUE,      -- never used again for another key
    kind TEXT NOT NULL,            -- rsa or ed25519
    public TEXT NOT NULL,          -- SPKI PEM, or Multikey (z6Mk…)
    created_at BIGINT NOT NULL,
    retired_at BIGINT,             -- when a newer one took its place
    expires_at BIGINT,             -- until when what a retired one signs still counts
    revoked_at BIGINT              -- since when nothing it ever signed counts
);
CREATE INDEX keys_actor ON keys (actor_id, id);
INSERT INTO keys (actor_id, uri, kind, public, created_at)
    SELECT id, uri || '#main-key', 'rsa', rsa_public, created_at FROM actors ORDER BY id;
INSERT INTO keys (actor_id, uri, kind, public, created_at)
    SELECT id, uri || '#ed25519-key', 'ed25519', ed25519_public, created_at FROM actors ORDER BY id;
ALTER TABLE actors DROP COLUMN rsa_public;
ALTER TABLE actors DROP COLUMN ed25519_public;

-- The signed document in which a version of a statement came, and whose key its proof is by.
ALTER TABLE statement_versions ADD COLUMN document TEXT NOT NULL DEFAULT '';
ALTER TABLE statement_versions ADD COLUMN proven_by TEXT NOT NULL DEFAULT '';
