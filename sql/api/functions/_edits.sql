-- Object: api._edits
-- Does:   by how many slips of a finger two words differ
-- Grain:  one value
-- Reads:  nothing
-- Params: p_one, p_other
-- Try:    SELECT api._edits('matirx', 'matrix');
CREATE FUNCTION api._edits(p_one text, p_other text)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    one CONSTANT text[] := string_to_array(p_one, NULL);
    other CONSTANT text[] := string_to_array(p_other, NULL);
    width CONSTANT integer := COALESCE(cardinality(other), 0);
    before_last integer[];
    last integer[] := ARRAY(SELECT generate_series(0, width));
    this integer[];
BEGIN
    FOR i IN 1..COALESCE(cardinality(one), 0) LOOP
        this := ARRAY[i];
        FOR j IN 1..width LOOP
            this[j + 1] := LEAST(
                last[j + 1] + 1,
                this[j] + 1,
                last[j] + CASE WHEN one[i] = other[j] THEN 0 ELSE 1 END,
                CASE
                    WHEN i > 1 AND j > 1 AND one[i] = other[j - 1] AND one[i - 1] = other[j]
                        THEN before_last[j - 1] + 1
                END
            );
        END LOOP;
        before_last := last;
        last := this;
    END LOOP;
    RETURN last[width + 1];
END
$$;
COMMENT ON FUNCTION api._edits(text, text) IS
'Letters wrong, missing, added, or swapped with their neighbour: the Damerau-Levenshtein distance in
its restricted form (no letter is touched twice).';
