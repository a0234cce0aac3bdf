-- Object: api.critic_rating
-- Does:   what each critic gives each movie
-- Grain:  one row a critic and movie
-- Reads:  core.rater, core.rating
-- Params: none
-- Try:    SELECT critic, stars FROM api.critic_rating WHERE movie_id = 1;
CREATE VIEW api.critic_rating AS
SELECT
    rating.movie_id,
    rater.source_key AS critic,
    rater.user_id,
    rating.half_stars,
    round(rating.half_stars / 2.0, 1) AS stars
FROM core.rater
INNER JOIN core.rating USING (user_id)
WHERE rater.kind = 'critic';
COMMENT ON VIEW api.critic_rating IS
'Ratings by IMDb, Metacritic and others like them, on our scale: a tenth of theirs is half a star.';
COMMENT ON COLUMN api.critic_rating.user_id IS 'below zero: a pseudo-user';
COMMENT ON COLUMN api.critic_rating.stars IS '0.5 to 5.0';
