-- Actors that move, or end.
SELECT 1;
