-- The weather of each day and place: what was observed, and beside it the newest forecast made up to that day.
CREATE OR REPLACE VIEW mart.weather AS
WITH observed AS (
    SELECT DISTINCT ON (place, observed_on) *
    FROM raw.weather_observation
    WHERE kind = 'observed'
    ORDER BY place, observed_on, loaded_at DESC, source
),
forecast AS (
    SELECT DISTINCT ON (place, observed_on) *
    FROM raw.weather_observation
    WHERE kind = 'forecast' AND issued_on <= observed_on
    ORDER BY place, observed_on, issued_on DESC, loaded_at DESC, source
)
SELECT
    coalesce(observed.place, forecast.place) AS place,
    coalesce(observed.region, forecast.region) AS region,
    coalesce(observed.latitude, forecast.latitude) AS latitude,
    coalesce(observed.longitude, forecast.longitude) AS longitude,
    coalesce(observed.observed_on, forecast.observed_on) AS day,
    observed.temperature_max, observed.temperature_min, observed.precipitation,
    observed.snowfall, observed.wind_max, observed.weather_code,
    forecast.temperature_max AS forecast_temperature_max,
    forecast.temperature_min AS forecast_temperature_min,
    forecast.precipitation AS forecast_precipitation,
    forecast.snowfall AS forecast_snowfall,
    forecast.wind_max AS forecast_wind_max,
    forecast.weather_code AS forecast_weather_code,
    forecast.issued_on AS forecast_issued_on
FROM observed
FULL JOIN forecast ON forecast.place = observed.place AND forecast.observed_on = observed.observed_on;

COMMENT ON VIEW mart.weather IS 'Weather by place and day: what was observed (empty for days to come), and the newest forecast for the day.';
COMMENT ON COLUMN mart.weather.place IS 'The place as it was asked for';
COMMENT ON COLUMN mart.weather.region IS 'ISO 3166-2';
COMMENT ON COLUMN mart.weather.latitude IS 'Degrees north';
COMMENT ON COLUMN mart.weather.longitude IS 'Degrees east';
COMMENT ON COLUMN mart.weather.day IS 'The day there';
COMMENT ON COLUMN mart.weather.temperature_max IS 'Observed, °C';
COMMENT ON COLUMN mart.weather.temperature_min IS 'Observed, °C';
COMMENT ON COLUMN mart.weather.precipitation IS 'Observed, mm';
COMMENT ON COLUMN mart.weather.snowfall IS 'Observed, cm';
COMMENT ON COLUMN mart.weather.wind_max IS 'Observed, km/h';
COMMENT ON COLUMN mart.weather.weather_code IS 'Observed, WMO code table 4677';
COMMENT ON COLUMN mart.weather.forecast_temperature_max IS 'Forecast, °C';
COMMENT ON COLUMN mart.weather.forecast_temperature_min IS 'Forecast, °C';
COMMENT ON COLUMN mart.weather.forecast_precipitation IS 'Forecast, mm';
COMMENT ON COLUMN mart.weather.forecast_snowfall IS 'Forecast, cm';
COMMENT ON COLUMN mart.weather.forecast_wind_max IS 'Forecast, km/h';
COMMENT ON COLUMN mart.weather.forecast_weather_code IS 'Forecast, WMO code table 4677';
COMMENT ON COLUMN mart.weather.forecast_issued_on IS 'The day of that forecast';
