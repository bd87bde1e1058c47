-- 1 if a customer makes no purchase in the 28 days from the as-of day on.
--
-- `entities` has the customers that features.sql returned, `outcomes` the purchases of the 28 days from each as-of day on.

SELECT
  entities.as_of,
  entities.customer_id,
  IF(COUNT(outcomes.event_id) = 0, 1, 0) AS churned
FROM entities
LEFT JOIN outcomes
  ON outcomes.as_of = entities.as_of
  AND outcomes.customer_id = entities.customer_id
GROUP BY entities.as_of, entities.customer_id
