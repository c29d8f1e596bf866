-- Actors that move, or end.

ALTER TABLE actors ADD COLUMN also_known_as TEXT NOT NULL DEFAULT '[]';  -- JSON list of actor ids
ALTER TABLE actors ADD COLUMN moved_to TEXT NOT NULL DEFAULT '';         -- the id of where it went
ALTER TABLE actors ADD COLUMN deleted_at BIGINT;
