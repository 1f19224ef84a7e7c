// What the shops of the token clients have in common: their keys, and the order that they place.
import { exportJWK, importPKCS8 } from "jose";

const id = "other-shop";

/** The clients to try, each with a key: the demo client's own, and two keys that a shop made and registered. */
export async function* clients(control) {
  const made = await ask("GET", `${control}/clients/finqlink/finqlink-demo/private-key`);
  yield { id: "finqlink-demo", alg: "RS256", kid: made.kid, key: await importPKCS8(made.private_key_pem, "RS256") };
  yield* registered(control, {});
}

const algorithms = {
  PS256: { name: "RSA-PSS", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
};

/** One client with a key of its own for each algorithm that the FAPI 2 profile allows; more is what else is registered of it. */
export async function* registered(control, more) {
  for (const alg of Object.keys(algorithms)) yield await register(control, alg, more);
}

async function register(control, alg, more) {
  const pair = await crypto.subtle.generateKey(algorithms[alg], true, ["sign", "verify"]);
  const kid = `made-for-${alg}`;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" };
  await ask("PUT", `${control}/clients/finqlink/${id}`, { alg, auth: "oauth2", jwks: { keys: [jwk] }, ...more });
  return { id, alg, kid, key: pair.privateKey };
}

async function ask(method, url, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** The body of links/create: a client with a token sends its id and no secret. */
export function order(clientID) {
  return JSON.stringify({
    client_id: clientID,
    single_transfer: { amount: "125.50", currency: "RON", creditor_name: "Magazin Exemplu SRL", creditor_iban: "RO10RZBR0000069999999970" },
  });
}

/** Writes what became of an order, and fails where there is no link. */
export async function told(client, how, answer) {
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${client.alg} by ${how}: links/create answers ${answer.status} ${text}`);
  console.log(JSON.stringify({ client: client.id, alg: client.alg, how, link_id: JSON.parse(text).link_id }));
}
