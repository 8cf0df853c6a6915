-- Each product, with the words most often used for it.
CREATE OR REPLACE TABLE mart.product AS
WITH title AS (
    SELECT product, title
    FROM mart.listing
    WHERE product IS NOT NULL
    GROUP BY product, title
    QUALIFY row_number() OVER (PARTITION BY product ORDER BY count(*) DESC, title) = 1
),

brand AS (
    SELECT product, brand
    FROM mart.listing
    WHERE product IS NOT NULL AND brand IS NOT NULL
    GROUP BY product, brand
    QUALIFY row_number() OVER (PARTITION BY product ORDER BY count(*) DESC, brand) = 1
),

category AS (
    SELECT product, category
    FROM mart.listing
    WHERE product IS NOT NULL AND category IS NOT NULL
    GROUP BY product, category
    QUALIFY row_number() OVER (PARTITION BY product ORDER BY count(*) DESC, category) = 1
),

figures AS (
    SELECT
        product,
        count(*) AS listings,
        count(DISTINCT (source, seller)) FILTER (WHERE seller IS NOT NULL) AS sellers,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        median(price_anchor) FILTER (WHERE kind IN ('asking', 'sold')) AS median_price
    FROM mart.listing
    WHERE product IS NOT NULL
    GROUP BY product
)

SELECT
    figures.product,
    title.title,
    category.category,
    brand.brand,
    figures.listings,
    figures.sellers,
    figures.first_seen,
    figures.last_seen,
    figures.median_price,
    anchor.currency
FROM figures
JOIN title USING (product)
LEFT JOIN category USING (product)
LEFT JOIN brand USING (product)
CROSS JOIN core.anchor AS anchor
ORDER BY figures.product;

COMMENT ON TABLE mart.product IS 'Each product that listings were understood to be examples of: one row a product.';
COMMENT ON COLUMN mart.product.product IS 'The product''s id';
COMMENT ON COLUMN mart.product.title IS 'The title most often used for it';
COMMENT ON COLUMN mart.product.category IS 'Its category';
COMMENT ON COLUMN mart.product.brand IS 'The brand most often named';
COMMENT ON COLUMN mart.product.listings IS 'Listings of it';
COMMENT ON COLUMN mart.product.sellers IS 'Distinct sellers, where sellers are known';
COMMENT ON COLUMN mart.product.first_seen IS 'First observation (UTC)';
COMMENT ON COLUMN mart.product.last_seen IS 'Last observation (UTC)';
COMMENT ON COLUMN mart.product.median_price IS 'Median over its listings of the last asking or sold price, in currency; not a value';
COMMENT ON COLUMN mart.product.currency IS 'The anchor currency, ISO 4217';
