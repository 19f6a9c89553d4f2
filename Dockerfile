# One image for web, worker, beat and migrations; configuration comes from the environment alone.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 LONJA_ENV=production LONJA_DATA=/data LONJA_STATIC_ROOT=/static LONJA_MEDIA_ROOT=/media
# LightGBM's runtime: without it promises fall back to the lanes' own quantiles.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home lonja && mkdir -p /data /static /media && chown lonja /data /static /media
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Catalogues belong to the image: every container reads them, none may write here. No service or secret is needed for it.
RUN LONJA_ENV=local python manage.py compile_catalogues --verbosity 0
USER lonja
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", "--threads", "2"]
