import requests
url = "https://api.sandbox.onelinkfintech.com/v1/payments"
headers = {
"Authorization": "Bearer YOUR_SANDBOX_API_KEY",
"Content-Type": "application/json"
}
data = {
"amount": 1000,
"currency": "EUR",
"recipient": "rec_test_123",
"description": "Test Payment"
}
response = requests.post(url, headers=headers, json=data)
print(response.json())
