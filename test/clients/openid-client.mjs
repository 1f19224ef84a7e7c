// A shop that uses openid-client: as oauth4webapi.mjs, in the words of the other library.
//
//   node openid-client.mjs BASE_URL ISSUER CONTROL
import * as oidc from "openid-client";
import { clients, order, told } from "./shop.mjs";

const [base, issuer, control] = process.argv.slice(2);

for (const how of ["oidc", "oauth2"]) {
  for await (const client of clients(control)) {
    const authentication = oidc.PrivateKeyJwt({ key: client.key, kid: client.kid });
    const options = { algorithm: how, execute: [oidc.allowInsecureRequests] };
    const config = await oidc.discovery(new URL(issuer), client.id, undefined, authentication, options);
    const { access_token } = await oidc.clientCredentialsGrant(config, { scope: "pay_by_link" });
    const headers = new Headers({ "content-type": "application/json" });
    const url = new URL(`${base}/v2/links/create`);
    await told(client, how, await oidc.fetchProtectedResource(config, access_token, url, "POST", order(client.id), headers));
  }
}
