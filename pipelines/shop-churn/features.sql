-- One row for each user with an event in the 7 days before the as-of day.
--
-- Cart retention is the time from when an item is added to the cart until it is bought (the user's next successful
-- payment buys the whole cart) or removed. For an item that is still in the cart, it is the time until the as-of day.
-- Long retention shows interest without a purchase. Later events are not visible, so an item that is bought on the next
-- day still counts as retained.

WITH cart_items AS (
  SELECT
    as_of,
    user_id,
    event_type,
    event_time AS added_at,
    MIN(IF(event_type = 'payment', event_time, NULL)) OVER (
      PARTITION BY as_of, user_id ORDER BY event_time, event_id
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS bought_at,
    MIN(IF(event_type = 'cart_remove', event_time, NULL)) OVER (
      PARTITION BY as_of, user_id, item_id ORDER BY event_time, event_id
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS removed_at
  FROM events
  -- Nothing else changes a cart, and the windows sort what they are given.
  WHERE event_type IN ('cart_add', 'cart_remove') OR (event_type = 'payment' AND payment_status = 'success')
),

carts AS (
  SELECT
    as_of,
    user_id,
    COUNT(*) AS cart_adds,
    -- LEAST ignores nulls.
    AVG(UNIX_TIMESTAMP(LEAST(bought_at, removed_at, as_of)) - UNIX_TIMESTAMP(added_at)) / 3600 AS retention_hours,
    COUNT_IF(bought_at IS NULL AND removed_at IS NULL) AS open_items,
    COUNT_IF(bought_at IS NULL OR removed_at < bought_at) AS unbought_items
  FROM cart_items
  WHERE event_type = 'cart_add'
  GROUP BY as_of, user_id
),

users AS (
  SELECT
    as_of,
    user_id,
    (UNIX_TIMESTAMP(as_of) - UNIX_TIMESTAMP(MAX(event_time))) / 3600 AS recency_hours,
    -- Several COUNT(DISTINCT …) would take twice the time: Spark sorts all events once more for each.
    SIZE(COLLECT_SET(TO_DATE(event_time))) AS active_days,
    SIZE(COLLECT_SET(session_id)) AS sessions,
    SIZE(COLLECT_SET(IF(event_time >= as_of - INTERVAL 3 DAYS, session_id, NULL))) AS sessions_last_3_days,
    COUNT_IF(event_type = 'click') AS clicks,
    -- Spark adds doubles in no fixed order: a rounded mean could fall to either side of an edge, a rounded sum of cents does not.
    ROUND(SUM(IF(event_type = 'click', price, NULL)), 2) / COUNT(IF(event_type = 'click', price, NULL)) AS mean_price_viewed,
    COUNT_IF(event_type = 'payment' AND payment_status = 'success') AS purchases,
    SUM(IF(event_type = 'payment' AND payment_status = 'success', amount, 0)) AS spend,
    -- Null without any attempt, because no attempt is not the same as no failure.
    AVG(IF(event_type = 'payment', IF(payment_status = 'failure', 1, 0), NULL)) AS failed_payment_share,
    MAX_BY(device, STRUCT(event_time, event_id)) AS device
  FROM events
  GROUP BY as_of, user_id
)

SELECT
  users.as_of,
  users.user_id,
  ROUND(users.recency_hours, 2) AS recency_hours,
  users.active_days,
  users.sessions,
  users.sessions_last_3_days,
  users.clicks,
  users.mean_price_viewed,
  COALESCE(carts.cart_adds, 0) AS cart_adds,
  ROUND(carts.retention_hours, 2) AS cart_retention_hours,
  COALESCE(carts.open_items, 0) AS open_cart_items,
  ROUND(carts.unbought_items / carts.cart_adds, 3) AS cart_abandonment_rate,
  users.purchases,
  ROUND(users.spend, 2) AS spend,
  ROUND(users.failed_payment_share, 3) AS failed_payment_share,
  users.device
FROM users
LEFT JOIN carts
  ON carts.as_of = users.as_of
  AND carts.user_id = users.user_id
