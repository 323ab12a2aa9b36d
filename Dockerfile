# One base for both stages. Node 24 and npm are all it must have, so another image can stand in for it:
#   docker build --build-arg BASE_IMAGE=registry.example.com/node:24-slim .
ARG BASE_IMAGE=docker.io/library/node:24-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: "prepare" would build before the sources are here, and no dependency needs one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY build.mjs tsconfig.json tsconfig.build.json ./
COPY src src
# The demo sends with the optional dependency twilio, which prune keeps. Of the packages goes what is
# for people and compilers alone, almost half of all bytes: documentation, tests, type declarations,
# source maps. Licence texts stay.
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && find node_modules -type d \( -name test -o -name tests -o -name benchmark -o -name benchmarks -o -name docs -o -name examples \) \
      -prune -exec rm -r {} + \
 && find node_modules -type f \
      \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -name '*.md' -o -name '*.markdown' \) \
      ! -iname 'licen[cs]e*' ! -iname 'notice*' ! -iname 'copying*' -delete \
 && find node_modules -depth -type d -empty -delete

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="twilio-governor" \
      org.opencontainers.image.description="A local forward proxy between your applications and the Twilio REST API" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# In a container the loopback address reaches nobody: whoever runs the image decides which networks
# it is on and which ports it publishes. A file that names the hosts comes before this.
ENV NODE_ENV=production \
    GOVERNOR_DEFAULT_HOST=0.0.0.0
WORKDIR /app
COPY LICENSE package.json config.schema.json config.example.yaml ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
# For GOVERNOR_STATE_FILE and GOVERNOR_DEFERRAL_FILE: a new volume mounted here takes over its owner.
RUN install -d -o 1000 -g 1000 /var/lib/twilio-governor
# A number, because Kubernetes cannot tell whether a name is root. Nothing is written to any file, but for those
# that are named for it.
USER 1000:1000
EXPOSE 8080 9090
# Of the proxy, or else of the simulator, whichever runs.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "const ask = async (url) => { if (!(await fetch(url)).ok) throw url }; Promise.any([ask(`http://127.0.0.1:${process.env.GOVERNOR_ADMIN_PORT || 9090}/livez`), ask(`http://127.0.0.1:${process.env.GOVERNOR_SIMULATOR_PORT || 4010}/_simulator/health`)]).then(() => process.exit(0), () => process.exit(1))"]
# Node 24 would else give up to 100 MB more to garbage before it collects it.
ENTRYPOINT ["node", "--max-semi-space-size=8", "/app/dist/main.js"]
CMD ["start"]
