#!/usr/bin/env bash
# Prints list=["dev",…] for GITHUB_OUTPUT: the environments that the commits since BASE touch.
# Usage: touched-environments.sh BASE
set -euo pipefail
files=$(git diff --name-only "$1...HEAD")
shared='^(core|adapters|handlers|infra|endpoint|model-build/default)/|^policies/.*\.ts$|^(Pulumi\.yaml|package-lock\.json|tsconfig\.json)$'
touched=()
for environment in dev staging prod; do
  own="^(Pulumi\.$environment\.yaml|policies/$environment\.json|fleet/$environment(\.yaml|/.+))$"
  if grep -qE "$shared|$own" <<<"$files"; then touched+=("\"$environment\""); fi
done
list=$(IFS=,; echo "${touched[*]-}")
echo "list=[$list]"
