-- What organisations on other software publish.
SELECT 1;
