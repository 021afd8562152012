-- One project's own copy of the retailer, in PostHog's words. `profiles` and `facts` (its events) were copied in before.

ALTER TABLE profiles ALTER uuid TYPE UUID;  -- Arrow carried it as text

-- What a log-in or an import tells of a person.
CREATE MACRO introduced(who) AS {
    'email': who.email, 'first_name': who.first_name, 'last_name': who.last_name,
    'customer_id': nullif(who.custom_id, who.uuid::VARCHAR), 'city': who.city, 'country': who.country,
    'birth_year': who.birth_year, 'newsletter': who.newsletter, 'tier': who.tier
};

-- What the history has made of everybody by the end of the last day.
-- Most people have two or three distinct ids, some have more than an answer shows; who came by a log-in has their UUID.
CREATE VIEW people AS
    SELECT uuid AS id, profile_id AS number, coalesce(first_name || ' ' || last_name, custom_id) AS name, created_at, last_seen_at,
        TRUE AS is_identified,
        json_merge_patch('{}', to_json({
            '$initial_device_type': first_device, '$initial_utm_campaign': first_campaign, '$initial_current_url': first_url
        }), to_json(introduced(profiles)), to_json({
            'orders_count': nullif(orders, 0), 'lifetime_value': round(spent, 2),
            'last_order_at': strftime(last_order, '%Y-%m-%dT%H:%M:%SZ')
        })) AS properties,
        CASE WHEN custom_id = uuid::VARCHAR THEN [custom_id] WHEN first_name IS NULL THEN [custom_id, uuid::VARCHAR]
             ELSE list_prepend(custom_id, [md5(custom_id || ':' || n)::UUID::VARCHAR
                FOR n IN range(if(hash(custom_id) % 97 = 0, 12, 1 + (hash(custom_id) % 2)::INTEGER))]) END AS distinct_ids
    FROM profiles LEFT JOIN (
        SELECT profile_id, max("at") AS last_seen_at,
            count(*) FILTER (name = 'transaction.charge') AS orders,
            sum(amount) FILTER (name = 'transaction.charge') AS spent,
            max("at") FILTER (name = 'transaction.charge') AS last_order,
            arg_min(device, event_id) AS first_device, arg_min(campaign, event_id) AS first_campaign,
            arg_min(page_url, event_id) AS first_url
        FROM facts GROUP BY profile_id
    ) USING (profile_id);
CREATE TABLE persons AS FROM people ORDER BY created_at DESC, id;

CREATE VIEW known_names AS SELECT unnest(distinct_ids) AS distinct_id, id AS person_id FROM persons;
CREATE TABLE person_distinct_ids AS FROM known_names;

-- What people did (an order tells at once what it makes of its buyer), and what was told of them beside it.
CREATE TABLE events AS
    WITH orders AS (
        SELECT event_id, {
            'orders_count': row_number() OVER mine, 'lifetime_value': round(sum(amount) OVER mine, 2),
            'last_order_at': strftime("at", '%Y-%m-%dT%H:%M:%SZ')
        } AS told
        FROM facts WHERE name = 'transaction.charge' WINDOW mine AS (PARTITION BY profile_id ORDER BY "at", event_id)
    ),
    everything AS (
        SELECT event_id AS number, name AS event, "at", 1 AS place, profile_id, without_nulls({
                '$device_type': device, '$current_url': page_url, '$session_id': session_id::VARCHAR, 'utm_campaign': campaign,
                'amount': amount, 'category': category, 'product': product, '$set': orders.told
            }) AS properties
        FROM facts LEFT JOIN orders USING (event_id)
        UNION ALL
        SELECT profile_id, event, "at", place, profile_id, properties FROM told
    )
    SELECT md5(if(place = 1, number::VARCHAR, concat_ws(':', number, place, "at")))::UUID AS uuid, event, "at" AS "timestamp", custom_id AS distinct_id, uuid AS person_id, properties
    FROM everything JOIN profiles USING (profile_id)
    ORDER BY "at", place, number;

-- The same events where a query asks for `person.…` of them.
CREATE VIEW events_with_person AS
    SELECT events.*, {'id': persons.id, 'created_at': persons.created_at, 'properties': persons.properties} AS person
    FROM events JOIN persons ON persons.id = person_id;

CREATE VIEW sessions AS
    SELECT prop(properties, '$session_id') AS session_id, any_value(distinct_id) AS distinct_id, any_value(person_id) AS person_id,
        min("timestamp") AS "$start_timestamp", max("timestamp") AS "$end_timestamp",
        date_diff('second', min("timestamp"), max("timestamp")) AS "$session_duration",
        arg_min(prop(properties, '$current_url'), "timestamp") AS "$entry_current_url",
        count(*) FILTER (event = 'page.visit') AS "$pageview_count"
    FROM events WHERE event NOT IN ('$set', '$set_once') GROUP BY 1;

CREATE TABLE groups ("index" INTEGER, "key" VARCHAR, created_at TIMESTAMP, updated_at TIMESTAMP, properties JSON);

CREATE TABLE cohort_people (cohort_id INTEGER, person_id UUID);
