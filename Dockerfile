# One image per app: docker build --build-arg APP=user --tag batua-user .
# It serves pages; with another command it is the app's worker, or migrates its database:
#   python -m batua_user.worker        python -m batua_db.migrations user
ARG PYTHON=3.11

FROM docker.io/library/python:${PYTHON}-slim-bookworm AS build
ARG APP
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/batua UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock README.md ./
COPY packages packages
COPY apps apps
# The app and what it imports, as locked; no tests' tools, no embedded servers, no sources left,
# and of the world's languages only those that pages are in.
RUN uv sync --locked --no-dev --no-editable --package "batua-${APP:?user or bank}" \
    && find /opt/batua -path '*/babel/locale-data/*.dat' \
        ! -name root.dat ! -name en.dat ! -name en_IN.dat -delete

FROM docker.io/library/python:${PYTHON}-slim-bookworm
ARG APP
RUN useradd --system --uid 10001 --no-create-home batua
COPY --from=build /opt/batua /opt/batua
ENV PATH=/opt/batua/bin:$PATH PYTHONDONTWRITEBYTECODE=1 APP_ENV=production \
    BATUA_TARGET=batua_${APP}.wsgi:app GRANIAN_HOST=0.0.0.0 GRANIAN_PORT=8000 GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=4 GRANIAN_WORKERS_KILL_TIMEOUT=20
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["sh", "-c", "exec granian --interface wsgi --no-ws \"$BATUA_TARGET\""]
