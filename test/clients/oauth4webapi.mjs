// A shop that uses oauth4webapi: it finds the token endpoint by the issuer, in both ways that there are, proves
// itself with private_key_jwt, and places an order with the token.
//
//   node oauth4webapi.mjs BASE_URL ISSUER CONTROL
import * as oauth from "oauth4webapi";
import { clients, order, told } from "./shop.mjs";

const [base, issuer, control] = process.argv.slice(2);
const plain = { [oauth.allowInsecureRequests]: true };

async function discover(algorithm) {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm, ...plain }));
}

async function token(server, { id, key, kid }) {
  const client = { client_id: id };
  const authentication = oauth.PrivateKeyJwt({ key, kid });
  const scope = new URLSearchParams({ scope: "pay_by_link" });
  const answer = await oauth.clientCredentialsGrantRequest(server, client, authentication, scope, plain);
  return oauth.processClientCredentialsResponse(server, client, answer);
}

for (const how of ["oidc", "oauth2"]) {
  const server = await discover(how);
  for await (const client of clients(control)) {
    const { access_token } = await token(server, client);
    const headers = new Headers({ "content-type": "application/json" });
    const url = new URL(`${base}/v2/links/create`);
    await told(client, how, await oauth.protectedResourceRequest(access_token, "POST", url, headers, order(client.id), plain));
  }
}
