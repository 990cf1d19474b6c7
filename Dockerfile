# syntax=docker/dockerfile:1
# One image, two ways to run it: alone (it brings its own Postgres and nats-server and
# keeps everything in /var/lib/countersign), or beside a database and a bus of yours
# (deploy/compose.yaml). What is built, and how, is in scripts/, so that it can be tested
# where there is no Docker: scripts/docker-steps.

FROM rust:1.95-bookworm AS build
WORKDIR /src
# Toolchain and tools first: they change less often than the sources.
COPY rust-toolchain.toml Cargo.toml ./
COPY scripts scripts
RUN scripts/install/rust && scripts/install/wasm-opt && scripts/install/nats-server
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    scripts/build-release /dist \
    && cp "$(readlink -f /root/.cache/countersign/bin/nats-server)" /dist/nats-server

FROM debian:bookworm-slim
COPY scripts/install/apt scripts/install/postgres /tmp/install/
RUN /tmp/install/postgres \
    && /tmp/install/apt ca-certificates \
    && rm -rf /tmp/install /var/lib/apt/lists/* \
    # Not --create-home: what that puts in it would make the data directory somebody else's.
    && useradd --system --uid 10001 --home-dir /var/lib/countersign countersign \
    && install -d -o countersign /var/lib/countersign /nats
COPY --from=build /dist/countersign /opt/countersign/countersign
COPY --from=build /dist/site /opt/countersign/site
COPY --from=build /dist/nats-server /usr/local/bin/nats-server
COPY LICENSE-APACHE LICENSE-MIT /opt/countersign/
ENV PATH=/opt/countersign:/usr/local/bin:/usr/bin:/bin \
    COUNTERSIGN_DATA_DIR=/var/lib/countersign \
    COUNTERSIGN_LISTEN=0.0.0.0:8080 \
    COUNTERSIGN_NATS_LISTEN=0.0.0.0 \
    COUNTERSIGN_NATS_PORT=4222
USER 10001
WORKDIR /var/lib/countersign
VOLUME /var/lib/countersign
# 8080: the console. 4222: the bus, for agents, when the image brings its own.
EXPOSE 8080 4222
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["countersign", "health"]
ENTRYPOINT ["countersign"]
CMD ["serve"]
