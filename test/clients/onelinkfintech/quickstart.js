const fetch = require('node-fetch');
const response = await fetch('https://api.sandbox.onelinkfintech.com/v1/payments', {
method: 'POST',
headers: {
'Authorization': 'Bearer YOUR_SANDBOX_API_KEY',
'Content-Type': 'application/json'
},
body: JSON.stringify({
amount: 1000,
currency: 'EUR',
recipient: 'rec_test_123',
description: 'Test Payment'
})
});
const data = await response.json();
console.log(data);
