-- The observed weather of each region and day: the mean of its places.
SELECT
    min(source) AS source,
    region,
    date_diff('day', DATE '1970-01-01', observed_on) AS day,
    avg(temperature_max) AS temperature_max,
    avg(temperature_min) AS temperature_min,
    avg(precipitation) AS precipitation,
    avg(snowfall) AS snowfall
FROM raw.weather_observation
WHERE kind = 'observed' AND region IS NOT NULL AND observed_on <= ?
GROUP BY region, observed_on
ORDER BY region, observed_on
