-- The public face of schema api. Within a major version columns and parameters are only
-- added. Recorded by: RECSQL_UPDATE_SIGNATURES=1 python -m pytest tests/test_house.py -k signatures

function api.also_liked
    p_movie_id integer
    p_limit integer DEFAULT 10
    p_offset integer DEFAULT 0
    p_method text DEFAULT 'damped'::text
    p_min_raters integer DEFAULT 1
    p_damping double precision DEFAULT 25
    p_prior_stars double precision DEFAULT 0
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    year integer
    poster_path text
    score numeric
    reason text
    support integer
    out_of integer
    mean_stars numeric
    low numeric
    high numeric

function api.category_movies
    p_category_id integer
    p_sort text DEFAULT 'popular'::text
    p_limit integer DEFAULT 48
    p_offset integer DEFAULT 0
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    original_title text
    year integer
    release_date date
    runtime integer
    overview text
    poster_path text
    genres text[]
    raters integer
    mean_stars numeric
    damped_stars numeric

function api.compare_lists
    p_movie_id integer
    p_left text DEFAULT 'also_liked:damped'::text
    p_right text DEFAULT 'also_liked:average'::text
    p_limit integer DEFAULT 10
  stable, parallel safe, returns
    place integer
    movie_id integer
    title text
    year integer
    poster_path text
    left_rank integer
    right_rank integer
    left_score numeric
    right_score numeric
    left_reason text
    right_reason text

function api.evaluated_models
    p_run_id integer DEFAULT NULL::integer
    p_k integer DEFAULT 10
  stable, parallel safe, returns
    rank integer
    model text
    ndcg double precision
    ndcg_low double precision
    ndcg_high double precision
    recall double precision
    precision double precision
    hit_rate double precision
    mrr double precision
    coverage double precision
    gini double precision
    novelty double precision
    rmse double precision
    mae double precision
    seconds double precision
    lists integer
    run_id integer
    parameters jsonb
    evaluated_at timestamp with time zone

function api.explain_also_liked
    p_movie_id integer
    p_other_movie_id integer
    p_method text DEFAULT 'damped'::text
    p_damping double precision DEFAULT 25
    p_prior_stars double precision DEFAULT 0
  stable, parallel safe, returns
    kind text
    evidence text
    amount integer
    points numeric

function api.explain_recommendation
    p_user_id integer
    p_movie_id integer
    p_model text DEFAULT NULL::text
  stable, parallel safe, returns
    kind text
    evidence text
    amount integer
    points numeric
    movie_id integer
    stars numeric

function api.explain_recommendation_for
    p_ratings jsonb
    p_movie_id integer
    p_model text DEFAULT NULL::text
  stable, parallel safe, returns
    kind text
    evidence text
    amount integer
    points numeric
    movie_id integer
    stars numeric

function api.explain_similar_movies
    p_movie_id integer
    p_other_movie_id integer
    p_method text DEFAULT 'overlap'::text
    p_kinds text[] DEFAULT '{genre,keyword,company,country,language}'::text[]
  stable, parallel safe, returns
    kind text
    evidence text
    amount integer
    points numeric

function api.home_header
    p_seed bigint DEFAULT ((random() * (2147483647)::double precision))::bigint
  stable, parallel safe, returns
    movie_id integer
    title text
    original_title text
    year integer
    release_date date
    runtime integer
    overview text
    tagline text
    genres text[]
    keywords text[]
    poster_path text
    backdrop_path text
    raters integer
    mean_stars numeric

function api.home_shelves
    p_seed bigint DEFAULT ((random() * (2147483647)::double precision))::bigint
    p_shelves integer DEFAULT 20
    p_per_shelf integer DEFAULT 10
  stable, parallel safe, returns
    shelf integer
    category_id integer
    slug text
    category text
    place integer
    movie_id integer
    title text
    year integer
    poster_path text
    raters integer
    mean_stars numeric

function api.kept_counts
  stable, parallel safe, returns
    kept text
    rows_kept bigint
    rows_wrong bigint

function api.predict_rating
    p_user_id integer
    p_movie_id integer
    p_model text DEFAULT NULL::text
  stable, parallel safe, returns
    movie_id integer
    title text
    predicted_stars numeric
    low numeric
    high numeric
    mean_stars numeric
    model text
    reason text

function api.predict_rating_for
    p_ratings jsonb
    p_movie_id integer
    p_model text DEFAULT NULL::text
  stable, parallel safe, returns
    movie_id integer
    title text
    predicted_stars numeric
    low numeric
    high numeric
    mean_stars numeric
    model text
    reason text

