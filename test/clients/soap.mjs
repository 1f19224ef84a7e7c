// A SOAP client made from the WSDLs alone: by npm's soap, which nobody here wrote.
//
//   node soap.mjs GATEWAY CLIENT SECRET
//
// It prints one line of JSON for each step.
import soap from 'soap'

const [gateway, client, secret] = process.argv.slice(2)
const tell = (step, found) => console.log(JSON.stringify({ step, ...found }))

const granted = await fetch(`${gateway}/oauth2/token`, {
  method: 'POST',
  headers: { Authorization: 'Basic ' + Buffer.from(`${client}:${secret}`).toString('base64') },
  body: new URLSearchParams({ grant_type: 'client_credentials', scope: '1LinkApi' }),
})
const { access_token: token } = await granted.json()

async function service (name) {
  const made = await soap.createClientAsync(`${gateway}/${name}-soap-service?wsdl`)
  made.addHttpHeader('X-IBM-Client-Id', client)
  made.addHttpHeader('X-IBM-Client-Secret', secret)
  made.addHttpHeader('Authorization', `Bearer ${token}`)
  return made
}

const ibft = await service('ibft')
const bill = await service('bill')
tell('described', { ibft: Object.keys(ibft.describe().IbftService.IbftSoap), bill: Object.keys(bill.describe().BillService.BillSoap) })

const transfer = {
  TransactionAmount: '000000150000', TransmissionDateAndTime: '0115103000', STAN: '123456', Time: '103000', Date: '0115', MerchantType: '0003',
  FromBankIMD: '900001', ToBankIMD: '900002', RRN: '601510123456', PAN: '1234567890123', CardAcceptorTerminalId: 'T1', CardAcceptorIdCode: 'C1',
  CardAcceptorNameLocation: { City: 'Karachi & more' }, CurrencyCodeTransaction: '586',
  AccountNumberFrom: 'PK13MOCK0000001000000001', AccountNumberTo: 'PK83MOCK0000001000000002',
}
const [title] = await ibft.TitleFetchAsync(transfer)
tell('title', { code: title.ResponseCode, title: title.AccountTitleTo })
const [credit] = await ibft.FundsTransferAsync({
  ...transfer, AuthorizationIdentificationResponse: title.AuthorizationIdentificationResponse, SenderName: 'A <b>', SenderIBAN: 'PK13MOCK0000001000000001', AccountTitle: 'B',
})
tell('transfer', { code: credit.ResponseCode })

const reference = {
  ClientID: 'shop', ChannelID: 'WEB', STAN: '123456', RRN: '601510123457', TransmissionDateAndTime: '0115103000', CompanyCode: 'MOCKELEC', ConsumerNo: '10000001',
}
const [due] = await bill.BillInquiryAsync(reference)
tell('inquiry', { code: due.ResponseCode, status: due.BillStatus })
const [paid] = await bill.BillPaymentAsync({ ...reference, TransactionAmount: due.AmountWithinDueDate.slice(2), BankMnemonic: 'MOCK' })
tell('payment', { code: paid.ResponseCode })
const [voided] = await bill.VoidBillPaymentAsync({ ...reference, AuthID: paid.AuthID })
tell('void', { code: voided.ResponseCode })

const stranger = await service('ibft')
stranger.addHttpHeader('X-IBM-Client-Secret', 'wrong')
try {
  await stranger.TitleFetchAsync(transfer)
} catch (error) {
  const fault = error.root.Envelope.Body.Fault
  tell('fault', { status: error.response.status, code: fault.faultcode, text: fault.faultstring, http: fault.detail.GatewayError.httpCode })
}
