-- Load:  rating_indexes_create
-- Does:  puts back what rating_indexes_drop took, as the migrations define it (a test compares)
-- Reads: core.rating
ALTER TABLE core.rating
    ADD CONSTRAINT rating_pkey PRIMARY KEY (user_id, movie_id) INCLUDE (half_stars),
    ADD CONSTRAINT rating_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES core.rater ON DELETE CASCADE;
CREATE INDEX rating_fans_idx ON core.rating (movie_id, user_id)
    WHERE half_stars = 10 AND user_id > 0;
