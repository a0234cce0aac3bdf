-- Object: api.about
-- Does:   what this database holds, in a few numbers
-- Grain:  one row
-- Reads:  derived.catalogue, derived.tally, core.rater, core.load_run
-- Params: none
-- Try:    SELECT * FROM api.about;
CREATE VIEW api.about AS
SELECT
    catalogue.movies,
    (SELECT COALESCE(sum(tally.raters), 0)::bigint FROM derived.tally) AS raters,
    (SELECT COALESCE(sum(tally.ratings), 0)::bigint FROM derived.tally) AS ratings,
    EXISTS(
        SELECT FROM core.rater WHERE rater.source IN ('demo', 'generated')
    ) AS generated_ratings,
    ARRAY(SELECT DISTINCT load_run.source FROM core.load_run ORDER BY load_run.source) AS sources
FROM derived.catalogue;
COMMENT ON VIEW api.about IS 'How many movies, raters and ratings there are, and where from.';
COMMENT ON COLUMN api.about.raters IS 'real people: critics and generated users not';
COMMENT ON COLUMN api.about.generated_ratings IS
'true where ratings of the demo or of recsql generate are among them, which no person gave';
