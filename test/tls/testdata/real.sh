# What a client meets whose network leads a provider's name to mockbank. Runs as the root of namespaces of its own:
#
#   real.sh PROGRAM FOLDER EXAMPLES
#
# and prints a line for each thing that it found.
set -eu
program=$1
examples=$3
cd "$2"
ip link set lo up
printf '127.0.0.1 localhost sandbox-pay.finqware.com finqware.okta.com onelink.pay1.de api.sandbox.onelinkfintech.com\n' >hosts
mount --bind hosts /etc/hosts

"$program" serve --listen 127.0.0.1:6265 --tls 127.0.0.1:443 --ca ca >banner 2>log &
mockbank=$!
trap 'kill $mockbank; wait $mockbank || cat log' EXIT
tries=0
until "$program" healthcheck >health 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || { cat health log; exit 1; }
	sleep 0.1
done

# Neither client knows that mockbank is there. Each is given the CA by its environment.
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
cat >order.json <<'END'
{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret", "single_transfer": {"amount": "125.50", "currency": "RON",
 "creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970"}}
END
echo "curl: $(CURL_CA_BUNDLE=ca/ca.pem curl -sS -H 'Content-Type: application/json' -d @order.json https://sandbox-pay.finqware.com/v2/links/create)"
echo "curl, without the CA: $(curl -sS https://onelink.pay1.de/ 2>&1)" || true
if command -v node >found; then
	NODE_EXTRA_CA_CERTS=ca/ca.pem node --test "$examples/compose/real-names.test.mjs" >tested || { cat tested; exit 1; }
	echo "node: $(grep '^# pass' tested)"
fi

# Once the machine trusts the CA, nothing needs to be said at all. The machine's own stores are not touched: these lie over them.
if [ -e /etc/ca-certificates.conf ] && command -v update-ca-certificates >found; then
	for place in /etc/ssl/certs /usr/local/share/ca-certificates; do
		mount -t tmpfs none $place
	done
	grep -m 1 ^mozilla /etc/ca-certificates.conf >"$2/one" # All of them would take a while.
	mount --bind "$2/one" /etc/ca-certificates.conf
	"$program" ca install --ca ca
	echo "curl, installed: $(curl -sS -o page -w '%{http_code}' https://api.sandbox.onelinkfintech.com/v1/accounts)"
	"$program" ca uninstall --ca ca
	echo "curl, uninstalled: $(curl -sS https://api.sandbox.onelinkfintech.com/ 2>&1)" || true
fi
