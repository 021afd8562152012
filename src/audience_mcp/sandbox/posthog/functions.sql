-- HogQL's functions in DuckDB's. Nothing may be called but these and the ones both have under one name:
-- shared: count count_star sum avg min max median stddev_pop stddev_samp arg_max arg_min argmax argmin any_value
-- shared: round floor ceil ceiling trunc abs sqrt pow power ln log log2 log10 exp mod sign least greatest
-- shared: coalesce ifnull nullif if concat concat_ws lower upper trim ltrim rtrim length substring substr replace reverse
-- shared: left right lpad rpad position strpos contains split_part like_escape regexp_matches
-- shared: date_trunc date_part datediff date_diff date_add date_sub year month day hour
-- shared: to_seconds to_minutes to_hours to_days to_weeks to_months to_quarters to_years
-- shared: row_number rank dense_rank lag lead first_value last_value ntile list_value row array_extract list_contains now

CREATE MACRO today() AS now()::DATE;
CREATE MACRO yesterday() AS now()::DATE - 1;
CREATE MACRO prop(bag, name) AS json_extract_string(bag, '$."' || name || '"');
CREATE MACRO numeric_prop(bag, name) AS TRY_CAST(json_extract_string(bag, '$."' || name || '"') AS DOUBLE);
CREATE MACRO boolean_prop(bag, name) AS TRY_CAST(json_extract_string(bag, '$."' || name || '"') AS BOOLEAN);
CREATE MACRO JSONExtractString(bag, name) AS coalesce(prop(bag, name), ''),
    (bag, name, inner_name) AS coalesce(prop(bag, name || '"."' || inner_name), '');
CREATE MACRO JSONExtractFloat(bag, name) AS coalesce(numeric_prop(bag, name), 0);
CREATE MACRO JSONExtractBool(bag, name) AS coalesce(boolean_prop(bag, name), FALSE);
CREATE MACRO JSONExtractRaw(bag, name) AS json_extract(bag, '$."' || name || '"')::VARCHAR;
CREATE MACRO JSONHas(bag, name) AS json_exists(bag, '$."' || name || '"');

CREATE MACRO uniq(value) AS count(DISTINCT value);
CREATE MACRO countDistinct(value) AS count(DISTINCT value);
CREATE MACRO quantile(share, value) AS quantile_cont(value, share);  -- written quantile(share)(value)
CREATE MACRO uniqExact(value) AS count(DISTINCT value);
CREATE MACRO countIf(condition) AS count(*) FILTER (condition);
CREATE MACRO sumIf(value, condition) AS sum(value) FILTER (condition);
CREATE MACRO avgIf(value, condition) AS avg(value) FILTER (condition);
CREATE MACRO minIf(value, condition) AS min(value) FILTER (condition);
CREATE MACRO maxIf(value, condition) AS max(value) FILTER (condition);
CREATE MACRO uniqIf(value, condition) AS count(DISTINCT value) FILTER (condition);
CREATE MACRO groupArray(value) AS list(value);
CREATE MACRO groupUniqArray(value) AS list(DISTINCT value);

CREATE MACRO toDate(value) AS value::TIMESTAMP::DATE;
CREATE MACRO toDateTime(value) AS value::TIMESTAMP;
CREATE MACRO toStartOfHour(value) AS date_trunc('hour', value::TIMESTAMP);
CREATE MACRO toStartOfDay(value) AS date_trunc('day', value::TIMESTAMP);
CREATE MACRO toStartOfMonth(value) AS date_trunc('month', value::TIMESTAMP)::DATE;
CREATE MACRO toStartOfQuarter(value) AS date_trunc('quarter', value::TIMESTAMP)::DATE;
CREATE MACRO toStartOfYear(value) AS date_trunc('year', value::TIMESTAMP)::DATE;
CREATE MACRO toMonday(value) AS date_trunc('week', value::TIMESTAMP)::DATE;
-- a project's week starts on Sunday unless the second argument asks for Monday
CREATE MACRO toStartOfWeek(value) AS (date_trunc('week', value::TIMESTAMP + INTERVAL 1 DAY) - INTERVAL 1 DAY)::DATE,
    (value, mode) AS if(mode = 0, (date_trunc('week', value::TIMESTAMP + INTERVAL 1 DAY) - INTERVAL 1 DAY)::DATE,
                        date_trunc('week', value::TIMESTAMP)::DATE);
