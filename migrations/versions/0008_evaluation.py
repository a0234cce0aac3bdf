"""Figures of quality, kept as rows."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        """
        CREATE SEQUENCE derived.evaluation_run_id AS integer;
        COMMENT ON SEQUENCE derived.evaluation_run_id IS 'Numbers of runs of recsql evaluate.';

        CREATE TABLE derived.evaluation (
            run_id integer NOT NULL,
            model text NOT NULL CHECK (model <> ''),
            metric text NOT NULL CHECK (metric IN (
                'ndcg', 'recall', 'precision', 'hit_rate', 'mrr', 'coverage', 'gini', 'novelty',
                'rmse', 'mae'
            )),
            k integer NOT NULL CHECK (k >= 0),
            value double precision NOT NULL,
            low double precision,
            high double precision,
            n integer NOT NULL CHECK (n > 0),
            split text NOT NULL,
            seed bigint NOT NULL,
            data text NOT NULL,
            protocol jsonb NOT NULL,
            parameters jsonb NOT NULL,
            train_seconds double precision NOT NULL,
            list_seconds double precision NOT NULL,
            evaluated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (run_id, model, metric, k),
            CHECK (low <= value AND value <= high)
        );
        COMMENT ON TABLE derived.evaluation IS
            'How well each method does: one row a run, model, metric and length of list, with all'
            ' that is needed to measure it again. Written by recsql evaluate; a run lands whole.';
        COMMENT ON COLUMN derived.evaluation.model IS
            'as recsql evaluate takes it: ease, also_liked:damped, popularity …';
        COMMENT ON COLUMN derived.evaluation.k IS
            'the metric looks at the first k of each list; 0 for errors of predicted stars';
        COMMENT ON COLUMN derived.evaluation.low IS
            'lower end of the 95% interval: value - 1.96 standard errors over the lists';
        COMMENT ON COLUMN derived.evaluation.n IS
            'how many lists were judged (users, or movies asked about); ratings for rmse and mae';
        COMMENT ON COLUMN derived.evaluation.split IS
            'user-holdout, time, user-disjoint or collection';
        COMMENT ON COLUMN derived.evaluation.data IS 'fingerprint of what was measured on';
        COMMENT ON COLUMN derived.evaluation.protocol IS
            'all else that figures have to share to be compared';
        COMMENT ON COLUMN derived.evaluation.parameters IS 'what the model was made with';
        COMMENT ON COLUMN derived.evaluation.train_seconds IS 'to train it; 0 where nothing is';
        COMMENT ON COLUMN derived.evaluation.list_seconds IS 'to reckon all lists';
        """
    )
