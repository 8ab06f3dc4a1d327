# docs/operate.md says how to run it. No Docker has built it yet: test/deploy/dockerfile.test.ts runs its steps without one,
# except for the base image, `npm ci`, the owners of the folders, the user and the volume.

# The version is that of the project's own Node.js, which is left out below (--omit=optional): one is enough.
FROM node:26.10.0-bookworm-slim
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY src ./src
RUN install -d -o node -g node -m 0700 /data /var/cache/chatops-server

USER node
ENV HOST=0.0.0.0 DATABASE_URL=file:/data/chatops.db NODE_COMPILE_CACHE=/var/cache/chatops-server
# Keeps the compiled code, with the flags of the start, since they are part of its key. The first start is then as fast as the next.
RUN node --require ./src/boot.cjs --max-semi-space-size=16 --max-old-space-size=512 --eval "import('./src/server.ts')"
VOLUME /data
EXPOSE 5000
# /healthz, not /readyz: a restart helps a process that does not answer, not a disk that is full.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT || 5000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--require", "./src/boot.cjs", "--max-semi-space-size=16", "--max-old-space-size=512", "src/main.ts"]
