# What the server runs on, what it is compiled from, and the image, which gets the results of the two: production packages and
# compiled code, no sources. .dockerignore is the list of what may come in at all.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without --ignore-scripts: the package `node`, the pinned runtime, fetches its binary in an install script. What that
# leaves behind beside the binary is not needed.
RUN npm ci --omit=dev && rm -r node_modules/node/node_modules

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && rm -f dist/.tsbuildinfo

FROM node:24-bookworm-slim
# The pinned runtime comes before the one of the base image.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=2567 \
    PATH=/app/node_modules/.bin:$PATH
WORKDIR /app
# Holds the SQLite database where no DATABASE_URL is given, pictures where there is no bucket, and backups; nothing else is ever written to.
RUN install -d -o node -g node -m 0700 data data/images data/backups
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
VOLUME /app/data
EXPOSE 2567
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health', { signal: AbortSignal.timeout(2500) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell in between, SIGTERM reaches the server: it waits, sends its guests away, finishes its batch and exits 0 (deploy/README.md).
CMD ["node", "dist/src/index.js"]
