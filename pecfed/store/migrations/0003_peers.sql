-- What we remember of other servers.
SELECT 1;
