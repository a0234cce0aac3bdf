-- A catalogue small enough to reckon by hand. Tests quote these numbers.
--
--   movie        features (N = 7)                                  stars by u1  u2  u3  u4  u5
--   1 Alien       SF  Horror space  Fox  en US                             5.0 5.0 5.0 4.5
--   2 Aliens      SF         space  Fox  en US  robot                      5.0 4.0 4.5
--   3 Blade           Horror             en US                             5.0
--   4 Casablanca      Drama              en US                                 5.0 2.0 5.0
--   5 Dumbo           Family             en US                                         5.0 3.0
--   6 Amélie          Drama              fr FR
--   7 Untold      no features
--
-- Fans of Alien: u1, u2, u3 (u4's 4.5 is not 5.0). A critic and a generated user gave Alien and
-- Casablanca 5.0 as well, and count nowhere.
INSERT INTO core.movie (movie_id, title, original_title, year, release_date, overview, source)
VALUES
    (1, 'Alien', 'Alien', 1979, '1979-05-25', 'A crew brings a guest aboard.', 'demo'),
    (2, 'Aliens', 'Aliens', 1986, '1986-07-18', 'She goes back.', 'demo'),
    (3, 'Blade', 'Blade', 1998, '1998-08-21', 'Half of him hunts the other half.', 'demo'),
    (4, 'Casablanca', 'Casablanca', 1942, NULL, 'Of all the gin joints.', 'demo'),
    (5, 'Dumbo', 'Dumbo', 1941, '1941-10-23', NULL, 'demo'),
    (6, 'Amélie', 'Le fabuleux destin d''Amélie Poulain', 2001, '2001-04-25', NULL, 'demo'),
    (7, 'Untold', NULL, NULL, NULL, NULL, 'demo');
INSERT INTO core.collection (collection_id, name) VALUES (1, 'Alien Collection');
UPDATE core.movie SET collection_id = 1 WHERE movie_id IN (1, 2);
INSERT INTO core.movie_key (source, key, movie_id)
SELECT 'tmdb', movie_id::text, movie_id FROM core.movie;
INSERT INTO core.movie_key (source, key, movie_id) VALUES
    ('imdb', 'tt0078748', 1), ('movielens', '1214', 1);

INSERT INTO core.feature (kind, code, name)
VALUES
    ('genre', 'science fiction', 'Science Fiction'), ('genre', 'horror', 'Horror'),
    ('genre', 'drama', 'Drama'), ('genre', 'family', 'Family'), ('keyword', 'space', 'space'),
    ('keyword', 'robot', 'robot'), ('company', 'fox', 'Fox'), ('language', 'en', 'English'),
    ('language', 'fr', 'French'), ('country', 'US', 'United States of America'),
    ('country', 'FR', 'France');
INSERT INTO core.movie_feature (movie_id, feature_id)
SELECT given.movie_id, feature.feature_id
FROM (
    VALUES
        (1, '{science fiction,horror,space,fox,en,US}'::text[]),
        (2, '{science fiction,space,fox,en,US,robot}'),
        (3, '{horror,en,US}'),
        (4, '{drama,en,US}'),
        (5, '{family,en,US}'),
        (6, '{drama,fr,FR}')
) AS given (movie_id, codes)
CROSS JOIN LATERAL unnest(given.codes) AS listed (code)
INNER JOIN core.feature ON feature.code = listed.code;

INSERT INTO core.person (name) VALUES ('Ridley Scott'), ('Sigourney Weaver');
INSERT INTO core.credit (movie_id, role, place, person_id, job)
SELECT 1, 'crew', 1, person_id, 'Director' FROM core.person WHERE name = 'Ridley Scott';
INSERT INTO core.credit (movie_id, role, place, person_id, job)
SELECT 1, 'cast', 1, person_id, 'Ripley' FROM core.person WHERE name = 'Sigourney Weaver';

INSERT INTO core.rater (user_id, kind, source, source_key)
VALUES
    (1, 'imported', 'tiny', '1'), (2, 'imported', 'tiny', '2'), (3, 'imported', 'tiny', '3'),
    (4, 'account', 'tiny', '4'), (5, 'imported', 'tiny', '5'), (-1, 'critic', 'tiny', 'IMDb'),
    (-2, 'fake', 'tiny', 'fake');
ALTER SEQUENCE core.person_rater_id RESTART 6;
ALTER SEQUENCE core.pseudo_rater_id RESTART -3;
INSERT INTO core.rating (user_id, movie_id, half_stars, rated_at)
VALUES
    (1, 1, 10, '2020-01-01'), (2, 1, 10, '2020-01-02'), (3, 1, 10, '2020-01-03'),
    (4, 1, 9, NULL), (-1, 1, 10, NULL), (-2, 1, 10, NULL),
    (1, 2, 10, '2020-01-01'), (2, 2, 8, '2020-01-02'), (3, 2, 9, '2020-01-03'),
    (1, 3, 10, '2020-01-01'),
    (2, 4, 10, '2020-01-02'), (3, 4, 4, '2020-01-03'), (4, 4, 10, '2020-01-04'),
    (-1, 4, 10, NULL), (-2, 4, 10, NULL),
    (4, 5, 10, '2020-01-04'), (5, 5, 6, '2020-01-05');

-- u4 has an account, wants to watch Amélie and never again to see Blade.
INSERT INTO core.account (user_id, name, password_hash)
VALUES (4, 'Ada', '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$no password has this hash');
INSERT INTO core.mark (user_id, movie_id, kind, marked_at)
VALUES (4, 6, 'watch', '2020-02-01'), (4, 3, 'hide', '2020-02-02');

CALL api.refresh_shelves();

-- A model made by hand: a rating of n stars counts n/5, times these weights, to
--     1 Alien   2 Aliens  3 Blade  4 Casablanca  5 Dumbo
-- 1             .5        .25
-- 2   .5                  .25
-- 3   .25       .25
-- 4                                              .4
-- 5   .1                           .2
INSERT INTO derived.model_run (
    model, family, state, input, grades, ranks_by, mean_stars, user_damping, slope, power,
    error_low, error_high, parameters, seed, fingerprint, ratings, raters, movies, seconds, metrics
)
VALUES (
    'ease', 'item', 'current', 'grades',
    '{100000,200000,300000,400000,500000,600000,700000,800000,900000,1000000}', 'score', 4, 5, 1, 0,
    -1, 1, '{"by": "hand"}', 7, 'tiny', 13, 5, 5, 0.1, '{"rmse": 0.9, "mae": 0.7}'
);
INSERT INTO derived.model_movie (run_id, movie_id, mean_stars)
SELECT run_id, given.movie_id, given.mean_stars
FROM derived.model_run
CROSS JOIN (VALUES (1, 4.5), (2, 4.25), (3, 4), (4, 3.75), (5, 3.5)) AS given (movie_id, mean_stars);
INSERT INTO derived.movie_weight (run_id, movie_id, others, weights)
SELECT run_id, given.movie_id, given.others::integer[], given.weights::integer[]
FROM derived.model_run
CROSS JOIN (
    VALUES
        (1, '{2,3}', '{500000,250000}'), (2, '{1,3}', '{500000,250000}'),
        (3, '{1,2}', '{250000,250000}'), (4, '{5}', '{400000}'), (5, '{1,4}', '{100000,200000}')
) AS given (movie_id, others, weights);

-- What an evaluation may have found, so that its queries have rows.
INSERT INTO derived.evaluation (
    run_id, model, metric, k, value, low, high, n, split, seed, data, protocol, parameters,
    train_seconds, list_seconds
)
SELECT
    run.run_id, 'popularity', metric, 10, value, value, value, 4,
    'user-holdout', 7, 'made up', '{"share": 0.2}', '{}', 0, 0.1
FROM (SELECT nextval('derived.evaluation_run_id') AS run_id) AS run
CROSS JOIN (VALUES ('ndcg', 0.5), ('coverage', 7)) AS made (metric, value);
