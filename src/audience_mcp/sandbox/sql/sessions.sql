-- Visits: who came when and from where, how deep into the shop they got, and what they looked at.

CREATE TEMP TABLE visits AS
    SELECT a.workspace, session_id, profile_id,
        day + to_seconds(floor((7 + 16 * (dice('h1', session_id) + dice('h2', session_id) + dice('h3', session_id)) / 3) * 3600)::BIGINT)
            AS start
    FROM (SELECT workspace, first_id * 100 + n AS session_id FROM traits, range(getvariable('events') * 42 // 100 + 200) AS t(n)) AS a
    ASOF JOIN appetites AS b ON a.workspace = b.workspace AND dice('who', session_id) >= b.lower_bound
    ASOF JOIN calendar AS c ON a.workspace = c.workspace AND dice('when', session_id) >= c.lower_bound;

CREATE TEMP TABLE sessions AS
    WITH met AS (
        SELECT visits.*, p.newsletter, p.device AS usual_device, traits.price, traits.assortment, personas.favourite,
            traits.conversion * personas.conversion * if(p.tier = 'gold', 1.3, 1.0) AS urge,
            ago(start) AS days_ago, traits.campaign AS known_campaign, coalesce(days_ago = campaign_day, false) AS campaigning,
            coalesce(days_ago BETWEEN broken_to AND broken_from, false) AS breaking,
            coalesce(p.country = lost_country AND days_ago < lost_since, false) AS lost,
            dice('entry', session_id) AS entry
        FROM visits JOIN profiles AS p USING (profile_id)
            JOIN traits ON traits.workspace = visits.workspace JOIN personas USING (persona)
        WHERE p.created_at <= start
    ),
    entered AS (
        SELECT *,
            CASE WHEN met.newsletter AND entry < 0.22 THEN 'newsletter'
                 WHEN usual_device <> 'desktop' AND entry > 0.80 THEN 'app' ELSE 'web' END AS kind,
            CASE WHEN kind = 'app' THEN 'mobile'
                 WHEN dice('other device', session_id) < 0.12 THEN if(usual_device = 'desktop', 'mobile', 'desktop')
                 ELSE usual_device END AS device,
            campaigning AND kind = 'web' AND dice('flash', session_id) < 0.65 AS drawn,
            if(dice('taste', session_id) < 0.5 AND list_contains(assortment, favourite), favourite,
               pick(assortment, 'category', session_id)) AS category
        FROM met
    ),
    browsed AS (
        SELECT *, kind <> 'newsletter' OR dice('click', session_id) < 0.35 AS came,
            if(came AND dice('look', session_id) < 0.68, 1 + floor(5 * pow(dice('views', session_id), 1.6))::INTEGER, 0) AS views,
            -- the campaign makes people buy; a broken checkout and lost customers leave their carts behind
            urge * if(drawn, 1.5, 1.0) AS wish, 1 - 0.94 * (lost OR (breaking AND device = 'mobile'))::INTEGER AS luck,
            views > 0 AND dice('cart', session_id) < least(0.9, 0.24 * wish + 0.04 * views) AS carted
        FROM entered
    ),
    decided AS (
        SELECT *, carted AND dice('charge', session_id) < luck * least(0.85, 0.42 * wish) AS bought,
            -- some finish on a later day what they left in the cart
            3600 + floor(dice('delay', session_id) * 5 * 86400)::BIGINT AS delay,
            carted AND NOT bought AND dice('later', session_id) < luck * 0.18
                AND start + to_seconds(delay) < getvariable('today') + INTERVAL 23 HOUR AS bought_later,
            came AND dice('chat', session_id) < if(carted AND NOT bought, 0.09, 0.025) AS chatted
        FROM browsed
    )
    SELECT workspace, session_id, profile_id, start, device, kind, category, price,
        (kind = 'newsletter')::INTEGER AS opened, decided.came::INTEGER AS came, views,
        decided.chatted::INTEGER AS chatted,
        decided.carted::INTEGER AS carted, (decided.bought OR bought_later)::INTEGER AS bought,
        if(bought_later, decided.delay, 0) AS delay,
        (kind = 'newsletter')::INTEGER + decided.came::INTEGER + views + decided.chatted::INTEGER
            + decided.carted::INTEGER + (decided.bought OR bought_later)::INTEGER AS size,
        sum(size) OVER (PARTITION BY workspace ORDER BY session_id) - size AS earlier,
        CASE WHEN drawn THEN known_campaign
             WHEN kind = 'newsletter' THEN 'newsletter-' || lower(category)
             WHEN kind = 'web' AND dice('paid', session_id) < 0.30
                 THEN pick(['search-brand', 'search-generic', 'social-video', 'affiliate-home'], 'campaign', session_id)
        END AS campaign
    FROM decided
    -- visits until there are as many events as asked for
    QUALIFY earlier < getvariable('events');
