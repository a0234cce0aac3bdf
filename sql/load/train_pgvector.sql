-- Load:  train_pgvector
-- Does:  puts pgvector into a schema of its own: public is never ours to touch
-- Reads: nothing
CREATE SCHEMA IF NOT EXISTS extensions;
GRANT USAGE ON SCHEMA extensions TO PUBLIC;
CREATE EXTENSION IF NOT EXISTS vector SCHEMA extensions;
