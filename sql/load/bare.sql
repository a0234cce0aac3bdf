-- Load:  bare
-- Does:  takes indexes and keys off an empty table, and notes how to put them back: built at once
--        they cost a third, and foreign keys a tenth
-- Reads: the system catalogue; setting recsql.bare, the table
DO $$
DECLARE
    bare CONSTANT regclass := current_setting('recsql.bare');
    taken record;
BEGIN
    FOR taken IN
        SELECT
            format('ALTER TABLE %s DROP CONSTRAINT %I', bare, conname) AS taking,
            format(
                'ALTER TABLE %s ADD CONSTRAINT %I %s', bare, conname, pg_get_constraintdef(oid)
            ) AS putting,
            -- what refers to others comes last
            CASE contype WHEN 'f' THEN 3 ELSE 1 END AS turn,
            conname AS name
        FROM pg_constraint
        WHERE conrelid = bare AND contype IN ('p', 'u', 'x', 'f')
        UNION ALL
        SELECT
            format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 2,
            indexrelid::regclass::text
        FROM pg_index
        WHERE indrelid = bare
            AND NOT EXISTS (
                SELECT FROM pg_constraint
                WHERE pg_constraint.conrelid = bare
                    AND pg_constraint.conindid = pg_index.indexrelid
            )
        ORDER BY turn, name
    LOOP
        INSERT INTO staging.taken_off (definition) VALUES (taken.putting);
        EXECUTE taken.taking;
    END LOOP;
    -- A file that is new in this transaction needs no WAL where wal_level is minimal: it is
    -- flushed to disk before the transaction is done.
    EXECUTE format('TRUNCATE %s', bare);
END
$$;