CREATE MACRO toStartOfInterval(value, step) AS time_bucket(step, value::TIMESTAMP, TIMESTAMP '1970-01-01');
CREATE MACRO dateTrunc(unit, value) AS date_trunc(unit, value::TIMESTAMP);
CREATE MACRO formatDateTime(value, pattern) AS strftime(value::TIMESTAMP, pattern);
CREATE MACRO toTimeZone(value, zone) AS (value::TIMESTAMP AT TIME ZONE 'UTC') AT TIME ZONE zone;
CREATE MACRO toYear(value) AS year(value::TIMESTAMP);
CREATE MACRO toMonth(value) AS month(value::TIMESTAMP);
CREATE MACRO toDayOfMonth(value) AS day(value::TIMESTAMP);
CREATE MACRO toDayOfWeek(value) AS isodow(value::TIMESTAMP);
CREATE MACRO toHour(value) AS hour(value::TIMESTAMP);
CREATE MACRO toYYYYMM(value) AS year(value::TIMESTAMP) * 100 + month(value::TIMESTAMP);
CREATE MACRO toIntervalHour(amount) AS to_hours(amount::BIGINT);
CREATE MACRO toIntervalDay(amount) AS to_days(amount::INTEGER);
CREATE MACRO toIntervalWeek(amount) AS to_weeks(amount::INTEGER);
CREATE MACRO toIntervalMonth(amount) AS to_months(amount::INTEGER);
CREATE MACRO toIntervalYear(amount) AS to_years(amount::INTEGER);

CREATE MACRO addHours(value, amount) AS value + to_hours(amount::BIGINT);
CREATE MACRO subtractHours(value, amount) AS value - to_hours(amount::BIGINT);
CREATE MACRO addDays(value, amount) AS value + to_days(amount::INTEGER);
CREATE MACRO subtractDays(value, amount) AS value - to_days(amount::INTEGER);
CREATE MACRO addWeeks(value, amount) AS value + to_weeks(amount::INTEGER);
CREATE MACRO subtractWeeks(value, amount) AS value - to_weeks(amount::INTEGER);
CREATE MACRO addMonths(value, amount) AS value + to_months(amount::INTEGER);
CREATE MACRO subtractMonths(value, amount) AS value - to_months(amount::INTEGER);
CREATE MACRO addYears(value, amount) AS value + to_years(amount::INTEGER);
CREATE MACRO subtractYears(value, amount) AS value - to_years(amount::INTEGER);
CREATE MACRO dateAdd(value, step) AS value + step;
CREATE MACRO dateSub(value, step) AS value - step;

CREATE MACRO is_null(value) AS value IS NULL;
CREATE MACRO isNotNull(value) AS value IS NOT NULL;
-- two or three cases and what is left
CREATE MACRO multiIf(a, x, b, y, rest) AS CASE WHEN a THEN x WHEN b THEN y ELSE rest END,
    (a, x, b, y, c, z, rest) AS CASE WHEN a THEN x WHEN b THEN y WHEN c THEN z ELSE rest END;

CREATE MACRO toString(value) AS value::VARCHAR;
CREATE MACRO toInt(value) AS TRY_CAST(value AS BIGINT);
CREATE MACRO toInt64(value) AS TRY_CAST(value AS BIGINT);
CREATE MACRO toUInt64(value) AS TRY_CAST(value AS UBIGINT);
CREATE MACRO toFloat64(value) AS TRY_CAST(value AS DOUBLE);
CREATE MACRO toDecimal(value, digits) AS round(TRY_CAST(value AS DOUBLE), digits);
CREATE MACRO toFloat(value) AS TRY_CAST(value AS DOUBLE);
CREATE MACRO toUUID(value) AS value::UUID;
CREATE MACRO empty(value) AS coalesce(length(value), 0) = 0;
CREATE MACRO notEmpty(value) AS coalesce(length(value), 0) > 0;
CREATE MACRO startsWith(value, prefix) AS starts_with(value, prefix);
CREATE MACRO endsWith(value, suffix) AS ends_with(value, suffix);
CREATE MACRO match(value, pattern) AS regexp_matches(value, pattern);
