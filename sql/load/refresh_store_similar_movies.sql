-- Load:  refresh_store_similar_movies
-- Does:  replaces stored similar lists by fresh ones
-- Reads: the temporary table fresh
INSERT INTO derived.similar_movies (
    movie_id, depth, features, rarities, others, bar_shared, bar_rarity, bar_rarity_alone
)
SELECT
    fresh.movie_id, fresh.depth, fresh.features, fresh.rarities, fresh.others, fresh.bar_shared,
    fresh.bar_rarity, fresh.bar_rarity_alone
FROM pg_temp.fresh
-- not one that has gone meanwhile
INNER JOIN core.movie ON movie.movie_id = fresh.movie_id
ON CONFLICT (movie_id) DO UPDATE SET
    depth = excluded.depth,
    refreshed_at = clock_timestamp(),
    features = excluded.features,
    rarities = excluded.rarities,
    others = excluded.others,
    bar_shared = excluded.bar_shared,
    bar_rarity = excluded.bar_rarity,
    bar_rarity_alone = excluded.bar_rarity_alone;
