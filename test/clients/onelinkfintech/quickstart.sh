curl -X POST https://api.sandbox.onelinkfintech.com/v1/payments \
-H "Authorization: Bearer YOUR_SANDBOX_API_KEY" \
-H "Content-Type: application/json" \
-d '{
"amount": 1000,
"currency": "EUR",
"recipient": "rec_test_123",
"description": "Test Payment"
}'
