-- 1 if a user has no event in the 14 days from the as-of day on.

SELECT
  entities.as_of,
  entities.user_id,
  IF(COUNT(outcomes.event_id) = 0, 1, 0) AS churned
FROM entities
LEFT JOIN outcomes
  ON outcomes.as_of = entities.as_of
  AND outcomes.user_id = entities.user_id
GROUP BY entities.as_of, entities.user_id
