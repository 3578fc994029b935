# One image per app: docker build --build-arg APP=user --tag batua-user .
# It serves pages; with another command it is the app's worker, or migrates its database:
#   python -m batua_user.worker        python -m batua_db.migrations user
ARG PYTHON=3.11

FROM docker.io/library/python:${PYTHON}-slim-bookworm AS build
ARG APP
ENV UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/batua UV_PYTHON_DOWNLOADS=never
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/* && pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock README.md ./
COPY packages packages
COPY apps apps
# The app and what it imports, as locked: no tests' tools, no embedded servers, not the other app.
# Nothing we print has a picture in it, so that what prints needs no library of pictures.
RUN uv sync --locked --no-dev --no-editable --package "batua-${APP:?user or bank}" \
    --no-install-package pillow
# Half of it would be there to be read by a compiler, a debugger or a person. Libraries stay as
# bytecode, our own code as both; and of the world's languages those that pages are in.
WORKDIR /opt/batua
RUN find . -name '*.so' ! -path '*.libs/*' -exec strip --strip-unneeded {} + \
    && find . -regex '.*\.\(c\|cpp\|h\|pyx\|pxd\|pyi\)' -delete \
    && find . -path '*/babel/locale-data/*.dat' ! -name root.dat \
        ! -name en.dat ! -name en_001.dat ! -name en_IN.dat -delete \
    && find lib -type d \( -name tests -o -name testing \) -prune -exec rm -r {} + \
    && python -m compileall -q --invalidation-mode unchecked-hash lib/python*/site-packages/batua_* \
    && python -m compileall -q -b -x /batua_ lib \
    && find lib -name '*.py' ! -path '*/batua_*' -delete

FROM docker.io/library/python:${PYTHON}-slim-bookworm
ARG APP
RUN useradd --system --uid 10001 --no-create-home batua
COPY --from=build /opt/batua /opt/batua
ENV PATH=/opt/batua/bin:$PATH PYTHONDONTWRITEBYTECODE=1 APP_ENV=production \
    PYTHONWARNINGS="ignore:Pillow could not be imported" \
    BATUA_APP=${APP}
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=10s --start-period=60s --retries=5 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["sh", "-c", "exec python -m batua_ui.serve $BATUA_APP"]
