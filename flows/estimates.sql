-- Sales of one product ($product) or of one listing ($source, $id) after the first estimate, for one piece and in the
-- money of the estimates, the earliest first. A sale without a seller is by a seller of its own.
SELECT
    coalesce(seen.seller, seen.source || '/' || seen.id) AS seller,
    CASE WHEN seen.currency = $currency THEN seen.price::DOUBLE ELSE seen.price_anchor END AS price,
    seen.observed_at
FROM mart.observation AS seen
INNER JOIN mart.listing AS listing ON seen.source = listing.source AND seen.id = listing.id
WHERE seen.kind IN ('sold', 'traded')
    AND seen.observed_at > $since::TIMESTAMPTZ
    AND coalesce(seen.quantity, 1) = 1
    AND (seen.currency = $currency OR (seen.anchor = $currency AND seen.price_anchor IS NOT NULL))
    AND seen.price > 0
    AND (
        ($product IS NOT NULL AND listing.product = $product)
        OR ($product IS NULL AND seen.source = $source AND seen.id = $id)
    )
ORDER BY seen.observed_at, seller
LIMIT 200
