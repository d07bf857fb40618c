# 두 단계: 꾸러미는 첫 단계에서 만들고, 마지막 그림에는 돌리는 데 필요한 것만 남긴다.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/jeokgeuk
ENV PATH=/opt/jeokgeuk/bin:$PATH
WORKDIR /build
COPY requirements/service.txt requirements/service.txt
RUN pip install --require-hashes -r requirements/service.txt
COPY pyproject.toml README.md ./
COPY knowledge knowledge
COPY storage storage
COPY bot bot
RUN pip install --no-deps --no-build-isolation . \
 && pip uninstall --yes hatchling editables pip

FROM python:3.11-slim
ENV PATH=/opt/jeokgeuk/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HEALTH_PORT=8080
# 설치하는 도구도 껍데기 계정도 남기지 않는다. 서비스 계정은 자료 폴더 말고는 아무 데도 쓰지 못한다.
RUN python -m pip uninstall --yes setuptools wheel pip \
 && rm -rf /usr/local/lib/python3.11/ensurepip \
 && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin jeokgeuk \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/jeokgeuk
COPY --from=build /opt/jeokgeuk /opt/jeokgeuk
USER 10001
WORKDIR /var/lib/jeokgeuk
VOLUME /var/lib/jeokgeuk
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['HEALTH_PORT'] + '/healthz', timeout=3)"]
ENTRYPOINT ["jeokgeuk"]
CMD ["serve"]
