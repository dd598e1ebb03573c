# What AWS's Node base for Lambda has, by the same names and places, on another base: task root, entry point, and AWS's
# own runtime interface client.
ARG BASE

FROM ${BASE} AS client
ENV DEBIAN_FRONTEND=noninteractive npm_config_nodedir=/usr/local
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends cmake g++ make python3 xz-utils
ARG CLIENT
WORKDIR /client
RUN npm install --no-audit --no-fund "aws-lambda-ric@${CLIENT}" && rm -rf node_modules/node-gyp

FROM ${BASE}
COPY --from=client /client/node_modules /var/runtime/node_modules
RUN printf '#!/bin/sh\nexec node /var/runtime/node_modules/aws-lambda-ric/index.mjs "$@"\n' > /lambda-entrypoint.sh \
  && chmod +x /lambda-entrypoint.sh && mkdir -p /var/task
ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime TZ=:UTC LANG=C.UTF-8
WORKDIR /var/task
ENTRYPOINT ["/lambda-entrypoint.sh"]
