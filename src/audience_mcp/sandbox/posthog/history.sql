-- What PostHog was told about each person, and when. `profiles` is what they are by now, `facts` what they did; the steps
-- between come from the identifier of each, so a seed always tells the same. Nobody seems active who was not: the changes
-- ride on a person's own events or come at the same second, and people who were imported and never came have no event.

CREATE MACRO chance(tag, id) AS (hash(tag || id::VARCHAR) % 1000)::INTEGER;
CREATE MACRO without_nulls(value) AS json_merge_patch('{}', to_json(value));

CREATE TEMP TABLE numbered AS
    SELECT profile_id, event_id, name, "at", row_number() OVER mine AS n, count(*) OVER (PARTITION BY profile_id) AS total
    FROM facts WINDOW mine AS (PARTITION BY profile_id ORDER BY "at", event_id);

-- At which of their own events (by number) people became silver and gold, moved, and took or left the newsletter.
CREATE TEMP TABLE biographies AS
    WITH came AS (
        SELECT profile_id, any_value(total)::INTEGER AS total, min("at") AS first, min(n) FILTER (name = 'newsletter.open') AS opened
        FROM numbered GROUP BY profile_id
    ),
    cities AS (SELECT country, list(DISTINCT city ORDER BY city) AS names FROM profiles GROUP BY country)
    SELECT profiles.*, first, coalesce(total, 0) AS total,
        CASE WHEN tier = 'silver' AND total >= 4 AND chance('silver', uuid) < 600 THEN 2 + chance('when silver', uuid) % (total - 1)
             WHEN tier = 'gold' AND total >= 6 AND chance('gold', uuid) < 700 THEN 2 + chance('when silver', uuid) % (total // 2 - 1)
        END AS silver_from,
        CASE WHEN tier = 'gold' AND silver_from IS NOT NULL THEN total // 2 + 1 + chance('when gold', uuid) % (total - total // 2) END
            AS gold_from,
        [other FOR other IN names IF other <> city] AS elsewhere,
        CASE WHEN len(elsewhere) > 0 AND total >= 3 AND chance('moved', uuid) < 80 THEN 2 + chance('when moved', uuid) % (total - 1) END
            AS moved_at,
        CASE WHEN newsletter AND opened > 2 AND chance('subscribed', uuid) < 400 THEN opened - 1
             WHEN NOT newsletter AND total >= 3 AND chance('unsubscribed', uuid) < 150 THEN 2 + chance('when left', uuid) % (total - 1)
        END AS flipped_at
    FROM profiles LEFT JOIN came USING (profile_id) LEFT JOIN cities USING (country);

-- One row for each time something was told. `place`: at the same second, joining comes before what was done, changes after.
CREATE TEMP TABLE told AS
    -- people are known from the day they joined, or, if that is in the days of the facts, from the first time they came
    SELECT profile_id, if(created_at < (SELECT min("at")::DATE FROM facts), created_at, first) AS "at", 0 AS place, '$set' AS event,
        without_nulls({'$set': {
            'email': email, 'first_name': first_name, 'last_name': last_name, 'customer_id': nullif(custom_id, uuid::VARCHAR),
            'city': if(moved_at IS NULL, city, elsewhere[1 + chance('whence', uuid) % len(elsewhere)]), 'country': country,
            'birth_year': birth_year, 'newsletter': newsletter <> (flipped_at IS NOT NULL),
            'tier': if(silver_from IS NULL, tier, 'basic')
        }}) AS properties
    FROM biographies WHERE first IS NOT NULL
    UNION ALL
    SELECT profile_id, "at", 2, '$set', without_nulls({'$set': {
            'tier': CASE n WHEN gold_from THEN 'gold' WHEN silver_from THEN 'silver' END,
            'city': CASE n WHEN moved_at THEN city END, 'newsletter': CASE n WHEN flipped_at THEN newsletter END
        }})
    FROM numbered JOIN biographies USING (profile_id) WHERE n IN (silver_from, gold_from, moved_at, flipped_at)
    UNION ALL
    -- the first time each of these was known
    SELECT profile_id, "at", 3, '$set_once', json_object('$set_once', json_group_object(key, value))
    FROM (
        SELECT profile_id, unnest([
            {'key': '$initial_device_type', 'value': arg_min(device, event_id), 'at': min("at")},
            {'key': '$initial_utm_campaign', 'value': arg_min(campaign, event_id), 'at': min("at") FILTER (campaign IS NOT NULL)},
            {'key': '$initial_current_url', 'value': arg_min(page_url, event_id), 'at': min("at") FILTER (page_url IS NOT NULL)}
        ], recursive := true)
        FROM facts GROUP BY profile_id
    ) WHERE value IS NOT NULL
    GROUP BY profile_id, "at";