function api.rate
    p_user_id integer
    p_movie_id integer
    p_stars numeric
  volatile, parallel unsafe, returns
    user_id integer
    movie_id integer
    stars numeric
    rated_at timestamp with time zone

function api.recommend
    p_user_id integer
    p_limit integer DEFAULT 10
    p_offset integer DEFAULT 0
    p_model text DEFAULT NULL::text
    p_period text DEFAULT 'any'::text
    p_boundary_year integer DEFAULT 2010
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    year integer
    poster_path text
    score numeric
    reason text
    support integer
    out_of integer
    mean_stars numeric
    low numeric
    high numeric
    predicted_stars numeric
    model text

function api.recommend_for
    p_ratings jsonb
    p_limit integer DEFAULT 10
    p_offset integer DEFAULT 0
    p_model text DEFAULT NULL::text
    p_period text DEFAULT 'any'::text
    p_boundary_year integer DEFAULT 2010
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    year integer
    poster_path text
    score numeric
    reason text
    support integer
    out_of integer
    mean_stars numeric
    low numeric
    high numeric
    predicted_stars numeric
    model text

function api.search_movies
    p_query text
    p_limit integer DEFAULT 20
    p_offset integer DEFAULT 0
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    original_title text
    year integer
    release_date date
    runtime integer
    overview text
    poster_path text
    genres text[]
    raters integer
    mean_stars numeric
    damped_stars numeric

function api.similar_by_model
    p_movie_id integer
    p_limit integer DEFAULT 10
    p_offset integer DEFAULT 0
    p_model text DEFAULT NULL::text
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    year integer
    poster_path text
    score numeric
    reason text
    support integer
    out_of integer
    mean_stars numeric
    low numeric
    high numeric

function api.similar_movies
    p_movie_id integer
    p_limit integer DEFAULT 10
    p_offset integer DEFAULT 0
    p_method text DEFAULT 'overlap'::text
    p_kinds text[] DEFAULT '{genre,keyword,company,country,language}'::text[]
    p_common_share double precision DEFAULT 0.05
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    year integer
    poster_path text
    score numeric
    reason text
    support integer
    out_of integer
    mean_stars numeric
    low numeric
    high numeric

function api.unrate
    p_user_id integer
    p_movie_id integer
  volatile, parallel unsafe, returns
    boolean

procedure api.refresh_also_liked
    p_movie_ids integer[]
    p_depth integer DEFAULT 100

procedure api.refresh_feature_stats

procedure api.refresh_movie_stats

procedure api.refresh_shelves

procedure api.rekey_movies
    p_old integer[]
    p_new integer[]

view api.about
    movies integer
    raters bigint
    ratings bigint
    generated_ratings boolean
    sources text[]

view api.category
    category_id integer
    slug text
    name text
    movies integer

view api.evaluation
    run_id integer
    evaluated_at timestamp with time zone
    split text
    seed bigint
    data text
    protocol jsonb
    model text
    parameters jsonb
    metric text
    k integer
    value double precision
    low double precision
    high double precision
    n integer
    train_seconds double precision
    list_seconds double precision

view api.evaluation_protocol
    run_id integer
    split text
    seed bigint
    data text
    protocol jsonb
    models integer
    cuts integer[]
    lists integer
    evaluated_at timestamp with time zone

view api.freshness
    movie_id integer
    title text
    fans integer
    evidence bigint
    changed bigint
    share numeric
    refreshed_at timestamp with time zone

view api.movie_card
    movie_id integer
    title text
    original_title text
    year integer
    release_date date
    runtime integer
    overview text
    poster_path text
    genres text[]
    raters integer
    mean_stars numeric
    damped_stars numeric

view api.movie_page
    movie_id integer
    imdb_id text
    title text
    original_title text
    tagline text
    overview text
    release_date date
    year integer
    runtime integer
    status text
    language text
    genres text[]
    genre_ids integer[]
    keywords text[]
    companies text[]
    countries text[]
    collection text
    budget bigint
    revenue bigint
    homepage text
    poster_path text
    backdrop_path text
    directors text[]
    top_cast jsonb
    raters integer
    mean_stars numeric
    damped_stars numeric
    fans integer
    histogram integer[]

view api.recounted_stars
    movie_id integer
    stars_05 bigint
    stars_10 bigint
    stars_15 bigint
    stars_20 bigint
    stars_25 bigint
    stars_30 bigint
    stars_35 bigint
    stars_40 bigint
    stars_45 bigint
    stars_50 bigint

view api.trained_model
    model text
    family text
    run_id integer
    ratings bigint
    raters integer
    movies integer
    rmse numeric
    mae numeric
    rmse_baseline numeric
    seconds numeric
    trained_at timestamp with time zone
    seed bigint
    parameters jsonb
