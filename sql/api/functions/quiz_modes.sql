-- Object: api.quiz_modes
-- Does:   the ways in which a quiz can be answered, and what each still needs
-- Grain:  one row a mode
-- Reads:  derived.model_run
-- Params: p_answers how many films were rated
-- Try:    SELECT mode, model, needs FROM api.quiz_modes(7);
CREATE FUNCTION api.quiz_modes(p_answers integer DEFAULT 0)
RETURNS TABLE (place integer, mode text, model text, says text, needs text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        listed.place::integer,
        listed.mode,
        listed.model,
        listed.says,
        CASE
            WHEN listed.mode IN ('best', 'also-liked', 'popular') THEN NULL
            WHEN run.run_id IS NULL THEN 'recsql train ' || listed.model
            WHEN run.family = 'factor' AND NOT api._has_vector() THEN 'CREATE EXTENSION vector'
        END AS needs
    FROM (
        VALUES
            (1, 'best', api._serving_model(NULL), 'what measures best'),
            (
                2, 'quiz', CASE WHEN p_answers > 5 THEN 'nmf' ELSE 'svd' END,
                'the first quiz: NMF for more than 5 ratings, else the 3 nearest raters'
            ),
            (3, 'ease', 'ease', 'what goes together with your films (EASE)'),
            (4, 'als', 'als', 'latent factors (ALS)'),
            (5, 'svd', 'svd', 'latent factors (SVD)'),
            (6, 'user-cosine', 'user-cosine', 'neighbouring raters'),
            (7, 'nmf', 'nmf', 'latent factors (NMF)'),
            (8, 'cosine', 'cosine', 'neighbouring films'),
            (9, 'pca', 'pca', 'latent factors (PCA)'),
            (10, 'sgd', 'sgd', 'latent factors by gradient descent'),
            (11, 'also-liked', 'also-liked', 'what fans of your best-rated films liked'),
            (12, 'popular', 'popular', 'what most people liked')
    ) AS listed (place, mode, model, says)
    LEFT JOIN derived.model_run AS run
        ON run.model = listed.model AND run.state = 'current'
    ORDER BY listed.place;
END;
COMMENT ON FUNCTION api.quiz_modes(integer) IS
'mode: a p_model of api.quiz_results; best is its null. model: which one then answers. needs: null
where it is ready, else the command that makes it so.';
