# The image has Clockwork and no MongoDB: set MONGODB_URI. docs/deployment.md says how to run it.
# Its process writes to /data (the home of its user, for ssh) and to /tmp alone: the root may be read-only.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without the packages' scripts: ours would build before the sources are here, the one of `node` would fetch a second Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json .swcrc ./
COPY bin bin
COPY apps apps
COPY libs libs
RUN npx nest build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node node_modules/.bin/node

FROM debian:13.8-slim
# ssh reads clusters on other machines; tini, as process 1, passes signals on and buries what a cluster's commands leave behind.
# The release of Debian is pinned, and its packages are taken with their security updates.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends openssh-client tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
 && groupadd --gid 10001 clockwork \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin clockwork \
 && install --directory --owner=10001 --group=10001 --mode=700 /data \
 && ln -s /app/bin/clockwork.js /usr/local/bin/clockwork
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY package.json ./
COPY --from=build /app/bin bin
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist

ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 CLOCKWORK_DATA_DIR=/data LOG_FORMAT=json
USER 10001:10001
VOLUME /data
EXPOSE 3000
# With TLS_CERT it speaks TLS, by a certificate that is for other names than this address. The settings may be in /app/.env.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "--env-file-if-exists=.env", "-e", "require(process.env.TLS_CERT ? 'https' : 'http').get({ host: '127.0.0.1', port: process.env.PORT, path: '/health/live', rejectUnauthorized: false }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/apps/api/main.js"]
