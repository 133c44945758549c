# One image for every process; compose.yaml says which runs where.
# Whoever passes the built image on: it contains GPL-3.0 software (see NOTICE).
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 sayhook && install -d -o sayhook /app /data /models
USER sayhook
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH SAYHOOK_DATA=/data SAYHOOK_MODELS=/models SAYHOOK_HOST=0.0.0.0 SAYHOOK_LOG_FORMAT=json

COPY --chown=sayhook . .
RUN python hub/serve/bootstrap.py run && sayhook models fetch && rm -rf ~/.cache

EXPOSE 8000
VOLUME /data
CMD ["sayhook", "serve"]
