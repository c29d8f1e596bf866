-- What profiles show: until when the charter is declared (an ISO date, or nothing); former names.

ALTER TABLE actors ADD COLUMN declared_until TEXT NOT NULL DEFAULT '';

UPDATE actors SET declared_until = COALESCE((
    SELECT max(objects.valid_until) FROM objects
    WHERE objects.actor_id = actors.id AND objects.kind = 'statement' AND objects.deleted_at IS NULL
), '');

CREATE TABLE former_names (        -- user names that our actors had: they lead to the present one
    username TEXT PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    renamed_at BIGINT NOT NULL
);
