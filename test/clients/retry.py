# A client that repeats a payment by itself when the connection is lost: requests, with the retries of urllib3. All of
# its tries carry the same Idempotency-Key.
#
#   retry.py URL KEY
#
# It writes the answer that it got in the end, and whether that was the first one over again.
import sys

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

url, key = sys.argv[1:]
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(total=3, allowed_methods={"POST"}, backoff_factor=0)))
response = session.post(
    url,
    headers={"Authorization": "Bearer " + key, "Idempotency-Key": "order-17"},
    json={"amount": 1000, "currency": "EUR", "recipient": "rec_test_drop", "description": "Order 17"},
    timeout=20,
)
print(response.text)
print(response.status_code, response.headers.get("Idempotent-Replayed"))
