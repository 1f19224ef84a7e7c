"""A test of an application in Python, which needs nothing but Python 3.9.

The application is the function create_link; it knows nothing of mockbank.
"""

import json
import os
import unittest
import urllib.request

MOCKBANK = os.environ.get("MOCKBANK_URL", "http://127.0.0.1:6265")
WORLD = "python-example"


class Payment(unittest.TestCase):
    def setUp(self):
        control("PUT", "", {"clock": {"mode": "frozen", "now": "2026-01-15T10:30:00Z"}})
        self.addCleanup(control, "DELETE", "")

    def test_succeeds(self):
        link = create_link(f"{MOCKBANK}/w/{WORLD}/finqlink", "125.50", f"http://inbox.localhost/{WORLD}/shop")
        control("POST", f"/entities/finqlink/link/{link}/events", {"act": "approve"})
        control("POST", "/clock/advance", {"by": "10s"})

        self.assertEqual(control("GET", f"/entities/finqlink/link/{link}")["state"], "funds_received")
        messages = control("GET", "/inbox/shop")["items"]
        self.assertEqual(json.loads(messages[-1]["body"])["status"], "funds_received")
        self.assertTrue(all(message["verdict"]["valid"] for message in messages))


def control(method, path, body=None):
    """Command the world of this test."""
    return call(method, f"{MOCKBANK}/_mockbank/v1/workspaces/{WORLD}{path}", body)


def create_link(finqlink, amount, callback):
    """Ask FinqLink for a payment link, and give its id."""
    return call("POST", finqlink + "/v2/links/create", {
        "client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret",
        "single_transfer": {
            "amount": amount, "currency": "RON",
            "creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970",
        },
        "payment_method": {"provider_id": "libra_ro", "payment_scheme": "domestic"},
        "options": {"callback_url": callback},
    })["link_id"]


def call(method, url, body):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as reply:
        text = reply.read()
    return json.loads(text) if text else None


if __name__ == "__main__":
    unittest.main()
