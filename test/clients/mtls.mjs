// A shop under the FAPI 2 profile: openid-client and oauth4webapi prove themselves with PS256 and ES256 and the issuer as the
// only audience, over connections that show a client certificate. The token is bound to that.
//
//   node mtls.mjs BASE_URL ISSUER CONTROL CA CERTIFICATE KEY CLIENT_CA
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";
import { order, registered, told } from "./shop.mjs";

const [base, issuer, control, caFile, certFile, keyFile, clientCA] = process.argv.slice(2);
const ca = readFileSync(caFile);
const showing = new Agent({ ca, cert: readFileSync(certFile), key: readFileSync(keyFile) });
const silent = new Agent({ ca });

/** fetch over an agent, since that of Node takes no certificate. */
const over = (agent) => (url, { method, headers, body }) =>
  new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers: Object.fromEntries(new Headers(headers)) }, async (reply) => {
      const chunks = [];
      for await (const chunk of reply) chunks.push(chunk);
      resolve(new Response(Buffer.concat(chunks), { status: reply.statusCode, headers: reply.headers }));
    });
    sent.on("error", reject);
    sent.end(body == null ? undefined : String(body));
  });

const links = new URL(`${base}/v2/links/create`);
const json = () => new Headers({ "content-type": "application/json" });

async function openidClient({ id, key, kid }) {
  const options = { algorithm: "oauth2", [oidc.customFetch]: over(showing) };
  const config = await oidc.discovery(new URL(issuer), id, undefined, oidc.PrivateKeyJwt({ key, kid }), options);
  const { access_token } = await oidc.clientCredentialsGrant(config, { scope: "pay_by_link" });
  return [access_token, await oidc.fetchProtectedResource(config, access_token, links, "POST", order(id), json())];
}

async function oauth4webapi({ id, key, kid }) {
  const options = { [oauth.customFetch]: over(showing) };
  const url = new URL(issuer);
  const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm: "oauth2", ...options }));
  const client = { client_id: id };
  const scope = new URLSearchParams({ scope: "pay_by_link" });
  const answer = await oauth.clientCredentialsGrantRequest(server, client, oauth.PrivateKeyJwt({ key, kid }), scope, options);
  const { access_token } = await oauth.processClientCredentialsResponse(server, client, answer);
  return [access_token, await oauth.protectedResourceRequest(access_token, "POST", links, json(), order(id), options)];
}

/** A thief has the token and not the certificate. */
async function stolen(id, token) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await over(silent)(links, { method: "POST", headers, body: order(id) });
  if (answer.status !== 401) throw new Error(`without the certificate links/create answers ${answer.status} ${await answer.text()}`);
}

const more = { mtls: "required", ca_pem: readFileSync(clientCA, "utf8"), settings: { profile: "fapi2" } };
for (const library of [openidClient, oauth4webapi]) {
  for await (const client of registered(control, more)) {
    const [token, answer] = await library(client);
    await told(client, library.name, answer);
    await stolen(client.id, token);
  }
}
