-- The public face of schema api. Within a major version columns and parameters are only
-- added. Recorded by: RECSQL_UPDATE_SIGNATURES=1 python -m pytest tests/test_house.py -k signatures

function api.account
    p_name text
  stable, parallel safe, returns
    user_id integer
    name text
    password_hash text
    created_at timestamp with time zone
    password_set_at timestamp with time zone

function api.add_fake_ratings
    p_count integer DEFAULT 10
    p_seed bigint DEFAULT ((random() * (2147483647)::double precision))::bigint
  volatile, parallel unsafe, returns
    added integer

function api.add_fake_users
    p_count integer DEFAULT 10
  volatile, parallel unsafe, returns
    added integer

function api.add_omdb_movie
    p_answer jsonb
  volatile, parallel unsafe, returns
    movie_id integer
    title text
    year integer
    is_new boolean
    critics integer

function api.allow_attempt
    p_what text
    p_account text
    p_address inet
    p_limit integer DEFAULT 10
    p_window interval DEFAULT '00:15:00'::interval
  volatile, parallel unsafe, returns
    allowed boolean
    retry_after integer
    tried_at timestamp with time zone

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

function api.answered_movies
    p_ratings jsonb
    p_user_id integer DEFAULT NULL::integer
  stable, parallel safe, returns
    movie_id integer
    title text
    original_title text
    year integer
    poster_path text
    genres text[]
    raters integer
    mean_stars numeric
    stars numeric
    own_stars numeric
    original_language text

function api.browse_movies
    p_genre text DEFAULT NULL::text
    p_decade integer DEFAULT NULL::integer
    p_country text DEFAULT NULL::text
    p_language text DEFAULT NULL::text
    p_min_runtime integer DEFAULT NULL::integer
    p_max_runtime integer DEFAULT NULL::integer
    p_min_stars numeric DEFAULT NULL::numeric
    p_feature_id integer DEFAULT NULL::integer
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
    original_language text

function api.browse_options
    p_genre text DEFAULT NULL::text
    p_decade integer DEFAULT NULL::integer
    p_country text DEFAULT NULL::text
    p_language text DEFAULT NULL::text
    p_min_runtime integer DEFAULT NULL::integer
    p_max_runtime integer DEFAULT NULL::integer
    p_min_stars numeric DEFAULT NULL::numeric
    p_most integer DEFAULT 3000
  stable, parallel safe, returns
    filter text
    place integer
    value text
    name text
    movies integer

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
    original_language text

function api.close_session
    p_token_hash bytea
  volatile, parallel unsafe, returns
    boolean

function api.close_sessions
    p_user_id integer
  volatile, parallel unsafe, returns
    integer

function api.collection_movies
    p_collection_id integer
    p_limit integer DEFAULT 200
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
    original_language text

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

function api.compare_movies
    p_movie_id integer
    p_other_movie_id integer
  stable, parallel safe, returns
    place integer
    kind text
    name text
    in_first boolean
    in_second boolean
    feature_id integer
    person_id integer
    movies integer

function api.critic_stars
    p_movie_id integer
  stable, parallel safe, returns
    movie_id integer
    critics integer
    half_stars bigint
    mean_stars numeric

function api.did_you_mean
    p_query text
    p_limit integer DEFAULT 3
  stable, parallel safe, returns
    rank integer
    query text
    edits integer

function api.enrich_movie
    p_service text
    p_movie_id integer
    p_resource text
    p_status integer
    p_answer jsonb DEFAULT NULL::jsonb
  volatile, parallel unsafe, returns
    movie_id integer
    outcome text

function api.enrichment_due
    p_service text
    p_missing text DEFAULT NULL::text
    p_older_than interval DEFAULT '150 days'::interval
    p_not_found_older_than interval DEFAULT '30 days'::interval
    p_except integer[] DEFAULT '{}'::integer[]
    p_limit integer DEFAULT 1000
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    year integer
    tmdb_id integer
    imdb_id text

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

function api.explain_quiz_result
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

function api.feature_movies
    p_feature_id integer
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
    original_language text

function api.features
    p_kind text
    p_query text DEFAULT ''::text
    p_limit integer DEFAULT 100
    p_offset integer DEFAULT 0
  stable, parallel safe, returns
    rank integer
    feature_id integer
    kind text
    code text
    name text
    movies integer
    share numeric

function api.forget_user
    p_user_id integer
  volatile, parallel unsafe, returns
    user_id integer
    ratings integer

function api.forgive_attempt
    p_what text
    p_account text
    p_address inet
    p_tried_at timestamp with time zone
  volatile, parallel unsafe, returns
    integer

function api.found_at_omdb
    p_answer jsonb
  stable, parallel safe, returns
    rank integer
    imdb_id text
    title text
    year integer
    movie_id integer
    fault text

function api.hidden_movies
    p_user_id integer
  stable, parallel safe, returns
    movie_id integer

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
    original_language text

