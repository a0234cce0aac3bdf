-- Object: api._trained_run
-- Does:   which training answers for a name of a model
-- Grain:  one value; null where nothing is trained, or popular is asked for
-- Reads:  derived.model_run
-- Params: p_model a model's name, popular, quiz, or null for the best one; p_ratings how many the
--         user gave (quiz asks); p_order of models, the best one first
-- Try:    SELECT api._trained_run(NULL, 10);
CREATE FUNCTION api._trained_run(
    p_model text,
    p_ratings integer,
    -- by nDCG@10 on MovieLens 1M: see docs/decisions/0010-models.md
    p_order text[] DEFAULT '{ease,als,svd,user-cosine,nmf,cosine,pca,sgd}'
)
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    -- Five ratings or fewer ask the nearest raters, as the quiz of old did.
    wanted CONSTANT text := CASE
        WHEN p_model = 'quiz' THEN CASE WHEN p_ratings > 5 THEN 'nmf' ELSE 'svd' END
        ELSE p_model
    END;
    found_id integer;
BEGIN
    IF p_model = 'popular' THEN
        RETURN NULL;
    END IF;
    SELECT run.run_id INTO found_id
    FROM derived.model_run AS run
    WHERE run.state = 'current' AND (p_model IS NULL OR run.model = wanted)
    ORDER BY array_position(p_order, run.model), run.model COLLATE "C"
    LIMIT 1;
    IF found_id IS NULL AND p_model IS NOT NULL THEN
        RAISE EXCEPTION 'no such model is trained: %',
            CASE WHEN p_model = 'quiz' THEN 'quiz needs ' || wanted ELSE p_model END
            USING ERRCODE = 'RQ002', HINT = COALESCE(
                'trained are: ' || (
                    SELECT string_agg(run.model, ', ' ORDER BY run.model COLLATE "C")
                    FROM derived.model_run AS run
                    WHERE run.state = 'current'
                ) || '; popular needs no training',
                'nothing is trained yet; run: recsql train ease'
            );
    END IF;
    RETURN found_id;
END
$$;
COMMENT ON FUNCTION api._trained_run(text, integer, text[]) IS
'The run_id of the current training of p_model; of the first one in p_order where p_model is null.
Null for popular, and for null where nothing is trained.
quiz: nmf with more than 5 ratings, else svd (whose nearest raters are then asked).
Errors: RQ002 a model that is not trained, with those that are as hint.';
