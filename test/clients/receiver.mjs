// A shop's webhook receiver, as the provider's document shows it: Express hands over the raw body, and jose
// verifies it with the keys that the provider publishes.
//
//   node receiver.mjs BASE_URL
//
// It writes a line of JSON when it listens, and one for each notification: what it answered and what it read.
import express from "express";
import { compactVerify, createRemoteJWKSet } from "jose";

// The clock of the sandbox moves by months while this process lives for seconds: no set of keys is kept.
const keys = createRemoteJWKSet(new URL(`${process.argv[2]}/.well-known/jwks.json`), {
  cooldownDuration: 0,
  cacheMaxAge: 0,
});

const tell = (line) => console.log(JSON.stringify(line));

async function verify(req) {
  const signature = req.header("x-signature");
  const kid = req.header("x-signature-kid");
  if (!signature || !kid) throw new Error("there is no signature");
  const { payload, protectedHeader } = await compactVerify(signature, keys);
  if (protectedHeader.kid !== kid) throw new Error("the signature names another key than the header");
  if (Buffer.compare(Buffer.from(payload), req.body) !== 0) throw new Error("the payload is not the body");
  return kid;
}

const app = express();
app.post("/webhook", express.raw({ type: "application/json" }), async (req, res) => {
  const line = { answered: 200, notification: JSON.parse(req.body.toString("utf8")) };
  try {
    line.kid = await verify(req);
  } catch (error) {
    line.answered = 401;
    line.refusal = error.code ?? error.message;
  }
  tell(line);
  res.sendStatus(line.answered);
});

const server = app.listen(0, "127.0.0.1", () => tell({ url: `http://127.0.0.1:${server.address().port}/webhook` }));
