-- Visits -> events: each slot that a visit filled becomes a row.

CREATE TABLE events AS
    WITH slots AS (
        SELECT * FROM (VALUES
            (0, 'newsletter.open'), (1, 'page.visit'), (1, 'app.session'), (2, 'product.view'), (3, 'product.view'),
            (4, 'product.view'), (5, 'product.view'), (6, 'product.view'), (7, 'chat.contact'), (8, 'product.addToCart'),
            (9, 'transaction.charge')
        ) AS t(slot, name)
    ),
    filled AS (
        -- `place` counts the filled slots before: the last visit is cut where the events asked for are reached
        SELECT session_id, slot, name,
            start + to_seconds(
                slot * 95 + floor(dice('step', session_id * 16 + slot) * 80)::BIGINT + if(slot = 9, delay, 0)
            ) AS moment,
            CASE slot WHEN 0 THEN 0 WHEN 1 THEN opened WHEN 7 THEN opened + came + views
                      WHEN 8 THEN opened + came + views + chatted WHEN 9 THEN size - 1
                      ELSE opened + came + slot - 2 END AS place
        FROM sessions CROSS JOIN slots
        WHERE earlier + place < getvariable('events') AND CASE slot
            WHEN 0 THEN opened = 1
            WHEN 1 THEN came = 1 AND (kind = 'app') = (name = 'app.session')
            WHEN 7 THEN chatted = 1
            WHEN 8 THEN carted = 1
            WHEN 9 THEN bought = 1
            ELSE slot - 1 <= views
        END
    ),
    numbered AS (
        SELECT s.*, slot, name, moment, slot BETWEEN 2 AND 6 OR slot >= 8 AS of_goods,
            -- the last thing looked at is the one that is bought
            floor(5 * dice('product', session_id * 16 + if(slot >= 7, 1 + views, slot)))::INTEGER AS choice
        FROM filled JOIN sessions AS s USING (session_id)
    )
    SELECT n.workspace,
        (traits.first_id * 1000 + row_number() OVER (PARTITION BY n.workspace ORDER BY moment, session_id, slot))::BIGINT
            AS event_id,
        profile_id::BIGINT AS profile_id, name, moment AS "at", device,
        CASE slot WHEN 8 THEN round(goods.price * traits.price, 2)
                  WHEN 9 THEN round(goods.price * traits.price * (1 + floor(3 * pow(dice('pieces', session_id), 2))), 2)
        END AS amount,
        if(of_goods, goods.category, NULL) AS category, if(of_goods, goods.product, NULL) AS product,
        'https://' || if(n.workspace = 'main', 'www', 'outlet') || '.meadowandmain.example' || CASE slot
            WHEN 0 THEN NULL
            WHEN 1 THEN if(name = 'app.session', NULL,
                pick(['/', '/', '/sale', '/category/' || lower(n.category), '/stores'], 'landing', session_id))
            WHEN 7 THEN '/help'
            WHEN 8 THEN '/cart'
            WHEN 9 THEN '/checkout/done'
            ELSE '/product/' || replace(lower(goods.product), ' ', '-')
        END AS page_url,
        n.campaign, session_id::BIGINT AS session_id
    FROM numbered AS n JOIN traits ON traits.workspace = n.workspace
    JOIN goods ON goods.category = n.category AND goods.number = n.choice
    ORDER BY n.workspace, event_id;

DROP TABLE sessions;
DROP TABLE visits;
DROP TABLE appetites;
DROP TABLE crowd;
