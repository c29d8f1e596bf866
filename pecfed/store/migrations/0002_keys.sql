-- Key pairs of our actors, current and retired.
SELECT 1;
