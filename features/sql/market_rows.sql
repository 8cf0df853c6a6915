-- One row per listing, day and kind: the last observation of the day, with its price in the anchor currency.
-- Of its photos the first that was looked at; nothing before `look_day` may know what it looks like.
WITH first_look AS (
    SELECT DISTINCT ON (of_source, id)
        of_source AS source,
        id,
        phash || ':' || dhash || ':' || colour AS look,
        date_diff('day', DATE '1970-01-01', CAST(observed_at AT TIME ZONE 'UTC' AS DATE)) AS look_day
    FROM raw.photo_look
    ORDER BY of_source, id, observed_at, image
)

SELECT
    o.source || '/' || o.id AS listing,
    o.source,
    o.id,
    date_diff('day', DATE '1970-01-01', CAST(o.observed_at AT TIME ZONE 'UTC' AS DATE)) AS day,
    o.observed_at,
    o.kind,
    o.title,
    ln(o.price_anchor) AS ln_price,
    ln(o.list_price_anchor) AS ln_list,
    CAST(o.price AS VARCHAR) AS price,
    o.currency,
    o.condition,
    i.category,
    o.brand,
    o.gtin,
    o.mpn,
    -- The product as it stood on the day: what joined or merged later says nothing about earlier days.
    coalesce(link.product, i.key, i.product) AS product,
    -- Where no seller is named, ads of one wording in one region, with the attributes they were first seen with, are
    -- taken for one seller's, put up again and again; a sale is a sale by itself.
    coalesce(
        o.seller,
        CASE
            WHEN o.kind = 'asking' THEN concat_ws(
                '/', o.source, lower(trim(o.title)), coalesce(o.region, ''),
                nullif(md5(first_value(o.attributes) OVER (PARTITION BY o.source, o.id ORDER BY o.observed_at, o.price)),
                    md5('{}'))
            )
            ELSE o.source || '/' || o.id
        END
    ) AS seller,
    o.region,
    o.attributes,
    o.url,
    o.image,
    o.found_at,
    first_look.look,
    first_look.look_day
FROM core.observation AS o
JOIN core.identity AS i USING (source, id)
LEFT JOIN first_look USING (source, id)
LEFT JOIN core.product_link AS link
    ON link.product_key = i.key
    AND CAST(o.observed_at AT TIME ZONE 'UTC' AS DATE) >= link.day
    AND (link.until IS NULL OR CAST(o.observed_at AT TIME ZONE 'UTC' AS DATE) < link.until)
WHERE o.price_anchor > 0 AND o.kind IN ('asking', 'sold', 'traded')
QUALIFY row_number() OVER (
    PARTITION BY o.source, o.id, o.kind, CAST(o.observed_at AT TIME ZONE 'UTC' AS DATE)
    ORDER BY o.observed_at DESC, o.price
) = 1
ORDER BY day, listing, o.kind
