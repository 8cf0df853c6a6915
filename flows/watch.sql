-- The listings a watch looks at, each once a day: the median of what was seen of it that day.
-- A filter that is NULL holds for every listing. `words` has the folded text of each listing, with blanks around it.
CREATE OR REPLACE TEMP TABLE seen AS
WITH found AS (
    SELECT source, id
    FROM words
    WHERE len($needles::VARCHAR[]) > 0
        AND list_bool_and(list_transform($needles, lambda needle: contains(text, needle)))
),

chosen AS (
    SELECT source, id, title, url
    FROM mart.listing
    WHERE ($product::VARCHAR IS NULL OR product = $product)
        AND ($needles IS NULL OR (source, id) IN (FROM found))
        AND (
            $region::VARCHAR IS NULL
            OR lower(region) = lower($region)
            OR starts_with(lower(region), concat(lower($region), '-'))
            OR lower(place) = lower($region)
        )
        AND ($grades::VARCHAR[] IS NULL OR list_contains($grades, grade))
)

SELECT
    observation.observed_on AS day,
    any_value(chosen.title) AS title,
    any_value(chosen.url) AS url,
    median(
        CASE WHEN $currency::VARCHAR IS NULL THEN observation.price_anchor ELSE observation.price::DOUBLE END
        / CASE WHEN $unit::VARCHAR IS NULL THEN 1.0 ELSE observation.quantity::DOUBLE END
    ) AS price
FROM mart.observation AS observation
JOIN chosen USING (source, id)
WHERE observation.kind = $kind
    AND ($currency IS NULL OR observation.currency = $currency)
    AND ($currency IS NOT NULL OR observation.price_anchor IS NOT NULL)
    AND ($unit IS NULL OR (lower(observation.unit) = lower($unit) AND observation.quantity > 0))
GROUP BY observation.observed_on, source, id