function api.home_rows
    p_user_id integer
    p_seed bigint DEFAULT ((random() * (2147483647)::double precision))::bigint
    p_shelves integer DEFAULT 20
    p_per_shelf integer DEFAULT 10
    p_because integer DEFAULT 2
    p_live_fans integer DEFAULT 200
  stable, parallel safe, returns
    shelf integer
    kind text
    heading text
    slug text
    about_movie_id integer
    place integer
    movie_id integer
    title text
    year integer
    poster_path text
    raters integer
    mean_stars numeric
    reason text
    score numeric
    predicted_stars numeric
    model text
    is_stored boolean
    shown_at timestamp with time zone
    ratings integer
    original_title text
    release_date date
    runtime integer
    overview text
    genres text[]
    keywords text[]
    backdrop_path text
    original_language text
    about_title text
    about_stars numeric

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

function api.import_ratings
    p_user_id integer
    p_lines jsonb
    p_years integer DEFAULT 1
  volatile, parallel unsafe, returns
    line integer
    outcome text
    movie_id integer
    matched_by text
    problem text
    title text
    year integer
    stars numeric

function api.keep_ratings
    p_user_id integer
    p_ratings jsonb
    p_replace boolean DEFAULT false
  volatile, parallel unsafe, returns
    movie_id integer
    title text
    outcome text
    stars numeric

function api.kept_counts
  stable, parallel safe, returns
    kept text
    rows_kept bigint
    rows_wrong bigint

function api.leading_people
    p_limit integer DEFAULT 48
    p_offset integer DEFAULT 0
    p_depth integer DEFAULT 1000
    p_places integer DEFAULT 3
  stable, parallel safe, returns
    rank integer
    person_id integer
    name text
    movies integer
    raters bigint

function api.mark
    p_user_id integer
    p_movie_id integer
    p_kind text
  volatile, parallel unsafe, returns
    user_id integer
    movie_id integer
    kind text
    marked_at timestamp with time zone

function api.matched_ratings
    p_lines jsonb
    p_years integer DEFAULT 1
  stable, parallel safe, returns
    line integer
    movie_id integer
    matched_by text
    problem text
    title text
    year integer
    half_stars integer
    rated_at timestamp with time zone

function api.movie_credits
    p_movie_id integer
    p_role text DEFAULT 'any'::text
    p_limit integer DEFAULT 1000
    p_offset integer DEFAULT 0
  stable, parallel safe, returns
    rank integer
    role text
    place integer
    person_id integer
    name text
    job text

function api.my_data
    p_user_id integer
  stable, parallel safe, returns
    list text
    movie_id integer
    imdb_id text
    title text
    year integer
    stars numeric
    at timestamp with time zone

function api.my_marks
    p_user_id integer
    p_kind text DEFAULT 'watch'::text
    p_limit integer DEFAULT 24
    p_offset integer DEFAULT 0
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    original_title text
    year integer
    poster_path text
    genres text[]
    raters integer
    mean_stars numeric
    stars numeric
    marked_at timestamp with time zone
    total integer
    original_language text

function api.my_movie
    p_user_id integer
    p_movie_id integer
  stable, parallel safe, returns
    movie_id integer
    stars numeric
    rated_at timestamp with time zone
    mark text
    marked_at timestamp with time zone

function api.my_ratings
    p_user_id integer
    p_sort text DEFAULT 'newest'::text
    p_query text DEFAULT NULL::text
    p_stars numeric DEFAULT NULL::numeric
    p_limit integer DEFAULT 24
    p_offset integer DEFAULT 0
  stable, parallel safe, returns
    rank integer
    movie_id integer
    title text
    original_title text
    year integer
    poster_path text
    genres text[]
    raters integer
    mean_stars numeric
    stars numeric
    rated_at timestamp with time zone
    total integer
    original_language text

function api.next_movie
    p_user_id integer
    p_seed bigint DEFAULT ((random() * (2147483647)::double precision))::bigint
    p_among integer DEFAULT 50
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
    directors text[]
    poster_path text
    backdrop_path text
    raters integer
    mean_stars numeric
    rank integer
    score numeric
    reason text
    predicted_stars numeric
    low numeric
    high numeric
    model text
    mark text
    is_stored boolean
    shown_at timestamp with time zone
    place integer
    among integer
    next_seed integer
    original_language text

function api.note_shown
    p_user_id integer
    p_movie_ids integer[]
  volatile, parallel unsafe, returns
    integer

function api.open_session
    p_user_id integer
    p_token_hash bytea
    p_idle interval DEFAULT '14 days'::interval
  volatile, parallel unsafe, returns
    user_id integer
    expires_at timestamp with time zone

function api.pair_evidence
    p_movie_id integer
    p_other_movie_id integer
  stable, parallel safe, returns
    kind text
    support integer
    out_of integer
    likes integer
    mean_stars numeric
    low numeric
    high numeric

function api.person_movies
    p_person_id integer
    p_role text DEFAULT 'any'::text
    p_sort text DEFAULT 'newest'::text
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
    characters text[]
    jobs text[]
    original_language text

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

