// A test of an application that knows its provider by the real name only.
import assert from "node:assert/strict"
import { test } from "node:test"

const api = "https://sandbox-pay.finqware.com"

test("a payment link leads back to the provider's own name", async () => {
  const reply = await fetch(`${api}/v2/links/create`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: "finqlink-demo",
      client_secret: "finqlink-demo-secret",
      single_transfer: { amount: "125.50", currency: "RON", creditor_name: "Magazin Exemplu SRL", creditor_iban: "RO10RZBR0000069999999970" },
    }),
  })
  const link = await reply.json()
  assert.equal(reply.status, 200)
  assert.ok(link.web_url.startsWith(`${api}/web/`), link.web_url)

  const page = await fetch(link.web_url)
  assert.equal(page.status, 200)
  assert.match(await page.text(), /125[.,]50/)
})
