-- What an entry has had us do today, so that nobody makes a hub write or ask without end.

ALTER TABLE members ADD COLUMN counted_on TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
