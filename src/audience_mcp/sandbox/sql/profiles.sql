-- People: who they are, which of the five personas they behave like, and how often they come.

CREATE TEMP TABLE crowd AS
    WITH numbered AS (SELECT traits.*, first_id + 1 + n AS profile_id FROM traits, range(getvariable('profiles')) AS t(n))
    SELECT numbered.*, persona_bounds.persona
    FROM numbered ASOF JOIN persona_bounds
        ON numbered.workspace = persona_bounds.workspace AND dice('persona', profile_id) >= persona_bounds.lower_bound;

CREATE TABLE profiles AS
    SELECT workspace, profile_id::BIGINT AS profile_id,
        md5(getvariable('seed') || ':profile:' || profile_id)::UUID AS uuid,
        if(workspace = 'main', 'MM-', 'MO-') || lpad((profile_id - first_id)::VARCHAR, 6, '0') AS custom_id,
        lower(strip_accents(first_name || '.' || last_name)) || '.' || (profile_id - first_id) || '@'
            || if(workspace = 'main', 'example.com', 'example.org') AS email,
        first_name, last_name, city, country,
        CASE WHEN dice('device', profile_id) < mobile THEN 'mobile'
             WHEN dice('device', profile_id) < mobile + 0.09 THEN 'tablet' ELSE 'desktop' END AS device,
        CASE WHEN dice('tier', profile_id) < 0.03 * appetite THEN 'gold'
             WHEN dice('tier', profile_id) < 0.15 * appetite THEN 'silver' ELSE 'basic' END AS tier,
        dice('newsletter', profile_id) < newsletter AS newsletter,
        (year(getvariable('today')) - 18 - floor(30 * (dice('age', profile_id) + dice('older', profile_id))))::INTEGER AS birth_year,
        -- a quarter joined inside the 180 days, the others in the two years before; one persona of main is mostly new
        date_trunc('second', if(
            dice('fresh', profile_id) < if(workspace = 'main', newcomers, 0.25),
            getvariable('since') + to_seconds(floor(dice('joined', profile_id) * getvariable('days') * 86400 * 0.95)::BIGINT),
            getvariable('since') - to_seconds(floor(dice('joined', profile_id) * 730 * 86400)::BIGINT)
        )) AS created_at,
        persona
    FROM (
        SELECT crowd.*, personas.appetite, personas.newcomers, city, country,
            pick(['Anna', 'Oliver', 'Zofia', 'Jakub', 'Emma', 'Noah', 'Maja', 'Liam', 'Freya', 'Jan', 'Clara', 'Finn',
                  'Ines', 'Oskar', 'Alice', 'Hugo', 'Nora', 'Adam', 'Ida', 'Theo'], 'first', profile_id) AS first_name,
            pick(['Kowalska', 'Smith', 'Müller', 'Nowak', 'Murphy', 'Jansen', 'Taylor', 'Wójcik', 'Fischer', 'Evans',
                  'Byrne', 'de Vries', 'Walker', 'Zając', 'Weber', 'Hughes', 'Clarke', 'Maj', 'Bakker', 'Reed'],
                 'last', profile_id) AS last_name
        FROM crowd JOIN personas USING (persona) JOIN places ON place = floor(12 * pow(dice('place', profile_id), 1.4))
    )
    ORDER BY profile_id;
UPDATE profiles SET email = replace(email, ' ', '');

-- A long tail: a few come very often. The bounds cut [0, 1) into one piece per profile, as wide as its appetite.
CREATE TEMP TABLE appetites AS
    SELECT workspace, profile_id,
        (sum(weight) OVER (PARTITION BY workspace ORDER BY profile_id) - weight) / sum(weight) OVER (PARTITION BY workspace)
            AS lower_bound
    FROM (
        SELECT workspace, profile_id, appetite * least(6, pow(dice('tail', profile_id) + 0.01, -0.5)) AS weight
        FROM profiles JOIN personas USING (persona)
    );
