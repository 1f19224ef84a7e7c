#!/bin/sh
# A shop with nothing but openssl and curl: it makes a key pair, registers the public half, signs a client
# assertion, fetches a token with it, and creates a payment link.
#
#   walk.sh BASE_URL CONTROL
#
# It writes the reply of links/create. The key pair lives in a folder that is removed at the end.
set -eu
base=$1 control=$2
client=shell-shop
token_url=$base/oauth2/ausfqbxutkZBUKUgQ417/v1/token

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base64url() { openssl base64 -e -A | tr '+/' '-_' | tr -d '='; }
# member NAME finds a text in a flat JSON object.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/private.pem" 2>/dev/null
openssl pkey -in "$work/private.pem" -pubout -out "$work/public.pem"
kid=$(openssl rand -hex 16)

pem=$(awk '{printf "%s\\n", $0}' "$work/public.pem")
curl -fsS -X PUT "$control/clients/finqlink/$client" -H 'Content-Type: application/json' -o "$work/client.json" \
  -d "{\"public_key_pem\":\"$pem\",\"kid\":\"$kid\",\"alg\":\"RS256\",\"auth\":\"oauth2\"}"

now=$(date +%s)
header=$(printf '{"alg":"RS256","typ":"JWT","kid":"%s"}' "$kid" | base64url)
claims=$(printf '{"aud":"%s","iss":"%s","sub":"%s","iat":%d,"exp":%d,"jti":"%s"}' \
  "$token_url" "$client" "$client" "$now" "$((now + 3600))" "$(openssl rand -hex 16)" | base64url)
signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha256 -sign "$work/private.pem" -binary | base64url)

token=$(curl -fsS "$token_url" \
  -d grant_type=client_credentials -d scope=pay_by_link -d "client_id=$client" \
  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
  -d "client_assertion=$header.$claims.$signature" | member access_token)

curl -fsS "$base/v2/links/create" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  -d '{"client_id":"'$client'","single_transfer":{"amount":"125.50","currency":"RON","creditor_name":"Magazin Exemplu SRL","creditor_iban":"RO10RZBR0000069999999970"}}'
