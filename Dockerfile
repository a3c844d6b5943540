# rdb-inspect, and its serve where redis-server would be (README.md, Docker). npm run check:docker tries it without an engine.
ARG NODE_VERSION=20

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY README.md LICENSE CHANGELOG.md tsconfig.json tsup.config.ts ./
COPY scripts scripts
COPY bin bin
COPY src src
RUN npm run build
# What npm publishes, with the packages that it needs as the lock file has them.
RUN mkdir /package \
  && npm pack --ignore-scripts \
  && tar -xzf rdb-inspect-*.tgz -C /package --strip-components=1 \
  && cp package-lock.json .npmrc /package
WORKDIR /package
RUN npm ci --omit=dev --omit=peer --ignore-scripts --no-audit --no-fund

FROM node:${NODE_VERSION}-slim
COPY --from=build /package /opt/rdb-inspect
COPY scripts/docker-entrypoint.sh /usr/local/bin/
RUN ln -s /opt/rdb-inspect/bin/rdb-inspect.js /usr/local/bin/rdb-inspect \
  && mkdir /data \
  && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 6379
STOPSIGNAL SIGTERM
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["serve", "--dir", "/data"]
