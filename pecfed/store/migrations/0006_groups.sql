-- Working groups, and what waits to be announced.
SELECT 1;
