# Sourced by the comparisons with other programs.

# need_nginx: ends the script where nginx is missing. Where the variable CI is set, it is installed first.
need_nginx() {
  command -v nginx >/dev/null && return
  [ -z "${CI:-}" ] || (apt-get update && apt-get install -y nginx-light) >/dev/null 2>&1 || true
  command -v nginx >/dev/null || { echo "skipped: nginx"; exit 0; }
}

# serve_document PROGRAM...: runs the program, which prints a document, and starts an nginx that answers every request with that document.
# Sets `scratch`, a folder, and `url`. The folder and the server are removed at the end of the script.
serve_document() {
  scratch="$(mktemp -d)"
  chmod 755 "$scratch" # The workers of nginx are another user.
  mkdir "$scratch/www"
  "$@" >"$scratch/www/ad.xml"
  local port
  port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
  cat >"$scratch/nginx.conf" <<CONF
worker_processes 1;
pid $scratch/nginx.pid;
error_log $scratch/error.log;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
  types { application/xml xml; }
  server { listen 127.0.0.1:$port; root $scratch/www; }
}
CONF
  nginx -c "$scratch/nginx.conf" -g 'daemon off;' 2>/dev/null &
  server=$!
  trap 'kill "$server"; wait "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT
  until [ -s "$scratch/nginx.pid" ]; do sleep 0.1; done
  url="http://127.0.0.1:$port/ad.xml"
}
