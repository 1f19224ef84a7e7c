// mockbank's stand-in for the Web SDK of Link Money, as an ES module:
//
//   import Link from "https://static.link.money/linkmoney-web/v1/latest/linkmoney-web.min.js";
//
// It has the surface of @link.money/linkmoney-web 1.0.6, with the same checks, texts and requests, and takes what that
// one refuses: the second generation's config, createButton() and callSessionUrl(). It is not the provider's code.
//
// Loaded from the provider's host it calls the provider's hosts, which are to lead to mockbank. Loaded from mockbank's own
// address it calls mockbank at that address, within the same workspace, with no host to be mapped.

const version = "1.0.6";

// ---- where to ----

const hosts = { sandbox: "link-sandbox.money", production: "link.money" };
const faces = { client: "linkmoney-client", api: "linkmoney" };
const home = new URL(import.meta.url);
const path = home.pathname.slice(0, home.pathname.lastIndexOf("/linkmoney-web/v1/"));

// real tells whether the module came from the provider's host; a workspace may stand in the path, and a port behind it.
const real = home.hostname === "static.link.money";

const clientUrl = (environment) => {
  if (environment && !Object.hasOwn(hosts, environment)) return "https://client.undefined/";
  if (!real) return beside("client") + "/";
  return `${home.protocol}//client.${hosts[environment || "production"]}${port()}${path}/`;
};

const apiUrl = () => (real ? `${home.protocol}//api.link.money${port()}${path}` : beside("api"));

const port = () => (home.port ? ":" + home.port : "");

// beside is another face of mockbank: by its name below localhost, or by its path.
function beside(face) {
  const own = "linkmoney-static";
  const host = home.host.replace(new RegExp(`(^|\\.)${own}\\.localhost(?=$|:)`), `$1${faces[face]}.localhost`);
  const place = path.endsWith("/" + own) ? path.slice(0, -own.length) + faces[face] : path;
  return `${home.protocol}//${host}${place}`;
}

// ---- the config ----

const generations = {
  1: { key: "sessionKey", allowed: ["sessionKey", "redirect", "custom", "environment"], missing: "A link instance must include a session key." },
  2: { key: "sessionUrl", allowed: ["sessionUrl", "sessionVersion", "environment"], missing: "A link instance must include a session URL." },
};

function check(config) {
  const generation = generations["sessionUrl" in config || "sessionVersion" in config ? 2 : 1];
  if (!Object.keys(config).includes(generation.key)) throw new Error(generation.missing);
  if (!Object.keys(config).every((key) => generation.allowed.includes(key))) throw new Error("Invalid config, verify object keys.");
  if (!Object.values(config).every((value) => value != null)) throw new Error("Config cannot contain null or undefined values.");
  if (generation.key === "sessionUrl" && config.sessionVersion !== 2) throw new Error("A session URL needs sessionVersion: 2.");
}

// ---- instances ----

class LinkInstance {
  constructor(config) {
    for (const key of ["sessionKey", "redirect", "custom"]) this[key] = config[key];
    Object.assign(this, { initiated: false, clientUrl: "https://client.link.money", version, environment: config.environment });
  }

  // action leads the customer to the hosted page. What is not configured is sent as the text undefined.
  action() {
    const to = new URL(clientUrl(this.environment));
    const sent = { sessionKey: this.sessionKey, redirect: this.redirect, custom: this.custom, version: "web-v" + version, environment: this.environment };
    for (const [name, value] of Object.entries(sent)) to.searchParams.append(name, value);
    this.lead(to.href);
  }

  lead(to) {
    window.location.assign(to);
    this.initiated = true;
  }

  // createButton makes a button that does what action does; the merchant puts it where it belongs.
  createButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "linkmoney-button";
    button.textContent = "Pay by bank";
    button.style.cssText = "padding:.75rem 1.25rem;border:0;border-radius:.75rem;background:#0a6a4b;color:#fff;font:600 1rem/1.5 system-ui,sans-serif;cursor:pointer";
    button.addEventListener("click", () => this.action());
    return button;
  }

  getVersion() { return version; }
  getSessionKey() { return this.sessionKey; }
  isInitiated() { return this.initiated; }
}

// LinkSession is of the second generation: the session knows where to go, and where back to.
class LinkSession extends LinkInstance {
  constructor(config) {
    super({ ...config, sessionKey: new URLSearchParams(String(config.sessionUrl).split("?")[1]).get("sessionKey") });
    this.sessionUrl = config.sessionUrl;
    this.sessionVersion = config.sessionVersion;
  }

  action() { this.callSessionUrl(); }
  callSessionUrl() { this.lead(this.sessionUrl); }
}

// ---- the API ----

// ask calls the API as the SDK does: for the production host, and without a look at the status of the answer.
async function ask(token, id, rest, read) {
  try {
    if (!token || !id) throw new Error("function did not recieve required parameters");
    if (id.length !== 36) throw new Error("customerId parameter must be a valid UUID string.");
    const headers = { "content-type": "application/json", Authorization: "Bearer " + token };
    return read(await (await fetch(`${apiUrl()}/public/v1/customers/${id}${rest}`, { method: "get", headers })).json());
  } catch (error) {
    throw new Error(`StatusCode:500\nErrorMessage: ${error.message}\n`);
  }
}

const customer = (r) => ({
  status: r.customerStatus, creationDate: r.creationDate, email: r.email, firstName: r.firstName, lastName: r.lastName, id: r.id,
});

const account = (r) => ({
  accountId: r.accountId, creationDate: r.creationDate, financialInstitutionId: r.financialInstitutionId,
  financialInstitutionName: r.financialInstitutionName, preferred: r.preferred, lastFour: r.accountLastFourDigits, status: r.accountStatus,
  type: r.accountType, iconUrl: r.iconUrl, logoUrl: r.logoUrl,
});

const instances = [];

class Link {
  static LinkInstance = (config) => {
    check(config);
    const made = "sessionUrl" in config ? new LinkSession(config) : new LinkInstance(config);
    instances.push(made);
    return made;
  };

  static getLinkInstances = () => [...instances];
  static getCustomer = (token, id) => ask(token, id, "", customer);

  // The name r is heard where an answer is an error: the message that names it is the SDK's.
  static getAccounts = (token, id) => ask(token, id, "/accounts", (r) => {
    const all = [];
    for (const one of r.accountDetails) all.push(account(one));
    return all;
  });
}

export { Link as default };
