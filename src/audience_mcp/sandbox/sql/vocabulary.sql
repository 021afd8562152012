-- The words the world is written in: a die, the workspaces' traits, personas, places, names, goods and the calendar.

-- Evenly spread over [0, 1), the same for a seed, a tag and a number. hash(a, b) alone correlates between tags.
CREATE MACRO dice(tag, number) AS
    (hash(xor(hash(getvariable('seed') || ':' || tag), number::UBIGINT)) >> 11)::DOUBLE / 9007199254740992.0;
CREATE MACRO pick(words, tag, number) AS words[1 + floor(dice(tag, number) * len(words))::INTEGER];

CREATE TABLE workspaces (
    key VARCHAR, name VARCHAR, synerise_guid UUID, synerise_id INTEGER, posthog_project INTEGER, posthog_organization UUID,
    faraday_account UUID, giosg_organization UUID, timezone VARCHAR
);

-- The outlet sells cheaper and fewer kinds of goods, converts better, lives on weekends and on telephones, and writes
-- fewer newsletters. Each has one day of a campaign; the other stories are of main alone. Days count back from today.
CREATE TEMP TABLE traits AS SELECT * FROM (VALUES
    ('main',   1000000, 1.00, 1.00, 1.30, 0.52, 0.55, 0.40, ['Garden', 'Kitchen', 'Clothing', 'Gifts', 'Bedroom'],
     'flash-sale', 61, 34, 30, 'DE', 45),
    ('outlet', 2000000, 0.58, 1.35, 1.75, 0.70, 0.35, 0.15, ['Clothing', 'Clothing', 'Gifts', 'Kitchen', 'Bedroom'],
     'clearance', 104, NULL, NULL, NULL, NULL)
) AS t(workspace, first_id, price, conversion, weekend, mobile, newsletter, growth, assortment,
       campaign, campaign_day, broken_from, broken_to, lost_country, lost_since);

-- How many days before today something was.
CREATE MACRO ago(moment) AS date_diff('day', moment::DATE, getvariable('today'));

CREATE TEMP TABLE personas AS SELECT * FROM (VALUES
    (0, 0.30, 0.22, 0.8, 0.55, 'Garden', 0.25),
    (1, 0.16, 0.10, 3.2, 1.60, 'Kitchen', 0.25),
    (2, 0.22, 0.42, 1.5, 0.85, 'Clothing', 0.25),
    (3, 0.20, 0.16, 0.6, 1.25, 'Gifts', 0.25),
    (4, 0.12, 0.10, 1.2, 1.10, 'Bedroom', 0.85)
) AS t(persona, share_main, share_outlet, appetite, conversion, favourite, newcomers);

CREATE TEMP TABLE persona_bounds AS
    SELECT workspace, persona, sum(share) OVER (PARTITION BY workspace ORDER BY persona) - share AS lower_bound
    FROM (SELECT workspace, persona, if(workspace = 'main', share_main, share_outlet) AS share FROM traits, personas);

CREATE TEMP TABLE places AS SELECT * FROM (VALUES
    (0, 'London', 'GB'), (1, 'Manchester', 'GB'), (2, 'Bristol', 'GB'), (3, 'Leeds', 'GB'), (4, 'Edinburgh', 'GB'),
    (5, 'Warsaw', 'PL'), (6, 'Kraków', 'PL'), (7, 'Gdańsk', 'PL'), (8, 'Berlin', 'DE'), (9, 'Hamburg', 'DE'),
    (10, 'Dublin', 'IE'), (11, 'Amsterdam', 'NL')
) AS t(place, city, country);

CREATE TEMP TABLE goods AS SELECT * FROM (VALUES
    ('Garden', 0, 'Terracotta planter', 24.0), ('Garden', 1, 'Folding deck chair', 59.0), ('Garden', 2, 'Watering can', 19.5),
    ('Garden', 3, 'String lights', 29.0), ('Garden', 4, 'Herb seed box', 12.0),
    ('Kitchen', 0, 'Cast iron pan', 64.0), ('Kitchen', 1, 'Oak chopping board', 34.0), ('Kitchen', 2, 'Stoneware mugs', 28.0),
    ('Kitchen', 3, 'Linen tea towels', 16.0), ('Kitchen', 4, 'Pour-over kettle', 72.0),
    ('Clothing', 0, 'Waxed jacket', 149.0), ('Clothing', 1, 'Merino jumper', 89.0), ('Clothing', 2, 'Rain boots', 54.0),
    ('Clothing', 3, 'Wool socks', 14.0), ('Clothing', 4, 'Canvas tote', 22.0),
    ('Gifts', 0, 'Beeswax candle', 18.0), ('Gifts', 1, 'Notebook set', 15.0), ('Gifts', 2, 'Tea caddy', 26.0),
    ('Gifts', 3, 'Picnic blanket', 44.0), ('Gifts', 4, 'Wooden puzzle', 31.0),
    ('Bedroom', 0, 'Linen duvet set', 139.0), ('Bedroom', 1, 'Feather pillow', 49.0), ('Bedroom', 2, 'Bedside lamp', 58.0),
    ('Bedroom', 3, 'Quilted throw', 79.0), ('Bedroom', 4, 'Wool rug', 189.0)
) AS t(category, number, product, price);

-- Which share of the visits falls on each day: weekends, slow growth, the campaign's day, a little noise.
CREATE TEMP TABLE calendar AS
    WITH days AS (
        SELECT workspace, getvariable('since') + to_days(d::INTEGER) AS day,
            CASE WHEN isodow(day) >= 6 THEN weekend WHEN isodow(day) = 5 THEN 1.12 ELSE 1.0 END
            * (1 + growth * d / getvariable('days'))
            * CASE campaign_day - ago(day) WHEN 0 THEN 2.8 WHEN 1 THEN 1.3 ELSE 1.0 END
            * (0.92 + 0.16 * dice('noise:' || workspace, d)) AS weight
        FROM traits, range(getvariable('days')) AS t(d)
    )
    SELECT workspace, day,
        (sum(weight) OVER (PARTITION BY workspace ORDER BY day) - weight) / sum(weight) OVER (PARTITION BY workspace) AS lower_bound
    FROM days;
