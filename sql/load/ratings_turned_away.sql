-- Load:  ratings_turned_away
-- Does:  keeps the ratings that do not land, each with its line
-- Reads: staging.turned_away, staging.numbered; setting recsql.ratings_file
INSERT INTO staging.reject (file, line, reason, record)
SELECT
    current_setting('recsql.ratings_file'), numbered.line, turned_away.reason, turned_away.record
FROM staging.turned_away
INNER JOIN staging.numbered ON numbered.at = turned_away.at;
