FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/jeokgeuk jeokgeuk
WORKDIR /app
COPY requirements/service.txt requirements/service.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/service.txt
COPY pyproject.toml README.md ./
COPY knowledge knowledge
COPY storage storage
COPY bot bot
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
USER jeokgeuk
EXPOSE 8080
HEALTHCHECK CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('JEOKGEUK_PORT', '8080') + '/healthz', timeout=3)"]
ENTRYPOINT ["jeokgeuk"]
CMD ["serve"]
