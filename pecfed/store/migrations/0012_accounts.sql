-- Who may enter the admin pages: accounts, their passkeys, one-time links, and who is signed in.

CREATE TABLE accounts (
    id {id},
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,            -- operator, reviewer or observer
    language TEXT NOT NULL,        -- fr or en
    user_handle TEXT NOT NULL UNIQUE, -- what passkeys know the account by: random, base64url
    password TEXT NOT NULL DEFAULT '', -- its argon2id hash, '' for none
    totp_secret TEXT NOT NULL DEFAULT '', -- base32, '' for none
    totp_step BIGINT NOT NULL DEFAULT 0, -- the newest step whose code was used
    created_at BIGINT NOT NULL
);

CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,           -- the credential's id, base64url
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    public_key TEXT NOT NULL,      -- COSE, base64url
    sign_count BIGINT NOT NULL,
    label TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX passkeys_account ON passkeys (account_id);

-- of links, sign-ins and challenges only the SHA-256 is kept
CREATE TABLE entry_links (
    digest TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    expires_at BIGINT NOT NULL
);

CREATE TABLE sign_ins (
    digest TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    began_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,  -- when a second factor was shown last, 0 for never
    pending_totp TEXT NOT NULL DEFAULT '' -- a new secret whose first code hasn't been given yet
);
CREATE INDEX sign_ins_account ON sign_ins (account_id);

CREATE TABLE passkey_challenges (
    digest TEXT PRIMARY KEY,
    account_id BIGINT,             -- NULL for somebody who signs in
    expires_at BIGINT NOT NULL
);

CREATE TABLE sign_in_failures (
    id {id},
    who TEXT NOT NULL,             -- 'address …' or 'account …'
    at BIGINT NOT NULL
);
CREATE INDEX sign_in_failures_who ON sign_in_failures (who, at);
