// A shop of PAYONE Link, written from the formulas of the provider's document with nothing but Node: it creates, reads,
// lists and updates links, has one paid, and verifies what it is told of that.
//
//   node payone.mjs BASE_URL CONTROL
//
// It writes a line of JSON for each step, and fails where a reply or a message is not as it should be.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";

const [base, control] = process.argv.slice(2);
const resource = `${base}/api/v1/payment-links`;
const portal = { merchantId: "10001", accountId: "20002", portalId: "3000001", mode: "test" };
const portalKey = "mockPortalKey0000000000000000000";

const tell = (step, more) => console.log(JSON.stringify({ step, ...more }));
const sha512 = (text) => createHash("sha512").update(text).digest("hex");
const authorization = (message) => `payone-hmac-sha256 ${createHmac("sha256", portalKey).update(message).digest("base64")}`;
const owner = portal.merchantId + portal.accountId + portal.portalId + portal.mode;

async function ask(method, url, message, body) {
  const headers = { "content-type": "application/json", ...(message && { authorization: authorization(message) }) };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

function save(method, url, order) {
  const total = order.shoppingCart.reduce((sum, item) => sum + item.price * item.quantity, 0);
  return ask(method, url, owner + order.reference + total + order.currency, order);
}

// The receiver takes both channels, and hands over what came once both did.
const came = {};
const receiver = createServer(async (req, res) => {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  came[req.url] = { headers: req.headers, body: Buffer.concat(chunks) };
  res.end("TSOK");
  receiver.emit("came");
}).listen(0, "127.0.0.1");
await once(receiver, "listening");
const shop = `http://127.0.0.1:${receiver.address().port}`;

const settings = { merchant_id: portal.merchantId, account_ids: [portal.accountId], transaction_status_url: `${shop}/status` };
assert.equal((await ask("PUT", `${control}/clients/payone/${portal.portalId}`, null, { settings })).status, 200);

const order = {
  ...portal, reference: "node-1", currency: "EUR", notifyUrl: `${shop}/notify`, paymentMethods: ["visa"],
  shoppingCart: [{ type: "goods", number: "A-1", price: 2499, quantity: 2 }, { type: "voucher", number: "V", price: -500, quantity: 1 }],
};
const made = await save("POST", resource, order);
assert.deepEqual([made.status, made.body.status, made.body.amount], [201, "created", 4498]);
tell("create", { id: made.body.id });

const url = `${resource}/${made.body.id}`;
const hash = createHmac("sha256", portalKey).update(`link-hash:${made.body.id}`).digest("hex").slice(0, 32);
const shown = await ask("GET", url, made.body.id);
assert.deepEqual([shown.status, shown.body, shown.body.hash], [200, made.body, hash]);
tell("get");

const listed = await ask("GET", `${resource}?${new URLSearchParams({ ...portal, limit: "10" })}`, owner);
assert.deepEqual([listed.status, listed.body.totalElements, listed.body.content[0]], [200, 1, made.body]);
tell("list");

const changed = await save("PUT", url, { ...order, billing: { lastName: "Müller", country: "DE" } });
assert.deepEqual([changed.status, changed.body.status], [200, "ready"]);
tell("update");

const stranger = await ask("GET", url, "another message");
assert.deepEqual([stranger.status, stranger.body.message], [401, "Invalid authorization"]);

const paid = await ask("POST", `${control}/entities/payone/link/${made.body.id}/events`, null, { act: "approve" });
assert.equal(paid.status, 200, JSON.stringify(paid.body));
while (!came["/notify"] || !came["/status"]) await once(receiver, "came");

const note = came["/notify"];
const code = createHmac("sha512", sha512(portalKey)).update(`${note.headers["x-request-id"]}:${sha512(note.body.toString().trim())}`).digest("hex");
const { header, linkExecutionData: execution } = JSON.parse(note.body);
assert.deepEqual([note.headers["x-auth-code"], header.portalId, execution.linkId, execution.executionStatus], [code, portal.portalId, made.body.id, "APPROVED"]);
tell("notify", { paymentProcess: execution.paymentProcess });

const form = Object.fromEntries(came["/status"].body.toString("latin1").split("&").map((pair) => pair.split("=")));
const key = createHash("md5").update(portalKey).digest("hex");
assert.deepEqual([form.key, form.txaction, form.txid, form.price, form.lastname], [key, "appointed", execution.paymentProcess, "44.98", "M%FCller"]);
tell("status", { txaction: form.txaction });
receiver.close();
receiver.closeAllConnections();
