#!/bin/sh
# A test in sh, which needs nothing but curl and sed. The application is the function create_link; it knows nothing of
# mockbank.
set -eu
mockbank=${MOCKBANK_URL:-http://127.0.0.1:6265}
world=sh-example

# control commands the world of this test: METHOD PATH [BODY].
control() {
  curl -fsS -X "$1" "$mockbank/_mockbank/v1/workspaces/$world$2" -H 'Content-Type: application/json' ${3:+-d "$3"}
}

# create_link asks FinqLink for a payment link, and prints its id: ADDRESS AMOUNT CALLBACK.
create_link() {
  curl -fsS "$1/v2/links/create" -H 'Content-Type: application/json' -d '{
    "client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret",
    "single_transfer": {"amount": "'"$2"'", "currency": "RON",
      "creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970"},
    "payment_method": {"provider_id": "libra_ro", "payment_scheme": "domestic"},
    "options": {"callback_url": "'"$3"'"}}' | sed -E 's/.*"link_id":"([^"]*)".*/\1/'
}

control PUT "" '{"clock": {"mode": "frozen", "now": "2026-01-15T10:30:00Z"}}' >/dev/null
trap 'control DELETE ""' EXIT

link=$(create_link "$mockbank/w/$world/finqlink" 125.50 "http://inbox.localhost/$world/shop")
control POST "/entities/finqlink/link/$link/events" '{"act": "approve"}' >/dev/null
control POST /clock/advance '{"by": "10s"}' >/dev/null

control GET "/entities/finqlink/link/$link" | grep -q '"state":"funds_received"' || { echo "the payment did not succeed" >&2; exit 1; }
if control GET /inbox/shop | grep -q '"valid":false'; then echo "a webhook does not verify" >&2; exit 1; fi
echo "ok: the payment succeeded, and every webhook verifies"
