-- Actors that move, or end: a JSON list of the other ids an actor goes by, and where it went.

ALTER TABLE actors ADD COLUMN also_known_as TEXT NOT NULL DEFAULT '[]';
ALTER TABLE actors ADD COLUMN moved_to TEXT NOT NULL DEFAULT '';
ALTER TABLE actors ADD COLUMN deleted_at BIGINT;
