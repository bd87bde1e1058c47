-- One row for each customer who bought within the 7 days before the as-of day.
--
-- `events` has, for each requested as-of day, the purchases of the 180 days before it and none after it.
-- Purchases on the same day count as one visit; the file has 2,068 such repetitions.
-- Sums are rounded to cents, because Spark adds doubles in no fixed order and a rerun must return identical rows. The mean is taken
-- of the rounded sum: a mean of 22.575 that is rounded itself may become 22.57 or 22.58.

WITH visits AS (
  SELECT
    as_of,
    customer_id,
    DATEDIFF(as_of, event_time) AS age_days,
    SUM(amount) AS spend,
    SUM(quantity) AS quantity
  FROM events
  GROUP BY as_of, customer_id, DATEDIFF(as_of, event_time)
),

spaced AS (
  SELECT
    *,
    -- The number of days since the previous visit, which has the next greater age.
    LAG(age_days) OVER (PARTITION BY as_of, customer_id ORDER BY age_days DESC) - age_days AS gap_days
  FROM visits
)

SELECT
  as_of,
  customer_id,
  CAST(MIN(age_days) AS BIGINT) AS recency_days,
  COUNT(*) AS purchase_days,
  ROUND(STDDEV_SAMP(gap_days), 3) AS gap_stddev_days,
  ROUND(SUM(spend), 2) / COUNT(*) AS mean_spend,
  ROUND(MIN_BY(spend, age_days), 2) AS last_spend,
  CAST(MIN_BY(quantity, age_days) AS BIGINT) AS last_quantity,
  COUNT_IF(age_days <= 28) AS purchase_days_1_28,
  ROUND(SUM(IF(age_days <= 28, spend, 0)), 2) AS spend_1_28,
  COUNT_IF(age_days BETWEEN 29 AND 90) AS purchase_days_29_90,
  ROUND(SUM(IF(age_days BETWEEN 29 AND 90, spend, 0)), 2) AS spend_29_90,
  COUNT_IF(age_days BETWEEN 91 AND 180) AS purchase_days_91_180,
  ROUND(SUM(IF(age_days BETWEEN 91 AND 180, spend, 0)), 2) AS spend_91_180
FROM spaced
GROUP BY as_of, customer_id
HAVING MIN(age_days) <= 7
