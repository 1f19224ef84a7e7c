# syntax=docker/dockerfile:1
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# The lines between the marks are also run by test/image, which has no engine.
# build:begin
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/mockbank ./cmd/mockbank
RUN mkdir -p /out/data
# build:end

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/mockbank /mockbank
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
EXPOSE 6265
VOLUME /data
ENV MOCKBANK_LISTEN=0.0.0.0:6265 \
    MOCKBANK_DATA=/data \
    MOCKBANK_HOST=mockbank
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s CMD ["/mockbank", "healthcheck"]
ENTRYPOINT ["/mockbank"]
CMD ["serve"]
