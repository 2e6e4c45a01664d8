# The room with what it needs at run time, and nothing of what builds it.
FROM node:22-bookworm AS build
WORKDIR /app
# better-sqlite3 compiles here where no prebuilt binary can be fetched: this image has the compiler, the next one has not.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts && npm rebuild better-sqlite3 esbuild
COPY scripts ./scripts
COPY src ./src
COPY tsconfig.json ./
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY samples ./samples
RUN ln -s /app/dist/onay.js /usr/local/bin/onay && mkdir /data && chown node:node /data
USER node
# onay.config.json is read from here; database, evidence, token and log are all below it.
WORKDIR /data
VOLUME /data
EXPOSE 4010
# 503 while a first start fetches its history and trains: that is not unhealthy yet.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10m --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4010/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Reached from outside the container, so every request needs a token: docker exec CONTAINER cat /data/token
ENTRYPOINT ["onay"]
CMD ["serve", "--host", "0.0.0.0", "--data-dir", "/data"]