function api.quiz_modes
    p_answers integer DEFAULT 0
  stable, parallel safe, returns
    place integer
    mode text
    model text
    says text
    needs text

function api.quiz_movies
    p_seed bigint DEFAULT ((random() * (2147483647)::double precision))::bigint
    p_count integer DEFAULT 15
    p_old integer DEFAULT 7
    p_pool integer DEFAULT 50
    p_boundary_year integer DEFAULT 2010
    p_pool_of text DEFAULT 'each'::text
  stable, parallel safe, returns
    place integer
    movie_id integer
    title text
    original_title text
    year integer
    poster_path text
    genres text[]
    raters integer
    mean_stars numeric
    period text
    original_language text

function api.quiz_results
    p_ratings jsonb
    p_limit integer DEFAULT 5
    p_offset integer DEFAULT 0
    p_model text DEFAULT NULL::text
    p_period text DEFAULT 'any'::text
    p_boundary_year integer DEFAULT 2010
    p_user_id integer DEFAULT NULL::integer
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

function api.rate
    p_user_id integer
    p_movie_id integer
    p_stars numeric
  volatile, parallel unsafe, returns
    user_id integer
    movie_id integer
    stars numeric
    rated_at timestamp with time zone

function api.rate_by_critics
    p_movie_ids integer[]
    p_answers jsonb[]
  volatile, parallel unsafe, returns
    inserted bigint
    updated bigint
    deleted bigint
    unchanged bigint

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

function api.register
    p_name text
    p_password_hash text
  volatile, parallel unsafe, returns
    user_id integer
    name text
    created_at timestamp with time zone

function api.renew_session
    p_token_hash bytea
    p_new_token_hash bytea
    p_idle interval DEFAULT '14 days'::interval
    p_longest interval DEFAULT '90 days'::interval
    p_grace interval DEFAULT '00:01:00'::interval
  volatile, parallel unsafe, returns
    user_id integer
    expires_at timestamp with time zone

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
    original_language text

function api.search_people
    p_query text
    p_limit integer DEFAULT 20
    p_offset integer DEFAULT 0
    p_most integer DEFAULT 2000
  stable, parallel safe, returns
    rank integer
    person_id integer
    name text
    movies integer

function api.secret
    p_name text
  stable, parallel safe, returns
    value text

function api.session
    p_token_hash bytea
    p_renew_after interval DEFAULT '1 day'::interval
  stable, parallel safe, returns
    user_id integer
    name text
    started_at timestamp with time zone
    expires_at timestamp with time zone
    due boolean
    hides boolean

function api.set_password
    p_user_id integer
    p_password_hash text
    p_keep_sessions boolean DEFAULT false
  volatile, parallel unsafe, returns
    integer

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

function api.suggestions
    p_user_id integer
    p_limit integer DEFAULT 10
    p_offset integer DEFAULT 0
    p_reuse_days integer DEFAULT 7
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

function api.unrate
    p_user_id integer
    p_movie_id integer
  volatile, parallel unsafe, returns
    boolean

function api.users
    p_kind text DEFAULT 'account'::text
    p_limit integer DEFAULT 100
    p_offset integer DEFAULT 0
  stable, parallel safe, returns
    user_id integer
    kind text
    name text
    ratings integer
    created_at timestamp with time zone
    sessions integer

procedure api.refresh_also_liked
    p_movie_ids integer[]
    p_depth integer DEFAULT 100

procedure api.refresh_feature_stats

procedure api.refresh_listed_movies

procedure api.refresh_movie_stats

procedure api.refresh_shelves

procedure api.refresh_similar_movies
    p_movie_ids integer[]
    p_depth integer DEFAULT 20

procedure api.refresh_title_words

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

view api.collection
    collection_id integer
    name text
    poster_path text
    backdrop_path text
    movies integer
    first_year integer
    last_year integer

view api.critic_rating
    movie_id integer
    critic text
    user_id integer
    half_stars smallint
    stars numeric

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

view api.feature
    feature_id integer
    kind text
    code text
    name text
    movies integer
    share numeric
    rarity numeric

view api.freshness
    movie_id integer
    title text
    fans integer
    evidence bigint
    changed bigint
    share numeric
    refreshed_at timestamp with time zone
    list text

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
    original_language text

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
    genre_slugs text[]
    trailer_key text
    trailer_name text
    critics jsonb
    services text[]
    language_id integer
    keyword_ids integer[]
    company_ids integer[]
    country_ids integer[]
    collection_id integer
    collection_movies jsonb
    director_ids integer[]
    top_crew jsonb
    credits integer
    original_language text

view api.person_page
    person_id integer
    tmdb_id integer
    name text
    movies integer
    acted_in integer
    worked_on integer
    first_year integer
    last_year integer
    raters bigint
    mean_stars numeric
    jobs text[]
    job_movies integer[]
    genres text[]

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
