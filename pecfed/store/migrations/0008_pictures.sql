-- Pictures and hashtags.
SELECT 1;
