-- Each product with what it is found by, the best known first: that order stands among equal answers.
WITH titles AS (
    SELECT product, list(title ORDER BY position) AS titles
    FROM (
        SELECT product, title, row_number() OVER (PARTITION BY product ORDER BY count(*) DESC, title) AS position
        FROM mart.listing
        WHERE product IS NOT NULL
        GROUP BY product, title
        QUALIFY position <= 6
    )
    GROUP BY product
),

listings AS (
    SELECT
        product,
        list(DISTINCT region ORDER BY region) FILTER (WHERE region IS NOT NULL) AS regions,
        list(DISTINCT kind ORDER BY kind) AS kinds,
        list(DISTINCT grade ORDER BY grade) FILTER (WHERE grade IS NOT NULL) AS grades,
        list(DISTINCT gtin ORDER BY gtin) FILTER (WHERE gtin IS NOT NULL) AS gtins,
        list(DISTINCT mpn ORDER BY mpn) FILTER (WHERE mpn IS NOT NULL) AS mpns
    FROM mart.listing
    WHERE product IS NOT NULL
    GROUP BY product
)

SELECT
    product.product,
    product.title,
    product.category,
    product.brand,
    product.listings,
    product.sellers,
    CAST(product.first_seen AS DATE) AS first_seen,
    CAST(product.last_seen AS DATE) AS last_seen,
    product.median_price,
    product.currency,
    titles.titles,
    listings.regions,
    listings.kinds,
    listings.grades,
    listings.gtins,
    listings.mpns
FROM mart.product AS product
LEFT JOIN titles USING (product)
LEFT JOIN listings USING (product)
ORDER BY product.sellers DESC, product.listings DESC, product.product
