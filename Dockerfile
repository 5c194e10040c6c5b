# Two stages: the first has uv and installs the locked packages, the second has what came of it.
# Nothing secret is in either; what the parts need comes from the environment or from NAME_FILE.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*
# The system's authorities, to which a base image of one's own may add a proxy's.
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
# hadolint ignore=DL3013
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir 'uv>=0.9,<1'
WORKDIR /app
COPY pyproject.toml uv.lock ./
COPY clients/python clients/python
COPY deploy/slim deploy/slim
ENV UV_PROJECT_ENVIRONMENT=/app/.venv \
    UV_PYTHON=/usr/bin/python3 \
    UV_PYTHON_DOWNLOADS=never \
    UV_NO_CACHE=1 \
    UV_LINK_MODE=copy
RUN /opt/uv/bin/uv sync --frozen --no-default-groups \
 && deploy/slim .venv \
 && .venv/bin/python -m compileall -q -j 0 .venv/lib
COPY . .
RUN rm -rf clients deploy \
 && .venv/bin/python -m compileall -q accounts config detector operations training webhooks \
 && VOICETELL_SECRET_KEY=build VOICETELL_DATA=/tmp/build VOICETELL_STATIC=/app/staticfiles \
    .venv/bin/python manage.py collectstatic --no-input \
 && rm -rf .venv/lib/python3*/site-packages/drf_spectacular_sidecar/static \
 && rm -rf /tmp/build

FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt \
 && useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin voicetell \
 && install --directory --owner voicetell --group voicetell --mode 0700 /data /media
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VOICETELL_ALIVE_FILE=/tmp/voicetell-alive \
    VOICETELL_DATA=/data \
    VOICETELL_MEDIA=/media \
    VOICETELL_STATIC=/app/staticfiles
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=90s --retries=4 \
    CMD ["python", "-m", "config.stack.alive"]
ENTRYPOINT ["python", "manage.py"]
CMD ["part", "web", "--bind", "0.0.0.0"]
