CREATE TABLE peers (               -- servers for which requests are signed another way than usual
    origin     TEXT {bytewise} PRIMARY KEY,
    way        TEXT NOT NULL,      -- cavage, rfc9421 or ed25519, see federation/knock.py
    learned_at BIGINT NOT NULL
);
