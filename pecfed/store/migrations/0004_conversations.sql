-- Replies, likes, boosts, votes, reports; who is blocked.
SELECT 1;
