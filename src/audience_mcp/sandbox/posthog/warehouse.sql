-- One project's own copy of the retailer, in PostHog's words. `profiles` and `facts` (its events) were copied in before.

ALTER TABLE profiles ALTER uuid TYPE UUID;  -- Arrow carried it as text

CREATE MACRO without_nulls(value) AS json_merge_patch('{}', to_json(value));

-- What $set and $set_once had made of each person by `until`; somebody who came later is not there.
CREATE MACRO people_at(until) AS TABLE
    SELECT uuid AS id, profile_id AS number, custom_id, first_name || ' ' || last_name AS name, created_at, last_seen_at,
        without_nulls({
            'email': email, 'first_name': first_name, 'last_name': last_name, 'customer_id': custom_id,
            'city': city, 'country': country, 'birth_year': birth_year, 'newsletter': newsletter, 'tier': tier,
            'orders_count': nullif(orders, 0), 'lifetime_value': round(spent, 2), 'last_device': last_device,
            'last_order_at': strftime(last_order, '%Y-%m-%dT%H:%M:%SZ')
        }) AS set_properties,
        without_nulls({
            '$initial_device_type': first_device, '$initial_utm_campaign': first_campaign, '$initial_current_url': first_url
        }) AS once_properties
    FROM profiles LEFT JOIN (
        SELECT profile_id, max("at") AS last_seen_at,
            count(*) FILTER (name = 'transaction.charge') AS orders,
            sum(amount) FILTER (name = 'transaction.charge') AS spent,
            max("at") FILTER (name = 'transaction.charge') AS last_order,
            arg_max(device, "at") AS last_device, arg_min(device, "at") AS first_device,
            arg_min(campaign, "at") AS first_campaign, arg_min(page_url, "at") AS first_url
        FROM facts WHERE "at" <= until GROUP BY profile_id
    ) USING (profile_id)
    WHERE created_at <= until;

-- Most people have two or three distinct ids, some have more than an answer shows.
CREATE TABLE persons AS
    SELECT id, number, name, created_at, last_seen_at, TRUE AS is_identified,
        json_merge_patch(once_properties, set_properties) AS properties,
        list_prepend(custom_id, [md5(custom_id || ':' || n)::UUID::VARCHAR
            FOR n IN range(if(hash(custom_id) % 97 = 0, 12, 1 + (hash(custom_id) % 2)::INTEGER))]) AS distinct_ids
    FROM people_at(now())
    ORDER BY created_at DESC, id;

CREATE TABLE person_distinct_ids AS SELECT unnest(distinct_ids) AS distinct_id, id AS person_id FROM persons;

CREATE TABLE events AS
    SELECT md5(event_id::VARCHAR)::UUID AS uuid, facts.name AS event, "at" AS "timestamp",
        custom_id AS distinct_id, profiles.uuid AS person_id,
        without_nulls({
            '$device_type': facts.device, '$current_url': page_url, '$session_id': session_id::VARCHAR, 'utm_campaign': campaign,
            'amount': amount, 'category': category, 'product': product
        }) AS properties
    FROM facts JOIN profiles USING (profile_id)
    ORDER BY "at", event_id;

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
    FROM events GROUP BY 1;

CREATE TABLE groups ("index" INTEGER, "key" VARCHAR, created_at TIMESTAMP, updated_at TIMESTAMP, properties JSON);

CREATE TABLE cohort_people (cohort_id INTEGER, person_id UUID);
