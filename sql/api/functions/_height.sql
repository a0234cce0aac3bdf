-- Object: api._height
-- Does:   the number by which a list of movies is sorted, bigger first
-- Grain:  one value
-- Reads:  nothing
-- Params: p_sort popular, rating, newest, oldest or title; p_raters, p_half_stars kept for the
--         movie, null where nobody rated it; p_release_date, p_year of the movie
-- Try:    SELECT api._height('newest', 4, 39, NULL, 1999::smallint);
CREATE FUNCTION api._height(
    p_sort text,
    p_raters integer,
    p_half_stars bigint,
    p_release_date date,
    p_year smallint
)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_sort
    WHEN 'popular' THEN COALESCE(p_raters, 0)
    -- api._damped_stars in thousandths, in whole numbers: numeric takes five times as long
    WHEN 'rating' THEN COALESCE(
        (1000 * (p_half_stars + 175) + p_raters + 25) / (2 * (p_raters + 25)), 3500
    )
    WHEN 'newest' THEN
        COALESCE(p_release_date, make_date(p_year::integer, 1, 1)) - DATE '0001-01-01'
    WHEN 'oldest' THEN
        DATE '0001-01-01' - COALESCE(p_release_date, make_date(p_year::integer, 1, 1))
END;
COMMENT ON FUNCTION api._height(text, integer, bigint, date, smallint) IS
'popular: raters; rating: the damped mean of api._damped_stars in thousandths; newest, oldest: days;
null by title, and where no date is known, which comes last.';
