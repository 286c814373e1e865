# Sourced by the checks that drive a browser, in the folder of the repository.

# need_browser FOLDER...: installs the packages of these folders, of which node_modules is not part of the repository. Prints
# `skipped: NAME` and ends the check if Node, Chromium or the packages are missing.
need_browser() {
  for tool in node npm; do
    command -v "$tool" >/dev/null 2>&1 || { echo "skipped: $tool"; exit 0; }
  done
  if ! command -v chromium >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    { apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 || true
  fi
  command -v chromium >/dev/null 2>&1 || { echo "skipped: chromium"; exit 0; }
  for folder in "$@"; do
    (cd "$folder" && { npm ls || npm ci; }) >/dev/null 2>&1 || { echo "skipped: npm"; exit 0; }
  done
}
