// A test of an application in Node, which needs nothing but Node 20. The application is the function createLink; it
// knows nothing of mockbank.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

const mockbank = process.env.MOCKBANK_URL ?? 'http://127.0.0.1:6265';
const world = 'node-example';

before(() => control('PUT', '', { clock: { mode: 'frozen', now: '2026-01-15T10:30:00Z' } }));
after(() => control('DELETE', ''));

test('a payment succeeds', async () => {
  const link = await createLink(`${mockbank}/w/${world}/finqlink`, '125.50', `http://inbox.localhost/${world}/shop`);
  await control('POST', `/entities/finqlink/link/${link}/events`, { act: 'approve' });
  await control('POST', '/clock/advance', { by: '10s' });

  const { state } = await control('GET', `/entities/finqlink/link/${link}`);
  assert.equal(state, 'funds_received');
  const { items } = await control('GET', '/inbox/shop');
  assert.equal(JSON.parse(items.at(-1).body).status, 'funds_received');
  assert.ok(items.every((message) => message.verdict.valid));
});

// control commands the world of this test.
async function control(method, path, body) {
  const reply = await fetch(`${mockbank}/_mockbank/v1/workspaces/${world}${path}`, {
    method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
  });
  const text = await reply.text();
  assert.ok(reply.ok, text);
  return text && JSON.parse(text);
}

// createLink asks FinqLink for a payment link, and gives its id.
async function createLink(finqlink, amount, callback) {
  const reply = await fetch(`${finqlink}/v2/links/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      client_id: 'finqlink-demo', client_secret: 'finqlink-demo-secret',
      single_transfer: {
        amount, currency: 'RON', creditor_name: 'Magazin Exemplu SRL', creditor_iban: 'RO10RZBR0000069999999970',
      },
      payment_method: { provider_id: 'libra_ro', payment_scheme: 'domestic' },
      options: { callback_url: callback },
    }),
  });
  if (!reply.ok) throw new Error(`FinqLink answers ${reply.status}`);
  return (await reply.json()).link_id;
}
